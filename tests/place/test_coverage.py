"""Polygons that do not fit together: mended when the fault is small, refused when it is not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from boundaries.place.coverage import clean_coverage, hole_problems
from boundaries.place.neighbours import find_neighbours, find_pieces

SIDE = 500.0


def grid(columns: int = 10, rows: int = 10) -> gpd.GeoDataFrame:
    """Squares of 500 m laid as bricks are, with a corner every 50 m as real boundaries have."""
    shapes = [
        shapely.segmentize(
            translate(box(c * SIDE, r * SIDE, (c + 1) * SIDE, (r + 1) * SIDE), r % 2 * SIDE / 2),
            50.0,
        )
        for r in range(rows)
        for c in range(columns)
    ]
    codes = pd.Index([f"E01{n:06d}" for n in range(len(shapes))], name="lsoa_code")
    return gpd.GeoDataFrame({"lsoa_name": codes}, index=codes, geometry=shapes, crs=27700)


def jittered(frame: gpd.GeoDataFrame, share: float, metres: float) -> gpd.GeoDataFrame:
    chance = np.random.default_rng(1)
    shapes = []
    for shape in frame.geometry:
        corners = shapely.get_coordinates(shape)[:-1]
        if chance.random() < share:
            corners = corners + chance.uniform(-metres, metres, corners.shape)
        shapes.append(Polygon(corners))
    return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, frame.crs))


def changed(frame: gpd.GeoDataFrame, number: int, shape) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy().copy()
    shapes[number] = shape
    return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, frame.crs))


def levels(problems) -> set[str]:
    return {problem.level for problem in problems}


def test_a_clean_coverage_is_left_alone():
    frame = grid()
    clean, problems = clean_coverage(frame)
    assert problems == ()
    assert (clean.geometry.to_numpy() == frame.geometry.to_numpy()).all()


def test_a_fifth_of_the_polygons_drawn_40_cm_off_are_mended():
    frame = jittered(grid(), 0.2, 0.4)
    borders = len(find_neighbours(grid()))
    assert len(find_neighbours(frame)) < borders
    clean, problems = clean_coverage(frame)
    assert levels(problems) == {"note"}
    assert any("m² changed hands" in problem.said for problem in problems)
    assert shapely.coverage_is_valid(clean.geometry.to_numpy())
    assert len(find_neighbours(clean)) == borders
    assert len(find_pieces(find_neighbours(clean), clean.index)) == 1
    assert clean.area.sum() == pytest.approx(grid().area.sum(), rel=1e-3)
    assert list(clean.index) == list(frame.index)


def test_a_corner_on_one_side_only_is_mended():
    frame = changed(grid(), 0, box(0, 0, SIDE, SIDE))
    assert len(find_neighbours(frame)) == len(find_neighbours(grid())) - 2
    clean, problems = clean_coverage(frame)
    assert levels(problems) <= {"note"}
    assert len(find_neighbours(clean)) == len(find_neighbours(grid()))


def test_a_big_overlap_is_refused_and_named():
    frame = changed(grid(), 1, box(SIDE, 0, 2 * SIDE + 100, SIDE))
    same, problems = clean_coverage(frame)
    errors = [problem for problem in problems if problem.level == "error"]
    assert any(
        problem.said == "E01000001 and E01000002 overlap by 50,000 m²." for problem in errors
    )
    assert any("of its area would have to move" in problem.said for problem in errors)
    assert same is frame


def test_a_narrow_gap_is_closed_and_a_wide_one_is_a_hole():
    inside = box(4 * SIDE, 4 * SIDE, 5 * SIDE, 5 * SIDE)
    narrow = changed(grid(), 44, shapely.segmentize(inside.buffer(-1.0, join_style="mitre"), 50))
    clean, problems = clean_coverage(narrow)
    assert levels(problems) == {"note"}
    assert len(find_neighbours(clean)) == len(find_neighbours(grid()))
    assert list(hole_problems(clean, narrow)) == []

    wide = grid().drop(index="E01000044")
    clean, problems = clean_coverage(wide)
    assert problems == ()
    (hole,) = hole_problems(clean, wide)
    assert "250,000 m²" in hole.said
    assert "E01000034" in hole.said
    assert list(hole_problems(clean, grid())) == []


def test_a_crossed_outline_is_mended():
    bow = Polygon([(0, 0), (SIDE, SIDE), (SIDE, 0), (0, SIDE)])
    frame = changed(grid(1, 1), 0, bow)
    clean, problems = clean_coverage(frame)
    assert clean.geometry.is_valid.all()
    assert [problem.said for problem in problems] == ["Its outline crossed itself: mended."]


@pytest.mark.parametrize("gap", [0.1, 0.6, 2.8])
def test_polygons_drawn_inside_their_borders_meet_again(gap):
    """The gaps are one net that runs out of the place: no hole that could be filled by itself."""
    inside = shapely.buffer(grid().geometry.to_numpy(), -gap / 2, join_style="mitre")
    frame = grid().set_geometry(gpd.GeoSeries(inside, grid().index, grid().crs))
    assert len(find_neighbours(frame)) == 0
    clean, problems = clean_coverage(frame)
    assert levels(problems) == {"note"}
    assert any("were made to" in problem.said for problem in problems)
    assert len(find_neighbours(clean)) == len(find_neighbours(grid()))
    assert shapely.coverage_is_valid(clean.geometry.to_numpy())


def test_wider_gaps_are_left_as_they_are():
    inside = shapely.buffer(grid().geometry.to_numpy(), -2.5, join_style="mitre")
    frame = grid().set_geometry(gpd.GeoSeries(inside, grid().index, grid().crs))
    clean, _ = clean_coverage(frame)
    assert len(find_neighbours(clean)) == 0
