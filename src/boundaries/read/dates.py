"""Dates as publishers, spreadsheets and people write them; never guessed, never lost in silence.

Goes in: a column of text. Comes out: dates, and a `Problem` for every cell that is none, or that
could be two dates. Next: the readers of each family.

``01Jul2022``, ``20220701``, ``2022-07-01``, ``2022-07-01T00:00:00``, ``01-Jul-22``, ``1 July 2022``
and a spreadsheet's own number say their date. ``01/07/2022`` does not: Excel in the United States
writes 7 January so. It is read with the day first when another cell of the column can only have it
first (``13/07/2022``), and refused otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from boundaries.problems import Problem
from boundaries.read.values import by_unique, listed, plain_text, row_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["NO_DATE", "clean_dates", "newest_date", "read_dates"]

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_FULL: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_TIME: Final = re.compile(
    r"^(.*\d)[T ]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$", re.IGNORECASE
)
_YEAR_FIRST: Final = re.compile(r"^(\d{4})(?:-(\d\d?)-(\d\d?)|/(\d\d?)/(\d\d?)|(\d\d)(\d\d))$")
_NAMED: Final = re.compile(r"^(\d\d?)[-/ ]?([A-Za-z]{3,9})[-/ ,]*(\d{4}|\d\d)$")
_SIGNS: Final = re.compile(r"^(\d\d?)[/.-](\d\d?)[/.-](\d{4}|\d\d)$")
_EXCEL_DAYS: Final = (20_000, 80_000)  # 1954 to 2119: a date that a spreadsheet shows as a number
NO_DATE: Final = "is not a date"
_MONTH_FIRST: Final = "has the month first, as American spreadsheets write it"
_FIX: Final = "Write it as 2022-07-01 or 01Jul2022, or leave it empty."


def clean_dates(
    column: pd.Series, *, file: str, once: bool = False
) -> tuple[pd.Series, list[Problem]]:
    """Return dates (an empty cell is open: NaT), and an error for every cell that is none.

    Parameters
    ----------
    column
        Cells; the index is the row as a person counts it, the name the heading in the file.
    file
        File name for the problems.
    once
        Whether a wrong value is reported for its first row only: for a date that stands in every
        row of a file.
    """
    places, texts = by_unique(column, lambda text: text)
    answers = read_dates(texts)
    stamps = pd.DatetimeIndex(
        [pd.NaT if isinstance(answer, str) else answer for answer in answers]
    ).astype("datetime64[s]")
    problems = []
    said = [answer if isinstance(answer, str) else "" for answer in answers]
    wrong = np.flatnonzero(np.array([bool(words) for words in said])[places])
    if once:
        wrong = wrong[np.unique(places[wrong], return_index=True)[1]]
    if len(wrong):
        problems = listed(
            [
                Problem(
                    "error", file, row_number(column.index[int(at)]), "", str(column.name),
                    f"{plain_text(column.iloc[at])!r} {said[places[at]]}.", _FIX,
                )
                for at in wrong
            ]
        )  # fmt: skip
    return pd.Series(stamps.take(places), index=column.index, name=column.name), problems


def newest_date(texts: Iterable[str]) -> str:
    """Return the newest of some dates as ISO 8601; empty when none of them can be read."""
    answers = [answer for answer in read_dates(list(texts)) if not isinstance(answer, str)]
    newest = max((answer for answer in answers if not pd.isna(answer)), default=None)
    return "" if newest is None else str(newest.date())


def read_dates(texts: Sequence[str]) -> list[pd.Timestamp | str]:
    """Read the dates of one column, judged together.

    Parameters
    ----------
    texts
        Distinct cells as they stand in the file.

    Returns
    -------
    list[pandas.Timestamp | str]
        For each text the date, NaT for an empty one, or what is wrong with it.
    """
    bare = [_without_time(" ".join(text.split()).removesuffix(".0")) for text in texts]
    parts = [_SIGNS.match(text) for text in bare]
    firsts = [(int(part[1]), int(part[2])) for part in parts if part]
    day_first = any(b <= 12 < a for a, b in firsts)
    month_first = any(a <= 12 < b for a, b in firsts)
    answers: list[pd.Timestamp | str] = []
    for text, part in zip(bare, parts, strict=True):
        if not part:
            answers.append(_one(text))
            continue
        day, month, year = int(part[1]), int(part[2]), _year(part[3])
        if (day_first and not month_first) or day == month or not (1 <= month <= 12 and day >= 1):
            american = month > 12 and 1 <= day <= 12
            answers.append(_MONTH_FIRST if american else _stamp(year, month, day))
        elif day > 12:
            answers.append("has the day first, and other dates of its column the month")
        else:
            one, other = (_FULL[number - 1].capitalize() for number in (month, day))
            said = f"could be {day} {one} or {month} {other} {year}"
            said += ": day and month cannot be told apart"
            answers.append(said)
    return answers


def _without_time(text: str) -> str:
    """Return the day of a moment; one that names its zone is taken as it was in London."""
    moment = _TIME.match(text)
    if not moment:
        return text
    if moment[2]:
        try:
            return str(pd.Timestamp(text).tz_convert("Europe/London").date())
        except (ValueError, TypeError):
            return text
    return moment[1]


def _one(text: str) -> pd.Timestamp | str:
    """Return the date of a text that says which number is the day, NaT for none, or the fault."""
    if not text:
        return pd.NaT  # type: ignore[return-value]  # NaT is pandas' missing Timestamp
    if text.isdigit() and len(text) == 5 and _EXCEL_DAYS[0] < int(text) < _EXCEL_DAYS[1]:
        return pd.Timestamp("1899-12-30") + pd.Timedelta(days=int(text))
    found = _YEAR_FIRST.match(text)
    if found:
        year, month, day = (int(number) for number in found.groups() if number)
        return _stamp(year, month, day)
    found = _NAMED.match(text)
    if found:
        name = found[2].lower()
        number = _MONTHS.get(name[:3])
        if number and (len(name) == 3 or name == _FULL[number - 1] or name == "sept"):
            return _stamp(_year(found[3]), number, int(found[1]))
    return NO_DATE


def _year(text: str) -> int:
    """Return a year; two digits are read as POSIX does, 69 to 99 as 1969 to 1999."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (1900 if year >= 69 else 2000)


def _stamp(year: int, month: int, day: int) -> pd.Timestamp | str:
    try:
        return pd.Timestamp(year=year, month=month, day=day)
    except (ValueError, OverflowError):
        return NO_DATE
