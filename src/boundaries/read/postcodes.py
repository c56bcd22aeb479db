"""Coordinates of postcodes: OS Code-Point Open, or any table with postcode, easting, northing.

Goes in: the files and the postcodes wanted. Comes out: only those postcodes, because Great
Britain has 1.7 million. Next: `boundaries.checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from boundaries.codes import normalise_postcode
from boundaries.problems import Problem
from boundaries.read.load import Loaded, load_parts, source_of
from boundaries.read.values import by_unique, clean_codes, clean_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from boundaries.read.kinds import Recognised
    from boundaries.read.tables import Source

__all__ = ["read_postcodes"]


def read_postcodes(
    paths: Iterable[Path], wanted: Iterable[str], problems: list[Problem]
) -> tuple[pd.DataFrame | None, list[Source]]:
    """Read the coordinates of the postcodes wanted.

    Parameters
    ----------
    paths
        Code-Point Open as issued (a zip of CSV files without headings), or tables.
    wanted
        Postcodes, normalised with one space.
    problems
        Grows by every fault.

    Returns
    -------
    tuple[pandas.DataFrame | None, list[Source]]
        Index ``postcode`` (normalised, sorted, unique); columns easting, northing (metres; missing
        where the publisher has none) and borough_code; the files read.
    """
    files = list(paths)
    asked = set(wanted)
    areas = {_area(code) for code in asked}
    loaded = load_parts(files, "postcodes", problems, only=lambda known: _may_hold(known, areas))
    if not loaded:
        return None, []
    tables = [_tidy(part, asked, problems) for part in loaded]
    whole = pd.concat(tables).sort_index(kind="stable")
    twice = whole[~whole.reset_index().duplicated().to_numpy()]
    twice = twice[twice.index.duplicated(keep=False)]
    if len(twice):
        said = f"{twice.index[0]} stands at several points: the first one counts."
        fix = "Keep one row a postcode, from the newest file."
        where = (loaded[0].part.name, None, str(twice.index[0]), "postcode")
        problems.append(Problem("warning", *where, said, fix))
    whole = whole[~whole.index.duplicated()]
    sources = []
    for path in files:
        parts = [part for part in loaded if part.part.path == path]
        if parts:
            rows = sum(len(part.frame) for part in parts)
            publisher = parts[0].publisher
            sources.append(
                source_of("postcodes", [p.part for p in parts], rows=rows, publisher=publisher)
            )
    return whole, sources


def _may_hold(known: Recognised, areas: set[str]) -> bool:
    """Say whether a part may have postcodes of some areas.

    Code-Point Open has one member for each area; any other table is read whole.
    """
    if known.match.header is not None or not known.part.member:
        return True
    place = known.match.places["postcode"]
    codes = {normalise_postcode(row[place]) for row in known.head.rows if place < len(row)}
    return bool({_area(code) for code in codes} & areas)


def _area(postcode: str) -> str:
    """Return the letters that a postcode begins with."""
    return postcode[: 2 if postcode[1:2].isalpha() else 1]


def _tidy(part: Loaded, asked: set[str], problems: list[Problem]) -> pd.DataFrame:
    places, answers = by_unique(part.frame["postcode"], normalise_postcode)
    codes = pd.Series(pd.array(answers, dtype="str").take(places), index=part.frame.index)
    keep = codes.isin(asked)
    frame = part.frame[keep]
    table = pd.DataFrame(index=frame.index)
    for name in ("easting", "northing"):
        cells = frame[name].rename(part.match.heading(name))
        values, faults = clean_numbers(cells, file=part.part.name, whole=False, required=False)
        problems += faults
        table[name] = values.where(values.fillna(0) > 0).astype("float64")
    if "borough_code" in frame:
        table["borough_code"] = clean_codes(frame["borough_code"])
    else:
        table["borough_code"] = pd.Series("", index=frame.index, dtype="str")
    table.index = pd.Index(codes[keep], name="postcode")
    return table
