"""Results are written over nobody's file, whole or not at all, also when two runs end at once."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from boundaries.errors import InputError
from boundaries.run import is_run, require_file, require_target, writing

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"


def put(folder, text, names=("run.json", "lsoas.csv", "wards.csv"), **how):
    """Write a run of three files that all say the same."""
    with writing(folder, whole=True, **how) as draft:
        for name in names:
            (draft / name).write_text(json.dumps({"tool": "boundaries", "text": text}))
    return folder


def told(folder):
    return {path.name: json.loads(path.read_text())["text"] for path in folder.iterdir()}


def test_files_that_no_run_wrote_are_not_written_over(tmp_path):
    (tmp_path / "wards.csv").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine too")
    with pytest.raises(InputError, match=r"wards\.csv in .* no run of this tool wrote it"):
        put(tmp_path, "new")
    assert (tmp_path / "wards.csv").read_text() == "mine"
    (tmp_path / "wards.csv").rename(tmp_path / "wards of the study.csv")
    put(tmp_path, "new")
    assert (tmp_path / "notes.txt").read_text() == "mine too"
    assert is_run(tmp_path)


def test_a_run_json_of_another_tool_makes_no_folder_of_a_run(tmp_path):
    (tmp_path / "run.json").write_text('{"tool": "jogging"}')
    with pytest.raises(InputError, match=r"run\.json in"):
        put(tmp_path, "new")


def test_capital_letters_do_not_hide_a_file(tmp_path):
    (tmp_path / "WARDS.CSV").write_text("mine")
    with pytest.raises(InputError, match=r"WARDS\.CSV"):
        put(tmp_path, "new")


def test_files_that_the_run_read_are_not_written_over_even_in_a_runs_folder(tmp_path):
    out = put(tmp_path / "out", "old")
    with pytest.raises(InputError, match=r"lsoas\.csv in .* this run reads it"):
        put(out, "new", inputs=[out / "lsoas.csv"])
    assert set(told(out).values()) == {"old"}
    link = tmp_path / "link.csv"
    link.symlink_to(out / "lsoas.csv")
    with pytest.raises(InputError, match="this run reads it"):
        put(out, "new", inputs=[link])


def test_an_earlier_run_goes_whole_and_what_is_not_its_own_stays(tmp_path):
    out = put(tmp_path / "out", "old", names=("run.json", "lsoas.csv", "report.docx"))
    put(out, "new")
    assert told(out) == {"run.json": "new", "lsoas.csv": "new", "wards.csv": "new"}
    (out / "minutes.csv").write_text('{"text": "ours"}')
    put(out, "third", names=("run.json", "wards.csv"))
    assert told(out) == {"run.json": "third", "wards.csv": "third", "minutes.csv": "ours"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_pages_drawn_again_leave_the_data_where_it_is(tmp_path):
    out = put(tmp_path / "out", "old")
    with writing(out) as draft:
        (draft / "pictures").mkdir()
        (draft / "pictures" / "a.png").write_text("x")
    assert {path.name for path in out.iterdir()} == {
        "run.json", "lsoas.csv", "wards.csv", "pictures",
    }  # fmt: skip


def test_the_folder_that_one_stands_in_stays_the_same_folder(tmp_path, monkeypatch):
    out = put(tmp_path / "out", "old")
    monkeypatch.chdir(out)
    before = out.stat().st_ino
    put(".", "new")
    assert set(told(out).values()) == {"new"}
    assert out.stat().st_ino == before


def test_files_put_in_place_one_by_one_are_put_back_when_one_fails(tmp_path, monkeypatch):
    out = put(tmp_path / "out", "old")
    (out / "notes.txt").write_text('{"text": "mine"}')
    whole = Path.replace

    def replace(path, to):
        if path.name == "wards.csv" and path.parent != out:
            raise PermissionError(errno.EACCES, "open in a spreadsheet", str(to))
        return whole(path, to)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(InputError, match=r"Cannot write wards\.csv .* Close it where it is open"):
        put(out, "new")
    assert told(out) == {
        "run.json": "old", "lsoas.csv": "old", "wards.csv": "old", "notes.txt": "mine",
    }  # fmt: skip


def test_a_full_disk_is_said_whatever_library_met_it(tmp_path, monkeypatch):
    out = put(tmp_path / "out", "old")
    with (
        pytest.raises(InputError, match="The disk is full"),
        writing(out, whole=True),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
    with pytest.raises(InputError, match="The disk is full"), writing(out, whole=True):
        raise RuntimeError("sqlite: disk I/O error")
    assert set(told(out).values()) == {"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


_MANY = """
import json, sys
from boundaries.run import writing
for turn in range(60):
    with writing(sys.argv[1], whole=True) as draft:
        for name in ("run.json", "lsoas.csv", "wards.csv"):
            (draft / name).write_text(json.dumps({"tool": "boundaries", "text": sys.argv[2]}))
