"""Places to measure the solver on: London boroughs and others as studies, from tidy open data.

Goes in: names of boroughs ("Ealing", "Brent+Ealing" for two as one place), of folders of
``england`` beside London's ("Leeds"), or paths of studies, and the folder of data. Comes out:
`Study`. Next: `benchmarks.one_place` solves it.

What a borough's study says: LSOAs of 2011 with residents of mid-2020 and registrations of July
2022; K = max(2, residents / 60,000, rounded) neighbourhoods; residents of each within ±25 % of the
mean; spans and floors as they come; at most 0 to 5 practices move. The City of London has one
practice, so it goes with Hackney: all London is 32 places.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyogrio

from benchmarks.teams import LAYERS, write_teams
from boundaries.draft import RESIDENTS_A_NEIGHBOURHOOD
from boundaries.study import Study, load_study, parse_study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BAND", "Asked", "all_places", "find_data", "place_of", "study_of"]

BAND = 0.25
CITY, WITH = "City of London", "Hackney"
MOVES = 5
_LSOAS = "lsoas11.gpkg"
_STUDY = """
[place]
name = {name}
boroughs = {boroughs}
[data]
registrations = ["registrations.parquet", {elsewhere}]
practices = "practices.csv"
memberships_on = 2022-07-01
lsoas = "lsoas11.gpkg"
residents_column = "pop_mid2020"
[rules]
neighbourhoods = {count}
residents_band = {band}
[options]
max_moves = {moves}
best_fit = false
effort = "{effort}"
"""
_TEAMS = """
[teams.{key}]
file = {file}
label = {label}
"""


@dataclass(frozen=True)
class Asked:
    """What is measured: a place of districts in a folder of tidy data, or somebody's own study.

    Parameters
    ----------
    name
        What the table calls it.
    boroughs
        Its boroughs or other districts; empty for a study.
    path
        The study, or the folder of the data.
    band
        Residents of every neighbourhood within this share of the mean; None as it stands.
    moves
        Longest rung; None as it stands.
    effort
        ``quick``, ``standard`` or ``thorough``; None as it stands.
    teams
        Whether two layers of made-up teams count.
    """

    name: str
    boroughs: tuple[str, ...]
    path: Path
    band: float | None = None
    moves: int | None = None
    effort: str | None = None
    teams: bool = False


def find_data(given: Path | None) -> Path:
    """Return the folder of the tidy London data: the one given, or the one beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data" / "london"
    folder = (given or beside).resolve()
    if not (folder / _LSOAS).is_file():
        raise SystemExit(
            f"There is no {_LSOAS} in {folder}. Say where the tidy London data is: --data FOLDER. "
            "It holds lsoas11.gpkg, practices.csv and registrations.parquet."
        )
    return folder


def all_places(data: Path) -> list[str]:
    """Return the names of London's 32 places, the City of London with Hackney."""
    names = sorted(set(_lsoas(data, geometry=False)["district"]))
    return [f"{CITY}+{WITH}" if name == WITH else name for name in names if name != CITY]


def place_of(word: str, data: Path | None) -> Asked:
    """Return what a word of the command line asks for: a study, or boroughs joined by ``+``."""
    if word.endswith(".toml"):
        return Asked(word, (), Path(word).resolve())
    folder = find_data(data)
    elsewhere = folder.parent / "england" / word.casefold()
    if (elsewhere / _LSOAS).is_file():
        districts = set(_lsoas(elsewhere, geometry=False)["district"])
        return Asked(word, tuple(sorted(districts)), elsewhere)
    known = {name.casefold(): name for name in _lsoas(folder, geometry=False)["district"]}
    boroughs = []
    for part in word.split("+"):
        name = known.get(part.strip().casefold())
        if name is None:
            raise SystemExit(f"{part.strip()!r} is no place here. Known: {_listed(known)}.")
        boroughs += [CITY, WITH] if name in (CITY, WITH) else [name]
    unique = tuple(sorted(set(boroughs)))
    return Asked("+".join(unique), unique, folder)


def study_of(asked: Asked, scratch: Path) -> Study:
    """Return the study of a place; made-up teams are written into the scratch folder."""
    if not asked.boroughs:
        study = load_study(asked.path)
        changes: dict[str, object] = {"best_fit": False}
        if asked.moves is not None:
            changes["max_moves"] = asked.moves
        if asked.effort is not None:
            changes["effort"] = asked.effort
        options = study.options.model_copy(update=changes)
        return with_band(study.model_copy(update={"options": options}), asked.band)
    lsoas = _lsoas(asked.path, geometry=asked.teams)
    lsoas = lsoas[lsoas["district"].isin(asked.boroughs)]
    (others,) = asked.path.glob("registrations_*residents_at_other_practices.parquet")
    text = _STUDY.format(
        elsewhere=_quoted(others.name),
        name=_quoted(asked.name),
        boroughs=json.dumps(asked.boroughs),
        count=max(2, round(int(lsoas["pop_mid2020"].sum()) / RESIDENTS_A_NEIGHBOURHOOD)),
        band=BAND if asked.band is None else asked.band,
        moves=MOVES if asked.moves is None else asked.moves,
        effort=asked.effort or "standard",
    )
    if asked.teams:
        for key, file in write_teams(lsoas, scratch, place=asked.name).items():
            text += _TEAMS.format(
                key=key, file=_quoted(file.as_posix()), label=_quoted(LAYERS[key].label)
            )
    return parse_study(text, folder=asked.path)


def with_band(study: Study, band: float | None) -> Study:
    """Return the study with another band of residents."""
    if band is None:
        return study
    changes = {"residents_band": band, "residents": None}
    return study.model_copy(update={"rules": study.rules.model_copy(update=changes)})


def _lsoas(data: Path, *, geometry: bool) -> pd.DataFrame:
    """Return LSOAs with ``district``: London's file and the others name that column differently."""
    columns = ["lsoa11cd", "msoa11cd", "lad11nm", "lad_name", "pop_mid2020"]
    found: pd.DataFrame = pyogrio.read_dataframe(
        data / _LSOAS, columns=columns, read_geometry=geometry
    )
    return found.rename(columns={"lad11nm": "district", "lad_name": "district"})


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _listed(known: dict[str, str]) -> str:
    return ", ".join(sorted(known.values()))
