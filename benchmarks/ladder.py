"""How good the ladder is: objective, bound, gap, seconds and memory of every rung.

    python -m benchmarks.ladder "Kingston upon Thames" Brent+Ealing --teams --csv ladder.csv
    python -m benchmarks.ladder --all --jobs 2
    python -m benchmarks.ladder my-study.toml

Boroughs are made into studies from the tidy London data (`benchmarks.places` says how), looked for
beside the checkout or where ``--data`` says. A study file is taken as it is. Every place runs in a
process of its own, so that memory is its own. Rows are printed as rungs end, and the CSV is written
anew with each, so a run that is stopped keeps its rows; Ctrl-C also ends the rung that is being
solved and tells its true gap, a second one ends at once. Every plan is recounted by the referee.

Seconds are of the clock, and of one rung; what is done once for a place (reading, and patterns
with their prices) is summed up apart, although prices are counted in the first rung too. Where a
place's rules cannot be met, the reason is printed and the smallest band that works is used.

With ``--peers`` other programs are given the same place, rules, objective and time, at the first
rung and the last (`benchmarks.peers`): what they reach, and by how much ours is better.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import STOPPED
from benchmarks.places import MOVES, all_places, find_data, place_of
from benchmarks.table import NEAR, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.places import Asked


class Children:
    """The processes that are solving a place, to be stopped together.

    They do not hear Ctrl-C themselves (a session of their own): a solver would swallow it.
    """

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()

    @contextmanager
    def start(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run a module of this program; it ends when its standard input does."""
        with subprocess.Popen(  # noqa: S603 - this program's own module
            [sys.executable, "-m", *words],
            stdin=subprocess.PIPE,  # closed when this program ends, however it does
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        ) as child:
            self._running.add(child)
            yield child
        self._running.discard(child)

    def stop(self, *, now: bool = False) -> None:
        """Ask all to tell what they know and stop, or end them."""
        for child in tuple(self._running):
            assert child.stdin is not None  # noqa: S101 - started with one
            with suppress(OSError):  # it may have ended meanwhile
                child.stdin.close() if now else print("stop", file=child.stdin, flush=True)


def measure(
    asked: Asked, table: Table, children: Children, *, seconds: float | None, peers: bool
) -> None:
    """Run one place in a process of its own and put what it tells into the table."""
    told = {"seconds": seconds, "near": table.near, "peers": peers}
    words = {**asdict(asked), "path": str(asked.path), **told}
    with children.start("benchmarks.one_place", json.dumps(words)) as child:
        for line in child.stdout or ():
            table.take(asked.name, json.loads(line))
    if child.returncode not in (0, STOPPED):
        table.take(asked.name, {"kind": "place"})
        table.take(asked.name, {"kind": "note", "said": f"ended with code {child.returncode}"})


def need_peers() -> None:
    """End the program with what to install where another program is not."""
    missing = [name for name in ("spopt", "gerrychain") if find_spec(name) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} not installed: pip install 'boundaries[bench]'")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("places", nargs="*", help="boroughs, A+B for two as one, or studies")
    parser.add_argument("--all", action="store_true", help="London's 32 places")
    parser.add_argument("--data", type=Path, help="folder of the tidy London data")
    parser.add_argument("--teams", action="store_true", help="with two layers of made-up teams")
    parser.add_argument("--moves", type=int, help=f"longest rung (boroughs: {MOVES})")
    parser.add_argument("--effort", choices=("quick", "standard", "thorough"))
    parser.add_argument("--band", type=float, help="residents within this share of the mean")
    parser.add_argument("--seconds", type=float, help="end each place after so many seconds")
    parser.add_argument("--near", type=float, default=NEAR, help="gap whose seconds are told")
    parser.add_argument("--peers", action="store_true", help="ask other programs too")
    parser.add_argument("--jobs", type=int, default=1, help="places at a time")
    parser.add_argument("--csv", type=Path)
    given = parser.parse_args()
    if not given.places and not given.all:
        parser.error("name a borough or a study, or say --all")
    return given


def main() -> None:
    given = parse()
    words = list(given.places)
    if given.all:
        words += [name for name in all_places(find_data(given.data)) if name not in words]
    changes = {
        "band": given.band, "moves": given.moves, "effort": given.effort, "teams": given.teams,
    }  # fmt: skip
    places = {}
    for word in words:
        asked = replace(place_of(word, given.data), **changes)
        places[asked.name] = asked
    if given.peers:
        need_peers()
    table, children = Table(given.csv, given.near), Children()

    def one(asked: Asked) -> None:
        measure(asked, table, children, seconds=given.seconds, peers=given.peers)

    table.begin()
    stopped = False
    with ThreadPoolExecutor(given.jobs) as several:
        try:
            list(several.map(one, places.values()))
        except KeyboardInterrupt:
            stopped = True
            several.shutdown(wait=False, cancel_futures=True)  # none begins that was not asked
            children.stop()
            try:
                several.shutdown(wait=True)
            except KeyboardInterrupt:
                children.stop(now=True)
    for line in table.summary():
        print(f"# {line}")
    sys.exit(STOPPED if stopped else 0)


if __name__ == "__main__":
    main()
