"""Neighbours, edits, and the pieces of a place."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.geometry import Polygon, box

from boundaries.place.neighbours import edit_pairs, find_neighbours, find_pieces, piece_problems


def areas(*shapes, names="ABCDEFGH") -> gpd.GeoDataFrame:
    codes = pd.Index(list(names[: len(shapes)]), name="lsoa_code")
    return gpd.GeoDataFrame(
        {"lsoa_name": [f"Area {code}" for code in codes], "residents": 40},
        index=codes,
        geometry=list(shapes),
        crs=27700,
    )


def pairs(*rows, file="edits.csv") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["lsoa_code_a", "lsoa_code_b"])
    return frame.assign(row=range(2, len(frame) + 2), file=file)


def test_borders_of_the_small_place(small_place):
    found = find_neighbours(small_place.lsoas)
    wanted = small_place.neighbours[["lsoa_code_a", "lsoa_code_b", "border_m"]]
    pd.testing.assert_frame_equal(found, wanted)


def test_a_shared_corner_is_no_border():
    found = find_neighbours(areas(box(0, 0, 1, 1), box(1, 1, 2, 2)))
    assert len(found) == 0


def test_holes_and_parts_have_borders_too():
    ring = Polygon(box(0, 0, 30, 30).exterior.coords, [box(10, 10, 20, 20).exterior.coords])
    island = box(10, 10, 20, 20)
    two = shapely.MultiPolygon([box(30, 0, 40, 30), box(100, 0, 101, 1)])
    ring = shapely.set_precision(shapely.union_all([ring]), 0)
    found = find_neighbours(areas(ring, island, two))
    lengths = {tuple(row)[:2]: row.border_m for row in found.itertuples(index=False)}
    assert lengths == {("A", "B"): 40.0, ("A", "C"): 30.0}


def test_a_border_of_several_segments_is_summed():
    left = Polygon([(0, 0), (1, 0), (1, 1), (2, 2), (0, 2)])
    right = Polygon([(1, 0), (3, 0), (3, 2), (2, 2), (1, 1)])
    found = find_neighbours(areas(left, right))
    assert found["border_m"].tolist() == [pytest.approx(1 + 2**0.5, abs=0.001)]


def test_cut_and_added_pairs():
    row = areas(*(box(n, 0, n + 1, 1) for n in range(4)))
    borders = find_neighbours(row)
    neighbours, cut, problems = edit_pairs(
        borders, codes=row.index, cut=pairs(("C", "B")), added=pairs(("A", "D"))
    )
    assert neighbours[["lsoa_code_a", "lsoa_code_b", "why"]].to_numpy().tolist() == [
        ["A", "B", ""],
        ["A", "D", "added"],
        ["C", "D", ""],
    ]
    assert neighbours["border_m"].tolist() == [1.0, 0.0, 1.0]
    assert cut.to_numpy().tolist() == [["B", "C", 1.0]]
    assert problems == ()
    assert list(borders["border_m"]) == [1.0] * 3


def test_every_fault_of_the_edits_is_said_at_once():
    row = areas(*(box(n, 0, n + 1, 1) for n in range(4)))
    _, _, problems = edit_pairs(
        find_neighbours(row),
        codes=row.index,
        cut=pairs(("A", "A"), ("A", "D"), ("A", "B"), ("B", "A"), ("A", "X"), ("Y", "Z")),
        added=pairs(("A", "B"), ("B", "C")),
        known=frozenset("ABCDYZ"),
    )
    said = {(problem.level, problem.row, problem.said) for problem in problems}
    assert said == {
        ("error", 2, "A is paired with itself."),
        ("warning", 3, "A and D are cut but share no border."),
        ("note", 5, "A and B are named twice."),
        ("error", 6, "X is no LSOA of the place."),
        ("note", None, "Left aside: 1 pair of other places."),
        ("error", 4, "A and B are both cut and added."),
        ("note", 2, "A and B are added but share a border already."),
        ("note", 3, "B and C are added but share a border already."),
    }


def test_a_river_without_a_bridge_leaves_two_pieces(small_place):
    river = small_place.neighbours.query("lsoa_code_b >= 'E01000012' > lsoa_code_a")
    cut = pairs(*river[["lsoa_code_a", "lsoa_code_b"]].to_numpy().tolist())
    borders = small_place.neighbours.drop(columns=["bond", "why"])
    codes = small_place.lsoas.index
    apart, gone, _ = edit_pairs(borders, codes=codes, cut=cut, added=None)
    assert len(gone) == 6
    pieces = find_pieces(apart, codes)
    assert [len(piece) for piece in pieces] == [18, 12]
    fair = small_place.lsoas["residents"].sum()
    (problem,) = piece_problems(small_place.lsoas, pieces, limits=[(fair // 4, fair)])
    assert problem.level == "warning"
    assert "12 LSOAs" in problem.said
    assert (
        "no neighbourhood is in both. Nearest pairs: E01000006 and E01000012, 0 m" in problem.said
    )
    assert "E01000007 and E01000013, 0 m apart" in problem.said
    bridge = pairs(("E01000006", "E01000013"))
    joined, _, _ = edit_pairs(borders, codes=codes, cut=cut, added=bridge)
    assert len(find_pieces(joined, codes)) == 1


def test_an_island_is_named_with_its_nearest_shore():
    place = areas(box(0, 0, 100, 100), box(100, 0, 200, 100), box(350, 0, 400, 100))
    pieces = find_pieces(find_neighbours(place), place.index)
    assert pieces == (("A", "B"), ("C",))
    (problem,) = piece_problems(place, pieces, limits=[(75, 100), (50, 80)])
    assert (problem.level, problem.code) == ("error", "C")
    assert "Area C" in problem.said
    assert "is an island" in problem.said
    assert "Nearest pairs: C and B, 150 m apart." in problem.said
    assert "With 40 residents it cannot be neighbourhoods of 50 to 80 by itself." in problem.said
    (fine,) = piece_problems(place, pieces, limits=[(75, 100), (20, 45)])
    assert fine.level == "warning"


def test_polygons_that_do_not_touch_are_one_error():
    place = areas(*(box(n * 100, 0, n * 100 + 90, 90) for n in range(6)))
    pieces = find_pieces(find_neighbours(place), place.index)
    (problem,) = piece_problems(place, pieces, limits=[(10, 100)])
    assert problem.level == "error"
    assert problem.said == (
        "The LSOAs do not touch: 6 of 6 share no border with any other (the nearest to A is 10.0 m "
        "away)."
    )


@pytest.mark.parametrize(
    ("residents", "fits"), [(89, False), (90, True), (111, False), (180, True), (0, False)]
)
def test_a_piece_is_one_neighbourhood_or_several_within_the_limits(residents, fits):
    place = areas(box(0, 0, 100, 100), box(150, 0, 200, 100)).assign(residents=[100, residents])
    problems = piece_problems(place, (("A",), ("B",)), limits=[(90, 110)])
    assert [problem.level for problem in problems] == ["warning" if fits else "error"]
