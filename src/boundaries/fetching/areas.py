"""Areas from the Open Geography Portal: districts of the place, LSOAs, wards, lookups, centroids.

Goes in: a `Trip`. Comes out: files of the place's areas, in the census of its registrations.
A place is found in the newest lookup of LSOAs to districts, so it is named as it is called today.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.errors import InputError
from boundaries.fetching.arcgis import (
    Layer,
    Question,
    ask_layer,
    count_features,
    distinct,
    find_layer,
    of_codes,
)
from boundaries.fetching.download import Outcome, Wanted, keep_text
from boundaries.fetching.faults import WireError
from boundaries.fetching.people import census_of
from boundaries.fetching.sources import source
from boundaries.read.boroughs import list_boroughs, match_boroughs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from boundaries.fetching.trip import Trip

__all__ = ["AREAS", "Districts", "find_districts"]

_V: Final = r"(?:_v(?P<version>\d+))?(?:_(?P<year>\d{4}))?"
_LSOAS: Final = {
    year: (rf"(?:lower_?layer_super_output_areas|lsoa)\w*_{year}_\w*bgc(?:_ew)?{_V}",)
    for year in (2011, 2021)
}
_CENTROIDS: Final = {
    2011: (rf"ll?soa_dec_2011_pwc\w*?{_V}", rf"lsoa_popcentroids_ew_2011{_V}"),
    2021: (rf"lsoa_popcentroids_ew_2021{_V}", rf"ll?soa_dec_2021_pwc\w*?{_V}"),
}
_DATED: Final = (
    r"_(?P<month>[a-z]+)_(?P<year>\d{4})_(?:\w+_)?(?:uk|gb|ew)_bgc(?:_v(?P<version>\d+))?"
)
_DISTRICTS: Final = (rf"(?:local_authority_districts|lad){_DATED}",)
_WARDS: Final = (rf"(?:wards|wd){_DATED}",)
_WARD_LOOKUP: Final = (r"lsoa21_wd\d\d_lad(?P<year>\d\d)_ew_lu(?:_v(?P<version>\d+))?",)
_LSOA_LOOKUP: Final = (r"lsoa11_lsoa21_lad(?P<year>\d\d)_ew_lu(?:_v(?P<version>\d+))?",)
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
    layer = find_layer(trip, _WARD_LOOKUP)
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
class _Rows:
    """Rows of a lookup, and the layer that they are from."""

    layer: Layer
    rows: list[dict[str, Any]]


def _ward_rows(trip: Trip) -> _Rows:
    """Return the place's LSOAs of 2021 with ward and district, of the newest lookup."""

    def find() -> _Rows:
        places, layer = find_districts(trip), find_layer(trip, _WARD_LOOKUP)
        fields = _present(
            layer, _NEW, "lsoa21nm", r"wd\d\dcd", r"wd\d\dnm", r"lad\d\dcd", r"lad\d\dnm"
        )
        where = of_codes(layer.field(r"lad\d\dcd"), places.names)
        question = Question(where, fields, layer.field(_NEW))
        return _Rows(layer, _attributes(ask_layer(trip, layer, question, name="lsoas")[0]))

    return trip.once("ward rows", find)


def _link_rows(trip: Trip) -> _Rows:
    """Return the links of the place's LSOAs of 2021 to those of 2011."""

    def find() -> _Rows:
        new = _column(_ward_rows(trip), _NEW)
        layer = find_layer(trip, _LSOA_LOOKUP)
        fields = _present(
            layer, _OLD, "lsoa11nm", _NEW, "lsoa21nm", "chgind", r"lad\d\dcd", r"lad\d\dnm"
        )
        question = Question(of_codes(layer.field(_NEW), new), fields, layer.field(_OLD))
        return _Rows(layer, _attributes(ask_layer(trip, layer, question, name="lsoa-lookup")[0]))

    return trip.once("link rows", find)


