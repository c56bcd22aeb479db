"""One table or layer of a file, how to open it, and how to say that it cannot be read.

Goes in: what `boundaries.read.containers` found in a file. Comes out: bytes, or an address for
pyogrio. Next: `boundaries.read.grids` and `boundaries.read.polygons`.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from boundaries.errors import InputError
from boundaries.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "BROKEN_LAYER",
    "GZIP",
    "Part",
    "UnreadableError",
    "cut_short",
    "fault",
    "file_sha256",
    "open_bytes",
    "open_layer",
    "read_start",
]

GZIP: Final = b"\x1f\x8b"
BROKEN_LAYER: Final = (RuntimeError, ValueError, OSError)
"""What GDAL and pyogrio raise on a damaged layer (their own errors are RuntimeErrors)."""

_START: Final = 4096  # bytes by which a file is told

Form = Literal["text", "sheet", "parquet", "layer"]


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
                if archive.open(part.member).read(2) == GZIP:
                    with gzip.open(stream) as inner:
                        return inner.read(most)
                return stream.read(most)
        packed = part.form != "sheet" and read_start(part.path).startswith(GZIP)
        with gzip.open(part.path) if packed else part.path.open("rb") as stream:
            return stream.read(most)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableError(cut_short(part.path.name)) from error


def open_layer(part: Part) -> str:
    """Return the address of a layer part as pyogrio takes it."""
    if part.member:
        return f"/vsizip/{part.path}/{part.member}"
    if read_start(part.path).startswith(GZIP):
        return f"/vsigzip/{part.path}"
    return str(part.path)


def read_start(path: Path, *, unpacked: bool = False) -> bytes:
    """Return the first bytes of a file, by which it is told; those inside a gzip when asked.

    Raises
    ------
    UnreadableError
        When the file is missing, a folder, empty or cut short.
    """
    again = "Download or export it again."
    try:
        with gzip.open(path) if unpacked else path.open("rb") as stream:
            start = stream.read(_START)
    except IsADirectoryError as error:
        problem = fault(path.name, "This is a folder, not a file.", "Name the file in it.")
        raise UnreadableError(problem) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError(cut_short(path.name)) from error
    except OSError as error:
        said = f"The file cannot be opened: {error.strerror or error}."
        problem = fault(path.name, said, "Check the path and your access to it.")
        raise UnreadableError(problem) from error
    if not start:
        raise UnreadableError(fault(path.name, "The file is empty.", again))
    return start


def cut_short(name: str) -> Problem:
    """Return the fault of a file that is damaged or was cut short."""
    said = "The file is damaged or was cut short, and cannot be opened."
    return fault(name, said, "Download or export it again, and compare the file sizes.")
