"""LSOAs that fit together: no overlaps, no narrow gaps, shared borders with shared corners.

Goes in: LSOA polygons as read. Comes out: a clean coverage, with the m² moved in each LSOA.
Next: `boundaries.place.neighbours`, which needs corners that match exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.checks.words import counted, listing
from boundaries.place.neighbours import find_neighbours
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["clean_coverage", "hole_problems", "single_parts"]

GAP_M: Final = 3.0
"""Gaps narrower than this are drawing tolerance. ONS boundaries have none; layers that were
reprojected or edited have gaps of centimetres to a metre."""

MOST_OF_ONE: Final = 0.05
MOST_OF_ALL: Final = 0.005
"""Cleaning may take at most these shares of one LSOA's area and of the whole place's. A border
redrawn 1 m off moves under 1 % of even a small LSOA; more means that two versions were mixed."""

WORTH_SAYING_M2: Final = 1.0
MOST_SAID: Final = 10
"""LSOAs named one by one when borders were moved: those of which most was."""


def clean_coverage(
    lsoas: gpd.GeoDataFrame, *, file: str = "lsoas"
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Return the LSOAs as a clean coverage.

    Parameters
    ----------
    lsoas
        Index ``lsoa_code``; geometry in EPSG:27700.
    file
        File name for messages.

    Returns
    -------
    tuple
        The frame, its geometry cleaned where it needed to be; and problems: an error for every
        LSOA of which more than 5 % would go to others, and when more than 0.5 % of the place
        would; else a note for the ten LSOAs of which most was moved (1 m² or more), and the sum.
    """
    before = single_parts(lsoas.geometry.to_numpy())
    shapes = _valid(before)
    broken = ~shapely.is_valid(before)
    problems = [
        Problem(
            "note", file, None, str(code), "geometry", "Its outline crossed itself: mended.", ""
        )
        for code in lsoas.index[broken]
    ]
    if shapely.coverage_is_valid(shapes, gap_width=GAP_M):
        return lsoas.set_geometry(gpd.GeoSeries(shapes, lsoas.index, lsoas.crs)), tuple(problems)
    overlaps = list(_overlaps(lsoas, shapes, file))
    clean = _fitted(lsoas, shapes)
    refused = _refusals(lsoas, shapes, clean, file)
    if refused:
        problems += [_as_error(problem) for problem in overlaps] + refused
        return lsoas, tuple(problems)
    problems += overlaps
    moved = _moved(shapes, clean)
    most = pd.Series(moved, lsoas.index).sort_values(ascending=False, kind="stable")[:MOST_SAID]
    for code, m2 in most[most >= WORTH_SAYING_M2].sort_index().items():
        said = f"Its border was moved to meet its neighbours': {m2:,.0f} m² changed hands."
        problems.append(Problem("note", file, None, str(code), "geometry", said, ""))
    if moved.any():
        said = (
            "The LSOAs did not fit together exactly and were made to:"
            f" {moved.sum():,.3f} m² moved in {counted(int((moved > 0).sum()), 'LSOA')}."
        )
        problems.append(Problem("note", file, None, "", "geometry", said, "Nothing."))
    return lsoas.set_geometry(gpd.GeoSeries(clean, lsoas.index, lsoas.crs)), tuple(problems)


def hole_problems(
    lsoas: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, *, file: str = "lsoas"
) -> Iterator[Problem]:
    """Yield holes inside the place that no LSOA of the layer fills (not lakes: ONS fills those).

    Parameters
    ----------
    lsoas
        A clean coverage, index ``lsoa_code``.
    layer
        The whole LSOA layer as read: what fills a hole may be another borough.
    file
        File name for messages.
    """
    union = shapely.coverage_union_all(lsoas.geometry.to_numpy())
    rings = [ring for part in shapely.get_parts(union) for ring in shapely.get_rings(part)[1:]]
    if not rings:
        return
    holes = gpd.GeoDataFrame(geometry=shapely.polygons(rings), crs=lsoas.crs)
    inside = gpd.GeoDataFrame(geometry=holes.geometry.representative_point(), crs=lsoas.crs)
    filled = inside.sjoin(layer[["geometry"]], predicate="within").index
    for hole in holes.geometry.drop(filled.unique()):
        around = lsoas.index[lsoas.geometry.intersects(hole)]
        said = f"There is a hole of {hole.area:,.0f} m² in the place between {listing(around)}."
        fix = "If they are neighbours across it, add their pair in [neighbours]."
        yield Problem("warning", file, None, str(around[0]), "geometry", said, fix)


