"""Team patches and neighbourhood footprints: polygons with a name, or a lookup by area code.

Goes in: a `Layer` of the study. Comes out: `LayerTable`, polygons in EPSG:27700 with one row a
name, or area codes with names. Next: `boundaries.checks`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.codes import AREA_CODE, LSOA, looks_like, nearest_name
from boundaries.problems import Problem
from boundaries.read.columns import EASTING, NORTHING, Column, Match, find_columns, tidy_heading
from boundaries.read.containers import list_parts
from boundaries.read.grids import read_grid
from boundaries.read.kind_columns import RESIDENTS
from boundaries.read.kinds import Recognised, recognise
from boundaries.read.labels import is_no_name, look_odd, one_spelling
from boundaries.read.load import source_of
from boundaries.read.parts import Part, UnreadableError, fault
from boundaries.read.polygons import read_layer
from boundaries.read.tables import LayerTable
from boundaries.read.values import clean_codes, clean_names, clean_numbers, listed

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from boundaries.read.tables import Source

__all__ = ["read_layer_table"]

_OBVIOUS: Final = (
    "name", "team", "team_name", "neighbourhood", "neighbourhood_name", "patch", "patch_name",
    "locality", "locality_name", "footprint", "footprint_name", "area", "area_name", "int", "label",
)  # fmt: skip
_NOT_NAMES: Final = re.compile(
    r"^(fid|ogc_fid|id|objectid|object_id|globalid|uuid|gid|shape_\w+|st_\w+|area_(ha|km2|m2)|"
    r"perimeter|length|easting|northing|long|lat|x|y|bng_[en])$"
)


def read_layer_table(
    role: str, path: Path, problems: list[Problem], *, name: str | None = None,
    points: Path | None = None,
) -> tuple[LayerTable | None, list[Source]]:  # fmt: skip
    """Read one layer of teams or footprints.

    Parameters
    ----------
    role
        Key of the layer in the study, e.g. ``teams.nursing``.
    path
        Polygons of any kind, or a table with a column of LSOA, ward or MSOA codes.
    problems
        Grows by every fault.
    name
        Heading of the names, where the study gives it.
    points
        Where people live: points, or a table, with the residents of each.

    Returns
    -------
    tuple[LayerTable | None, list[Source]]
        The layer, None when it could not be read; the files read.
    """
    try:
        known = _one_part(role, path)
        if _is_drawn(known):
            patches, rows = _polygons(role, known, name, problems)
            layer = LayerTable(polygons=patches)
        else:
            lookup, rows = _lookup(role, known, name, problems)
            layer = LayerTable(lookup=lookup)
    except UnreadableError as unreadable:
        problems += unreadable.problems
        return None, []
    sources = [source_of(role, [known.part], rows=rows, publisher="")]
    if points is not None:
        weights, more = _points(f"{role}.points", points, problems)
        layer = replace(layer, points=weights)
        sources += more
    return layer, sources


def _one_part(role: str, path: Path) -> Recognised:
    parts = [recognise(part) for part in list_parts(path)]
    usable = [known for known in parts if known.kind not in {"lines", "points"}]
    if not usable:
        said = "The layer has points or lines, no polygons, and no area codes."
        fix = "Give polygons, or a table of LSOA, ward or MSOA codes with names."
        raise UnreadableError(fault(path.name, said, fix, field=role))
    if len(usable) > 1:  # a table without shapes and without codes is no layer of teams
        drawn = [known for known in usable if _is_drawn(known) or _code_places(known)]
        usable = drawn or usable
    if len(usable) > 1:
        shapes = [known for known in usable if known.kind.lower().endswith("polygons")]
        coded = [known for known in usable if _code_places(known)]
        coded = shapes if len(shapes) == 1 else coded  # beside it lie styles, as QGIS saves them
        if len(coded) != 1:
            names = ", ".join(known.part.name for known in usable)
            said = f"The file holds several layers: {names}."
            fix = "Save the one that is meant as a file of its own."
            raise UnreadableError(fault(path.name, said, fix, field=role))
        usable = coded
    return usable[0]


def _is_drawn(known: Recognised) -> bool:
    return known.part.form == "layer" and known.kind.lower().endswith("polygons")


def _polygons(
    role: str, known: Recognised, name: str | None, problems: list[Problem]
) -> tuple[gpd.GeoDataFrame, int]:
    heading = _name_heading(role, known, name, skip=set())
    frame = read_layer(known.part, [heading], problems)
    file = known.part.name
    names, found = one_spelling(clean_names(frame[heading]), file=file, field=heading)
    problems += found
    none = _no_names(names, file, heading, "patch", problems)
    frame, names = frame[~none], names[~none]
    problems += listed(
        [
            fault(
                file,
                "The patch has no name.",
                "Name it, or delete it.",
                row=row,
                field=heading,
            )
            for row in names.index[names == ""]
        ]
    )
    problems += look_odd(names[names != ""], None, file=file, field=heading)
    named = frame[["geometry"]].assign(name=names)[names != ""]
    whole: gpd.GeoDataFrame = named.dissolve(by="name", sort=True)
    whole.index.name = "name"
    return whole, len(frame)


def _lookup(
    role: str, known: Recognised, name: str | None, problems: list[Problem]
) -> tuple[pd.DataFrame, int]:
    places = _code_places(known)
    file = known.part.name
    if not places:
        said = "The table has no column of LSOA, ward or MSOA codes."
        fix = "Add a column of codes (E01…, E05… or E02…) beside the names, or give polygons."
        raise UnreadableError(fault(file, said, fix, field=role))
    code = places[0]
    heading = _name_heading(role, known, name, skip=set(places))
    wanted = {"area_code": code, "name": known.match.headings.index(heading)}
    frame, warnings = read_grid(known.part, header=known.match.header, wanted=wanted)
    problems += warnings
    table = pd.DataFrame(
        {"area_code": clean_codes(frame["area_code"]), "name": clean_names(frame["name"])}
    )
    table["name"], found = one_spelling(table["name"], file=file, field=heading)
    problems += found
    table = table[~_no_names(table["name"], file, heading, "area", problems)]
    field = known.match.headings[code]
    fix = "Write the code as ONS does, such as E01000001, and a name beside it."
    faults = [
        fault(file, f"{text!r} is not an area code.", fix, row=row, code=text, field=field)
        for row, text in table["area_code"].items()
        if not AREA_CODE.match(text)
    ]
    faults += [
        fault(file, "The area has no name.", fix, row=row, code=str(text), field=heading)
        for row, text in table.loc[table["name"] == "", "area_code"].items()
    ]
    faults += _contradictions(file, table)
    problems += listed(faults)
    good = table["area_code"].str.match(AREA_CODE) & (table["name"] != "")
    alone = None if role.startswith("communities") else table.loc[good, "area_code"]
    problems += look_odd(table.loc[good, "name"], alone, file=file, field=heading)
    return table[good].drop_duplicates().reset_index(drop=True), len(table)


def _no_names(
    names: pd.Series[str], file: str, field: str, what: str, problems: list[Problem]
) -> pd.Series[bool]:
    """Say which rows have a word for there being no team, with a warning for each such word."""
    none = names.map(is_no_name).astype(bool) & (names != "")
    for word, count in names[none].value_counts(sort=False).items():
        many = f"{count} {what}{'' if count == 1 else 's'}"
        said = f"{word!r} is taken for no name: {many} will have no team or footprint."
        fix = "If it is a name, write it in other words."
        problems.append(Problem("warning", file, None, "", field, said, fix))
    return none


def _contradictions(file: str, table: pd.DataFrame) -> list[Problem]:
    """Name the areas that stand under two names."""
    pairs = table.drop_duplicates()
    twice = pairs[pairs["area_code"].duplicated(keep=False) & (pairs["area_code"] != "")]
    problems = []
    for code, rows in twice.groupby("area_code"):
        names = ", ".join(rows["name"])
        fix = "An area belongs to one team: keep one row of it, or give polygons."
        said = f"The area stands under several names: {names}."
        problems.append(fault(file, said, fix, row=rows.index[-1], code=str(code)))
    return problems


def _code_places(known: Recognised) -> list[int]:
    """Return the places of columns that hold area codes; LSOAs before MSOAs and wards."""
    head, match = known.head, known.match
    start = 0 if match.header is None else match.header + 1
    found = []
    for place in range(len(match.headings)):
        cells = [row[place].upper() for row in head.rows[start:] if place < len(row)]
        cells = [cell for cell in cells if cell.strip()]
        if looks_like(AREA_CODE, cells, share=0.5):
            found.append((not looks_like(LSOA, cells, share=0.5), place))
    return [place for _, place in sorted(found)]


def _name_heading(role: str, known: Recognised, name: str | None, *, skip: set[int]) -> str:
    """Return the heading of the names: the study's, an obvious one, or the only text column."""
    headings = known.match.headings
    file = known.part.name
    tidy = {tidy_heading(text): place for place, text in reversed(list(enumerate(headings)))}
    shown = ", ".join(text for text in headings if text.strip()) or "none"
    key = f"{role}.name"
    if name is not None:
        if tidy_heading(name) in tidy:
            return headings[tidy[tidy_heading(name)]]
        near = nearest_name(tidy_heading(name), tidy)
        fix = f"Did you mean {headings[tidy[near]]!r}?" if near else f"Columns found: {shown}."
        raise UnreadableError(fault(file, f"There is no column {name!r}.", fix, field=key))
    for text in _OBVIOUS:
        if text in tidy and tidy[text] not in skip:
            return headings[tidy[text]]
    candidates = [place for place in range(len(headings)) if _may_name(known, place, skip)]
    if len(candidates) == 1:
        return headings[candidates[0]]
    said = "The layer has no column of names." if not candidates else (
        "Several columns could hold the names: " + ", ".join(headings[p] for p in candidates) + "."
    )  # fmt: skip
    fix = f'Say which one: name = "…" under [{role}]. Columns found: {shown}.'
    raise UnreadableError(fault(file, said, fix, field=key))


