"""Who lives in which team's patch: the share of each LSOA's residents, team by team.

Goes in: a layer as read (polygons, with points where people live if supplied; or a lookup by
LSOA, ward or MSOA). Comes out: `TeamLayer`, and what did not fit: overlaps, gaps, slivers.
Next: `boundaries.place.build`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.check.words import counted, listing
from boundaries.problems import Problem

if TYPE_CHECKING:
    from boundaries.read.tables import LayerTable

__all__ = ["footprint_of", "overlay_footprints", "shares_by_lookup", "shares_by_overlap"]

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
        raw = pd.concat([raw[~raw["lsoa_code"].isin(weighed["lsoa_code"])], weighed])
        raw = raw[raw["team"].notna() & (raw["share"] > 0)]
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
    problems += _overlaps_and_gaps(total, residents, file)
    outside = sorted(set(patches["team"].astype(str)) - set(raw["team"].astype(str)))
    problems += _outside(outside, file)
    return _tidy(raw, total), tuple(problems)


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
    rows = rows.rename(columns={"name": "team"}).drop_duplicates(_KEYS)
    rows["share"] = 1.0 / rows.groupby("lsoa_code")["team"].transform("size")
    total = rows.groupby("lsoa_code")["share"].sum().reindex(lsoas.index).fillna(0.0)
    problems += _overlaps_and_gaps(total, lsoas["residents"], file)
    return _tidy(rows, total), tuple(problems)


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


def overlay_footprints(
    lsoas: gpd.GeoDataFrame, layer: LayerTable, *, file: str
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

    Returns
    -------
    tuple
        As `footprint_of`.
    """
    by = shares_by_overlap if layer.polygons is not None else shares_by_lookup
    shares, found = by(lsoas, layer, file=file)
    names, more = footprint_of(shares, lsoas, file=file)
    return names, tuple(problem for problem in found if problem.level != "warning") + more


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
    rows["share"] = rows["residents"] / rows["lsoa_code"].map(living)
    return rows[[*_KEYS, "share"]]


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


def _overlaps_and_gaps(
    total: pd.Series[float], residents: pd.Series[int], file: str
) -> list[Problem]:
    problems = []
    twice = total[total > 1 + 1e-6]
    if len(twice):
        people = ((twice - 1) * residents.reindex(twice.index)).sum()
        said = (
            f"Patches overlap in {counted(len(twice), 'LSOA')}: about {people:,.0f} residents are"
            f" in more than one ({listing(twice.index)}). They are shared out in proportion."
        )
        fix = "Mend the patches so that each home has one team."
        problems.append(Problem("warning", file, None, "", "geometry", said, fix))
    short = total[total < 1 - 1e-6]
    if len(short):
        people = ((1 - short) * residents.reindex(short.index)).sum()
        said = (
            f"No team for about {people:,.0f} residents of {counted(len(short), 'LSOA')}"
            f" ({listing(short.index)}): counted as having none."
        )
        fix = "Nothing, if that is so; else extend the patches."
        problems.append(Problem("warning", file, None, "", "geometry", said, fix))
    return problems


def _outside(teams: list[str], file: str) -> list[Problem]:
    if not teams:
        return []
    said = f"Outside the place: {counted(len(teams), 'patch', 'patches')}: {listing(teams)}."
    return [Problem("note", file, None, "", "name", said, "Nothing: left aside.")]


def _tidy(rows: pd.DataFrame, total: pd.Series[float]) -> pd.DataFrame:
    """Scale overlaps down to 1 an LSOA, round to 6 decimals, sort."""
    rows = rows.groupby(_KEYS)["share"].sum().reset_index()
    over = rows["lsoa_code"].map(total.clip(lower=1.0))
    rows["share"] = (rows["share"] / over).round(6)
    rows = rows[rows["share"] > 0].sort_values(_KEYS, ignore_index=True)
    excess = (rows.groupby("lsoa_code")["share"].transform("sum") - 1).round(6).clip(lower=0.0)
    first = ~rows["lsoa_code"].duplicated()
    rows.loc[first, "share"] = (rows["share"] - excess)[first].round(6)
    return rows.astype({"lsoa_code": "str", "team": "str", "share": "float64"})
