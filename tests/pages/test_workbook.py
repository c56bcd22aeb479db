"""The workbook: every sheet equal to its CSV, codes and names text, LibreOffice content."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from boundaries.pages.workbook import change_notice, write_workbook
from boundaries.run.tables import counts_people

FORMULA = "=1+1"
_ALL_SHEETS = "44,34,76,1,,0,false,true,false,false,false,-1"  # LibreOffice's filter options
HOSTILE = "<img src=x onerror=alert(1)> & Sons"


def _sheet(path, name) -> list[list]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()


def test_a_name_that_begins_with_an_equals_sign_stays_text(hostile_run, tmp_path):
    path = write_workbook(hostile_run, tmp_path / "workbook.xlsx")
    header, *rows = _sheet(path, "pcn_facts")
    assert {row[header.index("pcn_name")] for row in rows} >= {FORMULA, HOSTILE}
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in parts.read(name), name


def test_headers_are_frozen_and_filtered(small_run, tmp_path):
    path = write_workbook(small_run, tmp_path / "workbook.xlsx")
    with zipfile.ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in sheets[1:]:
            text = parts.read(name).decode()
            assert 'state="frozen"' in text
            assert "<autoFilter" in text
            assert 'fitToHeight="0" orientation="landscape"' in text
        assert parts.read("xl/workbook.xml").decode().count("_xlnm.Print_Titles") == len(sheets) - 1


def test_the_moves_are_shaped_for_the_change_notice(small_run):
    notice = change_notice(small_run)
    assert list(notice.columns[: len(small_run.moves.columns)]) == list(small_run.moves.columns)
    assert (notice["change"] == "membership").all()
    for column in ("effective_date", "nominated_payee_to", "clinical_director_from"):
        assert (notice[column] == "").all()  # this tool cannot know them


def test_the_notes_say_what_and_from_where(small_run, tmp_path):
    rows = _sheet(write_workbook(small_run, tmp_path / "workbook.xlsx"), "notes")
    text = "\n".join(" ".join(map(str, row)) for row in rows)
    assert "Nobody has agreed to any option shown" in text
    assert "registrations.csv, NHS England, 1 October 2025" in text
    assert "Open Government Licence" in text


def test_hidden_counts_are_stars(small_run, tmp_path):
    study = small_run.study.model_copy(
        update={"report": small_run.study.report.model_copy(update={"suppress": "nhs"})}
    )
    flows = small_run.flows.assign(patients=[3, *small_run.flows["patients"].iloc[1:]])
    run = replace(small_run, study=study, flows=flows)
    path = write_workbook(run, tmp_path / "workbook.xlsx")
    for name in CalamineWorkbook.from_path(str(path)).sheet_names[1:]:
        header, *rows = _sheet(path, name)
        for position, column in enumerate(header):
            if counts_people(column):
                values = [row[position] for row in rows]
                numbers = [value for value in values if isinstance(value, float)]
                assert all(number % 5 == 0 and not 0 < abs(number) < 8 for number in numbers), (
                    column
                )
    header, *rows = _sheet(path, "flows")
    assert [row[header.index("patients")] for row in rows].count("*") >= 2


def test_the_same_bytes_every_time(small_run, tmp_path):
    one = write_workbook(small_run, tmp_path / "a.xlsx").read_bytes()
    assert one == write_workbook(small_run, tmp_path / "b.xlsx").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


@pytest.mark.slow
def test_libreoffice_opens_it(hostile_run, tmp_path):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed; apt-get install libreoffice-calc")
    path = write_workbook(hostile_run, tmp_path / "workbook.xlsx")
    subprocess.run(
        [office, "--headless", "--convert-to", f"csv:Text - txt - csv (StarCalc):{_ALL_SHEETS}",
         "--outdir", str(tmp_path / "csv"), str(path)],
        check=True, timeout=180,
    )  # fmt: skip
    written = "\n".join(p.read_text(encoding="utf-8") for p in (tmp_path / "csv").glob("*.csv"))
    assert FORMULA in written
    assert "#NAME?" not in written
    assert "Err:" not in written
