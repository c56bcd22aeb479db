"""Files that go together, picked from what was found: for ``boundaries init PLACE --data FOLDER``.

Goes in: `Found` files and the boroughs of the place. Comes out: `Choice`: files by role, each with
the reason why it and not another. Next: ``boundaries init`` writes them into a study.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.read.areas import complete_lsoas, read_area_lookups
from boundaries.read.boroughs import list_boroughs, match_boroughs
from boundaries.read.choose_areas import Work, choose_areas
from boundaries.read.columns import lsoa_year
from boundaries.read.grids import read_grid
from boundaries.read.practices import read_memberships
from boundaries.read.registrations import read_registrations
from boundaries.read.values import clean_codes, clean_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from boundaries.problems import Problem
    from boundaries.read.find import Found

__all__ = ["Choice", "choose_files"]

_WHOLE: Final = 0.9  # a file with this share of the most practices found is a whole one
_NEAR_DAYS: Final = 92  # a quarter: registrations by LSOA are quarterly


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
    lsoa_year
        Census of the chosen polygons.
    problems
        Errors when registrations, polygons, residents or boroughs were not found.
    """

    files: dict[str, tuple[Path, ...]]
    reasons: dict[str, str]
    boroughs: dict[str, str] = field(default_factory=dict)
    lsoa_year: int | None = None
    problems: tuple[Problem, ...] = ()


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
    _choose_registrations(work)
    _choose_lsoas(work, tuple(boroughs))
    _choose_memberships(work)
    _choose_practices(work)
    choose_areas(work, residents_column)
    return Choice(work.files, work.reasons, work.boroughs, work.year, tuple(work.problems))


def _choose_registrations(work: Work) -> None:
    """Take the newest whole file, and others of its date with practices that it lacks."""
    paths = dict.fromkeys(item.path for item in work.of("registrations"))
    read: list[tuple[tuple[Path, ...], pd.DataFrame, str]] = []
    one_sex: list[Path] = []
    for path in paths:
        faults: list[Problem] = []
        table, on, _ = read_registrations([path], faults)
        if any(problem.field == "sex" for problem in faults):
            one_sex.append(path)
        elif table is not None:
            read.append(((path,), table, on))
    if one_sex:
        table, on, _ = read_registrations(one_sex, faults := [])
        if table is not None and not any(problem.field == "sex" for problem in faults):
            read.append((tuple(one_sex), table, on))
    if not read:
        fix = "Download “Patients registered at a GP practice” by LSOA from NHS England."
        work.lack("registrations", "No file of patients by practice and LSOA was found.", fix)
        return
    most = max(table["practice_code"].nunique() for _, table, _ in read)
    whole = [item for item in read if item[1]["practice_code"].nunique() >= _WHOLE * most]
    base = max(whole, key=lambda item: (item[2], len(item[1])))
    chosen, codes = list(base[0]), set(base[1]["practice_code"].unique())
    lsoas = set(base[1]["lsoa_code"].unique())
    for files, table, on in read:
        own = set(table["practice_code"].unique())
        if files != base[0] and on == base[2] and not own & codes:
            chosen += files
            codes |= own
            lsoas |= set(table["lsoa_code"].unique())
    work.registered, work.on = set(base[1]["practice_code"].unique()), base[2]
    work.year = lsoa_year("", sorted(lsoas))
    dated = f" at {base[2]}" if base[2] else ""
    reason = f"{len(codes):,} practices{dated}, LSOA codes of {work.year or 'either census'}"
    if len(chosen) > 1:
        reason += "; the files have no practice in common"
    work.pick("registrations", chosen, reason)


