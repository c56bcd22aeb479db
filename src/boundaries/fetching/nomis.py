"""Residents by LSOA from Nomis: the newest mid-year estimates, pages of cells put side by side.

Goes in: a `Trip`. Comes out: one table by LSOA, all ages and 65 and over, in the census of the
registrations.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from boundaries.fetching.download import Outcome, keep_text
from boundaries.fetching.faults import WireError
from boundaries.fetching.fitness import Wanted
from boundaries.fetching.links import census_of
from boundaries.fetching.sources import NOMIS, source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.fetching.trip import Trip

__all__ = ["bring_residents"]

_SETS: Final = {2011: ("NM_2010_1", "TYPE298"), 2021: ("NM_2014_1", "TYPE151")}
"""Dataset and code of its LSOAs, by census."""
_CELLS: Final = 25_000  # most that Nomis gives at once to people without a key
_COLUMNS: Final = frozenset(
    {"DATE_NAME", "GEOGRAPHY_CODE", "GEOGRAPHY_NAME", "C_AGE", "OBS_VALUE", "RECORD_COUNT"}
)
_65: Final = re.compile(r"^(?:aged? )?65(?:\+| ?plus| and over| years and over)$", re.IGNORECASE)


def bring_residents(trip: Trip) -> Outcome:
    """Bring the newest mid-year estimates, a page of cells at a time, as one table.

    Raises
    ------
    WireError
        When they cannot be had, or fewer cells come than Nomis counts.
    """
    year = census_of(trip)
    dataset, areas = _SETS[year]
    ages = trip.once("ages", lambda: _ages(trip, dataset))
    query = {
        "geography": areas, "date": "latest", "gender": "0", "c_age": ",".join(ages),
        "measures": "20100", "RecordLimit": str(_CELLS),
        "select": "date_name,geography_code,geography_name,c_age,obs_value,record_count",
    }  # fmt: skip
    base = f"{NOMIS}/{dataset}.data.csv"
    rows, pages = _cells(trip, f"{base}?{urlencode(query, safe=',')}")
    on = rows[0]["DATE_NAME"][:4]
    if not re.fullmatch(r"\d{4}", on):
        raise WireError("does not say of which year its estimates are")
    wanted = Wanted(source("residents"), f"residents-mid-{on}-lsoa-{year}.csv", base, least=40)
    known = trip.shelf.known(wanted.name)
    if known is not None and known.etag == pages:
        return Outcome("residents", "unchanged", known.file, known.bytes, known.address)
    if trip.dry:
        return Outcome(
            "residents", "would fetch", wanted.name, None, f"{base} ({len(rows):,} rows)"
        )
    text = _wide(rows, ages, headings=(f"lsoa{year % 100}cd", f"lsoa{year % 100}nm"), on=on)
    note = f"mid-{on}; cells of {dataset} put side by side"
    return keep_text(trip, wanted, text, revision=pages, note=note)


def _ages(trip: Trip, dataset: str) -> dict[str, str]:
    """Return the codes of all ages and of 65 and over, as the publisher's own list names them."""
    answer = trip.wire.json(f"{NOMIS}/{dataset}/c_age.def.sdmx.json")
    try:
        lists = answer["structure"]["codelists"]["codelist"]
        rows = [(str(c["value"]), str(c["description"]["value"])) for c in lists[0]["code"]]
    except (KeyError, TypeError, IndexError) as error:
        raise WireError("does not list its age groups as it used to") from error
    found = {code: "residents" for code, said in rows if said.strip().lower() == "all ages"}
    if len(found) != 1:
        raise WireError("lists no age group called All Ages")
    found |= {code: "65" for code, said in rows if _65.match(said.strip())}
    return dict(list(found.items())[:2])


def _cells(trip: Trip, address: str) -> tuple[list[dict[str, str]], str]:
    """Return every cell, and what tells whether any of them has changed."""
    rows: list[dict[str, str]] = []
    total = 1
    while len(rows) < total:
        came, total = trip.wire.text(f"{address}&RecordOffset={len(rows)}", _page)
        rows += came
        trip.progress("residents", len(rows), total, unit="rows")
    if len({(row["GEOGRAPHY_CODE"], row["C_AGE"]) for row in rows}) != total:
        raise WireError(f"sends {len(rows):,} cells, some of them twice, but counts {total:,}")
    digest = hashlib.sha256(repr([tuple(row.values()) for row in rows]).encode()).hexdigest()
    return rows, digest[:32]


def _page(text: str) -> tuple[list[dict[str, str]], int]:
    """Read a page of cells, and how many there are on all pages."""
    came = list(csv.DictReader(io.StringIO(text)))
    if not came or not came[0].keys() >= _COLUMNS:
        raise WireError("answers with something that is no table of cells")
    counts = {str(row["RECORD_COUNT"]) for row in came}
    if len(counts) != 1 or not next(iter(counts)).isdigit():
        raise WireError("answers with rows that are not whole")
    return came, int(counts.pop())


def _wide(
    rows: Iterable[dict[str, str]], ages: dict[str, str], *, headings: tuple[str, str], on: str
) -> str:
    areas: dict[str, dict[str, Any]] = {}
    columns = [
        f"pop_mid{on}" if what == "residents" else f"pop65_mid{on}" for what in ages.values()
    ]
    place = dict(zip(ages, columns, strict=True))
    for row in rows:
        known = areas.setdefault(row["GEOGRAPHY_CODE"], dict.fromkeys((*headings, *columns), ""))
        known[headings[0]], known[headings[1]] = row["GEOGRAPHY_CODE"], row["GEOGRAPHY_NAME"]
        if row["C_AGE"] in place:
            known[place[row["C_AGE"]]] = row["OBS_VALUE"]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*headings, *columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(areas.values())
    return text.getvalue()
