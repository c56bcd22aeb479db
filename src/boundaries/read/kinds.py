"""What kind of table a part holds: told by its columns and codes, never by the file's name.

Goes in: a `Part`. Comes out: `Recognised`: its kind and where its columns are.
Next: `boundaries.read.find` lists files by it, the readers of each family read by it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from boundaries import gdal
from boundaries.codes import LSOA, SPECIAL_LSOAS
from boundaries.read.columns import LSOA_CODE, Match, find_columns, for_census
from boundaries.read.grids import HEAD_ROWS, Head, read_head
from boundaries.read.headless import POSTCODE_SHAPE, find_headless
from boundaries.read.kind_columns import COLUMNS, LABELS, PUBLISHERS
from boundaries.read.parts import Part, UnreadableError, broken_layer, open_layer, unreadable

__all__ = ["Recognised", "at_census", "holds", "nearest_kind", "recognise"]

_TABLES: Final = (
    "registrations", "memberships", "plan of practices", "list sizes", "practices", "PCNs",
    "postcodes", "LSOA lookup", "LSOA pairs", "plan of LSOAs", "deprivation", "residents",
    "centroids", "area lookup",
)  # fmt: skip
_NEAREST: Final = (
    "registrations", "memberships", "practices", "list sizes", "residents", "deprivation",
    "centroids", "LSOA lookup", "postcodes",
)  # fmt: skip
"""What an unknown table may have been meant for, the most needed first."""

_POLYGONS: Final = ("LSOA polygons", "ward polygons", "MSOA polygons", "borough polygons")


@dataclass(frozen=True)
class Recognised:
    """A part, its kind, and where its columns are."""

    part: Part
    kind: str
    match: Match
    head: Head

    @property
    def publisher(self) -> str:
        """Who issues this kind of table; empty when anybody may."""
        return PUBLISHERS.get(self.kind, "")


def recognise(part: Part) -> Recognised:
    """Tell what a part holds, reading only its first rows.

    Raises
    ------
    UnreadableError
        When the part cannot be read, or is empty.
    """
    head = _layer_head(part) if part.form == "layer" else read_head(part)
    if part.form == "layer":
        return _layer_kind(part, head)
    headless = find_headless(head)
    if headless is not None:
        return Recognised(part, *headless, head)
    for kind in _TABLES:
        match = find_columns(head, COLUMNS[kind])
        if not match.missing and holds(kind, match, head):
            return Recognised(part, kind, match, head)
    return Recognised(part, "unknown", _widest(head), head)


def at_census(known: Recognised, year: int | None) -> Recognised:
    """Return a table with the LSOA codes of one census, where it has those of both."""
    if known.match.header is None or "lsoa_code" not in known.match.places:
        return known
    match = find_columns(known.head, for_census(COLUMNS[known.kind], year))
    if match.missing or not holds(known.kind, match, known.head):
        return known
    return replace(known, match=match)


def holds(kind: str, match: Match, head: Head) -> bool:
    """Refuse matches that are too thin to mean anything, and counts that are headed like codes."""
    key = match.places.get("lsoa11", match.places.get("lsoa_code"))
    if key is not None:
        below = head.rows[(match.header or 0) + 1 :]
        codes = [row[key].strip().upper() for row in below if len(row) > key]
        if codes and not any(LSOA.match(code) or code in SPECIAL_LSOAS for code in codes):
            return False
    if kind == "postcodes":  # Code-Point Open comes with a file of headings alone
        codes = [row[match.places["postcode"]].strip().upper() for row in head.rows if len(row) > 2]
        return any(POSTCODE_SHAPE.match(code) for code in codes)
    if kind == "practices":
        return bool({"postcode", "pcn_code", "list_size"} & match.places.keys())
    if kind == "area lookup":
        return bool({"ward_code", "msoa_code", "borough_code"} & match.places.keys())
    return True


def nearest_kind(known: Recognised) -> str:
    """Say to which kind a table that is not known comes nearest, and what it lacks for it."""
    best, most = "", 0.0
    for kind in _NEAREST:
        match = find_columns(known.head, COLUMNS[kind])
        needed = [column for column in COLUMNS[kind] if column.needed]
        share = 1 - len(match.missing) / len(needed)
        if share > most:
            lacks = " and ".join(column.words for column in match.missing)
            why = f"no column for the {lacks}" if lacks else "its codes do not look like it"
            best, most = f"nearest to {LABELS[kind]}, but {why}", share
    cells = [text for text in known.match.headings if text.strip()]
    shown = ", ".join(" ".join(text.split()) for text in cells[:6])
    return f"{best or 'no column of any known table'} (headings: {shown or 'none'})"


def _layer_head(part: Part) -> Head:
    try:
        return read_head(part)
    except UnreadableError as unreadable:
        if "is empty" in unreadable.problems[0].said and _geometry(part):
            return Head(part, ((),))
        raise


def _geometry(part: Part) -> str:
    """Return the kind of a layer's shapes; a layer of polygons and pins is one of polygons."""
    with unreadable(part.name, broken_layer(part)):
        layer = part.sheet or None
        _, geometry = gdal.layer_facts(open_layer(part), layer)
        if geometry != "Unknown":
            return geometry
        frame = gdal.read_frame(open_layer(part), layer, columns=[], max_features=HEAD_ROWS)
    kinds = [str(kind) for kind in frame.geom_type.dropna().unique()]
    return next((kind for kind in kinds if "Polygon" in kind), kinds[0] if kinds else geometry)


def _layer_kind(part: Part, head: Head) -> Recognised:
    geometry = _geometry(part)
    if not geometry:  # a table without geometry in a GeoPackage
        for kind in _TABLES:
            match = find_columns(head, COLUMNS[kind])
            if not match.missing and holds(kind, match, head):
                return Recognised(part, kind, match, head)
        return Recognised(part, "unknown", _widest(head), head)
    if "Point" in geometry or "Line" in geometry:
        kind = "points" if "Point" in geometry else "lines"
        match = find_columns(head, (LSOA_CODE,))
        if kind == "points" and not match.missing:
            kind = "centroids"
        return Recognised(part, kind, match, head)
    for kind in _POLYGONS:
        match = _match_layer(head, kind)
        if not match.missing:
            return Recognised(part, kind, match, head)
    return Recognised(part, "polygons", Match(0, {}, head.rows[0]), head)


def _match_layer(head: Head, kind: str) -> Match:
    """Match a layer's attributes; patches that merely name a ward or borough are not wards."""
    match = find_columns(Head(head.part, head.rows), COLUMNS[kind])
    key = COLUMNS[kind][0]
    if match.missing or match.header != 0:
        return Match(0, {}, head.rows[0] if head.rows else (), (key,))
    place = match.places[key.name]
    codes = [row[place].strip().upper() for row in head.rows[1:]]
    once = len(set(codes)) == len(codes)
    shaped = key.name != "lsoa_code" or any(LSOA.match(code) for code in codes)
    return match if once and shaped else Match(0, {}, head.rows[0], (key,))


def _widest(head: Head) -> Match:
    counts = [sum(bool(cell.strip()) for cell in row) for row in head.rows]
    header = counts.index(max(counts)) if counts else 0
    return Match(header, {}, head.rows[header] if head.rows else ())
