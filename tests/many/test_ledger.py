"""Logs, claims, the table and its exit codes, without a place being run."""

import errno
import os
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
from tests.many.conftest import make_region

from boundaries import pipeline
from boundaries.errors import InfeasibleError, InputError
from boundaries.many import task as task_module
from boundaries.many.claims import claims
from boundaries.many.cost import about, elapsed, told
from boundaries.many.ledger import begin_log, end_log, log_of, read_entry, say
from boundaries.many.table import exit_code_of, write_table
from boundaries.many.task import Task, failed, run_place
from boundaries.many.whole import batch
from boundaries.pipeline import Ready
from boundaries.run.record import Clock


def test_a_log_says_what_its_place_is_doing(tmp_path):
    log = log_of(tmp_path, "brent")
    begin_log(log, 'Brent "N"')
    say(log, begun="host one", process=7)
    say(log, option="move-1", best=1234.5, bound="", gap=0.0123, note="two\nlines")
    entry = read_entry(log)
    assert (entry.slug, entry.name, entry.attempts, entry.record) == ("brent", 'Brent "N"', 1, {})
    assert entry.news["begun"] == "host one"
    assert (entry.news["best"], entry.news["bound"], entry.news["note"]) == (
        "1234.5",
        "",
        "two lines",
    )
    end_log(log, {"exit_code": 4, "status": "crashed"}, details='a "traceback\nrecord {}')
    assert read_entry(log).record == {"exit_code": 4, "status": "crashed"}


def test_a_process_that_dies_before_it_says_so_has_tried_too(tmp_path):
    log = log_of(tmp_path, "brent")
    begin_log(log, "Brent")
    say(log, ended_itself="it needed too much")
    say(log, died="attempt 1")
    assert read_entry(log).attempts == 1
    say(log, begun="host")
    say(log, died="attempt 2")
    say(log, died="attempt 3")
    say(log, begun="host")
    assert read_entry(log).attempts == 4
    assert write_table(tmp_path)["attempts"][0] == 4


def test_a_places_name_is_no_formula_in_the_table(tmp_path):
    begin_log(log_of(tmp_path, "a"), "=1+1")
    write_table(tmp_path)
    assert "\n'=1+1," in (tmp_path / "batch.csv").read_text()


def test_a_log_cut_short_or_of_somebody_else_is_no_record(tmp_path):
    log = log_of(tmp_path, "brent")
    begin_log(log, "Brent")
    with log.open("a") as stream:
        stream.write('record {"exit_code": 0, "sta')
    assert read_entry(log).record == {}
    (tmp_path / "other.log").write_text("hello\n")
    assert read_entry(tmp_path / "other.log") is None
    assert read_entry(tmp_path / "none.log") is None


def test_the_exit_code_says_whether_any_place_failed(tmp_path):
    def code(*records):
        for number, record in enumerate(records):
            begin_log(log_of(tmp_path, f"p{number}"), f"P{number}")
            if record:
                end_log(log_of(tmp_path, f"p{number}"), record)
        return exit_code_of(write_table(tmp_path))

    done = {"exit_code": 0, "status": "done"}
    assert code(done, done) == 0
    assert code(done, {"exit_code": 0, "status": "stopped"}) == 130
    assert code(done, {}) == 130
    assert code({"exit_code": 1, "status": "problems"}, {"exit_code": 3, "status": "no plan"}) == 3
    assert code({"exit_code": 1, "status": "problems"}, done) == 1
    assert list(pd.read_csv(tmp_path / "batch.csv")["status"]) == ["problems", "done"]


