"""The LSOAs of the place: which they are, their borough and their residents.

Goes in: `Tables` and the study's boroughs. Comes out: one row an LSOA of the place, and every
fault of the layer. Next: `boundaries.checks.scope`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.checks.words import counted, listing, source_file
from boundaries.problems import Problem
from boundaries.read import list_boroughs, match_boroughs

if TYPE_CHECKING:
    from boundaries.read.tables import Tables
    from boundaries.study import Study

__all__ = ["find_lsoas", "grid_faults"]

GRID_M: Final = (0.0, 0.0, 700_000.0, 1_300_000.0)
"""West, south, east and north of the British National Grid, in metres."""

MOST_NAMED: Final = 20
"""More LSOAs than this with one fault have one cause: they are said together."""

LSOA_NAME: Final = re.compile(r"^(.+?)\s+\d{3}[A-Z]{1,2}$")
"""ONS names an LSOA after its local authority: "Camden 001A"."""


def grid_faults(frame: gpd.GeoDataFrame, file: str, what: str) -> list[Problem]:
    """Say what is wrong with a layer's coordinates: no reference system, another one, degrees."""
    if frame.empty:
        return []
    fix = "Save the layer in British National Grid (EPSG:27700) and name it again."
    if frame.crs is None:
        said = f"The {what} layer does not say which coordinate reference system it uses."
        return [Problem("error", file, None, "", "geometry", said, fix)]
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    if not np.isfinite([west, south, east, north]).all():
        said = f"The {what} layer has no shapes in it."
        return [Problem("error", file, None, "", "geometry", said, fix)]
    if frame.crs.to_epsg() != 27700:
        said = f"The {what} layer is in {frame.crs.name}, not in British National Grid."
        return [Problem("error", file, None, "", "geometry", said, fix)]
    inside = GRID_M[0] <= west and GRID_M[1] <= south and east <= GRID_M[2] and north <= GRID_M[3]
    if inside and (east - west > 10 or north - south > 10):
        return []
    said = (
        f"The {what} layer says British National Grid, but its coordinates run from "
        f"{west:.4g}, {south:.4g} to {east:.4g}, {north:.4g}: these are not metres on that grid"
        " (degrees, perhaps)."
    )
    return [Problem("error", file, None, "", "geometry", said, fix)]


def find_lsoas(tables: Tables, study: Study) -> tuple[gpd.GeoDataFrame | None, tuple[Problem, ...]]:
    """Return the LSOAs of the study's boroughs.

    Parameters
    ----------
    tables
        As read.
    study
        Its ``[place]`` names boroughs by name or code.

    Returns
    -------
    tuple
        A frame with the columns of ``tables.lsoas``, borough_code and borough_name filled in,
        residents (float, NaN where unknown) and residents_65_plus (nullable), index
        ``lsoa_code``, sorted, EPSG:27700; or None when the faults leave no such frame. And the
        faults.
    """
    file = source_file(tables, "lsoas")
    problems = grid_faults(tables.lsoas, file, "LSOA")
    if problems:
        return None, tuple(problems)
    named, found = _with_boroughs(tables, file)
    problems += found
    chosen, found = _of_boroughs(named, study)
    problems += found
    if chosen.empty:
        return None, tuple(problems)
    problems += _code_faults(chosen, file)
    chosen = chosen.drop_duplicates("lsoa_code").set_index("lsoa_code").sort_index()
    chosen, found = _with_residents(chosen, tables)
    return chosen, (*problems, *found)


def _with_boroughs(tables: Tables, file: str) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    lsoas = tables.lsoas.copy()
    for column in ("borough_code", "borough_name", "lsoa_name"):
        texts = lsoas[column] if column in lsoas.columns else pd.Series("", index=lsoas.index)
        lsoas[column] = texts.fillna("").astype(str)
    problems: list[Problem] = []
    missing = (lsoas["borough_code"] == "") & (lsoas["borough_name"] == "")
    if missing.any() and tables.boroughs is not None:
        points = gpd.GeoDataFrame(
            geometry=lsoas.loc[missing].geometry.representative_point(), crs=lsoas.crs
        )
        layer = tables.boroughs[["borough_code", "borough_name", "geometry"]]
        joined = points.sjoin(layer, predicate="intersects", how="left")
        joined = joined[~joined.index.duplicated()]
        for column in ("borough_code", "borough_name"):
            lsoas.loc[missing, column] = joined[column].fillna("")
    if tables.boroughs is not None:
        names = tables.boroughs.drop_duplicates("borough_code").set_index("borough_code")
        blank = lsoas["borough_name"] == ""
        known = lsoas.loc[blank, "borough_code"].map(names["borough_name"])
        lsoas.loc[blank, "borough_name"] = known.fillna("")
    problems += _boroughs_by_name(lsoas, file)
    blank = lsoas["borough_name"] == ""
    lsoas.loc[blank, "borough_name"] = lsoas.loc[blank, "borough_code"]
    blank = lsoas["borough_code"] == ""
    lsoas.loc[blank, "borough_code"] = lsoas.loc[blank, "borough_name"]
    return lsoas, problems


