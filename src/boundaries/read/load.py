"""The tables that the study gives for a role, recognised and read, with every fault collected.

Goes in: the paths of a role. Comes out: `Loaded` tables under tidy names, cells still as in the
file, and `Source`s. Next: the reader of the family (`registrations`, `practices`, …) tidies them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.codes import nearest_name
from boundaries.problems import Problem
from boundaries.read.columns import (
    Match,
    find_columns,
    for_census,
    missing_columns,
    named_columns,
    tidy_heading,
)
from boundaries.read.containers import list_parts
from boundaries.read.dates import clean_dates
from boundaries.read.grids import read_grid
from boundaries.read.kind_columns import ATTRIBUTION, COLUMNS, LABELS
from boundaries.read.kinds import Recognised, at_census, holds, recognise
from boundaries.read.parts import Part, UnreadableError, fault, file_sha256
from boundaries.read.tables import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path


__all__ = [
    "KINDS_OF_ROLE",
    "Loaded",
    "date_of",
    "find_parts",
    "load_parts",
    "source_of",
    "with_named",
]

KINDS_OF_ROLE: Final[dict[str, tuple[str, ...]]] = {
    "registrations": ("registrations",),
    "practices": ("practices",),
    "memberships": ("memberships", "PCNs of practices"),
    "list_sizes": ("list sizes", "list sizes of practices"),
    "postcodes": ("postcodes",),
    "residents": ("residents",),
    "centroids": ("centroids",),
    "deprivation": ("deprivation",),
    "lsoa_lookup": ("LSOA lookup", "area lookup"),
    "lsoas": ("LSOA polygons",),
    "wards": ("ward polygons", "area lookup"),
    "boroughs": ("borough polygons",),
    "neighbours": ("LSOA pairs",),
    "plan of LSOAs": ("plan of LSOAs",),
    "plan of practices": ("plan of practices",),
}
"""What a file may be for each role of the study, best first."""

_MANY: Final = frozenset({"registrations", "postcodes", "lsoa_lookup"})
"""Roles of which an archive or workbook may hold several tables that belong together."""

_LAYER_ROLES: Final = frozenset({"lsoas", "boroughs"})


@dataclass(frozen=True)
class Loaded:
    """One part as read: cells as in the file under tidy column names, index ``row``."""

    part: Part
    kind: str
    match: Match
    frame: pd.DataFrame
    publisher: str = ""


def find_parts(
    paths: Iterable[Path],
    role: str,
    problems: list[Problem],
    *,
    rename: dict[str, str] | None = None,
    year: int | None = None,
) -> list[tuple[Recognised, str, Match]]:
    """Find the parts of the files that serve a role; what cannot be read goes to ``problems``.

    Returns
    -------
    list[tuple[Recognised, str, Match]]
        The part, the kind that it is read as, and where the columns of that kind are.
    """
    found = []
    for path in paths:
        fitting: list[tuple[Recognised, str, Match]] = []
        others: list[Recognised] = []
        try:
            parts = list_parts(path)
        except UnreadableError as unreadable:
            problems += unreadable.problems
            continue
        faults_of_parts: list[Problem] = []
        for part in parts:
            try:
                known = recognise(part)
            except UnreadableError as unreadable:
                faults_of_parts += unreadable.problems
                continue
            fit = _fit(known, role, rename or {}, year)
            if fit is None:
                others.append(known)
            else:
                fitting.append((known, *fit))
        found += fitting if role in _MANY else _one_of(fitting, role, problems)
        if not fitting:
            problems += faults_of_parts or _not_of_role(others, role, path)
    return found


def load_parts(
    paths: Iterable[Path],
    role: str,
    problems: list[Problem],
    *,
    rename: dict[str, str] | None = None,
    year: int | None = None,
    only: Callable[[Recognised], bool] | None = None,
) -> list[Loaded]:
    """Read the parts of the files that serve a role.

    Parameters
    ----------
    paths
        The files of the role.
    role
        A key of `KINDS_OF_ROLE`.
    problems
        Grows by everything that cannot be read.
    rename
        Tidy column name to a heading that the study names for it.
    year
        Census of the place's polygons: decides where a table has LSOA codes of both.
    only
        Says of a part's first rows whether the rest is worth reading.
    """
    loaded = []
    for known, kind, match in find_parts(paths, role, problems, rename=rename, year=year):
        if only is not None and not only(known):
            continue
        chosen = match
        if rename:
            chosen = with_named(known, match, rename, problems)
        try:
            frame, warnings = read_grid(known.part, header=chosen.header, wanted=chosen.places)
        except UnreadableError as unreadable:
            problems += unreadable.problems
            continue
        problems += warnings
        if frame.empty:
            said = "The table has headings but no rows."
            problems.append(fault(known.part.name, said, "Export it again."))
            continue
        if "date" in frame:
            cells = frame["date"].rename(chosen.heading("date"))
            dates, wrong = clean_dates(cells, file=known.part.name, once=True)
            frame = frame.assign(date=dates)
            problems += wrong
        loaded.append(Loaded(known.part, kind, chosen, frame, known.publisher))
    return loaded


def date_of(frame: pd.DataFrame) -> str:
    """Return the newest extract date of a loaded table as ISO 8601; empty when it has none."""
    newest = frame["date"].max() if "date" in frame else pd.NaT
    return "" if pd.isna(newest) else str(newest.date())


def source_of(
    role: str, parts: Sequence[Part], *, rows: int, publisher: str, date: str = ""
) -> Source:
    """Return where a table came from. Members of one archive share its name and hash."""
    first = parts[0]
    name = first.name if len(parts) == 1 else first.path.name
    return Source(
        role=role,
        file=name,
        sha256=file_sha256(first.path),
        rows=rows,
        publisher=publisher,
        date=date,
        attribution=ATTRIBUTION[publisher],
        path=first.path,
    )


def _fit(
    known: Recognised, role: str, rename: dict[str, str], year: int | None
) -> tuple[str, Match] | None:
    """Say as which kind a part serves a role, and where its columns are."""
    known = at_census(known, year)
    for kind in KINDS_OF_ROLE[role]:
        if rename:
            named = find_columns(known.head, named_columns(COLUMNS[kind], rename))
            if not named.missing:
                return kind, named
        if known.kind == kind:
            return kind, known.match
        layer_only = kind.endswith("polygons")
        if layer_only or (known.part.form == "layer" and role in _LAYER_ROLES):
            continue
        if known.match.header is None:
            continue
        match = find_columns(known.head, for_census(COLUMNS[kind], year))
        enough = kind != "practices" or "practice_name" in match.places
        if kind in {"area lookup", "postcodes"}:
            enough = not match.missing and holds(kind, match, known.head)
        if not match.missing and enough:
            return kind, match
    return None


def _one_of(
    fitting: list[tuple[Recognised, str, Match]], role: str, problems: list[Problem]
) -> list[tuple[Recognised, str, Match]]:
    """Take one of several sheets that would do: the best kind, then the newest year in its name.

    ONS puts the estimates of several years into one workbook; they must not be added up.
    """
    if len(fitting) < 2:
        return fitting
    kinds = KINDS_OF_ROLE[role]

    def rank(entry: tuple[Recognised, str, Match]) -> tuple[int, int]:
        inside = f"{entry[0].part.member} {entry[0].part.sheet}"
        years = [int(text) for text in re.findall(r"(?:19|20)\d\d", inside)]
        return -kinds.index(entry[1]), years[0] if years else 0

    best = max(rank(entry) for entry in fitting)
    chosen = [entry for entry in fitting if rank(entry) == best]
    names = ", ".join(known.part.name for known, _, _ in fitting)
    if len(chosen) > 1:
        said = f"Several tables of the file would do: {names}."
        fix = "Save the one that is meant as a file of its own."
        problems.append(fault(fitting[0][0].part.path.name, said, fix, field=role))
        return []
    taken = chosen[0][0].part.name
    said = f"Of several tables that would do ({names}), this one was taken."
    fix = "To use another, save it as a file of its own."
    problems.append(Problem("note", taken, None, "", role, said, fix))
    return chosen


def _not_of_role(others: list[Recognised], role: str, path: Path) -> list[Problem]:
    """Say what the file is instead, and what it lacks."""
    kinds = KINDS_OF_ROLE[role]
    wanted = LABELS[kinds[0]]
    named = [known for known in others if known.kind != "unknown"]
    if named:
        known = named[0]
        said = f"This file holds {LABELS[known.kind]}, not {wanted}."
        fix = f"Give another file for {role}, or use this one for what it is."
        return [fault(known.part.name, said, fix, field=role)]
    if not others:
        return [fault(path.name, f"The file does not hold {wanted}.", "Give another file.")]
    tried = [
        (known, find_columns(known.head, COLUMNS[kind])) for known in others for kind in kinds[:1]
    ]
    known, match = min(tried, key=lambda pair: len(pair[1].missing))
    faults = missing_columns(known.part.name, match)
    if not faults:
        said = f"The file does not hold {wanted}: its codes do not look like it."
        faults = [fault(known.part.name, said, "Give another file.", field=role)]
    return faults


def with_named(
    known: Recognised, match: Match, rename: dict[str, str], problems: list[Problem]
) -> Match:
    """Use the columns that the study names in place of those found."""
    header = match.headings or known.match.headings
    tidy = {tidy_heading(text): place for place, text in reversed(list(enumerate(header)))}
    places = dict(match.places)
    for name, heading in rename.items():
        place = tidy.get(tidy_heading(heading))
        if place is not None:
            places = {key: other for key, other in places.items() if other != place}
            places[name] = place
            continue
        near = nearest_name(tidy_heading(heading), tidy)
        shown = header[tidy[near]] if near else ", ".join(text for text in header if text.strip())
        fix = f"Did you mean {shown!r}?" if near else f"Headings found: {shown}."
        said = f"There is no column {heading!r}."
        problems.append(fault(known.part.name, said, fix, field=name))
    return Match(match.header, places, header)
