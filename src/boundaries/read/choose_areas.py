"""The tables by LSOA, wards and boroughs that go with the polygons picked.

Goes in: the `Work` of `boundaries.read.choose` once the polygons are known. Comes out: the same
with residents, centroids, deprivation, wards and boroughs picked, each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import pandas as pd

from boundaries.read.columns import (
    find_columns,
    for_census,
    lsoa_year,
    named_columns,
    tidy_heading,
)
from boundaries.read.districts import code_today
from boundaries.read.grids import read_grid
from boundaries.read.kind_columns import COLUMNS
from boundaries.read.kinds import at_census
from boundaries.read.parts import UnreadableError, fault
from boundaries.read.values import clean_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from boundaries.problems import Problem
    from boundaries.read.columns import Column
    from boundaries.read.find import Found

__all__ = ["Work", "choose_areas"]

T = TypeVar("T")
_COVERED: Final = 0.999  # share of the polygons' LSOAs that a table must have


@dataclass
class Work:
    """What is known so far while the files are being picked."""

    found: tuple[Found, ...]
    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    passed: dict[Path, str] = field(default_factory=dict)
    registered: pd.Series[int] = field(default_factory=lambda: pd.Series(dtype="int64"))
    on: str = ""
    year: int | None = None
    boroughs: dict[str, str] = field(default_factory=dict)
    place: str = ""
    polygons: Found | None = None
    lsoas: pd.DataFrame = field(default_factory=pd.DataFrame)

    def of(self, *kinds: str) -> list[Found]:
        """Return what was found of some kinds, with the LSOA codes of the polygons' census."""
        items = (item for item in self.found if item.kind in kinds)
        return [
            item
            if item.recognised is None
            else replace(item, recognised=at_census(item.recognised, self.year))
            for item in items
        ]

    def pick(self, role: str, paths: Iterable[Path], reason: str) -> None:
        """Put files to a role, and why."""
        self.files[role] = tuple(dict.fromkeys(paths))
        self.reasons[role] = reason

    def passes(self, item: Found | Path, why: str) -> None:
        """Note why a file is not picked; the first reason stands."""
        self.passed.setdefault(item if isinstance(item, Path) else item.path, why)

    def tried(self, item: Found, reader: Callable[[Found], T]) -> T | None:
        """Read a file, or note why it cannot be read and return None."""
        try:
            return reader(item)
        except UnreadableError as unreadable:
            self.passes(item, unreadable.problems[0].said)
            return None

    def lack(self, role: str, said: str, fix: str) -> None:
        """Note that a role has no file."""
        self.problems.append(fault(f"data.{role}", said, fix, field=role))


def choose_areas(work: Work, residents_column: str | None) -> None:
    """Pick what goes with the polygons; nothing when there are none."""
    _choose_residents(work, residents_column)
    for role, column in (("centroids", "centre_e"), ("deprivation", "imd_decile")):
        _choose_by_lsoa(work, role, column)
    _choose_wards(work)
    _choose_boroughs(work)


def _choose_residents(work: Work, column: str | None) -> None:
    if work.polygons is None:
        return
    own = _headings(work.polygons)
    if column is None and "residents" in work.polygons.columns:
        heading = work.polygons.columns["residents"]
        work.reasons["residents"] = f"the polygons carry them ({heading})"
        return
    if column is not None and tidy_heading(column) in own:
        work.reasons["residents"] = f"the polygons carry them ({column})"
        return
    items = work.of("residents") if column is None else _with_column(work, column)
    items.sort(key=lambda item: ("residents_65_plus" not in item.columns, item.name))
    chosen = _covering(work, items)
    if chosen is None:
        said = f"No residents by LSOA of {work.year} were found."
        fix = "Download mid-year or census usual residents by LSOA (ONS, Nomis TS001)."
        work.lack("residents", said, fix)
        return
    with_65 = ", with those aged 65 and over" if "residents_65_plus" in chosen.columns else ""
    heading = column or chosen.columns["residents"]
    work.pick("residents", [chosen.path], f"{heading} for LSOAs of {work.year}{with_65}")


def _with_column(work: Work, column: str) -> list[Found]:
    """Return the tables of any kind that have LSOA codes and the column named."""
    columns = for_census(COLUMNS["residents"], work.year)
    wanted = named_columns(columns, {"residents": column})
    have = [item for item in work.found if tidy_heading(column) in _headings(item)]
    return [item for item in (_matched(item, wanted) for item in have) if item is not None]


