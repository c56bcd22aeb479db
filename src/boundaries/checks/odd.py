"""Values that no true file has: codes that are none, points far off, one area under two values.

Goes in: `Tables` and `Scope`. Comes out: problems. A file that was hurt on its way often still has
the right columns; these are the signs that a reader of the file would see.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from boundaries.checks.words import counted, listing, source_file
from boundaries.codes import GSS
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.checks.scope import Scope
    from boundaries.read.tables import Tables

__all__ = ["name_problems", "odd_problems"]

CENTRE_M: Final = 500
"""A population-weighted centre lies in its LSOA, or near a bend of its outline."""

RESIDENTS: Final = (300, 15_000)
"""Residents of an LSOA: made for 1,000 to 3,000; the largest has grown to some 9,000."""

OLDER: Final = 0.75
"""Hardly an LSOA has more of its residents at 65 and over, a retirement village included."""

_LETTER: Final = re.compile(r"[^\W\d_]")
_FIX: Final = "Take the file from the publisher again, or mend the cell."


def odd_problems(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Yield a warning for every value that no true file has, an error for impossible ones."""
    yield from _codes(tables)
    yield from _names(tables)
    yield from _twice(tables, scope)
    yield from _centres(tables, scope)
    yield from _residents(tables, scope)
    yield from _boroughs(tables, scope)


def _codes(tables: Tables) -> Iterator[Problem]:
    """Codes of boroughs and wards that are no codes, or are missing where others have one."""
    for role, table in (
        ("lsoas", tables.lsoas), ("boroughs", tables.boroughs), ("wards", tables.wards),
        ("lsoa_lookup", tables.areas),
    ):  # fmt: skip
        if table is None:
            continue
        for column in ("borough_code", "ward_code", "msoa_code"):
            codes = table[column].astype(str) if column in table else pd.Series(dtype="str")
            good = codes.str.match(GSS)
            if good.all() or (codes == "").all():
                continue
            wrong = codes[~good]
            kinds = sorted({repr(code) if code else "an empty cell" for code in wrong})
            shown = ", ".join(kinds[:5])
            what = column.removesuffix("_code")
            said = f"{counted(len(wrong), 'row')} without the code of a {what}: {shown}."
            yield Problem("warning", source_file(tables, role), None, "", column, said, _FIX)


def _names(tables: Tables) -> Iterator[Problem]:
    """One code under several names, and areas without a name where others have one."""
    for role, table in (
        ("lsoas", tables.lsoas), ("boroughs", tables.boroughs), ("wards", tables.wards),
        ("lsoa_lookup", tables.areas),
    ):  # fmt: skip
        for what in ("ward", "borough"):
            code, name = f"{what}_code", f"{what}_name"
            if table is None or code not in table or name not in table:
                continue
            pairs = table[[code, name]].astype(str).drop_duplicates()
            pairs = pairs[pairs[code] != ""]
            names = pairs.groupby(code)[name].agg(lambda texts: sorted(set(texts)))
            several = names[names.map(len) > 1]
            if len(several):
                shown = ", ".join(text or "no name" for text in several.iloc[0][:3])
                many = counted(len(several), what)
                said = f"{many} under several names: {several.index[0]} is {shown}."
                yield Problem("warning", source_file(tables, role), None, "", name, said, _FIX)
            bare = pairs.loc[pairs[name] == "", code]
            all_bare = role == "lsoas" and len(bare) == len(pairs)  # then they have no such column
            if len(bare) and not all_bare and not len(several):
                said = f"{counted(len(bare), what)} without a name: {listing(bare)}."
                yield Problem("warning", source_file(tables, role), None, "", name, said, _FIX)

            yield from _no_words(pairs[name], source_file(tables, role), what, name)


def _no_words(names: pd.Series[str], file: str, what: str, field: str) -> Iterator[Problem]:
    """Names that are codes, or have no letter."""
    odd = names.str.match(GSS) | ~names.str.contains(_LETTER)
    wrong = sorted(set(names[odd & (names != "")]))
    if wrong:
        shown = ", ".join(map(repr, wrong[:3]))
        said = f"{counted(len(wrong), 'name')} of a {what} that is a code or a number: {shown}."
        fix = "Check that names and codes stand under their own headings."
        yield Problem("warning", file, None, "", field, said, fix)


