"""Residents, population-weighted centroids and deprivation by LSOA (ONS, Nomis, MHCLG).

Goes in: tables, or layers that carry the columns. Comes out: `Tables.residents`, `centroids` and
`deprivation`. Next: `boundaries.checks`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.codes import LSOA
from boundaries.problems import Problem
from boundaries.read.columns import lsoa_year, tidy_heading
from boundaries.read.grids import read_grid
from boundaries.read.load import Loaded, find_parts, load_parts, source_of
from boundaries.read.nomis import totals_of
from boundaries.read.parts import UnreadableError, fault
from boundaries.read.polygons import read_layer
from boundaries.read.values import clean_codes, clean_numbers, listed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from boundaries.read.tables import Source

__all__ = ["read_centroids", "read_deprivation", "read_residents", "wrong_census"]

_AGE_65: Final = re.compile(r"^(?:all_|persons_|[mf]_?|age_|aged_)?(6[5-9]|[78]\d|90)(?:_plus)?$")


def read_residents(
    paths: Iterable[Path], problems: list[Problem], *, residents_column: str | None = None,
    year: int | None = None,
) -> tuple[pd.DataFrame | None, list[Source]]:  # fmt: skip
    """Read residents by LSOA.

    Parameters
    ----------
    paths
        Mid-year estimates, a census table, or any table with LSOA codes and a total.
    problems
        Grows by every fault.
    residents_column
        Heading of the total, where the study names it.
    year
        Census of the polygons: decides where a table has the codes of both.

    Returns
    -------
    tuple[pandas.DataFrame | None, list[Source]]
        Columns lsoa_code, residents, residents_65_plus (missing when the file has none), row,
        file; the files read.
    """
    rename = {"residents": residents_column} if residents_column else None
    tables, sources = [], []
    for loaded in load_parts(paths, "residents", problems, rename=rename, year=year):
        part = totals_of(loaded, problems)
        table = _coded(part, problems)
        table["residents"] = _numbers(part, "residents", problems)
        if "residents_65_plus" in part.frame:
            table["residents_65_plus"] = _numbers(part, "residents_65_plus", problems)
        else:
            table["residents_65_plus"] = _single_years(part)
        table["row"], table["file"] = table.index, part.part.name
        table = table[table["residents"].notna()].astype({"residents": "int64"})
        tables.append(table)
        sources.append(_source("residents", part, table))
    return _together(tables), sources


def read_centroids(
    paths: Iterable[Path], problems: list[Problem], *, year: int | None = None
) -> tuple[pd.DataFrame | None, list[Source]]:
    """Read population-weighted centroids: columns lsoa_code, easting, northing (metres)."""
    tables, sources = [], []
    for path in paths:
        found = find_parts([path], "centroids", problems, year=year)
        points = [known for known, _, _ in found if known.kind == "centroids" and _is_layer(known)]
        for known in points:
            try:
                heading = known.match.heading("lsoa_code")
                layer = read_layer(known.part, [heading], problems)
            except UnreadableError as unreadable:
                problems += unreadable.problems
                continue
            tables.append(
                pd.DataFrame(
                    {
                        "lsoa_code": clean_codes(layer[heading]),
                        "easting": layer.geometry.x,
                        "northing": layer.geometry.y,
                    }
                )
            )
            sources.append(
                source_of("centroids", [known.part], rows=len(layer), publisher=known.publisher)
            )
        for part in (
            load_parts([path], "centroids", problems, year=year) if found and not points else ()
        ):
            table = _coded(part, problems)
            for name in ("easting", "northing"):
                numbers = _numbers(part, name, problems, whole=False)
                table[name] = numbers.astype("float64")
            problems += _off_grid(part, table)
            tables.append(table.dropna())
            sources.append(_source("centroids", part, table))
    return _together(tables), sources


def read_deprivation(
    paths: Iterable[Path], problems: list[Problem], *, year: int | None = None
) -> tuple[pd.DataFrame | None, list[Source]]:
    """Read deprivation deciles: columns lsoa_code, imd_decile (1 is the most deprived tenth)."""
    tables, sources = [], []
    for part in load_parts(paths, "deprivation", problems, year=year):
        table = _coded(part, problems)
        table["imd_decile"] = _numbers(part, "imd_decile", problems)
        wrong = table.index[table["imd_decile"].notna() & ~table["imd_decile"].between(1, 10)]
        field, fix = part.match.heading("imd_decile"), "Deciles run from 1 (most deprived) to 10."
        problems += listed(
            [
                fault(part.part.name, "The decile is not 1 to 10.", fix, row=row, field=field)
                for row in wrong
            ]
        )
        problems += _ranks(part, table)
        tables.append(table)
        sources.append(_source("deprivation", part, table))
    return _together(tables), sources


def _ranks(part: Loaded, table: pd.DataFrame) -> list[Problem]:
    """Warn where ranks and deciles contradict each other: a column was sorted without the other."""
    if "imd_rank" not in part.frame:
        return []
    ranks = pd.to_numeric(part.frame["imd_rank"].astype(str).str.replace(",", ""), errors="coerce")
    order = ranks.reindex(table.index).dropna().sort_values().index
    deciles = table["imd_decile"].reindex(order).dropna()
    wrong = deciles.index[deciles < deciles.cummax()]
    if not len(wrong):
        return []
    code = str(table.loc[wrong[0], "lsoa_code"])
    said = f"Ranks and deciles contradict each other, at {code} and {len(wrong) - 1:,} more."
    fix = "Take the file from the publisher again: one of the columns may have been sorted alone."
    field = part.match.heading("imd_decile")
    return [Problem("warning", part.part.name, None, code, field, said, fix)]


def wrong_census(
    file: str, codes: pd.Series, lsoas: pd.Series, polygons_year: int | None
) -> list[Problem]:
    """Say when a table's LSOA codes are of another census than the polygons.

    Every polygon's code that the table lacks would count as no residents, no ward, no decile.
    """
    year = lsoa_year("", list(codes))
    lacking = sorted(set(lsoas) - set(codes))
    if not lacking or None in (year, polygons_year) or year == polygons_year:
        return []
    strange = sorted(set(codes) - set(lsoas))
    shown = f"{lacking[0]} of the polygons is not in the table"
    if strange:
        shown += f", {strange[0]} of the table is not in the polygons"
    said = f"The LSOA codes are of the {year} census, the polygons of {polygons_year}: {shown}."
    fix = f"Get the table for {polygons_year} LSOAs, or polygons of {year}."
    return [fault(file, said, fix, code=lacking[0], field="lsoa_code")]


def _is_layer(known: object) -> bool:
    part = getattr(known, "part", None)
    return part is not None and part.form == "layer"


def _coded(part: Loaded, problems: list[Problem]) -> pd.DataFrame:
    """Return the LSOA codes; rows of other areas (totals, footnotes) are left out."""
    codes = clean_codes(part.frame["lsoa_code"])
    known = codes.str.match(LSOA)
    if not known.any():
        said = f"No code in {part.match.heading('lsoa_code')} looks like an LSOA code."
        fix = "Give a table by LSOA (codes such as E01000001)."
        problems.append(fault(part.part.name, said, fix, field="lsoa_code"))
    return pd.DataFrame({"lsoa_code": codes[known]})


def _numbers(part: Loaded, name: str, problems: list[Problem], *, whole: bool = True) -> pd.Series:
    keep = clean_codes(part.frame["lsoa_code"]).str.match(LSOA)
    cells = part.frame.loc[keep, name].rename(part.match.heading(name))
    values, faults = clean_numbers(cells, file=part.part.name, whole=whole)
    problems += faults
    return values


def _single_years(part: Loaded) -> pd.Series:
    """Add up single years of age from 65, as ONS's mid-year tables have them (F65, M65 …)."""
    nothing = pd.Series(pd.NA, index=part.frame.index, dtype="Int64")
    tidy = [tidy_heading(text) for text in part.match.headings]
    ages = [place for place, text in enumerate(tidy) if _AGE_65.match(text)]
    if len(ages) not in (26, 52):  # 65 to 90 and over: all persons, or females and males
        return nothing
    wanted = {f"age_{place}": place for place in ages}
    frame, _ = read_grid(part.part, header=part.match.header, wanted=wanted)
    total = nothing.fillna(0)
    for name in frame.columns:
        total = total + clean_numbers(frame[name], file=part.part.name)[0].reindex(total.index)
    return total


def _off_grid(part: Loaded, table: pd.DataFrame) -> list[Problem]:
    bad = (table["easting"] > 700_000) | (table["northing"] > 1_300_000) | (table["easting"] < 1000)
    fix = "Give eastings and northings in metres (EPSG:27700), not longitude and latitude."
    said = "The point is not on the British National Grid."
    return listed(
        [
            fault(part.part.name, said, fix, row=row, code=code, field="easting")
            for row, code in table.loc[bad, "lsoa_code"].items()
        ]
    )


def _source(role: str, part: Loaded, table: pd.DataFrame) -> Source:
    return source_of(role, [part.part], rows=len(table), publisher=part.publisher)


def _together(tables: list[pd.DataFrame]) -> pd.DataFrame | None:
    return pd.concat(tables, ignore_index=True) if tables else None
