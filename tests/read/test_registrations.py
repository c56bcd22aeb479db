from __future__ import annotations

import gzip

import pandas as pd
import pytest

from boundaries.read.registrations import read_registrations

HEAD = "PRACTICE_CODE,PRACTICE_NAME,LSOA_CODE,SEX,NUMBER_OF_PATIENTS"


def good(paths):
    problems = []
    table, on, sources = read_registrations(paths, problems)
    assert [p for p in problems if p.level == "error"] == []
    return table, on, sources


def pairs(table):
    return {
        (p, a): n
        for p, a, n in zip(table.practice_code, table.lsoa_code, table.patients, strict=True)
    }


EXPECTED = {
    ("E84001", "E01000001"): 120,
    ("E84001", "E01000002"): 80,
    ("E84001", "NO2011"): 3,
    ("E84002", "E01000002"): 50,
}


def test_as_published(files):
    table, on, (source,) = good([files.registrations()])
    assert pairs(table) == EXPECTED
    assert on == "2022-07-01"
    assert table["patients"].dtype == "int64"
    assert list(table["row"]) == [2, 3, 4, 5]
    assert set(table["file"]) == {"r.csv"}
    assert (source.rows, source.publisher, source.date) == (4, "NHS England", "2022-07-01")
    assert len(source.sha256) == 64
    assert "Open Government Licence" in source.attribution


@pytest.mark.parametrize(
    "head",
    [
        "PUBLICATION,EXTRACT_DATE,PRACTICE_CODE,PRACTICE_NAME,LSOA_CODE,SEX,Number of Patients",
        "PUBLICATION,EXTRACT_DATE,PRACTICE_CODE,PRACTICE_NAME,LSOA_CODE,SEX,ALL_PATIENTS",
        "publication,extract_date,practice_code,practice_name,lsoa_2011_code,sex,patients",
        "Publication,Date of extract,Org Code,Name,LSOA21CD,Sex,Number of registered patients",
    ],
)
def test_headings_of_every_vintage(files, head):
    table, _, _ = good([files.registrations(head=head)])
    assert pairs(table) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_encodings(files, encoding):
    rows = ["P,01Jul2022,E84001,CAFÉ PRACTICE,E01000001,ALL,120"]
    table, _, _ = good([files.registrations(rows=rows, encoding=encoding)])
    assert table["practice_name"].item() == "CAFÉ PRACTICE"
    assert table["patients"].item() == 120


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_read(files, delimiter):
    lines = [HEAD, "E84001,ELM,E01000001,ALL,120", "E84001,ELM,E01000002,ALL,80"]
    table, _, _ = good([files.text("r.csv", *(line.replace(",", delimiter) for line in lines))])
    assert list(table["patients"]) == [120, 80]


def test_blanks_small_letters_and_excel_wrapping_in_codes(files):
    rows = ['e84001 ,ELM, e01000001,ALL,"1,204"', '"=""E84002""",OAK,E01000002\u00a0,ALL,80.0']
    table, _, _ = good([files.text("r.csv", HEAD, *rows)])
    assert pairs(table) == {("E84001", "E01000001"): 1204, ("E84002", "E01000002"): 80}


def test_title_rows_above_the_headings_and_blank_rows_are_counted(files):
    path = files.text(
        "r.csv", "Patients registered,,,,", ",,,,", HEAD, "E84001,ELM,E01000001,ALL,12",
        ",,,,", "E84001,ELM,E01000002,ALL,x",
    )  # fmt: skip
    problems = []
    table, _, _ = read_registrations([path], problems)
    assert list(table["row"]) == [4]
    (problem,) = problems
    assert (problem.row, problem.said) == (6, "'x' is not a number.")


def test_a_workbook_with_title_rows(files):
    rows = [["Title"], [], ["Practice code", "LSOA code", "Patients"], ["E84001", "E01000001", 7.0]]
    table, _, _ = good([files.sheet("r.xlsx", rows)])
    assert (table["patients"].item(), table["row"].item()) == (7, 4)


def test_parquet(files):
    pytest.importorskip("pyarrow")
    path = files.folder / "r.parquet"
    frame = pd.DataFrame({"practice_code": ["E84001"], "lsoa_code": ["E01000001"], "patients": [9]})
    frame.to_parquet(path)
    table, on, _ = good([path])
    assert (pairs(table), on) == ({("E84001", "E01000001"): 9}, "")


def test_parquet_without_pyarrow_names_the_extra(files, monkeypatch):
    pytest.importorskip("pyarrow")
    path = files.folder / "r.parquet"
    pd.DataFrame({"practice_code": ["E84001"]}).to_parquet(path)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    problems = []
    assert read_registrations([path], problems)[0] is None
    assert 'pip install "boundaries[parquet]"' in problems[0].fix


def test_zip_and_gzip(files):
    plain = files.registrations()
    packed = files.folder / "r.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    archive = files.zip("r.zip", {"a/r.csv": plain.read_bytes(), "readme.txt": "Read me"})
    for path, name in ((packed, "r.csv.gz"), (archive, "r.zip!a/r.csv")):
        table, _, (source,) = good([path])
        assert pairs(table) == EXPECTED
        assert source.file == name


def by_sex(sex, share):
    return "\r\n".join(
        [HEAD, f"E84001,ELM,E01000001,{sex},{share}", f"E84001,ELM,E01000002,{sex},1"]
    )


