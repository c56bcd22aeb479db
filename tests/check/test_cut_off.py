"""Files that were cut, that touch nothing, that could not be read; practices without a file."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from tests.conftest import lsoa, make_small_study, make_small_tables

from boundaries.checks import check_tables, find_scope
from boundaries.checks.cut_off import cut_off_problems
from boundaries.checks.practices import site_problems
from boundaries.place.shares import shares_by_overlap
from boundaries.read.tables import LayerTable


def cut_off(**changes):
    tables = make_small_tables(**changes)
    scope, _ = find_scope(tables, make_small_study())
    return [(problem.level, problem.said) for problem in cut_off_problems(tables, scope)]


def shorter(count):
    tables = make_small_tables()
    return tables.lsoas[~tables.lsoas["lsoa_code"].isin([lsoa(n) for n in count])]


def test_a_lookup_of_the_place_knows_lsoas_that_the_layer_lacks():
    every = make_small_tables().lsoas
    areas = pd.DataFrame(every[["lsoa_code", "borough_code", "borough_name"]])
    for role in ("areas", "wards"):
        assert cut_off(**{role: areas}) == []
        (level, said), = cut_off(lsoas=shorter([20, 29]), **{role: areas})  # fmt: skip
        assert level == "error"
        assert "lacks 2 LSOAs" in said
        assert f"{lsoa(20)}, {lsoa(29)}" in said
    far = areas.assign(borough_code="E09000001", borough_name="Elsewhere")
    assert cut_off(areas=pd.concat([areas, far.assign(lsoa_code="E01777777")])) == []


def test_a_residents_file_of_the_place_does_too_and_a_national_one_does_not():
    every = make_small_tables().lsoas
    people = pd.DataFrame({"lsoa_code": every["lsoa_code"], "residents": 1500})
    assert cut_off(residents=people) == []
    (level, said), = cut_off(lsoas=shorter([29]), residents=people)  # fmt: skip
    assert (level, "lacks 1 LSOA that" in said) == ("warning", True)
    others = pd.DataFrame({"lsoa_code": [f"E0105{n:04d}" for n in range(900)], "residents": 1})
    national = pd.concat([people, others])
    assert cut_off(lsoas=shorter([29]), residents=national) == []


def test_registrations_with_codes_between_those_of_the_place_are_a_warning():
    (level, said), = cut_off(lsoas=shorter([14, 15]))  # fmt: skip
    assert level == "warning"
    assert f"{lsoa(14)}, {lsoa(15)}" in said
    assert cut_off() == []


def test_patches_that_touch_nothing_are_an_error():
    lsoas = make_small_tables().lsoas.set_index("lsoa_code")
    far = gpd.GeoDataFrame(
        index=pd.Index(["North", "South"], name="name"),
        geometry=[box(9e5, 9e5, 9.1e5, 9.1e5), box(9.2e5, 9e5, 9.3e5, 9.1e5)],
        crs=27700,
    )
    _, (problem,) = shares_by_overlap(lsoas, LayerTable(polygons=far), file="teams.gpkg")
    assert problem.level == "error"
    assert "None of the 2 patches of teams.gpkg touches the place" in problem.said


def test_nothing_is_said_that_follows_from_a_file_that_could_not_be_read():
    none = make_small_tables().memberships.iloc[:0]
    tables = make_small_tables(memberships=none)
    study = make_small_study(locks=[{"stays": "A00001", "reason": "a lease"}])
    loud = check_tables(tables, study)
    assert sum("has no PCN" in problem.said for problem in loud) == 6
    assert any("A lock keeps A00001" in problem.said for problem in loud)
    quiet = check_tables(tables, study, unread=frozenset({"memberships"}))
    assert not any("PCN" in problem.said for problem in quiet)
    lsoas = make_small_tables().lsoas.drop(columns="residents")
    said = [one.said for one in check_tables(make_small_tables(lsoas=lsoas), study)]
    assert "No LSOA of the place has residents." in said
    said = check_tables(make_small_tables(lsoas=lsoas), study, unread=frozenset({"residents"}))
    assert "No LSOA of the place has residents." not in [one.said for one in said]


def unlisted(*, elsewhere: int):
    """A practice that the practice file does not know, with 900 patients of LSOA 20."""
    tables = make_small_tables()
    new = {"practice_code": "A00007", "practice_name": "", "patients": 900, "file": "r.csv"}
    rows = [{**new, "lsoa_code": lsoa(20), "row": 1}]
    if elsewhere:
        rows.append({**new, "lsoa_code": "E01009999", "patients": elsewhere, "row": 2})
    rows = pd.concat([tables.registrations, pd.DataFrame(rows)], ignore_index=True)
    scope, _ = find_scope(replace(tables, registrations=rows), make_small_study())
    return "A00007" in scope.of_place.index


def test_a_practice_unknown_to_the_practice_file_counts_in_when_its_list_is_whole():
    assert unlisted(elsewhere=5)
    assert not unlisted(elsewhere=0)  # its file was cut to the residents of the layer
    assert not unlisted(elsewhere=2000)


@pytest.mark.parametrize(
    ("eastings", "said"),
    [((0, 1, 2, 11), 1), ((0, 1, 12, 21), 0), ((0, 14), 0), ((0, 1, 2, 3), 0)],
)
def test_far_from_its_pcn_is_judged_against_the_pcns_own_spread(eastings, said):
    codes = ["A00001", "A00002", "A00003", "A00004"][: len(eastings)]
    members = make_small_tables().memberships
    ours = members[members["practice_code"].isin(codes)].assign(pcn_code="U00001", pcn_name="Alder")
    practices = make_small_tables().practices
    where = dict(zip(codes, [1000.0 * km for km in eastings], strict=True))
    practices = practices.assign(
        easting=practices["practice_code"].map(where).fillna(practices["easting"]),
        northing=500.0,
    )
    wide = members[members["practice_code"].isin({"A00005", "B00009"})].assign(
        pcn_code="U00003", pcn_name="Cedar"
    )
    every = pd.concat([ours, wide]) if len(eastings) == 2 else ours
    tables = make_small_tables(memberships=every, practices=practices)
    scope, _ = find_scope(tables, make_small_study())
    found = [
        one for one in site_problems(tables, scope, make_small_study()) if "stands " in one.said
    ]
    assert len([one for one in found if "(U00001)" in one.said]) == said
