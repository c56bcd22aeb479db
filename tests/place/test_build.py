"""Tables in, the same place out that can be drawn by hand."""

from __future__ import annotations

import re
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from boundaries.errors import InputError
from boundaries.place import build_place
from boundaries.read.tables import LayerTable
from boundaries.study import Study


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(pd.DataFrame(left), pd.DataFrame(right), check_dtype=False)


def with_place(study: Study, **changes) -> Study:
    return study.model_copy(update={"place": study.place.model_copy(update=changes)})


def test_the_small_place_comes_out_as_drawn(small_tables, small_study, small_place):
    place, problems = build_place(small_tables, small_study)

    assert [p for p in problems if p.level != "note"] == []
    same(place.lsoas.drop(columns="geometry"), small_place.lsoas.drop(columns="geometry"))
    assert place.lsoas.geometry.geom_equals(small_place.lsoas.geometry).all()
    same(place.practices.drop(columns="geometry"), small_place.practices.drop(columns="geometry"))
    same(place.pcns, small_place.pcns)
    same(place.registrations, small_place.registrations)
    same(place.elsewhere, small_place.elsewhere)
    same(place.neighbours, small_place.neighbours)
    for name, layer in small_place.teams.items():
        same(place.teams[name].shares, layer.shares)
        assert place.teams[name].label == layer.label
        assert place.teams[name].patches.geometry.geom_equals(layer.patches.geometry).all()
    assert place.modelled_share == 0
    assert len(place.cut_pairs) == 0


def test_inputs_are_not_changed(small_tables, small_study):
    before = {
        name: getattr(small_tables, name).copy()
        for name in ("registrations", "practices", "memberships", "lsoas")
    }
    build_place(small_tables, small_study)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, getattr(small_tables, name))


def test_list_size_is_every_registered_patient_special_codes_too(small_tables, small_study):
    place, _ = build_place(small_tables, small_study)
    one = place.practices.loc["A00001"]
    assert one["list_size"] == one["patients_inside"] + 40
    assert one["patients_outside"] == 40


def test_an_excluded_practice_counts_as_outside_and_keeps_its_pcn_list(small_tables, small_study):
    whole, _ = build_place(small_tables, small_study)
    place, _ = build_place(small_tables, with_place(small_study, exclude_practices=("A00002",)))

    assert "A00002" not in place.practices.index
    pcn = place.pcns.loc["U00001"]
    assert pcn["list_size"] == whole.pcns.loc["U00001", "list_size"]
    assert pcn["list_outside"] == whole.practices.loc["A00002", "list_size"]
    assert (pcn["practices"], pcn["practices_outside"]) == (1, 1)
    theirs = place.elsewhere[place.elsewhere["pcn_code"] == "U00001"]
    assert theirs["patients"].sum() == whole.practices.loc["A00002", "patients_inside"]


def test_an_included_practice_outside_gets_the_borough_of_its_patients(small_tables, small_study):
    place, _ = build_place(small_tables, with_place(small_study, include_practices=("B00009",)))
    assert place.practices.loc["B00009", "borough_code"] == "E09000099"
    assert place.practices.loc["B00009", "patients_inside"] == 25
    assert "U00009" in place.pcns.index


def test_a_practice_of_another_setting_counts_until_it_is_excluded(small_tables, small_study):
    practices = small_tables.practices.copy()
    practices.loc[practices["practice_code"] == "A00006", "prescribing_setting"] = "0"
    place, _ = build_place(replace(small_tables, practices=practices), small_study)
    assert "A00006" in place.practices.index
    excluded = with_place(small_study, exclude_practices=("A00006",))
    place, _ = build_place(replace(small_tables, practices=practices), excluded)
    assert "A00006" not in place.practices.index