def test_a_zip_of_all_male_and_female_counts_everyone_once(files):
    members = {
        "all.csv": by_sex("ALL", 120),
        "f.csv": by_sex("FEMALE", 70),
        "m.csv": by_sex("MALE", 50),
    }
    table, _, sources = good([files.zip("r.zip", members)])
    assert list(table["patients"]) == [120, 1]
    assert len(sources) == 1


def test_males_and_females_are_added_up(files):
    members = {"f.csv": by_sex("FEMALE", 70), "m.csv": by_sex("MALE", 50)}
    table, _, _ = good([files.zip("r.zip", members)])
    assert list(table["patients"]) == [120, 2]


def test_only_females_is_a_fault(files):
    problems = []
    read_registrations([files.text("f.csv", by_sex("FEMALE", 70))], problems)
    assert "Only the sex FEMALE is in the file" in problems[0].said


def test_rows_of_one_sex_beside_all_do_not_count(files):
    rows = ["E84001,ELM,E01000001,ALL,120", "E84001,ELM,E01000001,MALE,50"]
    table, _, _ = good([files.text("r.csv", HEAD, *rows)])
    assert list(table["patients"]) == [120]


def test_every_wrong_cell_is_named_at_once(files):
    rows = [
        "E84001,ELM,E01000001,ALL,many", "E84001,ELM,E01000002,ALL,-4", "E84001,ELM,E01000003,ALL,",
        "E84001,ELM,E01000004,ALL,2.5", "E84001,ELM,E01000005,ALL,*", "84001,ELM,E01000001,ALL,5",
        "E84001,ELM,1000001,ALL,5", ",ELM,E01000001,ALL,5", "E84001,ELM,E01000006,ALL,6",
    ]  # fmt: skip
    problems = []
    read_registrations([files.text("r.csv", HEAD, *rows)], problems)
    assert {(p.row, p.said) for p in problems} == {
        (2, "'many' is not a number."),
        (3, "'-4' is negative."),
        (4, "The number in NUMBER_OF_PATIENTS is empty."),
        (5, "'2.5' is not a whole number."),
        (6, "'*' is a suppressed count, not a number."),
        (7, "'84001' is not a practice code such as E84001."),
        (8, "'1000001' is not an LSOA code such as E01000001."),
        (9, "The code in PRACTICE_CODE is empty."),
    }
    assert all(p.level == "error" and p.file == "r.csv" and p.fix for p in problems)


def test_many_wrong_cells_are_counted_after_twenty(files):
    rows = [f"E84001,ELM,E010000{n:02d},ALL,x" for n in range(30)]
    problems = []
    read_registrations([files.text("r.csv", HEAD, *rows)], problems)
    assert len(problems) == 21
    assert problems[-1].said.startswith("10 more cells of the column NUMBER_OF_PATIENTS")


def test_special_codes_are_kept_and_unknown_words_warned_of(files):
    rows = [f"E84001,ELM,{code},ALL,5" for code in ("CLOSED", "NO2021", "E01000001", "NOWHERE")]
    problems = []
    table, _, _ = read_registrations([files.text("r.csv", HEAD, *rows)], problems)
    assert list(table["lsoa_code"]) == ["CLOSED", "NO2021", "E01000001", "NOWHERE"]
    assert [(p.level, p.code) for p in problems] == [("warning", "NOWHERE")]


def test_special_codes_of_2025_need_no_word(files):
    codes = ["EMPTY", "CLOSED", "NO2021", "L99999999", "M99999999", "W01000001", "S01006506",
             "N20000001", "N99999999", "E01000001"]  # fmt: skip
    rows = [f"E84001,ELM,{code},ALL,5" for code in codes]
    table, _, _ = good([files.text("r.csv", HEAD, *rows)])
    assert list(table["lsoa_code"]) == codes
    assert table["patients"].sum() == 50


def test_the_zip_that_is_published_since_may_2026(files):
    text = f"{HEAD}\nE84001,ELM,E01000001,ALL,5\n"
    path = files.zip("gp-reg-pat-prac-lsoa-2021.zip", {"gp-reg-pat-prac-lsoa-all.csv": text})
    table, _, (source,) = good([path])
    assert table["patients"].tolist() == [5]
    assert source.file == "gp-reg-pat-prac-lsoa-2021.zip!gp-reg-pat-prac-lsoa-all.csv"


def test_hostile_names_are_plain_text(files):
    names = ["=1+1", '<img src=x onerror="alert(1)">', "@SUM(A1)"]
    rows = ['E84001,"{}",E01000001,ALL,5'.format(name.replace('"', '""')) for name in names]
    table, _, _ = good([files.text("r.csv", HEAD, *rows)])
    assert list(table["practice_name"]) == names


def test_files_of_two_dates_are_warned_of(files):
    later = [row.replace("01Jul2022", "01Oct2022").replace("E8400", "E8500") for row in
             ("P,01Jul2022,E84001,ELM,E01000001,ALL,120",)]  # fmt: skip
    problems = []
    _, on, _ = read_registrations(
        [files.registrations(), files.registrations("s.csv", later)], problems
    )
    assert on == "2022-10-01"
    assert "different dates: 2022-07-01, 2022-10-01" in problems[0].said
