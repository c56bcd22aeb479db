"""Cells of a part as they stand in the file, whatever the container, encoding or delimiter.

Goes in: a `Part`. Comes out: its first rows (`read_head`, to recognise it by), or the wanted
columns of all its rows (`read_grid`), indexed by the row as a person counts it.
Next: `boundaries.read.kinds` recognises, the readers of each family tidy.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyogrio

from boundaries.problems import Problem
from boundaries.read.containers import Part, UnreadableError, fault, open_bytes, open_layer

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Head", "read_grid", "read_head", "read_rows"]

HEAD_ROWS: Final = 40
_DELIMITERS: Final = (",", "\t", ";", "|")
_QUOTED: Final = re.compile(rb'"[^"]*"')
_LARGE: Final = 100_000  # bytes; a smaller file may well be typed by hand
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class Head:
    """First rows of a part as text, headings and title rows included."""

    part: Part
    rows: tuple[tuple[str, ...], ...]


def read_head(part: Part) -> Head:
    """Read the first rows of a part, to recognise it by.

    Raises
    ------
    UnreadableError
        When the part cannot be read, or is empty.
    """
    if part.form == "text":
        rows = _text_head(part)
    elif part.form == "sheet":
        rows = [_texts(row) for row in _sheet_rows(part)[:HEAD_ROWS]]
    else:
        frame = _typed(part, None, most=HEAD_ROWS)
        rows = [tuple(map(str, frame.columns))]
        rows += [_texts(row) for row in frame.itertuples(index=False)]
    if not any(cell for row in rows for cell in row):
        what = "sheet" if part.form == "sheet" else "file"
        raise UnreadableError(fault(part.name, f"The {what} is empty.", "Export it again."))
    return Head(part, tuple(rows))


def read_grid(
    part: Part, *, header: int | None, wanted: dict[str, int]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the wanted columns of every row of a part.

    Parameters
    ----------
    part
        What to read.
    header
        Place of the heading row among the rows of the file (0 is the first), None when it has
        none.
    wanted
        Tidy column name to place of the column in the file (0 is the first).

    Returns
    -------
    tuple[pandas.DataFrame, list[Problem]]
        Columns by tidy name: text (as categories), or typed where the container has types; rows
        that are wholly empty are left out. Index ``row``: as a person counts it, header is row 1
        when it stands first. The problems are warnings about the end of the file.

    Raises
    ------
    UnreadableError
        When rows are broken (more or fewer cells than the heading); with every such row.
    """
    problems: list[Problem] = []
    if part.form == "text":
        frame, problems = _text_grid(part, header, wanted)
    elif part.form == "sheet":
        rows = _sheet_rows(part)[0 if header is None else header + 1 :]
        frame = pd.DataFrame(
            {name: _column(rows, place) for name, place in wanted.items()}, dtype="object"
        )
    else:
        frame = _typed(part, list(wanted.values()))
        frame.columns = pd.Index(_names_in_order(wanted))
    first = 1 if header is None else header + 2
    frame.index = pd.RangeIndex(first, first + len(frame), name="row")
    empty = pd.Series(data=True, index=frame.index)
    for name in frame.columns:
        empty &= frame[name].isna() | (frame[name] == "")
        if not empty.any():
            break
    return frame[~empty] if empty.any() else frame, problems


def read_rows(part: Part) -> list[tuple[str, ...]]:
    """Return every row of a small text part or sheet, as text."""
    if part.form == "sheet":
        return [_texts(row) for row in _sheet_rows(part)]
    text, delimiter = _decoded(part)
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]


def _names_in_order(wanted: dict[str, int]) -> list[str]:
    return [name for name, _ in sorted(wanted.items(), key=lambda item: item[1])]


def _texts(row: Sequence[object]) -> tuple[str, ...]:
    return tuple(_cell(value) for value in row)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)) or value is pd.NaT:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _column(rows: Sequence[Sequence[object]], place: int) -> list[str]:
    return [_cell(row[place]) if place < len(row) else "" for row in rows]


