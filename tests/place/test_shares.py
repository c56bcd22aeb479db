"""Who lives in which patch: overlaps, gaps, slivers, points and lookups."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from boundaries.place.lookups import shares_by_lookup
from boundaries.place.shares import shares_by_overlap
from boundaries.read.tables import LayerTable


def patches(**shapes) -> LayerTable:
    return LayerTable(
        polygons=gpd.GeoDataFrame(
            geometry=list(shapes.values()), index=pd.Index(list(shapes), name="name"), crs=27700
        )
    )


def of(shares: pd.DataFrame, code: str) -> dict[str, float]:
    rows = shares[shares["lsoa_code"] == code]
    return dict(zip(rows["team"], rows["share"], strict=True))


def test_overlap_by_area(small_place):
    layer = patches(West=box(0, 0, 2250, 5000), East=box(2250, 0, 6000, 5000))
    shares, problems = shares_by_overlap(small_place.lsoas, layer, file="p")
    assert problems == ()
    assert of(shares, "E01000002") == {"East": 0.75, "West": 0.25}
    assert of(shares, "E01000001") == {"West": 1.0}
    assert shares.groupby("lsoa_code")["share"].sum().eq(1).all()


def test_slivers_go_to_the_neighbour_and_are_counted(small_place):
    layer = patches(West=box(0, 0, 2010, 5000), East=box(2010, 0, 6000, 5000))
    shares, problems = shares_by_overlap(small_place.lsoas, layer, file="p")
    assert of(shares, "E01000002") == {"East": 1.0}
    (note,) = problems
    assert note.said == (
        "Taken for drawing tolerance: 5 slivers under 2% of an LSOA, or under 20 m wide"
        " (about 82 residents)."
    )


def test_sliver_gaps_are_closed_but_real_gaps_stay(small_place):
    layer = patches(West=box(0, 0, 1990, 5000), East=box(2000, 0, 5500, 5000))
    shares, problems = shares_by_overlap(small_place.lsoas, layer, file="p")
    assert of(shares, "E01000001") == {"West": 1.0}
    assert of(shares, "E01000005") == {"East": 0.5}
    (gap,) = problems
    assert gap.level == "warning"
    last = small_place.lsoas["residents"].iloc[5::6].sum() / 2
    assert f"about {last:,.0f} residents of 5 LSOAs" in gap.said


def test_a_thin_strip_is_tolerance_and_a_block_of_its_area_is_not(small_place):
    lsoas = small_place.lsoas.iloc[[0]].set_geometry([box(0, 0, 1000, 150)])
    strip = patches(North=box(0, 132, 1000, 200), South=box(0, 0, 1000, 132))
    shares, problems = shares_by_overlap(lsoas, strip, file="p")
    assert of(shares, "E01000000") == {"South": 1.0}
    assert "1 sliver under" in problems[0].said
    block = patches(West=box(0, 0, 120, 150), East=box(120, 0, 1000, 150))
    shares, problems = shares_by_overlap(lsoas, block, file="p")
    assert of(shares, "E01000000") == {"East": 0.88, "West": 0.12}
    assert problems == ()
    shore, problems = shares_by_overlap(lsoas, patches(South=box(0, 0, 1000, 132)), file="p")
    assert of(shore, "E01000000") == {"South": 1.0}
    assert problems == ()


def test_overlapping_patches_are_shared_out_and_said(small_place):
    layer = patches(
        West=box(0, 0, 4000, 5000), East=box(3000, 0, 6000, 5000), Away=box(-9, 0, -1, 9)
    )
    shares, problems = shares_by_overlap(small_place.lsoas, layer, file="p")
    assert of(shares, "E01000003") == {"East": 0.5, "West": 0.5}
    overlap, away = problems
    twice = small_place.lsoas["residents"].iloc[3::6].sum()
    assert overlap.level == "warning"
    assert f"about {twice:,.0f} residents" in overlap.said
    assert away.said == "Outside the place: 1 patch: Away."


def test_points_weigh_residents(small_place):
    layer = patches(West=box(0, 0, 2500, 5000), East=box(2500, 0, 6000, 5000))
    points = pd.DataFrame(
        {"easting": [2100, 2900, 9999], "northing": [500, 500, 500], "residents": [30, 10, 5]}
    )
    weighted = LayerTable(polygons=layer.polygons, points=points)
    shares, problems = shares_by_overlap(small_place.lsoas, weighted, file="p")
    assert any("No point of where people live in 29 LSOAs" in p.said for p in problems)
    assert of(shares, "E01000002") == {"East": 0.25, "West": 0.75}
    assert of(shares, "E01000008") == {"East": 0.5, "West": 0.5}


def test_points_of_which_none_is_in_the_place_are_an_error(small_place):
    layer = LayerTable(
        polygons=small_place.teams["nursing"].patches,
        points=pd.DataFrame({"easting": [530_000.0], "northing": [400.0], "residents": [10]}),
    )
    _, (problem,) = shares_by_overlap(small_place.lsoas, layer, file="teams.gpkg")
    assert problem.level == "error"
    assert "None of the 1 points where people live lies in the place" in problem.said


def test_shares_are_rounded_and_never_sum_to_more_than_one(small_place):
    thirds = {f"T{n}": box(n * 1000 / 3, 0, (n + 1) * 1000 / 3, 5000) for n in range(18)}
    shares, _ = shares_by_overlap(small_place.lsoas, patches(**thirds), file="p")
    sums = shares.groupby("lsoa_code")["share"].sum()
    assert (sums <= 1 + 1e-9).all()
    assert sums.min() == pytest.approx(1, abs=2e-6)
    assert (shares["share"].round(6) == shares["share"]).all()


@pytest.mark.parametrize("column", ["lsoa_code", "ward_code", "msoa_code"])
def test_lookup_by_any_area(small_place, column):
    lsoas = small_place.lsoas.assign(msoa_code=[f"E0200000{n // 6}" for n in range(30)])
    codes = lsoas.reset_index()[column]
    lookup = pd.DataFrame({"area_code": codes.unique()})
    lookup["name"] = ["First" if n % 2 else "Second" for n in range(len(lookup))]
    shares, problems = shares_by_lookup(lsoas, LayerTable(lookup=lookup), file="p")
    assert problems == ()
    wanted = codes.map(lookup.set_index("area_code")["name"])
    assert shares["team"].tolist() == wanted.tolist()
    assert shares["share"].eq(1).all()


def test_lookup_faults(small_place):
    lookup = pd.DataFrame(
        {
            "area_code": ["E01000000", "E01000000", "E01000001", "E01999999"],
            "name": ["One", "Two", "One", "Three"],
        }
    )
    _, problems = shares_by_lookup(small_place.lsoas, LayerTable(lookup=lookup), file="p")
    said = [(problem.level, problem.said.split(":")[0]) for problem in problems]
    assert said[0] == ("error", "E01000000 is in 2 teams")
    assert said[1][0] == "warning"
    assert "of 28 LSOAs" in said[1][1]
    none = LayerTable(lookup=lookup.iloc[3:])
    _, (problem,) = shares_by_lookup(small_place.lsoas, none, file="p")
    assert problem.level == "error"


def test_names_that_differ_in_case_or_spaces_are_said(small_place):
    codes = list(small_place.lsoas.index)
    names = ["North"] * 10 + ["north "] * 10 + ["South"] * 10
    lookup = pd.DataFrame({"area_code": [*codes, "E01777777"], "name": [*names, "South"]})
    _, problems = shares_by_lookup(small_place.lsoas, LayerTable(lookup=lookup), file="p")
    assert [(problem.level, problem.said) for problem in problems] == [
        ("note", "Outside the place: 1 area: E01777777."),
        ("warning", "'North' and 'north ' are taken for different teams."),
    ]


def test_lookup_by_2011_codes(small_place):
    lookup = pd.DataFrame({"area_code": ["E01999901", "E01999902"], "name": ["One", "Two"]})
    parents = {
        "E01000000": frozenset({"E01999901"}),
        "E01000001": frozenset({"E01999901", "E01999902"}),
    }
    shares, _ = shares_by_lookup(
        small_place.lsoas, LayerTable(lookup=lookup), file="p", parents=parents
    )
    assert of(shares, "E01000000") == {"One": 1.0}
    assert of(shares, "E01000001") == {"One": 0.5, "Two": 0.5}
