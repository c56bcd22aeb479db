from __future__ import annotations

import pytest

from boundaries.read import choose_files, find_files

MAP = "PUBLICATION,EXTRACT_DATE,PRACTICE_CODE,PRACTICE_NAME,PRACTICE_POSTCODE,PCN_CODE,PCN_NAME"


def names(choice):
    return {role: [path.name for path in paths] for role, paths in choice.files.items()}


def choose(files, *boroughs, **more):
    return choose_files(find_files([files.folder]), boroughs=boroughs, **more)


@pytest.fixture
def folder(files, lsoas):
    """A place with a name that says nothing for every file: content decides."""
    files.registrations("1.csv")
    files.layer("2.gpkg", lsoas)
    people = (f"E0100000{n},100,20" for n in (1, 2, 3))
    files.text("3.csv", "LSOA11CD,Persons_All-Ages,Persons_65+", *people)
    files.text(
        "4.csv",
        MAP,
        "P,01Jul2022,E84001,ELM,HA1 1AA,U00001,ELM PCN",
        "P,01Jul2022,E84002,OAK,HA1 1AB,U,-",
    )
    files.text("notes.txt", "not data")
    return files


def test_files_are_told_by_content(folder):
    found = {item.path.name: item for item in find_files([folder.folder])}
    assert {name: item.kind for name, item in found.items()} == {
        "1.csv": "registrations",
        "2.gpkg": "LSOA polygons",
        "3.csv": "residents",
        "4.csv": "practices",
    }
    assert (found["1.csv"].year, found["1.csv"].date) == (2011, "2022-07-01")
    assert found["3.csv"].columns["residents"] == "Persons_All-Ages"


def test_what_cannot_be_read_is_listed_not_raised(folder):
    folder.text("5.csv", "<html></html>")
    (item,) = [item for item in find_files([folder.folder]) if item.path.name == "5.csv"]
    assert item.kind == "unreadable"
    assert "web page" in item.said
    assert choose(folder, "Elmford").problems == ()


def test_a_consistent_set_with_reasons(folder):
    choice = choose(folder, "elmford")
    assert choice.problems == ()
    assert names(choice) == {
        "registrations": ["1.csv"],
        "lsoas": ["2.gpkg"],
        "memberships": ["4.csv"],
        "practices": ["4.csv"],
        "residents": ["3.csv"],
    }
    assert choice.boroughs == {"E09000001": "Elmford"}
    assert choice.lsoa_year == 2011
    assert choice.reasons["memberships"] == "of the same day as the registrations"


def test_a_mistyped_borough_gets_the_nearest(folder):
    (problem,) = choose(folder, "Elmfrod").problems
    assert problem.fix == "Did you mean Elmford?"


def test_the_issue_that_knows_the_day_before_a_map_far_from_it(folder):
    (folder.folder / "4.csv").unlink()
    folder.text("old.csv", MAP, "P,01Jan2019,E84001,ELM,HA1 1AA,U00001,ELM PCN")
    member = ("E84001", "ELM", "U00001", "ELM PCN")
    folder.epcn("early.xlsx", [(*member, "20220401", "")])
    folder.epcn("near.xlsx", [(*member, "20220901", "")])
    folder.epcn("late.xlsx", [(*member, "20250101", "")])
    choice = choose(folder, "Elmford")
    assert names(choice)["memberships"] == ["near.xlsx"]
    assert "so it knows who was in which PCN on 2022-07-01" in choice.reasons["memberships"]


def test_wider_files_before_parts_of_them_and_strangers_added(folder, squares):
    folder.registrations("part.csv", ["P,01Jul2022,E84001,ELM,E01000001,ALL,120"])
    folder.registrations("others.csv", ["P,01Jul2022,F84009,YEW,E01000001,ALL,4"])
    folder.registrations("later.csv", ["P,01Oct2022,F84009,YEW,E01000001,ALL,4"])
    one = squares({"LSOA11CD": ["E01000001"], "LAD11CD": ["E09000001"], "LAD11NM": ["Elmford"]})
    folder.layer("part.gpkg", one)
    choice = choose(folder, "Elmford")
    assert names(choice)["registrations"] == ["1.csv", "others.csv"]
    assert names(choice)["lsoas"] == ["2.gpkg"]


def test_registrations_of_2011_on_polygons_of_2021_need_the_lookup(folder, squares):
    (folder.folder / "2.gpkg").unlink()
    new = squares(
        {"LSOA21CD": ["E01000001", "E01033769"], "LSOA21NM": ["Elmford 001A", "Elmford 001E"]}
    )
    folder.layer("new.gpkg", new)
    choice = choose(folder, "Elmford")
    assert "not of the census of the registrations (2011)" in choice.problems[0].said
    links = ("E01000001,E01000001,E09000001,Elmford", "E01000002,E01033769,E09000001,Elmford")
    folder.text("look.csv", "LSOA11CD,LSOA21CD,LAD22CD,LAD22NM", *links)
    folder.text("pop.csv", "LSOA21CD,Persons_All-Ages", "E01000001,100", "E01033769,90")
    choice = choose(folder, "Elmford")
    assert choice.problems == ()
    assert names(choice)["lsoas"] == ["new.gpkg"]
    assert names(choice)["lsoa_lookup"] == ["look.csv"]
    assert names(choice)["residents"] == ["pop.csv"], "3.csv is of the other census"
    assert "converted by the lookup" in choice.reasons["lsoas"]


def test_a_residents_column_is_looked_for(folder):
    folder.text("adults.csv", "LSOA11CD,Adults", *(f"E0100000{n},80" for n in (1, 2, 3)))
    choice = choose(folder, "Elmford", residents_column="adults")
    assert names(choice)["residents"] == ["adults.csv"]
    (problem,) = choose(folder, "Elmford", residents_column="children").problems
    assert "No residents by LSOA of 2011" in problem.said


def test_an_empty_folder_says_all_that_is_missing(files):
    choice = choose(files, "Elmford")
    assert [problem.field for problem in choice.problems] == ["registrations", "lsoas"]


def test_wards_and_boroughs_from_one_lookup_with_both_censuses(folder, squares):
    (folder.folder / "2.gpkg").unlink()
    codes = ["E01000001", "E01000002", "E01000003"]
    folder.layer("2.gpkg", squares({"LSOA11CD": codes}))
    head = "LSOA21CD,LSOA11CD,WD22CD,WD22NM,LAD22CD,LAD22NM"
    rows = [f"E0103380{code[-1]},{code},E05000001,Mill,E09000001,Elmford" for code in codes]
    folder.text("both.csv", head, *rows)
    choice = choose(folder, "Elmford")
    assert choice.problems == ()
    assert names(choice)["wards"] == names(choice)["lsoa_lookup"] == ["both.csv"]
    assert choice.reasons["wards"] == "LSOAs of 2011 to WD22CD"


def test_the_zips_published_since_may_2026(folder):
    text = (folder.folder / "4.csv").read_text(encoding="utf-8")
    (folder.folder / "4.csv").unlink()
    folder.zip("gp-reg-pat-prac-map.zip", {"gp-reg-pat-prac-map.csv": text})
    assert names(choose(folder, "Elmford"))["memberships"] == ["gp-reg-pat-prac-map.zip"]