def test_a_practice_without_coordinates_is_not_lost_when_its_patients_live_here(
    small_tables, small_study
):
    practices = small_tables.practices.copy()
    practices.loc[practices["practice_code"] == "A00005", ["easting", "northing"]] = float("nan")
    place, _ = build_place(replace(small_tables, practices=practices), small_study)
    assert place.practices.loc["A00005"].geometry.is_empty
    cut = small_tables.registrations.query("lsoa_code < 'E01000030' or practice_code != 'A00005'")
    cut = replace(small_tables, practices=practices, registrations=cut)
    place, _ = build_place(cut, small_study)
    assert "A00005" in place.practices.index  # the file is whole: others have patients elsewhere
    residents = small_tables.registrations.query("lsoa_code < 'E01000030'")
    place, _ = build_place(replace(cut, registrations=residents), small_study)
    assert "A00005" not in place.practices.index  # cut to the place's residents
    unknown = practices[practices["practice_code"] != "A00005"]
    place, _ = build_place(replace(small_tables, practices=unknown), small_study)
    assert "A00005" in place.practices.index


def test_a_practice_on_the_quay_belongs_to_the_nearest_lsoa(small_tables, small_study):
    practices = small_tables.practices.copy()
    quay = practices["practice_code"] == "A00001"
    practices.loc[quay, ["easting", "northing"]] = (-30.0, 1600.0)
    place, _ = build_place(replace(small_tables, practices=practices), small_study)
    assert "A00001" in place.practices.index
    practices.loc[quay, "easting"] = -80.0
    place, _ = build_place(replace(small_tables, practices=practices), small_study)
    assert "A00001" not in place.practices.index


def test_coordinates_come_from_the_postcode_file(small_tables, small_study):
    practices = small_tables.practices.copy()
    lost = practices["practice_code"] == "A00005"
    practices.loc[lost, ["easting", "northing"]] = float("nan")
    practices.loc[lost, "postcode"] = "sq15aa"
    postcodes = pd.DataFrame(
        {"easting": [4400], "northing": [600], "borough_code": ["E09000099"]},
        index=pd.Index(["SQ1 5AA"], name="postcode"),
    )
    tables = replace(small_tables, practices=practices, postcodes=postcodes)
    place, _ = build_place(tables, small_study)
    point = place.practices.loc["A00005"].geometry
    assert (point.x, point.y) == (4400, 600)


def test_an_included_practice_without_coordinates_has_an_empty_point(small_tables, small_study):
    practices = small_tables.practices.copy()
    practices.loc[practices["practice_code"] == "A00005", ["easting", "northing"]] = float("nan")
    tables = replace(small_tables, practices=practices)
    place, _ = build_place(tables, with_place(small_study, include_practices=("A00005",)))
    assert place.practices.loc["A00005"].geometry.is_empty
    assert place.practices.loc["A00005", "borough_code"] == "E09000099"


@pytest.mark.parametrize(
    ("start", "end", "member"),
    [
        ("2019-07-01", None, True),
        ("2025-10-01", None, True),
        ("2025-10-02", None, False),
        ("2019-07-01", "2025-10-01", True),
        ("2019-07-01", "2025-09-30", False),
    ],
)
def test_membership_is_in_force_on_the_date(small_tables, small_study, start, end, member):
    members = small_tables.memberships.copy()
    five = members["practice_code"] == "A00005"
    members.loc[five, "start"] = pd.Timestamp(start)
    members.loc[five, "end"] = pd.NaT if end is None else pd.Timestamp(end)
    place, _ = build_place(replace(small_tables, memberships=members), small_study)
    assert pd.notna(place.practices.loc["A00005", "pcn_code"]) == member


def test_the_latest_start_wins_on_doubles(small_tables, small_study):
    members = small_tables.memberships
    second = members[members["practice_code"] == "A00005"].assign(
        pcn_code="U00002", start=pd.Timestamp("2024-04-01")
    )
    tables = replace(small_tables, memberships=pd.concat([members, second], ignore_index=True))
    place, _ = build_place(tables, small_study)
    assert place.practices.loc["A00005", "pcn_code"] == "U00002"


def test_pcns_come_from_the_practice_file_when_there_is_no_membership_file(
    small_tables, small_study
):
    practices = small_tables.practices.assign(pcn_code="U00001", pcn_name="Alder PCN")
    practices.loc[practices["practice_code"] == "A00006", "pcn_code"] = "U"
    tables = replace(
        small_tables, practices=practices, memberships=small_tables.memberships.iloc[:0]
    )
    place, _ = build_place(tables, small_study)
    assert list(place.pcns.index) == ["U00001"]
    assert pd.isna(place.practices.loc["A00006", "pcn_code"])


