"""Files with the right columns and values that no true file has: what a reader would see."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from tests.conftest import lsoa, make_small_study, make_small_tables

from boundaries.checks import check_tables, find_scope
from boundaries.checks.odd import name_problems, odd_problems
from boundaries.read.people import read_deprivation
from boundaries.read.postcodes import read_postcodes
from boundaries.read.tables import Source


def odd(**changes):
    tables = make_small_tables(**changes)
    scope, _ = find_scope(tables, make_small_study())
    found = [*odd_problems(tables, scope), *name_problems(tables, scope)]
    return [(problem.level, problem.said) for problem in found]


def lookup(**columns):
    frame = make_small_tables().lsoas[["lsoa_code", "ward_code", "ward_name"]]
    frame = pd.DataFrame(frame).assign(borough_code="E09000099", borough_name="Squareborough")
    return frame.assign(**columns)


def centres(**moved):
    places = make_small_tables().lsoas
    table = pd.DataFrame(
        {"lsoa_code": places["lsoa_code"], "easting": places["centre_e"],
         "northing": places["centre_n"]}
    )  # fmt: skip
    for column, by in moved.items():
        table.loc[3, column] += by
    return table


def people(number=3, **cells):
    table = pd.DataFrame(make_small_tables().lsoas[["lsoa_code", "residents", "residents_65_plus"]])
    for column, value in cells.items():
        table.loc[number, column] = value
    return table


def deciles(*more):
    table = pd.DataFrame({"lsoa_code": [lsoa(n) for n in range(30)], "imd_decile": 4})
    return pd.concat([table, pd.DataFrame(more, columns=table.columns)], ignore_index=True)


def practices(name):
    table = make_small_tables().practices
    table.loc[0, "practice_name"] = name
    return table


def members(name):
    table = make_small_tables().memberships
    table.loc[table["pcn_code"] == "U00002", "pcn_name"] = name
    return table


def outline(code, name):
    return gpd.GeoDataFrame(
        {"borough_code": [code], "borough_name": [name]}, geometry=[box(0, 0, 6e3, 5e3)], crs=27700
    )


NAMES = ["Ward X" if n == 7 else f"Ward {(n % 6) // 2 + 3 * (n // 18)}" for n in range(30)]


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({"centroids": centres(easting=9_000)}, "warning", "1 population-weighted centre outside"),
        ({"residents": people(residents=40)}, "warning", "as hardly any LSOA has: "),
        ({"residents": people(residents_65_plus=1_900)}, "error", "more residents of 65 and over"),
        ({"deprivation": deciles((lsoa(2), 9))}, "warning", "1 LSOA of the place with several"),
        ({"areas": lookup(ward_name=NAMES)}, "warning", "1 ward under several names"),
        ({"areas": lookup(ward_name="")}, "warning", "6 wards without a name"),
        ({"wards": lookup(ward_code=["-1", *["E05000001"] * 29], ward_name="A")}, "warning",
         "1 row without the code of a ward: '-1'"),
        ({"wards": lookup(ward_name="E09000099")}, "warning", "1 name of a ward that is a code"),
        ({"residents": people(residents_65_plus=1_400)}, "warning", "with over 75% of its"),
        ({"residents": people(residents_65_plus=pd.NA)}, "warning", "No residents of 65 and over"),
        ({"boroughs": outline("E09000099", "Squarebury")}, "note", "is 'Squarebury' in the layer"),
        ({"practices": practices("20200401")}, "warning", "1 name of a practice that is a code"),
        ({"memberships": members("Alder PCN")}, "warning", "2 PCNs of one name, 'Alder PCN'"),
        ({"memberships": members("")}, "note", "1 PCN without a name: U00002"),
        ({"boroughs": outline("E09000001", "Otherby")}, "warning", "has no Squareborough"),
    ],
)  # fmt: skip
def test_what_no_true_file_has_is_said(changes, level, said):
    assert odd() == []
    found = [one for one in odd(**changes) if said in one[1]]
    assert [one[0] for one in found] == [level]


def test_the_name_of_a_pcn_comes_from_any_of_its_rows():
    members = make_small_tables().memberships
    members.loc[members["practice_code"] == "A00001", "pcn_name"] = ""
    tables = make_small_tables(memberships=members)
    scope, _ = find_scope(tables, make_small_study())
    assert scope.members.loc["A00001", "pcn_name"] == "Alder PCN"
    members.loc[members["practice_code"] == "A00001", "pcn_name"] = "Elder PCN"
    found = check_tables(make_small_tables(memberships=members), make_small_study())
    assert any("U00001 stands under several names: Alder PCN, Elder PCN" in p.said for p in found)


def test_list_sizes_of_the_same_day_that_differ_by_a_row_are_a_note(small_study):
    tables = make_small_tables()
    totals = tables.registrations.groupby("practice_code")["patients"].sum()
    sizes = totals.rename("list_size").reset_index().assign(file="sizes.csv", row=2)
    sources = tuple(
        Source(role, f"{role}.csv", "", 1, date="2025-10-01")
        for role in ("list_sizes", "registrations")
    )

    def said(table):
        given = replace(tables, list_sizes=table, sources=sources)
        found = check_tables(given, small_study)
        return [p for p in found if "than the list sizes of the same day" in p.said]

    assert said(sizes) == []
    sizes.loc[0, "list_size"] += 1
    (problem,) = said(sizes)
    assert (problem.level, problem.code) == ("note", "A00001")


def test_ranks_and_deciles_that_contradict_each_other_are_a_warning(tmp_path):
    head = "LSOA code (2021),IMD Rank,IMD Decile"
    rows = [f"E0100{n:04d},{n * 3000},{n + 1}" for n in range(9)]
    assert deprivation_problems(as_text(tmp_path, "a.csv", head, *rows)) == []
    rows[3] = "E01000003,9000,6"
    (problem,) = deprivation_problems(as_text(tmp_path, "b.csv", head, *rows))
    assert problem.level == "warning"
    assert "contradict each other, at E01000004" in problem.said


def as_text(folder, name, *lines):
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


def deprivation_problems(path):
    problems = []
    read_deprivation([path], problems)
    return problems


def test_a_postcode_at_two_points_is_a_warning(tmp_path):
    row = '"ZZ1 1AA",10,53{}000,180000,"E92000001","","E18","","E09000099","E05000001"'
    for second, count in (("0", 0), ("1", 1)):
        path = as_text(tmp_path, "zz.csv", row.format(0), row.format(second))
        problems = []
        read_postcodes([path], {"ZZ1 1AA"}, problems)
        assert len(problems) == count
