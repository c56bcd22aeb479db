"""Cells of a part as they stand in the file, whatever the container.

Goes in: a `Part`. Comes out: its first rows (`read_head`, to recognise it by), or the wanted
columns of all its rows (`read_grid`), indexed by the row as a person counts it.
Next: `boundaries.read.kinds` recognises, the readers of each family tidy.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries import gdal
from boundaries.limits import how_to_raise, limit
from boundaries.read.parts import (
    Part,
    UnreadableError,
    broken_layer,
    fault,
    open_bytes,
    open_layer,
    unreadable,
)
from boundaries.read.text import text_grid, text_head
from boundaries.read.values import readable_cells
from boundaries.read.workbook import sheet_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boundaries.problems import Problem

__all__ = ["Head", "read_grid", "read_head"]

HEAD_ROWS: Final = 40


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
        rows = text_head(part, most=HEAD_ROWS)
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
        frame, problems = text_grid(part, header, wanted)
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
    frame, dropped = readable_cells(frame, file=part.name)
    problems += dropped
    empty = pd.Series(data=True, index=frame.index)
    for name in frame.columns:
        empty &= frame[name].isna() | (frame[name] == "")
        if not empty.any():
            break
    return frame[~empty] if empty.any() else frame, problems


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
    damaged = fault(part.name, "The sheet cannot be read.", "Save the workbook again.")
    with unreadable(part.name, damaged):
        return sheet_rows(open_bytes(part), part.sheet)


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
        _refuse_large(part, file.metadata)
        names = [name for name in file.schema_arrow.names if name != "geometry"]
        chosen = names if places is None else [names[place] for place in sorted(set(places))]
        if most is not None:
            batch = next(file.iter_batches(batch_size=most, columns=chosen), None)
            rows = pa.Table.from_batches([] if batch is None else [batch], file.schema_arrow)
            frame: pd.DataFrame = rows.select(chosen).to_pandas(ignore_metadata=True)
            return frame
        table: pd.DataFrame = file.read(columns=chosen).to_pandas(ignore_metadata=True)
    except UnreadableError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        said = "The parquet file is damaged or was cut short."
        raise UnreadableError(fault(part.name, said, "Download or export it again.")) from error
    return table


def _refuse_large(part: Part, about: Any) -> None:
    """Refuse a Parquet file by its own account: a few bytes can stand for millions of rows."""
    groups = [about.row_group(number) for number in range(min(about.num_row_groups, 100_000))]
    cells = max(about.num_rows, sum(one.num_rows for one in groups)) * about.num_columns
    if cells > limit("parquet_cells"):
        said = f"The file has {about.num_rows:,} rows of {about.num_columns:,} columns."
        raise UnreadableError(fault(part.name, said, how_to_raise("parquet_cells")))
    if sum(one.total_byte_size for one in groups) > limit("parquet_mb") * 1_000_000:
        said = f"The file unpacks to over {limit('parquet_mb'):,} MB."
        raise UnreadableError(fault(part.name, said, how_to_raise("parquet_mb")))


def _attributes(part: Part, places: list[int] | None, most: int | None) -> pd.DataFrame:
    with unreadable(part.name, broken_layer(part)):
        where, layer = open_layer(part), part.sheet or None
        names, _ = gdal.layer_facts(where, layer)
        chosen = names if places is None else [names[place] for place in sorted(set(places))]
        if not chosen:  # a layer of shapes alone
            return pd.DataFrame()
        frame = gdal.read_frame(
            where, layer, columns=chosen, read_geometry=False, max_features=most
        )
        return frame[chosen]
