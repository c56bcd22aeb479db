"""What the bond between neighbouring LSOAs costs and spares, as a table of Markdown.

    boundaries batch … -o region --data DATA
    python -m benchmarks.shape region

Goes in: folders that hold runs with ``closest`` (the last rung again with bonds left out). Comes
out: for each run alignment with and without bonds, pairs parted, and Polsby-Popper; then medians.
How sure both plans are stands beside them: a search that was too short for ``closest`` makes the
bond look cheaper than it is.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from statistics import median
from typing import NamedTuple

__all__ = ["Row", "markdown", "rows_below"]


class Row(NamedTuple):
    """One ladder of one run: the last rung, and the same with bonds left out."""

    place: str
    rung: str
    closest: float
    aligned: float
    pairs_closest: int
    pairs: int
    compact_closest: float
    compact: float
    gap_closest: str
    gap: str

    @property
    def points(self) -> float:
        """Percentage points of alignment given up."""
        return (self.closest - self.aligned) * 100

    @property
    def spared(self) -> float:
        """Share of the pairs parted that the bond spares."""
        return 1 - self.pairs / self.pairs_closest if self.pairs_closest else 0.0


def rows_below(folders: list[Path]) -> list[Row]:
    """Return a row for each ladder of each run at or below some folders, by place."""
    homes = {path.parent for folder in folders for path in folder.rglob("run.json")}
    shown = (home for home in sorted(homes) if not home.name.startswith("."))
    return sorted(row for home in shown for row in _rows(home))


def _rows(home: Path) -> list[Row]:
    options = {row["option_id"]: row for row in _table(home / "options.csv")}
    compact = {
        row["option_id"]: float(row["value"])
        for row in _table(home / "measures.csv")
        if row["measure"] == "polsby_popper_mean"
    }
    place = json.loads((home / "run.json").read_text(encoding="utf-8")).get("place", {})
    name = place.get("name", home.name) if isinstance(place, dict) else home.name
    found = []
    for key, one in options.items():
        if one["family"] != "closest":
            continue
        ladder = [
            (int(rung.split("-")[1]), rung)
            for rung, row in options.items()
            if row["family"] == "ladder" and row["neighbourhoods"] == one["neighbourhoods"]
        ]
        rung = max(ladder)[1]
        last = options[rung]
        found.append(
            Row(
                str(name), rung, float(one["alignment"]), float(last["alignment"]),
                int(one["pairs_parted"]), int(last["pairs_parted"]), compact[key], compact[rung],
                _sure(one), _sure(last),
            )
        )  # fmt: skip
    return found


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sure(row: dict[str, str]) -> str:
    if row["status"] == "optimal":
        return "proven"
    return f"{float(row['gap']):.1%}" if row["gap"] else "not proven"


def markdown(rows: list[Row]) -> str:
    """Return the rows and their medians as a table of Markdown."""
    lines = [f"| {' | '.join(_HEADS)} |", "|---" * len(_HEADS) + "|"]
    lines += [
        f"| {row.place} | {row.rung} | {row.closest:.1%} | {row.aligned:.1%} | "
        f"{row.points:.1f} | {row.pairs_closest} | {row.pairs} | {row.spared:.0%} | "
        f"{row.compact_closest:.2f} | {row.compact:.2f} | {row.gap_closest} | {row.gap} |"
        for row in rows
    ]
    if rows:
        middle = {name: median(getattr(row, name) for row in rows) for name in _MEDIANS}
        lines.append(
            f"| median of {len(rows)} | | {middle['closest']:.1%} | {middle['aligned']:.1%} | "
            f"{middle['points']:.1f} | {middle['pairs_closest']:.0f} | {middle['pairs']:.0f} | "
            f"{middle['spared']:.0%} | {middle['compact_closest']:.2f} | {middle['compact']:.2f} "
            "| | |"
        )
    return "\n".join(lines)


_HEADS = (
    "place", "rung", "aligned, no bonds", "aligned", "points given up", "pairs parted, no bonds",
    "pairs parted", "spared", "compactness, no bonds", "compactness", "gap, no bonds", "gap",
)  # fmt: skip

_MEDIANS = (
    "closest", "aligned", "points", "pairs_closest", "pairs", "spared", "compact_closest",
    "compact",
)  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    rows = rows_below(parser.parse_args().folders)
    if not rows:
        raise SystemExit("No run with an option closest was found there.")
    sys.stdout.write(f"{markdown(rows)}\n")


if __name__ == "__main__":
    main()
