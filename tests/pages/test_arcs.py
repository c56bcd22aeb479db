"""Borders are drawn once, and put together again they are the polygons."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box

from boundaries.pages.arcs import OUTSIDE, SCALE, arcs_of, simplified_coverage


def rebuilt(lines, position):
    """Put one LSOA together again from its arcs; area in square degrees × SCALE²."""
    polygons = []
    for rings in lines.rings[position]:
        traced = []
        for ring in rings:
            points = []
            for ref in ring:
                arc = lines.arcs[ref] if ref >= 0 else lines.arcs[~ref][::-1]
                assert not points or points[-1] == arc[0]
                points += arc[1:] if points else arc
            assert points[0] == points[-1]
            traced.append(points)
        polygons.append(Polygon(traced[0], traced[1:]))
    return shapely.union_all(polygons)


@pytest.fixture
def with_lake():
    """A square with a round hole, the LSOA in the hole, an island, and one made of two parts."""
    lake = shapely.Point(530500, 180500).buffer(200)
    return gpd.GeoSeries(
        [
            box(530000, 180000, 531000, 181000).difference(lake),
            lake,
            box(540000, 180000, 541000, 181000),
            shapely.union_all([box(531000, 180000, 532000, 181000), box(533000, 0, 534000, 900)]),
        ],
        crs=27700,
    )


def test_polygons_come_back(with_lake):
    lines = arcs_of(with_lake)
    degrees = with_lake.to_crs(4326)
    for position, shape in enumerate(degrees):
        again = rebuilt(lines, position)
        assert again.area / SCALE**2 == pytest.approx(shape.area, rel=0.01)
        assert shapely.get_num_geometries(again) == shapely.get_num_geometries(shape)


def test_every_border_is_stored_once_and_knows_its_sides(small_place):
    lines = arcs_of(small_place.lsoas.geometry)
    assert len(lines.arcs) == len({min(arc, arc[::-1]) for arc in lines.arcs})
    inner = {tuple(sorted(pair)) for pair in lines.sides if OUTSIDE not in pair}
    index = small_place.lsoas.index
    real = {
        (index.get_loc(a), index.get_loc(b))
        for a, b in zip(
            small_place.neighbours["lsoa_code_a"],
            small_place.neighbours["lsoa_code_b"],
            strict=True,
        )
    }
    assert inner == real
    used = [abs(ref) if ref >= 0 else ~ref for rings in lines.rings for r in rings[0] for ref in r]
    counts = np.bincount(used)
    assert counts.max() == 2  # by the LSOAs on its two sides
    assert all(counts[at] == 2 - (OUTSIDE in pair) for at, pair in enumerate(lines.sides))


def test_a_hole_is_one_closed_arc_with_both_sides(with_lake):
    lines = arcs_of(with_lake)
    assert (0, 1) in {tuple(sorted(pair)) for pair in lines.sides}
    assert sum(arc[0] == arc[-1] for arc in lines.arcs) >= 2  # the lake, the island


def test_simplifying_keeps_neighbours_together(small_place):
    wavy = small_place.lsoas.geometry.segmentize(50)
    simple = simplified_coverage(wavy)
    assert shapely.coverage_is_valid(simple.to_numpy())
    assert shapely.get_num_coordinates(simple.to_numpy()).sum() < 30 * 8
    assert simple.index.equals(wavy.index)


def test_what_is_no_coverage_is_drawn_as_it_is():
    overlapping = gpd.GeoSeries([box(0, 0, 10, 10), box(5, 0, 15, 10)], crs=27700)
    assert simplified_coverage(overlapping).equals(overlapping)
