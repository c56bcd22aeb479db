"""`plan.gpkg`: the options as layers for QGIS or ArcGIS, one attribute per option.

Goes in: a `Run`. Comes out: a GeoPackage with layers neighbourhoods, lsoas and practices in
EPSG:27700.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import MultiPolygon, Polygon, coverage_is_valid, coverage_union_all, union_all

from boundaries import gdal

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.run.run import Option, Run

__all__ = ["dissolve", "write_layers"]


def write_layers(run: Run, path: Path) -> None:
    """Write the GeoPackage.

    Notes
    -----
    ``neighbourhoods`` has a row for each option and neighbourhood. ``lsoas`` and ``practices``
    have a row each and a column for each option, named after it with underscores.
    """
    shapes = pd.concat([_neighbourhoods(run, option) for option in run.options])
    gdal.write_frame(gpd.GeoDataFrame(shapes, crs=27700), path, "neighbourhoods")
    for layer, frame in (("lsoas", run.place.lsoas), ("practices", run.place.practices)):
        side = {
            column_name(option.option_id): getattr(option.plan, layer) for option in run.options
        }
        wide = frame.assign(**{name: series.reindex(frame.index) for name, series in side.items()})
        gdal.write_frame(wide.reset_index(), path, layer)


def column_name(option_id: str) -> str:
    """Return an option's id as a column name that every GIS takes."""
    return re.sub(r"\W", "_", option_id)


def dissolve(lsoas: gpd.GeoDataFrame, labels: pd.Series[str]) -> gpd.GeoSeries:
    """Return one (multi)polygon for each label, in EPSG:27700, index the label.

    Notes
    -----
    A clean coverage is dissolved as one, which is faster and leaves no slivers; anything else by
    an ordinary union.
    """
    geometry = lsoas.geometry
    union = coverage_union_all if coverage_is_valid(np.asarray(geometry)) else union_all
    groups = {
        label: union(np.asarray(geometry.loc[members.index]))
        for label, members in labels.groupby(labels)
    }
    whole = {
        label: shape if isinstance(shape, (Polygon, MultiPolygon)) else shape.buffer(0)
        for label, shape in groups.items()
    }
    return gpd.GeoSeries(whole, crs=lsoas.crs)


def _neighbourhoods(run: Run, option: Option) -> gpd.GeoDataFrame:
    shapes = dissolve(run.place.lsoas, option.plan.lsoas)
    frame = option.measures.neighbourhoods.reindex(shapes.index)
    frame = frame.rename_axis("neighbourhood").reset_index()
    frame.insert(0, "option_id", option.option_id)
    return gpd.GeoDataFrame(frame, geometry=shapes.to_numpy(), crs=run.place.lsoas.crs)
