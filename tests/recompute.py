"""S, M1 and the objective of every option, counted again from a run's files with no code of ours.

``python -m tests.recompute FOLDER`` reads ``neighbours.csv``, ``lsoas.csv`` and ``practices.csv``,
and from ``place.gpkg`` (an SQLite file) the registrations, residents and shares of teams; it prints
each option's three figures beside those of ``options.csv``, and ends with 1 when any differs.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recompute(folder: str | Path) -> dict[str, tuple[float, float, float]]:
    """Return S, M1 and the objective of each option of a run."""
    home = Path(folder)
    lives, sits = defaultdict(dict), defaultdict(dict)
    for row in rows_of(home / "lsoas.csv"):
        lives[row["option_id"]][row["lsoa_code"]] = row["neighbourhood"]
    for row in rows_of(home / "practices.csv"):
        sits[row["option_id"]][row["practice_code"]] = row["neighbourhood"]
    pairs = [
        (row["lsoa_code_a"], row["lsoa_code_b"], float(row["bond"]))
        for row in rows_of(home / "neighbours.csv")
    ]
    registrations, teams = _place(home / "place.gpkg")
    left_out = {
        claim["option_id"]: claim["left_out"]
        for claim in json.loads((home / "run.json").read_text(encoding="utf-8"))["options"]
    }
    found = {}
    for option, home_of in lives.items():
        surgery = sits[option]
        parted = sum(bond for one, other, bond in pairs if home_of[one] != home_of[other])
        misaligned = sum(n for p, a, n in registrations if home_of[a] != surgery[p])
        changing = 0.0
        for weight, shares in teams.values():
            held = defaultdict(float)
            for lsoa, people in shares:
                held[home_of[lsoa]] += people
            changing += weight * (sum(held.values()) - max(held.values()))
        objective = misaligned
        objective += 0.0 if "teams" in left_out[option] else changing
        objective += 0.0 if "bonds" in left_out[option] else parted
        found[option] = (parted, misaligned, objective)
    return found


def _place(path: Path):
    """Return registrations, and for each team its weight and residents by LSOA."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    registrations = base.execute(
        "SELECT practice_code, lsoa_code, patients FROM registrations"
    ).fetchall()
    residents = dict(base.execute("SELECT lsoa_code, residents FROM lsoas"))
    about = json.loads(base.execute("SELECT text FROM about").fetchone()[0])
    weights = {layer["name"]: layer["weight"] for layer in about["teams"]}
    teams: dict[tuple[str, str], tuple[float, list[tuple[str, float]]]] = {}
    if weights:
        for layer, lsoa, team, share in base.execute(
            "SELECT layer, lsoa_code, team, share FROM shares"
        ):
            _, held = teams.setdefault((layer, team), (weights[layer], []))
            held.append((lsoa, share * residents[lsoa]))
    base.close()
    return registrations, teams


def differences(folder: str | Path) -> list[str]:
    """Print the figures of every option; return those that are not what ``options.csv`` says."""
    wrong = []
    said = {row["option_id"]: row for row in rows_of(Path(folder) / "options.csv")}
    for option, figures in recompute(folder).items():
        names = ("bonds_parted", "misaligned_patients", "objective")
        filed = [float(said[option][name]) for name in names]
        line = "  ".join(f"{name} {one:,.3f}" for name, one in zip(names, figures, strict=True))
        sys.stdout.write(f"{option}  {line}\n")
        for name, mine, theirs in zip(names, figures, filed, strict=True):
            if abs(mine - theirs) > 0.01:
                wrong.append(f"{option}: {name} is {theirs:,.3f}, counted {mine:,.3f}")
    return wrong


if __name__ == "__main__":
    found = differences(sys.argv[1])
    sys.stdout.write("\n".join(found or ["All as filed."]) + "\n")
    sys.exit(bool(found))
