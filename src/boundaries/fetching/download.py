"""One file, brought whole or not at all; a download that was cut goes on where it stopped.

Goes in: an address and the name that the file gets here. Comes out: `Outcome`; the file stands in
its place and in the manifest. Next: `boundaries.fetching.errand`.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from boundaries.fetching.faults import AgainError, WireError
from boundaries.fetching.fitness import MB, refuse_page, refuse_size, refuse_unfit
from boundaries.fetching.shelf import Entry
from boundaries.fetching.wire import CHUNK, fits
from boundaries.read.parts import file_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import requests

    from boundaries.fetching.fitness import Wanted
    from boundaries.fetching.shelf import Part
    from boundaries.fetching.trip import Trip

__all__ = ["Outcome", "State", "bring", "keep_text"]

State = Literal["fetched", "unchanged", "would fetch", "failed"]


@dataclass(frozen=True)
class Outcome:
    """What became of one source.

    Parameters
    ----------
    source
        Name in the table of sources.
    state
        ``would fetch`` in a dry run.
    file
        Name in the folder; empty when there is none.
    bytes
        Of the file; None where the publisher does not say.
    said
        Address and date for people, or why it failed.
    """

    source: str
    state: State
    file: str = ""
    bytes: int | None = None
    said: str = ""


def bring(trip: Trip, wanted: Wanted) -> Outcome:
    """Bring one file, unless the one that is there is still the publisher's.

    Raises
    ------
    WireError
        When it cannot be had whole, or is not what it should be; what was there stays.
    """
    known = trip.shelf.known(wanted.name)
    if known is not None and known.address != wanted.address:
        known = None
    if known is not None and wanted.md5 and known.etag == wanted.md5:
        return _outcome(known, "unchanged")
    if trip.dry:
        return _would(trip, wanted, known)
    part = trip.shelf.part(wanted.name)
    try:
        new = trip.wire.patiently(lambda: _go_on(trip, wanted, part, known))
        if not new and known is not None:
            return _outcome(known, "unchanged")
        refuse_unfit(part.path, wanted)
        _refuse_shrunk(part, wanted, trip.shelf.known(wanted.name))
        about = json.loads(part.about.read_text(encoding="utf-8"))
        etag = wanted.md5 or about["etag"]
        entry = _entry(wanted, part.path, etag=etag, changed=about["changed"])
        trip.shelf.put(part, entry)
    except WireError as fault:
        if not isinstance(fault.__cause__, AgainError):  # bytes of a cut connection are kept
            part.drop()
        raise
    return _outcome(entry, "fetched")


def _refuse_shrunk(part: Part, wanted: Wanted, known: Entry | None) -> None:
    """Refuse a file that has lost half of itself: what looks whole may have been cut on the way."""
    size = part.size()
    if known is not None and 2 * size < known.bytes:
        had = f"the one in the folder has {known.bytes:,}. Delete that one to take the new"
        raise WireError(f"sends {wanted.name} with {size:,} bytes, {had}")


def keep_text(trip: Trip, wanted: Wanted, text: str, *, revision: str, note: str) -> Outcome:
    """Put together a file from answers, look at it, and put it in its place.

    Parameters
    ----------
    text
        The content.
    revision
        What tells whether the publisher has anything newer.
    note
        What was done, for the manifest.

    Raises
    ------
    WireError
        When it is not what it should be.
    """
    part = trip.shelf.part(wanted.name)
    part.path.write_text(text, encoding="utf-8", newline="\n")
    try:
        refuse_unfit(part.path, wanted)
        entry = _entry(wanted, part.path, etag=revision, changed="", note=note)
        trip.shelf.put(part, entry)
    except WireError:
        part.drop()
        raise
    return _outcome(entry, "fetched")


def _outcome(entry: Entry, state: State) -> Outcome:
    return Outcome(entry.source, state, entry.file, entry.bytes, entry.address)


def _would(trip: Trip, wanted: Wanted, known: Entry | None) -> Outcome:
    """Say what would come, from the first kilobytes: some publishers answer to nothing but GET."""
    headers = {} if known is None else fits(known.etag, known.changed, name="If-None-Match")
    headers |= {"Accept-Encoding": "identity", "Range": "bytes=0-2047"}

    def ask() -> Outcome:
        with trip.wire.open("GET", wanted.address, headers=headers) as got:
            if got.status_code == 304 and known is not None:
                return _outcome(known, "unchanged")
            refuse_page(next(got.iter_content(2048), b""), wanted)
            whole = got.headers.get("Content-Range", "").rpartition("/")[2]
            length = "" if got.status_code == 206 else got.headers.get("Content-Length", "")
            size = _number(whole or length)
            refuse_size(size, wanted, room=None)
            return Outcome(
                wanted.source.name, "would fetch", wanted.name, size or None, wanted.address
            )

    return trip.wire.patiently(ask)


def _go_on(trip: Trip, wanted: Wanted, part: Part, known: Entry | None) -> bool:
    """Bring what is still missing; False when what is known is still the newest."""
    have, headers = _so_far(part, wanted)
    if not have and known is not None:
        headers = fits(known.etag, known.changed, name="If-None-Match")
    headers["Accept-Encoding"] = "identity"  # sizes and ranges are those of the file itself
    with trip.wire.open("GET", wanted.address, headers=headers) as got:
        if got.status_code == 304:
            part.drop()
            if known is None:
                raise WireError("says that nothing has changed, but nothing is here")
            return False
        if have and not _fits_on(got, have):
            have = 0
            if got.status_code != 200:
                part.drop()
                raise AgainError("cannot go on where it stopped")
        packed = got.headers.get("Content-Encoding", "identity") != "identity"
        length = "" if packed else got.headers.get("Content-Length", "")
        total = have + _number(length)
        room = shutil.disk_usage(trip.shelf.folder).free
        refuse_size(total - have if have else total, wanted, room=room)
        if not have:
            _begin(part, wanted, {} if packed else got.headers)
        _pour(trip, wanted, got, part, total=total if total > have else 0)
    return True


def _so_far(part: Part, wanted: Wanted) -> tuple[int, dict[str, str]]:
    """Return the bytes that are here and can be gone on from, and the question for the rest."""
    try:
        about = json.loads(part.about.read_text(encoding="utf-8"))
        rest = fits(str(about["etag"]), str(about["changed"]), name="If-Range")
        same = about["address"] == wanted.address
    except (OSError, ValueError, KeyError, TypeError):
        rest, same = {}, False
    have = part.size()
    if have and rest and same:
        return have, {"Range": f"bytes={have}-", **rest}
    part.drop()
    return 0, {}


def _fits_on(got: requests.Response, have: int) -> bool:
    begins = got.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    return got.status_code == 206 and begins


def _begin(part: Part, wanted: Wanted, headers: Mapping[str, str]) -> None:
    part.drop()
    about = {
        "address": wanted.address,
        "etag": headers.get("ETag", ""),
        "changed": headers.get("Last-Modified", ""),
    }
    part.about.write_text(json.dumps(about), encoding="utf-8")


def _pour(trip: Trip, wanted: Wanted, got: requests.Response, part: Part, *, total: int) -> None:
    """Write what comes to the end of the part."""
    most = wanted.source.most_mb * MB
    done, tell = part.size(), trip.progress
    pace = _pace(trip, done)
    with part.path.open("ab") as stream:
        for chunk in got.iter_content(CHUNK):
            if done == 0:
                refuse_page(chunk, wanted)
            stream.write(chunk)
            done += len(chunk)
            if done > most:
                raise WireError(f"sends more than {wanted.source.most_mb:,} MB")
            pace(done)
            tell(wanted.source.name, done, total or None)
    if total and done != total:
        raise AgainError("cut the connection before the end")


def _pace(trip: Trip, done: int) -> Callable[[int], None]:
    """Give a watch that refuses a publisher who sends hardly anything."""
    manners = trip.wire.manners
    mark = [time.monotonic(), float(done)]

    def look(now: int) -> None:
        if time.monotonic() - mark[0] < manners.slow_s:
            return
        if now - mark[1] < manners.slow_bytes:
            raise AgainError("sends hardly anything")
        mark[:] = [time.monotonic(), float(now)]

    return look


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _entry(wanted: Wanted, path: Path, *, etag: str, changed: str, note: str = "") -> Entry:
    source = wanted.source
    return Entry(
        source=source.name,
        file=wanted.name,
        address=wanted.address,
        fetched=datetime.now(UTC).isoformat(timespec="seconds"),
        bytes=path.stat().st_size,
        sha256=file_sha256(path),
        etag=etag,
        changed=changed,
        study_key=source.key,
        publisher=source.publisher,
        licence=source.licence,
        note=note,
    )
