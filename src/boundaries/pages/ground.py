"""The ground under the colours: water, parks, railways, roads; names of stations and places.

Goes in: a place's context. Comes out: its part of the map's payload, and the same shapes drawn on
the report's pictures. What has no context draws nothing. Next: `boundaries.pages.payload_place`
and `boundaries.pages.pictures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from boundaries.pages.arcs import to_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from boundaries.place import Place

__all__ = ["draw_ground", "ground_payload", "names_of"]

COLOURS: Final = {"water": "#8fc1e3", "park": "#a9d3a0", "rail": "#59636b", "road": "#8d969d"}
"""They are seen through the colours of neighbourhoods: stronger here than they come to look."""

_MOST_NAMES: Final = 60
"""Candidates in a page; some ten to twenty of them find room."""


def ground_payload(place: Place, corner: NDArray[Any]) -> dict[str, Any]:
    """Return rings, lines and names, each as steps of whole units from the place's corner."""
    context = place.context
    found: dict[str, Any] = {"areas": {}, "lines": {}, "names": []}
    for kind in COLOURS:
        shapes = np.asarray(context.geometry[context["kind"] == kind])
        flat = shapely.get_dimensions(shapes)
        areas = shapely.union_all(shapes[flat == 2]) if (flat == 2).any() else None
        if areas is not None:
            rings = shapely.get_parts(shapely.get_parts(shapely.boundary(areas)))
            found["areas"][kind] = _steps(rings, corner)
        if (flat == 1).any():
            lines = shapely.get_parts(shapely.line_merge(shapely.union_all(shapes[flat == 1])))
            found["lines"][kind] = _steps(lines, corner)
    for _, row in names_of(place).iterrows():
        ((x, y),) = to_grid(gpd.GeoSeries([row.geometry], crs=context.crs)) - corner
        found["names"].append([int(x), int(y), row["label"], row["kind"]])
    return found


def names_of(place: Place) -> gpd.GeoDataFrame:
    """Return what may be written, the most telling first: places, then stations, from the middle.

    Of two with one name the first is kept.
    """
    context = place.context
    named = context[context["kind"].isin(["station", "place"])]
    inside = named[named.geometry.intersects(shapely.box(*place.lsoas.total_bounds))]
    inside = inside.drop_duplicates("label")
    middle = shapely.points(
        place.lsoas[["centre_e", "centre_n"]].to_numpy(dtype=float).mean(axis=0)
    )
    far = inside.geometry.distance(middle).round(1)
    order = inside.assign(far=far).sort_values(["kind", "far", "label"])
    return order.drop(columns="far").head(_MOST_NAMES)


def _steps(lines: NDArray[Any], corner: NDArray[Any]) -> list[list[int]]:
    """Return each line as steps on the page's grid; points that fall together are written once."""
    found = []
    for line in lines:
        points = to_grid(gpd.GeoSeries([line], crs=27700))
        keep = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
        steps = np.diff(np.vstack([corner, points[keep]]), axis=0)
        if len(steps) > 1:
            found.append([int(step) for step in steps.ravel()])
    return found


def draw_ground(axes: Axes, place: Place) -> None:
    """Draw the shapes under an option's colours, on axes in metres; nothing without context."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as DrawnPath

    context = place.context
    for kind, colour in COLOURS.items():
        shapes = np.asarray(context.geometry[context["kind"] == kind])
        flat = shapely.get_dimensions(shapes)
        if (flat == 2).any():
            rings = shapely.get_parts(
                shapely.get_parts(shapely.boundary(shapely.union_all(shapes[flat == 2])))
            )
            path = DrawnPath.make_compound_path(*(DrawnPath(_xy(ring)) for ring in rings))
            axes.add_patch(PathPatch(path, facecolor=colour, linewidth=0, zorder=0.5))
        parts = shapely.get_parts(shapes[flat == 1])
        if len(parts):
            width = 1.4 if kind == "water" else 0.9
            lines = LineCollection(
                [_xy(part) for part in parts], colors=colour, linewidths=width, zorder=0.6
            )
            axes.add_collection(lines, autolim=False)


def _xy(line: Any) -> Any:
    return shapely.get_coordinates(line)
