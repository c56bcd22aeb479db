"""Areas from the Open Geography Portal: LSOAs, districts, wards, lookups, centroids of the place.

Goes in: a `Trip`. Comes out: files of the place's areas, in the census of its registrations.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from boundaries.fetching.arcgis import (
    Layer,
    Question,
    Service,
    ask_layer,
    count_features,
    find_layer,
    of_codes,
)
from boundaries.fetching.districts import (
    LSOA_LOOKUP,
    WARD_LOOKUP,
    Rows,
    belongings,
    find_districts,
    key_of,
    link_rows,
    present,
    ward_rows,
)
from boundaries.fetching.download import Outcome, keep_text
from boundaries.fetching.faults import WireError
from boundaries.fetching.fitness import Wanted
from boundaries.fetching.links import census_of
from boundaries.fetching.sources import source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from boundaries.fetching.trip import Trip

__all__ = ["AREAS"]

_V: Final = r"(?:_v(?P<version>\d+))?(?:_(?P<year>\d{4}))?"
_LSOAS: Final = {
    year: Service(
        f"LSOA boundaries of {year} (BGC)",
        (rf"(?:lower_?layer_super_output_areas|lsoa)\w*_{year}_\w*bgc(?:_ew)?{_V}",),
    )
    for year in (2011, 2021)
}
_CENTROIDS: Final = {
    2011: Service(
        "centroids of LSOAs of 2011",
        (rf"ll?soa_dec_2011_pwc\w*?{_V}", rf"lsoa_popcentroids_ew_2011{_V}"),
    ),
    2021: Service(
        "centroids of LSOAs of 2021",
        (rf"lsoa_popcentroids_ew_2021{_V}", rf"ll?soa_dec_2021_pwc\w*?{_V}"),
    ),
}
_DATED: Final = (
    r"_(?P<month>[a-z]+)_(?P<year>\d{4})_(?:\w+_)?(?:uk|gb|ew)_bgc(?:_v(?P<version>\d+))?"
)
_DISTRICTS: Final = Service(
    "district boundaries (BGC)", (rf"(?:local_authority_districts|lad){_DATED}",)
)
_WARDS: Final = Service("ward boundaries (BGC)", (rf"(?:wards|wd){_DATED}",))


def _lsoas(trip: Trip) -> Outcome:
    year, places = census_of(trip), find_districts(trip)
    belongs = belongings(trip, year)
    layer = find_layer(trip, _LSOAS[year])
    want = _Shapes(
        "lsoas", f"lsoas-{year}-{places.label}.geojson", rf"lsoa{year % 100}cd", belongs, belongs
    )
    return _shapes(trip, layer, want)


def _boroughs(trip: Trip) -> Outcome:
    places = find_districts(trip)
    layer = find_layer(trip, _DISTRICTS, like=places.year)
    want = _Shapes("boroughs", f"districts-{places.label}.geojson", r"lad\d\dcd", places.names)
    return _shapes(trip, layer, want)


def _wards(trip: Trip) -> Outcome:
    places, rows = find_districts(trip), ward_rows(trip)
    layer = find_layer(trip, _WARDS, like=places.year)
    wards = {
        str(row[key_of(row, r"wd\d\dcd")]): {k: v for k, v in row.items() if k[:3].lower() == "lad"}
        for row in rows.rows
    }
    want = _Shapes("wards", f"wards-{places.label}.geojson", r"wd\d\dcd", wards, wards)
    return _shapes(trip, layer, want)


def _ward_lookup(trip: Trip) -> Outcome:
    return _table(trip, "ward-lookup", "lsoa21-to-wards", ward_rows)


def _lsoa_lookup(trip: Trip) -> Outcome:
    return _table(trip, "lsoa-lookup", "lsoa11-to-lsoa21", link_rows)


def _centroids(trip: Trip) -> Outcome:
    year, places = census_of(trip), find_districts(trip)
    layer = find_layer(trip, _CENTROIDS[year])
    code = layer.field(rf"lsoa{year % 100}cd")
    codes = belongings(trip, year)
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


@dataclass(frozen=True)
class _Shapes:
    """Which polygons are wanted: source, file, code column, codes, and what is added by code."""

    name: str
    file: str
    code: str
    codes: Iterable[str]
    extra: dict[str, dict[str, Any]] = field(default_factory=dict)


def _shapes(trip: Trip, layer: Layer, want: _Shapes) -> Outcome:
    key, wanted = layer.field(want.code), _wanted(layer, want.name, want.file)
    fields = (key, *present(layer, key[:-2] + "nm"))
    question = Question(of_codes(key, want.codes), fields, key, shapes=True)
    done = _already(trip, wanted, layer, question)
    if done is not None:
        return done
    features, degrees = ask_layer(trip, layer, question, name=want.name)
    _refuse_others([str(f["properties"][key]) for f in features], want.codes, layer)
    for feature in features:
        added = want.extra.get(str(feature["properties"][key]), {})
        feature["properties"] = {**added, **feature["properties"]}
    whole: dict[str, Any] = {"type": "FeatureCollection", "name": layer.service}
    if not degrees:
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
        whole["crs"] = crs
    whole["features"] = features
    note = "the place's areas"
    if want.extra:
        note += ", with district (and ward) added by code from the newest lookup"
    text = json.dumps(whole, ensure_ascii=False)
    return keep_text(trip, wanted, text, revision=_revision(layer, question), note=note)


def _table(trip: Trip, name: str, file: str, find: Callable[[Trip], Rows]) -> Outcome:
    places = find_districts(trip)
    layer = find_layer(trip, {"ward-lookup": WARD_LOOKUP, "lsoa-lookup": LSOA_LOOKUP}[name])
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
