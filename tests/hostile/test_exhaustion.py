"""Small files that ask for everything: each ends with a message, within memory and time."""

from __future__ import annotations

import gzip
import io
import os
import re
import sqlite3
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import xlsxwriter
from shapely.geometry import Polygon
from tests.hostile.old_workbook import old_workbook

from boundaries.errors import InputError
from boundaries.limits import LIMITS, limit
from boundaries.read import find_files
from boundaries.read.layers import read_layer_table
from boundaries.read.registrations import read_registrations
from boundaries.read.workbook import sheet_rows
from boundaries.study import load_study, parse_study

HEAD = b"practice_code,lsoa_code,patients\nA00001,E01000001,9\n"
GB = 1_000_000_000


def said(path, reader=read_registrations):
    problems = []
    read = reader([path], problems)
    assert read[0] is None or len(read[0]) == 0
    return "\n".join(map(str, problems))


def workbook(path, cell):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "practice_code")
        sheet.write(cell, "x")
    return path


def rewritten(path, change):
    """Change the first sheet's XML of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part, content in parts.items():
            new.writestr(part, content)
    return path


@pytest.mark.parametrize("cell", ["XFD1048576", "CV1048576"])
def test_one_cell_in_the_last_corner_of_a_sheet(tmp_path, cell):
    told = said(workbook(tmp_path / "r.xlsx", cell))
    assert "A sheet has cells in 1,048,576 rows" in told
    assert "BOUNDARIES_LIMITS=sheet_cells=" in told


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(b'r="XFD1048576"', b"r='XFD1048576'"),
        lambda xml: xml.replace(b'r="XFD1048576"', b'r = "xfd1048576"'),
        lambda xml: xml.replace(b'r="XFD1048576"', b'r="&#88;FD1048576"'),
        lambda xml: xml.replace(b'<c r="XFD1048576"', b'<c x=">" r="XFD1048576"'),
        lambda xml: re.sub(rb'<c r="XFD1048576"', b"<c/>" * 16383 + b"<c", xml),
        lambda xml: xml.replace(b'r="XFD1048576"', b'r="XFD1048576" x="/>"'),
    ],
)
def test_however_the_corner_is_written(tmp_path, change):
    path = rewritten(workbook(tmp_path / "r.xlsx", "XFD1048576"), change)
    told = said(path)
    assert "A sheet has cells in 1,048,576 rows" in told or "damaged or was cut short" in told


def test_empty_cells_with_a_format_do_not_count(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["practice_code", "lsoa_code", "patients"])
        sheet.write_row(1, 0, ["A00001", "E01000001", "9"])
        sheet.write_blank("XFD1048576", None, book.add_format({"bold": True}))
    assert [one.kind for one in find_files([tmp_path / "r.xlsx"])] == ["registrations"]


def zipped(path, name, megabytes, *, lie=None):
    """A zip of zeros; its headers may say another length."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, "w", force_zip64=False) as member:
            for _ in range(megabytes):
                member.write(b"1,2\n" * 250_000)
        if lie is not None:
            archive.getinfo(name).file_size = lie
    return path


def test_a_zip_that_unpacks_to_too_much(tmp_path):
    told = said(zipped(tmp_path / "r.zip", "r.csv", 80))
    assert "r.csv unpacks to over 150 times its size" in told


def test_a_zip_that_says_less_than_it_holds(tmp_path):
    told = said(zipped(tmp_path / "r.zip", "r.csv", 80, lie=8))
    assert "unpacks to over 150 times" in told or "damaged" in told


def test_a_workbook_whose_parts_unpack_to_too_much(tmp_path):
    path = rewritten(workbook(tmp_path / "r.xlsx", "A2"), lambda xml: xml + b" " * 80_000_000)
    assert "unpacks to over 150 times its size" in said(path)


def test_a_gzip_that_unpacks_to_too_much(tmp_path):
    (tmp_path / "r.csv.gz").write_bytes(gzip.compress(HEAD + b"1,2,3\n" * 15_000_000))
    assert "unpacks to over 150 times its size" in said(tmp_path / "r.csv.gz")


def test_a_gzip_in_a_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr("r.csv", gzip.compress(HEAD + b"1,2,3\n" * 15_000_000))
    assert "unpacks to over 150 times its size" in said(tmp_path / "r.zip")


def test_thousands_of_members(tmp_path):
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.csv", "a,b\n1,2\n")
    told = said(tmp_path / "r.zip")
    assert "The archive holds 20,000 files" in told
    assert "BOUNDARIES_LIMITS=members=" in told