def _may_name(known: Recognised, place: int, skip: set[int]) -> bool:
    heading = known.match.headings[place]
    if place in skip or not heading.strip() or _NOT_NAMES.match(tidy_heading(heading)):
        return False
    start = 0 if known.match.header is None else known.match.header + 1
    cells = [row[place].strip() for row in known.head.rows[start:] if place < len(row)]
    return any(re.search(r"[A-Za-z]", cell) and not AREA_CODE.match(cell) for cell in cells)


def _points(
    role: str, path: Path, problems: list[Problem]
) -> tuple[pd.DataFrame | None, list[Source]]:
    """Read where people live: columns easting, northing, residents."""
    columns: tuple[Column, ...] = (EASTING, NORTHING, RESIDENTS)
    try:
        part = list_parts(path)[0]
        known = recognise(part)
        layer = part.form == "layer" and known.kind in {"points", "centroids"}
        match = find_columns(known.head, columns[2:] if layer else columns)
        _refuse_missing(role, part, match)
        if layer:
            frame = read_layer(part, [match.heading("residents")], problems)
            table = pd.DataFrame({"easting": frame.geometry.x, "northing": frame.geometry.y})
            cells = frame[match.heading("residents")]
        else:
            table, cells = _point_table(part, match.places, match.header, problems)
    except UnreadableError as unreadable:
        problems += unreadable.problems
        return None, []
    residents, faults = clean_numbers(cells.rename(match.heading("residents")), file=part.name)
    problems += faults
    table["residents"] = residents
    if (table["easting"] < 1000).any():
        fix = "Give eastings and northings in metres (EPSG:27700), not longitude and latitude."
        problems.append(fault(part.name, "Points do not lie on the British National Grid.", fix))
    table = table.dropna().astype({"residents": "int64"}).reset_index(drop=True)
    return table, [source_of(role, [part], rows=len(table), publisher="")]


def _refuse_missing(role: str, part: Part, match: Match) -> None:
    if match.missing:
        words = " and the ".join(column.words for column in match.missing)
        said = f"There is no column for the {words}."
        fix = "Give points with the residents of each (columns easting, northing, residents)."
        raise UnreadableError(fault(part.name, said, fix, field=role))


def _point_table(
    part: Part, places: dict[str, int], header: int | None, problems: list[Problem]
) -> tuple[pd.DataFrame, pd.Series]:
    frame, _ = read_grid(part, header=header, wanted=places)
    table = pd.DataFrame(index=frame.index)
    for name in ("easting", "northing"):
        values, faults = clean_numbers(frame[name], file=part.name, whole=False)
        problems += faults
        table[name] = values.astype("float64")
    return table, frame["residents"]