"""


def test_two_runs_into_one_folder_leave_one_of_them_whole(tmp_path):
    out = tmp_path / "out"
    both = [subprocess.Popen([sys.executable, "-c", _MANY, out, name]) for name in ("a", "b")]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert len(set(told(out).values())) == 1
    assert len(told(out)) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


_KILLED = """
import json, os, signal, sys
from pathlib import Path
from boundaries.run import target

home, seen = Path(sys.argv[1]), 0

def told(name, point):
    whole = getattr(Path, name)
    def stop(*args, **more):
        global seen
        if seen == point:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1
        return whole(*args, **more)
    return stop

def put(folder, text):
    with target.writing(folder, whole=True) as draft:
        for name in ("run.json", "lsoas.csv", "wards.csv"):
            (draft / name).write_text(json.dumps({"tool": "boundaries", "text": text}))

for point in range(20):
    out = home / str(point) / "out"
    put(out, "old")
    if len(sys.argv) > 2:
        (out / "notes.txt").write_text('{"text": "mine"}')
    child = os.fork()
    if child == 0:
        for name in ("write_text", "rename", "chmod", "replace"):
            setattr(Path, name, told(name, point))
        put(out, "new")
        os._exit(0)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    print(point, int(killed), flush=True)
    if not killed:
        break
"""


def test_a_process_killed_at_any_step_leaves_a_whole_run(tmp_path):
    """Every step of the disk in turn: the run there, or the one that takes its place, is whole."""
    command = [sys.executable, "-c", _KILLED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ends = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(ends) >= 6
    assert [killed for _, killed in ends] == [1] * (len(ends) - 1) + [0]
    away = 0
    for point, killed in ends:
        out = tmp_path / str(point) / "out"
        if not out.exists():  # killed between two renames: the next run brings it back
            away += 1
            with pytest.raises(RuntimeError), writing(out, whole=True):
                raise RuntimeError
        assert len(told(out)) == 3
        assert len(set(told(out).values())) == 1
        assert killed or told(out)["run.json"] == "new"
        put(out, "third")  # the next run takes away what the killed one has left
        assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert away == 1


def test_files_being_replaced_one_by_one_are_replaced_to_the_end_by_the_next_run(tmp_path):
    """Beside files of somebody else nothing can be renamed: a kill between two of them."""
    command = [sys.executable, "-c", _KILLED, str(tmp_path), "beside"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ends = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert [killed for _, killed in ends] == [1] * (len(ends) - 1) + [0]
    halves = 0
    for point, _ in ends:
        out = tmp_path / str(point) / "out"
        if is_run(out):  # never one that is half of each
            assert len({told(out)[name] for name in ("run.json", "lsoas.csv", "wards.csv")}) == 1
        else:
            halves += 1
        assert require_target(out) == out  # as the next run asks before any work
        texts = told(out)
        assert texts.pop("notes.txt") == "mine"
        assert len(texts) == 3
        assert len(set(texts.values())) == 1
        assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert halves >= 3


def test_only_what_is_surely_a_draft_of_nobody_at_work_is_taken_away(tmp_path):
    out = put(tmp_path / "out", "old")
    for name in (".out-backup", ".out-abcdefgh", ".other-abcdefgh-draft", ".out-abcdefgh-draft"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.txt").write_text("mine")
    with writing(out, whole=True):
        put(out, "new")  # another run, while this one is at work
        left = {path.name for path in tmp_path.iterdir()}
        assert left > {".out-backup", ".out-abcdefgh", ".other-abcdefgh-draft", "out"}
        assert ".out-abcdefgh-draft" not in left
        assert len(left) == 5  # and the draft of the run at work
        (next(tmp_path.glob(".out-*-draft")) / "run.json").write_text('{"tool": "boundaries"}')


def test_a_draft_made_by_somebody_else_leads_nowhere(tmp_path):
    out = put(tmp_path / "out", "old")
    (tmp_path / "mine.txt").write_text("mine")
    draft = tmp_path / ".out-abcdefgh-draft"
    draft.mkdir()
    (draft / ".steps.json").write_text('{"new": ["run.json"], "stale": ["../mine.txt"]}')
    require_target(out)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert not draft.exists()


_READ_ONLY = """
import os, sys
from boundaries.errors import InputError
from boundaries.run import require_target
if os.geteuid() == 0:
    os.setuid(65534)