def millions_of_rows(path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq  # noqa: PLC0415

    one = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000_000, "int8")), ["E84001"])
    table = pa.table({"practice_code": one, "lsoa_code": one, "patients": one})
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(20):
            writer.write_table(table)


def test_a_parquet_file_of_millions_of_rows(tmp_path):
    millions_of_rows(tmp_path / "r.parquet")
    assert (tmp_path / "r.parquet").stat().st_size < 200_000
    assert "The file has 20,000,000 rows of 3 columns" in said(tmp_path / "r.parquet")


def test_an_old_workbook_is_read_apart_and_may_die_of_it(tmp_path):
    small = old_workbook(tmp_path / "small.xls", (0, 0), (1, 2)).read_bytes()
    assert sheet_rows(small, "Sheet1") == [[1.5, "", ""], ["", "", 1.5]]
    old_workbook(tmp_path / "r.xls", (0, 0), (65_535, 65_535))
    assert "The old workbook (.xls) needs too much memory" in said(tmp_path / "r.xls")


def star(points):
    """A polygon each of whose edges crosses nearly all others."""
    turn = np.arange(points) * (points // 2) * 2 * np.pi / points
    return Polygon(np.column_stack([530_000 + 900 * np.cos(turn), 180_000 + 900 * np.sin(turn)]))


def patch(path, shape):
    gpd.GeoDataFrame({"name": ["T"]}, geometry=[shape], crs=27700).to_file(path)
    problems = []
    layer, _ = read_layer_table("teams.nursing", path, problems)
    return layer, "\n".join(map(str, problems))


def test_an_outline_that_crosses_itself_thousands_of_times(tmp_path):
    layer, told = patch(tmp_path / "p.gpkg", star(501))
    assert layer is None
    assert "row 1: The outline crosses itself over 2,000 times. Mend it in QGIS" in told


def test_an_outline_that_crosses_itself_a_few_times_is_mended(tmp_path):
    layer, told = patch(tmp_path / "p.gpkg", star(7))
    assert len(layer.polygons) == 1
    assert "1 shapes cross themselves; each was mended" in told


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_pipes_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "r.csv")
    assert "This is a device, a pipe or a socket, not a file." in said(tmp_path / "r.csv")
    with pytest.raises(InputError, match="a pipe or a socket"):
        load_study(tmp_path / "r.csv")


def test_devices_are_no_files():
    from pathlib import Path  # noqa: PLC0415

    assert "This is a device, a pipe or a socket, not a file." in said(Path("/dev/zero"))


STUDY = '[place]\nboroughs = "X"\n[data]\nregistrations = "r"\nlsoas = "l"\n[rules]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STUDY + "neighbourhoods = [1, 2000000000]", "at most 1000 neighbourhoods"),
        (STUDY + "neighbourhoods = [1, 900]", "a range of 20"),
        (STUDY + "neighbourhoods = 2000000000", "at most 1000 neighbourhoods"),
        (STUDY + f"neighbourhoods = {'9' * 5000}", "Not valid TOML"),
        (STUDY + f"neighbourhoods = 3\npcn_floor = {'9' * 300}", "rules.pcn_floor: the number is"),
        (STUDY + "neighbourhoods = 3\nresidents_band = inf", "rules.residents_band"),
        (STUDY + "neighbourhoods = 3\nresidents_band = nan", "rules.residents_band"),
        (STUDY + "neighbourhoods = 3\n[teams.a]\nfile = 'x'\nweight = inf", "teams.a.weight"),
        (STUDY + "neighbourhoods = 3\n[teams.a]\nfile = 'x'\nweight = 1e300", "teams.a.weight"),
        (STUDY + "neighbourhoods = 3\n[rates]\npounds_per_patient_a_year = nan", "rates."),
        ("a = " + "[" * 100_000, "nested too deeply"),
    ],
)
def test_studies_that_ask_for_too_much(tmp_path, text, words):
    with pytest.raises(InputError) as error:
        parse_study(text, folder=tmp_path, must_exist=False)
    assert words in str(error.value)


def test_a_study_of_gigabytes(tmp_path):
    with (tmp_path / "s.toml").open("wb") as stream:
        stream.truncate(3 * GB)
    with pytest.raises(InputError, match=r"The study is over 1,000 kB"):
        load_study(tmp_path / "s.toml")


@pytest.mark.parametrize("cell", ["9" * 5000, "1e300", "inf", "nan", "-inf"])
def test_numbers_that_are_none(tmp_path, cell):
    rows = f"practice_code,lsoa_code,patients\nA00001,E01000001,{cell}\n"
    (tmp_path / "r.csv").write_text(rows, encoding="utf-8")
    problems = []
    read_registrations([tmp_path / "r.csv"], problems)
    told = [str(problem) for problem in problems]
    assert any("is more than" in one or "is not a number" in one for one in told)
    assert max(map(len, told)) < 400


