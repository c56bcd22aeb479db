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
        ("Hull", None),
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
