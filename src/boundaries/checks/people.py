"""Faults of the registrations: doubles, totals, and codes that stand for no LSOA.

Goes in: `Tables` and `Scope`. Comes out: problems, with the patients concerned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.checks.areas import MOST_NAMED
from boundaries.checks.words import counted, file_of, listing, row_of, source_file
from boundaries.codes import LSOA, SPECIAL_LSOAS
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.checks.scope import Scope
    from boundaries.problems import Level
    from boundaries.read.tables import Tables

__all__ = ["registration_problems", "size_problems"]

LISTS_DIFFER: Final = 0.05
"""Published list sizes and the LSOA rows are of different days; more than this is worth a look."""

TWICE: Final = (1.9, 2.1)
"""Rows summing to this many times the published list: the practice was counted twice (as K82057
was in NHS England's first May 2024 file). An error when both files are of one date; between two
dates it may as well be a merger."""

FEW, MANY = 0.7, 1.5
"""Registered residents of a place against its residents: London is 1.15 times its census."""

_SAME_DAY: Final = "They should be the same: rows may have been lost or changed on the way."

ELSEWHERE: Final = r"^(S01|95|9[5-9]|N2)"
"""Small areas of Scotland and Northern Ireland."""


def registration_problems(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Yield faults of the registration rows."""
    rows = tables.registrations
    file = source_file(tables, "registrations")
    bad = rows[rows["patients"] < 0]
    for row in bad.itertuples():
        said = f"{row.practice_code} in {row.lsoa_code}: {row.patients} patients."
        where = (str(getattr(row, "file", file)), row_of(getattr(row, "row", None)))
        yield Problem("error", *where, str(row.practice_code), "patients", said, "Mend the row.")
    yield _day(tables, file)
    yield from _doubles(rows, scope, file)
    if scope.of_place.empty:
        said = "No practice of the place has registered patients."
        fix = "Check that registrations, practices and the boroughs of [place] go together."
        yield Problem("error", file, None, "", "practice_code", said, fix)
        return
    yield from _codes(rows, scope, file)
    yield from _lsoas_without_patients(rows, scope, file)
    yield from _coverage_of_people(rows, scope, file)


def size_problems(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Yield practices whose LSOA rows do not sum to their published list size."""
    if tables.list_sizes is None:
        return
    published = tables.list_sizes.drop_duplicates("practice_code").set_index("practice_code")
    ours = scope.of_place["list_size"]
    partners = scope.partners["list_size"]
    ours = pd.concat([ours, partners[(partners > 0) & ~partners.index.isin(ours.index)]])
    together = published.join(ours.rename("rows_sum"), how="inner")
    together = together[together["list_size"] > 0]
    same_day = _dates(tables, "list_sizes") == _dates(tables, "registrations") != set()
    for code, row in together.sort_index().iterrows():
        ratio = row["rows_sum"] / row["list_size"]
        where = (str(row["file"]), row_of(row["row"]), str(code), "list_size")
        figures = f"{row['rows_sum']:,} patients by LSOA against {row['list_size']:,} published"
        if TWICE[0] <= ratio <= TWICE[1]:
            level: Level = "error" if same_day else "warning"
            said = f"{code} was counted about twice: {figures}."
            fix = "Take a corrected registrations file, unless it has merged with another practice."
            yield Problem(level, *where, said, fix)
        elif abs(ratio - 1) > LISTS_DIFFER:
            said = f"{code}: {figures} ({ratio - 1:+.0%})."
            fix = "Check that both files are of the same date; the LSOA rows are used."
            yield Problem("warning", *where, said, fix)
    apart = together[together["rows_sum"] != together["list_size"]]
    if same_day and len(apart):
        first = apart.sort_index().iloc[0]
        said = (
            f"{counted(len(apart), 'practice')} with other totals by LSOA than the list sizes of "
            f"the same day: {first.name} has {first['rows_sum']:,} and {first['list_size']:,}."
        )
        file = source_file(tables, "list_sizes")
        yield Problem("note", file, None, str(first.name), "list_size", said, _SAME_DAY)
    lost = sorted(set(scope.of_place.index) - set(published.index))
    if lost:
        practices = counted(len(lost), "practice")
        said = f"The file gives no list size for {practices} of the place: {listing(lost)}."
        yield Problem(
            "note", source_file(tables, "list_sizes"), None, "", "list_size", said, "Nothing."
        )


def _day(tables: Tables, file: str) -> Problem:
    """Say of which day the patients and the PCN memberships are."""
    days = sorted(_dates(tables, "registrations"))
    said = f"Patients are those registered on {' and '.join(days)}"
    if not days:
        said = "The registrations do not say of which day they are"
    if tables.memberships_on and len(tables.memberships):
        said += f"; PCN memberships are those of {tables.memberships_on}"
    fix = "Give memberships_on in [data] if another day's should count."
    return Problem("note", file, None, "", "date", f"{said}.", fix)


def _dates(tables: Tables, role: str) -> set[str]:
    """Dates of the files of a role, where the files say."""
    return {source.date for source in tables.sources if source.role == role and source.date}


def _doubles(rows: pd.DataFrame, scope: Scope, file: str) -> Iterator[Problem]:
    double = rows.duplicated(["practice_code", "lsoa_code"], keep=False)
    if not double.any():
        return
    pcns = set(scope.pcn_of.dropna())
    partners = scope.members.index[scope.members["pcn_code"].isin(pcns)]
    counts = set(scope.of_place.index) | set(partners)
    second = rows[rows.duplicated(["practice_code", "lsoa_code"])]
    for code, group in second.groupby("practice_code"):
        inside = int(scope.practices["patients_inside"].get(str(code), 0))
        if str(code) not in counts and not inside:
            continue
        level: Level = "error" if str(code) in counts else "warning"
        total = int(rows.loc[rows["practice_code"] == code, "patients"].sum())
        said = (
            f"{code} is counted twice: the rows of {counted(len(group), 'LSOA')} are repeated"
            f" ({group['patients'].sum():,} of {total:,} patients)."
        )
        fix = "Keep one row a practice and LSOA (one date, all sexes, one file)."
        first = row_of(group["row"].iloc[0]) if "row" in group.columns else None
        yield Problem(level, file_of(group, file), first, str(code), "lsoa_code", said, fix)


def _codes(rows: pd.DataFrame, scope: Scope, file: str) -> Iterator[Problem]:
    ours = rows[rows["practice_code"].isin(scope.of_place.index)]
    total = int(ours["patients"].sum())
    by_code = ours.groupby("lsoa_code")["patients"].sum()
    special = by_code[by_code.index.isin(SPECIAL_LSOAS)]
    for code, patients in special.items():
        level: Level = "warning" if patients > 0.02 * total else "note"
        said = (
            f"{code} stands for the LSOA of {counted(int(patients), 'patient')} of the place's"
            f" practices ({patients / total:.2%}): counted in list sizes, in no LSOA."
        )
        yield Problem(level, file, None, str(code), "lsoa_code", said, "Nothing.")
    rest = by_code[
        ~by_code.index.isin(SPECIAL_LSOAS) & ~by_code.index.isin(scope.registration_codes)
    ]
    texts = rest.index.astype(str).str
    odd = rest[~texts.match(LSOA) & ~texts.match(ELSEWHERE)]
    for code, patients in odd.items():
        said = f"{code!r} is no LSOA code ({counted(int(patients), 'patient')})."
        fix = "Check the registrations file; the patients count in list sizes, in no LSOA."
        yield Problem("warning", file, None, str(code), "lsoa_code", said, fix)
    away = rest[~rest.index.isin(odd.index)]
    if len(away):
        said = (
            f"{int(away.sum()):,} patients of the place's practices ({away.sum() / total:.1%}) live"
            f" outside it, in {counted(len(away), 'LSOA')}."
        )
        fix = "Nothing: reported, and the same in every option."
        yield Problem("note", file, None, "", "lsoa_code", said, fix)


def _lsoas_without_patients(rows: pd.DataFrame, scope: Scope, file: str) -> Iterator[Problem]:
    seen = set(rows.loc[rows["patients"] > 0, "lsoa_code"])
    parents = scope.parents
    without = [
        code
        for code in scope.lsoas.index
        if code not in seen and not (parents.get(code, frozenset()) & seen)
    ]
    fix = "Check that the registrations and the LSOA layer are of the same census year."
    if len(without) > MOST_NAMED:
        said = (
            f"{len(without):,} of the place's {len(scope.lsoas):,} LSOAs have no registered"
            f" patients: {listing(without)}."
        )
        yield Problem("warning", file, None, "", "lsoa_code", said, fix)
        return
    for code in without:
        said = f"LSOA {code} ({scope.lsoas.loc[code, 'lsoa_name']}) has no registered patients."
        yield Problem("warning", file, None, str(code), "lsoa_code", said, fix)


def _coverage_of_people(rows: pd.DataFrame, scope: Scope, file: str) -> Iterator[Problem]:
    residents = scope.lsoas["residents"].sum()
    living = int(rows.loc[rows["lsoa_code"].isin(scope.registration_codes), "patients"].sum())
    if not residents or FEW <= living / residents <= MANY:
        return
    said = (
        f"{living:,} registered patients live in the place, against {residents:,.0f} residents"
        f" ({living / residents:.0%})."
    )
    fix = "Check that both files cover the place, and that registrations are of one date."
    yield Problem("warning", file, None, "", "patients", said, fix)
