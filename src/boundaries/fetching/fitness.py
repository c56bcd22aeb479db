"""Whether what came is what was wanted: whole, of the right kind, and no web page.

Goes in: a file and what was `Wanted`. Comes out: nothing, or `WireError` in words. What is fetched
must be what ``boundaries init`` recognises, so `boundaries.read` itself is asked.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boundaries.fetching.faults import WireError
from boundaries.read import find_files
from boundaries.read.kind_columns import LABELS

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.fetching.sources import Source

__all__ = ["MB", "Wanted", "refuse_page", "refuse_size", "refuse_unfit"]

MB: Final = 1_000_000
_UNPACKED: Final = 8_000 * MB  # an archive that unpacks to more is none that a publisher made
_ROOM: Final = 50 * MB  # left free on the disk
_HTML: Final = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Wanted:
    """A file that is wanted.

    Parameters
    ----------
    source
        Its row in the table of sources.
    name
        What it is called here.
    address
        Where it is.
    least
        Fewer bytes than this are no such file.
    md5
        As the publisher gives it, or empty.
    """

    source: Source
    name: str
    address: str
    least: int = 100
    md5: str = ""


def refuse_page(start: bytes, wanted: Wanted) -> None:
    """Refuse a web page by its first bytes.

    Raises
    ------
    WireError
        When it is one.
    """
    if _HTML.match(start):
        raise WireError(f"sends a web page instead of {wanted.name}")


def refuse_size(size: int, wanted: Wanted, *, room: int | None) -> None:
    """Refuse what is larger than such a file can be, or than the disk has room for.

    Parameters
    ----------
    size
        Bytes that the publisher announces; 0 where it does not.
    room
        Bytes free on the disk, or None.

    Raises
    ------
    WireError
        When it is too large.
    """
    if size > wanted.source.most_mb * MB:
        said = f"wants to send {size / MB:,.0f} MB, more than {wanted.source.most_mb:,} MB"
        raise WireError(said)
    if room is not None and size + _ROOM > room:
        raise WireError(f"has {size / MB:,.0f} MB, but the disk has only {room / MB:,.0f} MB left")


def refuse_unfit(path: Path, wanted: Wanted) -> None:
    """Refuse what is too small, damaged, a web page, or of another kind than it should be.

    Raises
    ------
    WireError
        When it is.
    """
    size = path.stat().st_size if path.is_file() else 0
    if size < wanted.least:
        raise WireError(f"sends only {size:,} bytes as {wanted.name}: too small to be whole")
    with path.open("rb") as stream:
        start = stream.read(2048)
    if _HTML.match(start):
        raise WireError(f"sends a web page instead of {wanted.name}")
    if (
        wanted.md5
        and hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != wanted.md5
    ):
        raise WireError(f"sends {wanted.name} with another check sum than it names")
    if wanted.name.endswith(".zip"):
        _refuse_archive(path, wanted)
    if not wanted.source.kinds:
        return
    found = find_files([path])
    if not any(item.kind in wanted.source.kinds for item in found):
        meant = LABELS[wanted.source.kinds[0]]
        why = next((f" ({item.said.rstrip('.')})" for item in found if item.said), "")
        raise WireError(f"sends something that is not recognised as {meant}{why}")


def _refuse_archive(path: Path, wanted: Wanted) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED:
                raise WireError(f"sends {wanted.name}, which unpacks to more than 8 GB")
    except zipfile.BadZipFile as error:
        raise WireError(f"sends {wanted.name} damaged or cut short") from error
