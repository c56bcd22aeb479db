"""Cells to values: codes, whole numbers, decimal numbers, dates and names.

Goes in: columns of text as they stand in a file. Comes out: tidy columns, and a `Problem` with the
row as a person counts it for every cell that cannot be what its column says.
Every rule is applied to the distinct values only: a million rows hold few of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["by_unique", "clean_codes", "clean_dates", "clean_names", "clean_numbers", "iso_date"]

MOST_ROWS: Final = 20
"""Rows listed one by one for a column before the rest are counted."""

_SPACES: Final = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_WRAPPED: Final = re.compile(r'^="?(.*?)"?$')
_DECIMAL: Final = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_THOUSANDS: Final = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_EXCEL_DAYS: Final = (20_000, 80_000)  # 1954 to 2119: a date that a spreadsheet shows as a number


def by_unique(column: pd.Series, rule: Callable[[str], Any]) -> tuple[np.ndarray, list[Any]]:
    """Apply a rule to the distinct values of a column.

    Returns
    -------
    tuple[numpy.ndarray, list]
        Position of each row's value in the list, and the rule's answer for each distinct value.
    """
    places, distinct = pd.factorize(column, use_na_sentinel=False)
    return places, [rule("" if pd.isna(value) else _text(value)) for value in distinct]


def clean_names(column: pd.Series) -> pd.Series:
    """Return names as plain text: no line breaks, single spaces, nothing else changed."""
    return _taken(column, lambda text: _SPACES.sub(" ", text).strip())


def clean_codes(column: pd.Series) -> pd.Series:
    """Return codes in capitals without blanks, quotes or a spreadsheet's ``="…"`` around them."""
    return _taken(column, clean_code)


def clean_code(text: str) -> str:
    """Return one code in capitals, without what spreadsheets wrap around it."""
    bare = text.strip()
    if bare.startswith("="):
        bare = _WRAPPED.sub(r"\1", bare)
    return _SPACES.sub("", bare.strip("'\"")).upper()


def clean_numbers(
    column: pd.Series, *, file: str, whole: bool = True, required: bool = True
) -> tuple[pd.Series, list[Problem]]:
    """Return numbers of zero or more, and a problem for every cell that is none.

    Parameters
    ----------
    column
        Cells; the index is the row as a person counts it, the name the heading in the file.
    file
        File name for the problems.
    whole
        Whether only whole numbers will do.
    required
        Whether an empty cell is a fault; else it is missing.

    Returns
    -------
    tuple[pandas.Series, list[Problem]]
        Nullable Int64 (or Float64), missing where the cell is wrong; same index.
    """
    places, answers = by_unique(column, lambda text: _number(text, whole=whole))
    values = pd.array(
        [answer if not isinstance(answer, str) else None for answer in answers],
        dtype="Int64" if whole else "Float64",
    )
    said = [answer if isinstance(answer, str) else "" for answer in answers]
    wrong = [text != "" and (required or text != "is empty") for text in said]
    problems = []
    if any(wrong):
        flags = np.array(wrong)[places]
        problems = _number_faults(column[flags], [said[p] for p in places[flags]], file)
    return pd.Series(values.take(places), index=column.index, name=column.name), problems


def clean_dates(column: pd.Series, *, file: str) -> tuple[pd.Series, list[Problem]]:
    """Return dates (an empty cell is open: NaT), and a problem for every cell that is none."""
    places, answers = by_unique(column, _date)
    stamps = pd.DatetimeIndex(
        [pd.NaT if isinstance(answer, str) else answer for answer in answers]
    ).astype("datetime64[s]")
    problems = []
    wrong = np.array([isinstance(answer, str) for answer in answers], dtype=bool)
    if wrong.any():
        cells = column[wrong[places]]
        fix = "Write it as 2022-07-01 or 20220701, or leave it empty."
        problems = listed(
            [
                Problem("error", file, _row(row), "", str(column.name), _shown(cell, "a date"), fix)
                for row, cell in zip(cells.index, cells, strict=True)
            ]
        )
    return pd.Series(stamps.take(places), index=column.index, name=column.name), problems


def iso_date(text: str) -> str:
    """Return a date as ISO 8601, or an empty text when it is none."""
    answer = _date(text)
    return "" if isinstance(answer, str) or pd.isna(answer) else str(answer.date())


def listed(problems: list[Problem]) -> list[Problem]:
    """Keep the first faults of a column and count the rest in one more."""
    if len(problems) <= MOST_ROWS:
        return problems
    last = problems[-1]
    more = len(problems) - MOST_ROWS
    said = f"{more:,} more cells of the column {last.field} are wrong in the same way."
    return [
        *problems[:MOST_ROWS],
        Problem(last.level, last.file, None, "", last.field, said, last.fix),
    ]


def _number_faults(cells: pd.Series, said: list[str], file: str) -> list[Problem]:
    field = str(cells.name)
    problems = []
    for row, cell, words in zip(cells.index, cells, said, strict=True):
        text = "" if pd.isna(cell) else _text(cell)
        what = f"The number in {field} is empty." if words == "is empty" else f"{text!r} {words}."
        fix = f"Put the number of row {row} right in the file, or get the file again."
        problems.append(Problem("error", file, _row(row), "", field, what, fix))
    return listed(problems)


def _number(text: str, *, whole: bool) -> float | int | str:
    """Return the number, or what is wrong with the text."""
    bare = _SPACES.sub("", text)
    if _THOUSANDS.match(bare):
        bare = bare.replace(",", "")
    if not _DECIMAL.match(bare):
        words = {"": "is empty", "*": "is a suppressed count, not a number"}
        return words.get(bare, "is not a number")
    value = float(bare)
    if value < 0:
        return "is negative"
    if whole and not value.is_integer():
        return "is not a whole number"
    return int(value) if whole else value


def _date(text: str) -> pd.Timestamp | str:
    """Return the date, NaT for an empty text, or what is wrong."""
    bare = _SPACES.sub(" ", text).strip().removesuffix(".0").removesuffix(" 00:00:00")
    if not bare:
        return pd.NaT  # type: ignore[return-value]  # NaT is pandas' missing Timestamp
    if bare.isdigit() and len(bare) == 5 and _EXCEL_DAYS[0] < int(bare) < _EXCEL_DAYS[1]:
        return pd.Timestamp("1899-12-30") + pd.Timedelta(days=int(bare))
    for form in ("%Y%m%d", "%Y-%m-%d", "%d%b%Y", "%d/%m/%Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y"):
        try:
            return pd.to_datetime(bare, format=form)
        except (ValueError, OverflowError):
            continue
    return "is not a date"


def _taken(column: pd.Series, rule: Callable[[str], str]) -> pd.Series:
    places, answers = by_unique(column, rule)
    values = pd.array(answers, dtype="str")
    return pd.Series(values.take(places), index=column.index, name=column.name)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _shown(cell: object, wanted: str) -> str:
    return f"{_text(cell)!r} is not {wanted}."


def _row(row: object) -> int | None:
    return int(row) if isinstance(row, (int, np.integer)) else None
