"""LSOA, ward and borough polygons of any vintage (ONS), and lookups of areas by LSOA.

Goes in: polygon layers and lookup tables. Comes out: `Tables.lsoas`, `wards`, `boroughs` and
`lsoa_lookup`. Next: `boundaries.checks`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from boundaries.read.columns import Match, lsoa_year
from boundaries.read.kind_columns import ATTRIBUTION, MHCLG
from boundaries.read.load import Loaded, find_parts, load_parts, source_of, with_named
from boundaries.read.parts import UnreadableError, fault
from boundaries.read.polygons import read_layer
from boundaries.read.tables import Source
from boundaries.read.values import clean_codes, clean_names, clean_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from boundaries.problems import Problem

__all__ = [
    "complete_lsoas",
    "read_area_lookups",
    "read_boroughs",
    "read_lsoas",
    "read_wards",
]

_CODES: Final = ("lsoa_code", "msoa_code", "ward_code", "borough_code")
_TEXTS: Final = (*_CODES, "lsoa_name", "ward_name", "borough_name")
_NUMBERS: Final = ("residents", "residents_65_plus", "imd_decile")
_LSOA_TEXTS: Final = [
    "lsoa_code", "lsoa_name", "msoa_code", "ward_code", "ward_name", "borough_code", "borough_name",
]  # fmt: skip
_LAD_OF_NAME: Final = re.compile(r"^(.+?) \d{3}[A-Z]{1,2}$")


def read_lsoas(
    paths: Iterable[Path], problems: list[Problem], *, residents_column: str | None = None
) -> tuple[gpd.GeoDataFrame | None, int | None, list[Source]]:
    """Read LSOA polygons.

    Parameters
    ----------
    paths
        Layers; those of several boroughs are put together.
    problems
        Grows by every fault.
    residents_column
        Heading of the residents in the layer, where the study names one that the layer has.

    Returns
    -------
    tuple[geopandas.GeoDataFrame | None, int | None, list[Source]]
        The table as in `Tables.lsoas` (EPSG:27700); the census of its codes, 2011 or 2021, None
        when it cannot be told; the files read.
    """
    tables, sources = [], []
    years: dict[int, str] = {}
    for name, match, frame, source in _layers(paths, "lsoas", problems, residents_column):
        tables.append(frame)
        sources.append(source)
        year = lsoa_year(match.heading("lsoa_code"), list(frame["lsoa_code"]))
        if year is not None:
            years[year] = name
    if not tables:
        return None, None, []
    if len(years) > 1:
        said = f"{years[2011]} has LSOAs of 2011, {years[2021]} those of 2021."
        fix = "Give polygons of one census only."
        problems.append(fault(years[2021], said, fix, field="lsoas"))
    whole = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    for column in _LSOA_TEXTS:
        if column not in whole:
            whole[column] = pd.Series("", index=whole.index, dtype="str")
        whole[column] = whole[column].fillna("")
    order = [*_LSOA_TEXTS, *(c for c in whole.columns if c not in {*_LSOA_TEXTS, "geometry"})]
    return whole[[*order, "geometry"]], next(iter(sorted(years)), None), sources


def read_wards(
    paths: Iterable[Path], problems: list[Problem], *, year: int | None = None
) -> tuple[pd.DataFrame | None, list[Source]]:
    """Read wards: polygons, or a lookup of LSOAs; columns as in `Tables.wards`."""
    layers, tables, sources = [], [], []
    for path in paths:
        found = find_parts([path], "wards", problems, year=year)
        if found and found[0][1] == "ward polygons":
            for _, _, frame, source in _layers([path], "wards", problems, None):
                layers.append(frame)
                sources.append(source)
        elif found:
            for part in load_parts([path], "wards", problems, year=year):
                tables.append(_lookup(part))
                sources.append(_source("wards", part, tables[-1]))
    if layers and tables:
        said = "Wards are given both as polygons and as a lookup."
        problems.append(fault(sources[-1].file, said, "Give one or the other.", field="wards"))
    if layers:
        return pd.concat(layers, ignore_index=True), sources
    if not tables:
        return None, sources
    wards = pd.concat(tables, ignore_index=True)
    if "ward_code" not in wards:
        said = "The lookup has no column for the ward code (WD22CD or the like)."
        problems.append(fault(sources[-1].file, said, "Give a lookup of LSOAs to wards."))
        return None, sources
    return wards, sources


def read_boroughs(
    paths: Iterable[Path], problems: list[Problem]
) -> tuple[gpd.GeoDataFrame | None, list[Source]]:
    """Read borough polygons: columns borough_code, borough_name, geometry in EPSG:27700."""
    found = list(_layers(paths, "boroughs", problems, None))
    if not found:
        return None, []
    whole = pd.concat([frame for _, _, frame, _ in found], ignore_index=True)
    if "borough_name" not in whole:
        whole["borough_name"] = ""
    return whole[["borough_code", "borough_name", "geometry"]], [s for *_, s in found]


def read_area_lookups(
    paths: Iterable[Path], problems: list[Problem], *, year: int | None = None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None, list[Source]]:
    """Read lookups by LSOA; ``year`` is the census of the polygons that areas are looked up for.

    Returns
    -------
    tuple[pandas.DataFrame | None, pandas.DataFrame | None, list[Source]]
        The 2011 to 2021 lookup (columns lsoa11, lsoa21, change); areas by LSOA (columns lsoa_code
        and those of msoa_code, ward_code, ward_name, borough_code, borough_name that the files
        have); the files read.
    """
    links, areas, sources = [], [], []
    for part in load_parts(paths, "lsoa_lookup", problems, year=year):
        if part.kind == "LSOA lookup":
            links.append(_link(part, problems))
            sources.append(_source("lsoa_lookup", part, links[-1]))
            own = "lsoa11" if year == 2011 else "lsoa21"
            named = part.frame.rename(columns={own: "lsoa_code"})
            if "borough_code" in named or "borough_name" in named:
                areas.append(_lookup(Loaded(part.part, part.kind, part.match, named)))
        else:
            areas.append(_lookup(part))
            sources.append(_source("lsoa_lookup", part, areas[-1]))
    link = pd.concat(links, ignore_index=True) if links else None
    area = pd.concat(areas, ignore_index=True) if areas else None
    return link, area, sources


def complete_lsoas(
    lsoas: gpd.GeoDataFrame,
    lookups: Iterable[pd.DataFrame | None],
    boroughs: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Fill the area columns that the polygons lack, from what else the study gives.

    ONS issues LSOA polygons without their borough. It is taken from a lookup by LSOA, else from
    the borough polygon that an LSOA's inside point lies in, else the name is taken from the
    LSOA's own name ("Brent 027A"). What the polygons say themselves is never changed.
    """
    whole = lsoas.copy()
    for lookup in lookups:
        if lookup is not None:
            whole = _filled(whole, lookup.drop_duplicates("lsoa_code").set_index("lsoa_code"))
    lacking = whole["borough_code"] == ""
    if lacking.any() and boroughs is not None:
        points = gpd.GeoDataFrame(geometry=whole.loc[lacking].representative_point(), crs=whole.crs)
        within = points.sjoin(boroughs, predicate="within")
        within = within[~within.index.duplicated()]
        for column in ("borough_code", "borough_name"):
            whole.loc[within.index, column] = within[column]
    nameless = whole["borough_name"] == ""
    names = whole.loc[nameless, "lsoa_name"].str.extract(_LAD_OF_NAME.pattern, expand=False)
    whole.loc[nameless, "borough_name"] = names.fillna("")
    return whole


