"""The folder: files in their place, ``manifest.json``, and a hidden folder for the rest.

Goes in: the folder. Comes out: what is there from earlier times; what is new is put in its place in
one step, so that there is never half a file under its name. Names are made here: no name that a
server sends is ever used. Next: `boundaries.fetching.download`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final

from boundaries.errors import InputError
from boundaries.fetching.faults import WireError
from boundaries.read.parts import file_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Answer", "Entry", "Part", "Shelf"]

_HIDDEN: Final = ".fetch"
_SAFE: Final = re.compile(r"^[a-z0-9][a-z0-9._+-]*$")


@dataclass(frozen=True)
class Answer:
    """A page or list as it was answered, and what tells whether it changed."""

    body: str
    etag: str
    changed: str


@dataclass(frozen=True)
class Entry:
    """One file in the manifest.

    Parameters
    ----------
    source
        Name in the table of sources.
    file
        Name in the folder.
    address
        Where it came from.
    fetched
        UTC time, ISO 8601.
    bytes, sha256
        Of the file.
    etag, changed
        The publisher's ETag and Last-Modified; for layers that were asked in pieces, what tells
        whether the layer has changed.
    study_key, publisher, licence
        As in the table of sources.
    note
        What was done to it on the way; empty for a file exactly as it is published.
    """

    source: str
    file: str
    address: str
    fetched: str
    bytes: int
    sha256: str
    etag: str
    changed: str
    study_key: str
    publisher: str
    licence: str
    note: str = ""


@dataclass(frozen=True)
class Part:
    """A download that is under way: the bytes so far, and whose bytes they are."""

    path: Path
    about: Path

    def size(self) -> int:
        """Return the bytes so far."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def drop(self) -> None:
        """Forget the bytes so far."""
        self.path.unlink(missing_ok=True)
        self.about.unlink(missing_ok=True)


class Shelf:
    """What lies in the folder.

    Parameters
    ----------
    folder
        Made when it is not there; nothing is written outside it.
    dry
        Write nothing at all.

    Raises
    ------
    InputError
        When the folder is a file, cannot be made, or holds a manifest that cannot be read.
    """

    def __init__(self, folder: Path, *, dry: bool = False) -> None:
        self.folder, self.dry = folder, dry
        self._hidden = folder / _HIDDEN
        self._answers: dict[str, Answer] = {}
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file. Give the name of a folder with -o.")
        if self._hidden.is_symlink() or any(path.is_symlink() for path in self._hidden.rglob("*")):
            raise InputError(f"{self._hidden} leads elsewhere. Delete it, and fetch again.")
        if not dry:
            try:
                self._hidden.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                said = f"Cannot write in {folder}: {error.strerror}. Choose another folder with -o."
                raise InputError(said) from error
        self.entries = self._read_manifest()

    def _read_manifest(self) -> dict[str, Entry]:
        path = self.folder / "manifest.json"
        if not path.is_file():
            return {}
        names = {field.name for field in fields(Entry)}
        try:
            listed = json.loads(path.read_text(encoding="utf-8"))["files"]
            rows = [Entry(**{k: v for k, v in row.items() if k in names}) for row in listed]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"{path} is no manifest that fetch wrote. Move it, or choose another folder."
            raise InputError(said) from error
        return {row.file: row for row in rows if _SAFE.match(str(row.file))}

    def place(self, name: str) -> Path:
        """Return where a file of this name stands.

        Raises
        ------
        ValueError
            When the name could lead out of the folder: no name of a server gets here.
        """
        if not _SAFE.match(name):
            raise ValueError(name)
        return self.folder / name

    def known(self, name: str) -> Entry | None:
        """Return the entry of a file that is there, with the very bytes that were fetched."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        path = self.place(name)
        same = path.is_file() and path.stat().st_size == entry.bytes
        return entry if same and file_sha256(path) == entry.sha256 else None

    def part(self, name: str) -> Part:
        """Return where a download of this name is under way, out of everybody's sight."""
        self.place(name)
        return Part(self._hidden / f"{name}.part", self._hidden / f"{name}.part.json")

    def put(self, part: Part, entry: Entry) -> None:
        """Put a whole file in its place and write it into the manifest.

        Raises
        ------
        WireError
            When a file of this name is there that fetch did not put there, or that has been
            changed since.
        """
        wanted = self.place(entry.file)
        if wanted.exists() and self.known(entry.file) is None:
            known = entry.file in self.entries
            what = (
                "has been changed since it was fetched" if known else "was not put there by fetch"
            )
            raise WireError(
                f"has a new {entry.file}, but the one in the folder {what}: move it away"
            )
        part.path.replace(wanted)
        part.drop()
        self.entries[entry.file] = entry
        self._write_manifest()

    def _write_manifest(self) -> None:
        here = (name for name in sorted(self.entries) if self.place(name).is_file())
        rows = [asdict(self.entries[name]) for name in here]
        content = {"made_by": "boundaries fetch", "files": rows}
        draft = self._hidden / "manifest.part"
        text = json.dumps(content, ensure_ascii=False, indent=1)
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(self.folder / "manifest.json")

    def answer(self, address: str) -> Answer | None:
        """Return what an address answered the last time, or None."""
        if address in self._answers:
            return self._answers[address]
        try:
            kept = json.loads(self._answer_path(address).read_text(encoding="utf-8"))
            return Answer(str(kept["body"]), str(kept["etag"]), str(kept["changed"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep_answer(self, address: str, body: str, headers: Mapping[str, str]) -> None:
        """Keep an answer that can be asked about; others are not worth keeping."""
        kept = Answer(body, headers.get("ETag", ""), headers.get("Last-Modified", ""))
        if not (kept.etag or kept.changed):
            self.forget_answer(address)
            return
        self._answers[address] = kept
        if self.dry:
            return
        path = self._answer_path(address)
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".part")
        draft.write_text(json.dumps(asdict(kept), ensure_ascii=False), encoding="utf-8")
        draft.replace(path)

    def forget_answer(self, address: str) -> None:
        """Forget an answer that turned out to be none."""
        self._answers.pop(address, None)
        if not self.dry:
            self._answer_path(address).unlink(missing_ok=True)

    def _answer_path(self, address: str) -> Path:
        return (
            self._hidden / "answers" / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.json"
        )