def _lsoas(trip: Trip) -> Outcome:
    year, places = census_of(trip), find_districts(trip)
    belongs = _belongings(trip, year)
    layer = find_layer(trip, _LSOAS[year])
    return _shapes(trip, "lsoas", f"lsoas-{year}-{places.label}.geojson", layer,
                   code=rf"lsoa{year % 100}cd", codes=belongs, extra=belongs)  # fmt: skip


def _belongings(trip: Trip, year: int) -> dict[str, dict[str, Any]]:
    """Return district (and ward, where an LSOA has one) by the code of each LSOA of the place."""
    wards = _ward_rows(trip)
    by_new = {
        str(row[_key(row, _NEW)]): {k: v for k, v in row.items() if k[:2].lower() in {"wd", "la"}}
        for row in wards.rows
    }
    if year == 2021:
        return by_new
    links = _link_rows(trip)
    return {
        str(row[links.layer.field(_OLD)]): {
            k: v
            for k, v in by_new[str(row[links.layer.field(_NEW)])].items()
            if k[:3].lower() == "lad"
        }
        for row in links.rows
    }


def _boroughs(trip: Trip) -> Outcome:
    places = find_districts(trip)
    layer = find_layer(trip, _DISTRICTS, like=places.year)
    return _shapes(trip, "boroughs", f"districts-{places.label}.geojson", layer,
                   code=r"lad\d\dcd", codes=places.names)  # fmt: skip


def _wards(trip: Trip) -> Outcome:
    places, rows = find_districts(trip), _ward_rows(trip)
    layer = find_layer(trip, _WARDS, like=places.year)
    wards = {
        str(row[_key(row, r"wd\d\dcd")]): {k: v for k, v in row.items() if k[:3].lower() == "lad"}
        for row in rows.rows
    }
    return _shapes(trip, "wards", f"wards-{places.label}.geojson", layer,
                   code=r"wd\d\dcd", codes=wards, extra=wards)  # fmt: skip


def _ward_lookup(trip: Trip) -> Outcome:
    return _table(trip, "ward-lookup", "lsoa21-to-wards", _ward_rows)


def _lsoa_lookup(trip: Trip) -> Outcome:
    return _table(trip, "lsoa-lookup", "lsoa11-to-lsoa21", _link_rows)


def _centroids(trip: Trip) -> Outcome:
    year, places = census_of(trip), find_districts(trip)
    layer = find_layer(trip, _CENTROIDS[year])
    code = layer.field(rf"lsoa{year % 100}cd")
    codes = _belongings(trip, year)
    wanted = _wanted(layer, "centroids", f"centroids-{year}-{places.label}.csv")
    question = Question(of_codes(code, codes), (code,), code, shapes=True)
    done = _already(trip, wanted, layer, question)
    if done is not None:
        return done
    features, degrees = ask_layer(trip, layer, question, name="centroids")
    if degrees:
        raise WireError("sends centroids in degrees, though metres were asked for")
    rows = [
        {code: str(f["properties"][code]), "x": f["geometry"]["coordinates"][0],
         "y": f["geometry"]["coordinates"][1]}
        for f in features
    ]  # fmt: skip
    _refuse_others([str(row[code]) for row in rows], codes, layer)
    note = "the place's points, as a table in EPSG:27700"
    return keep_text(trip, wanted, _csv(rows), revision=_revision(layer, question), note=note)


