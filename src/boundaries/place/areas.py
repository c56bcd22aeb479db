"""The LSOAs of a place with everything that is said of them: wards, deprivation, centres.

Goes in: the LSOAs of the scope. Comes out: ``Place.lsoas`` and the borough polygons.
Next: `boundaries.place.build`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.checks.words import counted, listing, source_file
from boundaries.place.coverage import single_parts
from boundaries.problems import Problem
from boundaries.read.districts import code_today

if TYPE_CHECKING:
    from boundaries.read.tables import Tables

__all__ = ["borough_polygons", "describe_lsoas"]

_COLUMNS = [
    "lsoa_name", "borough_code", "borough_name", "residents", "residents_65_plus", "imd_decile",
    "imd_quintile", "ward_code", "ward_name", "centre_e", "centre_n", "geometry",
]  # fmt: skip


def describe_lsoas(
    lsoas: gpd.GeoDataFrame, tables: Tables
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Return ``Place.lsoas``, and msoa_code besides.

    Parameters
    ----------
    lsoas
        LSOAs of the scope with clean geometry.
    tables
        Deprivation, centroids and wards by LSOA, where supplied.

    Returns
    -------
    tuple
        The frame, and problems: LSOAs without a ward.
    """
    frame = lsoas.copy()
    frame["residents"] = frame["residents"].round().astype("int64")
    frame["imd_decile"] = _by_code(tables.deprivation, "imd_decile", frame, "imd_decile")
    frame["imd_decile"] = frame["imd_decile"].round().astype("Int64")
    frame["imd_quintile"] = (frame["imd_decile"] + 1) // 2
    inside = frame.geometry.representative_point()
    for column, source, axis in (("centre_e", "easting", "x"), ("centre_n", "northing", "y")):
        given = _by_code(tables.centroids, source, frame, column).astype("float64")
        frame[column] = given.fillna(getattr(inside, axis)).round(1)
    frame, problems = _with_wards(frame, inside, tables)
    if "msoa_code" not in frame.columns:
        frame["msoa_code"] = ""
    frame["msoa_code"] = frame["msoa_code"].fillna("").astype("str")
    for column in ("lsoa_name", "borough_code", "borough_name", "ward_code", "ward_name"):
        frame[column] = frame[column].astype("str")
    return frame[[*_COLUMNS, "msoa_code"]], tuple(problems)


def borough_polygons(lsoas: gpd.GeoDataFrame, tables: Tables) -> gpd.GeoDataFrame:
    """Return the boroughs of the place: from their own layer, else dissolved from the LSOAs.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``borough_code``, sorted; columns borough_name, geometry (EPSG:27700).
    """
    codes = sorted(lsoas["borough_code"].unique())
    own = lsoas[["borough_code", "borough_name", "geometry"]].dissolve(
        "borough_code", method="coverage"
    )
    if tables.boroughs is not None:
        layer = tables.boroughs[["borough_code", "borough_name", "geometry"]]
        now = {code_today(code): code for code in codes}  # a layer of another year: other codes
        named = layer["borough_code"].map(lambda code: now.get(code_today(code), code))
        alone = len(now) == len(codes)
        layer = layer.assign(borough_code=named if alone else layer["borough_code"])
        layer = layer[layer["borough_code"].isin(codes)].copy()
        layer["geometry"] = shapely.make_valid(layer.geometry.to_numpy())
        given = layer.dissolve("borough_code", aggfunc="first")
        own = pd.concat([given, own[~own.index.isin(given.index)]])
    own = own.sort_index()[["borough_name", "geometry"]]
    own["geometry"] = single_parts(own.geometry.to_numpy())
    own.index = own.index.astype("str").rename("borough_code")
    return own.astype({"borough_name": "str"})


def _by_code(
    table: pd.DataFrame | None, source: str, frame: gpd.GeoDataFrame, column: str
) -> pd.Series[float]:
    """Values of the table's column by LSOA; else of the layer's own column; else missing."""
    if table is not None:
        values = table.drop_duplicates("lsoa_code").set_index("lsoa_code")[source]
        values = values.reindex(frame.index)
    elif column in frame.columns:
        values = frame[column]
    else:
        values = pd.Series(np.nan, index=frame.index)
    return pd.to_numeric(values, errors="coerce").astype("Float64")


def _with_wards(
    frame: gpd.GeoDataFrame, inside: gpd.GeoSeries, tables: Tables
) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    """Fill ward_code and ward_name: from a lookup, from polygons by the LSOA's centre, or as is."""
    file = source_file(tables, "wards")
    for column in ("ward_code", "ward_name"):
        if column not in frame.columns:
            frame[column] = ""
        frame[column] = frame[column].fillna("").astype("str")
    if tables.wards is None:
        return frame, []
    if "lsoa_code" in tables.wards.columns:
        found = tables.wards.drop_duplicates("lsoa_code").set_index("lsoa_code")
        found = found.reindex(frame.index)
    else:
        found = _wards_by_point(frame, inside, tables.wards)
    for column in ("ward_code", "ward_name"):
        frame[column] = found[column].fillna("").astype("str")
    missing = frame.index[frame["ward_code"] == ""]
    if missing.empty:
        return frame, []
    said = f"No ward for {counted(len(missing), 'LSOA')} of the place: {listing(missing)}."
    fix = "Use wards that cover the place; these LSOAs are left out of the ward figures."
    return frame, [Problem("warning", file, None, "", "ward_code", said, fix)]


def _wards_by_point(
    frame: gpd.GeoDataFrame, inside: gpd.GeoSeries, wards: pd.DataFrame
) -> pd.DataFrame:
    layer = gpd.GeoDataFrame(wards, geometry="geometry", crs=frame.crs)
    layer = layer[["ward_code", "ward_name", "geometry"]]
    centres = gpd.GeoSeries.from_xy(frame["centre_e"], frame["centre_n"], crs=frame.crs)
    centres.index = frame.index
    found = pd.DataFrame(index=frame.index, columns=["ward_code", "ward_name"], dtype=object)
    for points in (centres, inside):
        left = found.index[found["ward_code"].isna()]
        points_left = gpd.GeoDataFrame(geometry=points.loc[left], crs=frame.crs)
        joined = points_left.sjoin(layer, predicate="intersects").sort_values("ward_code")
        joined = joined[~joined.index.duplicated()]
        for column in ("ward_code", "ward_name"):
            found.loc[joined.index, column] = joined[column]
    return found
