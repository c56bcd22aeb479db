"""Totals of a table that Nomis gives by its API: one row for each area, sex, age and measure.

Goes in: a loaded table of residents whose numbers stand in ``OBS_VALUE``. Comes out: one row an
area: everybody, and those aged 65 and over where they were asked for.
Next: `boundaries.read.people`.

Every dimension of the table has a column ``…_NAME`` (nomisweb.co.uk/api/v01/help). A row counts
everybody when each of them says a total ("Total", "All Ages", "All usual residents").
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.problems import Problem
from boundaries.read.columns import tidy_heading
from boundaries.read.grids import read_grid
from boundaries.read.parts import fault
from boundaries.read.values import by_unique, clean_codes

if TYPE_CHECKING:
    from boundaries.read.load import Loaded

__all__ = ["totals_of"]

_ABOUT: Final = frozenset(
    {"geography_name", "obs_status_name", "obs_conf_name", "urn_name", "freq_name"}
)
_TOTAL: Final = re.compile(r"^(total|all|persons?)\b", re.IGNORECASE)
_65: Final = re.compile(r"^(age|aged)? ?65 ?(\+|and over|years and over)$", re.IGNORECASE)
_VALUE: Final = re.compile(r"^(value|persons?|count|number)$", re.IGNORECASE)


def totals_of(part: Loaded, problems: list[Problem]) -> Loaded:
    """Keep the rows that count everybody; any other table is returned as it is.

    Parameters
    ----------
    part
        A table read for the role of residents.
    problems
        Grows by an error when no row counts everybody, by a note when several years are there.

    Returns
    -------
    Loaded
        One row an area, with a column residents_65_plus where the table has rows for that age.
    """
    if tidy_heading(part.match.heading("residents")) != "obs_value":
        return part
    dimensions = _dimensions(part)
    frame = part.frame
    counts = _says(dimensions.pop("measures_name", None), frame, _VALUE)
    frame, counts = _newest(part, frame, counts, dimensions.pop("date_name", None), problems)
    dimensions = {name: cells.reindex(frame.index) for name, cells in dimensions.items()}
    totals = {name: _says(cells, frame, _TOTAL) for name, cells in dimensions.items()}
    everybody = counts & pd.DataFrame(totals, index=frame.index).all(axis=1)
    if not everybody.any():
        said = (
            "No row counts everybody: " + ", ".join(sorted(dimensions)).upper() + " have no total."
        )
        fix = "Ask Nomis for all ages and both sexes together (c_age=200, gender=0)."
        problems.append(fault(part.part.name, said, fix, field="residents"))
    kept = frame[everybody]
    ages = [name for name in dimensions if "age" in name]
    if len(ages) == 1:
        others = [totals[name] for name in totals if name != ages[0]]
        older = counts & _says(dimensions[ages[0]], frame, _65)
        for other in others:
            older &= other
        by_code = pd.Series(
            frame.loc[older, "residents"].to_numpy(),
            index=clean_codes(frame.loc[older, "lsoa_code"]),
        )
        if older.any():
            by_code = by_code[~by_code.index.duplicated()]
            kept = kept.assign(residents_65_plus=clean_codes(kept["lsoa_code"]).map(by_code))
    return replace(part, frame=kept)


def _dimensions(part: Loaded) -> dict[str, pd.Series]:
    """Return the cells of every column that names what a row counts."""
    tidy = [tidy_heading(text) for text in part.match.headings]
    wanted = {
        text: place
        for place, text in enumerate(tidy)
        if text.endswith("_name") and text not in _ABOUT and not text.startswith("geography")
    }
    if not wanted:
        return {}
    frame, _ = read_grid(part.part, header=part.match.header, wanted=wanted)
    return {name: frame[name].reindex(part.frame.index) for name in frame.columns}


def _says(
    cells: pd.Series | None, frame: pd.DataFrame, pattern: re.Pattern[str]
) -> pd.Series[bool]:
    """Say of each row whether its cell has a pattern; yes when there is no such column."""
    if cells is None:
        return pd.Series(data=True, index=frame.index)
    places, answers = by_unique(cells, lambda text: bool(pattern.match(text.strip())))
    return pd.Series(pd.array(answers, dtype="bool").take(places), index=cells.index)


def _newest(
    part: Loaded, frame: pd.DataFrame, counts: pd.Series[bool], dates: pd.Series | None,
    problems: list[Problem],
) -> tuple[pd.DataFrame, pd.Series[bool]]:  # fmt: skip
    """Keep the newest year; the years of one table must not be added up."""
    years = [] if dates is None else sorted({str(text).strip() for text in dates} - {""})
    if dates is None or len(years) < 2:
        return frame, counts
    said = f"The table has several dates ({', '.join(years)}); {years[-1]} was taken."
    problems.append(Problem("note", part.part.name, None, "", "date", said, "Nothing."))
    keep = dates.astype(str).str.strip() == years[-1]
    return frame[keep], counts[keep]
