"""Cells to values: codes, whole numbers, decimal numbers, names.

Goes in: columns of text as they stand in a file. Comes out: tidy columns, and a `Problem` with the
row as a person counts it for every cell that cannot be what its column says.
Every rule is applied to the distinct values only: a million rows hold few of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from boundaries.encodings import readable
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "by_unique",
    "clean_codes",
    "clean_names",
    "clean_numbers",
    "listed",
    "plain_text",
    "readable_cells",
    "row_number",
]

MOST_ROWS: Final = 20
"""Rows listed one by one for a column before the rest are counted."""

_LOST: Final = "\ufffd"  # stands for a byte that its encoding does not have
_SHOWN: Final = 60  # letters of a cell that a message repeats
_SPACES: Final = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_INERT: Final = re.compile(r"^'('*[=+@\t\r-])")
_WRAPPED: Final = re.compile(r'^="?(.*?)"?$')
_DECIMAL: Final = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_SCIENTIFIC: Final = re.compile(r"^[+-]?\d*\.?\d*[eE][+-]?\d+$")
_MOST: Final = 1_000_000_000  # people or metres: more is a slip of the pen
_THOUSANDS: Final = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")


def by_unique(column: pd.Series, rule: Callable[[str], Any]) -> tuple[np.ndarray, list[Any]]:
    """Apply a rule to the distinct values of a column.

    Returns
    -------
    tuple[numpy.ndarray, list]
        Position of each row's value in the list, and the rule's answer for each distinct value.
    """
    places, distinct = pd.factorize(column, use_na_sentinel=False)
    return places, [rule("" if pd.isna(value) else plain_text(value)) for value in distinct]


def readable_cells(frame: pd.DataFrame, *, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Drop characters that cannot be seen from the cells of text, with a note for each column.

    A control character in a name (the mark of a table cell in Word, say) breaks Word files and
    terminals; marks of writing direction turn text about (`boundaries.encodings.readable`).
    """
    problems: list[Problem] = []
    changed = {}
    for name, column in frame.items():
        if column.dtype.kind in "iufbM":
            continue
        places, texts = by_unique(column, lambda text: text)
        lost = [text for text in texts if _LOST in text]
        if lost:
            said = f"A character could not be read ({lost[0][:_SHOWN]!r}): the file was damaged."
            fix = "Take the file again from where it came, or save it as UTF-8."
            problems.append(Problem("warning", file, None, "", str(name), said, fix))
        better = [readable(text) for text in texts]
        wrong = np.array([one != other for one, other in zip(texts, better, strict=True)], bool)
        if not wrong.any():
            continue
        cells = column.index[wrong[places]]
        changed[str(name)] = pd.Series(np.array(better, dtype=object)[places], column.index)
        shown = better[places[column.index.get_loc(cells[0])]]
        said = f"Characters that cannot be seen were dropped or put right in {len(cells):,} cell"
        said += f"{'' if len(cells) == 1 else 's'} (row {cells[0]}: {shown!r})."
        problems.append(
            Problem("note", file, row_number(cells[0]), "", str(name), said, "Check the name.")
        )
    return (frame.assign(**changed) if changed else frame), problems


def clean_names(column: pd.Series) -> pd.Series:
    """Return names as plain text: no line breaks, single spaces, nothing else changed.

    A single quote that makes a formula inert, as this tool's own CSV files have it, is no part of
    the name.
    """
    return _taken(column, lambda text: _INERT.sub(r"\1", _SPACES.sub(" ", text).strip()))


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
    short = by_unique(column, lambda text: bool(_SCIENTIFIC.match(_SPACES.sub("", text))))[1]
    if any(short):
        problems += _shortened(column[np.array(short)[places]], file)
    return pd.Series(values.take(places), index=column.index, name=column.name), problems


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
        text = "" if pd.isna(cell) else plain_text(cell)
        text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        what = f"The number in {field} is empty." if words == "is empty" else f"{text!r} {words}."
        fix = f"Put the number of row {row} right in the file, or get the file again."
        problems.append(Problem("error", file, row_number(row), "", field, what, fix))
    return listed(problems)


def _shortened(cells: pd.Series, file: str) -> list[Problem]:
    """Warn of figures in scientific notation: a spreadsheet keeps few of their digits."""
    shown = ", ".join(f"{plain_text(cell)} (row {row})" for row, cell in cells.iloc[:3].items())
    more = "" if len(cells) <= 3 else f" and {len(cells) - 3:,} more"
    said = f"Figures in scientific notation, whose last digits may be lost: {shown}{more}."
    fix = "Format the column as a number without decimals and save again, or get the file again."
    return [Problem("warning", file, row_number(cells.index[0]), "", str(cells.name), said, fix)]


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
    if value > _MOST:
        return f"is more than {_MOST:,}"
    if whole and not value.is_integer():
        return "is not a whole number"
    return int(value) if whole else value


def _taken(column: pd.Series, rule: Callable[[str], str]) -> pd.Series:
    places, answers = by_unique(column, rule)
    values = pd.array(answers, dtype="str")
    return pd.Series(values.take(places), index=column.index, name=column.name)


def plain_text(value: object) -> str:
    """Return a cell as text: a whole number that a spreadsheet keeps as 4.0 is 4."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def row_number(row: object) -> int | None:
    """Return the row as a person counts it, None for an index that is no row."""
    return int(row) if isinstance(row, (int, np.integer)) else None
