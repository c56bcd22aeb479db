"""What is inside a file: the tables and layers of an archive, a workbook or a GeoPackage.

Goes in: the path of a file. Comes out: its `Part`s, told by their content and never by the file's
name. Next: `boundaries.read.grids` reads the cells of a part.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

import pyogrio

from boundaries.errors import InputError
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Part",
    "UnreadableError",
    "fault",
    "file_sha256",
    "list_parts",
    "open_bytes",
    "open_layer",
]

Form = Literal["text", "sheet", "parquet", "layer"]

_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_XLS: Final = b"\xd0\xcf\x11\xe0"
_SQLITE: Final = b"SQLite format 3\x00"
_SHAPEFILE: Final = b"\x00\x00\x27\x0a"
_TEXT_ENDINGS: Final = (".csv", ".txt", ".tsv", ".gz", "")
_SHAPE_ENDINGS: Final = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd", ".xml")


class UnreadableError(InputError):
    """One file that cannot be read at all; `problems` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem), (problem,))


@dataclass(frozen=True)
class Part:
    """One table or layer, wherever it lies.

    Parameters
    ----------
    path
        The file on disk.
    form
        ``text`` (rows of delimited text), ``sheet`` (of a workbook), ``parquet`` or ``layer``
        (polygons, points or lines).
    member
        Name inside an archive, else empty.
    sheet
        Sheet of a workbook or layer of a GeoPackage, else empty.
    """

    path: Path
    form: Form
    member: str = ""
    sheet: str = ""

    @property
    def name(self) -> str:
        """File name for people: ``file.zip!member``; never a whole path."""
        inside = "!".join(text for text in (self.member, self.sheet) if text)
        return f"{self.path.name}!{inside}" if inside else self.path.name


def fault(file: str, said: str, fix: str, **more: object) -> Problem:
    """Return an error about a file; ``row``, ``code`` and ``field`` may be named."""
    row = more.get("row")
    code, field = str(more.get("code") or ""), str(more.get("field") or "")
    return Problem("error", file, None if row is None else int(str(row)), code, field, said, fix)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def list_parts(path: Path) -> tuple[Part, ...]:
    """List the tables and layers of a file, told by its content.

    Raises
    ------
    UnreadableError
        When the file is missing, empty, cut short, a web page, or of no known kind.
    """
    head = _head(path)
    if head.startswith(_ZIP):
        return _parts_of_zip(path)
    if head.startswith(_GZIP):
        return _parts_of_bytes(path, _unpacked_head(path))
    return _parts_of_bytes(path, head)


def open_bytes(part: Part, *, most: int = -1) -> bytes:
    """Return the bytes of a text, parquet or workbook part, unpacked; at most so many of them.

    Raises
    ------
    UnreadableError
        When the archive is damaged or cut short.
    """
    try:
        if part.member:
            with zipfile.ZipFile(part.path) as archive, archive.open(part.member) as stream:
                if archive.open(part.member).read(2) == _GZIP:
                    with gzip.open(stream) as inner:
                        return inner.read(most)
                return stream.read(most)
        packed = part.form != "sheet" and _head(part.path).startswith(_GZIP)
        with gzip.open(part.path) if packed else part.path.open("rb") as stream:
            return stream.read(most)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableError(_cut_short(part.path.name)) from error


def open_layer(part: Part) -> str:
    """Return the address of a layer part as pyogrio takes it."""
    if part.member:
        return f"/vsizip/{part.path}/{part.member}"
    if _head(part.path).startswith(_GZIP):
        return f"/vsigzip/{part.path}"
    return str(part.path)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except IsADirectoryError as error:
        raise UnreadableError(
            fault(path.name, "This is a folder, not a file.", "Name the file in it.")
        ) from error
    except OSError as error:
        said = f"The file cannot be opened: {error.strerror or error}."
        raise UnreadableError(
            fault(path.name, said, "Check the path and your access to it.")
        ) from error
    if not head:
        raise UnreadableError(
            fault(path.name, "The file is empty.", "Download or export it again.")
        )
    return head


