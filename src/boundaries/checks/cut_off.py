"""Whether the LSOA layer is whole: a web service stops at its limit, and the file is saved so.

Goes in: `Tables` and `Scope`. Comes out: problems when the study's other files know LSOAs of the
place that the layer does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.checks.words import counted, listing, source_file
from boundaries.codes import LSOA
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.checks.scope import Scope
    from boundaries.read.tables import Tables

__all__ = ["cut_off_problems"]

_MOSTLY: Final = 0.5
_FIX: Final = "Download the whole LSOA layer again, all pages of it, and compare the counts."


def cut_off_problems(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Yield an error for each file that knows LSOAs of the place which the layer lacks.

    A lookup says which borough an LSOA is of: an error. Where there is none, a residents file most
    of whose LSOAs are the place's is likely to be the place's own: a warning. So are registrations
    in LSOAs whose codes lie right between two of the place's own.
    """
    layer = frozenset(tables.lsoas["lsoa_code"].astype(str))
    told: set[str] = set()
    looked_up = False
    for role, lookup in (("lsoa_lookup", tables.areas), ("wards", tables.wards)):
        known = _of_boroughs(lookup, scope)
        looked_up |= bool(known)
        lacking = sorted(known - layer - told)
        if lacking:
            told |= set(lacking)
            yield _lacking(lacking, source_file(tables, role), "LSOAs of the place")
    lacking = [] if looked_up else sorted(_own_residents(tables, scope) - layer - told)
    if lacking:
        told |= set(lacking)
        yield _lacking(
            lacking, source_file(tables, "residents"), "LSOAs with residents", sure=False
        )
    lacking = sorted(_registered(tables, scope, layer) - told)
    if lacking:
        file = source_file(tables, "registrations")
        what = "LSOAs of patients, with codes between those of the place"
        yield _lacking(lacking, file, what, sure=False)


def _lacking(codes: list[str], file: str, what: str, *, sure: bool = True) -> Problem:
    said = f"The LSOA layer lacks {counted(len(codes), 'LSOA')} that {file} has among the {what}:"
    level = "error" if sure else "warning"
    return Problem(level, "lsoas", None, codes[0], "lsoa_code", f"{said} {listing(codes)}.", _FIX)  # type: ignore[arg-type]  # one of two levels


def _of_boroughs(lookup: pd.DataFrame | None, scope: Scope) -> set[str]:
    """LSOAs that a lookup puts into the boroughs of the place, when it is of the layer's census."""
    if lookup is None or "lsoa_code" not in lookup:
        return set()
    here = pd.Series(False, index=lookup.index)  # noqa: FBT003 - a column of no
    for column in {"borough_code", "borough_name"} & set(lookup.columns):
        wanted = set(scope.lsoas[column].astype(str)) - {""}
        here |= lookup[column].fillna("").astype(str).isin(wanted)
    codes = set(lookup.loc[here, "lsoa_code"].astype(str))
    return codes if _same_census(codes, scope) else set()


def _own_residents(tables: Tables, scope: Scope) -> set[str]:
    if tables.residents is None:
        return set()
    codes = set(tables.residents["lsoa_code"].astype(str))
    ours = len(codes & set(scope.lsoas.index))
    return codes if ours > _MOSTLY * len(codes) and _same_census(codes, scope) else set()


def _same_census(codes: set[str], scope: Scope) -> bool:
    """Say whether a table has every LSOA of the place: one of another census lacks some."""
    return set(scope.lsoas.index) <= codes


def _registered(tables: Tables, scope: Scope, layer: frozenset[str]) -> set[str]:
    rows = tables.registrations
    if not set(scope.lsoas.index) <= set(rows["lsoa_code"].unique()):
        return set()  # registrations by the LSOAs of another census
    parents = set() if tables.lsoa_lookup is None else set(tables.lsoa_lookup["lsoa11"])
    codes = pd.Series(rows["lsoa_code"].unique()).astype(str)
    unknown = set(codes[codes.str.match(LSOA) & ~codes.isin(layer | parents)])
    home = set(scope.lsoas.index)
    found: set[str] = set()
    for code in sorted(unknown):
        run = [code]
        while _next(run[-1]) in unknown:
            run.append(_next(run[-1]))
        if _next(code, -1) in home and _next(run[-1]) in home:
            found |= set(run)
    return found


def _next(code: str, step: int = 1) -> str:
    return f"{code[:3]}{int(code[3:]) + step:06d}"
