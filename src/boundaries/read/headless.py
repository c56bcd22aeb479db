"""Tables that their publishers issue without headings, told by their width and their codes.

Goes in: the first rows of a part. Comes out: the kind, and where its columns are.
Next: `boundaries.read.kinds`.

The reports of the NHS Organisation Data Service (``epraccur``, ``epcncorepartnerdetails``,
``epcn``) and OS Code-Point Open have a fixed order of columns that their publishers describe beside
the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boundaries.codes import PCN, PRACTICE
from boundaries.read.columns import Match
from boundaries.read.dates import NO_DATE, read_dates

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.read.grids import Head

__all__ = ["POSTCODE_SHAPE", "find_headless"]

POSTCODE_SHAPE: Final = re.compile(r"^[A-Z]{1,2}\d[A-Z0-9]? *\d[A-Z]{2}$")
_ODS_CODE: Final = re.compile(r"^[A-Z0-9]{3,9}$")
_STATUS: Final = re.compile(r"^(A|C|D|P|ACTIVE|INACTIVE|DORMANT|PROPOSED|CLOSED)$", re.IGNORECASE)
_ENOUGH: Final = 0.5  # share of the first rows that must have the shape; the first one must


def _pattern(shape: re.Pattern[str]) -> Callable[[list[str]], float]:
    return lambda cells: sum(bool(shape.match(cell)) for cell in cells) / len(cells)


def _dates(cells: list[str]) -> float:
    """Share of the cells that have a date, be it one that cannot be told."""
    return sum(bool(cell) and said != NO_DATE for cell, said in _said(cells)) / len(cells)


def _dates_or_empty(cells: list[str]) -> float:
    """Share of the cells that have a date or are empty."""
    return sum(said != NO_DATE for _, said in _said(cells)) / len(cells)


def _said(cells: list[str]) -> list[tuple[str, object]]:
    return list(zip(cells, read_dates(cells), strict=True))


@dataclass(frozen=True)
class _Shape:
    kind: str
    widths: tuple[int, ...]
    places: dict[str, int]
    tests: dict[int, Callable[[list[str]], float]]


_SHAPES: Final = (
    _Shape(  # ODS, "GP practices": 27 columns; 26 in some older issues
        "practices",
        (26, 27),
        {"practice_code": 0, "practice_name": 1, "postcode": 9, "close_date": 11, "status": 12,
         "prescribing_setting": 25},
        {0: _pattern(_ODS_CODE), 10: _dates_or_empty, 12: _pattern(_STATUS)},
    ),
    _Shape(  # ODS, "PCN core partner details"
        "memberships",
        (11,),
        {"practice_code": 0, "practice_name": 1, "pcn_code": 4, "pcn_name": 5, "start": 8,
         "end": 9},
        {0: _pattern(PRACTICE), 4: _pattern(PCN), 8: _dates, 9: _dates_or_empty},
    ),
    _Shape(  # ODS, "PCN details"
        "PCNs",
        (12,),
        {"pcn_code": 0, "pcn_name": 1},
        {0: _pattern(PCN), 4: _dates, 5: _dates_or_empty},
    ),
    _Shape(  # OS Code-Point Open
        "postcodes",
        (10,),
        {"postcode": 0, "quality": 1, "easting": 2, "northing": 3, "borough_code": 8},
        {0: _pattern(POSTCODE_SHAPE), **dict.fromkeys((1, 2, 3), _pattern(re.compile(r"^\d+$")))},
    ),
)  # fmt: skip


def find_headless(head: Head) -> tuple[str, Match] | None:
    """Tell a table without headings; None when it is none that is known."""
    width = len(head.rows[0]) if head.rows else 0
    rows = [row for row in head.rows if len(row) == width]
    for shape in _SHAPES:
        if width in shape.widths and all(
            test([row[place].strip() for row in rows]) >= _ENOUGH
            and test([rows[0][place].strip()]) == 1  # a heading is no code
            for place, test in shape.tests.items()
        ):
            return shape.kind, Match(None, dict(shape.places))
    return None
