"""Registrations, and the practices and PCNs that go with them.

Goes in: the `Work` of `boundaries.read.choose`. Comes out: the same with registrations,
memberships, practices and postcodes picked, each with its reason, and why others were not.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.read.columns import lsoa_year
from boundaries.read.grids import read_grid
from boundaries.read.practices import read_memberships
from boundaries.read.registrations import read_registrations
from boundaries.read.values import clean_codes

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.problems import Problem
    from boundaries.read.choose_areas import Work
    from boundaries.read.find import Found

__all__ = ["choose_memberships", "choose_practices", "choose_registrations"]

_WHOLE: Final = 0.9  # a file with this share of the most patients found is a whole one
_NEAR_DAYS: Final = 92  # a quarter: registrations by LSOA are quarterly


def choose_registrations(work: Work) -> None:
    """Take the newest whole file, and others of its date with practices that it lacks."""
    read = _read_registrations(work)
    if not read:
        fix = "Download “Patients registered at a GP practice” by LSOA from NHS England."
        work.lack("registrations", "No file of patients by practice and LSOA was found.", fix)
        return
    most = max(table["patients"].sum() for _, table, _ in read)
    whole = [item for item in read if item[1]["patients"].sum() >= _WHOLE * most]
    base = max(whole, key=lambda item: (item[2], len(item[1])))
    chosen, codes = list(base[0]), set(base[1]["practice_code"].unique())
    tables = [base[1]]
    for files, table, on in read:
        own = set(table["practice_code"].unique())
        if files != base[0] and on == base[2] and not own & codes:
            chosen += files
            codes |= own
            tables.append(table)
        why = f"of {on or 'an unknown date'}, not of {base[2] or 'an unknown one'}"
        if on == base[2]:
            why = f"{len(own):,} practices, which are in {base[0][0].name} too"
        for path in files:
            work.passes(path, why)
    lists = pd.concat([table.groupby("practice_code")["patients"].sum() for table in tables])
    work.registered, work.on = lists, base[2]
    work.year = lsoa_year("", sorted({code for table in tables for code in table["lsoa_code"]}))
    dated = f" at {base[2]}" if base[2] else ""
    reason = f"{len(codes):,} practices{dated}, LSOA codes of {work.year or 'either census'}"
    if len(chosen) > 1:
        reason += "; the files have no practice in common"
    work.pick("registrations", chosen, reason)


def _read_registrations(work: Work) -> list[tuple[tuple[Path, ...], pd.DataFrame, str]]:
    """Read every file of registrations; those of one sex only are put together."""
    read: list[tuple[tuple[Path, ...], pd.DataFrame, str]] = []
    one_sex: list[Path] = []
    for path in dict.fromkeys(item.path for item in work.of("registrations")):
        faults: list[Problem] = []
        table, on, _ = read_registrations([path], faults)
        if any(problem.field == "sex" for problem in faults):
            one_sex.append(path)
        elif table is not None:
            read.append(((path,), table, on))
        for problem in faults:
            if problem.level == "error":
                work.passes(path, f"{problem.said} {problem.fix}".strip())
    if one_sex:
        table, on, _ = read_registrations(one_sex, faults := [])
        if table is not None and not any(problem.field == "sex" for problem in faults):
            read.append((tuple(one_sex), table, on))
    return read


def _share(work: Work, codes: set[str]) -> float:
    """Return the share of the registered patients whose practices are among some codes."""
    lists = work.registered
    return float(lists[lists.index.isin(codes)].sum() / max(1, lists.sum()))


def _codes(item: Found) -> set[str]:
    """Return the practice codes of a table."""
    known = item.recognised
    assert known is not None  # noqa: S101 - only unreadable files lack it
    place = {"practice_code": known.match.places["practice_code"]}
    frame, _ = read_grid(known.part, header=known.match.header, wanted=place)
    return set(clean_codes(frame["practice_code"]))


def choose_memberships(work: Work) -> None:
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
        covered = _share(work, set(table["practice_code"]))
        rank, reason = _timing(work.on, sources[0].date, history=item.kind == "memberships")
        ranked.append((rank if work.on else (0, 0), -round(covered, 3), item.name, item, reason))
    if not ranked:
        work.reasons["memberships"] = "none found: no practice would have a PCN"
        return
    _, covered, _, item, reason = min(ranked, key=lambda entry: entry[:3])
    reason = reason or f"names the practices of {-covered:.1%} of the patients"
    work.pick("memberships", [item.path], reason)
    for *_, other, why in ranked:
        if other.path != item.path and other.kind == "memberships":
            work.passes(other, f"{why or 'undated'}; {item.name} was taken")


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


def choose_practices(work: Work) -> None:
    """Take the list that knows most of the registered practices, statuses before none."""
    ranked = []
    for item in work.of("practices"):
        codes = work.tried(item, _codes)
        if codes is None:
            continue
        covered = _share(work, codes)
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
    work.pick(
        "practices", [item.path], f"knows the practices of {-covered:.1%} of the patients{extra}"
    )
    for _, unknown, _, share, _, other in ranked:
        why = f"it knows the practices of {-share:.1%} of the patients"
        why += ", but not their status" if unknown else ""
        work.passes(other, f"{why}; {item.name} was taken")
    if "easting" in item.columns:
        return
    paths = dict.fromkeys(other.path for other in work.of("postcodes"))
    if paths:
        work.pick("postcodes", paths, "the practices have postcodes but no coordinates")
    else:
        work.reasons["postcodes"] = "none found: the practices would have no coordinates"
