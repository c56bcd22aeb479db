from __future__ import annotations

import pandas as pd
import pytest

from boundaries.codes import is_gp_practice, setting_words
from boundaries.read.practices import (
    empty_memberships,
    memberships_of,
    read_list_sizes,
    read_memberships,
    read_practices,
)

CCG_HEAD = [
    "Partner\nOrganisation\nCode", "Partner\nName", "Practice\nParent\nCCG Code",
    "Practice\nParent\nCCG Name", "PCN Code", "PCN Name", "PCN Parent\nCCG Code",
    "PCN Parent\nCCG Name", "Practice to PCN\nRelationship\nStart Date",
    "Practice to PCN\nRelationship\nEnd Date", "Practice CCG and PCN\nCCG Match ",
]  # fmt: skip
MEMBERS = [
    ("E84001", "ELM ROAD", "U00001", "ELM PCN", "20191001", ""),
    ("E84002", "OAK LANE", "U00001", "ELM PCN", "20191001", "20210331"),
    ("E84002", "OAK LANE", "U00002", "OAK PCN", "20210401", ""),
]


def epraccur(code, name, postcode, status="A", setting="4"):
    start = [code, name, "Y56", "QRV", "1 HIGH ST", "", "", "", "", postcode, "19740401", ""]
    end = [status, "B", "36L", "20200401", *[""] * 5, "0", "", "36L", "", setting, ""]
    cells = start + end
    return ",".join(f'"{cell}"' for cell in cells)


def test_epcn_keeps_every_membership(files):
    problems = []
    table, (source,) = read_memberships([files.epcn(members=MEMBERS)], problems)
    assert problems == []
    assert list(table["pcn_code"]) == ["U00001", "U00001", "U00002"]
    assert table["start"].dt.strftime("%Y-%m-%d").tolist() == [
        "2019-10-01", "2019-10-01", "2021-04-01",
    ]  # fmt: skip
    assert table["end"].isna().tolist() == [True, False, True]
    assert list(table["row"]) == [2, 3, 4]
    assert (source.file, source.date) == ("epcn.xlsx!PCN Core Partner Details", "2021-04-01")


def test_epcn_with_the_headings_of_ccgs_and_dates_as_excel_keeps_them(files):
    members = [("e84001 ", "ELM", "u00001", "ELM PCN", 43739, "30/04/2021")]
    table, _ = read_memberships([files.epcn(members=members, head=CCG_HEAD)], [])
    row = table.iloc[0]
    assert (row.practice_code, row.pcn_code) == ("E84001", "U00001")
    assert (str(row.start.date()), str(row.end.date())) == ("2019-10-01", "2021-04-30")


def test_wrong_dates_and_codes_are_all_named(files):
    members = [
        ("E84001", "ELM", "ELM PCN", "ELM PCN", "20191001", "soon"),
        ("", "OAK", "U00001", "ELM PCN", "20191301", ""),
    ]
    problems = []
    read_memberships([files.epcn(members=members)], problems)
    assert {(p.row, p.said) for p in problems} == {
        (2, "'ELMPCN' is not a PCN code such as U00070."),
        (2, "'soon' is not a date."),
        (3, "'20191301' is not a date."),
        (3, "The code in Partner Organisation Code is empty."),
    }


MAP = "PUBLICATION,EXTRACT_DATE,PRACTICE_CODE,PRACTICE_NAME,PRACTICE_POSTCODE,PCN_CODE,PCN_NAME"


def test_the_map_file_of_either_vintage_and_a_practice_without_a_pcn(files):
    rows = [
        "P,01Oct2025,E84001,ELM,HA1 1AA,U00001,ELM PCN",
        "P,01Oct2025,E84002,OAK,HA1 1AB,U,Unallocated",
    ]
    for areas in ("ONS_CCG_CODE,CCG_CODE,CCG_NAME", "SUB_ICB_LOCATION_CODE,ICB_CODE,ICB_NAME"):
        path = files.text("m.csv", f"{MAP},{areas}", *(f"{row},a,b,c" for row in rows))
        table, (source,) = read_memberships([path], [])
        assert list(table["pcn_code"]) == ["U00001", ""]
        assert list(table["pcn_name"]) == ["ELM PCN", ""]
        assert table["start"].isna().all()
        assert source.date == "2025-10-01"
        practices, _ = read_practices([path], [])
        assert list(practices["postcode"]) == ["HA1 1AA", "HA1 1AB"]