try:
    require_target(sys.argv[1])
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes here")
def test_a_read_only_folder_is_said_before_the_work():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        command = [sys.executable, "-c", _READ_ONLY, f"{name}/out"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        Path(name).chmod(0o700)
    assert done.stdout == (
        f"Cannot write {name}/out: Permission denied. Choose another place with -o.\n"
    )


def test_places_that_cannot_be_written_are_said_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for wanted, said in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "link", "leads nowhere"),
        (tmp_path / "file" / "out", "Cannot write"),
        (Path("/proc/zzz"), "Cannot write"),
    ):
        with pytest.raises(InputError, match=said):
            require_target(wanted)
    with pytest.raises(InputError, match="is a folder"):
        require_file(tmp_path)
    with pytest.raises(InputError, match="Cannot write"):
        require_file("/proc/zz.toml")
    assert require_target(tmp_path / "deep" / "er") == (tmp_path / "deep" / "er").resolve()
    assert not (tmp_path / "deep").exists()


def test_problems_csv_of_check_may_be_written_again_and_that_of_others_not(tmp_path):
    (tmp_path / "problems.csv").write_text("level,file,row,code,field,said,fix\n")
    assert require_target(tmp_path)
    (tmp_path / "problems.csv").write_text("problem,owner\n")
    with pytest.raises(InputError, match=r"problems\.csv"):
        require_target(tmp_path, names=["problems.csv"])


def run(*words, folder):
    command = [sys.executable, "-m", "boundaries", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_scoring_into_the_folder_of_the_inputs_is_refused(tmp_path):
    for path in EXAMPLE.iterdir():
        shutil.copy(path, tmp_path)
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "lsoa21-ward24-lad24.csv").rename(tmp_path / "wards.csv")
    text = text.replace("lsoa21-ward24-lad24.csv", "wards.csv")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    (tmp_path / "lsoas.csv").write_text("lsoa_code,neighbourhood\n")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code, said = run("score", "study.toml", "--lsoas", "lsoas.csv", "-o", ".", folder=tmp_path)
    assert code == 1
    assert "lsoas.csv, wards.csv in . would be written over, and this run reads them" in said
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


_WORDS = """
import sys
from boundaries import cli
for words in (
    ["check", "study.toml", "-o", "study.toml"],
    ["check", "study.toml", "-o", "/proc/zzz"],
    ["init", "Wrenbourne (made up)", "--data", ".", "-o", "/proc/zz.toml"],
    ["init", "Wrenbourne (made up)", "--data", ".", "-o", ".", "--force"],
):
    sys.argv = ["boundaries", *words]
    try:
        cli.main()
    except SystemExit as error:
        print(error.code, file=sys.stderr)
"""


def test_every_command_says_in_a_sentence_that_a_place_cannot_be_written():
    command = [sys.executable, "-c", _WORDS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=EXAMPLE)
    lines = done.stderr.splitlines()
    assert lines[1::2] == ["1", "1", "1", "1"]
    assert ["is a file" in lines[0], "is a folder" in lines[6]] == [True, True]
    assert [line.startswith("Cannot write /proc/zz") for line in (lines[2], lines[4])] == [True] * 2
