"""How good the ladder is: objective, bound, gap, seconds and memory of every rung.

    python -m benchmarks.ladder "Kingston upon Thames" Brent+Ealing --teams --csv ladder.csv
    python -m benchmarks.ladder --all --jobs 2
    python -m benchmarks.ladder my-study.toml

Boroughs are made into studies from the tidy London data (`benchmarks.places` says how), looked for
beside the checkout or where ``--data`` says. A study file is taken as it is. Every place runs in a
process of its own, so that memory is its own. Rows are printed as rungs end, and the CSV is written
anew with each, so a run that is stopped keeps its rows. Every plan is recounted by the referee.

Seconds are of the clock, and of one rung; what is done once for a place (reading, and patterns
with their prices) is summed up apart, although prices are counted in the first rung too. Where a
place's rules cannot be met, the reason is printed and the smallest band that works is used.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from benchmarks.places import MOVES, all_places, find_data, place_of

if TYPE_CHECKING:
    from benchmarks.places import Asked

COLUMNS = (
    "place", "lsoas", "practices", "pcns", "teams", "neighbourhoods", "band", "option",
    "objective", "bound", "gap", "seconds", "peak_mb", "status",
)  # fmt: skip
ONCE = ("read_seconds", "prices_seconds")
WIDTHS = (28, 5, 9, 4, 5, 14, 5, 9, 9, 9, 7, 8, 7, 10)
NEAR = 0.01


class Table:
    """The rows so far: printed as they come, and in the CSV with every one of them."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.lock = Lock()
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.places: dict[str, dict[str, Any]] = {}
        self.notes: list[str] = []

    def begin(self) -> None:
        print(_line(dict(zip(COLUMNS, COLUMNS, strict=True))), flush=True)
        if self.path is not None:
            self._save(self.path)

    def take(self, name: str, event: dict[str, Any]) -> None:
        """Take one event of a place."""
        with self.lock:
            kind = event.pop("kind")
            if kind == "note":
                self.note(f"{name}: {event['said']}")
            elif kind in ("place", "once"):
                self.places.setdefault(name, {}).update(event)
            else:
                self._row(name, event)
            if self.path is not None:
                self._save(self.path)

    def note(self, text: str) -> None:
        self.notes.append(text)
        print(f"# {text}".replace("\n", "\n# "), flush=True)

    def _row(self, name: str, event: dict[str, Any]) -> None:
        final = event.pop("final", False)
        objective, bound = event.get("objective"), event.get("bound")
        gap = None
        if bound is not None:
            gap = (objective - bound) / objective if objective else 0.0
        row = {"place": name, **self.places[name], **event, "gap": gap}
        key = (name, event["option"])
        known = self.rows.get(key)
        self.rows[key] = row
        said = ("objective", "bound", "status")
        if known is None or (final and _line(known, said) != _line(row, said)):
            print(_line(row) + ("" if known is None else "  (corrected)"), flush=True)

    def _save(self, path: Path) -> None:
        part = path.with_name(f".{path.name}.part")
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, (*COLUMNS, *ONCE), extrasaction="ignore")
            writer.writeheader()
            for row in self.rows.values():
                once = self.places.get(row["place"], {})
                writer.writerow({**row, **{key: once.get(key) for key in ONCE}})
        part.replace(path)

    def summary(self) -> list[str]:
        """Return what the rows come to, against the targets."""
        rows = [row for row in self.rows.values() if row.get("objective") is not None]
        if not rows:
            return ["no rung was solved"]
        first = [row for row in rows if row["option"].startswith("move-0")]
        proven = sum(row["status"] == "optimal" for row in first)
        near = sum(row["gap"] is not None and row["gap"] <= NEAR for row in rows)
        sure = sum(row["status"] == "optimal" for row in rows)
        slow = max(rows, key=lambda row: row["seconds"])
        big = max(rows, key=lambda row: row["peak_mb"])
        once = self.places.values()
        read = max((place.get("read_seconds") or 0.0 for place in once), default=0.0)
        prices = max((place.get("prices_seconds") or 0.0 for place in once), default=0.0)
        return [
            f"move-0 proven optimal in {proven} of {len(self.places)} places",
            f"gap at most {NEAR:.0%} in {near} of {len(rows)} rungs, proven optimal in {sure}",
            f"slowest rung {slow['seconds']:.0f} s ({slow['place']}, {slow['option']})",
            f"peak memory {big['peak_mb']} MiB ({big['place']})",
            f"once a place, at most: reading {read:.1f} s, patterns and prices {prices:.1f} s",
        ]


def _line(row: dict[str, Any], columns: tuple[str, ...] = COLUMNS) -> str:
    cells = []
    for column, width in zip(COLUMNS, WIDTHS, strict=True):
        if column in columns:
            text = _cell(column, row.get(column))
            cells.append(text.ljust(width) if column in ("place", "option") else text.rjust(width))
    return " ".join(cells).rstrip()


def _cell(column: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value[: WIDTHS[0]] if column == "place" else value
    if column in ("objective", "bound"):
        return f"{value:.0f}"
    if column in ("gap", "band"):
        return f"{value:.2%}" if column == "gap" else f"{100 * value:g}%"
    return f"{value:.1f}" if column == "seconds" else str(value)


def measure(asked: Asked, table: Table, seconds: float | None) -> None:
    """Run one place in a process of its own and put what it tells into the table."""
    words = {**asdict(asked), "path": str(asked.path), "seconds": seconds}
    with subprocess.Popen(  # noqa: S603 - this program's own module
        [sys.executable, "-m", "benchmarks.one_place", json.dumps(words)],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as child:
        for line in child.stdout or ():
            table.take(asked.name, json.loads(line))
    if child.returncode:
        table.take(asked.name, {"kind": "place"})
        table.take(asked.name, {"kind": "note", "said": f"ended with code {child.returncode}"})


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
    table = Table(given.csv)
    table.begin()
    with ThreadPoolExecutor(given.jobs) as several:
        try:
            list(several.map(lambda asked: measure(asked, table, given.seconds), places.values()))
        except KeyboardInterrupt:
            several.shutdown(wait=False, cancel_futures=True)
            print("stopped; the rows so far:", flush=True)
    for line in table.summary():
        print(f"# {line}")


if __name__ == "__main__":
    main()
