"""Rows of delimited text, whatever the encoding and the delimiter.

Goes in: the bytes of a text part. Comes out: its first rows, or the wanted columns of all its
rows; a file that was cut short or whose rows are broken is refused. Next: `boundaries.read.grids`.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from itertools import islice
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.encodings import encoding_of
from boundaries.problems import Problem
from boundaries.read.parts import UnreadableError, fault, open_bytes

if TYPE_CHECKING:
    from boundaries.read.parts import Part

__all__ = ["text_grid", "text_head"]

_DELIMITERS: Final = (",", "\t", ";", "|")
_QUOTED: Final = re.compile(rb'"[^"]*"')
_LARGE: Final = 100_000  # bytes; a smaller file may well be typed by hand
csv.field_size_limit(1 << 24)


def text_head(part: Part, *, most: int) -> list[tuple[str, ...]]:
    """Return the first rows of a text part."""
    text, delimiter = _decoded(part, most=1 << 18)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [tuple(row) for row in islice(lines, most)]
    except csv.Error as error:
        said = f"The rows cannot be told apart: {error}."
        raise UnreadableError(fault(part.name, said, "Save it as plain CSV (UTF-8).")) from error
    return rows


def text_grid(
    part: Part, header: int | None, wanted: dict[str, int]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the wanted columns (tidy name to place) of every row after the heading row.

    Returns
    -------
    tuple[pandas.DataFrame, list[Problem]]
        Text as categories, wholly empty rows included; warnings about the end of the file.

    Raises
    ------
    UnreadableError
        When the file was cut short, or rows have more cells than the heading; with every row.
    """
    content = _content(part)
    encoding = encoding_of(content)
    head = content[: 1 << 16].decode(encoding, errors="replace")
    delimiter = _delimiter(head)
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    width = len(next(islice(rows, header or 0, None), []))
    problems = _check_tail(part, content, (encoding, delimiter, width))
    _check_width(part, content, (encoding, delimiter, width), header)
    try:
        frame = _cells(content, (encoding, delimiter, width), header, sorted(set(wanted.values())))
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        said = "A quoted cell is never closed: the file was cut short, or a quote is missing."
        raise UnreadableError(fault(part.name, said, "Download or export it again.")) from error
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame({place: pd.Categorical([]) for place in sorted(set(wanted.values()))})
    return pd.DataFrame({name: frame[place] for name, place in wanted.items()}), problems


def _cells(
    content: bytes, shape: tuple[str, str, int], header: int | None, places: list[int]
) -> pd.DataFrame:
    """Read columns as categories of text.

    Categories that all look like numbers come back as numbers: those columns are read again, since
    01 is not 1, and 1.2E+05 has lost digits that 120000 seems to have.
    """
    encoding, delimiter, width = shape

    def read(columns: list[int], kind: str) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame: pd.DataFrame = pd.read_csv(
                io.BytesIO(content),
                sep=delimiter,
                encoding=encoding,
                encoding_errors="replace",
                header=None,
                names=list(range(width)),
                usecols=columns,
                skiprows=0 if header is None else header + 1,
                dtype=kind,
                na_filter=False,
                skip_blank_lines=False,
                index_col=False,
            )
        return frame

    frame = read(places, "category")
    again = [place for place in places if frame[place].cat.categories.dtype.kind in "ifb"]
    if not again:
        return frame
    text = read(again, "str").astype("category")
    return pd.DataFrame({place: (text if place in again else frame)[place] for place in places})


def _content(part: Part, *, most: int = -1) -> bytes:
    """Return the bytes; a carriage return alone, as an old Mac ends lines, ends one as any."""
    content = open_bytes(part, most=most)
    alone = content.count(b"\r") != content.count(b"\r\n")
    if not alone or encoding_of(content, whole=most < 0).startswith(("utf-16", "utf-32")):
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _decoded(part: Part, *, most: int = -1) -> tuple[str, str]:
    """Return the text (or the whole lines of its beginning) and its delimiter."""
    content = _content(part, most=most)
    text = content.decode(encoding_of(content, whole=most < 0), errors="replace")
    if len(content) == most:
        text = text[: text.rfind("\n") + 1] or text
    return text, _delimiter(text)


def _delimiter(text: str) -> str:
    """Return the delimiter that makes the most cells in the first rows; the comma when tied."""
    lines = list(islice((line for line in text.splitlines() if line.strip()), 20))

    def cells(delimiter: str) -> int:
        counts = sorted(len(next(csv.reader([line], delimiter=delimiter), [])) for line in lines)
        return counts[len(counts) // 2] if counts else 0

    return max(_DELIMITERS, key=lambda d: (cells(d), -_DELIMITERS.index(d)))


def _check_tail(part: Part, content: bytes, shape: tuple[str, str, int]) -> list[Problem]:
    """Refuse a last row that stops early; warn when a large file does not end its last row."""
    encoding, delimiter, width = shape
    if encoding.startswith(("utf-16", "utf-32")):
        return []
    tail = content[-(1 << 14) :].decode(encoding, errors="replace")
    last = tail.rstrip("\r\n").rsplit("\n", 1)[-1].rstrip("\r")
    cells = len(next(csv.reader([last], delimiter=delimiter), []))
    ended = tail.endswith(("\n", "\r"))
    if not ended and 0 < cells < width:
        said = f"The file was cut short: its last row has {cells} of {width} cells."
        raise UnreadableError(fault(part.name, said, "Download or export it again."))
    if ended or len(content) < _LARGE:
        return []
    said = "The last row has no line ending, as when a download is cut short."
    fix = "Compare the file's size with the publisher's, and download it again if it differs."
    return [Problem("warning", part.name, None, "", "", said, fix)]


def _check_width(
    part: Part, content: bytes, shape: tuple[str, str, int], header: int | None
) -> None:
    """Refuse rows with more cells than the heading, naming them: pandas would drop the rest.

    Counting the delimiters outside quotes is quick, and mostly enough.
    """
    encoding, delimiter, width = shape
    if not encoding.startswith(("utf-16", "utf-32")):
        bare = _QUOTED.sub(b"", content) if b'"' in content else content
        lines = bare.count(b"\n") + (not bare.endswith(b"\n"))
        if bare.count(delimiter.encode()) == lines * (width - 1):
            return
    text = content.decode(encoding, errors="replace")
    found = []
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for number, row in enumerate(rows, start=1):
        if len(row) > width and number > (header or 0) and any(row[width:]):
            said = f"The row has {len(row)} cells; the heading has {width}."
            fix = "Put cells that hold a comma in double quotes, or export the file again."
            found.append(fault(part.name, said, fix, row=number))
    if found:
        unreadable = UnreadableError(found[0])
        unreadable.problems = tuple(found[:20])
        raise unreadable