def _sheet_rows(part: Part) -> list[list[object]]:
    from python_calamine import (  # noqa: PLC0415 - only workbooks need it
        CalamineError,
        CalamineWorkbook,
    )

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(open_bytes(part)))
        rows = book.get_sheet_by_name(part.sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        said = "The sheet cannot be read."
        raise UnreadableError(fault(part.name, said, "Save the workbook again.")) from error
    return [list(row) for row in rows]


def _typed(part: Part, places: list[int] | None, *, most: int | None = None) -> pd.DataFrame:
    """Read columns of a parquet file or a layer's attributes, in the order of the file."""
    return (
        _parquet(part, places, most) if part.form == "parquet" else _attributes(part, places, most)
    )


def _parquet(part: Part, places: list[int] | None, most: int | None) -> pd.DataFrame:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        said = "Parquet files need the package pyarrow, which is not installed."
        fix = 'Install it with: pip install "boundaries[parquet]" - or give the table as CSV.'
        raise UnreadableError(fault(part.name, said, fix)) from error
    try:
        file = pq.ParquetFile(io.BytesIO(open_bytes(part)))
        names = [name for name in file.schema_arrow.names if name != "geometry"]
        chosen = names if places is None else [names[place] for place in sorted(set(places))]
        if most is not None:
            batch = next(file.iter_batches(batch_size=most, columns=chosen), None)
            rows = pa.Table.from_batches([] if batch is None else [batch], file.schema_arrow)
            frame: pd.DataFrame = rows.select(chosen).to_pandas(ignore_metadata=True)
            return frame
        table: pd.DataFrame = file.read(columns=chosen).to_pandas(ignore_metadata=True)
    except (pa.ArrowInvalid, OSError, StopIteration) as error:
        said = "The parquet file is damaged or was cut short."
        raise UnreadableError(fault(part.name, said, "Download or export it again.")) from error
    return table


def _attributes(part: Part, places: list[int] | None, most: int | None) -> pd.DataFrame:
    where = open_layer(part)
    layer = part.sheet or None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [str(name) for name in pyogrio.read_info(where, layer=layer)["fields"]]
            chosen = names if places is None else [names[place] for place in sorted(set(places))]
            if not chosen:  # a layer of shapes alone
                return pd.DataFrame()
            frame: pd.DataFrame = pyogrio.read_dataframe(
                where, layer=layer, columns=chosen, read_geometry=False, max_features=most
            )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError) as error:
        said = "The layer is damaged or was cut short, and cannot be read."
        raise UnreadableError(fault(part.name, said, "Download or export it again.")) from error
    return frame[chosen]


def _text_head(part: Part) -> list[tuple[str, ...]]:
    text, delimiter = _decoded(part, most=1 << 18)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [tuple(row) for row in islice(lines, HEAD_ROWS)]
    except csv.Error as error:
        said = f"The rows cannot be told apart: {error}."
        raise UnreadableError(fault(part.name, said, "Save it as plain CSV (UTF-8).")) from error
    return rows


def _decoded(part: Part, *, most: int = -1) -> tuple[str, str]:
    """Return the text (or the whole lines of its beginning) and its delimiter."""
    content = open_bytes(part, most=most)
    text = content.decode(_encoding(content), errors="replace")
    if len(content) == most:
        text = text[: text.rfind("\n") + 1] or text
    return text, _delimiter(text)


def _encoding(content: bytes) -> str:
    """Tell the encoding by a mark, by zero bytes, or by whether UTF-8 fits; else Windows'."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if content[1:2] == b"\x00":
        return "utf-16-le"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(content) - 4:  # else a letter was cut at the end of the piece
            return "latin-1"
    return "utf-8-sig"


def _delimiter(text: str) -> str:
    """Return the delimiter that makes the most cells in the first rows; the comma when tied."""
    lines = list(islice((line for line in text.splitlines() if line.strip()), 20))

    def cells(delimiter: str) -> int:
        counts = sorted(len(next(csv.reader([line], delimiter=delimiter), [])) for line in lines)
        return counts[len(counts) // 2] if counts else 0

    return max(_DELIMITERS, key=lambda d: (cells(d), -_DELIMITERS.index(d)))


def _text_grid(
    part: Part, header: int | None, wanted: dict[str, int]
) -> tuple[pd.DataFrame, list[Problem]]:
    content = open_bytes(part)
    encoding = _encoding(content)
    head = content[: 1 << 16].decode(encoding, errors="replace")
    delimiter = _delimiter(head)
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    width = len(next(islice(rows, header or 0, None), []))
    problems = _check_tail(part, content, (encoding, delimiter, width))
    _check_width(part, content, (encoding, delimiter, width), header)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(content),
                sep=delimiter,
                encoding=encoding,
                header=None,
                names=list(range(width)),
                usecols=sorted(set(wanted.values())),
                skiprows=0 if header is None else header + 1,
                dtype="category",
                na_filter=False,
                skip_blank_lines=False,
                index_col=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        said = "A quoted cell is never closed: the file was cut short, or a quote is missing."
        raise UnreadableError(fault(part.name, said, "Download or export it again.")) from error
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame({place: pd.Categorical([]) for place in sorted(set(wanted.values()))})
    return pd.DataFrame({name: frame[place] for name, place in wanted.items()}), problems


def _check_tail(part: Part, content: bytes, shape: tuple[str, str, int]) -> list[Problem]:
    """Refuse a last row that stops early; warn when a large file does not end its last row."""
    encoding, delimiter, width = shape
    if encoding.startswith("utf-16"):
        return []
    tail = content[-(1 << 14) :].decode(encoding, errors="replace")
    last = tail.rstrip("\r\n").rsplit("\n", 1)[-1]
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
    if not encoding.startswith("utf-16"):
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
