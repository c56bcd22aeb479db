"""Barriers as their files hold them: lines, polygons, classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
from shapely.geometry import LineString, Point, box

from boundaries.read.barriers import read_barrier
from boundaries.study import Barrier

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, **more):
    problems = []
    shapes, sources = read_barrier("barriers.roads", Barrier(file=path, **more), problems)
    return shapes, sources, problems


def roads(tmp_path) -> Path:
    frame = gpd.GeoDataFrame(
        {"Class": ["Motorway", "A Road", "B Road"], "number": [1, 2, 3]},
        geometry=[LineString([(5e5, 2e5 + n), (5.1e5, 2e5 + n)]) for n in range(3)],
        crs=27700,
    )
    frame.to_file(tmp_path / "roads.gpkg", layer="roads")
    return tmp_path / "roads.gpkg"


def test_every_feature_counts_without_classes(tmp_path):
    shapes, (source,), problems = read(roads(tmp_path))
    assert (len(shapes), source.rows, source.role) == (3, 3, "barriers.roads")
    assert problems == []
    assert shapes.crs.to_epsg() == 27700


def test_classes_are_picked_whatever_their_case(tmp_path):
    shapes, _, problems = read(roads(tmp_path), where={"class": ["motorway", "A road"]})
    assert shapes.bounds["miny"].tolist() == [2e5, 2e5 + 1]
    assert problems == []
    assert len(read(roads(tmp_path), where={"class": "B Road", "number": ["3"]})[0]) == 1


def test_a_class_that_no_feature_has_is_a_warning_that_names_those_there(tmp_path):
    shapes, _, (problem,) = read(roads(tmp_path), where={"class": ["Motorways"]})
    assert len(shapes) == 0
    assert (problem.level, problem.field) == ("warning", "barriers.roads.where")
    assert problem.said == "No feature has class = 'Motorways'."
    assert problem.fix == "It has: A Road, B Road, Motorway."


def test_a_column_that_is_not_there_is_an_error_with_the_nearest(tmp_path):
    shapes, sources, (problem,) = read(roads(tmp_path), where={"clas": ["A Road"]})
    assert (shapes, sources) == (None, [])
    assert problem.level == "error"
    assert problem.fix == "Did you mean 'Class'?"


def test_all_layers_of_lines_and_polygons_count_and_points_do_not(tmp_path):
    path = roads(tmp_path)
    lake = gpd.GeoDataFrame({"name": ["Lake"]}, geometry=[box(5e5, 2e5, 5.1e5, 2.1e5)], crs=27700)
    lake.to_file(path, layer="water", mode="a")
    station = gpd.GeoDataFrame({"name": ["Halt"]}, geometry=[Point(5e5, 2e5)], crs=27700)
    station.to_file(path, layer="stations", mode="a")
    assert sorted(read(path)[0].geom_type) == ["LineString"] * 3 + ["Polygon"]
    station.to_file(tmp_path / "points.gpkg")
    shapes, _, (problem,) = read(tmp_path / "points.gpkg")
    assert shapes is None
    assert problem.said == "The file has no lines and no polygons."
