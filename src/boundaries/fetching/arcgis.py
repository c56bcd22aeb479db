"""The Open Geography Portal: services of every vintage, layers with fields of any name, pages.

Goes in: what is wanted (a pattern of service names, a condition). Comes out: features, counted
against what the layer says it has. Nothing here names a vintage: the newest service that fits is
taken, and its fields are read from the layer. Next: `boundaries.fetching.areas`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from boundaries.fetching.faults import WireError
from boundaries.fetching.sources import ARCGIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boundaries.fetching.trip import Trip
    from boundaries.fetching.wire import Wire

__all__ = [
    "BATCH",
    "Layer",
    "Question",
    "Service",
    "ask_layer",
    "count_features",
    "distinct",
    "find_layer",
    "of_codes",
]

BATCH: Final = 150
"""Most codes in one question: more, and the portal answers with an error."""

_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_PAGES: Final = 500  # no layer has so many; a service that never ends is left


@dataclass(frozen=True)
class Layer:
    """One layer of a service, and what tells whether it has changed."""

    service: str
    address: str
    fields: tuple[str, ...]
    revision: str

    def field(self, pattern: str) -> str:
        """Return the field whose whole name fits, in any capitals.

        Raises
        ------
        WireError
            When the layer has no such field.
        """
        for name in self.fields:
            if re.fullmatch(pattern, name, re.IGNORECASE):
                return name
        shown = ", ".join(self.fields[:12])
        raise WireError(f"has no column like {pattern} in {self.service} (it has {shown})")

    def has(self, pattern: str) -> bool:
        """Say whether a field fits."""
        return any(re.fullmatch(pattern, name, re.IGNORECASE) for name in self.fields)


@dataclass(frozen=True)
class Question:
    """What is asked of a layer.

    Parameters
    ----------
    where
        Conditions, one for each batch.
    fields
        Columns wanted.
    order
        Column that pages are ordered by.
    shapes
        Whether geometry is wanted (EPSG:27700).
    """

    where: tuple[str, ...]
    fields: tuple[str, ...]
    order: str
    shapes: bool = False


@dataclass(frozen=True)
class Service:
    """A kind of service: what people call it, and patterns of its names.

    Parameters
    ----------
    what
        For people.
    patterns
        The first that fits any service is used; groups ``year``, ``month`` and ``version`` say
        which of them is the newest.
    """

    what: str
    patterns: tuple[str, ...]


def find_layer(trip: Trip, wanted: Service, *, like: str = "") -> Layer:
    """Return the layer of the newest service that fits.

    Parameters
    ----------
    wanted
        The kind of service.
    like
        Two digits of a year that goes best with what is known already; others are taken without it.

    Raises
    ------
    WireError
        When no service fits, or the list cannot be had.
    """
    services = trip.once("services", lambda: _services(trip.wire))
    for pattern in wanted.patterns:
        fitting = [
            match for name in services if (match := re.fullmatch(pattern, name, re.IGNORECASE))
        ]
        if fitting:
            name = max(fitting, key=lambda match: _age(match, like)).string
            return trip.once(f"layer {name}", partial(_layer, trip.wire, name))
    raise WireError(f"lists no {wanted.what} under a name that is known here")


def of_codes(field: str, codes: Iterable[str]) -> tuple[str, ...]:
    """Return conditions for a list of codes, at most `BATCH` in each."""
    every = sorted(set(codes))
    batches = [every[start : start + BATCH] for start in range(0, len(every), BATCH)]
    lists = (",".join(f"'{_safe(code)}'" for code in batch) for batch in batches)
    return tuple(f"{field} IN ({listed})" for listed in lists)


def ask_layer(
    trip: Trip, layer: Layer, question: Question, *, name: str
) -> tuple[list[dict[str, Any]], bool]:
    """Return every feature that a question is answered with, in GeoJSON's form.

    Parameters
    ----------
    name
        The source, for the progress.

    Returns
    -------
    tuple[list[dict[str, Any]], bool]
        Features with ``properties`` (and ``geometry``), and whether coordinates are in degrees.

    Raises
    ------
    WireError
        When fewer or more come than the layer says it has.
    """
    if question.shapes:
        features = _ask(trip, layer, question, name)
    else:  # small, and needed to know what the other questions are
        asked = repr((question.where, question.fields)).encode()
        key = f"{layer.address} {hashlib.sha256(asked).hexdigest()}"
        kept = trip.shelf.answer(key)
        if kept is not None and kept.etag == layer.revision:
            features = json.loads(kept.body)
        else:
            features = _ask(trip, layer, question, name)
            trip.shelf.keep_answer(key, json.dumps(features), {"ETag": layer.revision})
    return features, any(_in_degrees(feature) for feature in features[:1])


def _ask(trip: Trip, layer: Layer, question: Question, name: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    counts = [count_features(trip, layer, where) for where in question.where]
    for where, count in zip(question.where, counts, strict=True):
        features += _pages(trip, layer, question, where, count)
        trip.progress(name, len(features), sum(counts))
    return features


def count_features(trip: Trip, layer: Layer, where: str) -> int:
    """Return how many features the layer says that it has."""
    form = {"where": where, "returnCountOnly": "true", "f": "json"}
    answer = trip.wire.json(f"{layer.address}/query", form)
    count = answer.get("count")
    if not isinstance(count, int):
        raise WireError(f"does not say how many rows of {layer.service} there are")
    return count


def distinct(trip: Trip, layer: Layer, fields: Sequence[str]) -> list[dict[str, Any]]:
    """Return each combination of some columns once."""
    form = {
        "where": "1=1", "outFields": ",".join(fields), "returnDistinctValues": "true",
        "returnGeometry": "false", "orderByFields": fields[0], "f": "json",
    }  # fmt: skip
    answer = trip.wire.json(f"{layer.address}/query?{urlencode(form)}")
    if _more(answer):
        raise WireError(f"does not list all of {fields[0]} at once")
    return [dict(row.get("attributes") or {}) for row in answer.get("features") or []]


def _pages(
    trip: Trip, layer: Layer, question: Question, where: str, count: int
) -> list[dict[str, Any]]:
    came: list[dict[str, Any]] = []
    for _ in range(_PAGES):
        form = {
            "where": where, "outFields": ",".join(question.fields), "f": "geojson",
            "returnGeometry": "true" if question.shapes else "false", "outSR": "27700",
            "orderByFields": question.order, "resultOffset": str(len(came)),
        }  # fmt: skip
        answer = trip.wire.json(f"{layer.address}/query", form)
        page = answer.get("features") or []
        came += page
        if not page or (not _more(answer) and len(came) >= count):
            break
    if len(came) != count:
        said = f"sends {len(came):,} rows of {layer.service}, but counts {count:,}"
        raise WireError(said)
    return came


def _more(answer: dict[str, Any]) -> bool:
    """Say whether the publisher has more: the flag stands at the top or under ``properties``."""
    inside = answer.get("properties")
    below = isinstance(inside, dict) and bool(inside.get("exceededTransferLimit"))
    return bool(answer.get("exceededTransferLimit")) or below


def _services(wire: Wire) -> tuple[str, ...]:
    answer = wire.json(f"{ARCGIS}?f=json")
    rows = answer.get("services") or []
    rows = [row for row in rows if row.get("type", "FeatureServer") == "FeatureServer"]
    names = (str(row.get("name", "")).rsplit("/", 1)[-1] for row in rows)
    return tuple(name for name in names if re.fullmatch(r"\w+", name))


def _layer(wire: Wire, service: str) -> Layer:
    address = f"{ARCGIS}/{service}/FeatureServer/0"
    answer = wire.json(f"{address}?f=json")
    names = tuple(str(field.get("name", "")) for field in answer.get("fields") or [])
    names = tuple(name for name in names if re.fullmatch(r"\w+", name))
    if not names:
        raise WireError(f"does not say which columns {service} has")
    told = repr(sorted((answer.get("editingInfo") or {}).items())) + repr(names)
    revision = hashlib.sha256(f"{service} {told}".encode()).hexdigest()[:16]
    return Layer(service, address, names, revision)


def _age(match: re.Match[str], like: str) -> tuple[bool, int, int, int]:
    found = match.groupdict()
    year = int(found.get("year") or 0) % 100
    month = (found.get("month") or "")[:3].lower()
    rank = _MONTHS.index(month) + 1 if month in _MONTHS else 0
    return bool(like) and year == int(like), year, rank, int(found.get("version") or 0)


def _in_degrees(feature: dict[str, Any]) -> bool:
    """Say whether a feature is in degrees: in metres no place in England is so near the origin."""
    at: Any = (feature.get("geometry") or {}).get("coordinates") or []
    while isinstance(at, list) and at and isinstance(at[0], list):
        at = at[0]
    return len(at) >= 2 and abs(at[0]) <= 180 and abs(at[1]) <= 90


def _safe(code: str) -> str:
    if not re.fullmatch(r"[A-Z]\d{8}", code):
        raise WireError(f"gives a code that is none: {code[:20]!r}")
    return code
