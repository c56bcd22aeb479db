"""The workbook: one tidy sheet per table, for analysts who will check the figures.

Goes in: a `Run`. Comes out: ``workbook.xlsx``. Sheets hold the same rows as the CSV files; codes
and names are text always, also a name that begins with an equals sign. The sheet ``moves`` has the
columns that a PCN ODS change instruction asks for, blank where this tool cannot know.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.pages import words
from boundaries.pages.naming import pcn_letters, pcn_names
from boundaries.pages.report.prose import limits
from boundaries.pages.suppress import as_shown
from boundaries.pages.whole import whole_file
from boundaries.run.tables import TABLES, counts_people

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from boundaries.run import Run

__all__ = ["BOOK_OPTIONS", "book_formats", "change_notice", "write_sheet", "write_workbook"]

_PERCENT: Final = frozenset(
    {
        "alignment",
        "alignment_before",
        "barrier_line_share",
        "share",
        "gap",
        "list_inside_share",
        "catchment_registered_share",
        "extra_share",
        "at_least_share",
        "alignment_change",
    }
)
_DECIMAL: Final = frozenset({"polsby_popper", "area_km2", "value"})
_MONEY: Final = frozenset({"pounds_a_year"})

_ABOUT: Final[dict[str, str]] = {
    "options": "One row an option: what it costs, what it buys, how sure that is.",
    "gains": "What a gain is made of: today's areas put together, new lines, practices that move.",
    "neighbours": "Pairs of neighbouring LSOAs, what parting each one costs, and why.",
    "measures": "Every summary measure of every option.",
    "neighbourhoods": "One row an option and neighbourhood.",
    "moves": "Practices that change PCN, shaped for a PCN ODS change instruction: fields that this "
    "tool cannot know are blank.",
    "practices": "Every practice in every option, with its PCN now and in the option.",
    "lsoas": "Every LSOA in every option.",
    "pcns": "What becomes of each PCN in each option.",
    "pcn_facts": "Facts of today's PCNs: catchment, list living inside it, overlap.",
    "flows": "Today: patients by the PCN catchment they live in and the PCN they are with.",
    "teams": "What becomes of each team in each option.",
    "quintiles": "Alignment by deprivation fifth (1 is the most deprived) in each option.",
    "wards": "Wards and how many neighbourhoods each lies in.",
    "rules_broken": "Hard rules that an option does not keep.",
    "settled": "How often each LSOA and practice sits with its usual partners, and how sure.",
    "near_plans": "Plans nearly as good as an option, found because they differ; none is proposed.",
    "sensitivity": "The study solved again with one choice changed, against this run.",
    "sensitivity_units": "In how many of these runs each LSOA and practice keeps its company.",
    "near_differences": "What each of those plans has elsewhere than its option.",
    "problems": "Every problem found in the data.",
}
_FIRST: Final = ("options", "moves", "neighbourhoods", "measures", "pcn_facts", "pcns", "teams")

_WIDEST: Final = 60

BOOK_OPTIONS: Final = {
    "strings_to_formulas": False,  # a practice may be called "=1+1"
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
"""What every workbook of ours is written with: text stays text."""


def write_workbook(run: Run, path: str | Path) -> Path:
    """Write the workbook of a run, whole or not at all.

    Parameters
    ----------
    run
        The run; small numbers are suppressed first when its study asks for it.
    path
        Where to; a file of that name is replaced.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    from xlsxwriter import Workbook

    run = as_shown(run)
    with whole_file(path) as part, Workbook(str(part), BOOK_OPTIONS) as book:
        # A fixed date: the same run gives the same bytes.
        book.set_properties({"title": words.title_of(run), "created": pd.Timestamp(2020, 1, 1)})
        formats = book_formats(book)
        _write_notes(book, formats, run)
        for name, frame in _sheets(run).items():
            write_sheet(book, formats, name, frame, hidden=_hidden(run))
    return Path(path)


def _sheets(run: Run) -> dict[str, pd.DataFrame]:
    frames = {name: table(run) for name, table in TABLES.items()}
    frames["moves"] = change_notice(run)
    order = [name for name in _FIRST if name in frames]
    return {name: frames[name] for name in [*order, *(n for n in frames if n not in order)]}


def change_notice(run: Run) -> pd.DataFrame:
    """Return the moves with the fields of a PCN ODS change instruction.

    Returns
    -------
    pandas.DataFrame
        The columns of ``moves.csv``, then change (what kind), effective_date,
        nominated_payee_from, nominated_payee_to, clinical_director_from, clinical_director_to,
        network_area_change: blank, for the commissioner and the PCNs to fill in, apart from the
        network area, which a move of membership always touches.

    Notes
    -----
    Notified to commissioners: changes of nominated payee, membership, network area and clinical
    director (Network Contract DES; Hempsons, "Key dates for CCGs", 2020).
    """
    frame = run.moves.copy()
    frame["change"] = "membership"
    for column in (
        "effective_date",
        "nominated_payee_from",
        "nominated_payee_to",
        "clinical_director_from",
        "clinical_director_to",
    ):
        frame[column] = ""
    frame["network_area_change"] = "to be agreed with the commissioner"
    return frame


