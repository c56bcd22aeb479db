"""The place: its districts and LSOAs, found in the newest lookups, so that it is named as today.

Goes in: names or codes as typed. Comes out: districts, rows of the lookups, and what each LSOA
belongs to. Next: `boundaries.fetching.areas`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.errors import InputError
from boundaries.fetching.arcgis import (
    Layer,
    Question,
    Service,
    ask_layer,
    distinct,
    find_layer,
    of_codes,
)
from boundaries.fetching.faults import WireError
from boundaries.read.boroughs import list_boroughs, match_boroughs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.fetching.trip import Trip

__all__ = [
    "LSOA_LOOKUP",
    "WARD_LOOKUP",
    "Districts",
    "Rows",
    "belongings",
    "find_districts",
    "key_of",
    "link_rows",
    "present",
    "ward_rows",
]

WARD_LOOKUP: Final = Service(
    "lookup of LSOAs (2021) to wards and districts",
    (r"lsoa21_wd\d\d_lad(?P<year>\d\d)_ew_lu(?:_v(?P<version>\d+))?",),
)
LSOA_LOOKUP: Final = Service(
    "lookup of LSOAs of 2011 to those of 2021",
    (r"lsoa11_lsoa21_lad(?P<year>\d\d)_ew_lu(?:_v(?P<version>\d+))?",),
)
_NEW: Final = "lsoa21cd"
_OLD: Final = "(?:f_)?lsoa11cd"


@dataclass(frozen=True)
class Districts:
    """The districts of the place, by code, and two digits of the year of these codes."""

    names: dict[str, str]
    year: str

    @property
    def label(self) -> str:
        """What files of this place are called: its codes, in lower case."""
        codes = sorted(self.names)
        if len(codes) <= 4:
            return "+".join(codes).lower()
        digest = hashlib.sha256(",".join(codes).encode()).hexdigest()[:8]
        return f"{codes[0]}+{len(codes) - 1}-more-{digest}".lower()


def find_districts(trip: Trip) -> Districts:
    """Find the districts that a person names in the newest lookup.

    Raises
    ------
    InputError
        When a name is not known: with the nearest.
    WireError
        When the portal cannot be asked.
    """
    return trip.once("districts", lambda: _districts(trip))


def _districts(trip: Trip) -> Districts:
    layer = find_layer(trip, WARD_LOOKUP)
    code, name = layer.field(r"lad\d\dcd"), layer.field(r"lad\d\dnm")
    rows = distinct(trip, layer, [code, name])
    if not rows:
        raise WireError(f"lists no districts in {layer.service}")
    known = list_boroughs(
        pd.DataFrame(
            {"borough_code": [str(row.get(code) or "") for row in rows],
             "borough_name": [str(row.get(name) or "") for row in rows]}
        )
    )  # fmt: skip
    codes, problems = match_boroughs(_words(trip.place, known), known, file="place")
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InputError(f"The place is not known:\n{lines}", tuple(problems))
    return Districts({one: str(known["borough_name"][one]) for one in codes}, code[3:5])


def _words(place: Iterable[str], known: pd.DataFrame) -> list[str]:
    """Take a text whole where it is a district ("Bristol, City of"), else at its commas."""
    words: list[str] = []
    for text in place:
        _, faults = match_boroughs([text], known)
        words += [text] if not faults else [part for part in text.split(",") if part.strip()]
    return words


@dataclass(frozen=True)
class Rows:
    """Rows of a lookup, and the layer that they are from."""

    layer: Layer
    rows: list[dict[str, Any]]


def ward_rows(trip: Trip) -> Rows:
    """Return the place's LSOAs of 2021 with ward and district, of the newest lookup."""

    def find() -> Rows:
        places, layer = find_districts(trip), find_layer(trip, WARD_LOOKUP)
        fields = present(
            layer, _NEW, "lsoa21nm", r"wd\d\dcd", r"wd\d\dnm", r"lad\d\dcd", r"lad\d\dnm"
        )
        where = of_codes(layer.field(r"lad\d\dcd"), places.names)
        question = Question(where, fields, layer.field(_NEW))
        return Rows(layer, _attributes(ask_layer(trip, layer, question, name="lsoas")[0]))

    return trip.once("ward rows", find)


def link_rows(trip: Trip) -> Rows:
    """Return the links of the place's LSOAs of 2021 to those of 2011."""

    def find() -> Rows:
        new = _column(ward_rows(trip), _NEW)
        layer = find_layer(trip, LSOA_LOOKUP)
        fields = present(
            layer, _OLD, "lsoa11nm", _NEW, "lsoa21nm", "chgind", r"lad\d\dcd", r"lad\d\dnm"
        )
        question = Question(of_codes(layer.field(_NEW), new), fields, layer.field(_OLD))
        return Rows(layer, _attributes(ask_layer(trip, layer, question, name="lsoa-lookup")[0]))

    return trip.once("link rows", find)


def belongings(trip: Trip, year: int) -> dict[str, dict[str, Any]]:
    """Return district (and ward, where an LSOA has one) by the code of each LSOA of the place."""
    wards = ward_rows(trip)
    by_new = {
        str(row[key_of(row, _NEW)]): {k: v for k, v in row.items() if k[:2].lower() in {"wd", "la"}}
        for row in wards.rows
    }
    if year == 2021:
        return by_new
    links = link_rows(trip)
    return {
        str(row[links.layer.field(_OLD)]): {
            k: v
            for k, v in by_new[str(row[links.layer.field(_NEW)])].items()
            if k[:3].lower() == "lad"
        }
        for row in links.rows
    }


def present(layer: Layer, *patterns: str) -> tuple[str, ...]:
    """Return the columns of a layer that fit, those that it has."""
    return tuple(layer.field(pattern) for pattern in patterns if layer.has(pattern))


def _attributes(features: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(feature.get("properties") or {}) for feature in features]


def key_of(row: dict[str, Any], pattern: str) -> str:
    """Return the column of a row that fits."""
    return Layer("", "", tuple(row), "").field(pattern)


def _column(found: Rows, pattern: str) -> list[str]:
    field = found.layer.field(pattern)
    return [str(row[field]) for row in found.rows]
