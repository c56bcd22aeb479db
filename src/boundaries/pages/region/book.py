"""``region.xlsx``: the tables of a region in full, for analysts who will check the figures.

Goes in: a `Region`, and the rows of ``batch.csv``. Comes out: one workbook. Next: nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.pages import words
from boundaries.pages.region.said import headline
from boundaries.pages.whole import whole_file
from boundaries.pages.workbook import BOOK_OPTIONS, book_formats, write_sheet

if TYPE_CHECKING:
    from boundaries.run.region import Region

__all__ = ["region_sheets", "write_region_book"]

_ABOUT: Final = {
    "places": "One row a place. first_move_patients: misaligned patients fewer with one practice "
    "move than with none.",
    "ladder": "One row a place and rung: share of patients who live in the neighbourhood of their "
    "practice, and how sure the rung is.",
    "flows": "Patients who live in one place and are registered in another, as far as the "
    "registration files show.",
    "quintiles": "Alignment by deprivation fifth (1 is the most deprived) over the places that "
    "have the rung.",
    "batch": "Every place asked for, and what became of it.",
}


def write_region_book(region: Region, table: pd.DataFrame, path: str | Path) -> Path:
    """Write the workbook of a region, whole or not at all.

    Parameters
    ----------
    region
        Its places with a result.
    table
        Every place of the batch: the rows of ``batch.csv``.
    path
        Where to; a file of that name is replaced.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    from xlsxwriter import Workbook

    sheets = region_sheets(region, table)
    with whole_file(path) as part, Workbook(str(part), BOOK_OPTIONS) as book:
        # A fixed date: the same region gives the same bytes.
        book.set_properties({"title": headline(region), "created": pd.Timestamp(2020, 1, 1)})
        formats = book_formats(book)
        notes = book.add_worksheet("notes")
        notes.set_column(0, 0, 20)
        notes.set_column(1, 1, 100)
        notes.write_string(0, 0, headline(region), formats["title"])
        rows = [("For discussion", words.DISCUSSION), *_ABOUT.items()]
        rows += [("Attribution", line) for line in words.attribution_lines(region.sources)]
        for number, (key, value) in enumerate(rows, start=2):
            notes.write_string(number, 0, key, formats["bold"])
            notes.write_string(number, 1, value, formats["wrap"])
        for name, frame in sheets.items():
            write_sheet(book, formats, name, frame, hidden="*")
    return Path(path)


def region_sheets(region: Region, table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the sheets by name."""
    names = region.places["name"]
    flows = region.flows.assign(
        living_in=region.flows["living_in"].map(names),
        registered_in=region.flows["registered_in"].map(names),
    )
    ladder = region.ladder.assign(place=region.ladder["place"].map(names))
    places = region.places.sort_values("name").reset_index().rename(columns={"place": "folder"})
    return {
        "places": places.astype({"quick": int, "suppressed": int}),
        "ladder": ladder,
        "flows": flows,
        "quintiles": region.quintiles,
        "batch": table.drop(columns="key"),
    }
