"""Teams and footprints given as a lookup: one row an LSOA, ward or MSOA.

Goes in: a lookup as read. Comes out: shares of 1 (or of equal parts where a merged LSOA's old
parts differ), and the areas that are in two teams or in none. Next: `boundaries.place.build`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from boundaries.checks.words import counted, listing
from boundaries.place.unfit import alike_names, left_aside, overlaps_and_gaps, tidy_shares
from boundaries.problems import Problem

if TYPE_CHECKING:
    import geopandas as gpd

    from boundaries.read.tables import LayerTable

__all__ = ["shares_by_lookup"]


def shares_by_lookup(
    lsoas: gpd.GeoDataFrame,
    layer: LayerTable,
    *,
    file: str,
    parents: dict[str, frozenset[str]] | None = None,
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Give each LSOA the team of its own code, its 2011 code, its ward or its MSOA.

    Parameters
    ----------
    lsoas
        Index ``lsoa_code``; columns residents, ward_code, msoa_code.
    layer
        Lookup with columns area_code and name.
    file
        File name for messages.
    parents
        The 2011 codes of each LSOA, for a lookup by 2011 LSOAs; a merged LSOA whose old parts
        have several teams is shared equally between them.

    Returns
    -------
    tuple
        Columns lsoa_code, team, share, sorted; and problems: an area in two teams (an error),
        LSOAs without a team, a lookup that names none of the place's areas (an error).
    """
    assert layer.lookup is not None  # noqa: S101 - the caller looked
    lookup = layer.lookup[["area_code", "name"]].drop_duplicates()
    lookup = lookup[lookup["name"].fillna("").astype(str).str.strip() != ""]
    keys = _area_keys(lsoas, lookup, parents or {})
    if keys is None:
        said = f"{file} names no LSOA, ward or MSOA of the place."
        fix = "Check its codes and their year; wards also need a wards file in [data]."
        none = pd.DataFrame({"lsoa_code": [], "team": [], "share": []})
        return none, (Problem("error", file, None, "", "area_code", said, fix),)
    used = lookup[lookup["area_code"].isin(keys["area_code"])]
    problems = []
    for code, group in used[used["area_code"].duplicated(keep=False)].groupby("area_code"):
        said = f"{code} is in {counted(len(group), 'team')}: {listing(group['name'])}."
        fix = "Keep one team an area, or give the patches as polygons."
        problems.append(Problem("error", file, None, str(code), "name", said, fix))
    rows = keys.merge(used.drop_duplicates("area_code"), on="area_code")
    rows = rows.rename(columns={"name": "team"}).drop_duplicates(["lsoa_code", "team"])
    rows["share"] = 1.0 / rows.groupby("lsoa_code")["team"].transform("size")
    total = rows.groupby("lsoa_code")["share"].sum().reindex(lsoas.index).fillna(0.0)
    problems += overlaps_and_gaps(total, lsoas["residents"], file)
    elsewhere = set(lookup["area_code"]) - set(used["area_code"])
    problems += left_aside(sorted(elsewhere), "area", "areas", file)
    problems += alike_names(used["name"], file)
    return tidy_shares(rows, total), tuple(problems)


def _area_keys(
    lsoas: gpd.GeoDataFrame, lookup: pd.DataFrame, parents: dict[str, frozenset[str]]
) -> pd.DataFrame | None:
    """Pairs of LSOA and the area code by which the lookup knows it."""
    known = set(lookup["area_code"])
    codes = pd.Series(lsoas.index, index=lsoas.index)
    best: pd.DataFrame | None = None
    for column in (codes, lsoas.get("ward_code"), lsoas.get("msoa_code")):
        if column is None:
            continue
        keys = pd.DataFrame({"lsoa_code": lsoas.index, "area_code": column.to_numpy()})
        keys = keys[keys["area_code"].isin(known)]
        if len(keys) and (best is None or len(keys) > len(best)):
            best = keys
    left = codes.index if best is None else codes.index.difference(best["lsoa_code"].tolist())
    old = [(code, old) for code in left for old in sorted(parents.get(code, ())) if old in known]
    if old:
        extra = pd.DataFrame(old, columns=["lsoa_code", "area_code"])
        best = extra if best is None else pd.concat([best, extra])
    return best