def _shapes(
    trip: Trip,
    name: str,
    file: str,
    layer: Layer,
    *,
    code: str,
    codes: Iterable[str],
    extra: dict[str, dict[str, Any]] | None = None,
) -> Outcome:
    field, wanted = layer.field(code), _wanted(layer, name, file)
    fields = (field, *_present(layer, field[:-2] + "nm"))
    question = Question(of_codes(field, codes), fields, field, shapes=True)
    done = _already(trip, wanted, layer, question)
    if done is not None:
        return done
    features, degrees = ask_layer(trip, layer, question, name=name)
    _refuse_others([str(f["properties"][field]) for f in features], codes, layer)
    for feature in features:
        added = (extra or {}).get(str(feature["properties"][field]), {})
        feature["properties"] = {**added, **feature["properties"]}
    whole: dict[str, Any] = {"type": "FeatureCollection", "name": layer.service}
    if not degrees:
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
        whole["crs"] = crs
    whole["features"] = features
    note = "the place's areas"
    if extra:
        note += ", with district (and ward) added by code from the newest lookup"
    text = json.dumps(whole, ensure_ascii=False)
    return keep_text(trip, wanted, text, revision=_revision(layer, question), note=note)


def _table(trip: Trip, name: str, file: str, find: Callable[[Trip], _Rows]) -> Outcome:
    places = find_districts(trip)
    pattern = {"ward-lookup": _WARD_LOOKUP, "lsoa-lookup": _LSOA_LOOKUP}[name]
    layer = find_layer(trip, pattern)
    wanted = _wanted(layer, name, f"{file}-{places.label}.csv")
    question = Question((places.label,), layer.fields, name)
    known = trip.shelf.known(wanted.name)
    if known is not None and known.etag == _revision(layer, question):
        return Outcome(name, "unchanged", known.file, known.bytes, known.address)
    if trip.dry:
        count = count_features(trip, layer, "1=1")
        return Outcome(name, "would fetch", wanted.name, None, f"{layer.address} ({count:,} rows)")
    text = _csv(find(trip).rows)
    note = "the place's rows, as CSV"
    return keep_text(trip, wanted, text, revision=_revision(layer, question), note=note)


def _already(trip: Trip, wanted: Wanted, layer: Layer, question: Question) -> Outcome | None:
    """Say that a file is still the newest, or in a dry run what would come; None: bring it."""
    known, name = trip.shelf.known(wanted.name), wanted.source.name
    if known is not None and known.etag == _revision(layer, question):
        return Outcome(name, "unchanged", known.file, known.bytes, known.address)
    if not trip.dry:
        return None
    count = sum(count_features(trip, layer, where) for where in question.where)
    return Outcome(name, "would fetch", wanted.name, None, f"{layer.address} ({count:,} rows)")


def _revision(layer: Layer, question: Question) -> str:
    """Return what is the same only as long as layer and question are."""
    asked = f"{layer.revision} {question.where} {question.fields}"
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


def _wanted(layer: Layer, name: str, file: str) -> Wanted:
    return Wanted(source(name), file, layer.address, least=40)


def _refuse_others(came: Sequence[str], codes: Iterable[str], layer: Layer) -> None:
    """Refuse pages that overlap, and areas that are missing or were not asked for."""
    wanted = set(codes)
    missing = sorted(wanted - set(came))
    if missing:
        shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        raise WireError(
            f"has no {len(missing):,} of {len(wanted):,} areas in {layer.service}: {shown}"
        )
    if len(came) != len(wanted):
        raise WireError(f"sends areas of {layer.service} twice, or others than were asked for")


def _present(layer: Layer, *patterns: str) -> tuple[str, ...]:
    return tuple(layer.field(pattern) for pattern in patterns if layer.has(pattern))


def _attributes(features: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(feature.get("properties") or {}) for feature in features]


def _key(row: dict[str, Any], pattern: str) -> str:
    return Layer("", "", tuple(row), "").field(pattern)


def _column(found: _Rows, pattern: str) -> list[str]:
    field = found.layer.field(pattern)
    return [str(row[field]) for row in found.rows]


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


AREAS: Final[dict[str, Callable[[Trip], Outcome]]] = {
    "lsoas": _lsoas,
    "boroughs": _boroughs,
    "wards": _wards,
    "ward-lookup": _ward_lookup,
    "lsoa-lookup": _lsoa_lookup,
    "centroids": _centroids,
}
"""How each source of areas is brought."""