def test_floor_span_and_waiver_follow_the_study(small_tables, small_study):
    rules = small_study.rules.model_copy(
        update={"waivers": (), "pcn_floor": 2_000, "span_patients": 1_000}
    )
    place, _ = build_place(small_tables, small_study.model_copy(update={"rules": rules}))
    for code, pcn in place.pcns.iterrows():
        assert pcn["floor"] == min(2_000, pcn["list_size"]), code
        own = place.practices[place.practices["pcn_code"] == code]
        assert pcn["span"] == max(1, own["patients_inside"].sum() // 1_000), code


def test_boroughs_are_found_by_the_lsoas_names_when_no_file_has_them(small_tables, small_study):
    lsoas = small_tables.lsoas.assign(borough_code="", borough_name="")
    lsoas["lsoa_name"] = [f"Squareborough {n:03d}A" for n in range(len(lsoas))]
    tables = replace(small_tables, lsoas=lsoas, boroughs=None)
    place, _ = build_place(tables, small_study)
    assert set(place.lsoas["borough_name"]) == {"Squareborough"}
    assert place.boroughs.geometry.iloc[0].equals(box(0, 0, 6000, 5000))


def test_boroughs_are_found_by_polygon(small_tables, small_study):
    lsoas = small_tables.lsoas.assign(borough_code="", borough_name="")
    halves = gpd.GeoDataFrame(
        {"borough_code": ["E09000098", "E09000099"], "borough_name": ["West", "East & West"]},
        geometry=[box(0, 0, 3000, 5000), box(3000, 0, 6000, 5000)],
        crs=27700,
    )
    tables = replace(small_tables, lsoas=lsoas, boroughs=halves)
    place, _ = build_place(tables, with_place(small_study, boroughs=("east and west",), name=""))
    assert len(place.lsoas) == 15
    assert place.name == "East & West"
    both, _ = build_place(tables, with_place(small_study, boroughs=("West", "E09000099"), name=""))
    assert both.name == "East & West and West"
    assert both.pcns.loc["U00001", "practices"] == 2


def test_wards_by_polygon_by_lookup_and_missing(small_tables, small_study):
    polygons = gpd.GeoDataFrame(
        {"ward_code": ["W1"], "ward_name": ["South"]}, geometry=[box(0, 0, 6000, 2100)], crs=27700
    )
    place, problems = build_place(replace(small_tables, wards=polygons), small_study)
    assert (place.lsoas["ward_code"] == "W1").sum() == 12
    assert [p for p in problems if "No ward for 18 LSOAs" in p.said]
    lookup = pd.DataFrame(
        {"lsoa_code": small_tables.lsoas["lsoa_code"], "ward_code": "W2", "ward_name": "All"}
    )
    place, _ = build_place(replace(small_tables, wards=lookup), small_study)
    assert set(place.lsoas["ward_name"]) == {"All"}


def test_footprints_take_the_largest_share(small_tables, small_study):
    patches = gpd.GeoDataFrame(
        geometry=[box(-10, -10, 3400, 5010), box(3400, -10, 6010, 5010)],
        index=pd.Index(["West", "East"], name="name"),
        crs=27700,
    )
    tables = replace(small_tables, footprints={"today": LayerTable(polygons=patches)})
    study = Study.model_validate(
        {**small_study.model_dump(), "footprints": {"today": {"file": "today.gpkg"}}}
    )
    place, problems = build_place(tables, study)
    assert place.footprints["today"].value_counts().to_dict() == {"West": 15, "East": 15}
    assert any("cuts 5 LSOAs" in problem.said for problem in problems)
    short = {"today": LayerTable(polygons=patches.loc[["West"]])}
    with pytest.raises(InputError, match="is in no footprint"):
        build_place(replace(tables, footprints=short), study)


def test_an_unknown_borough_names_the_nearest(small_tables, small_study):
    with pytest.raises(InputError, match=re.escape("Did you mean Squareborough?")):
        build_place(small_tables, with_place(small_study, boroughs=("Squarborough",)))
