"""What a person sees who gives the wrong file."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from boundaries.read import find_files
from boundaries.read.areas import read_lsoas
from boundaries.read.practices import read_memberships
from boundaries.read.registrations import read_registrations

PAGE = "<!DOCTYPE html><html><body>503 Service Unavailable</body></html>"


def said(path, reader=read_registrations):
    problems = []
    result = reader([path], problems)
    assert result[0] is None or len(result[0]) == 0, "something was half-read"
    return "\n".join(str(problem) for problem in problems)


def cut(path, share=0.6):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx", "r.zip", "r.parquet", "r.gpkg", "r.csv.gz"])
def test_a_web_page_saved_as_data(files, name):
    assert "This is a web page, not data" in said(files.text(name, PAGE))


def test_a_web_page_inside_a_zip(files):
    assert "r.zip!r.csv: This is a web page" in said(files.zip("r.zip", {"r.csv": PAGE}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 x", "This is a PDF"),
        (b"<?xml version='1.0'?><kml/>", "This is XML"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "This is not text"),
        (b"\r\n\r\n", "The file is empty."),
        (gzip.compress(b"", mtime=0), "The file is empty."),
    ],
)
def test_things_that_are_no_tables(files, content, words):
    path = files.folder / "r.csv"
    path.write_bytes(content)
    assert words in said(path)


def test_no_such_file_and_a_folder(files):
    assert "cannot be opened: No such file" in said(files.folder / "none.csv")
    assert "This is a folder" in said(files.folder)


def test_a_zip_cut_short(files):
    path = cut(files.zip("r.zip", {"r.csv": files.registrations().read_bytes()}))
    assert "damaged or was cut short" in said(path)


def test_a_zip_with_a_damaged_member(files):
    path = files.zip("r.zip", {"r.csv": files.registrations().read_bytes()})
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    assert "damaged or was cut short" in said(path)


def test_a_zip_without_tables(files):
    assert "holds no table and no layer" in said(files.zip("r.zip", {"a.exe": b"MZ\x00"}))


def test_gzip_workbook_and_parquet_cut_short(files):
    pytest.importorskip("pyarrow")
    packed = files.folder / "r.csv.gz"
    packed.write_bytes(gzip.compress(files.registrations().read_bytes()))
    assert "damaged or was cut short" in said(cut(packed))
    book = files.sheet("r.xlsx", [["practice_code", "lsoa_code", "patients"]] * 50)
    assert "damaged or was cut short" in said(cut(book))
    table = files.folder / "r.parquet"
    pd.DataFrame({"practice_code": ["E84001"] * 9, "patients": range(9)}).to_parquet(table)
    assert "damaged or was cut short" in said(cut(table))


def test_a_last_row_cut_short(files):
    path = files.registrations()
    path.write_bytes(path.read_bytes()[:-9])  # takes ",ALL,50" and the line's end
    assert "The file was cut short: its last row has 5 of 7 cells." in said(path)


def test_a_large_file_that_does_not_end_its_last_row_is_warned_of(files):
    rows = [f"GP,01Jul2022,E84001,ELM,E01{n:06d},ALL,12" for n in range(3000)]
    path = files.registrations(rows=rows)
    path.write_bytes(path.read_bytes()[:-3])  # 12 has become 1: nobody can tell, but warn
    problems = []
    read_registrations([path], problems)
    assert [p.level for p in problems] == ["warning"]
    assert "has no line ending" in problems[0].said


def test_a_quote_that_is_never_closed(files):
    rows = ['GP,01Jul2022,E84001,"ELM,E01000001,ALL,12'] * 3
    assert "A quoted cell is never closed" in said(files.registrations(rows=rows))


def test_rows_with_too_many_cells_are_all_named(files):
    rows = [
        "GP,01Jul2022,E84001,ELM,E01000001,ALL,12",
        "GP,01Jul2022,E84001,ELM, LANE,E01000002,ALL,3",
        "GP,01Jul2022,E84001,OAK, LANE,E01000003,ALL,3",
    ]
    answer = said(files.registrations(rows=rows))
    assert "row 3: The row has 8 cells; the heading has 7." in answer
    assert "row 4: The row has 8 cells" in answer


def test_a_first_row_with_too_many_cells(files):
    rows = ["GP,01Jul2022,E84001,ELM, LANE,E01000002,ALL,3"]
    assert "row 2: The row has 8 cells" in said(files.registrations(rows=rows))


def test_a_short_row_in_the_middle(files):
    rows = ["GP,01Jul2022,E84001,ELM,E01000001", "GP,01Jul2022,E84001,ELM,E01000002,ALL,3"]
    problems = []
    read_registrations([files.registrations(rows=rows)], problems)
    assert [(p.row, p.said) for p in problems] == [
        (2, "The number in NUMBER_OF_PATIENTS is empty.")
    ]


def test_a_missing_column_names_the_nearest(files):
    head = "PRACTICE_CODE,LSOA_CODE,NUMBER_OF_PATENTS"
    answer = said(files.text("r.csv", head, "E84001,E01000001,5"))
    assert "There is no column for the number of patients (NUMBER_OF_PATIENTS)" in answer
    assert "Is it 'NUMBER_OF_PATENTS'? Rename that heading." in answer


def test_headings_without_rows(files):
    assert "no rows" in said(files.registrations(rows=[]))


def test_an_empty_sheet(files):
    assert "The sheet is empty." in said(files.sheet("r.xlsx", []))


def test_another_kind_of_file_is_named(files):
    path = files.text("m.csv", "PRACTICE_CODE,PCN_CODE,PCN_NAME", "E84001,U00001,ELM PCN")
    answer = said(path)
    assert "This file holds a list of practices, not patients registered by practice" in answer
    assert "not PCN memberships" in said(files.registrations(), read_memberships)


def test_every_file_is_reported_not_only_the_first(files):
    problems = []
    paths = [files.text("a.csv", PAGE), files.text("b.csv", "x,y", "1,2"), files.folder / "c.csv"]
    read_registrations(paths, problems)
    assert {problem.file for problem in problems} == {"a.csv", "b.csv", "c.csv"}


def test_a_geopackage_cut_short(files, squares):
    many = squares({"LSOA21CD": [f"E01{n:06d}" for n in range(800)]})
    path = files.layer("l.gpkg", many)
    assert "cut short" in said(cut(path, 0.5), read_lsoas)


def test_a_geojson_cut_short(files, lsoas):
    assert "cut short" in said(cut(files.layer("l.geojson", lsoas.to_crs(4326))), read_lsoas)


def test_a_shapefile_without_its_other_parts(files, lsoas):
    path = files.layer("l.shp", lsoas)
    path.with_suffix(".dbf").unlink()
    assert "The shapefile's other parts" in said(path, read_lsoas)


def test_a_geopackage_that_lacks_its_last_pages(files, squares):
    path = files.layer("l.gpkg", squares({"LSOA21CD": [f"E01{n:06d}" for n in range(800)]}))
    assert "cut short" in said(cut(path, 0.97), read_lsoas)


def test_the_error_message_of_a_web_service(files):
    path = files.text("l.geojson", '{"error":{"code":400,"message":"Invalid query"}}')
    assert "perhaps the error message of a web service" in said(path, read_lsoas)


def test_only_the_first_page_of_a_web_service(files, lsoas):
    path = files.layer("l.geojson", lsoas.to_crs(4326))
    text = path.read_text().replace('"features"', '"exceededTransferLimit":true,"features"', 1)
    path.write_text(text)
    problems = []
    read_lsoas([path], problems)
    assert "The web service gave only its first 3 shapes." in [p.said for p in problems]


def test_files_cut_or_broken_anywhere_are_said_never_a_crash(files, lsoas):
    pytest.importorskip("pyarrow")
    table = files.folder / "t.parquet"
    pd.DataFrame({"practice_code": ["E84001"] * 9, "patients": range(9)}).to_parquet(table)
    whole = [
        table,
        files.registrations(),
        files.epcn(members=[("E84001", "ELM", "U00001", "ELM PCN", "20191001", "")]),
        files.layer("l.gpkg", lsoas),
        files.layer("l.geojson", lsoas.to_crs(4326)),
        files.zip("r.zip", {"r.csv": files.registrations().read_bytes()}),
    ]
    for path in whole:
        content = path.read_bytes()
        for step in range(1, 12):
            place = len(content) * step // 12
            for broken in (content[:place], content[:place] + b"\xf0\x28" + content[place + 2 :]):
                path.write_bytes(broken)
                (first, *_) = find_files([path])
                assert first.said
                for reader in (read_registrations, read_memberships, read_lsoas):
                    problems = []
                    result = reader([path], problems)
                    assert result[0] is not None or problems
