"""Sheets of a workbook: their names and rows, opened only when their cells fit into memory.

Goes in: the bytes of a workbook. Comes out: the names of its sheets, or the rows of one. The
library that reads them lays out every cell from the first to the last row and column: one cell in
the last corner of a sheet asks for 17 thousand million. So the corners are found first.
Next: `boundaries.read.grids`.
"""

from __future__ import annotations

import io
import pickle
import re
import subprocess
import sys
import zipfile
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from boundaries.errors import RefusedFileError
from boundaries.limits import how_to_raise, limit
from boundaries.read.archive import check_members, chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_workbook", "sheet_names", "sheet_rows"]

_ZIP: Final = b"PK"
_SEAM: Final = 4096  # bytes that one block of a sheet shares with the next: a tag may be cut in two
# A cell's place, unless its tag is closed at once: an empty cell with a format takes no room.
_PLACED: Final = re.compile(
    rb"\br\s*=\s*[\"']([A-Za-z]{1,9})(\d{1,12})[\"'](?!(?:\s+\w+=\"[\w.-]*\")*\s*/>)"
)
# A cell without a place stands next to the one before it; a place may be written in other signs.
_UNPLACED: Final = re.compile(rb"<(?:\w+:)?c(?=[\s>])(?![^<>]*\br\s*=\s*[\"'][A-Za-z]{1,9}\d)")


def is_workbook(names: list[str]) -> bool:
    """Say whether a zip with such members is a workbook."""
    return any(name.startswith("xl/workbook.") for name in names)


def sheet_names(content: bytes) -> list[str]:
    """Return the names of a workbook's sheets.

    Raises
    ------
    RefusedFileError
        When it is larger than a limit, or of a kind that is not read.
    ValueError, OSError
        When it is damaged.
    """
    return [str(name) for name in _ask(content, None)]


def sheet_rows(content: bytes, sheet: str) -> list[list[object]]:
    """Return every row of a sheet, from the first row and column.

    Raises
    ------
    RefusedFileError, ValueError, OSError
        As `sheet_names`.
    """
    return [list(row) for row in _ask(content, sheet)]


def _ask(content: bytes, sheet: str | None) -> list[Any]:
    from python_calamine import (  # noqa: PLC0415 - only workbooks need it
        CalamineError,
        CalamineWorkbook,
    )

    if not content.startswith(_ZIP):
        return _ask_apart(content, sheet)
    _refuse_large(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if sheet is None:
            return list(book.sheet_names)
        return list(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
    except CalamineError as error:
        raise ValueError(str(error)) from error


_APART: Final = """
import io, pickle, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
except (ImportError, ValueError, OSError):
    pass
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
name = sys.argv[1:]
found = book.get_sheet_by_name(name[0]).to_python(skip_empty_area=False) if name else book.sheet_names
sys.stdout.buffer.write(pickle.dumps(found))
"""  # noqa: E501 - a program of its own


def _ask_apart(content: bytes, sheet: str | None) -> list[Any]:
    """Read an old workbook (.xls) in a process of its own, which may die of it.

    Its records cannot be looked over beforehand as those of .xlsx can.
    """
    words = [sys.executable, "-I", "-c", _APART, *([] if sheet is None else [sheet])]
    done = subprocess.run(words, input=content, capture_output=True, check=False)  # noqa: S603
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        said = "The old workbook (.xls) needs too much memory or time to be read."
        raise RefusedFileError(said, "Save it as .xlsx or CSV.")
    if done.returncode:
        raise ValueError("the workbook cannot be read")
    found: list[Any] = pickle.loads(done.stdout)  # noqa: S301 - written by the line above
    return found


@lru_cache(maxsize=4)
def _refuse_large(content: bytes) -> None:
    """Refuse a workbook of which a member, or a sheet laid out whole, is over a limit."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = check_members(archive, len(content))
        if "xl/workbook.bin" in {name.lower() for name in names}:
            raise RefusedFileError("This is a binary workbook (.xlsb).", "Save it as .xlsx.")
        for entry in archive.infolist():
            if entry.is_dir() or not entry.filename.lower().startswith("xl/"):
                continue
            rows, columns = _corner(chunks(archive, entry))
            if rows is None:
                rows, columns = _corner_by_parsing(chunks(archive, entry))
            if rows * columns > limit("sheet_cells"):
                said = (
                    f"A sheet has cells in {rows:,} rows and {columns:,} columns: laid out, "
                    f"{rows * columns:,} cells."
                )
                fix = "Delete the empty rows and columns at its end, and save it again. "
                raise RefusedFileError(said, fix + how_to_raise("sheet_cells"))


def _corner(blocks: Iterator[bytes]) -> tuple[int | None, int]:
    """Return the last row and column of a sheet's XML; no row when it has to be parsed."""
    rows = columns = 0
    before = b""
    for block in blocks:
        text = before + block
        if _UNPLACED.search(text):
            return None, 0
        for letters, number in set(_PLACED.findall(text)):
            rows, columns = max(rows, int(number)), max(columns, _column(letters))
        before = text[-_SEAM:]
    return rows, columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _corner_by_parsing(blocks: Iterator[bytes]) -> tuple[int, int]:
    """Return the last row and column of a sheet some of whose cells do not say where they are."""
    rows = columns = row = column = 0

    def begin(name: str, about: dict[str, str]) -> None:
        nonlocal rows, columns, row, column
        tag = name.rsplit(":", 1)[-1]
        place = about.get("r", "").strip()
        if tag == "row":
            row, column = int(place) if place.isdecimal() else row + 1, 0
        elif tag == "c":
            letters = place.rstrip("0123456789")
            column = _column(letters.encode()) if letters else column + 1
            row = int(place[len(letters) :]) if letters and place != letters else row
            rows, columns = max(rows, row), max(columns, column)

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    try:
        for block in blocks:
            parser.Parse(block)
    except (expat.ExpatError, ValueError) as error:
        raise zipfile.BadZipFile("a sheet is not XML") from error
    return rows, columns