def test_limits_are_raised_by_the_environment_alone(monkeypatch):
    monkeypatch.setenv("BOUNDARIES_LIMITS", "members=7, sheet_cells=9")
    assert (limit("members"), limit("sheet_cells")) == (7, 9)
    assert limit("layers") == LIMITS["layers"].value
    for wrong in ("member=7", "members", "members=x", "members=-1"):
        monkeypatch.setenv("BOUNDARIES_LIMITS", wrong)
        with pytest.raises(InputError, match="Write name=whole number"):
            limit("members")


def test_the_table_of_limits_stands_in_the_docs():
    from pathlib import Path  # noqa: PLC0415

    from boundaries import __file__ as here  # noqa: PLC0415

    text = (Path(here).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    for name, one in LIMITS.items():
        assert f"| `{name}` | {one.value:,} | {one.what} |" in text


def gigabyte_of_gzip(path):
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb") as stream:
        stream.write(HEAD)
        for _ in range(80):
            stream.write(b"1,2,3\n" * 180_000)
    path.write_bytes(buffer.getvalue())


def thousands(path):
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.csv", "a,b\n1,2\n")


def endless_view(path):
    gpd.GeoDataFrame({"name": ["T"]}, geometry=[star(7)], crs=27700).to_file(path)
    with sqlite3.connect(path) as base:
        base.execute(
            "CREATE VIEW forever AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1"
            " FROM n) SELECT max(fid) AS fid, 'x' AS name FROM n"
        )
    base.close()


EXHAUSTING = {
    "corner.xlsx": (lambda path: workbook(path, "XFD1048576"), "A sheet has cells in 1,048,576"),
    "wide.xlsx": (lambda path: workbook(path, "CV1048576"), "A sheet has cells in 1,048,576"),
    "old.xls": (lambda path: old_workbook(path, (0, 0), (65_535, 65_535)), "(.xls) needs too much"),
    "bomb.zip": (lambda path: zipped(path, "r.csv", 80), "r.csv unpacks to over 150 times"),
    "bomb.csv.gz": (gigabyte_of_gzip, "bomb.csv.gz unpacks to over 150 times"),
    "many.zip": (thousands, "The archive holds 20,000 files"),
    "rows.parquet": (millions_of_rows, "The file has 20,000,000 rows"),
    "endless.gpkg": (endless_view, "holds the view forever"),
    "pipe.csv": (os.mkfifo, "pipe.csv: This is a device, a pipe or a socket"),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="memory is limited, and pipes are, on Unix")
def test_the_whole_command_within_memory_and_time(tmp_path, lean):
    """Every file at once, to `init` and to `check`: exit 1, messages, 3 GB, a minute's work."""
    for name, (make, _) in EXHAUSTING.items():
        make(tmp_path / name)
    patch_file = gpd.GeoDataFrame({"name": ["T"]}, geometry=[star(501)], crs=27700)
    patch_file.to_file(tmp_path / "crossing.gpkg")
    code, out, err = lean("init", "X", "--data", tmp_path, "-o", tmp_path / "s.toml")
    assert code == 1, (out, err)
    assert "Rust" not in err
    study = f"[place]\nboroughs = 'X'\n[data]\nregistrations = {list(EXHAUSTING)}\n"
    study += 'lsoas = "corner.xlsx"\n[rules]\nneighbourhoods = 3\n'
    study += '[teams.a]\nfile = "crossing.gpkg"\nname = "name"\n'
    (tmp_path / "s.toml").write_text(study, encoding="utf-8")
    code, out, err = lean("check", tmp_path / "s.toml")
    assert code == 1, (out, err)
    missing = [name for name, (_, words) in EXHAUSTING.items() if words not in out + err]
    assert not missing, (out, err)
    assert "The outline crosses itself over 2,000 times" in out + err


def test_a_study_of_endless_counts_within_memory_and_time(tmp_path, lean):
    for text, words in (
        (STUDY + "neighbourhoods = [1, 2000000000]", "at most 1000 neighbourhoods"),
        (STUDY + f"neighbourhoods = {'9' * 5000}", "Not valid TOML"),
        ("a = " + "[" * 100_000, "nested too deeply"),
    ):
        (tmp_path / "s.toml").write_text(text, encoding="utf-8")
        code, _, err = lean("check", tmp_path / "s.toml", megabytes=2000, seconds=20)
        assert (code, words in err) == (1, True), err
