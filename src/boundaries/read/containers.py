"""What is inside a file: the tables and layers of an archive, a workbook or a GeoPackage.

Goes in: the path of a file. Comes out: its `Part`s, told by their content and never by the file's
name. Next: `boundaries.read.grids` reads the cells of a part.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from boundaries import gdal
from boundaries.encodings import encoding_of
from boundaries.gdal import SHAPEFILE, SQLITE, is_json, is_kml
from boundaries.read.archive import GZIP, member_names, member_start, start_of_gzip
from boundaries.read.parts import (
    Part,
    UnreadableError,
    cut_short,
    fault,
    open_bytes,
    open_layer,
    read_start,
    unreadable,
)
from boundaries.read.workbook import is_workbook, sheet_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.problems import Problem

__all__ = ["list_parts"]

_ZIP: Final = b"PK\x03\x04"
_XLS: Final = b"\xd0\xcf\x11\xe0"
_OF_QGIS: Final = frozenset({"layer_styles", "qgis_projects"})  # how QGIS draws, no data
_TEXT_ENDINGS: Final = (".csv", ".txt", ".tsv", ".gz", "")
_SHAPE_ENDINGS: Final = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd", ".xml")


def list_parts(path: Path) -> tuple[Part, ...]:
    """List the tables and layers of a file, told by its content.

    Raises
    ------
    UnreadableError
        When the file is missing, empty, cut short, a web page, or of no known kind.
    """
    start = read_start(path)
    if start.startswith(_ZIP):
        return _parts_of_zip(path)
    if start.startswith(GZIP):
        start = read_start(path, unpacked=True)
    if start.startswith((SQLITE, SHAPEFILE)) or is_json(start) or is_kml(start):
        return _layers(path, start)
    if start.startswith(_XLS):
        return _sheets(path)
    if start.startswith(b"PAR1"):
        return (Part(path, "parquet"),)
    _refuse_if_not_text(path.name, start)
    return (Part(path, "text"),)


def _parts_of_zip(path: Path) -> tuple[Part, ...]:
    with unreadable(path.name):
        try:
            names = member_names(path)
        except RuntimeError as error:
            said = "The archive needs a password, or is packed in a way that cannot be read."
            problem = fault(path.name, said, "Unpack it and give the files inside.")
            raise UnreadableError(problem) from error
    if is_workbook(names):
        return _sheets(path)
    parts: list[Part] = []
    refused: list[Problem] = []
    for name in sorted(names):
        try:
            parts += _member(path, name)
        except UnreadableError as found:  # a picture or a page beside the data
            refused += found.problems
    if parts:
        return tuple(parts)
    said = "The archive holds no table and no layer that can be read."
    fix = "Give an archive with CSV files or a shapefile in."
    raise UnreadableError(refused[0] if refused else fault(path.name, said, fix))


def _member(path: Path, name: str) -> Iterator[Part]:
    """Tell one member of a zip by its content; nothing for what is no data."""
    if name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith("."):
        return
    ending = PurePosixPath(name).suffix.lower()
    start = member_start(path, name, most=4096)
    layer = start.startswith((SQLITE, SHAPEFILE)) or is_json(start) or is_kml(start)
    if layer and ending not in _SHAPE_ENDINGS:
        yield from _layers(path, start, member=name)
    elif start.startswith((_ZIP, _XLS)):
        if start.startswith(_XLS) or is_workbook(_names_inside(path, name)):
            yield from _sheets(path, member=name)
    elif start.startswith(b"PAR1"):
        yield Part(path, "parquet", member=name)
    elif start and ending in _TEXT_ENDINGS:
        packed = start.startswith(GZIP)
        with unreadable(f"{path.name}!{name}"):
            text = start_of_gzip(start) if packed else start
        _refuse_if_not_text(f"{path.name}!{name}", text)
        yield Part(path, "text", member=name)


def _names_inside(path: Path, member: str) -> list[str]:
    content = open_bytes(Part(path, "sheet", member=member))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except zipfile.BadZipFile:
        return []


def _sheets(path: Path, *, member: str = "") -> tuple[Part, ...]:
    book = Part(path, "sheet", member=member)
    with unreadable(book.name):
        names = sheet_names(open_bytes(book))
    return tuple(Part(path, "sheet", member=member, sheet=name) for name in names)


def _layers(path: Path, start: bytes, *, member: str = "") -> tuple[Part, ...]:
    whole = Part(path, "layer", member=member)
    if not member:
        _refuse_if_incomplete(path, start)
    damaged = None
    if is_json(start) and not any(word in start for word in (b"Feature", b"geometry")):
        said = "This is JSON but no layer: perhaps the error message of a web service."
        fix = "Open it in an editor, and download the layer again."
        damaged = fault(whole.name, said, fix)
    with unreadable(whole.name, damaged):
        names = gdal.list_layers(open_layer(whole))
    names = [name for name in names if name not in _OF_QGIS] or names
    if len(names) == 1:
        return (whole,)
    return tuple(Part(path, "layer", member=member, sheet=name) for name in names)


def _refuse_if_incomplete(path: Path, start: bytes) -> None:
    """Refuse a shapefile without its other parts, and a GeoPackage shorter than it says."""
    if start.startswith(SHAPEFILE):
        beside = {entry.suffix.lower() for entry in path.parent.glob(f"{path.stem}.*")}
        if not {".dbf", ".shx"} <= beside:
            said = "The shapefile's other parts (.dbf, .shx, .prj) are not beside it."
            fix = "Copy them all, or give the zip as downloaded."
            raise UnreadableError(fault(path.name, said, fix))
    elif start.startswith(SQLITE):  # sqlite.org/fileformat.html: page size, pages in the file
        size = int.from_bytes(start[16:18], "big")
        pages = int.from_bytes(start[28:32], "big")
        if path.stat().st_size < pages * (65_536 if size == 1 else size):
            raise UnreadableError(cut_short(path.name))


def _refuse_if_not_text(name: str, start: bytes) -> None:
    """Refuse web pages, PDFs and other things that are not rows of text."""
    said, fix = "", ""
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    utf16 = encoding_of(start, whole=False).startswith(("utf-16", "utf-32"))
    if first.startswith(b"<?xml") and b"<html" not in first:
        said = "This is XML (perhaps GML), which is not read."
        fix = "Save the layer as GeoPackage, or the table as CSV."
    elif first.startswith(b"<"):
        said = "This is a web page, not data: the download gave an error or log-in page instead."
        fix = "Open the link in a browser and save the file again."
    elif first.startswith(b"%pdf"):
        said, fix = "This is a PDF, not data.", "Ask for the table as CSV."
    elif b"\x00" in start and not utf16:
        said = "This is not text, and of no kind that can be read."
        fix = (
            "Give CSV, CSV in zip or gzip, xlsx, parquet, GeoPackage, GeoJSON, KML or a shapefile."
        )
    if said:
        raise UnreadableError(fault(name, said, fix))
