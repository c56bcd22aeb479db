from __future__ import annotations

import sys

import pandas as pd
import pytest
from tests.read.conftest import ROWS

from boundaries.read import choose_files, describe, find_files

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
        "notes.txt": "unknown",
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


def account(choice):
    return {use.path.name: str(use) for use in choice.account}


def test_every_file_is_used_or_named_with_the_reason(folder, squares):
    older = [row.replace("01Jul2022", "01Apr2022") for row in ROWS]
    folder.registrations("older.csv", rows=older)
    folder.layer("away.gpkg", squares({"LSOA11CD": ["E01000009"], "LAD11CD": ["E09000009"],
                                       "LAD11NM": ["Farland"]}))  # fmt: skip
    folder.layer("patches.gpkg", squares({"team": ["North", "South"]}))
    folder.text("few.csv", "LSOA11CD,imd_decile", "E01000001,3")
    folder.text("near.csv", "LSOA11CD,people", "E01000001,3")
    folder.text("web.csv", "<html></html>")
    folder.text("report.pdf", "%PDF-1.7")
    folder.text("epcn.csv", "PCN Code,PCN Name,Open Date", "U00001,ELM,20190701")
    said = account(choose(folder, "Elmford"))
    assert said == {
        "1.csv": "1.csv: used as registrations: 2 practices at 2022-07-01, LSOA codes of 2011",
        "2.gpkg": "2.gpkg: used as lsoas: 3 LSOAs of 2011, as in the registrations",
        "3.csv": "3.csv: used as residents: Persons_All-Ages for LSOAs of 2011, with those aged 65 "
        "and over",
        "4.csv": "4.csv: used as memberships, practices: of the same day as the registrations; "
        "knows the practices of 100.0% of the patients",
        "away.gpkg": "away.gpkg: not used: LSOA polygons; nothing of this place: The polygons have "
        "no borough 'Elmford'.",
        "epcn.csv": "epcn.csv: not used: a list of PCNs (epcn) that does not name their practices; "
        "epcncorepartnerdetails says which practices belong to each",
        "few.csv": "few.csv: not used: deprivation by LSOA; it lacks 2 of the polygons' 3 LSOAs",
        "near.csv": "near.csv: not used: nearest to residents by LSOA, but no column for the "
        "number of residents (headings: LSOA11CD, people)",
        "notes.txt": "notes.txt: not used: no column of any known table (headings: not data)",
        "older.csv": "older.csv: not used: patients registered by practice and LSOA; of "
        "2022-04-01, not of 2022-07-01",
        "patches.gpkg": "patches.gpkg: not used: polygons; they carry no codes of areas; name the "
        "file under [teams.NAME] or [footprints]",
        "report.pdf": "report.pdf: not used: a PDF, no data",
        "web.csv": "web.csv: not used: This is a web page, not data: the download gave an error or "
        "log-in page instead. Open the link in a browser and save the file again.",
    }


def test_a_table_of_the_other_census_says_so(folder):
    folder.text("d.csv", "LSOA code (2021),imd_decile", "E01033799,3")
    said = account(choose(folder, "Elmford"))["d.csv"]
    assert "its LSOA codes are of 2021, the polygons' of 2011" in said


def test_what_a_study_needs_and_lacks_is_said(folder):
    (folder.folder / "4.csv").unlink()
    reasons = choose(folder, "Elmford").reasons
    assert reasons["memberships"] == "none found: no practice would have a PCN"
    assert reasons["practices"] == "none found: practices would have no postcode"
    head = "PRACTICE_CODE,PRACTICE_NAME,POSTCODE"
    folder.text("4.csv", head, "E84001,ELM,HA1 1AA", "E84002,OAK,HA1 1AB")
    reasons = choose(folder, "Elmford").reasons
    assert reasons["postcodes"] == "none found: the practices would have no coordinates"


def test_registrations_as_parquet_without_the_extra_are_named(folder, monkeypatch):
    pd.DataFrame({"practice_code": ["E84001"], "lsoa_code": ["E01000001"], "patients": [5]}
                 ).to_parquet(folder.folder / "r.parquet")  # fmt: skip
    (folder.folder / "1.csv").unlink()
    with monkeypatch.context() as without:
        for name in ("pyarrow", "pyarrow.parquet"):
            without.setitem(sys.modules, name, None)
        found = find_files([folder.folder])
    choice = choose_files(found, boroughs=["Elmford"])
    said = [str(problem) for problem in choice.problems]
    assert any("No file of patients by practice and LSOA was found" in text for text in said)
    assert any("r.parquet: Parquet files need the package pyarrow" in text for text in said)
    assert any('pip install "boundaries[parquet]"' in text for text in said)


def test_a_folder_of_what_is_what(folder):
    lines = [str(use) for use in describe(find_files([folder.folder]))]
    assert lines[0] == (
        "1.csv: used as registrations: patients registered by practice and LSOA at 2022-07-01, "
        "LSOA codes of 2011"
    )


def test_a_district_that_is_made_of_others_names_the_place(folder, squares):
    folder.layer("2.gpkg", squares({
        "LSOA11CD": ["E01000001", "E01000002", "E01000003"],
        "LAD22CD": ["E07000026", "E07000028", "E07000029"],
        "LAD22NM": ["Allerdale", "Carlisle", "Copeland"],
    }))  # fmt: skip
    choice = choose(folder, "Cumberland")
    assert list(choice.boroughs.values()) == ["Allerdale", "Carlisle", "Copeland"]
    assert choice.place == "Cumberland"
    (note,) = choice.problems
    assert note.level == "note"


def test_wards_and_boroughs_of_a_year_with_other_codes(folder, squares):
    codes = ["E01000001", "E01000002", "E01000003"]
    own = {"LSOA11CD": codes, "LAD22CD": "E08000019", "LAD22NM": "Sheffield"}
    folder.layer("2.gpkg", squares(own))
    wards = {"WD25CD": ["E05000001", "E05000002"], "WD25NM": ["Mill", "Hill"]}
    folder.layer("w.gpkg", squares({**wards, "LAD25CD": ["E08000039", "E08000039"]}))
    choice = choose(folder, "Sheffield")
    assert names(choice)["wards"] == ["w.gpkg"]
