"""Seconds and peak memory of `check`, `assess` and `propose`, as a user runs them.

    python -m benchmarks.main_job --data FOLDER Brent Ealing "City of London, Hackney"
    python -m benchmarks.main_job --data FOLDER --assess-only "London=E09000001,E09000002,…"

Each command runs in a process of its own, so start-up is counted and memory is its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path


def timed(words: list[str]) -> tuple[float, float, int]:
    """Run a command; return seconds, peak memory in MiB and its exit code."""
    begun = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "boundaries", *words],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    per_mib = 1024 if sys.platform == "linux" else 1024**2
    return time.perf_counter() - begun, usage.ru_maxrss / per_mib, os.waitstatus_to_exitcode(status)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "places", nargs="+", help="borough names, commas between; NAME=… to name it"
    )
    parser.add_argument("--data", action="append", required=True, help="file or folder, repeatable")
    parser.add_argument("--assess-only", action="store_true")
    parser.add_argument("--max-moves", default="3")
    given = parser.parse_args()
    print(f"{'place':32} {'command':10} {'seconds':>8} {'MiB':>6} exit")
    for asked in given.places:
        name, _, boroughs = asked.rpartition("=")
        with tempfile.TemporaryDirectory() as folder:
            study = str(Path(folder) / "study.toml")
            data = [word for path in given.data for word in ("--data", path)]
            jobs = [
                ["init", boroughs, *data, "--max-moves", given.max_moves, "-o", study],
                ["check", study],
                ["assess", study, "-o", f"{folder}/today"],
                ["propose", study, "-o", f"{folder}/options"],
            ]
            for job in jobs[:3] if given.assess_only else jobs:
                seconds, mib, code = timed(job)
                print(f"{name or boroughs:32.32} {job[0]:10} {seconds:8.1f} {mib:6.0f} {code}")


if __name__ == "__main__":
    main()
