"""Census years that do not go together: 2011 and 2021 LSOA codes.

Goes in: `Tables` and `Scope`. Comes out: errors, each with the file that would mend it.

The 2021 census gave new codes to LSOAs that it split, merged or redrew; all other codes, about
94 %, are the same in both years. New codes of 2021 begin after the last of 2011.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boundaries.checks.words import counted, listing, source_file
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.checks.scope import Scope
    from boundaries.read.tables import Tables

__all__ = ["LAST_2011", "year_problems"]

LAST_2011: Final = {"E": "E01033768", "W": "W01001958"}
"""The last LSOA code of the 2011 census in England and in Wales."""


def is_new_in_2021(code: str) -> bool:
    """Say whether an LSOA code was first used by the 2021 census."""
    return code > LAST_2011.get(code[:1], "~")


def year_problems(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Yield mismatches of census year between registrations, LSOA layer and lookup."""
    if tables.lsoa_year == 2021:
        yield from _layer_2021(tables, scope)
    else:
        yield from _layer_2011(tables, scope)


def _layer_2021(tables: Tables, scope: Scope) -> Iterator[Problem]:
    layer = source_file(tables, "lsoas")
    file = source_file(tables, "registrations")
    if tables.lsoa_lookup is not None:
        yield from _lookup(tables, scope)
        return
    seen = set(tables.registrations["lsoa_code"])
    new = [code for code in scope.lsoas.index if is_new_in_2021(code)]
    unseen = [code for code in new if code not in seen]
    if len(unseen) * 2 > len(new) or (new and "NO2011" in seen and unseen):
        said = (
            f"The LSOA layer {layer} is of 2021, the registrations of 2011:"
            f" no patients in {counted(len(unseen), 'LSOA')} of the place first used in 2021"
            f" ({listing(unseen, 5)})."
        )
        fix = (
            "Name the ONS lookup LSOA (2011) to LSOA (2021) as lsoa_lookup in [data],"
            " or use the 2011 LSOA layer."
        )
        yield Problem("error", file, None, "", "lsoa_code", said, fix)


def _layer_2011(tables: Tables, scope: Scope) -> Iterator[Problem]:
    file = source_file(tables, "registrations")
    newer = [code for code in scope.lsoas.index if is_new_in_2021(code)]
    if newer:
        said = f"The LSOA layer is said to be of 2011 but has codes of 2021: {listing(newer, 5)}."
        fix = "Use one census year's layer, whole."
        yield Problem("error", source_file(tables, "lsoas"), None, "", "lsoa_code", said, fix)
        return
    ours = tables.registrations[tables.registrations["practice_code"].isin(scope.of_place.index)]
    codes = ours["lsoa_code"].astype(str)
    lost = ours[codes.str.match(r"^[EW]01") & codes.map(is_new_in_2021)]
    if len(lost):
        said = (
            "The LSOA layer is of 2011, the registrations of 2021:"
            f" {counted(int(lost['patients'].sum()), 'patient')} of the place's practices in"
            f" LSOAs first used in 2021 ({listing(lost['lsoa_code'], 5)})."
        )
        fix = "Use the 2021 LSOA layer and residents by 2021 codes."
        yield Problem("error", file, None, "", "lsoa_code", said, fix)


def _lookup(tables: Tables, scope: Scope) -> Iterator[Problem]:
    lookup = tables.lsoa_lookup
    assert lookup is not None  # noqa: S101 - the caller looked
    file = source_file(tables, "lsoa_lookup")
    known = set(lookup["lsoa21"])
    missing = [code for code in scope.lsoas.index if code not in known]
    if missing:
        said = (
            f"The lookup does not name {len(missing):,} of the place's {len(scope.lsoas):,} LSOAs"
            f" as 2021 codes: {listing(missing, 5)}."
        )
        fix = "Use the ONS lookup LSOA (2011) to LSOA (2021) that covers the place."
        yield Problem("error", file, None, "", "lsoa21", said, fix)
    pairs = lookup[lookup["lsoa21"].isin(scope.lsoas.index)]
    unlike = pairs[(pairs["change"] == "U") & (pairs["lsoa11"] != pairs["lsoa21"])]
    if len(unlike):
        said = (
            f"The lookup marks {counted(len(unlike), 'LSOA')} as unchanged under another code:"
            f" {listing(unlike['lsoa11'], 5)}."
        )
        fix = "Use the ONS lookup of 2011 to 2021, not of another pair of years."
        yield Problem("error", file, None, "", "change", said, fix)
