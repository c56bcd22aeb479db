"""Every name that an option gives a neighbourhood, held against where people live.

``python -m tests.true_names FOLDER …`` reads lsoas.csv, neighbourhoods.csv and place.gpkg
(an SQLite file) of every run below the folders, with no code of ours, and prints each name of an
area of which less than half the residents live in the neighbourhood that bears it; it ends with 1
when there is any. Today's areas and given maps bear names that others gave them, and are left out.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path

GIVEN = {"as-is", "teams-stay", "footprint"}


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def areas_of(path: Path) -> dict[str, dict[str, float]]:
    """Return the residents of every area that a name may come from, by LSOA."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    layer = json.loads(base.execute("SELECT text FROM about").fetchone()[0]).get("named_after")
    asked = "SELECT ward_name, lsoa_code, residents FROM lsoas WHERE ward_name <> ''"
    if layer:
        asked = (
            "SELECT area, c.lsoa_code, share * residents FROM communities c "
            "JOIN lsoas l ON l.lsoa_code = c.lsoa_code WHERE c.layer = ?"
        )
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for area, lsoa, people in base.execute(asked, (layer,) if layer else ()):
        found[area][lsoa] = found[area].get(lsoa, 0.0) + people
    base.close()
    return found


def named_in(name: str, areas: dict[str, dict[str, float]]) -> list[str]:
    """Return the areas that a name is made of: "A", "A and B" or "A, B and C".

    Areas may themselves have an "and" or a comma in their names, so every way to cut is tried.
    """
    text = re.sub(r" \(\d+\)$", "", name)
    if text in areas:
        return [text]
    for cut in re.finditer(r", | and ", text):
        first, rest = text[: cut.start()], named_in(text[cut.end() :], areas)
        if first in areas and rest:
            return [first, *rest]
    return []


def false_names(folder: str | Path) -> tuple[list[str], int]:
    """Return what is said wrongly in one run's names, and how many names of areas were held."""
    home = Path(folder)
    areas = areas_of(home / "place.gpkg")
    families = {row["option_id"]: row["family"] for row in rows_of(home / "options.csv")}
    lives: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows_of(home / "lsoas.csv"):
        lives[row["option_id"]][row["lsoa_code"]] = row["neighbourhood"]
    said, held = [], 0
    for row in rows_of(home / "neighbourhoods.csv"):
        option, label, name = row["option_id"], row["neighbourhood"], row["name"]
        if families[option] in GIVEN or re.match(rf"Neighbourhood {re.escape(label)}\b", name):
            continue
        named = named_in(name, areas)
        if not named:
            said.append(f"{home.name} {option} {label}: {name!r} is made of no known area")
        for area in named:
            people = areas[area]
            inside = sum(n for lsoa, n in people.items() if lives[option][lsoa] == label)
            held += 1
            if inside < sum(people.values()) / 2:
                share = inside / sum(people.values())
                said.append(f"{home.name} {option} {label}: {share:.0%} of {area} is in {name!r}")
    return said, held


def runs_below(folders: list[str]) -> list[Path]:
    """Return the folders of runs that are, or lie below, some folders."""
    found = (path.parent for folder in folders for path in Path(folder).rglob("run.json"))
    return sorted({path for path in found if not any(part[0] == "." for part in path.parts[1:])})


def main(folders: list[str]) -> int:
    """Print what is false; return 1 when anything is, or nothing was held."""
    wrong = total = 0
    homes = runs_below(folders)
    for home in homes:
        said, held = false_names(home)
        wrong, total = wrong + len(said), total + held
        for line in said:
            sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(homes)} runs, {total:,} names of areas held, {wrong} false\n")
    return int(bool(wrong) or not total)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