def test_epraccur_has_no_headings_and_is_latin_1(files):
    lines = [
        epraccur("E84001", "CAFÉ ROAD", "ha11aa"),
        epraccur("E84002", "OAK", "HA1 1AB", "C", ""),
    ]
    path = files.text("e.csv", *lines, encoding="latin-1")
    problems = []
    table, (source,) = read_practices([path], problems)
    assert problems == []
    assert list(table["practice_name"]) == ["CAFÉ ROAD", "OAK"]
    assert list(table["postcode"]) == ["HA1 1AA", "HA1 1AB"]
    assert list(table["status"]) == ["A", "C"]
    assert table["prescribing_setting"].tolist() == ["4", ""]
    assert list(table["row"]) == [1, 2]
    assert source.publisher == "NHS England"


def test_a_tidy_table_serves_practices_memberships_and_list_sizes(files):
    path = files.text(
        "p.csv",
        "practice_code,practice_name,postcode,easting,northing,list_size,pcn_code,pcn_name,status",
        "E84001,=1+1,HA1 1AA,520000,186000,9242,U00001,ELM PCN,Active",
        "E84002,OAK,HA1 1AB,0,0,100,,,Inactive",
    )
    practices, _ = read_practices([path], [])
    assert list(practices["practice_name"]) == ["=1+1", "OAK"]
    assert practices["easting"].isna().tolist() == [False, True]
    assert list(practices["status"]) == ["A", "C"]
    memberships, _ = read_memberships([path], [])
    assert list(memberships["pcn_code"]) == ["U00001", ""]
    sizes, _ = read_list_sizes([path], [])
    assert list(sizes["list_size"]) == [9242, 100]
    derived = memberships_of(practices)
    assert list(derived.columns) == list(memberships.columns) == list(empty_memberships().columns)
    pd.testing.assert_series_equal(derived["pcn_code"], memberships["pcn_code"])


def test_list_sizes_count_all_patients_of_practices_only(files):
    path = files.text(
        "l.csv",
        "PUBLICATION,EXTRACT_DATE,TYPE,CCG_CODE,ONS_CCG_CODE,CODE,POSTCODE,SEX,AGE,NUMBER_OF_PATIENTS",
        "P,01May2022,GP,36L,E38,E84001,HA1 1AA,ALL,ALL,5983",
        "P,01May2022,GP,36L,E38,E84001,HA1 1AA,MALE,ALL,3000",
        "P,01May2022,GP,36L,E38,E84001,HA1 1AA,ALL,0,40",
        "P,01May2022,CCG,36L,E38,36L,,ALL,ALL,99999",
    )
    table, (source,) = read_list_sizes([path], [])
    assert table[["practice_code", "list_size", "row"]].to_numpy().tolist() == [["E84001", 5983, 2]]
    assert source.date == "2022-05-01"


def test_no_file_is_an_empty_table():
    practices, sources = read_practices([], [])
    assert (len(practices), sources) == (0, [])
    assert "pcn_code" in practices


def test_a_workbook_inside_a_zip_beside_a_document(files):
    book = files.epcn(members=MEMBERS).read_bytes()
    inside = {"ePCN.xlsx": book, "ePCN.pdf": b"%PDF-1.7 x", "notes.txt": b"\x00\x01"}
    letter = files.zip("letter.docx", {"word/document.xml": "<w/>"}).read_bytes()
    path = files.zip("ePCN.zip", {**inside, "letter.docx": letter})
    problems = []
    table, (source,) = read_memberships([path], problems)
    assert (len(table), problems) == (3, [])
    assert source.file == "ePCN.zip!ePCN.xlsx!PCN Core Partner Details"