def test_a_place_belongs_to_one_batch_and_is_free_when_its_process_ends(tmp_path):
    script = (
        "import sys, pathlib\n"
        "from boundaries.many.claims import claims\n"
        "with claims(pathlib.Path(sys.argv[1])) as held:\n"
        "    print(sorted(held.take(['a', 'b'])), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline().strip() == "['a', 'b']"
        with claims(tmp_path) as held:
            assert held.take(["a", "c"]) == {"c"}
        other.kill()
        other.wait()
    with claims(tmp_path) as held:
        assert held.take(["a", "b"]) == {"a", "b"}
    assert not list(tmp_path.glob(".*.lock"))


def test_a_second_batch_in_a_folder_is_refused_and_changes_nothing(tmp_path):
    data, out = make_region(tmp_path / "data"), tmp_path / "out"
    out.mkdir()
    with claims(out) as held:
        held.take(["ashby"])
        with pytest.raises(InputError, match="--resume"):
            batch(["Ashby", "Birch"], data, out)
        assert not list(out.glob("*.toml"))
    begin_log(log_of(out, "birch"), "Birch")
    with pytest.raises(InputError, match="holds a batch of Birch"):
        batch(["Ashby", "Birch"], data, out)


def test_what_no_batch_wrote_is_not_written_over(tmp_path):
    data = make_region(tmp_path / "data")
    (data / "batch.csv").write_text("name,boroughs\nAshby,Ashby\n")
    (data / "ashby.log").write_text("mine\n")
    with pytest.raises(InputError, match=r"batch\.csv, ashby\.log"):
        batch([data / "batch.csv"], data, data)


@pytest.fixture
def waiting(small_place, small_study, tmp_path):
    """A task of the small place, and where its log lies."""
    log = log_of(tmp_path, "small")
    begin_log(log, "Small")
    ready = Ready(small_study, small_place, (), Clock())
    return Task(ready, tmp_path / "small", log, tmp_path / ".stop", facts={"place": "Small"})


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 4, "crashed"),
        (InputError("The disk is full: the results do not fit."), 1, "problems"),
        (InfeasibleError("No plan.", ("Alder PCN is too far.",)), 3, "no plan"),
        (MemoryError(), 4, "crashed"),
        (KeyError("x"), 4, "crashed"),
    ],
)
def test_whatever_happens_to_a_place_is_written_down(monkeypatch, waiting, error, code, status):
    def fail(*_args, **_more):
        raise error

    monkeypatch.setattr(pipeline, "propose_for", lambda *_args, **_more: None)
    monkeypatch.setattr(pipeline, "save", fail)
    record = run_place(waiting)
    assert (record["exit_code"], record["status"], record["place"]) == (code, status, "Small")
    assert read_entry(waiting.log).record == record
    assert ("Traceback" in waiting.log.read_text()) == (code == 4)


def test_a_place_that_is_stopped_keeps_what_it_has_and_is_marked(monkeypatch, waiting):
    def work(_ready, *, stop, **_more):
        waiting.stop.touch()
        assert stop()

    monkeypatch.setattr(pipeline, "propose_for", work)
    monkeypatch.setattr(pipeline, "save", lambda *_args: None)
    assert run_place(waiting)["status"] == "stopped"
    assert run_place(waiting) == {}, "a batch that is stopped begins no other place"


def test_a_log_that_cannot_be_written_loses_lines_and_no_place(monkeypatch, waiting, tmp_path):
    monkeypatch.setattr(pipeline, "propose_for", lambda *_args, **_more: None)
    monkeypatch.setattr(pipeline, "save", lambda *_args: None)
    gone = replace(waiting, log=tmp_path / "gone" / "small.log")
    assert run_place(gone)["status"] == "done"


def test_reasons_are_whole_sentences():
    record, details = failed(InfeasibleError("No plan.", ("A is far.", "B is small.")))
    assert record["reason"] == "No plan. A is far. B is small."
    assert details == ""


def test_the_cost_is_told_from_sizes():
    assert elapsed([10, 10, 10], 2) == 20
    assert (about(7), about(600), about(5 * 3600)) == ("10 seconds", "10 minutes", "5.0 hours")
    assert "2 places to run; 3 up to date" in told([100, 200], width=2, quick=True, done=3)
    assert told([], width=2, quick=True, done=1).startswith("Nothing to do: 1 place is")


def test_progress_is_told_now_and_then(monkeypatch, tmp_path):
    from boundaries.solve import Progress  # noqa: PLC0415 - only here

    log = log_of(tmp_path, "p")
    begin_log(log, "P")
    tell = task_module._teller(log, counts=True)
    for _ in range(50):
        tell(Progress("move-0", 10.0, None, 1.0))
    tell(Progress("move-1", 10.0, 9.0, 1.0))
    assert len(log.read_text().splitlines()) == 3
    assert read_entry(log).news["gap"] == "0.1"


def test_a_worker_that_is_lost_is_a_crash_with_its_reason(waiting):
    from boundaries.many.engines import died  # noqa: PLC0415 - only here

    say(waiting.log, ended_itself="it needed more than the 5 MiB")
    assert died(waiting)["reason"] == "it needed more than the 5 MiB"
    assert died(waiting)["exit_code"] == 4