def _unpacked_head(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            head = stream.read(4096)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(_cut_short(path.name)) from error
    if not head:
        raise UnreadableError(
            fault(path.name, "The file is empty.", "Download or export it again.")
        )
    return head


def _parts_of_bytes(path: Path, head: bytes) -> tuple[Part, ...]:
    """Tell an unpacked file by its first bytes."""
    if head.startswith((_SQLITE, _SHAPEFILE)) or _is_json(head):
        return _layers(path)
    if head.startswith(_XLS):
        return _sheets(path)
    if head.startswith(b"PAR1"):
        return (Part(path, "parquet"),)
    _refuse_if_not_text(path.name, head)
    return (Part(path, "text"),)


def _parts_of_zip(path: Path) -> tuple[Part, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
            if any(name.startswith("xl/workbook.") for name in names):
                return _sheets(path)
            damaged = archive.testzip()
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise UnreadableError(_cut_short(path.name)) from error
    except (RuntimeError, NotImplementedError) as error:
        said = "The archive needs a password, or is packed in a way that cannot be read."
        raise UnreadableError(
            fault(path.name, said, "Unpack it and give the files inside.")
        ) from error
    if damaged is not None:
        raise UnreadableError(_cut_short(f"{path.name}!{damaged}"))
    parts = tuple(_members(path, sorted(names)))
    if not parts:
        said = "The archive holds no table and no layer that can be read."
        raise UnreadableError(
            fault(path.name, said, "Give an archive with CSV files or a shapefile in.")
        )
    return parts


def _members(path: Path, names: list[str]) -> Iterator[Part]:
    with zipfile.ZipFile(path) as archive:
        for name in names:
            if name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith("."):
                continue
            ending = PurePosixPath(name).suffix.lower()
            with archive.open(name) as stream:
                head = stream.read(4096)
            layer = head.startswith((_SQLITE, _SHAPEFILE)) or _is_json(head)
            if layer and ending not in _SHAPE_ENDINGS:
                yield from _layers(path, member=name)
            elif head.startswith(b"PAR1"):
                yield Part(path, "parquet", member=name)
            elif head and ending in _TEXT_ENDINGS:
                _refuse_if_not_text(f"{path.name}!{name}", _first_text(head))
                yield Part(path, "text", member=name)


def _first_text(head: bytes) -> bytes:
    if not head.startswith(_GZIP):
        return head
    return zlib.decompressobj(wbits=31).decompress(head)


def _sheets(path: Path) -> tuple[Part, ...]:
    from python_calamine import (  # noqa: PLC0415 - only workbooks need it
        CalamineError,
        CalamineWorkbook,
    )

    try:
        names = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes())).sheet_names
    except (CalamineError, OSError) as error:
        raise UnreadableError(_cut_short(path.name)) from error
    return tuple(Part(path, "sheet", sheet=name) for name in names)


def _layers(path: Path, *, member: str = "") -> tuple[Part, ...]:
    whole = Part(path, "layer", member=member)
    if not member and _shapefile_alone(path):
        said = "The shapefile's other parts (.dbf, .shx, .prj) are not beside it."
        raise UnreadableError(
            fault(path.name, said, "Copy them all, or give the zip as downloaded.")
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [str(name) for name in pyogrio.list_layers(open_layer(whole))[:, 0]]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise UnreadableError(_cut_short(whole.name)) from error
    if len(names) == 1:
        return (whole,)
    return tuple(Part(path, "layer", member=member, sheet=name) for name in names)


def _shapefile_alone(path: Path) -> bool:
    with path.open("rb") as stream:
        if stream.read(4) != _SHAPEFILE:
            return False
    beside = {entry.suffix.lower() for entry in path.parent.glob(f"{path.stem}.*")}
    return not {".dbf", ".shx"} <= beside


def _is_json(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _refuse_if_not_text(name: str, head: bytes) -> None:
    """Refuse web pages, PDFs and other things that are not rows of text."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")):
        said = "This is a web page, not data: the download gave an error or log-in page instead."
        raise UnreadableError(
            fault(name, said, "Open the link in a browser and save the file again.")
        )
    if start.startswith(b"<"):
        said = "This is XML (perhaps KML or GML), which is not read."
        raise UnreadableError(
            fault(name, said, "Save the layer as GeoPackage, or the table as CSV.")
        )
    if start.startswith(b"%pdf"):
        raise UnreadableError(fault(name, "This is a PDF, not data.", "Ask for the table as CSV."))
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[1:2] == b"\x00"
    if b"\x00" in head and not utf16:
        said = "This is not text, and of no kind that can be read."
        known = "Give CSV, CSV in zip or gzip, xlsx, parquet, GeoPackage, GeoJSON or a shapefile."
        raise UnreadableError(fault(name, said, known))


def _cut_short(name: str) -> Problem:
    said = "The file is damaged or was cut short, and cannot be opened."
    return fault(name, said, "Download or export it again, and compare the file sizes.")