def _hidden(run: Run) -> str:
    return "*" if run.suppressed else ""


def book_formats(book: Workbook) -> dict[str, Format]:
    """Return the formats that the sheets of a workbook share, by what they are for."""
    head = {"bold": True, "bottom": 2, "text_wrap": True, "valign": "bottom"}
    return {
        "head": book.add_format({**head, "bg_color": "#F0F4F5"}),
        "text": book.add_format({"num_format": "@"}),
        "count": book.add_format({"num_format": "#,##0"}),
        "number": book.add_format({"num_format": "#,##0.00"}),
        "percent": book.add_format({"num_format": "0.0%"}),
        "pounds": book.add_format({"num_format": "£#,##0"}),
        "hidden": book.add_format({"align": "right"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "bold": book.add_format({"bold": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _write_notes(book: Workbook, formats: dict[str, Format], run: Run) -> None:
    sheet = book.add_worksheet("notes")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, words.title_of(run), formats["title"])
    rows: list[tuple[str, str]] = [("For discussion", words.discussion(run))]
    rows += [(name, _ABOUT.get(name, "")) for name in _sheets(run)]
    rows += [(f"Option: {option.option_id}", option.title) for option in run.options]
    names = pcn_names(run)
    rows += [
        (f"PCN: {letter}", f"{names[code]} ({code})") for code, letter in pcn_letters(run).items()
    ]
    rows += [("Limits", text) for text in limits()]
    if run.suppressed:
        said = "Counts of 1 to 7 people are shown as *; all others are rounded to the nearest 5."
        rows.append(("Suppression", said))
    rows += [
        (f"File: {source.role}", _source_said(source.file, source.publisher, source.date))
        for source in run.place.sources
    ]
    rows += [("Study, SHA-256", run.study.sha256)] if run.study.sha256 else []
    rows += [("Attribution", line) for line in words.attribution_lines(run.place.sources)]
    for number, (key, value) in enumerate(rows, start=2):
        sheet.write_string(number, 0, key, formats["bold"])
        sheet.write_string(number, 1, value, formats["wrap"])


def _source_said(file: str, publisher: str, date: str) -> str:
    return ", ".join(part for part in (file, publisher, words.day(date)) if part)


def write_sheet(
    book: Workbook, formats: dict[str, Format], name: str, frame: pd.DataFrame, *, hidden: str
) -> None:
    """Add a sheet with the rows of a table; ``hidden`` stands for a count that is not shown."""
    sheet = book.add_worksheet(name)
    for column, heading in enumerate(frame.columns):
        sheet.write_string(0, column, str(heading), formats["head"])
        values = frame[heading].tolist()
        kind = _kind(str(heading), frame[heading])
        star = hidden if counts_people(str(heading)) and heading != "bound" else ""
        for row, value in enumerate(values, start=1):
            _write_cell(sheet, (row, column), value, formats, kind, star)
        longest = max([len(str(heading)) * 0.75 + 4, *(len(str(v)) + 1 for v in values[:500])])
        sheet.set_column(column, column, min(_WIDEST, max(9, longest)))
    sheet.freeze_panes(1, _keys(frame))
    sheet.repeat_rows(0)  # the heading stands on every printed page
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    if len(frame.columns):
        sheet.autofilter(0, 0, max(1, len(frame)), len(frame.columns) - 1)


def _keys(frame: pd.DataFrame) -> int:
    """Return how many first columns name the row, to be frozen with the header."""
    names = {"option_id", "neighbourhood", "practice_code", "lsoa_code", "pcn_code", "measure"}
    count = 0
    for column in frame.columns[:2]:
        if column not in names:
            break
        count += 1
    return count


def _kind(heading: str, series: pd.Series[Any]) -> str:
    if not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series):
        return "text"
    if heading in _PERCENT or heading.endswith("_share"):
        return "percent"
    if heading in _MONEY:
        return "pounds"
    return "number" if heading in _DECIMAL else "count"


def _write_cell(
    sheet: Worksheet,
    at: tuple[int, int],
    value: Any,
    formats: dict[str, Format],
    kind: str,
    hidden: str,
) -> None:
    row, column = at
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        if hidden and kind != "text":
            sheet.write_string(row, column, hidden, formats["hidden"])
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif kind == "text" or isinstance(value, str):
        sheet.write_string(row, column, str(value), formats["text"])
    else:
        sheet.write_number(row, column, float(value), formats[kind])