def _filled(lsoas: gpd.GeoDataFrame, lookup: pd.DataFrame) -> gpd.GeoDataFrame:
    for pair in (("msoa_code",), ("ward_code", "ward_name"), ("borough_code", "borough_name")):
        given = [column for column in pair if column in lookup]
        if not given or (lsoas[pair[0]] != "").any():
            if pair[-1] in lookup and pair[0] in lookup and (lsoas[pair[-1]] == "").all():
                names = lookup.drop_duplicates(pair[0]).set_index(pair[0])[pair[-1]]
                lsoas[pair[-1]] = lsoas[pair[0]].map(names).fillna("").astype("str")
            continue
        for column in given:
            lsoas[column] = lsoas["lsoa_code"].map(lookup[column]).fillna("").astype("str")
    return lsoas


def _layers(
    paths: Iterable[Path], role: str, problems: list[Problem], residents_column: str | None
) -> list[tuple[str, Match, gpd.GeoDataFrame, Source]]:
    read = []
    for known, kind, match in find_parts(paths, role, problems):
        if not kind.endswith("polygons"):
            continue
        chosen = match
        if residents_column:
            chosen = with_named(known, match, {"residents": residents_column}, problems)
        headings = {match.headings[place]: name for name, place in chosen.places.items()}
        try:
            frame = read_layer(known.part, sorted(headings), problems)
        except UnreadableError as unreadable:
            problems += unreadable.problems
            continue
        tidy = _tidy_layer(known.part.name, frame.rename(columns=headings), chosen, problems)
        source = source_of(role, [known.part], rows=len(tidy), publisher=known.publisher)
        if "imd_decile" in tidy:
            words = f"{source.attribution} {ATTRIBUTION[MHCLG]}"
            source = Source(**{**source.__dict__, "attribution": words})
        read.append((known.part.name, chosen, tidy, source))
    return read


