"""Who lives in a place and is registered outside it, practice by practice.

Goes in: tables as read, and the place built from them. Comes out: patients by practice, so that
places can be laid beside each other. Next: `boundaries.run.region` counts flows between places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundaries.place.build import residents_by_code
from boundaries.place.vintage import to_2021

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from boundaries.place.place import Place

__all__ = ["registered_elsewhere"]


def registered_elsewhere(parts: Mapping[str, Any], place: Place) -> pd.Series[int]:
    """Count residents of a place by the practice outside it that they are registered with.

    Parameters
    ----------
    parts
        Tidy tables by the names of `boundaries.read.tables.Tables`: registrations, lsoas,
        residents and lsoa_lookup are used.
    place
        The place built from them.

    Returns
    -------
    pandas.Series
        Patients, index ``practice_code``, sorted; as far as the files show, in whole people.
    """
    rows = parts["registrations"][["practice_code", "lsoa_code", "patients"]]
    lookup, lsoas = parts.get("lsoa_lookup"), place.lsoas.index
    if lookup is not None and place.lsoa_year == 2021:
        codes = set(lsoas) | set(lookup.loc[lookup["lsoa21"].isin(lsoas), "lsoa11"])
        residents = residents_by_code(parts.get("residents"), parts["lsoas"], place.lsoas)
        rows = to_2021(rows[rows["lsoa_code"].isin(codes)], lookup, residents)
    away = rows["lsoa_code"].isin(lsoas) & ~rows["practice_code"].isin(place.practices.index)
    counts = rows[away & (rows["patients"] > 0)].groupby("practice_code")["patients"].sum()
    found: pd.Series[int] = counts.round().astype("int64").sort_index()
    return found
