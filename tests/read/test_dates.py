"""Dates in every publisher's and spreadsheet's spelling: read, or refused by name."""

from __future__ import annotations

import pandas as pd
import pytest

from boundaries.read.dates import clean_dates, newest_date, read_dates
from boundaries.read.practices import read_list_sizes
from boundaries.read.registrations import read_registrations

SAME_DAY = (
    "01Jul2022", "1jul2022", "2022-07-01", "20220701", "2022/07/01", "01-Jul-22", "01-JUL-2022",
    "1 July 2022", "01 Jul 22", "2022-07-01T00:00:00", "2022-07-01 00:00:00",
    "2022-07-01T00:00:00.000",
    "2022-06-30T23:00:00Z", "44743", "44743.0", " 2022-07-01 ",
)  # fmt: skip


@pytest.mark.parametrize("text", SAME_DAY)
def test_every_spelling_of_a_day(text):
    assert read_dates([text]) == [pd.Timestamp("2022-07-01")]


def test_day_first_when_the_column_shows_it():
    stamps = read_dates(["01/07/2022", "13/07/2022", "31.12.21", "01/04/2020 00:00"])
    assert [str(stamp)[:10] for stamp in stamps] == [
        "2022-07-01", "2022-07-13", "2021-12-31", "2020-04-01",
    ]  # fmt: skip


def test_a_day_that_is_its_month_needs_no_help():
    assert read_dates(["01/01/2026"]) == [pd.Timestamp("2026-01-01")]


def test_day_and_month_that_cannot_be_told_apart_are_refused_by_name():
    assert read_dates(["7/1/2022"]) == [
        "could be 7 January or 1 July 2022: day and month cannot be told apart"
    ]


def test_a_column_with_the_month_first_is_refused_whole():
    first, second = read_dates(["7/13/2022", "7/1/2022"])
    assert "month first" in first
    assert "cannot be told apart" in second
    mixed = read_dates(["7/13/2022", "13/7/2022"])
    assert all(isinstance(answer, str) for answer in mixed)


@pytest.mark.parametrize(
    "text",
    ["soon", "20221301", "31/31/2022", "00/05/2022", "30Feb2022", "Jul-22", "01Jux2022"],
)
def test_what_is_no_date_is_said(text):
    (answer,) = read_dates([text])
    assert isinstance(answer, str)


def test_an_empty_cell_is_open_and_the_newest_counts():
    column = pd.Series(["", "20220701", "01Apr2020"], index=[2, 3, 4], name="Start")
    stamps, problems = clean_dates(column, file="f.csv")
    assert problems == []
    assert stamps.isna().tolist() == [True, False, False]
    assert newest_date(column) == "2022-07-01"
    assert newest_date(["", "soon"]) == ""


def _registrations(files, spelling, name="r.csv"):
    rows = [f"GP_PRAC_PAT_LIST,{spelling},E84001,ELM ROAD,E0100000{n},ALL,120" for n in (1, 2, 3)]
    problems = []
    _, on, (source,) = read_registrations([files.registrations(name, rows=rows)], problems)
    return on, source.date, problems


@pytest.mark.parametrize("spelling", ["01Jul2022", "01-Jul-22", "2022-07-01T00:00:00"])
def test_an_extract_date_after_excel_is_the_same_day(files, spelling):
    assert _registrations(files, spelling) == ("2022-07-01", "2022-07-01", [])


def test_an_extract_date_that_could_be_two_is_an_error_said_once(files):
    on, _, (problem,) = _registrations(files, "7/1/2022")
    assert on == ""
    assert (problem.level, problem.row, problem.field) == ("error", 2, "EXTRACT_DATE")
    assert problem.said == (
        "'7/1/2022' could be 7 January or 1 July 2022: day and month cannot be told apart."
    )
    assert problem.fix.startswith("Write it as 2022-07-01")


def test_list_sizes_of_april_2026_have_an_iso_date(files):
    path = files.text(
        "all.csv",
        "PUBLICATION,EXTRACT_DATE,TYPE,SUB_ICB_LOCATION_CODE,ONS_SUB_ICB_LOCATION_CODE,CODE,"
        "POSTCODE,SEX,AGE,NUMBER_OF_PATIENTS",
        "GP_PRAC_PAT_LIST,2026-04-01,GP,16C,E38000247,A81001,TS18 1HU,ALL,ALL,3747",
        end="\n",
    )
    problems = []
    table, (source,) = read_list_sizes([path], problems)
    assert (problems, source.date) == ([], "2026-04-01")
    assert table["list_size"].tolist() == [3747]
