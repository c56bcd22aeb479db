"""What became of every file that was found: used as what, or not used and why.

Goes in: `Found` files and what was picked of them. Comes out: one `FileUse` a file.
Next: ``boundaries init`` and ``boundaries find`` print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boundaries.encodings import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from boundaries.read.find import Found

__all__ = ["FileUse", "account_for", "describe"]

_ROLES: Final = {
    "registrations": "registrations",
    "memberships": "memberships",
    "practices": "practices",
    "postcodes": "postcodes",
    "LSOA polygons": "lsoas",
    "LSOA lookup": "lsoa_lookup",
    "area lookup": "wards",
    "ward polygons": "wards",
    "borough polygons": "boroughs",
    "residents": "residents",
    "centroids": "centroids",
    "deprivation": "deprivation",
}
"""The key of a study that a kind is mostly for."""

_HINTS: Final = {
    "polygons": "they carry no codes of areas; name the file under [teams.NAME] or [footprints]",
    "points": "no key needs them, but `points` of a team layer may take them",
    "lines": "a [barriers.NAME] takes lines: rivers, railways, main roads",
    "MSOA polygons": "a [communities.NAME] takes them, and so does a team layer",
    "PCNs": "epcncorepartnerdetails says which practices belong to each",
    "list sizes": "name the file as list_sizes in [data] to reconcile it with the registrations",
    "plan of LSOAs": "`boundaries score` takes it",
    "plan of practices": "`boundaries score` takes it",
    "LSOA pairs": "name the file under [neighbours]",
}


@dataclass(frozen=True)
class FileUse:
    """What became of one file.

    Parameters
    ----------
    path
        The file.
    used_as
        Keys of the study that name it; empty when it is not used.
    said
        What it is, and why it is or is not used.
    """

    path: Path
    used_as: tuple[str, ...]
    said: str

    def __str__(self) -> str:
        """Return the file and what became of it on one line."""
        use = f"used as {', '.join(self.used_as)}" if self.used_as else "not used"
        return one_line(f"{self.path.name}: {use}: {self.said}")


def account_for(
    found: Sequence[Found],
    files: Mapping[str, Sequence[Path]],
    reasons: Mapping[str, str],
    passed: Mapping[Path, str],
) -> tuple[FileUse, ...]:
    """Say of every file whether it is used, and why or why not.

    Parameters
    ----------
    found
        Everything found, in order.
    files
        Role to the files picked.
    reasons
        Role to the reason.
    passed
        File to the reason why it was not picked, where one was noted.
    """
    uses = []
    for path in dict.fromkeys(item.path for item in found):
        roles = tuple(role for role, paths in files.items() if path in paths)
        if roles:
            said = "; ".join(dict.fromkeys(reasons.get(role, "") for role in roles))
        else:
            main = _main([item for item in found if item.path == path])
            said = passed.get(path) or _why_not(main, files)
            said = f"{main.said}; {said}" if said and main.recognised else main.said
        uses.append(FileUse(path, roles, said))
    return tuple(uses)


def describe(found: Sequence[Found]) -> tuple[FileUse, ...]:
    """Say of every file what it is, with its date and census, whatever it may be used for."""
    uses = []
    for path in dict.fromkeys(item.path for item in found):
        main = _main([item for item in found if item.path == path])
        key = _ROLES.get(main.kind, "")
        said = main.said
        if main.date:
            said += f" at {main.date}"
        if main.year:
            said += f", LSOA codes of {main.year}"
        if not key and main.kind in _HINTS:
            said += f"; {_HINTS[main.kind]}"
        uses.append(FileUse(path, (key,) if key else (), said))
    return tuple(uses)


def _main(items: Sequence[Found]) -> Found:
    """Return the part of a file that says most about it: one that is known, else the first."""
    order = {"unknown": 1, "unreadable": 2, "no data": 3}
    return min(items, key=lambda item: (order.get(item.kind, 0), -len(item.columns)))


def _why_not(item: Found, files: Mapping[str, Sequence[Path]]) -> str:
    """Say why a table that is known was not picked, where nothing was noted about it."""
    if item.kind in _HINTS:
        return _HINTS[item.kind]
    taken = files.get(_ROLES.get(item.kind, ""), ())
    if taken:
        return f"{', '.join(path.name for path in taken)} was taken"
    return "nothing in this study needs it" if item.kind in _ROLES else ""
