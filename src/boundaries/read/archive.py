"""Archives: what one member unpacks to, counted before anything of it is kept.

Goes in: the path of a zip or gzip. Comes out: the names in it, the bytes of a member, or a member
unpacked under a name of our own. An archive says of itself how large it is, and may lie: every
member is unpacked once to be counted, and refused over a limit. Next: `boundaries.read.parts`.
"""

from __future__ import annotations

import copy
import gzip
import io
import shutil
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Final

from boundaries.errors import RefusedFileError
from boundaries.limits import how_to_raise, limit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BROKEN_ARCHIVE",
    "GZIP",
    "check_members",
    "chunks",
    "gzip_bytes",
    "member_bytes",
    "member_file",
    "member_names",
    "member_start",
    "start_of_gzip",
]

GZIP: Final = b"\x1f\x8b"
BROKEN_ARCHIVE: Final = (OSError, EOFError, zipfile.BadZipFile, zlib.error)
_BLOCK: Final = 1 << 20
_SMALL: Final = 50_000_000  # bytes that anything may unpack to, however small it is packed
_ANY: Final = 1 << 62
_SHAPE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def member_names(path: Path) -> list[str]:
    """Return the names of a zip's files, each counted and proved whole.

    Raises
    ------
    RefusedFileError
        When there are too many, or any of them or all together unpack to too much.
    RuntimeError, NotImplementedError
        When a password is needed, or the packing is not known.
    OSError, EOFError, zipfile.BadZipFile, zlib.error
        When it is damaged.
    """
    return list(_checked(path)[1])


def member_bytes(path: Path, member: str, *, most: int = -1) -> bytes:
    """Return the bytes of a member, unpacked once more when it is a gzip; at most so many."""
    archive, _ = _checked(path)
    with archive.open(member) as stream:
        start = stream.read(2)
    with archive.open(member) as stream:
        if start != GZIP:
            return stream.read(most)
        packed = archive.getinfo(member).file_size
        return _gzip_bytes(stream, packed, member, most=most)


def member_start(path: Path, member: str, *, most: int) -> bytes:
    """Return the first bytes of a member as they stand in the archive."""
    archive, _ = _checked(path)
    with archive.open(member) as stream:
        return stream.read(most)


def gzip_bytes(path: Path, *, most: int = -1) -> bytes:
    """Return what a gzip holds; at most so many bytes."""
    with path.open("rb") as stream:
        return _gzip_bytes(stream, path.stat().st_size, path.name, most=most)


def start_of_gzip(packed: bytes) -> bytes:
    """Return what the first bytes of a gzip unpack to."""
    return zlib.decompressobj(wbits=31).decompress(packed, _BLOCK)


def member_file(path: Path, member: str) -> Path:
    """Return a member (or what a gzip holds, when it is empty) as a file, unpacked once.

    The parts of a shapefile lie beside it. The files go when this process ends.
    """
    about = path.stat()
    return _unpacked(path, member, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _unpacked(path: Path, member: str, _changed: int, _size: int) -> Path:
    folder = Path(_home().name) / f"{len(list(Path(_home().name).iterdir()))}"
    folder.mkdir()
    if not member:
        (folder / "layer").write_bytes(gzip_bytes(path))
        return folder / "layer"
    archive, names = _checked(path)
    wanted = PurePosixPath(member)
    parts = {".layer": member}
    if wanted.suffix.lower() == ".shp":
        parts |= {
            PurePosixPath(name).suffix.lower(): name
            for name in names
            if PurePosixPath(name).with_suffix("") == wanted.with_suffix("")
            and PurePosixPath(name).suffix.lower() in _SHAPE_PARTS
        }
        parts.pop(".layer")
    for ending, name in parts.items():
        with archive.open(name) as source, (folder / f"layer{ending}").open("wb") as target:
            start = source.read(2)
            target.write(member_bytes(path, name) if start == GZIP else start)
            if start != GZIP:
                shutil.copyfileobj(source, target, _BLOCK)
    return folder / f"layer{next(iter(parts)) if '.layer' in parts else '.shp'}"


@lru_cache(maxsize=1)
def _home() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="boundaries-")


def _checked(path: Path) -> tuple[zipfile.ZipFile, tuple[str, ...]]:
    about = path.stat()
    return _open(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=8)
def _open(path: Path, _changed: int, size: int) -> tuple[zipfile.ZipFile, tuple[str, ...]]:
    archive = zipfile.ZipFile(io.BytesIO(path.read_bytes()) if size < _BLOCK else path)
    return archive, check_members(archive, size)


def check_members(archive: zipfile.ZipFile, size: int) -> tuple[str, ...]:
    """Unpack every file of an archive of so many bytes, keep nothing, and return their names.

    Raises
    ------
    RefusedFileError, RuntimeError, NotImplementedError, OSError, EOFError, BadZipFile, zlib.error
        As `member_names`.
    """
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(archive.infolist()) > limit("members"):
        said = f"The archive holds {len(archive.infolist()):,} files."
        raise RefusedFileError(said, how_to_raise("members"))
    total = 0
    for entry in entries:
        for block in chunks(archive, entry):
            total += len(block)
            _refuse_over(total, size, "The archive")
    return tuple(dict.fromkeys(entry.filename for entry in entries))


def chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what a member unpacks to, to its true end, and prove that it is what it says it is."""
    _refuse_over(entry.file_size, entry.compress_size, entry.filename)
    endless = copy.copy(entry)
    endless.file_size = _ANY  # else reading stops where the archive says, and the rest stays hidden
    count = 0
    with archive.open(endless) as stream:
        while block := stream.read(_BLOCK):
            count += len(block)
            _refuse_over(count, entry.compress_size, entry.filename)
            yield block
    if count != entry.file_size:
        raise zipfile.BadZipFile(f"{entry.filename} is not as long as it says")


def _gzip_bytes(file: IO[bytes], packed: int, name: str, *, most: int) -> bytes:
    with gzip.open(file) as stream:
        if most >= 0:
            return stream.read(most)
        kept, count = [], 0
        while block := stream.read(_BLOCK):
            count += len(block)
            _refuse_over(count, packed, name)
            kept.append(block)
    return b"".join(kept)


def _refuse_over(unpacked: int, packed: int, name: str) -> None:
    if unpacked <= _SMALL:
        return
    if unpacked > limit("unpacked_mb") * 1_000_000:
        said = f"{name} unpacks to over {limit('unpacked_mb'):,} MB."
        raise RefusedFileError(said, how_to_raise("unpacked_mb"))
    if unpacked > limit("unpacked_times") * packed:
        said = f"{name} unpacks to over {limit('unpacked_times'):,} times its size."
        raise RefusedFileError(said, how_to_raise("unpacked_times"))
