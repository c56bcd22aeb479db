"""Bonds of neighbouring pairs: the usual one, along barriers, within communities, added pairs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, MultiLineString, Point
from tests.conftest import lsoa, make_small_study, make_small_tables

from boundaries.place import build_place, read_place, write_place
from boundaries.place.bonds import runs_along
from boundaries.read.tables import LayerTable

SHAPE = {"bond": 0.1, "across_barrier": 0.25, "within_community": 2.0}
RIVER = LineString([(-900, 1990), (3510, 1990)])
"""Along the border between rows 1 and 2, 10 m off it, over half of the fourth column's."""


@pytest.fixture
def built():
    """The small place with a river, communities of two columns, and a bridge far away."""
    pairs = pd.DataFrame(
        {"lsoa_code_a": [lsoa(0)], "lsoa_code_b": [lsoa(29)], "row": 1, "file": "b"}
    )
    lookup = pd.DataFrame(
        {
            "area_code": [lsoa(n) for n in range(30)],
            "name": [f"Area {n % 6 // 2}" for n in range(30)],
        }
    )
    tables = make_small_tables(
        barriers={
            "river": gpd.GeoSeries([RIVER, LineString([(9e4, 9e4), (9e4, 9.1e4)])], crs=27700)
        },
        communities={"villages": LayerTable(lookup=lookup)},
        added_pairs=pairs,
    )
    study = make_small_study(
        shape=SHAPE,
        barriers={"river": {"file": "river.gpkg", "label": "The river"}},
        communities={"villages": {"file": "villages.csv"}},
    )
    return build_place(tables, study)


def test_every_pair_has_the_bond_of_its_reasons(built):
    place, _ = built
    usual = 0.1 * place.lsoas["residents"].mean()
    pairs = place.neighbours.set_index(["lsoa_code_a", "lsoa_code_b"])
    for (one, other), row in pairs.iterrows():
        a, b = int(one[-2:]), int(other[-2:])
        wanted = {"added"} if (a, b) == (0, 29) else set()
        if b == a + 6 and a // 6 == 1 and a % 6 < 4:  # 510 of 1,000 m of the fourth, and none after
            wanted.add("barrier")
        if not wanted & {"added"} and a % 6 // 2 == b % 6 // 2:
            wanted.add("community")
        assert set(filter(None, row["why"].split(","))) == wanted
        factor = (0.25 if "barrier" in wanted else 1) * (2 if "community" in wanted else 1)
        assert row["bond"] == pytest.approx(usual * factor, abs=0.0006)
    assert pairs.loc[(lsoa(6), lsoa(12)), "why"] == "barrier,community"
    assert pairs.loc[(lsoa(0), lsoa(29)), ["border_m", "why"]].tolist() == [0.0, "added"]


def test_check_says_how_many_pairs_each_layer_touched(built):
    said = {problem.file: problem for problem in built[1]}
    river, villages = said["barriers.river"], said["communities.villages"]
    assert river.said == "4 pairs of neighbouring LSOAs run along it, of 49 that share a border."
    assert (river.level, villages.level) == ("note", "note")
    assert villages.said.startswith("39 pairs of neighbouring LSOAs lie in one area of it, of 49")


def test_a_barrier_far_away_is_a_warning():
    far = gpd.GeoSeries([LineString([(0, 2500), (6000, 2500)])], crs=27700)
    study = make_small_study(barriers={"road": {"file": "road.gpkg"}})
    place, problems = build_place(make_small_tables(barriers={"road": far}), study)
    (warning,) = [problem for problem in problems if problem.file == "barriers.road"]
    assert warning.level == "warning"
    assert set(place.neighbours["why"]) == {""}


@pytest.mark.parametrize(("share", "along"), [(0.49, False), (0.51, True)])
def test_a_barrier_runs_along_half_of_the_border_or_more(share, along):
    border = MultiLineString([[(0, 0), (400, 0)], [(400, 0), (1000, 0)]])
    end = 1000 * share - 30 / 2**0.5
    ways = [LineString([(-50, 25), (end - 4, 25)]), LineString([(200, -20), (300, -20)])]
    assert bool(runs_along(np.array([border]), np.array(ways))[0]) is along


def test_wide_water_is_near_the_border_in_its_middle():
    border = np.array([LineString([(0, 0), (1000, 0)]), LineString([(0, 400), (1000, 400)]), None])
    water = np.array([LineString([(0, 0), (1000, 0)]).buffer(150)])
    assert runs_along(border, water).tolist() == [True, False, False]


def test_barriers_and_communities_come_back_from_the_store(built, tmp_path):
    place, _ = built
    assert place.barriers.total_bounds.tolist() == [-500.0, 1990.0, 3510.0, 1990.0]
    write_place(place, tmp_path)
    again = read_place(tmp_path)
    pd.testing.assert_frame_equal(again.neighbours, place.neighbours)
    pd.testing.assert_frame_equal(again.communities, place.communities)
    pd.testing.assert_frame_equal(pd.DataFrame(again.barriers), pd.DataFrame(place.barriers))
    assert again.barriers["label"].tolist() == ["The river"]


def test_a_place_without_barriers_has_none_after_the_store(small_place, tmp_path):
    write_place(small_place, tmp_path)
    again = read_place(tmp_path)
    assert (len(again.barriers), len(again.communities)) == (0, 0)
    assert not again.barriers.geometry.contains(Point(0, 0)).any()