def _as_kind(item: Found, kind: str, year: int | None) -> Found | None:
    """Return a table as one of another kind, with the codes of one census; None if it is none."""
    return _matched(item, for_census(COLUMNS[kind], year))


def _matched(item: Found, columns: Sequence[Column]) -> Found | None:
    """Return a table with other columns found in it, or None when it lacks one."""
    known = item.recognised
    if known is None or known.match.header is None:
        return None
    match = find_columns(known.head, columns)
    if match.missing:
        return None
    names = {name: match.heading(name) for name in match.places}
    return replace(item, columns=names, recognised=replace(known, match=match))


def _choose_by_lsoa(work: Work, role: str, column: str) -> None:
    if work.polygons is None:
        return
    if column in work.polygons.columns:
        work.reasons[role] = f"the polygons carry them ({work.polygons.columns[column]})"
        return
    chosen = _covering(work, work.of(role))
    if chosen is None:
        work.reasons[role] = f"none found for LSOAs of {work.year}"
        return
    work.pick(role, [chosen.path], f"for LSOAs of {work.year}")


def _choose_wards(work: Work) -> None:
    """Take ward polygons that hold the boroughs, else a lookup of the polygons' LSOAs."""
    if work.polygons is None:
        return
    if "ward_code" in work.polygons.columns:
        work.reasons["wards"] = f"the polygons carry them ({work.polygons.columns['ward_code']})"
        return
    for item in work.of("ward polygons"):
        if "borough_code" not in item.columns:
            work.passes(item, "it does not say the borough of its wards")
            continue
        codes = _today(_column(item, "borough_code"))
        if _today(work.boroughs or _column(work.polygons, "borough_code")) <= codes:
            heading = item.columns["ward_code"]
            work.pick("wards", [item.path], f"ward polygons ({heading}) of every borough")
            return
        work.passes(item, "it does not hold every borough of this place")
    others = (_as_kind(item, "area lookup", work.year) for item in work.of("LSOA lookup"))
    lookups = [*work.of("area lookup"), *(item for item in others if item is not None)]
    chosen = _covering(work, [item for item in lookups if "ward_code" in item.columns])
    if chosen is None:
        work.reasons["wards"] = f"none found for every borough, nor for LSOAs of {work.year}"
        return
    work.pick("wards", [chosen.path], f"LSOAs of {work.year} to {chosen.columns['ward_code']}")


def _choose_boroughs(work: Work) -> None:
    for item in work.of("borough polygons"):
        if _today(work.boroughs) <= _today(_column(item, "borough_code")):
            work.pick("boroughs", [item.path], f"borough polygons ({item.columns['borough_code']})")
            return
        work.passes(item, "it does not hold every borough of this place")


def _covering(work: Work, items: Iterable[Found]) -> Found | None:
    """Return the first table that has (nearly) every LSOA of the chosen polygons."""
    wanted = set(work.lsoas["lsoa_code"])
    for item in items:
        codes = _column(item, "lsoa_code")
        lacks = len(wanted - codes)
        if "lsoa_code" in item.columns and lacks <= (1 - _COVERED) * len(wanted):
            return item
        year = lsoa_year(item.columns.get("lsoa_code", ""), sorted(codes))
        other = year is not None and year != work.year
        census = f"its LSOA codes are of {year}, the polygons' of {work.year}; " if other else ""
        work.passes(item, f"{census}it lacks {lacks:,} of the polygons' {len(wanted):,} LSOAs")
    return None


def _today(codes: Iterable[str]) -> set[str]:
    """Return the codes that districts have today, whatever year's a file has."""
    return {code_today(code) for code in codes}


def _column(item: Found, name: str) -> set[str]:
    known = item.recognised
    if known is None or name not in known.match.places:
        return set()
    try:
        frame, _ = read_grid(
            known.part, header=known.match.header, wanted={name: known.match.places[name]}
        )
    except UnreadableError:
        return set()
    return set(clean_codes(frame[name]))


def _headings(item: Found) -> set[str]:
    known = item.recognised
    return set() if known is None else {tidy_heading(text) for text in known.match.headings}
