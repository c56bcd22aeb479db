"""A table for people: the same cells for the report, the Word file and the tests that read them.

Goes in: numbers with what they are and where they stand in the run's files. Comes out: `Grid`,
whose cells turn into text in one way only. Next: `boundaries.pages.report` and
`boundaries.pages.word` draw grids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from boundaries.pages import words

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["Cell", "Grid", "Kind", "cell_text", "records"]

Kind = Literal[
    "text", "people", "change", "share", "points", "pounds", "distance", "decimal", "count", "code"
]

_FORMATS: Final[dict[str, Callable[..., str]]] = {
    "people": words.people,
    "count": words.people,
    "change": words.change,
    "share": words.share,
    "points": words.points,
    "pounds": words.pounds,
    "distance": words.distance,
}


@dataclass(frozen=True)
class Cell:
    """One cell: a value, what kind of number it is, and where it comes from.

    Parameters
    ----------
    value
        Text, a number, or None (shown as a dash, or ``*`` when figures are suppressed).
    kind
        How it is written. Everything but ``text`` and ``code`` is set to the right.
    source
        ``file|key|column`` of the same number in the run's folder, keys parted by ``/``; empty
        for text and for numbers that stand in no file.
    note
        A second, smaller line, e.g. the change from today.
    """

    value: object
    kind: Kind = "text"
    source: str = ""
    note: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the cell belongs to the right of its column."""
        return self.kind not in ("text", "code")


@dataclass(frozen=True)
class Grid:
    """A table with a caption, a header and rows; the first cell of a row names the row.

    Parameters
    ----------
    caption
        Says what the table shows, in words that stand alone.
    header
        Column headings.
    rows
        Cells; every row as long as the header.
    note
        Small print under the table.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column holds numbers, and so is set to the right with its heading."""
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.header)
        return tuple(any(cell.is_number for cell in column) for column in columns)


def cell_text(cell: Cell, missing: str = words.DASH) -> str:
    """Write a cell as people read it."""
    if cell.kind in ("text", "code"):
        return missing if cell.value is None else str(cell.value)
    if cell.kind == "decimal":
        return missing if _is_missing(cell.value) else f"{float(str(cell.value)):.2f}"
    return _FORMATS[cell.kind](cell.value, missing=missing)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table with its index as plain dictionaries."""
    return [
        {str(key): value for key, value in row.items()}
        for row in frame.reset_index().to_dict("records")
    ]


def _is_missing(value: object) -> bool:
    return words.people(value, missing="") == ""