def getreport(code, name, postcode, status="ACTIVE", role="RO76", **more):
    """Return a row of epraccur as ODS serves it since 2025: 27 quoted columns, no headings."""
    start = [code, name, "Y56", "QRV", "1 HIGH ST", "", "", "", "", postcode, "19740401"]
    end = [more.get("closed", ""), status, "B", "36L", "20200401", *[""] * 5, "1", "", "36L", "",
           role, ""]  # fmt: skip
    return ",".join(f'"{cell}"' for cell in [*start, *end])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_epraccur_of_2026_in_words_and_roles(files, end):
    lines = [
        getreport("E84001", "ELM, ROAD", "HA1 1AA"),
        getreport("E84002", "OAK", "HA1 1AB", "INACTIVE", closed="20171031"),
        getreport("E84003", "ASH", "HA1 1AC", "DORMANT", "RO76|RO268"),
        getreport("E84004", "HOURS", "HA1 1AD", role="RO80|RO87", closed="20260331"),
        getreport("J82001", "CAF\N{LATIN CAPITAL LETTER E WITH ACUTE}", "HA1 1AE", role=""),
    ]
    problems = []
    table, (source,) = read_practices([files.text("report", *lines, end=end)], problems)
    assert problems == []
    assert table["practice_name"].iloc[0] == "ELM, ROAD"
    assert table["practice_name"].iloc[-1] == "CAF\N{LATIN CAPITAL LETTER E WITH ACUTE}"
    assert list(table["status"]) == ["A", "C", "D", "A", "A"]
    assert [is_gp_practice(text) for text in table["prescribing_setting"]] == [
        True, True, True, False, True,
    ]  # fmt: skip
    assert table["close_date"].notna().tolist() == [False, True, False, True, False]
    assert setting_words("RO80|RO87") == "RO80 and RO87 (out of hours and walk-in centre)"
    assert source.publisher == "NHS England"


def core_partner(code, pcn, start, end="", name="ELM, ROAD"):
    cells = [code, name, "36L", "NHS X ICB - 36L", pcn, f"{pcn} PCN", "36L", "NHS X ICB - 36L"]
    return ",".join(f'"{cell}"' for cell in [*cells, start, end, "TRUE"])


def test_core_partner_details_without_headings(files):
    path = files.text(
        "getReport",
        core_partner("E84001", "U00001", "20191001"),
        core_partner("E84002", "U00001", "20191001", "20210331"),
        core_partner("E84002", "U00002", "20210401"),
        end="\n",
    )
    problems = []
    table, (source,) = read_memberships([path], problems)
    assert problems == []
    assert list(table["pcn_code"]) == ["U00001", "U00001", "U00002"]
    assert table["pcn_name"].iloc[0] == "U00001 PCN"
    assert table["end"].isna().tolist() == [True, False, True]
    assert (list(table["row"]), source.date) == ([1, 2, 3], "2021-04-01")


def test_core_partner_details_with_dates_that_cannot_be_told(files):
    path = files.text("getReport", core_partner("E84001", "U00001", "01/10/2019"))
    problems = []
    read_memberships([path], problems)
    (problem,) = problems
    assert "could be 1 October or 10 January 2019" in problem.said


@pytest.mark.parametrize("headed", [False, True])
def test_the_list_of_pcns_is_told_from_their_memberships(files, headed):
    head = "PCN Code,PCN Name,Current Sub ICB Loc Code,Sub ICB Location,Open Date,Close Date,"
    head += ",".join(f"Address Line {n}" for n in range(1, 6)) + ",Postcode"
    row = "U00001,ELM PCN,36L,NHS X ICB - 36L,20191001,,1 HIGH ST,,,LONDON,,SW17 0RT"
    problems = []
    read_memberships([files.text("epcn.csv", *([head] if headed else []), row)], problems)
    (problem,) = problems
    assert problem.said == (
        "This file holds a list of PCNs (epcn) that does not name their practices, "
        "not PCN memberships (ePCN)."
    )
