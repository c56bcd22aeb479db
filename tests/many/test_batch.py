"""Batches that run places: whole, killed, taken up again, on a cluster; nothing lost or twice."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from tests.many.conftest import run, start

from boundaries import pipeline
from boundaries.many.ledger import log_of, read_entry
from boundaries.study import load_study

PLACES = """name,boroughs,neighbourhoods,pcn_floor,settled,sensitivity,max_moves,best_fit,effort
Ashby,Ashby,2,0,0,false,1,false,quick
Birch,Birch,2,0,0,false,0,false,quick
Narnia,Narnia,2,0,0,false,1,false,quick
Dense,Cole,29,0,0,false,1,false,quick
"""
"""Two places, one that nobody knows, and one whose rules clash."""

SAME = ("options.csv", "lsoas.csv", "practices.csv", "measures.csv", "moves.csv", "problems.csv")
"""Some of the files that a place has from a batch as from `propose` alone, byte by byte."""


def wait_for(ready, *, seconds=240.0):
    """Wait until something is so; give it back."""
    until = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)
    return found


def begun(folder: Path, slug: str, *, attempts: int = 1):
    """Return a question: the process that works on a place, once it is solving."""

    def ask():
        entry = read_entry(log_of(folder, slug))
        at_work = entry and entry.attempts >= attempts and "stage" in _since_begun(folder, slug)
        return int(entry.news["process"]) if at_work else None

    return ask


def _since_begun(folder: Path, slug: str) -> str:
    return log_of(folder, slug).read_text(encoding="utf-8").rsplit("begun=", 1)[-1]


def stamps(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*.csv"))}


def nothing_half_written(folder: Path) -> bool:
    hidden = [path.name for path in folder.iterdir() if path.name.startswith(".")]
    return set(hidden) <= {".batch.lock"}


@pytest.fixture(scope="session")
def done(region_data, tmp_path_factory):
    """A batch of four places, two of which cannot be done; its folder, exit code and words."""
    home = tmp_path_factory.mktemp("batch")
    (home / "places.csv").write_text(PLACES, encoding="utf-8")
    out = home / "out"
    code, said, errors = run(
        "batch", home / "places.csv", "--data", region_data, "-o", out, "--jobs", 2
    )
    return out, code, said + errors


def table_of(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "batch.csv").set_index("place")


def test_one_bad_place_never_stops_the_others(done):
    out, code, said = done
    table = table_of(out)
    assert dict(table["status"]) == {
        "Ashby": "done", "Birch": "done", "Dense": "no plan", "Narnia": "problems",
    }  # fmt: skip
    assert dict(table["exit_code"]) == {"Ashby": 0, "Birch": 0, "Dense": 3, "Narnia": 1}
    assert code == 3
    assert "Narnia" in table["reason"]["Narnia"]
    assert "Files read once" in said
    assert (out / "ashby" / "map.html").is_file()
    assert not (out / "dense").exists()
    assert nothing_half_written(out)


def test_a_place_has_the_same_bytes_as_by_itself(done, tmp_path):
    out, _, _ = done
    study = load_study(out / "ashby.toml")
    pipeline.save(pipeline.propose(study), tmp_path / "alone", pages=False)
    for name in SAME:
        assert (out / "ashby" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_nothing_is_run_again_when_nothing_has_changed(done, region_data):
    out, _, _ = done
    before = stamps(out / "ashby") | stamps(out / "birch")
    code, _, errors = run(
        "batch", out.parent / "places.csv", "--data", region_data, "-o", out, "--resume"
    )
    assert code == 3
    assert "1 place to run; 3 up to date" in errors or "Nothing to do" in errors
    assert stamps(out / "ashby") | stamps(out / "birch") == before


def test_killed_at_any_moment_and_taken_up_again(done, region_data, tmp_path):
    out = tmp_path / "out"
    places = _without(done[0], out, "birch")
    before = stamps(out / "ashby")
    words = ("batch", places, "--data", region_data, "-o", out, "--resume", "--jobs", 1)
    batch = start(*words)
    first = wait_for(begun(out, "birch"))
    second_batch = run(*words)  # beside it
    assert "up to date" in second_batch[2]
    os.kill(first, signal.SIGKILL)
    second = wait_for(begun(out, "birch", attempts=2))
    batch.kill()
    batch.communicate()
    wait_for(lambda: not _alive(second), seconds=60)
    assert not (out / "birch").exists()
    assert table_of(out)["status"]["Birch"] in ("not ended", "done")
    code, _, errors = run(*words)
    assert code == 3, errors
    assert table_of(out)["status"]["Birch"] == "done"
    assert stamps(out / "ashby") == before
    assert nothing_half_written(out)
    same = (out / "birch" / "options.csv").read_bytes()
    assert same == (done[0] / "birch" / "options.csv").read_bytes()


def _without(done: Path, out: Path, *slugs: str) -> Path:
    """Copy a batch without some of its places; return the list of all of them."""
    shutil.copytree(done, out)
    for slug in slugs:
        shutil.rmtree(out / slug)
        log_of(out, slug).unlink()
    (out.parent / "places.csv").write_text(PLACES, encoding="utf-8")
    return out.parent / "places.csv"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_ctrl_c_ends_all_places_with_what_they_have(region_data, tmp_path):
    out = tmp_path / "out"
    words = ("batch", "Ashby", "Birch", "Cole", "--data", region_data, "-o", out, "--jobs", "1")
    batch = start(*words, start_new_session=True)
    wait_for(lambda: list(out.glob("*.log")) and any(
        begun(out, slug)() for slug in ("ashby", "birch", "cole")
    ))  # fmt: skip
    os.killpg(batch.pid, signal.SIGINT)  # as a terminal does: the places hear it, too
    said, _ = batch.communicate(timeout=240)
    assert batch.returncode in (3, 130), said
    table = table_of(out)
    assert "not begun" in set(table["status"])
    assert set(table["status"]) <= {"stopped", "no plan", "not begun"}
    for slug in table["folder"].dropna():
        assert (out / slug / "run.json").is_file()


def test_a_place_that_takes_too_much_memory_ends_by_itself(region_data, tmp_path):
    script = (
        "import sys, boundaries\n"
        "if __name__ == '__main__':\n"
        "    done = boundaries.batch('Ashby', sys.argv[1], sys.argv[2], memory_gb=0.1)\n"
        "    print(done.exit_code, done.table['reason'][0], done.table['attempts'][0])\n"
    )
    (tmp_path / "script.py").write_text(script)
    words = [sys.executable, tmp_path / "script.py", region_data, tmp_path / "out"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("4 it needed more than the 102 MiB"), done.stderr
    assert done.stdout.split()[-1] == "1"


def test_a_dask_worker_that_dies_has_its_place_run_elsewhere(done, region_data, tmp_path):
    pytest.importorskip("distributed", reason="pip install 'boundaries[cluster]'")
    out, port = tmp_path / "out", _free_port()
    places = _without(done[0], out, "birch")
    address = f"tcp://127.0.0.1:{port}"
    dask = [str(Path(sys.executable).parent / "dask")]
    workers = ["worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    jobs = [subprocess.Popen([*dask, *words], cwd=tmp_path, **quiet)
            for words in (scheduler, workers, workers)]  # fmt: skip
    try:
        words = ("--data", region_data, "-o", out, "--resume", "--scheduler", address)
        batch = start("batch", places, *words)
        victim = wait_for(begun(out, "birch"))
        os.kill(victim, signal.SIGKILL)
        said, _ = batch.communicate(timeout=240)
    finally:
        for job in jobs:
            job.kill()
            job.wait()
    table = table_of(out)
    assert table["status"]["Birch"] == "done", said
    assert table["attempts"]["Birch"] == 2
    same = (out / "birch" / "options.csv").read_bytes()
    assert same == (done[0] / "birch" / "options.csv").read_bytes()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_scheduler_that_does_not_answer_is_said(region_data, tmp_path):
    pytest.importorskip("distributed", reason="pip install 'boundaries[cluster]'")
    address = f"tcp://127.0.0.1:{_free_port()}"
    code, _, said = run(
        "batch", "Ashby", "--data", region_data, "-o", tmp_path / "out", "--scheduler", address
    )
    assert code == 1
    assert f"No dask scheduler answers at {address}" in said
