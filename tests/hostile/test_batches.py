"""A batch's folder from somebody else: links, planted logs, names that are formulas."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import pytest

from boundaries.errors import InfeasibleError, InputError, RefereeError
from boundaries.many import batch
from boundaries.many.ledger import begin_log, end_log, read_entries, read_entry
from boundaries.many.table import write_table
from boundaries.many.task import _teller
from boundaries.pages.suppress import told_as_shown

FIRST = '# boundaries batch: "Ashby"\n'


@pytest.mark.parametrize("name", ["ashby.log", "ashby", ".ashby.lock", "batch.csv", "region.html"])
def test_a_folder_that_leads_elsewhere_is_refused(tmp_path, name):
    victim, folder = tmp_path / "victim", tmp_path / "batch"
    victim.write_text(FIRST, encoding="utf-8")
    folder.mkdir()
    (folder / name).symlink_to(victim)
    for resume in (False, True):
        with pytest.raises(InputError, match="leads elsewhere"):
            batch("Ashby", [], folder, resume=resume)
    assert victim.read_text(encoding="utf-8") == FIRST
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize(
    "planted",
    [
        b"# boundaries batch: {\n",
        b"# boundaries batch: " + b"[" * 100_000,
        b"# boundaries batch: " + b"9" * 5000,
        b"\x00" * 100,
        b"",
    ],
)
def test_a_planted_log_is_none_of_ours(tmp_path, planted):
    (tmp_path / "ashby.log").write_bytes(planted)
    assert read_entry(tmp_path / "ashby.log") is None
    with pytest.raises(InputError, match="no batch wrote it"):
        batch("Ashby", [], tmp_path, resume=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_pipes_links_and_gigabytes_are_no_logs(tmp_path):
    os.mkfifo(tmp_path / "a.log")
    (tmp_path / "b.log").symlink_to("/dev/zero")
    with (tmp_path / "c.log").open("wb") as stream:
        stream.truncate(3_000_000_000)
    assert list(read_entries(tmp_path)) == []


def test_a_record_of_another_shape_is_none(tmp_path):
    for record in ("[1]", "{", "[" * 100_000, '"x"'):
        (tmp_path / "a.log").write_text(FIRST + f"record {record}\n", encoding="utf-8")
        assert read_entry(tmp_path / "a.log").record == {}


def test_names_are_no_formulas_and_no_escapes(tmp_path):
    begin_log(tmp_path / "a.log", "=HYPERLINK(1)\x1b[2J")
    end_log(tmp_path / "a.log", {"status": "problems", "exit_code": 1, "reason": "@x\u202e"})
    write_table(tmp_path)
    text = (tmp_path / "batch.csv").read_text(encoding="utf-8")
    assert "'=HYPERLINK(1)[2J" in text
    assert "'@x" in text
    assert "\x1b" not in text


def test_the_log_of_a_suppressed_place_counts_nobody(tmp_path):
    news = SimpleNamespace(option_id="move-0", best=1234.5, bound=1200.25, gap=0.028)
    for counts in (True, False):
        log = tmp_path / f"{counts}.log"
        begin_log(log, "Ashby")
        _teller(log, counts=counts)(news)
        assert (f"{news.best}" in log.read_text(encoding="utf-8")) is counts


def test_why_there_is_no_plan_is_told_without_figures(small_run):
    report = small_run.study.report.model_copy(update={"suppress": "nhs"})
    study = small_run.study.model_copy(update={"report": report})
    with pytest.raises(InfeasibleError) as told, told_as_shown(study):
        raise InfeasibleError("No plan.", ("U00001 keeps 1,234 of its 1,240 patients.",))
    assert told.value.reasons == ("U00001 keeps * of its * patients.",)
    with pytest.raises(RefereeError, match=r"M1 is \*, not \*\."), told_as_shown(study):
        raise RefereeError("M1 is 17, not 18.")
    with pytest.raises(RefereeError, match="M1 is 17"), told_as_shown(small_run.study):
        raise RefereeError("M1 is 17, not 18.")
    assert json.dumps(told.value.args)
