"""Places asked for: names, CSV files, studies; and what of a CSV becomes of a study."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from boundaries.errors import InputError
from boundaries.many.asked import ask, slug_of
from boundaries.many.keys import key_of_heading, value_of, with_keys
from boundaries.many.sets import DataSet
from boundaries.many.whole import _shard
from boundaries.read import Choice


def test_names_with_commas_are_one_place_and_a_place_is_asked_for_once():
    asked = ask(["Brent", "Brent", "Kensington and Chelsea, Westminster"], sets=())
    assert [one.slug for one in asked] == ["brent", "kensington-and-chelsea-westminster"]
    assert asked[1].boroughs == ("Kensington and Chelsea", "Westminster")


def test_two_places_never_share_a_folder():
    asked = ask(["King's Lynn", "kings lynn!"], sets=())
    assert [one.slug for one in asked] == ["kings-lynn", "kings-lynn-2"]
    assert slug_of("CON") == "place-con"
    assert slug_of("東京") == "place"


def test_a_study_is_called_by_its_file_or_by_its_folder(tmp_path):
    asked = ask([str(tmp_path / "brent.toml"), str(tmp_path / "here" / "study.toml")], sets=())
    assert [one.slug for one in asked] == ["brent", "here"]


def test_every_borough_of_every_set_is_a_place():
    boroughs = pd.DataFrame({"borough_name": ["Cole", "Ashby"]}, index=["E1", "E2"])
    one = DataSet((), (), Choice({}, {}), boroughs)
    asked = ask([], sets=[one], all_boroughs=True)
    assert [(place.name, place.boroughs) for place in asked] == [
        ("Ashby", ("E2",)),
        ("Cole", ("E1",)),
    ]


def test_nothing_asked_for_is_said():
    with pytest.raises(InputError, match="--all-boroughs"):
        ask([], sets=())


def test_rows_of_a_csv_are_places_with_keys(tmp_path):
    file = tmp_path / "places.csv"
    file.write_text(
        "name,boroughs,neighbourhoods,teams.nursing,options.effort\n"
        '"West, both","Brent; Harrow","[4, 6]",patches.gpkg,quick\n'
        ",Ealing,5,,\n",
        encoding="utf-8-sig",
    )
    west, ealing = ask([str(file)], sets=())
    assert (west.slug, west.boroughs) == ("west-both", ("Brent", "Harrow"))
    assert west.keys == {
        "place.name": "West, both",
        "rules.neighbourhoods": [4, 6],
        "teams.nursing.file": tmp_path / "patches.gpkg",
        "options.effort": "quick",
    }
    assert (ealing.name, ealing.keys) == ("Ealing", {"rules.neighbourhoods": 5})


def test_every_fault_of_a_csv_is_told_at_once(tmp_path):
    file = tmp_path / "places.csv"
    file.write_text("name,boroughs,colour\nA,,red\nB,Brent,red,more\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ask([str(file)], sets=())
    assert {problem.row for problem in caught.value.problems} == {1, 2, 3}
    assert "'colour'" in str(caught.value)


def test_headings_mean_keys_only_where_there_is_no_doubt():
    assert key_of_heading("residents_band") == "rules.residents_band"
    assert key_of_heading("rules.residents_band") == "rules.residents_band"
    assert key_of_heading("footprints.today") == "footprints.today.file"
    assert key_of_heading("teams.care.label") == "teams.care.label"
    for wrong in ("residents", "rules.colour", "teams.care.colour", "text", "a.b.c.d"):
        assert key_of_heading(wrong) != wrong or wrong == "residents"
    assert key_of_heading("rules.colour") is None
    assert key_of_heading("sha256") is None


def test_keys_replace_lines_or_are_added_in_their_table(tmp_path):
    text = '[place]\nboroughs = ["A"]\n\n[rules]\nneighbourhoods = 3  # counted\n'
    keys = {
        "rules.neighbourhoods": 5,
        "place.name": 'The "A"',
        "teams.care.file": tmp_path / "x" / "care.csv",
        "data.memberships_on": value_of("2022-07-01", "data.memberships_on", folder=tmp_path),
    }
    made = tomllib.loads(with_keys(text, keys, folder=tmp_path))
    assert made["rules"] == {"neighbourhoods": 5}
    assert made["place"] == {"name": 'The "A"', "boroughs": ["A"]}
    assert made["teams"]["care"]["file"] == "x/care.csv"
    assert made["data"]["memberships_on"].isoformat() == "2022-07-01"


def test_shards_share_the_places_out():
    asked = ask(["A", "B", "C", "D", "E"], sets=())
    shards = [[one.name for one in _shard(asked, f"{i}/2")] for i in (1, 2)]
    assert shards == [["A", "C", "E"], ["B", "D"]]
    for wrong in ("0/2", "3/2", "x", "1/"):
        with pytest.raises(InputError, match="i/n"):
            _shard(asked, wrong)


def test_a_file_of_a_csv_is_relative_to_the_csv():
    found = value_of("../x.csv", "neighbours.cut", folder=Path("/data/region"))
    assert found == Path("/data/x.csv")
