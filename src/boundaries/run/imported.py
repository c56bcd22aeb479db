"""Somebody else's plan, as a `Plan` of this place: from two tables, or from polygons.

Goes in: a plan, its files or frames, and the place. Comes out: `Plan`. Frames are read as files of
them would be. Next: `boundaries.run.options` measures it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from boundaries.encodings import one_line
from boundaries.errors import InputError
from boundaries.measure import as_is_plan, require_cover
from boundaries.place import overlay_footprints
from boundaries.plan import Plan
from boundaries.problems import raise_on_errors
from boundaries.read import read_plan
from boundaries.study import file_of, is_table

if TYPE_CHECKING:
    from boundaries.place import Place
    from boundaries.problems import Problem
    from boundaries.read import PlanTables, Source

__all__ = ["Given", "given_plan", "imported_plan"]


@dataclass(frozen=True)
class Given:
    """Where a plan came from: words for its title, its files, and what was noted in them."""

    title: str
    sources: tuple[Source, ...] = ()
    problems: tuple[Problem, ...] = ()


def given_plan(
    place: Place, plan: Any, practices: Any = None, *, option: str | None, name: str | None
) -> tuple[Plan, Given]:
    """Return somebody's plan, whatever shape it came in.

    Parameters
    ----------
    place
        The place.
    plan
        A `Plan`, or LSOAs as a path, Series, DataFrame or GeoDataFrame.
    practices
        Practices as a path, Series or DataFrame, or None.
    option, name
        As in `boundaries.read.read_plan`.

    Raises
    ------
    InputError
        With every fault of the files or frames.
    PlanError
        When the plan leaves out LSOAs or practices of the place, or names others.
    """
    if isinstance(plan, Plan):
        if practices is not None or option is not None or name is not None:
            raise InputError("A Plan has its practices: leave out practices, option and name.")
        require_cover(place, plan)
        return plan, Given("from Python")
    lsoas = _file(plan, "lsoa_code", "plan")
    theirs = None if practices is None else _file(practices, "practice_code", "practices")
    tables = read_plan(lsoas, theirs, option_id=option, name=name)
    found, problems = imported_plan(place, tables)
    title = "from Python" if is_table(plan) else one_line(lsoas.stem)
    return found, Given(title, tables.sources, problems)


def _file(given: Any, key: str, role: str) -> Path:
    """Return a path as it is, and a frame as a file; a Series is a column by its index."""
    if not is_table(given):
        return Path(given)
    if given.ndim == 1 and not hasattr(given, "to_wkb"):
        given = given.rename("neighbourhood").rename_axis(key)
    return file_of(given, role)


def imported_plan(place: Place, tables: PlanTables) -> tuple[Plan, tuple[Problem, ...]]:
    """Return the plan, and what was noted on the way.

    Notes
    -----
    Without a table of practices nobody moves: each PCN sits in the neighbourhoods where most of
    its patients live (as many as its span), a practice without a PCN where most of its own do.

    Raises
    ------
    InputError
        When polygons leave LSOAs of the place out.
    PlanError
        When the plan leaves out LSOAs or practices of the place, or names others.
    """
    problems = tables.problems
    lsoas = tables.lsoas
    if lsoas is None:
        assert tables.layer is not None  # noqa: S101 - read_plan gives one or the other
        file = tables.sources[0].file if tables.sources else "the plan"
        lsoas, found = overlay_footprints(place.lsoas, tables.layer, file=file)
        problems += found
        raise_on_errors(problems)
    assert lsoas is not None  # noqa: S101 - raised just above otherwise
    if tables.practices is not None:
        plan = Plan(lsoas, tables.practices)
        require_cover(place, plan)
        return plan, problems
    require_cover(place, Plan(lsoas, pd.Series("", index=place.practices.index)))
    return as_is_plan(replace(place, footprints={"today": lsoas})), problems
