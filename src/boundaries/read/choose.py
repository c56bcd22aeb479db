"""Files that go together, picked from what was found: for ``boundaries init PLACE --data FOLDER``.

Goes in: `Found` files and the boroughs of the place. Comes out: `Choice`: files by role, each with
the reason why it and not another. Next: ``boundaries init`` writes them into a study.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from boundaries.read.account import FileUse, account_for
from boundaries.read.areas import complete_lsoas, read_area_lookups
from boundaries.read.boroughs import list_boroughs, match_boroughs, name_of_set
from boundaries.read.choose_areas import Work, choose_areas
from boundaries.read.choose_people import (
    choose_memberships,
    choose_practices,
    choose_registrations,
)
from boundaries.read.columns import lsoa_year
from boundaries.read.grids import read_grid
from boundaries.read.parts import fault
from boundaries.read.suggest_shape import Suggested, suggest_shape
from boundaries.read.values import clean_codes, clean_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from boundaries.problems import Problem
    from boundaries.read.find import Found

__all__ = ["Choice", "choose_files"]


@dataclass(frozen=True)
class Choice:
    """Files that go together.

    Parameters
    ----------
    files
        Role (a key of the study's ``[data]``) to files, in the study's order; roles without a
        file are absent.
    reasons
        Role to one sentence: why this file, or why none.
    boroughs
        Codes of the boroughs, and their names as the polygons write them.
    place
        What the boroughs are together since districts were merged; else empty.
    lsoa_year
        Census of the chosen polygons.
    problems
        Errors when registrations, polygons, residents or boroughs were not found; a note for each
        district under another code.
    account
        What became of every file.
    shape
        What could be barriers and communities.
    """

    files: dict[str, tuple[Path, ...]]
    reasons: dict[str, str]
    boroughs: dict[str, str] = field(default_factory=dict)
    place: str = ""
    lsoa_year: int | None = None
    problems: tuple[Problem, ...] = ()
    account: tuple[FileUse, ...] = ()
    shape: tuple[Suggested, ...] = ()


def choose_files(
    found: Sequence[Found], *, boroughs: Iterable[str] = (), residents_column: str | None = None
) -> Choice:
    """Pick the files that go together for a place.

    Parameters
    ----------
    found
        What `find_files` returned.
    boroughs
        Names or codes of the boroughs; none means that every borough will do.
    residents_column
        Heading of the residents, where a particular count is wanted.

    Returns
    -------
    Choice
        Files by role with reasons. Nothing is raised: what is missing stands in ``problems``.
    """
    work = Work(tuple(found))
    choose_registrations(work)
    _choose_lsoas(work, tuple(boroughs))
    choose_memberships(work)
    choose_practices(work)
    choose_areas(work, residents_column)
    if work.problems:
        work.problems += [
            fault(item.name, item.said, "") for item in found if item.kind == "unreadable"
        ]
    account = account_for(work.found, work.files, work.reasons, work.passed)
    problems = tuple(dict.fromkeys(work.problems))
    return Choice(
        work.files, work.reasons, work.boroughs, work.place, work.year, problems, account,
        shape=suggest_shape(work.found, work.files),
    )  # fmt: skip


def _choose_lsoas(work: Work, wanted: tuple[str, ...]) -> None:
    """Take polygons of the registrations' census that hold the boroughs; the widest of them."""
    links = work.of("LSOA lookup")
    paths = dict.fromkeys(item.path for item in links)
    lookups = {year: read_area_lookups(paths, [], year=year) for year in (2011, 2021)}
    candidates = []
    misses: list[Problem] = []
    widest = 0
    for item in work.of("LSOA polygons"):
        own = work.tried(item, _attributes)
        if own is None:
            continue
        year = lsoa_year(item.columns["lsoa_code"], list(own["lsoa_code"]))
        lookup, areas, _ = lookups[year or 2021]
        lsoas = complete_lsoas(own, [areas], None)  # type: ignore[arg-type]
        codes, faults = match_boroughs(wanted, list_boroughs(lsoas))
        if any(fault.level == "error" for fault in faults):
            work.passes(item, "nothing of this place: " + faults[0].said)
            if len(lsoas) > widest:
                misses, widest = faults, len(lsoas)
            continue
        fits = work.year is None or year == work.year
        converts = work.year == 2011 and year == 2021 and lookup is not None
        rank = (fits, converts, len(lsoas), len(item.columns))
        candidates.append((rank, item, lsoas, year, codes, faults))
    usable = [entry for entry in candidates if entry[0][0] or entry[0][1]]
    if not usable:
        _lack_lsoas(work, candidates=bool(candidates), misses=misses)
        return
    _, item, lsoas, year, codes, notes = max(usable, key=lambda entry: (entry[0], entry[1].name))
    work.problems += notes
    _pass_lsoas(work, candidates, (item, len(lsoas)))
    names = list_boroughs(lsoas)["borough_name"]
    work.boroughs = {code: str(names[code]) for code in codes}
    work.place = name_of_set(codes, list_boroughs(lsoas))
    reason = f"{len(lsoas):,} LSOAs of {year}"
    if work.year == year:
        reason += ", as in the registrations"
    elif work.year is not None:
        reason += "; the registrations' 2011 codes are converted by the lookup"
    work.pick("lsoas", [item.path], reason)
    own = _attributes(item)
    bare = not (own["borough_code"] != "").any() or not (own["borough_name"] != "").any()
    if links and (bare or (work.year is not None and work.year != year)):
        why = "names the boroughs of LSOAs" if bare else "converts LSOAs of 2011 to those of 2021"
        work.pick("lsoa_lookup", [links[0].path], why)
    work.polygons, work.lsoas, work.year = item, lsoas, year


def _pass_lsoas(
    work: Work, candidates: Sequence[tuple[Any, ...]], taken: tuple[Found, int]
) -> None:
    """Say why the other polygons of the place were not taken."""
    item, most = taken
    for rank, other, *_, its_year, _, _ in candidates:
        why = f"{item.name} has {most:,} LSOAs, this {rank[2]:,}"
        if not (rank[0] or rank[1]):
            why = f"its LSOAs are of {its_year}, the registrations' of {work.year}"
        if other.path != item.path:
            work.passes(other, why)


def _lack_lsoas(work: Work, *, candidates: bool, misses: list[Problem]) -> None:
    if misses and not candidates:
        work.problems += misses
        return
    said = "No LSOA polygons were found."
    fix = "Download LSOA boundaries (BGC) from the ONS Open Geography Portal."
    if candidates:
        said = f"The polygons are not of the census of the registrations ({work.year})."
        fix = f"Download LSOA boundaries of {work.year}, or the 2011 to 2021 lookup."
    work.lack("lsoas", said, fix)


def _attributes(item: Found) -> pd.DataFrame:
    """Read the codes and names of an LSOA layer, without its shapes."""
    known = item.recognised
    assert known is not None  # noqa: S101 - only unreadable files lack it
    texts = ("lsoa_code", "lsoa_name", "msoa_code", "ward_code", "ward_name")
    columns = (*texts, "borough_code", "borough_name")
    wanted = {name: place for name, place in known.match.places.items() if name in columns}
    frame, _ = read_grid(known.part, header=known.match.header, wanted=wanted)
    tidy = pd.DataFrame(index=frame.index)
    for name in columns:
        clean = clean_codes if name.endswith("code") else clean_names
        tidy[name] = (
            clean(frame[name]) if name in frame else pd.Series("", frame.index, dtype="str")
        )
    return tidy