def _choose_lsoas(work: Work, wanted: tuple[str, ...]) -> None:
    """Take polygons of the registrations' census that hold the boroughs; the widest of them."""
    links = work.of("LSOA lookup")
    paths = dict.fromkeys(item.path for item in links)
    lookups = {year: read_area_lookups(paths, [], year=year) for year in (2011, 2021)}
    candidates = []
    misses: list[Problem] = []
    widest = 0
    for item in work.of("LSOA polygons"):
        own = _attributes(item)
        year = lsoa_year(item.columns["lsoa_code"], list(own["lsoa_code"]))
        lookup, areas, _ = lookups[year or 2021]
        lsoas = complete_lsoas(own, [areas], None)  # type: ignore[arg-type]
        codes, faults = match_boroughs(wanted, list_boroughs(lsoas))
        if faults:
            if len(lsoas) > widest:
                misses, widest = faults, len(lsoas)
            continue
        fits = work.year is None or year == work.year
        converts = work.year == 2011 and year == 2021 and lookup is not None
        rank = (fits, converts, len(lsoas), len(item.columns))
        candidates.append((rank, item, lsoas, year, codes))
    usable = [entry for entry in candidates if entry[0][0] or entry[0][1]]
    if not usable:
        _lack_lsoas(work, candidates=bool(candidates), misses=misses)
        return
    _, item, lsoas, year, codes = max(usable, key=lambda entry: (entry[0], entry[1].name))
    names = list_boroughs(lsoas)["borough_name"]
    work.boroughs = {code: str(names[code]) for code in codes}
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


def _choose_memberships(work: Work) -> None:
    """Take the memberships in force when the patients were counted.

    An ePCN workbook keeps the history: an issue on or after the date knows who was in which PCN
    then, and the nearest such issue has been changed least since. A map file knows one day only.
    """
    ranked = []
    for item in work.of("memberships", "practices"):
        if item.kind == "practices" and "pcn_code" not in item.columns:
            continue
        table, sources = read_memberships([item.path], [])
        if not sources:
            continue
        codes = set(table["practice_code"])
        covered = len(codes & work.registered) / max(1, len(work.registered))
        rank, reason = _timing(work.on, sources[0].date, history=item.kind == "memberships")
        ranked.append((rank if work.on else (0, 0), -round(covered, 3), item.name, item, reason))
    if not ranked:
        work.reasons["memberships"] = "none found: no practice would have a PCN"
        return
    _, covered, _, item, reason = min(ranked, key=lambda entry: entry[:3])
    reason = reason or f"names {-covered:.1%} of the practices in the registrations"
    work.pick("memberships", [item.path], reason)


def _timing(on: str, issued: str, *, history: bool) -> tuple[tuple[int, int], str]:
    """Rank memberships by how well they know the date: smaller is better; and say why."""
    if not on:
        return (0, 0), ""
    if not issued:
        return (2, 0), "undated"
    days = (date.fromisoformat(issued) - date.fromisoformat(on)).days
    if history and days >= 0:
        said = f"its newest membership starts {issued}, so it knows who was in which PCN on {on}"
        return (0, days), said
    side = "after" if days > 0 else "before"
    said = f"of {issued}, {abs(days)} days {side} the registrations"
    if days == 0:
        return (0, 0), "of the same day as the registrations"
    return (1 if abs(days) <= _NEAR_DAYS else 3, abs(days)), said


def _choose_practices(work: Work) -> None:
    """Take the list that knows most of the registered practices, statuses before none."""
    ranked = []
    for item in work.of("practices"):
        known = item.recognised
        if known is None:
            continue
        place = {"practice_code": known.match.places["practice_code"]}
        frame, _ = read_grid(known.part, header=known.match.header, wanted=place)
        codes = set(clean_codes(frame["practice_code"]))
        covered = len(codes & work.registered) / max(1, len(work.registered))
        status = "status" in item.columns
        days = 0
        if work.on and item.date:
            days = abs((date.fromisoformat(item.date) - date.fromisoformat(work.on)).days)
        ranked.append((covered < 0.98, not status, days, -covered, item.name, item))
    if not ranked:
        work.reasons["practices"] = "none found: practices would have no postcode"
        return
    *_, covered, _, item = min(ranked, key=lambda entry: entry[:5])
    extra = ", with their status" if "status" in item.columns else ""
    work.pick("practices", [item.path], f"knows {-covered:.1%} of the practices{extra}")
    if "easting" in item.columns:
        return
    paths = dict.fromkeys(other.path for other in work.of("postcodes"))
    if paths:
        work.pick("postcodes", paths, "the practices have postcodes but no coordinates")
