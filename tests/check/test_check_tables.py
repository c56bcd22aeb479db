"""Every fault at once, at the right level, with the code that it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from boundaries.checks import check_tables
from boundaries.read.tables import Source
from boundaries.study import Study

if TYPE_CHECKING:
    from boundaries.problems import Problem
    from boundaries.read.tables import Tables


def find(problems, code: str, text: str) -> Problem:
    found = [p for p in problems if p.code == code and text in p.said]
    assert len(found) == 1, [str(problem) for problem in problems]
    return found[0]


def errors(problems) -> list[str]:
    return [str(problem) for problem in problems if problem.level == "error"]


def edited(frame: pd.DataFrame, code: str, **values) -> pd.DataFrame:
    frame = frame.copy()
    for column, value in values.items():
        frame.loc[frame["practice_code"] == code, column] = value
    return frame


def study_with(study: Study, **tables) -> Study:
    return Study.model_validate({**study.model_dump(), **tables})


def registered(tables: Tables, *rows) -> Tables:
    more = pd.DataFrame(rows, columns=["practice_code", "lsoa_code", "patients"])
    more = more.assign(practice_name="", row=range(900, 900 + len(more)), file="registrations.csv")
    return replace(tables, registrations=pd.concat([tables.registrations, more], ignore_index=True))


def test_the_small_place_has_no_errors(small_tables, small_study):
    problems = check_tables(small_tables, small_study)
    assert errors(problems) == []
    assert find(problems, "A00006", "has no PCN").level == "warning"
    assert find(problems, "NO2021", "stands for the LSOA of 18 patients").level == "note"
    few = find(problems, "", "registered patients live in the place")
    assert "(32%)" in few.said
    assert [p.code for p in problems if p.level == "warning"] == ["A00006", ""]


def test_ten_faults_give_ten_problems(small_tables, small_study):
    practices = edited(small_tables.practices, "A00001", status="D")
    practices = edited(practices, "A00002", easting=90_000.0, northing=90_000.0)
    practices = edited(practices, "A00006", prescribing_setting="RO87")
    members = small_tables.memberships
    second = members[members["practice_code"] == "A00005"].assign(pcn_code="U00002")
    tables = registered(
        replace(
            small_tables,
            practices=practices,
            memberships=pd.concat([members, second], ignore_index=True),
        ),
        ("A00004", "E01000022", 5),
        ("A00003", "XYZ", 5),
    )
    study = study_with(
        small_study,
        place={
            "boroughs": ["Squareborough"],
            "include_practices": ["A00009"],
            "exclude_practices": ["Z00001"],
        },
        locks=[{"together": ["E01000001", "E01O00003"]}, {"stays": ["A00099"]}],
        rules={
            "neighbourhoods": 3,
            "spans": {"U00007": 2},
            "waivers": [{"pcn": "U99999", "reason": "why not"}],
        },
    )
    problems = check_tables(tables, study)
    levels = {
        ("A00001", "dormant"): "warning",
        ("A00006", "listed as RO87 (walk-in centre), not as a GP practice"): "warning",
        ("A00005", "is a member of U00002"): "warning",
        ("A00004", "counted twice"): "error",
        ("XYZ", "no LSOA code"): "warning",
        ("A00009", "no registered patients"): "error",
        ("Z00001", "no file knows"): "error",
        ("E01O00003", "A lock names"): "error",
        ("A00099", "A lock names"): "error",
        ("U00007", "A span names"): "error",
        ("U99999", "A waiver names"): "error",
    }
    for (code, text), level in levels.items():
        assert find(problems, code, text).level == level
    assert find(problems, "E01O00003", "").fix == "Write E01000003?"
    assert find(problems, "A00099", "").fix == "Take it out, or check the code."
    assert find(problems, "U00007", "").fix == "Write U00001 or U00002?"
    ranks = [("error", "warning", "note").index(problem.level) for problem in problems]
    assert ranks == sorted(ranks)


def test_a_row_twice_says_how_many_patients_and_where(small_tables, small_study):
    rows = small_tables.registrations
    twice = rows[rows["practice_code"] == "A00005"].assign(file="again.csv")
    tables = replace(small_tables, registrations=pd.concat([rows, twice], ignore_index=True))
    problem = find(check_tables(tables, small_study), "A00005", "counted twice")
    half = int(twice["patients"].sum())
    assert problem.level == "error"
    assert problem.file == "again.csv"
    assert f"({half:,} of {2 * half:,} patients)" in problem.said


def test_a_practice_elsewhere_counted_twice_does_not_stop_the_run(small_tables, small_study):
    tables = registered(small_tables, ("B00009", "E01000029", 25))
    problem = find(check_tables(tables, small_study), "B00009", "counted twice")
    assert problem.level == "warning"


@pytest.mark.parametrize(
    ("published", "level"), [(0.5, "warning"), (0.9, "warning"), (1.02, None), (0.0, None)]
)
def test_list_sizes_against_the_rows(small_tables, small_study, published, level):
    rows = small_tables.registrations
    size = rows.loc[rows["practice_code"] == "A00001", "patients"].sum()
    sizes = pd.DataFrame(
        {
            "practice_code": ["A00001"],
            "list_size": [round(size * published)],
            "row": [2],
            "file": ["sizes.csv"],
        }
    )
    problems = check_tables(replace(small_tables, list_sizes=sizes), small_study)
    about = [p for p in problems if p.code == "A00001" and p.field == "list_size"]
    assert [problem.level for problem in about] == ([level] if level else [])


@pytest.mark.parametrize(("date", "level"), [("2025-10-01", "error"), ("2025-07-01", "warning")])
def test_a_doubled_list_is_an_error_only_between_files_of_one_day(
    small_tables, small_study, date, level
):
    rows = small_tables.registrations
    size = rows.loc[rows["practice_code"] == "A00001", "patients"].sum() // 2
    sizes = pd.DataFrame(
        {"practice_code": ["A00001"], "list_size": [size], "row": [2], "file": ["sizes.csv"]}
    )
    sources = (
        Source("registrations", "registrations.csv", "", 9, date="2025-10-01"),
        Source("list_sizes", "sizes.csv", "", 1, date=date),
    )
    tables = replace(small_tables, list_sizes=sizes, sources=sources)
    problem = find(check_tables(tables, small_study), "A00001", "counted about twice")
    assert problem.level == level


def test_no_coordinates_is_a_warning_for_one_and_an_error_for_all(small_tables, small_study):
    practices = edited(small_tables.practices, "A00005", easting=float("nan"))
    problems = check_tables(replace(small_tables, practices=practices), small_study)
    problem = find(problems, "A00005", "no coordinates")
    assert problem.level == "warning"
    assert "it is counted in, since most of its patients live here" in problem.said
    nobody = small_tables.practices.assign(easting=float("nan"))
    problems = check_tables(replace(small_tables, practices=nobody), small_study)
    assert any("None of the practices" in text for text in errors(problems))


def test_a_practice_far_from_its_pcn_says_how_far(small_tables, small_study):
    members = small_tables.memberships.replace("U00009", "U00001")
    problems = check_tables(replace(small_tables, memberships=members), small_study)
    problem = find(problems, "B00009", "(U00001)")
    assert problem.level == "warning"
    assert "124.5 km" in problem.said
    note = find(problems, "U00001", "outside the place")
    assert note.level == "note"
    assert "1 practice of 3" in note.said


def test_a_list_spread_over_the_country_is_named(small_tables, small_study):
    spread = [("A00003", f"E010{n:05d}", 1) for n in range(20_000, 22_100)]
    problems = check_tables(registered(small_tables, *spread), small_study)
    problem = find(problems, "A00003", "not a local list")
    assert problem.level == "warning"
    assert "exclude_practices" in problem.fix


def test_a_practice_without_a_list_is_noted_unless_it_closed(small_tables, small_study):
    rows = small_tables.registrations
    tables = replace(small_tables, registrations=rows[rows["practice_code"] != "A00006"])
    problem = find(
        check_tables(tables, small_study),
        "",
        "No registrations name 1 active GP practice in the place",
    )
    assert problem.level == "note"
    assert "A00006" in problem.said
    rows = rows[rows["practice_code"] != "A00002"]
    problems = check_tables(replace(tables, registrations=rows), small_study)
    assert find(problems, "U00001", "no registrations name A00002").level == "warning"
    closed = edited(small_tables.practices, "A00002", status="C")
    problems = check_tables(replace(tables, registrations=rows, practices=closed), small_study)
    assert [p for p in problems if p.code == "U00001"] == []


def test_an_lsoa_without_patients_is_a_warning(small_tables, small_study):
    rows = small_tables.registrations
    tables = replace(small_tables, registrations=rows[rows["lsoa_code"] != "E01000004"])
    problem = find(check_tables(tables, small_study), "E01000004", "no registered patients")
    assert problem.level == "warning"


def test_residents_missing_are_errors_one_by_one(small_tables, small_study):
    residents = small_tables.lsoas[["lsoa_code", "residents"]].iloc[2:]
    problems = check_tables(replace(small_tables, residents=residents), small_study)
    assert find(problems, "E01000000", "no residents").level == "error"
    assert find(problems, "E01000001", "no residents").level == "error"
    none = replace(small_tables, lsoas=small_tables.lsoas.drop(columns="residents"))
    assert any(
        "No LSOA of the place has residents" in text
        for text in errors(check_tables(none, small_study))
    )


def test_residents_of_another_year_are_one_error(small_tables, small_study):
    residents = small_tables.lsoas[["lsoa_code", "residents"]].iloc[25:]
    problems = check_tables(replace(small_tables, residents=residents), small_study)
    (text,) = errors(problems)
    assert "No residents for 25 of 30 LSOAs" in text


def test_no_practice_file_is_said_and_nothing_falls_over(small_tables, small_study):
    nobody = small_tables.practices.iloc[:0]
    problems = check_tables(replace(small_tables, practices=nobody), small_study)
    assert any("None of the practices" in text for text in errors(problems))


@pytest.mark.parametrize(
    ("crs", "scale", "said"),
    [
        (4326, 1e-4, "is in WGS 84"),
        (None, 1.0, "does not say which coordinate reference system"),
        (27700, 1e-5, "not metres on that grid"),
        (27700, 1e4, "not metres on that grid"),
    ],
)
def test_wrong_coordinates(small_tables, small_study, crs, scale, said):
    lsoas = small_tables.lsoas.set_crs(None, allow_override=True)
    lsoas["geometry"] = lsoas.geometry.scale(scale, scale, origin=(0, 0))
    lsoas = lsoas if crs is None else lsoas.set_crs(crs)
    problems = check_tables(replace(small_tables, lsoas=lsoas), small_study)
    assert any(said in text for text in errors(problems))


def test_unknown_boroughs_name_the_nearest(small_tables, small_study):
    study = study_with(small_study, place={"boroughs": ["Square", "Squarbrough", "Nowhere at all"]})
    problems = check_tables(small_tables, study)
    fixes = {problem.code: problem.fix for problem in problems if problem.level == "error"}
    assert fixes["Square"] == "Did you mean Squareborough?"
    assert fixes["Squarbrough"] == "Did you mean Squareborough?"
    assert "Squareborough" in fixes["Nowhere at all"]


def test_an_lsoa_twice_in_the_layer_is_an_error(small_tables, small_study):
    lsoas = pd.concat([small_tables.lsoas, small_tables.lsoas.iloc[[3]]], ignore_index=True)
    problems = check_tables(replace(small_tables, lsoas=lsoas), small_study)
    assert find(problems, "E01000003", "stands 2 times").level == "error"


def test_registrations_of_2011_with_polygons_of_2021(small_tables, small_study):
    lsoas = small_tables.lsoas.copy()
    lsoas.loc[lsoas["lsoa_code"] == "E01000003", "lsoa_code"] = "E01034003"
    tables = replace(small_tables, lsoas=lsoas)
    (text,) = errors(check_tables(tables, small_study))
    assert "The LSOA layer lsoas is of 2021, the registrations of 2011" in text
    assert "lsoa_lookup" in text
    lookup = pd.DataFrame(
        [(code, code, "U") for code in small_tables.lsoas["lsoa_code"] if code != "E01000003"]
        + [("E01000003", "E01034003", "X")],
        columns=["lsoa11", "lsoa21", "change"],
    )
    assert errors(check_tables(replace(tables, lsoa_lookup=lookup), small_study)) == []
    wrong = lookup.rename(columns={"lsoa11": "lsoa21", "lsoa21": "lsoa11"})
    (text,) = errors(check_tables(replace(tables, lsoa_lookup=wrong), small_study))
    assert "does not name 1 of the place's 30 LSOAs" in text


def test_registrations_of_2021_with_polygons_of_2011(small_tables, small_study):
    rows = small_tables.registrations.replace({"lsoa_code": {"E01000003": "E01034003"}})
    tables = replace(small_tables, registrations=rows, lsoa_year=2011)
    (text,) = errors(check_tables(tables, small_study))
    assert "The LSOA layer is of 2011, the registrations of 2021" in text


def test_two_files_that_disagree_about_a_pcn(small_tables, small_study):
    practices = edited(small_tables.practices, "A00005", pcn_code="U00001")
    problems = check_tables(replace(small_tables, practices=practices), small_study)
    assert find(problems, "A00005", "the membership file is used").level == "warning"


def test_a_lock_on_a_practice_without_a_pcn(small_tables, small_study):
    study = study_with(small_study, locks=[{"stays": ["A00006"]}])
    assert find(check_tables(small_tables, study), "A00006", "has none").level == "error"


def test_deciles_that_are_ranks(small_tables, small_study):
    ranks = pd.DataFrame(
        {"lsoa_code": small_tables.lsoas["lsoa_code"], "imd_decile": [32_000] + [3] * 29}
    )
    problems = check_tables(replace(small_tables, deprivation=ranks.iloc[:-1]), small_study)
    assert find(problems, "E01000000", "32000").level == "error"
    assert any(
        "no deprivation decile for 1 LSOA of the place: E01000029" in p.said for p in problems
    )


def test_an_active_practice_with_a_close_date_is_named(small_tables, small_study):
    practices = small_tables.practices.assign(close_date=pd.NaT)
    practices = edited(practices, "A00001", close_date=pd.Timestamp("2026-03-31"))
    problems = check_tables(replace(small_tables, practices=practices), small_study)
    problem = find(problems, "A00001", "is active in the practice file but has the close date")
    assert problem.level == "warning"
    assert "2026-03-31" in problem.said


def test_the_day_of_the_patients_and_of_the_memberships_is_said(small_tables, small_study):
    source = Source("registrations", "r.csv", "", 1, date="2025-10-01")
    problems = check_tables(replace(small_tables, sources=(source,)), small_study)
    note = find(problems, "", "Patients are those registered on 2025-10-01")
    assert note.said.endswith("; PCN memberships are those of 2025-10-01.")
    note = find(check_tables(small_tables, small_study), "", "do not say of which day they are")
    assert note.level == "note"


def test_practices_of_a_file_that_was_cut_to_the_place_are_one_note(small_tables, small_study):
    rows = small_tables.registrations
    cut = rows.head(2).assign(practice_code=["B00001", "B00002"], file="cut.csv", patients=900)
    tables = replace(small_tables, registrations=pd.concat([rows, cut], ignore_index=True))
    problems = check_tables(tables, small_study)
    note = find(
        problems, "", "2 practices that the practice file does not know have only residents"
    )
    assert note.level == "note"
    assert "(1,800 patients): B00001, B00002." in note.said
    assert not [one for one in problems if one.code in ("B00001", "B00002")]
