"""Who lives in which team's patch: the share of each LSOA's residents, team by team.

Goes in: polygons, with points where people live if supplied. Comes out: shares, and what did not
fit: overlaps, gaps, slivers. Next: `boundaries.place.build`. `boundaries.place.lookups` does the
same for layers given as a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.checks.words import counted
from boundaries.place.unfit import (
    alike_names,
    left_aside,
    overlaps_and_gaps,
    tidy_shares,
    without_points,
)
from boundaries.problems import Problem

if TYPE_CHECKING:
    from boundaries.read.tables import LayerTable

__all__ = ["SLIVER", "shares_by_overlap"]

SLIVER: Final = 0.02
THIN_M: Final = 20.0
MOST_THIN: Final = 0.2
"""An overlap, or a gap, of under 2 % of an LSOA's area is drawing tolerance and not a decision; so
is one of under 20 % that is nowhere wider than 20 m, by which ONS boundaries are generalised: two
publishers' versions of one border differ by as much. Not used where points are supplied."""

_KEYS = ["lsoa_code", "team"]


def shares_by_overlap(
    lsoas: gpd.GeoDataFrame, layer: LayerTable, *, file: str
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Share each LSOA's residents over the patches that overlap it.

    Parameters
    ----------
    lsoas
        Index ``lsoa_code``; column residents; EPSG:27700.
    layer
        Polygons, index team name; and points where people live (easting, northing, residents),
        or None to weight by area. An LSOA that no point falls in is weighted by area.
    file
        File name for messages.

    Returns
    -------
    tuple
        Columns lsoa_code, team, share (6 decimals; they sum to at most 1 an LSOA), sorted; and
        problems: residents in several patches (shared out between them), in none, slivers put
        right, patches outside the place.
    """
    assert layer.polygons is not None  # noqa: S101 - the caller looked
    patches = layer.polygons[["geometry"]].rename_axis("team").reset_index()
    patches["geometry"] = shapely.make_valid(patches.geometry.to_numpy())
    raw, small = _without_slivers(_by_area(lsoas, patches), lsoas)
    problems: list[Problem] = []
    if layer.points is not None:
        weighed = _by_points(lsoas, patches, layer.points)
        if weighed.empty:
            said = f"None of the {len(layer.points):,} points where people live lies in the place."
            fix = "Check that easting and northing stand under their own headings."
            return tidy_shares(raw, pd.Series(1.0, index=lsoas.index)), (
                Problem("error", file, None, "", "points", said, fix),
            )
        raw = pd.concat([raw[~raw["lsoa_code"].isin(weighed["lsoa_code"])], weighed])
        raw = raw[raw["team"].notna() & (raw["share"] > 0)]
        problems += without_points(lsoas.index.difference(pd.Index(weighed["lsoa_code"])), file)
        small = small[~small["lsoa_code"].isin(weighed["lsoa_code"])]
    residents = lsoas["residents"]
    if len(small):
        people = (small["lsoa_code"].map(residents) * small["share"]).sum()
        said = (
            f"Taken for drawing tolerance: {counted(len(small), 'sliver')} under {SLIVER:.0%} of"
            f" an LSOA, or under {THIN_M:.0f} m wide (about {people:,.0f} residents)."
        )
        problems.append(Problem("note", file, None, "", "geometry", said, "Nothing."))
    total = raw.groupby("lsoa_code")["share"].sum().reindex(lsoas.index).fillna(0.0)
    problems += overlaps_and_gaps(total, residents, file)
    outside = sorted(set(patches["team"].astype(str)) - set(raw["team"].astype(str)))
    if raw.empty:
        said = (
            f"None of the {counted(len(patches), 'patch', 'patches')} of {file} touches the place."
        )
        fix = "Check that it is the right layer, in the right reference system."
        problems = [Problem("error", file, None, "", "geometry", said, fix)]
    else:
        problems += left_aside(outside, "patch", "patches", file)
    problems += alike_names(patches["team"], file)
    return tidy_shares(raw, total), tuple(problems)


def _by_area(lsoas: gpd.GeoDataFrame, patches: gpd.GeoDataFrame) -> pd.DataFrame:
    """Overlaps: lsoa_code, team, share of the LSOA's area, and the overlap itself."""
    shapes, areas = lsoas.geometry.to_numpy(), lsoas.geometry.area.to_numpy()
    left, right = patches.sindex.query(shapes, predicate="intersects")
    overlap = shapely.intersection(shapes[left], patches.geometry.to_numpy()[right])
    rows = pd.DataFrame(
        {
            "lsoa_code": lsoas.index.to_numpy()[left],
            "team": patches["team"].to_numpy()[right],
            "share": shapely.area(overlap) / areas[left],
            "overlap": overlap,
        }
    )
    return rows[rows["share"] > 1e-9].reset_index(drop=True)


def _without_slivers(
    raw: pd.DataFrame, lsoas: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take slivers out, give what they held to the others, and close gaps of a sliver's size."""
    small = raw["share"] < SLIVER
    doubtful = ~small & (raw["share"] < MOST_THIN)
    small[doubtful] = _thin(raw.loc[doubtful, "overlap"].to_numpy())
    kept = raw.loc[~small, [*_KEYS, "share"]]
    before = raw.groupby("lsoa_code")["share"].sum()
    after = kept.groupby("lsoa_code")["share"].sum()
    goal = before.reindex(after.index)
    goal = goal.where((goal - 1).abs() > SLIVER, 1.0)
    short = goal.index[(goal < 1) & (goal > 1 - MOST_THIN)]
    held = raw[raw["lsoa_code"].isin(short)].groupby("lsoa_code")["overlap"]
    covered = np.array([shapely.union_all(list(held.get_group(code))) for code in short])
    gaps = shapely.difference(np.array(lsoas.geometry.reindex(short)), covered)
    goal.loc[short] = goal.loc[short].where(~_thin(gaps), 1.0)
    kept = kept.assign(share=kept["share"] * kept["lsoa_code"].map(goal / after))
    return kept, raw.loc[small, [*_KEYS, "share"]]


def _thin(shapes: np.ndarray) -> np.ndarray:
    """Say which shapes are nowhere wider than ``THIN_M``: nothing is left a half-width inside."""
    left: np.ndarray = shapely.is_empty(shapely.buffer(shapes, -THIN_M / 2))
    return left


def _by_points(
    lsoas: gpd.GeoDataFrame, patches: gpd.GeoDataFrame, points: pd.DataFrame
) -> pd.DataFrame:
    people = gpd.GeoDataFrame(
        {"residents": points["residents"].to_numpy(dtype="float64")},
        geometry=gpd.points_from_xy(points["easting"], points["northing"]),
        crs=lsoas.crs,
    )
    people = people[people["residents"] > 0]
    homes = people.sjoin(lsoas[["geometry"]].reset_index(), predicate="intersects")
    homes = homes[~homes.index.duplicated()].drop(columns="index_right")
    living = homes.groupby("lsoa_code")["residents"].sum()
    in_patch = homes.sjoin(patches, predicate="intersects", how="left")
    rows = in_patch.groupby(_KEYS, dropna=False)["residents"].sum().reset_index()
    rows["share"] = rows["residents"] / rows["lsoa_code"].map(living).astype("float64")
    return rows[[*_KEYS, "share"]]
