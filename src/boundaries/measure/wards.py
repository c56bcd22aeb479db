"""Which wards a plan splits between neighbourhoods.

Goes in: a `Place` whose LSOAs name their wards, and a `Plan`. Comes out: one row a ward.
Next: `boundaries.measure.measure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = ["measure_wards"]


def measure_wards(place: Place, plan: Plan) -> pd.DataFrame:
    """Count the neighbourhoods that each ward's LSOAs lie in.

    Wards are made of whole LSOAs here (ONS best fit), so a real ward's edge may differ a little.

    Returns
    -------
    pandas.DataFrame
        Index ``ward_code``; columns ward_name, residents, neighbourhoods (count), split (bool).
        LSOAs without a ward are left out; empty when no wards were given.
    """
    lsoas = pd.DataFrame(place.lsoas[["ward_code", "ward_name", "residents"]])
    lsoas = lsoas.assign(label=plan.lsoas.reindex(lsoas.index))
    lsoas = lsoas[lsoas["ward_code"].fillna("") != ""]
    wards = lsoas.groupby("ward_code").agg(
        ward_name=("ward_name", "first"),
        residents=("residents", "sum"),
        neighbourhoods=("label", "nunique"),
    )
    return wards.assign(split=wards["neighbourhoods"] > 1)
