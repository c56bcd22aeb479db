from __future__ import annotations

import pandas as pd
import pytest

from boundaries.read import list_boroughs, match_boroughs

AREAS = pd.DataFrame(
    [
        ("E09000005", "Brent"),
        ("E09000003", "Barnet"),
        ("E09000003", "Barnet"),
        ("E09000020", "Kensington and Chelsea"),
        ("E06000010", "Kingston upon Hull, City of"),
        ("", ""),
    ],
    columns=["borough_code", "borough_name"],
)


def test_boroughs_of_polygons():
    assert list_boroughs(AREAS)["borough_name"].to_dict() == {
        "E06000010": "Kingston upon Hull, City of",
        "E09000003": "Barnet",
        "E09000005": "Brent",
        "E09000020": "Kensington and Chelsea",
    }


def test_polygons_that_name_but_do_not_code_their_boroughs():
    areas = pd.DataFrame({"borough_code": ["", ""], "borough_name": ["Elmford", "Oakham"]})
    assert match_boroughs(["elmford"], list_boroughs(areas)) == (("Elmford",), [])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("brent", "E09000005"),
        ("London Borough of Brent", "E09000005"),
        (" e09000005", "E09000005"),
        ("Royal Borough of Kensington & Chelsea", "E09000020"),
        ("Hull", "E06000010"),
        ("Kingston", None),
        ("City of Hull", "E06000010"),
        ("Kingston upon Hull", "E06000010"),
    ],
)
def test_names_as_people_write_them(typed, code):
    codes, problems = match_boroughs([typed], list_boroughs(AREAS))
    assert codes == (() if code is None else (code,))
    assert bool(problems) == (code is None)


def test_mistyped_names_get_the_nearest_all_at_once():
    codes, problems = match_boroughs(
        ["Brnet", "Brent", "Atlantis", "E09000099"], list_boroughs(AREAS)
    )
    assert codes == ("E09000005",)
    assert [p.code for p in problems] == ["Brnet", "Atlantis", "E09000099"]
    assert problems[0].fix in ("Did you mean Brent?", "Did you mean Barnet?")
    assert problems[1].fix.startswith("They have: Barnet, Brent")
    assert problems[2].fix.startswith("Check the code")
    _, (problem,) = match_boroughs(["Kensington"], list_boroughs(AREAS))
    assert problem.fix == "Did you mean Kensington and Chelsea?"


def test_a_borough_named_twice_is_one():
    assert match_boroughs(["Brent", "E09000005"], list_boroughs(AREAS)) == (("E09000005",), [])


ENGLAND = pd.DataFrame(
    [
        ("E06000010", "Kingston upon Hull, City of"), ("E06000019", "Herefordshire, County of"),
        ("E06000023", "Bristol, City of"), ("E06000047", "County Durham"),
        ("E06000058", "Bournemouth, Christchurch and Poole"), ("E09000001", "City of London"),
        ("E09000005", "Brent"), ("E09000021", "Kingston upon Thames"), ("E09000009", "Ealing"),
        ("E08000019", "Sheffield"), ("E08000038", "Barnsley"), ("E08000013", "St. Helens"),
        ("E07000026", "Allerdale"), ("E07000028", "Carlisle"), ("E07000029", "Copeland"),
        ("E06000060", "Buckinghamshire"), ("E08000021", "Newcastle upon Tyne"),
        ("E07000195", "Newcastle-under-Lyme"),
    ],
    columns=["borough_code", "borough_name"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("Bournemouth, Christchurch and Poole", ["E06000058"]),
        ("BCP", ["E06000058"]),
        ("Bristol, City of", ["E06000023"]),
        ("Bristol", ["E06000023"]),
        ("city of bristol", ["E06000023"]),
        ("Hull", ["E06000010"]),
        ("Herefordshire", ["E06000019"]),
        ("Herefordshire, County of", ["E06000019"]),
        ("Durham", ["E06000047"]),
        ("Brent, Ealing", ["E09000005", "E09000009"]),
        ("Bristol, City of, Brent, Bournemouth, Christchurch and Poole",
         ["E06000023", "E09000005", "E06000058"]),
        ("City of London, London Borough of Brent", ["E09000001", "E09000005"]),
        ("E09000005,E09000009", ["E09000005", "E09000009"]),
        ("St Helens", ["E08000013"]),
    ],
)  # fmt: skip
def test_the_whole_text_is_tried_before_its_commas(typed, codes):
    assert match_boroughs([typed], list_boroughs(ENGLAND)) == (tuple(codes), [])


def test_names_that_could_be_several_are_listed_with_their_codes():
    _, (problem,) = match_boroughs(["Kingston"], list_boroughs(ENGLAND))
    assert problem.said == (
        "'Kingston' could be Kingston upon Hull, City of (E06000010, a unitary authority) or "
        "Kingston upon Thames (E09000021, a London borough)."
    )
    _, (problem,) = match_boroughs(["Newcastle"], list_boroughs(ENGLAND))
    assert "E08000021, a metropolitan district" in problem.said
    assert "E07000195, a district" in problem.said


@pytest.mark.parametrize(
    ("typed", "codes", "said"),
    [
        ("E08000039", ["E08000019"], "Sheffield has the code E08000019 in the polygons"),
        ("E08000016", ["E08000038"], "Barnsley has the code E08000038 since 2025."),
        ("Cumberland", ["E07000026", "E07000028", "E07000029"], "Allerdale (E07000026), Carlisle"),
        ("E06000063", ["E07000026", "E07000028", "E07000029"], "Cumberland (E06000063, since 2023"),
    ],
)
def test_districts_that_changed_code_are_found_with_a_note(typed, codes, said):
    found, (problem,) = match_boroughs([typed], list_boroughs(ENGLAND))
    assert list(found) == codes
    assert problem.level == "note"
    assert said in problem.said


def test_a_district_that_went_into_another_is_an_error_that_names_it():
    codes, (problem,) = match_boroughs(["Wycombe"], list_boroughs(ENGLAND))
    assert codes == ()
    assert problem.level == "error"
    assert problem.said.startswith("'Wycombe' is a part of Buckinghamshire (E06000060)")
