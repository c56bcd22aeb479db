"""Neighbourhood footprints as somebody drew them: each LSOA, whole, with one of them.

Goes in: a layer of polygons or a lookup. Comes out: the footprint of every LSOA, and which LSOAs a
footprint's border cuts. Next: `boundaries.place.build`; `boundaries.run` for a plan drawn by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boundaries.checks.words import counted, listing
from boundaries.place.lookups import shares_by_lookup
from boundaries.place.shares import SLIVER, shares_by_overlap
from boundaries.problems import Problem

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from boundaries.read.tables import LayerTable

__all__ = ["footprint_of", "overlay_footprints"]


def overlay_footprints(
    lsoas: gpd.GeoDataFrame,
    layer: LayerTable,
    *,
    file: str,
    parents: dict[str, frozenset[str]] | None = None,
) -> tuple[pd.Series[str] | None, tuple[Problem, ...]]:
    """Give each LSOA the footprint of a layer that holds most of its residents.

    Parameters
    ----------
    lsoas
        Index ``lsoa_code``; columns lsoa_name, residents, ward_code, msoa_code; EPSG:27700.
    layer
        Polygons in EPSG:27700, or a lookup by LSOA, ward or MSOA.
    file
        File name for messages.
    parents
        The 2011 codes of each LSOA, for a lookup by 2011 LSOAs.

    Returns
    -------
    tuple
        As `footprint_of`.
    """
    if layer.polygons is not None:
        shares, found = shares_by_overlap(lsoas, layer, file=file)
    else:
        shares, found = shares_by_lookup(lsoas, layer, file=file, parents=parents)
    names, more = footprint_of(shares, lsoas, file=file)
    return names, tuple(problem for problem in found if problem.level != "warning") + more


def footprint_of(
    shares: pd.DataFrame, lsoas: gpd.GeoDataFrame, *, file: str
) -> tuple[pd.Series[str] | None, tuple[Problem, ...]]:
    """Give each LSOA the footprint that holds most of its residents (ties by name).

    Returns
    -------
    tuple
        A Series lsoa_code → name for every LSOA, or None when some LSOA is in no footprint; and
        problems: an error for each such LSOA, a note for LSOAs that a footprint's border cuts.
    """
    best = shares.sort_values(["lsoa_code", "share", "team"], ascending=[True, False, True])
    best = best.drop_duplicates("lsoa_code").set_index("lsoa_code")
    problems = []
    for code in lsoas.index.difference(best.index):
        said = f"LSOA {code} ({lsoas.loc[code, 'lsoa_name']}) is in no footprint."
        fix = "Footprints must cover the place: give it one."
        problems.append(Problem("error", file, None, str(code), "geometry", said, fix))
    cut = best.index[best["share"] < 1 - SLIVER]
    if len(cut):
        said = (
            f"A footprint's border cuts {counted(len(cut), 'LSOA')}: each goes whole with the"
            f" footprint that holds most of its residents ({listing(cut)})."
        )
        problems.append(Problem("note", file, None, "", "geometry", said, "Nothing."))
    if len(best) < len(lsoas):
        return None, tuple(problems)
    return best["team"].astype("str").rename("footprint").sort_index(), tuple(problems)
