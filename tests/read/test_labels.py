"""Names that are the same in other letters are one; words for "no name" are no name."""

from __future__ import annotations

import pandas as pd
import pytest

from boundaries.errors import InputError
from boundaries.read import read_plan
from boundaries.read.labels import is_no_name, look_odd, one_spelling
from boundaries.read.layers import read_layer_table
from boundaries.read.people import read_residents


@pytest.mark.parametrize(
    ("one", "other"),
    [("North", "north"), ("North End", "NORTH  END"), ("1", "1.0"), ("1", "01"), ("A–B", "a - b"),
     ("St Mary's", "St Mary’s"), ("North\u00a0End", "North End"), ("Café", "Cafe\u0301")],
)  # fmt: skip
def test_two_spellings_of_one_name_become_the_one_used_most(one, other):
    names, problems = one_spelling(pd.Series([one, one, other]), file="f", field="n")
    assert set(names) == {one}
    assert [problem.level for problem in problems] == ["note"]
    assert other in problems[0].said or repr(other) in problems[0].said


def test_names_that_differ_in_a_letter_stay_two():
    names, problems = one_spelling(pd.Series(["North", "Norton", "1", "11"]), file="f", field="n")
    assert len(set(names)) == 4
    assert not problems


@pytest.mark.parametrize(
    "word",
    ["n/a", "N/A", "-", "–", "TBC", "Unknown", "0", "None", "#N/A", "To be  confirmed", "nan"],
)
def test_words_for_there_being_no_team(word):
    assert is_no_name(word)
    assert not is_no_name(f"{word} Team 4")


def lookup(files, name, *rows):
    return files.text(name, "WD24CD,TEAM", *rows)


@pytest.mark.parametrize("word", ["n/a", "-", "TBC", "Unknown", "None", "0"])
def test_no_team_is_no_team_with_a_warning(files, squares, word):
    problems = []
    path = lookup(files, "t.csv", f"E05000001,{word}", "E05000002,Red", "E05000003,red ")
    table, _ = read_layer_table("teams.t", path, problems)
    assert table.lookup["name"].tolist() == ["Red", "Red"]
    assert [problem.level for problem in problems] == ["note", "warning"]
    assert f"{word!r} is taken for no name: 1 area will have no team" in problems[1].said
    problems = []
    path = files.layer("t.gpkg", squares({"team": [word, "Red", "RED"]}))
    table, _ = read_layer_table("teams.t", path, problems)
    assert len(table.polygons) == 1
    assert "1 patch will have no team" in " ".join(problem.said for problem in problems)


def plan(files, lsoas, practices):
    names = [f"E0100000{n},{name}" for n, name in enumerate(lsoas)]
    own = [f"E8400{n},{name}" for n, name in enumerate(practices)]
    return read_plan(
        files.text("l.csv", "lsoa_code,neighbourhood", *names),
        files.text("p.csv", "practice_code,neighbourhood", *own),
    )


@pytest.mark.parametrize(
    ("lsoas", "practices"),
    [(["North", "South"], ["north", "south "]), (["1", "2"], ["1.0", "2.0"]),
     (["1.0", "2.0"], ["1", "2"])],
)  # fmt: skip
def test_the_two_files_of_a_plan_mean_the_same_neighbourhoods(files, lsoas, practices):
    read = plan(files, lsoas, practices)
    assert set(read.practices) == set(read.lsoas)
    assert {problem.level for problem in read.problems} == {"note"}


def test_neighbourhoods_that_the_lsoas_do_not_have_are_errors(files):
    with pytest.raises(InputError) as caught:
        plan(files, ["North", "South"], ["1", "Nort"])
    said = str(caught.value)
    assert "no neighbourhood '1' (1 practice is in it). It has North, South." in said
    assert "no neighbourhood 'Nort' (1 practice is in it). Did you mean 'North'?" in said


def test_names_of_a_layer_are_matched_too(files, squares):
    layer = files.layer("plan.gpkg", squares({"label": ["North", "South"]}))
    practices = files.text("p.csv", "practice_code,neighbourhood", "E84001,NORTH")
    assert read_plan(layer, practices).practices.tolist() == ["North"]
    practices = files.text("q.csv", "practice_code,neighbourhood", "E84001,West")
    with pytest.raises(InputError, match="no neighbourhood 'West'"):
        read_plan(layer, practices)


def test_titles_totals_and_footnotes_of_a_plan_are_left_out_with_a_note(files):
    path = files.text(
        "l.csv", "Our plan,", "drawn on 1 May,", "lsoa_code,neighbourhood", "E01000001,North",
        "E01000002,South", "Total,2", "Source: the council,",
    )  # fmt: skip
    read = read_plan(path)
    assert read.lsoas.to_dict() == {"E01000001": "North", "E01000002": "South"}
    assert [problem.said for problem in read.problems] == [
        "Left out: what stands in row 6, 7 has no LSOA code."
    ]


def test_an_option_of_files_without_options_is_refused(files):
    path = files.text("l.csv", "lsoa_code,neighbourhood", "E01000001,North")
    with pytest.raises(InputError, match="no option_id column"):
        read_plan(path, option_id="move-1")


def test_leading_zeros_and_scientific_notation_are_seen(files):
    rows = ["E01000001,01,1.2E+03", "E01000002,02,80"]
    path = files.text("r.csv", "lsoa_code,TEAM,residents", *rows)
    problems = []
    tables, _ = read_residents([path], problems)
    assert tables["residents"].tolist() == [1200, 80]
    assert [problem.level for problem in problems] == ["warning"]
    assert "whose last digits may be lost: 1.2E+03 (row 2)" in problems[0].said
    table, _ = read_layer_table("teams.t", path, problems, name="TEAM")
    assert sorted(table.lookup["name"]) == ["1", "2"]


@pytest.mark.parametrize("figure", ["1e300", "1E+400", "99999999999999999999"])
def test_figures_beyond_reason_are_faults_not_crashes(files, figure):
    path = files.text("r.csv", "lsoa_code,residents", f"E01000001,{figure}", "E01000002,5")
    problems = []
    read_residents([path], problems)
    assert "is more than 1,000,000,000" in " ".join(map(str, problems))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["North", "North", "South", "East"], ""),
        (["North", "E05000001", "South", "South"], "'E05000001' is the code of an area"),
        (["A", "B", "C", "D"], "Each of the 4 areas has a name of its own"),
        (["North", "North", "1.5", "South"], "Among names in letters there is '1.5'"),
    ],
)
def test_a_column_that_may_not_be_that_of_the_names_is_a_warning(names, said):
    areas = pd.Series([f"E0500000{n}" for n in range(4)])
    found = look_odd(pd.Series(names), areas, file="t.csv", field="TEAM")
    assert [problem.level for problem in found] == ["warning"] * bool(said)
    assert all(said in problem.said for problem in found)
