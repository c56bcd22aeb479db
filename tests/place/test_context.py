"""Context: what people know the ground by comes in, is cut to the place, credited if drawn."""

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, box
from tests.conftest import make_small_study, make_small_tables

from boundaries.pages.identity import identify
from boundaries.pages.payload_place import place_payload
from boundaries.pages.pictures import map_figure, outlines
from boundaries.place import build_place
from boundaries.place.store import read_place, write_place
from boundaries.read.context import read_context
from boundaries.read.tables import Source
from boundaries.study import ContextLayer


def frame(*rows):
    return gpd.GeoDataFrame(
        {"label": [label for label, _ in rows]}, geometry=[shape for _, shape in rows], crs=27700
    )


LAYERS = {
    "lake": frame(("", box(1000, 1000, 2000, 2000)), ("", box(100, 100, 101, 101))),
    "line": frame(("", LineString([(-90_000, 2500), (90_000, 2500)]))),
    "stops": frame(("Mid Halt", Point(3000, 2500)), ("Mid Halt", Point(3001, 2501)),
                   ("", Point(2000, 2500)), ("Far Halt", Point(60_000, 0))),
    "away": frame(("", box(50_000, 0, 60_000, 9))),
}  # fmt: skip
KINDS = {"lake": "water", "line": "rail", "stops": "station", "away": "park"}


@pytest.fixture(scope="module")
def built():
    context = {key: {"file": f"{key}.gpkg", "kind": kind} for key, kind in KINDS.items()}
    sources = tuple(
        Source(f"context.{key}", f"{key}.gpkg", "ab", 1, "", "", attribution=f"© {key}")
        for key in KINDS
    )
    tables = make_small_tables(context=LAYERS, sources=sources)
    return build_place(tables, make_small_study(context=context))[0]


def test_what_is_near_is_kept_cut_and_named_once(built):
    kept = built.context.groupby("layer").size().to_dict()
    assert kept == {"lake": 1, "line": 1, "stops": 1}  # no speck, no double, nothing nameless
    west, _, east, _ = built.context.total_bounds
    assert (west, east) == (-360.0, 6360.0)
    credited = {source.attribution for source in built.sources}
    assert credited == {"© lake", "© line", "© stops", ""}  # nothing is credited that is not drawn


def test_it_comes_back_from_the_store_and_into_the_page(built, tmp_path):
    write_place(built, tmp_path)
    again = read_place(tmp_path)
    assert again.context["label"].tolist() == built.context["label"].tolist()
    assert again.context.geometry.geom_equals(built.context.geometry).all()
    ground = place_payload(again)["ground"]
    assert (list(ground["areas"]), list(ground["lines"])) == (["water"], ["rail"])
    assert [name[2:] for name in ground["names"]] == [["Mid Halt", "station"]]
    assert len(ground["areas"]["water"][0]) == 10  # a square, its first corner once more


def test_the_report_s_pictures_show_it(built, small_run):
    from dataclasses import replace  # noqa: PLC0415

    run = replace(small_run, place=replace(small_run.place, context=built.context))
    draw = {"shapes": outlines(run.place.lsoas), "identities": identify(run), "credit": False}
    with_ground = map_figure(run, run.options[0], **draw).axes[0]
    without = map_figure(small_run, run.options[0], **draw).axes[0]
    assert len(with_ground.get_children()) > len(without.get_children())
    assert with_ground.get_xlim() == without.get_xlim()


def test_faults_are_named(tmp_path):
    path = tmp_path / "lake.gpkg"
    LAYERS["lake"].to_file(path)
    problems = []
    kind = ContextLayer(file=path, kind="rail")
    assert read_context("context.lake", kind, problems) == (None, [])
    column = ContextLayer(file=path, kind="water", label="lable")
    assert read_context("context.lake", column, problems) == (None, [])
    assert [problem.said for problem in problems] == [
        "The file has no lines, which kind = 'rail' draws.",
        "There is no column 'lable'.",
    ]
    assert "Did you mean 'label'" in problems[1].fix
    good = ContextLayer(file=path, kind="water", label="label", credit="© Lakes")
    shapes, (source,) = read_context("context.lake", good, problems)
    assert (len(shapes), source.attribution, len(problems)) == (2, "© Lakes", 2)
