"""Ways in which a file is hurt: as a slip of a hand, a program or a wire would do it.

Goes in: the bytes of a file and a chance. Comes out: other bytes. Tables are hurt by bytes, rows
and cells; GeoJSON by shapes; a zip, workbook or zipped shapefile in one of its members, packed
again so that the member is reached; a GeoPackage by bytes and by cells of its tables.
"""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Hurt = Callable[[bytes, random.Random], bytes]

__all__ = ["hurt_file"]

_WORDS: Final = (
    b"n/a", b"-1", b"1e999", b"NaN", b"1,000", b"#REF!", b"\x00", b"\xff\xfe", b"=1+1", b"*", b"0",
    b"12 345", b"1.5", b"TBC", b" ", b"'", b'"', b"9" * 30, b"2026-02-30",
)  # fmt: skip


def flip(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def take_out(content: bytes, chance: random.Random) -> bytes:
    at, size = chance.randrange(len(content)), chance.randrange(1, 2000)
    return content[:at] + content[at + size :]


def drop_rows(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    share = chance.choice([0.01, 0.1, 0.5])
    return b"".join(line for n, line in enumerate(lines) if n == 0 or chance.random() > share)


def double_rows(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join([*lines[: at + 1], *lines[at:]])


def empty_cell(content: bytes, chance: random.Random) -> bytes:
    return _in_a_cell(content, chance, lambda _: b"")


def empty_column(content: bytes, chance: random.Random) -> bytes:
    lines = [line.split(b",") for line in content.splitlines()]
    at = chance.randrange(len(lines[0]))
    for row in lines[1:]:
        if at < len(row):
            row[at] = b""
    return b"\n".join(b",".join(row) for row in lines) + b"\n"


def change_digit(content: bytes, chance: random.Random) -> bytes:
    def other(cell: bytes) -> bytes:
        places = [n for n, byte in enumerate(cell) if 48 <= byte <= 57]
        if not places:
            return cell
        at = chance.choice(places)
        return cell[:at] + str(chance.randrange(10)).encode() + cell[at + 1 :]

    return _in_a_cell(content, chance, other)


def odd_word(content: bytes, chance: random.Random) -> bytes:
    return _in_a_cell(content, chance, lambda _: chance.choice(_WORDS))


def copy_value(content: bytes, chance: random.Random) -> bytes:
    donor = chance.choice(content.splitlines()).split(b",")
    return _in_a_cell(content, chance, lambda _: chance.choice(donor))


def swap_columns(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines()
    count = lines[0].count(b",") + 1
    if count < 2:
        return content
    one, other = chance.sample(range(count), 2)
    rows = [line.split(b",") for line in lines]
    for row in rows[chance.randrange(2) :]:  # with their headings, or under those of the other
        if len(row) == count:
            row[one], row[other] = row[other], row[one]
    return b"\n".join(b",".join(row) for row in rows) + b"\n"


def shift_rows(content: bytes, chance: random.Random) -> bytes:
    """Shift one column down by a row, as a spreadsheet does to who sorts a column alone."""
    rows = [line.split(b",") for line in content.splitlines()]
    at = chance.randrange(len(rows[0]))
    cells = [row[at] for row in rows if at < len(row)]
    cells = [cells[0], *cells[2:], cells[min(1, len(cells) - 1)]]
    for row, cell in zip([row for row in rows if at < len(row)], cells, strict=False):
        row[at] = cell
    return b"\n".join(b",".join(row) for row in rows) + b"\n"


def encode(content: bytes, chance: random.Random) -> bytes:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    return text.encode(chance.choice(["utf-8-sig", "utf-16", "cp1252"]), errors="replace")


def end_lines(content: bytes, chance: random.Random) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\n"]))


def add_rows(content: bytes, chance: random.Random) -> bytes:
    more = chance.choice([b"Total,,,,\n", b"Source: somebody\n", b"\n\n\n", b"<html></html>\n"])
    return chance.choice([content + more, more + content])


def _in_a_cell(content: bytes, chance: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    cells = lines[at].rstrip(b"\r\n").split(b",")
    place = chance.randrange(len(cells))
    cells[place] = change(cells[place])
    return b"".join([*lines[:at], b",".join(cells) + b"\n", *lines[at + 1 :]])


def break_shapes(content: bytes, chance: random.Random) -> bytes:
    """Hurt one feature of a GeoJSON, or all of them alike."""
    layer = json.loads(content)
    features = layer["features"]
    at = chance.randrange(len(features))
    shape = features[at]["geometry"]
    ways: list[Callable[[], Any]] = [
        lambda: features.pop(at),
        lambda: features.append(features[at]),
        lambda: features[at].update(geometry=None),
        lambda: shape.update(coordinates=[]),
        lambda: shape.update(coordinates=_each(shape["coordinates"], lambda x, y: [y, x])),
        lambda: shape.update(coordinates=_each(shape["coordinates"], lambda x, y: [x + 300, y])),
        lambda: shape.update(coordinates=_each(shape["coordinates"], lambda x, y: [x * 2, y * 2])),
        lambda: shape.update(coordinates=_each(shape["coordinates"], lambda x, _: [x, None])),
        lambda: shape.update(type="Point"),
        lambda: layer.pop("crs", None),
        lambda: layer.update(crs={"type": "name", "properties": {"name": "EPSG:4326"}}),
        lambda: [f.update(geometry=None) for f in features],
        features[at]["properties"].clear,
        lambda: features[at]["properties"].update(dict.fromkeys(features[at]["properties"])),
        lambda: _moved(shape, chance),
        lambda: _crossed(shape),
    ]
    chance.choice(ways)()
    return json.dumps(layer).encode()


def _each(coordinates: Any, change: Callable[[float, float], list[Any]]) -> Any:
    if isinstance(coordinates[0], (int, float)):
        return change(coordinates[0], coordinates[1])
    return [_each(one, change) for one in coordinates]


def _line(shape: dict[str, Any]) -> list[Any]:
    line = shape["coordinates"]
    while isinstance(line[0][0], list):
        line = line[0]
    return line


def _moved(shape: dict[str, Any], chance: random.Random) -> None:
    line = _line(shape)
    at = chance.randrange(1, max(2, len(line) - 1))
    line[at] = [line[at][0] + chance.choice([-400, 2, 400]), line[at][1] + chance.choice([-300, 3])]


def _crossed(shape: dict[str, Any]) -> None:
    line = _line(shape)
    if len(line) > 3:
        line[1], line[2] = line[2], line[1]


def in_a_member(content: bytes, chance: random.Random) -> bytes:
    """Hurt one member of a zip and pack it again."""
    source = zipfile.ZipFile(io.BytesIO(content))
    names = source.namelist()
    victim = chance.choice(names)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            inside = source.read(name)
            if name == victim and inside:
                table = name.endswith(".csv")
                inside = chance.choice(_TABLE if table else _BYTES)(inside, chance)
            archive.writestr(name, inside)
    return target.getvalue()


def drop_member(content: bytes, chance: random.Random) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(content))
    names = source.namelist()
    victim = chance.choice(names)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            if name != victim:
                archive.writestr(name, source.read(name))
    return target.getvalue()


def in_a_row(content: bytes, chance: random.Random) -> bytes:
    """Hurt a row of one of the tables of a GeoPackage."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "file.gpkg"
        path.write_bytes(content)
        base = sqlite3.connect(path)
        tables = [row[0] for row in base.execute(
            "select name from sqlite_master where type='table' and name not like 'rtree%'"
        )]  # fmt: skip
        table = chance.choice(tables)
        columns = [row[1] for row in base.execute(f'pragma table_info("{table}")')]
        column = chance.choice(columns)
        change = chance.choice(_CHANGES)
        number = chance.randrange(30)
        words = change.format(table=table, column=column, number=number)
        try:
            for trigger in base.execute(
                "select name from sqlite_master where type='trigger'"
            ).fetchall():
                base.execute(f'drop trigger "{trigger[0]}"')
            base.execute(words)
            base.commit()
        except sqlite3.Error:
            base.rollback()
        base.close()
        return path.read_bytes()


_SET: Final = 'update "{table}" set "{column}" = '
_ROW: Final = ' where rowid = (select rowid from "{table}" limit 1 offset {number})'
_CHANGES: Final = (
    f"{_SET}null{_ROW}",
    f"{_SET}'TBC'{_ROW}",
    f"{_SET}-1{_ROW}",
    f"{_SET}x'4750'{_ROW}",
    f'delete from "{{table}}"{_ROW}',  # noqa: S608 - a file of our own
    'drop table "{table}"',
)
_BYTES: Final[tuple[Hurt, ...]] = (flip, cut, take_out)
_TABLE: Final[tuple[Hurt, ...]] = (
    *_BYTES, drop_rows, double_rows, empty_cell, empty_column, change_digit, odd_word, copy_value,
    swap_columns, shift_rows, encode, end_lines, add_rows,
)  # fmt: skip
_BY_ENDING: Final[dict[str, tuple[Hurt, ...]]] = {
    ".csv": _TABLE,
    ".toml": (*_BYTES, drop_rows, double_rows, change_digit, encode, end_lines),
    ".geojson": (*_BYTES, *[break_shapes] * 5, encode),
    ".kml": (*_BYTES, change_digit, drop_rows, encode),
    ".zip": (*_BYTES, *[in_a_member] * 6, drop_member),
    ".xlsx": (*_BYTES, *[in_a_member] * 6, drop_member),
    ".gpkg": (*_BYTES, *[in_a_row] * 5),
}
_NAMES: Final[dict[Hurt, str]] = {
    flip: "byte flipped", cut: "file cut", take_out: "piece taken out", drop_rows: "rows dropped",
    double_rows: "row doubled", empty_cell: "cell emptied", empty_column: "column emptied",
    change_digit: "digit changed", odd_word: "odd word in a cell", copy_value: "value copied",
    swap_columns: "columns swapped", shift_rows: "column shifted", encode: "another encoding",
    end_lines: "another line end", add_rows: "lines added", break_shapes: "shape broken",
    in_a_member: "member of a zip hurt", drop_member: "member of a zip lost",
    in_a_row: "row of a GeoPackage hurt",
}  # fmt: skip


def hurt_file(path: Path, chance: random.Random) -> tuple[str, bytes]:
    """Return how a file was hurt, and its bytes then."""
    hurt = chance.choice(_BY_ENDING[path.suffix])
    return _NAMES[hurt], hurt(path.read_bytes(), chance)
