"""Borders once: the LSOAs as shared lines, so that a page is small and any grouping can be drawn.

Goes in: LSOA polygons in EPSG:27700. Comes out: `Arcs` in WGS 84, simplified together so that
neighbours still share every vertex. A border of a neighbourhood, a borough or a place is then the
arcs whose two sides differ: the page needs no other geometry. For drawing only, never to measure.
Next: `boundaries.pages.payload`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OUTSIDE", "SCALE", "Arcs", "arcs_of", "simplified_coverage", "to_grid"]

SCALE: Final = 100_000
"""Whole units in a degree: 5 decimals, about a metre."""

OUTSIDE: Final = -1
"""Stands for "no LSOA" on one side of an arc."""

_TOLERANCE_M: Final = {"borough": 10.0, "region": 20.0}
_REGION: Final = 1_500  # LSOAs; above it the page is looked at from further away

Point = tuple[int, int]
Arc = tuple[Point, ...]


@dataclass(frozen=True)
class Arcs:
    """Lines between junctions, and how LSOAs are made of them.

    Parameters
    ----------
    arcs
        Points (longitude, latitude) in whole `SCALE`-ths of a degree.
    sides
        The LSOAs (positions) on the two sides of each arc; `OUTSIDE` for none.
    rings
        For each LSOA its polygons, each a list of rings, each a list of arcs: ``i`` forwards,
        ``~i`` backwards.
    """

    arcs: tuple[Arc, ...]
    sides: tuple[tuple[int, int], ...]
    rings: tuple[tuple[tuple[tuple[int, ...], ...], ...], ...]


def simplified_coverage(polygons: gpd.GeoSeries) -> gpd.GeoSeries:
    """Simplify polygons together, so that shared borders stay shared; drawing only.

    Parameters
    ----------
    polygons
        A coverage in EPSG:27700. One that is no valid coverage comes back as it is.
    """
    shapes = polygons.to_numpy()
    if not shapely.coverage_is_valid(shapes):
        return polygons
    tolerance = _TOLERANCE_M["region" if len(polygons) > _REGION else "borough"]
    simple = shapely.coverage_simplify(shapes, tolerance)
    return gpd.GeoSeries(simple, index=polygons.index, crs=polygons.crs)


def to_grid(shapes: gpd.GeoSeries) -> NDArray[np.int64]:
    """Return every coordinate of the shapes in WGS 84, in whole `SCALE`-ths of a degree."""
    degrees = shapely.get_coordinates(shapes.to_crs(4326).to_numpy())
    return np.rint(degrees * SCALE).astype(np.int64)


def arcs_of(polygons: gpd.GeoSeries) -> Arcs:
    """Cut polygons into the lines they share.

    Parameters
    ----------
    polygons
        LSOAs in EPSG:27700, in the order whose positions the result names.
    """
    rings = _rings(polygons)
    sides: dict[tuple[Point, Point], list[int]] = defaultdict(list)
    ends: dict[Point, set[Point]] = defaultdict(set)
    for position, _, points in rings:
        for one, other in pairwise(points):
            sides[min(one, other), max(one, other)].append(position)
            ends[one].add(other)
            ends[other].add(one)
    known: dict[Arc, int] = {}
    between: list[tuple[int, int]] = []
    made: list[list[list[tuple[int, ...]]]] = [[] for _ in polygons]
    for position, opens, points in rings:
        refs = []
        for arc in _cut(points, sides, ends):
            refs.append(_reference(arc, known))
            if len(known) > len(between):
                pair = sides[min(arc[0], arc[1]), max(arc[0], arc[1])]
                between.append((pair[0], pair[1] if len(pair) > 1 else OUTSIDE))
        if opens:
            made[position].append([])
        made[position][-1].append(tuple(refs))
    shaped = tuple(tuple(tuple(polygon) for polygon in polygons_) for polygons_ in made)
    return Arcs(tuple(known), tuple(between), shaped)


def _rings(polygons: gpd.GeoSeries) -> list[tuple[int, bool, list[Point]]]:
    """Return every ring: LSOA position, whether it opens a polygon, its points without repeats."""
    found = []
    shapes = polygons.to_crs(4326).to_numpy()
    for position, shape in enumerate(shapes):
        for part in shapely.get_parts(shape):
            if part.geom_type != "Polygon":
                continue
            for number, ring in enumerate([part.exterior, *part.interiors]):
                grid = np.rint(shapely.get_coordinates(ring) * SCALE).astype(np.int64)
                kept = grid[np.r_[True, np.any(grid[1:] != grid[:-1], axis=1)]]
                if len(kept) >= 4:
                    found.append((position, number == 0, [(x, y) for x, y in kept.tolist()]))
                elif number == 0:
                    break  # a polygon smaller than the grid: its holes go with it
    return found


def _cut(
    points: list[Point],
    sides: dict[tuple[Point, Point], list[int]],
    ends: dict[Point, set[Point]],
) -> list[Arc]:
    """Cut a ring where three lines meet, or where the LSOA on the other side changes."""
    open_ring = points[:-1]
    size = len(open_ring)
    pairs = [sorted(sides[min(one, other), max(one, other)]) for one, other in pairwise(points)]
    cuts = [at for at in range(size) if len(ends[open_ring[at]]) > 2 or pairs[at - 1] != pairs[at]]
    if not cuts:
        cuts = [min(range(size), key=open_ring.__getitem__)]
    arcs = []
    for at, start in enumerate(cuts):
        stop = cuts[at + 1] if at + 1 < len(cuts) else cuts[0] + size
        arcs.append(tuple(open_ring[step % size] for step in range(start, stop + 1)))
    return arcs


def _reference(arc: Arc, known: dict[Arc, int]) -> int:
    if arc in known:
        return known[arc]
    backwards = arc[::-1]
    if backwards in known:
        return ~known[backwards]
    known[arc] = len(known)
    return known[arc]
