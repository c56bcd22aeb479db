"""Barriers and communities among the files found: what a first study offers, commented out.

Goes in: `Found` files and those picked. Comes out: `Suggested`, one for each file that
``[barriers.NAME]`` or ``[communities.NAME]`` would take, with the reason. Next:
`boundaries.draft` writes them as comments: which of them people take for a line or a whole is
for the place to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boundaries.read.columns import tidy_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from boundaries.read.find import Found

__all__ = ["Suggested", "suggest_shape"]

_BARRIERS: Final = (
    ("railways", re.compile(r"rail|tracks", re.IGNORECASE)),
    ("rivers", re.compile(r"river|water|canal|stream|thames", re.IGNORECASE)),
    ("main_roads", re.compile(r"road|motorway|highway|mrn", re.IGNORECASE)),
)
"""What a layer is called, by its file's name: lines carry no codes that would tell."""

_KNOWN_NAMES: Final = re.compile(r"^msoa.*(hocl|hcl)")
"""Heading of the House of Commons Library's names of MSOAs."""


@dataclass(frozen=True)
class Suggested:
    """A file that a study could take as a barrier or a community.

    Parameters
    ----------
    section
        ``barriers.NAME`` or ``communities.NAME``.
    path
        The file.
    keys
        Further keys and their values as TOML has them.
    reason
        What it is, and what it would do.
    """

    section: str
    path: Path
    keys: tuple[tuple[str, str], ...]
    reason: str


def suggest_shape(
    found: Sequence[Found], files: Mapping[str, Sequence[Path]]
) -> tuple[Suggested, ...]:
    """Return what could be barriers and communities, each file once, sections unlike.

    Parameters
    ----------
    found
        Everything found, in order.
    files
        Role to the files picked: the wards, and LSOAs with names of MSOAs.
    """
    taken: dict[str, Suggested] = {}
    for item in _first_of_each_file(found):
        one = _barrier(item) or _community(item, files)
        if one is None:
            continue
        section, number = one.section, 2
        while section in taken:
            section, number = f"{one.section}_{number}", number + 1
        taken[section] = Suggested(section, one.path, one.keys, one.reason)
    return tuple(taken.values())


def _first_of_each_file(found: Iterable[Found]) -> list[Found]:
    """Return one layer or table a file: the first that a barrier or community could be."""
    first: dict[Path, Found] = {}
    for item in found:
        if item.recognised is not None:
            first.setdefault(item.path, item)
    return list(first.values())


def _barrier(item: Found) -> Suggested | None:
    called = next((key for key, known in _BARRIERS if known.search(item.path.stem)), "")
    if item.kind == "lines":
        what = "lines"
        key = called or re.sub(r"\W+", "_", item.path.stem.lower()).strip("_") or "lines"
    elif item.kind == "polygons" and called == "rivers":
        what, key = "polygons", called
    else:
        return None
    reason = f"{what}: a neighbourhood's edge along them costs a quarter"
    return Suggested(f"barriers.{key}", item.path, (), reason)


def _community(item: Found, files: Mapping[str, Sequence[Path]]) -> Suggested | None:
    headings = [] if item.recognised is None else item.recognised.match.headings
    known = next((text for text in headings if _KNOWN_NAMES.match(tidy_heading(text))), "")
    table = item.kind == "unknown" and any("code" in tidy_heading(text) for text in headings)
    if known and (table or item.path in files.get("lsoas", ())):
        reason = "names of MSOAs that people know: neighbourhoods are called by them"
        keys = (("name", f'"{known}"'), ("names", "true"))
        return Suggested("communities.localities", item.path, keys, reason)
    for kind, key, column in (
        ("ward polygons", "wards", "ward_name"), ("MSOA polygons", "msoas", "msoa_name"),
    ):  # fmt: skip
        if item.kind == kind and (kind != "ward polygons" or item.path in files.get("wards", ())):
            heading = item.columns.get(column) or item.columns.get(column.replace("name", "code"))
            name = (("name", f'"{heading}"'),) if heading else ()
            reason = f"{kind}: two neighbouring LSOAs of one are parted at twice the cost"
            return Suggested(f"communities.{key}", item.path, name, reason)
    return None
