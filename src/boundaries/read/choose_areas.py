"""The tables by LSOA, wards and boroughs that go with the polygons picked.

Goes in: the `Work` of `boundaries.read.choose` once the polygons are known. Comes out: the same
with residents, centroids, deprivation, wards and boroughs picked, each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.read.columns import find_columns, named_columns, tidy_heading
from boundaries.read.grids import read_grid
from boundaries.read.kind_columns import COLUMNS
from boundaries.read.parts import UnreadableError, fault
from boundaries.read.values import clean_codes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from boundaries.problems import Problem
    from boundaries.read.find import Found

__all__ = ["Work", "choose_areas"]

_COVERED: Final = 0.999  # share of the polygons' LSOAs that a table must have


@dataclass
class Work:
    """What is known so far while the files are being picked."""

    found: tuple[Found, ...]
    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    registered: set[str] = field(default_factory=set)
    on: str = ""
    year: int | None = None
    boroughs: dict[str, str] = field(default_factory=dict)
    polygons: Found | None = None
    lsoas: pd.DataFrame = field(default_factory=pd.DataFrame)

    def of(self, *kinds: str) -> list[Found]:
        """Return what was found of some kinds."""
        return [item for item in self.found if item.kind in kinds]

    def pick(self, role: str, paths: Iterable[Path], reason: str) -> None:
        """Put files to a role, and why."""
        self.files[role] = tuple(dict.fromkeys(paths))
        self.reasons[role] = reason

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
    wanted = named_columns(COLUMNS["residents"], {"residents": column})
    items = []
    for item in work.found:
        known = item.recognised
        if known is None or tidy_heading(column) not in _headings(item):
            continue
        match = find_columns(known.head, wanted)
        if not match.missing:
            columns = {name: match.heading(name) for name in match.places}
            again = replace(known, match=match)
            items.append(replace(item, columns=columns, recognised=again))
    return items


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
        if "borough_code" in item.columns:
            codes = _column(item, "borough_code")
            if set(work.boroughs or _column(work.polygons, "borough_code")) <= codes:
                heading = item.columns["ward_code"]
                work.pick("wards", [item.path], f"ward polygons ({heading}) of every borough")
                return
    chosen = _covering(work, [i for i in work.of("area lookup") if "ward_code" in i.columns])
    if chosen is None:
        work.reasons["wards"] = f"none found for every borough, nor for LSOAs of {work.year}"
        return
    work.pick("wards", [chosen.path], f"LSOAs of {work.year} to {chosen.columns['ward_code']}")


def _choose_boroughs(work: Work) -> None:
    for item in work.of("borough polygons"):
        if set(work.boroughs) <= _column(item, "borough_code"):
            work.pick("boroughs", [item.path], f"borough polygons ({item.columns['borough_code']})")
            return


def _covering(work: Work, items: Iterable[Found]) -> Found | None:
    """Return the first table that has (nearly) every LSOA of the chosen polygons."""
    wanted = set(work.lsoas["lsoa_code"])
    for item in items:
        if "lsoa_code" in item.columns and len(
            wanted & _column(item, "lsoa_code")
        ) >= _COVERED * len(wanted):
            return item
    return None


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
