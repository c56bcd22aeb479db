"""Whether a plan speaks of exactly the LSOAs and practices of a place.

Goes in: a `Place` and a `Plan`. Comes out: nothing, or one error that names every code at fault.
Next: the measures, which may then trust every look-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boundaries.errors import PlanError
from boundaries.read.columns import lsoa_year

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = ["require_cover"]

_SHOWN = 10


def require_cover(place: Place, plan: Plan) -> None:
    """Check that the plan places every LSOA and practice of the place, and no others.

    Raises
    ------
    PlanError
        Naming the codes that are missing and those that are not of the place, at once.
    """
    faults = [
        *_faults("LSOA", place.lsoas.index, plan.lsoas.index),
        *_faults("practice", place.practices.index, plan.practices.index),
    ]
    if faults:
        faults += _other_census(place, plan)
        raise PlanError(f"The plan does not fit {place.name}. " + " ".join(faults))


def _other_census(place: Place, plan: Plan) -> list[str]:
    """Say when the plan's LSOAs are those of the other census."""
    missing = place.lsoas.index.difference(plan.lsoas.index)
    unknown = plan.lsoas.index.difference(place.lsoas.index)
    if missing.empty or unknown.empty:
        return []
    new_missing, new_unknown = (lsoa_year("", list(codes)) for codes in (missing, unknown))
    year = 2011 if new_missing and not new_unknown else 2021 if new_unknown else None
    if year is None or year == place.lsoa_year:
        return []
    said = f"These are {year} codes; the place is drawn in {place.lsoa_year} codes:"
    fix = "turn the plan into them with the ONS lookup of 2011 to 2021 LSOAs, or draw it anew."
    return [f"{said} {fix}"]


def _faults(what: str, of_place: pd.Index[str], of_plan: pd.Index[str]) -> list[str]:
    missing = of_place.difference(of_plan)
    unknown = of_plan.difference(of_place)
    faults = []
    if len(missing):
        faults.append(f"No neighbourhood is given for {_count(what, missing)}: add them.")
    if len(unknown):
        faults.append(f"Not in the place: {_count(what, unknown)}: take them out.")
    return faults


def _count(what: str, codes: pd.Index[str]) -> str:
    more = ", …" if len(codes) > _SHOWN else ""
    return (
        f"{len(codes)} {what}{'' if len(codes) == 1 else 's'} ({', '.join(codes[:_SHOWN])}{more})"
    )
