"""Somebody else's plan, as a `Plan` of this place: from two tables, or from polygons.

Goes in: `PlanTables` (`boundaries.read.read_plan`) and the place. Comes out: `Plan`.
Next: `boundaries.run.options` measures it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.measure import as_is_plan, require_cover
from boundaries.place import overlay_footprints
from boundaries.plan import Plan
from boundaries.problems import raise_on_errors

if TYPE_CHECKING:
    from boundaries.place import Place
    from boundaries.problems import Problem
    from boundaries.read import PlanTables

__all__ = ["imported_plan"]


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