def single_parts(shapes: np.ndarray) -> np.ndarray:
    """Write polygons of one part as polygons, those of several as multipolygons."""
    parts = shapely.get_num_geometries(shapes)
    many = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
    plain = shapes.copy()
    one = many & (parts == 1)
    plain[one] = shapely.get_geometry(shapes[one], 0)
    return plain


def _valid(shapes: np.ndarray) -> np.ndarray:
    """Mend invalid polygons and keep only their areas, not loose lines or points."""
    if shapely.is_valid(shapes).all():
        return shapes
    mended = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    return single_parts(np.array([_areas_only(shape) for shape in mended], dtype=object))


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _overlaps(lsoas: gpd.GeoDataFrame, shapes: np.ndarray, file: str) -> Iterator[Problem]:
    edges = shapely.coverage_invalid_edges(shapes, gap_width=GAP_M)
    bad = np.flatnonzero(~shapely.is_empty(edges))
    tree = shapely.STRtree(shapes[bad])
    left, right = tree.query(shapes[bad], predicate="intersects")
    left, right = bad[left[left < right]], bad[right[left < right]]
    areas = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    for at in np.argsort(-areas, kind="stable"):
        if areas[at] < WORTH_SAYING_M2:
            return
        one, other = sorted((str(lsoas.index[left[at]]), str(lsoas.index[right[at]])))
        said = f"{one} and {other} overlap by {areas[at]:,.0f} m²."
        fix = "Use one publisher's LSOA layer, unedited."
        yield Problem("note", file, None, one, "geometry", said, fix)


def _fitted(lsoas: gpd.GeoDataFrame, shapes: np.ndarray) -> np.ndarray:
    """Put narrow gaps and overlaps right; gaps that run out of the place only where they part."""
    # The stubs are of shapely 2.1, which did not have it.
    clean = shapely.coverage_clean(shapes, gap_width=GAP_M)  # type: ignore[attr-defined]
    if not shapely.coverage_is_valid(clean, gap_width=GAP_M):
        snapped = shapely.coverage_clean(  # type: ignore[attr-defined]
            shapes, gap_width=GAP_M, snapping_distance=GAP_M
        )
        if _borders(lsoas, snapped) > _borders(lsoas, clean):
            clean = snapped
    return single_parts(clean)


def _borders(lsoas: gpd.GeoDataFrame, shapes: np.ndarray) -> int:
    return len(find_neighbours(lsoas.set_geometry(gpd.GeoSeries(shapes, lsoas.index, lsoas.crs))))


def _moved(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Area in m² that each shape gained or lost."""
    moved = np.zeros(len(before))
    differ = ~shapely.equals_exact(before, after, normalize=True)
    change = shapely.symmetric_difference(before[differ], after[differ])
    moved[differ] = shapely.area(change)
    return moved


def _refusals(
    lsoas: gpd.GeoDataFrame, before: np.ndarray, after: np.ndarray, file: str
) -> list[Problem]:
    """Name LSOAs that would lose too much: a gap that is filled takes from nobody."""
    fix = "Use one publisher's LSOA layer, unedited."
    areas = shapely.area(before)
    moved = shapely.area(shapely.difference(before, after))
    share = pd.Series(moved / areas, index=lsoas.index)
    refused = []
    for code in share.index[share > MOST_OF_ONE]:
        said = f"To fit its neighbours, {share[code]:.0%} of its area would have to move."
        refused.append(Problem("error", file, None, str(code), "geometry", said, fix))
    whole = moved.sum() / areas.sum()
    if whole > MOST_OF_ALL:
        said = f"To make the LSOAs fit together, {whole:.1%} of the place would have to move."
        refused.append(Problem("error", file, None, "", "geometry", said, fix))
    return refused


def _as_error(problem: Problem) -> Problem:
    return Problem(
        "error", problem.file, problem.row, problem.code, problem.field, problem.said, problem.fix
    )
