"""How good the ladder is: objective, bound, gap, seconds and memory for every rung.

    python -m benchmarks.ladder study.toml … [--csv file] [--moves 5] [--effort quick]

Each study is read, checked and solved; its teams count as the study says. Seconds are of the
clock, memory is the peak of the process so far.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
from pathlib import Path
from time import perf_counter

from boundaries import pipeline
from boundaries.solve import solve_options

COLUMNS = (
    "place", "lsoas", "practices", "pcns", "teams", "neighbourhoods", "option", "objective",
    "bound", "gap", "status", "seconds", "peak_mb",
)  # fmt: skip


def rows_of(path: Path, moves: int | None, effort: str | None) -> list[dict[str, object]]:
    ready = pipeline.prepare(path)
    study, place = ready.study, ready.place
    changes = {"best_fit": False}
    if moves is not None:
        changes["max_moves"] = moves
    if effort is not None:
        changes["effort"] = effort
    study = study.model_copy(update={"options": study.options.model_copy(update=changes)})
    begun = perf_counter()
    rows = []
    for one in solve_options(place, study):
        gap = None if one.bound is None else (one.objective - one.bound) / max(one.objective, 1e-9)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        figures = (
            place.name, len(place.lsoas), len(place.practices), len(place.pcns),
            sum(layer.shares["team"].nunique() for layer in place.teams.values()),
            one.neighbourhoods, one.option_id, round(one.objective),
            "" if one.bound is None else round(one.bound),
            "" if gap is None else f"{gap:.2%}", one.status, round(one.seconds, 1), peak,
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, figures, strict=True)))
    print(f"{place.name}: {perf_counter() - begun:.0f} s in all", file=sys.stderr)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="+", type=Path)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--moves", type=int)
    parser.add_argument("--effort", choices=("quick", "standard", "thorough"))
    chosen = parser.parse_args()
    rows = [row for path in chosen.studies for row in rows_of(path, chosen.moves, chosen.effort)]
    print(" | ".join(COLUMNS))
    for row in rows:
        print(" | ".join(str(row[column]) for column in COLUMNS))
    if chosen.csv:
        with chosen.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
