from __future__ import annotations

import pytest

from boundaries.errors import InputError
from boundaries.read import read_tables
from boundaries.study import parse_study

MAP = "PRACTICE_CODE,PRACTICE_NAME,PRACTICE_POSTCODE,PCN_CODE,PCN_NAME"


def study(folder, data, more=""):
    text = f'[place]\nboroughs = "Elmford"\n[data]\n{data}\n[rules]\nneighbourhoods = 2\n{more}'
    return parse_study(text, folder=folder)


@pytest.fixture
def basic(files, lsoas):
    files.registrations()
    files.layer("l.gpkg", lsoas)
    return 'registrations = "r.csv"\nlsoas = "l.gpkg"\n'


def test_the_least_that_is_needed(files, basic):
    tables, problems = read_tables(study(files.folder, basic))
    assert problems == ()
    assert (tables.lsoa_year, tables.memberships_on) == (2011, "2022-07-01")
    assert len(tables.registrations) == 4
    assert len(tables.practices) == len(tables.memberships) == 0
    assert (tables.residents, tables.wards, tables.list_sizes) == (None, None, None)
    assert [source.role for source in tables.sources] == ["registrations", "lsoas"]


def test_everything(files, basic, squares):
    files.text("m.csv", MAP, "E84001,ELM ROAD,HA1 1AA,U00001,ELM PCN")
    rest = '"E92000001","","","","E09000001","E05000001"'
    files.zip("cp.zip", {
        "Data/CSV/ha.csv": f'"HA1 1AA",10,530100,180100,{rest}\r\n"HA1 1AB",90,0,0,{rest}\r\n',
        "Doc/Column_Headers.csv": "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\r\na,b,c,d,e,f,g,h,i,j\r\n",
        "Doc/readme.txt": "OS",
    })  # fmt: skip
    files.text("p.csv", "LSOA11CD,Persons_All-Ages", *(f"E0100000{n},100" for n in (1, 2, 3)))
    files.text("cut.csv", "lsoa_code_a,lsoa_code_b", "E01000001,E01000002")
    files.layer("t.geojson", squares({"TEAM": ["Blue", "Red"]}).to_crs(4326))
    files.text("f.csv", "lsoa_code,neighbourhood", "E01000001,North", "E01000002,South")
    data = basic + (
        'practices = "m.csv"\nmemberships_on = 2022-04-01\n'
        'postcodes = "cp.zip"\nresidents = "p.csv"\n'
    )
    more = (
        '[teams.nursing]\nfile = "t.geojson"\n[footprints.today]\nfile = "f.csv"\n'
        '[neighbours]\ncut = "cut.csv"\nadd = [["E01000002", "E01000003"]]\n'
    )
    tables, problems = read_tables(study(files.folder, data, more))
    assert [str(p) for p in problems if p.level == "error"] == []
    assert tables.memberships_on == "2022-04-01"
    assert tables.memberships["pcn_code"].tolist() == ["U00001"]
    assert tables.postcodes.index.tolist() == ["HA1 1AA"]
    assert tables.postcodes.loc["HA1 1AA"].tolist() == [530_100.0, 180_100.0, "E09000001"]
    assert tables.residents["residents"].tolist() == [100, 100, 100]
    assert list(tables.teams["nursing"].polygons.index) == ["Blue", "Red"]
    assert tables.footprints["today"].lookup["name"].tolist() == ["North", "South"]
    assert len(tables.cut_pairs) == len(tables.added_pairs) == 1
    assert {source.role for source in tables.sources} == {
        "registrations", "lsoas", "practices", "postcodes", "residents", "teams.nursing",
        "footprints.today", "neighbours.cut",
    }  # fmt: skip


def test_a_needed_table_that_cannot_be_read_raises_with_the_faults_of_all_files(files, basic):
    files.text("r.csv", "<html></html>")
    files.text("w.csv", "<html></html>")
    files.text("p.csv", "LSOA11CD,people", "E01000001,5")
    data = basic + 'wards = "w.csv"\nresidents = "p.csv"\n'
    with pytest.raises(InputError) as caught:
        read_tables(study(files.folder, data))
    said = [str(problem) for problem in caught.value.problems]
    assert [problem.file for problem in caught.value.problems] == ["r.csv", "w.csv", "p.csv"]
    assert "There is no column for the number of residents" in said[2]


def test_a_wrong_optional_file_is_an_error_beside_the_tables(files, basic):
    files.text("w.csv", "<html></html>")
    tables, problems = read_tables(study(files.folder, basic + 'wards = "w.csv"\n'))
    assert tables.wards is None
    assert [(p.level, p.file) for p in problems] == [("error", "w.csv")]


def test_a_lookup_of_the_wrong_census(files, basic):
    files.text("w.csv", "LSOA21CD,WD22CD", "E01000001,E05000001", "E01033769,E05000001")
    _, problems = read_tables(study(files.folder, basic + 'wards = "w.csv"\n'))
    assert "of the 2021 census, the polygons of 2011" in problems[0].said


def test_the_newest_membership_dates_undated_registrations(files, lsoas):
    files.text("r.csv", "practice_code,lsoa_code,patients", "E84001,E01000001,5")
    files.layer("l.gpkg", lsoas)
    files.epcn(members=[("E84001", "ELM", "U00001", "ELM PCN", "20210401", "")])
    data = 'registrations = "r.csv"\nlsoas = "l.gpkg"\nmemberships = "epcn.xlsx"\n'
    tables, _ = read_tables(study(files.folder, data))
    assert tables.memberships_on == "2021-04-01"