def name_problems(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Yield names of practices and PCNs that are none, and PCNs that share or change a name."""
    ours = scope.of_place
    yield from _no_words(
        ours["practice_name"].fillna("").astype(str), source_file(tables, "practices"), "practice",
        "practice_name",
    )  # fmt: skip
    members = scope.members[["pcn_code", "pcn_name"]].drop_duplicates()
    file = source_file(tables, "memberships" if len(tables.memberships) else "practices")
    bare = members.loc[members["pcn_name"] == members["pcn_code"], "pcn_code"]
    if len(bare):
        said = f"{counted(len(bare), 'PCN')} without a name: {listing(bare)}."
        fix = "Nothing: the code stands for it."
        yield Problem("note", file, None, str(bare.iloc[0]), "pcn_name", said, fix)
    for shared, codes in members.groupby("pcn_name")["pcn_code"]:
        if len(codes) > 1 and set(codes) & set(scope.pcn_of.dropna()):
            said = f"{counted(len(codes), 'PCN')} of one name, {shared!r}: {listing(codes)}."
            fix = "Check that names stand under their own heading."
            yield Problem("warning", file, None, str(codes.iloc[0]), "pcn_name", said, fix)
    named = members.groupby("pcn_code")["pcn_name"].agg(lambda texts: sorted(set(texts)))
    for pcn, texts in named[named.map(len) > 1].items():
        said = f"{pcn} stands under several names: {', '.join(texts[:3])}. The first counts."
        fix = "Nothing, if all are its own."
        yield Problem("note", file, None, str(pcn), "pcn_name", said, fix)


def _twice(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """LSOAs of the place that stand twice in a table, with values that differ."""
    for role, table in (
        ("centroids", tables.centroids), ("deprivation", tables.deprivation),
        ("wards", tables.wards), ("lsoa_lookup", tables.areas),
    ):  # fmt: skip
        if table is None or "lsoa_code" not in table:
            continue
        ours = table[table["lsoa_code"].isin(scope.lsoas.index)]
        known = ours.drop(columns=["row", "file"], errors="ignore").drop_duplicates()
        twice = known.loc[known["lsoa_code"].duplicated(), "lsoa_code"]
        if len(twice):
            lsoas = counted(len(set(twice)), "LSOA")
            said = f"{lsoas} of the place with several values: {listing(twice)}. The first counts."
            file = source_file(tables, role)
            yield Problem("warning", file, None, "", "lsoa_code", said, "Keep one row an LSOA.")


def _centres(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Population-weighted centres far from their LSOA."""
    if tables.centroids is None:
        return
    table = tables.centroids.drop_duplicates("lsoa_code").set_index("lsoa_code")
    table = table[table.index.isin(scope.lsoas.index)]
    points = gpd.GeoSeries.from_xy(table["easting"], table["northing"], crs=27700)
    points.index = table.index
    shapes = gpd.GeoSeries(scope.lsoas.geometry.reindex(table.index))
    away = points.distance(shapes, align=False)
    far = away[away > CENTRE_M].sort_values(ascending=False)
    if len(far):
        centres = counted(len(far), "population-weighted centre")
        said = f"{centres} outside the LSOA: {far.index[0]} lies {far.iloc[0] / 1000:,.1f} km away."
        fix = "Check that its easting and northing stand under their own headings."
        file = source_file(tables, "centroids")
        yield Problem("warning", file, None, str(far.index[0]), "easting", said, fix)


def _residents(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Residents that no LSOA has."""
    file = source_file(tables, "residents" if tables.residents is not None else "lsoas")
    people, older = scope.lsoas["residents"], scope.lsoas["residents_65_plus"]
    more = scope.lsoas.index[(older > people).fillna(value=False)]
    if len(more):
        lsoas = counted(len(more), "LSOA")
        said = f"{lsoas} with more residents of 65 and over than residents: {listing(more)}."
        fix = "Check the headings: the columns may have been swapped."
        yield Problem("error", file, None, str(more[0]), "residents_65_plus", said, fix)
    lacking = scope.lsoas.index[older.isna()]
    if 0 < len(lacking) < len(older):
        lsoas = counted(len(lacking), "LSOA")
        said = f"No residents of 65 and over for {lsoas}: {listing(lacking)}."
        yield Problem("warning", file, None, str(lacking[0]), "residents_65_plus", said, _FIX)
    share = (older.astype("Float64") / people.where(people > 0)).fillna(0)
    most = share.index[(share > OLDER) & (share <= 1)]
    if len(most):
        said = f"{counted(len(most), 'LSOA')} with over {OLDER:.0%} of its residents 65 and over:"
        yield Problem(
            "warning", file, None, str(most[0]), "residents_65_plus",
            f"{said} {listing(most)}.", _FIX,
        )  # fmt: skip
    odd = people[(people > 0) & ~people.between(*RESIDENTS)]
    if len(odd) and len(odd) < len(people):
        figures = ", ".join(f"{code} has {count:,.0f}" for code, count in odd.head(3).items())
        said = f"{counted(len(odd), 'LSOA')} with residents as hardly any LSOA has: {figures}."
        fix = "Check the cell: an LSOA is made for 1,000 to 3,000 residents."
        yield Problem("warning", file, None, str(odd.index[0]), "residents", said, fix)


def _boroughs(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Boroughs of the place that the layer of boroughs does not have."""
    if tables.boroughs is None:
        return
    known = set(tables.boroughs["borough_code"]) | set(tables.boroughs["borough_name"])
    ours = scope.lsoas[["borough_code", "borough_name"]].drop_duplicates()
    given = dict(zip(tables.boroughs["borough_code"], tables.boroughs["borough_name"], strict=True))
    for code, name in ours.itertuples(index=False):
        other = str(given.get(code, name))
        if other and name and other.casefold() != name.casefold():
            said = f"{code} is {other!r} in the layer of boroughs and {name!r} in that of LSOAs."
            file = source_file(tables, "boroughs")
            fix = "Nothing, if it is the same borough."
            yield Problem("note", file, None, str(code), "borough_name", said, fix)
    lost = ours[~ours["borough_code"].isin(known) & ~ours["borough_name"].isin(known)]
    if len(lost):
        names = listing(lost["borough_name"])
        said = f"The layer of boroughs has no {names}: its outline is drawn from its LSOAs."
        fix = "Give a layer with all boroughs of the place, or none."
        file = source_file(tables, "boroughs")
        yield Problem("warning", file, None, "", "borough_code", said, fix)