def _boroughs_by_name(lsoas: gpd.GeoDataFrame, file: str) -> list[Problem]:
    """Fill boroughs that are still missing from the LSOAs' own names (changes ``lsoas``)."""
    blank = (lsoas["borough_code"] == "") & (lsoas["borough_name"] == "")
    if not blank.any():
        return []
    lsoas.loc[blank, "borough_name"] = (
        lsoas.loc[blank, "lsoa_name"].str.extract(LSOA_NAME, expand=False).fillna("")
    )
    named = blank & (lsoas["borough_name"] != "")
    problems = []
    if named.any():
        said = (
            f"The layer gives no borough for {counted(int(named.sum()), 'LSOA')}:"
            " taken from the LSOAs' names."
        )
        fix = "Name a boroughs layer in [data] to have boroughs by their codes."
        problems.append(Problem("note", file, None, "", "borough_code", said, fix))
    left = blank & ~named
    if left.any():
        codes = listing(lsoas.loc[left, "lsoa_code"].astype(str))
        said = f"The layer gives no borough for {counted(int(left.sum()), 'LSOA')}: {codes}."
        fix = "Add a borough column to the LSOA layer, or name a boroughs layer in [data]."
        problems.append(Problem("warning", file, None, "", "borough_code", said, fix))
    return problems


def _of_boroughs(lsoas: gpd.GeoDataFrame, study: Study) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    codes, problems = match_boroughs(study.place.boroughs, list_boroughs(lsoas))
    return lsoas[lsoas["borough_code"].isin(codes)], problems


def _code_faults(lsoas: gpd.GeoDataFrame, file: str) -> list[Problem]:
    problems = []
    counts = lsoas["lsoa_code"].value_counts()
    for code in sorted(counts.index[counts > 1]):
        said = f"LSOA {code} stands {counts[code]} times in the layer."
        fix = "Dissolve the layer by LSOA code, so that each LSOA is one shape."
        problems.append(Problem("error", file, None, str(code), "lsoa_code", said, fix))
    empty = lsoas.geometry.isna() | lsoas.geometry.is_empty
    for code in sorted(lsoas.loc[empty, "lsoa_code"]):
        said = f"LSOA {code} has no shape."
        fix = "Take the LSOA layer from the publisher again."
        problems.append(Problem("error", file, None, str(code), "geometry", said, fix))
    kinds = lsoas.geometry.geom_type[~empty]
    for code in sorted(
        lsoas.loc[kinds.index[~kinds.isin(["Polygon", "MultiPolygon"])], "lsoa_code"]
    ):
        said = f"LSOA {code} is not a polygon."
        fix = "Use the LSOA boundaries, not their centres."
        problems.append(Problem("error", file, None, str(code), "geometry", said, fix))
    return problems


def _with_residents(
    lsoas: gpd.GeoDataFrame, tables: Tables
) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    lsoas = lsoas.copy()
    problems: list[Problem] = []
    older = pd.Series(pd.NA, index=lsoas.index, dtype="Int64")
    if tables.residents is not None:
        file = source_file(tables, "residents")
        repeated = tables.residents[tables.residents["lsoa_code"].duplicated(keep=False)]
        for code in sorted(set(repeated["lsoa_code"]) & set(lsoas.index)):
            said = f"LSOA {code} stands more than once in the residents file."
            fix = "Keep one row an LSOA (one year, all ages)."
            problems.append(Problem("error", file, None, code, "lsoa_code", said, fix))
        table = tables.residents.drop_duplicates("lsoa_code").set_index("lsoa_code")
        people = table["residents"].reindex(lsoas.index)
        if "residents_65_plus" in table.columns:
            older = table["residents_65_plus"].reindex(lsoas.index)
    else:
        file = source_file(tables, "lsoas")
        people = _column(lsoas, "residents")
        older = _column(lsoas, "residents_65_plus")
    lsoas["residents"] = pd.to_numeric(people, errors="coerce").astype("float64")
    lsoas["residents_65_plus"] = (
        pd.to_numeric(older, errors="coerce").astype("Float64").round().astype("Int64")
    )
    return lsoas, problems + _residents_faults(lsoas, tables, file)


def _column(lsoas: gpd.GeoDataFrame, name: str) -> pd.Series:
    if name in lsoas.columns:
        return lsoas[name]
    return pd.Series(np.nan, index=lsoas.index)


def _residents_faults(lsoas: gpd.GeoDataFrame, tables: Tables, file: str) -> list[Problem]:
    residents = lsoas["residents"]
    missing = residents.isna()
    if missing.all():
        said = "No LSOA of the place has residents."
        fix = (
            "Name a residents file in [data]"
            if tables.residents is None
            else f"The residents file must use the layer's {tables.lsoa_year} LSOA codes"
        )
        return [Problem("error", file, None, "", "residents", said, f"{fix} (one row an LSOA).")]
    problems = []
    if missing.sum() > MOST_NAMED:
        codes = listing(residents.index[missing])
        said = f"No residents for {int(missing.sum()):,} of {len(missing):,} LSOAs: {codes}."
        fix = f"Use residents by {tables.lsoa_year} LSOA codes, all LSOAs of the place."
        problems.append(Problem("error", file, None, "", "residents", said, fix))
        missing &= False
    for code in residents.index[missing]:
        said = f"LSOA {code} ({lsoas.loc[code, 'lsoa_name']}) has no residents in the file."
        fix = f"Use residents by {tables.lsoa_year} LSOA codes, all LSOAs of the place."
        problems.append(Problem("error", file, None, code, "residents", said, fix))
    for code in residents.index[residents < 0]:
        said = f"LSOA {code} has {residents[code]:,.0f} residents."
        fix = "Take the residents file from the publisher again."
        problems.append(Problem("error", file, None, code, "residents", said, fix))
    for code in residents.index[residents == 0]:
        said = f"LSOA {code} ({lsoas.loc[code, 'lsoa_name']}) has 0 residents."
        fix = "Check that this is so; the LSOA is kept."
        problems.append(Problem("warning", file, None, code, "residents", said, fix))
    return problems
