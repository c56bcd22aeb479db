"""What has been measured so far: printed as it comes, and kept in CSV files with every row.

Goes in: events of `benchmarks.one_place`. Comes out: lines, ``FILE.csv`` with the rungs and, where
other programs were asked, ``FILE-peers.csv``; and the summary against the targets.
"""

from __future__ import annotations

import csv
from statistics import median
from threading import Lock
from time import process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["NEAR", "Table"]

COLUMNS = {
    "place": 28, "lsoas": 5, "practices": 9, "pcns": 4, "teams": 5, "neighbourhoods": 14,
    "band": 5, "option": 9, "objective": 9, "bound": 9, "gap": 7, "seconds": 8, "near_seconds": 12,
    "peak_mb": 7,
    "status": 10,
}  # fmt: skip
PEER_COLUMNS = {
    "place": 28, "option": 9, "peer": 24, "objective": 9, "ours": 9, "better": 7, "seconds": 8,
    "our_seconds": 11, "maps": 6, "bound": 9, "said": 0,
}  # fmt: skip
ONCE = ("read_seconds", "compile_seconds", "prices_seconds")
NEAR = 0.01
SOON = 60.0
_LOOP = 5_000_000
TEXTS = ("place", "option", "peer", "said")


class Table:
    """The rows of rungs and of other programs, by place."""

    def __init__(self, path: Path | None, near: float = NEAR) -> None:
        self.path, self.near = path, near
        self.lock = Lock()
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.peers: list[dict[str, Any]] = []
        self.places: dict[str, dict[str, Any]] = {}

    def begin(self) -> None:
        print(f"# {pace()}")
        print(line({name: name for name in COLUMNS}, COLUMNS), flush=True)
        self._save()

    def take(self, name: str, event: dict[str, Any]) -> None:
        """Take one event of a place."""
        with self.lock:
            kind = event.pop("kind")
            if kind == "note":
                print(f"# {name}: {event['said']}".replace("\n", "\n# "), flush=True)
            elif kind == "peer":
                self._peer(name, event)
            elif kind == "rung":
                self._rung(name, event)
            else:
                self.places.setdefault(name, {}).update(event)
            self._save()

    def _rung(self, name: str, event: dict[str, Any]) -> None:
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
        changed = known is not None and any(
            _cell(part, known.get(part)) != _cell(part, row.get(part)) for part in said
        )
        if known is None or (final and changed):
            print(line(row, COLUMNS) + ("  (corrected)" if changed else ""), flush=True)

    def _peer(self, name: str, event: dict[str, Any]) -> None:
        theirs = event["objective"]
        better = (theirs - event["ours"]) / theirs if theirs else None
        row = {"place": name, **event, "better": better}
        if not self.peers:
            print(line({column: column for column in PEER_COLUMNS}, PEER_COLUMNS))
        self.peers.append(row)
        print(line(row, PEER_COLUMNS), flush=True)

    def _save(self) -> None:
        if self.path is None:
            return
        rows = [{**row, **self._once(row["place"])} for row in self.rows.values()]
        _write(self.path, (*COLUMNS, *ONCE), rows)
        if self.peers:
            path = self.path.with_name(f"{self.path.stem}-peers{self.path.suffix}")
            _write(path, PEER_COLUMNS, self.peers)

    def _once(self, name: str) -> dict[str, Any]:
        return {key: self.places.get(name, {}).get(key) for key in ONCE}

    def summary(self) -> list[str]:
        """Return what the rows come to, against the targets."""
        rows = [row for row in self.rows.values() if row.get("objective") is not None]
        if not rows:
            return ["no rung was solved"]
        first = [row for row in rows if row["option"].startswith("move-0")]
        proven = sum(row["status"] == "optimal" for row in first)
        near = sum(row["gap"] is not None and row["gap"] <= self.near for row in rows)
        times = [row["near_seconds"] for row in rows if row.get("near_seconds") is not None]
        soon = sum(seconds <= SOON for seconds in times)
        sure = sum(row["status"] == "optimal" for row in rows)
        slow = max(rows, key=lambda row: row["seconds"])
        big = max(rows, key=lambda row: row["peak_mb"])
        once = [self._once(name) for name in self.places]
        read, made, prices = (max(one[key] or 0.0 for one in once) for key in ONCE)
        return [
            f"move-0 proven optimal in {proven} of {len(self.places)} places",
            f"gap at most {self.near:.0%} in {near} of {len(rows)} rungs, proven optimal in {sure}",
            f"gap at most {self.near:.0%} after {SOON:.0f} seconds in {soon} of {len(rows)} rungs",
            f"slowest rung {slow['seconds']:.0f} s ({slow['place']}, {slow['option']})",
            f"peak memory {big['peak_mb']} MiB ({big['place']})",
            f"once a place: reading {read:.1f} s, compiling {made:.1f} s, prices {prices:.1f} s",
            pace(),
            *self._against_peers(),
        ]

    def _against_peers(self) -> list[str]:
        best: dict[tuple[str, str], dict[str, Any]] = {}
        for row in self.peers:
            key = (row["place"], row["option"])
            if row["better"] is not None and row["better"] < best.get(key, row)["better"] + 1e-12:
                best[key] = row
        said = [
            f"{place}, {option}: ours {row['ours']:.0f} is {row['better']:.2%} better than the "
            f"best other, {row['peer']} with {row['objective']:.0f}"
            for (place, option), row in best.items()
        ]
        if best:
            better = [row["better"] for row in best.values()]
            never = sum(value >= -1e-9 for value in better)
            said.append(
                f"at least as good as the best other program in {never} of {len(better)} rungs; "
                f"better by {median(better):.2%} in the middle, {min(better):.2%} at least, "
                f"{max(better):.2%} at most"
            )
        return said


def pace() -> str:
    """Return how fast this machine is now: seconds are to be compared by it, from day to day."""
    tries = []
    for _ in range(3):
        begun, total = process_time(), 0
        for step in range(_LOOP):
            total += step
        tries.append(process_time() - begun)
    return f"this machine: a loop of {_LOOP:,} steps in Python takes {median(tries):.2f} s"


def line(row: dict[str, Any], columns: dict[str, int]) -> str:
    """Return a row of the printed table."""
    cells = []
    for column, width in columns.items():
        text = _cell(column, row.get(column))
        cells.append(text.ljust(width) if column in TEXTS else text.rjust(width))
    return " ".join(cells).rstrip()


def _cell(column: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value[: COLUMNS["place"]] if column == "place" else value
    if column in ("objective", "bound", "ours"):
        return f"{value:.0f}"
    if column in ("gap", "better"):
        return f"{value:.2%}"
    if column == "band":
        return f"{100 * value:g}%"
    return f"{value:.1f}" if column.endswith("seconds") else str(value)


def _write(path: Path, columns: Iterable[str], rows: list[dict[str, Any]]) -> None:
    """Write a CSV under another name first, so that nobody finds half of it."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)
