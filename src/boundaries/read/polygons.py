"""Layers of polygons and points, always in British National Grid metres.

Goes in: a layer part. Comes out: a GeoDataFrame in EPSG:27700, with a problem for every shape that
is empty and for every layer whose coordinates cannot be what they say they are.
Next: `boundaries.read.areas` (LSOAs, wards, boroughs) and `boundaries.read.layers` (teams).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from pyproj import CRS
from shapely import (
    STRtree,
    get_coordinates,
    get_num_coordinates,
    get_parts,
    linestrings,
    make_valid,
)

from boundaries import gdal
from boundaries.limits import how_to_raise, limit
from boundaries.problems import Problem
from boundaries.read.parts import (
    Part,
    UnreadableError,
    broken_layer,
    fault,
    open_layer,
    unreadable,
)
from boundaries.read.values import readable_cells

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["read_layer"]

BNG: Final = 27700
_GRID: Final = (-100_000.0, 800_000.0, 1_400_000.0)  # least, most east, most north; a margin
_NO_CRS: Final = (
    "Open it in QGIS, set the layer's reference system to what its maker used "
    "(EPSG:27700 for metres, EPSG:4326 for degrees), and save it as GeoPackage."
)


def read_layer(part: Part, columns: list[str], problems: list[Problem]) -> gpd.GeoDataFrame:
    """Read a layer in EPSG:27700.

    Parameters
    ----------
    part
        A layer part.
    columns
        Headings of the attributes wanted, as they stand in the file.
    problems
        Grows by a note when the layer was reprojected, a warning for shapes mended and an error
        for shapes missing.

    Returns
    -------
    geopandas.GeoDataFrame
        The wanted attributes and valid geometry in EPSG:27700; index ``row``, counted from 1;
        rows without a shape left out (they are errors).

    Raises
    ------
    UnreadableError
        When the layer cannot be read, has no reference system, or has coordinates that do not
        fit it or do not lie in Great Britain.
    """
    frame = _read(part, columns)
    frame = _in_metres(part, frame, problems)
    if _is_first_page(part):
        said = f"The web service gave only its first {len(frame):,} shapes."
        fix = "Download the whole layer (Download button, not the API), or all its pages."
        problems.append(fault(part.name, said, fix))
    frame.index = frame.index + 1
    frame.index.name = "row"
    cells, dropped = readable_cells(pd.DataFrame(frame[columns]), file=part.name)
    problems += dropped
    frame = frame.assign(**{name: cells[name] for name in columns})
    missing = frame.geometry.isna() | frame.geometry.is_empty
    for row in frame.index[missing]:
        fix = "Draw the shape, or delete the row."
        said = "The row has no shape, or one whose outline is not closed."
        problems.append(fault(part.name, said, fix, row=int(row)))
    frame = frame[~missing]
    _refuse_many_points(part, frame)
    frame = _polygons_of(part, frame, problems)
    invalid = ~frame.geometry.is_valid
    if invalid.any():
        _refuse_tangles(part, frame.geometry[invalid])
        said = f"{int(invalid.sum())} shapes cross themselves; each was mended (make valid)."
        fix = "Mend them in the source to be sure of their outline."
        problems.append(Problem("warning", part.name, None, "", "geometry", said, fix))
        frame.loc[invalid, "geometry"] = make_valid(frame.loc[invalid, "geometry"].to_numpy())
    return frame


def _refuse_many_points(part: Part, frame: gpd.GeoDataFrame) -> None:
    points = int(get_num_coordinates(frame.geometry.to_numpy()).sum())
    if points > limit("vertices"):
        said = f"The outlines of the layer have {points:,} points."
        raise UnreadableError(fault(part.name, said, how_to_raise("vertices")))


_PAIRS: Final = 1_000_000  # of lines, looked at in one go


def _refuse_tangles(part: Part, shapes: pd.Series[Any]) -> None:
    """Refuse outlines that cross themselves so often that mending them would take minutes."""
    found = 0
    for row, shape in shapes.items():
        for outline in get_parts(shape.boundary):
            ends = get_coordinates(outline)
            lines = np.asarray(linestrings(np.stack([ends[:-1], ends[1:]], axis=1)))
            tree, step = STRtree(lines), max(1, _PAIRS // len(lines))
            for first in range(0, len(lines), step):
                some = lines[first : first + step]
                found += tree.query(some, predicate="crosses").shape[1] // 2
                if found > limit("crossings"):
                    said = f"The outline crosses itself over {limit('crossings'):,} times."
                    fix = f"Mend it in QGIS (Fix geometries). {how_to_raise('crossings')}"
                    raise UnreadableError(fault(part.name, said, fix, row=row))


def _polygons_of(part: Part, frame: gpd.GeoDataFrame, problems: list[Problem]) -> gpd.GeoDataFrame:
    """Leave out the pins and lines that stand beside polygons, as on a map drawn by hand."""
    others = frame.geom_type.isin(["Point", "MultiPoint", "LineString", "MultiLineString"])
    if not others.any() or others.all():
        return frame
    said = f"{int(others.sum())} pins or lines beside the polygons were left out."
    problems.append(Problem("note", part.name, None, "", "geometry", said, "Nothing."))
    return frame[~others]


def _is_first_page(part: Part) -> bool:
    """Say whether an ArcGIS service cut its answer: it marks the GeoJSON so."""
    if part.member or part.sheet:
        return False
    with part.path.open("rb") as stream:
        start = stream.read(1 << 14)
        if not start.lstrip().startswith(b"{"):
            return False
        stream.seek(max(0, part.path.stat().st_size - (1 << 14)))
        text = start + stream.read()
    return re.search(rb'"exceededTransferLimit"\s*:\s*true', text) is not None


def _read(part: Part, columns: list[str]) -> gpd.GeoDataFrame:
    with unreadable(part.name, broken_layer(part)):
        return gdal.read_frame(open_layer(part), part.sheet or None, columns=columns, force_2d=True)


def _in_metres(part: Part, frame: gpd.GeoDataFrame, problems: list[Problem]) -> gpd.GeoDataFrame:
    if frame.crs is None:
        said = "The layer does not say its coordinate reference system."
        raise UnreadableError(fault(part.name, said, _NO_CRS, field="crs"))
    crs = CRS.from_user_input(frame.crs)
    low_x, low_y, high_x, high_y = (float(value) for value in frame.total_bounds)
    degrees = low_x >= -180 and high_x <= 180 and low_y >= -90 and high_y <= 90
    if crs.is_geographic and not degrees:
        said = f"The layer says degrees ({crs.name}), but its coordinates are metres."
        raise UnreadableError(fault(part.name, said, _NO_CRS, field="crs"))
    if crs.is_projected and degrees:
        said = f"The layer says metres ({crs.name}), but its coordinates are degrees."
        raise UnreadableError(fault(part.name, said, _NO_CRS, field="crs"))
    if crs.to_epsg() != BNG:
        frame = _reprojected(part, frame, crs, problems)
    bounds = frame.total_bounds
    below, above = bounds[:2].min() < _GRID[0], bounds[2] > _GRID[1] or bounds[3] > _GRID[2]
    if below or above:
        said = "The layer does not lie in Great Britain: its axes may be swapped."
        raise UnreadableError(fault(part.name, said, _NO_CRS, field="crs"))
    return frame


def _reprojected(
    part: Part, frame: gpd.GeoDataFrame, crs: CRS, problems: list[Problem]
) -> gpd.GeoDataFrame:
    if crs.name.replace("_", " ").lower() in {
        "british national grid",
        "osgb36 / british national grid",
    }:
        return frame.set_crs(BNG, allow_override=True)  # the same grid without its EPSG number
    said = f"The layer was in {crs.name}; it was reprojected to British National Grid."
    fix = "Positions may be off by up to about 5 m; use layers in EPSG:27700 where you can."
    problems.append(Problem("note", part.name, None, "", "crs", said, fix))
    return frame.to_crs(BNG)
