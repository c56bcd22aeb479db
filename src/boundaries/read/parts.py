"""One table or layer of a file, how to open it, and how to say that it cannot be read.

Goes in: what `boundaries.read.containers` found in a file. Comes out: bytes, or a file that
`boundaries.gdal` opens. Next: `boundaries.read.grids` and `boundaries.read.polygons`.
"""

from __future__ import annotations

import hashlib
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from boundaries.errors import InputError, RefusedFileError
from boundaries.gdal import BROKEN_LAYER
from boundaries.problems import Problem
from boundaries.read.archive import (
    BROKEN_ARCHIVE,
    GZIP,
    gzip_bytes,
    member_bytes,
    member_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "Part",
    "UnreadableError",
    "broken_layer",
    "cut_short",
    "fault",
    "file_sha256",
    "open_bytes",
    "open_layer",
    "read_start",
    "unreadable",
]

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


@contextmanager
def unreadable(name: str, damaged: Problem | None = None) -> Iterator[None]:
    """Turn whatever a file does wrong while it is opened into the fault of that file.

    Parameters
    ----------
    name
        The file's name for people.
    damaged
        What to say of a file that cannot be read; when left out, that it was cut short.

    Raises
    ------
    UnreadableError
        When the file is damaged, or asks for what no file may.
    """
    try:
        yield
    except InputError:
        raise
    except RefusedFileError as error:
        raise UnreadableError(fault(name, error.said, error.fix)) from error
    except (*BROKEN_ARCHIVE, *BROKEN_LAYER) as error:
        raise UnreadableError(damaged or cut_short(name)) from error
    except MemoryError as error:
        said = "The file needs more memory than there is."
        problem = fault(name, said, "Give a smaller file, or run this on a larger machine.")
        raise UnreadableError(problem) from error


def open_bytes(part: Part, *, most: int = -1) -> bytes:
    """Return the bytes of a text, parquet or workbook part, unpacked; at most so many of them.

    Raises
    ------
    UnreadableError
        When the archive is damaged or cut short, or unpacks to more than a limit.
    """
    with unreadable(part.path.name):
        if part.member:
            return member_bytes(part.path, part.member, most=most)
        if part.form != "sheet" and read_start(part.path).startswith(GZIP):
            return gzip_bytes(part.path, most=most)
        with part.path.open("rb") as stream:
            return stream.read(most)


def open_layer(part: Part) -> Path:
    """Return a layer part as a file on this machine, unpacked where it was packed.

    Raises
    ------
    UnreadableError
        As `open_bytes`.
    """
    with unreadable(part.path.name):
        packed = part.member or read_start(part.path).startswith(GZIP)
        return member_file(part.path, part.member) if packed else part.path


def read_start(path: Path, *, unpacked: bool = False) -> bytes:
    """Return the first bytes of a file, by which it is told; those inside a gzip when asked.

    Raises
    ------
    UnreadableError
        When the file is missing, a folder, empty or cut short.
    """
    again = "Download or export it again."
    try:
        kind = path.stat().st_mode
        if stat.S_ISREG(kind):
            with path.open("rb") as stream:
                start = stream.read(_START)
    except OSError as error:
        said = f"The file cannot be opened: {error.strerror or error}."
        problem = fault(path.name, said, "Check the path and your access to it.")
        raise UnreadableError(problem) from error
    if stat.S_ISDIR(kind):
        problem = fault(path.name, "This is a folder, not a file.", "Name the file in it.")
        raise UnreadableError(problem)
    if not stat.S_ISREG(kind):
        said = "This is a device, a pipe or a socket, not a file."
        raise UnreadableError(fault(path.name, said, "Save what it gives as a file."))
    if unpacked:
        with unreadable(path.name):
            start = gzip_bytes(path, most=_START)
    if not start:
        raise UnreadableError(fault(path.name, "The file is empty.", again))
    return start


def cut_short(name: str) -> Problem:
    """Return the fault of a file that is damaged or was cut short."""
    said = "The file is damaged or was cut short, and cannot be opened."
    return fault(name, said, "Download or export it again, and compare the file sizes.")


def broken_layer(part: Part) -> Problem:
    """Return the fault of a layer that cannot be read."""
    said = "The layer is damaged or was cut short, and cannot be read."
    return fault(part.name, said, "Download or export it again.")
