"""A place in one file, and back."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from boundaries.errors import InputError
from boundaries.place import build_place, read_place, store, write_place
from boundaries.read.tables import Source

FRAMES = ("lsoas", "practices", "pcns", "registrations", "elsewhere", "neighbours", "boroughs")


@pytest.fixture
def place(small_tables, small_study):
    built, _ = build_place(small_tables, small_study)
    source = Source("registrations", "r.csv", "0" * 64, 3, "NHS England", "2025-10-01")
    names = pd.Series(["West", "East"] * 15, built.lsoas.index, dtype="str").rename("footprint")
    return replace(built, sources=(source,), footprints={"today": names}, modelled_share=0.125)


def test_round_trip(place, tmp_path):
    write_place(place, tmp_path)
    again = read_place(tmp_path)
    for name in FRAMES:
        pd.testing.assert_frame_equal(
            pd.DataFrame(getattr(again, name)), pd.DataFrame(getattr(place, name))
        )
    assert again.lsoas.crs == place.lsoas.crs
    assert list(again.teams) == list(place.teams)
    for name, layer in place.teams.items():
        pd.testing.assert_frame_equal(again.teams[name].shares, layer.shares)
        assert (again.teams[name].label, again.teams[name].weight) == (layer.label, layer.weight)
        assert again.teams[name].patches.geometry.geom_equals(layer.patches.geometry).all()
    pd.testing.assert_series_equal(again.footprints["today"], place.footprints["today"])
    assert again.sources == place.sources
    assert (again.name, again.lsoa_year, again.modelled_share) == (
        place.name,
        place.lsoa_year,
        place.modelled_share,
    )
    assert again.cut_pairs.columns.tolist() == ["lsoa_code_a", "lsoa_code_b", "border_m"]


def test_a_practice_without_a_point_comes_back_without_one(place, tmp_path):
    practices = place.practices.copy()
    practices.loc["A00001", "geometry"] = None
    write_place(replace(place, practices=practices), tmp_path)
    assert read_place(tmp_path).practices.loc["A00001"].geometry.is_empty


def test_the_same_place_makes_the_same_bytes(place, tmp_path):
    first = write_place(place, tmp_path / "one").read_bytes()
    assert write_place(place, tmp_path / "two").read_bytes() == first


def test_a_failed_write_leaves_the_older_file_alone(place, tmp_path, monkeypatch):
    before = write_place(place, tmp_path).read_bytes()
    monkeypatch.setattr(store, "_about", lambda _: {"x": object()})
    with pytest.raises(TypeError):
        write_place(replace(place, name="Another"), tmp_path)
    assert (tmp_path / "place.gpkg").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["place.gpkg"]


def test_reading_says_what_is_missing(place, tmp_path):
    with pytest.raises(InputError, match=r"There is no place\.gpkg"):
        read_place(tmp_path)
    place.lsoas.to_file(tmp_path / "place.gpkg", layer="lsoas")
    with pytest.raises(InputError, match="not written by this tool"):
        read_place(tmp_path)