def _tidy_layer(
    file: str, frame: gpd.GeoDataFrame, match: Match, problems: list[Problem]
) -> gpd.GeoDataFrame:
    tidy = frame.copy()
    for column in _TEXTS:
        if column in tidy:
            clean = clean_codes if column in _CODES else clean_names
            tidy[column] = clean(tidy[column])
    for column in _NUMBERS:
        if column in tidy:
            cells = tidy[column].rename(match.heading(column))
            tidy[column], faults = clean_numbers(cells, file=file, required=False)
            problems += faults
    for column in ("centre_e", "centre_n"):
        if column in tidy:
            tidy[column] = pd.to_numeric(tidy[column], errors="coerce").astype("float64")
    return tidy.reset_index(drop=True)


def _lookup(part: Loaded) -> pd.DataFrame:
    columns = [c for c in _TEXTS if c in part.frame and c != "lsoa_name"]
    tidy = {c: (clean_codes if c in _CODES else clean_names)(part.frame[c]) for c in columns}
    return pd.DataFrame(tidy).reset_index(drop=True)


def _link(part: Loaded, problems: list[Problem]) -> pd.DataFrame:
    frame = pd.DataFrame({name: clean_codes(part.frame[name]) for name in ("lsoa11", "lsoa21")})
    frame["change"] = clean_codes(part.frame["change"]) if "change" in part.frame else ""
    new = lsoa_year("", list(frame["lsoa11"]))
    if new == 2021 and lsoa_year("", list(frame["lsoa21"])) != 2021:
        said = "The two columns of LSOA codes are the wrong way round."
        fix = "Check the headings: codes above E01033768 belong to 2021."
        problems.append(fault(part.part.name, said, fix, field="lsoa11"))
    if (frame["change"] == "").all():
        frame["change"] = _change(frame)
    return frame.reset_index(drop=True)


def _change(frame: pd.DataFrame) -> pd.Series:
    """Tell unchanged, split, merged and mixed links by how often each code stands."""
    old = frame.groupby("lsoa11")["lsoa21"].transform("size") > 1
    new = frame.groupby("lsoa21")["lsoa11"].transform("size") > 1
    change = pd.Series("U", index=frame.index, dtype="str")
    change = change.mask(old, "S").mask(new, "M")
    return change.mask(old & new, "X")


def _source(role: str, part: Loaded, table: pd.DataFrame) -> Source:
    return source_of(role, [part.part], rows=len(table), publisher=part.publisher)
