"""What lies in a folder: every file and archive member, told by its content.

Goes in: files and folders. Comes out: `Found`, one for each table or layer, read no further than
its first rows. Next: `boundaries.read.choose` picks those that go together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boundaries.codes import LSOA, SPECIAL_LSOAS
from boundaries.read.columns import lsoa_year
from boundaries.read.containers import list_parts
from boundaries.read.dates import newest_date
from boundaries.read.kind_columns import LABELS
from boundaries.read.kinds import Recognised, nearest_kind, recognise
from boundaries.read.parts import Part, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Found", "find_files"]

_NO_DATA = {
    ".md": "a text", ".pdf": "a PDF", ".html": "a web page", ".htm": "a web page",
    ".toml": "a study or settings", ".png": "a picture", ".jpg": "a picture", ".svg": "a picture",
    ".docx": "a document", ".pptx": "slides", ".py": "a program", ".qgz": "a QGIS project",
}  # fmt: skip
_MANIFEST = "manifest.json"  # what ``boundaries fetch`` says of its files
_SHAPE_PARTS = frozenset({".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd", ".xml"})


@dataclass(frozen=True)
class Found:
    """One table or layer found.

    Parameters
    ----------
    path
        The file.
    member
        Name inside an archive, sheet of a workbook or layer of a GeoPackage; empty for the whole.
    kind
        What it holds, e.g. ``registrations``; ``unknown``, ``unreadable`` or ``no data``.
    year
        Census of its LSOA codes where its headings or first rows show it.
    date
        Date of the data (ISO 8601) where its first rows show it.
    columns
        Tidy column names found, with the headings in the file.
    said
        What it is in a few words; what it lacks to be known; or why it cannot be read.
    recognised
        What the readers need; None when unreadable.
    """

    path: Path
    member: str
    kind: str
    year: int | None = None
    date: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    said: str = ""
    recognised: Recognised | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """File name for people: ``file.zip!member``."""
        return f"{self.path.name}!{self.member}" if self.member else self.path.name


def find_files(paths: Iterable[Path]) -> tuple[Found, ...]:
    """List every table and layer in files and folders, told by content.

    Parameters
    ----------
    paths
        Files, and folders that are walked to their end. Pictures, pages and programs in folders are
        listed as no data, hidden files are passed over; a file named itself is always looked into.

    Returns
    -------
    tuple[Found, ...]
        In the order of paths, sorted within folders.
    """
    found: list[Found] = []
    for path in paths:
        if not path.is_dir():
            found += _look(path)
            continue
        for file in sorted(_walk(path)):
            what = _NO_DATA.get(file.suffix.lower())
            found += [Found(file, "", "no data", said=f"{what}, no data")] if what else _look(file)
    return tuple(found)


def _walk(folder: Path) -> Iterable[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        passed = hidden or path.name == _MANIFEST or _is_part_of_shapefile(path)
        if path.is_file() and not passed:
            yield path


def _is_part_of_shapefile(path: Path) -> bool:
    return path.suffix.lower() in _SHAPE_PARTS and any(
        path.with_suffix(ending).is_file() for ending in (".shp", ".SHP")
    )


def _look(path: Path) -> list[Found]:
    try:
        parts = list_parts(path)
    except UnreadableError as unreadable:
        return [Found(path, "", "unreadable", said=_why(unreadable))]
    return [_look_at(part) for part in parts]


def _why(unreadable: UnreadableError) -> str:
    problem = unreadable.problems[0]
    return f"{problem.said} {problem.fix}".strip()


def _look_at(part: Part) -> Found:
    inside = "!".join(text for text in (part.member, part.sheet) if text)
    try:
        known = recognise(part)
    except UnreadableError as unreadable:
        return Found(part.path, inside, "unreadable", said=_why(unreadable))
    match = known.match
    return Found(
        path=part.path,
        member=inside,
        kind=known.kind,
        year=_year(known),
        date=newest_date(cells(known, "date")),
        columns={name: match.heading(name) for name in match.places},
        said=nearest_kind(known) if known.kind == "unknown" else LABELS[known.kind],
        recognised=known,
    )


def cells(known: Recognised, name: str) -> list[str]:
    """Return the first cells of a column, headings left out."""
    place = known.match.places.get(name)
    if place is None:
        return []
    start = 0 if known.match.header is None else known.match.header + 1
    return [row[place].strip() for row in known.head.rows[start:] if place < len(row)]


def _year(known: Recognised) -> int | None:
    codes = [text.upper() for text in cells(known, "lsoa_code")]
    if not any(LSOA.match(code) or code in SPECIAL_LSOAS for code in codes):
        return None
    return lsoa_year(known.match.heading("lsoa_code"), codes)
