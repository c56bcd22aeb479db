"""Registrations, memberships, practices; residents and deprivation; files that are linked or listed.

Goes in: a `Trip`. Comes out: files as they are published, under names of our own. The month of the
registrations is worked out by walking back from today, since the landing page lists pages to come.
"""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from boundaries.fetching.download import Outcome, Wanted, bring, keep_text
from boundaries.fetching.faults import WireError
from boundaries.fetching.sources import HOSTS, NOMIS, source
from boundaries.read import find_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from boundaries.fetching.trip import Trip

__all__ = ["PEOPLE", "census_of"]

_MONTHS: Final = {1: "january", 4: "april", 7: "july", 10: "october"}
_QUARTERS: Final = 8  # two years back, and no further
_REGISTRATIONS: Final = (
    r"gp-reg-pat-prac-lsoa-2021[\w.-]*\.zip",
    r"gp-reg-pat-prac-lsoa(?!-2011)[\w.-]*\.zip",
    r"gp-reg-pat-prac-lsoa[\w.-]*\.zip",
)
_MAP: Final = (r"gp-reg-pat-prac-map[\w.-]*\.(?:csv|zip)",)
_LIST_SIZES: Final = (r"gp-reg-pat-prac-all[\w.-]*\.(?:csv|zip)",)
_FILE_7: Final = (r"File_7_[\w.-]*\.csv",)
_NOMIS: Final = {2011: ("NM_2010_1", "TYPE298"), 2021: ("NM_2014_1", "TYPE151")}
_CELLS: Final = 25_000  # most that Nomis gives at once to people without a key
_65: Final = re.compile(r"^(?:aged? )?65(?:\+| ?plus| and over| years and over)$", re.I)


class _Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def _link(page: str, address: str, patterns: Iterable[str]) -> str:
    """Return the first link whose file name fits, on a host that is known; empty: none."""
    links = _Links()
    links.feed(page)
    whole = [urljoin(address, link.strip()) for link in links.found]
    known = [one for one in whole if one.startswith("https://") and urlsplit(one).netloc in HOSTS]
    for pattern in patterns:
        for one in known:
            if re.fullmatch(pattern, urlsplit(one).path.rsplit("/", 1)[-1], re.I):
                return one
    return ""


def _month(trip: Trip) -> tuple[str, str]:
    """Return address and content of the newest page that has registrations by LSOA."""

    def find() -> tuple[str, str]:
        year, month = trip.today.year, (trip.today.month - 1) // 3 * 3 + 1
        told = ""
        for _ in range(_QUARTERS):
            address = source("registrations").address
            address = address.replace("{month}", _MONTHS[month]).replace("{year}", str(year))
            try:
                page = trip.wire.text(address)
            except WireError as fault:
                told = str(fault)
                if "404" not in told:
                    raise
            else:
                if _link(page, address, _REGISTRATIONS):
                    return address, page
            year, month = (year, month - 3) if month > 1 else (year - 1, 10)
        raise WireError("has no page with registrations by LSOA in the last two years")

    return trip.once("month", find)


def _linked(name: str, patterns: Sequence[str], stem: str) -> Callable[[Trip], Outcome]:
    def go(trip: Trip) -> Outcome:
        address, page = _month(trip)
        link = _link(page, address, patterns)
        if not link:
            raise WireError(f"links to no file like {patterns[0]} on {address}")
        ending = link.rsplit(".", 1)[-1].lower()
        issue = address.rsplit("/", 1)[-1]
        file = f"{stem}-{issue}.{ending}"
        return bring(trip, Wanted(source(name), file, link, least=1_000))

    return go


def _report(name: str, file: str) -> Callable[[Trip], Outcome]:
    return lambda trip: bring(trip, Wanted(source(name), file, source(name).address, least=1_000))


def _listed(name: str, file: str) -> Callable[[Trip], Outcome]:
    """Bring a product of Ordnance Survey: a list of downloads, then the file with its check sum."""

    def go(trip: Trip) -> Outcome:
        address = source(name).address
        items = trip.wire.json(address).get("items")
        rows = [row for row in items if isinstance(row, dict)] if isinstance(items, list) else []
        if len(rows) != 1 or not str(rows[0].get("url", "")).startswith("https://api.os.uk/"):
            raise WireError(f"lists {len(rows)} downloads where one was expected")
        md5 = str(rows[0].get("md5", "")).lower()
        if not re.fullmatch(r"[0-9a-f]{32}", md5):
            raise WireError("gives no check sum for its file")
        wanted = Wanted(source(name), file, str(rows[0]["url"]), least=1_000, md5=md5)
        return bring(trip, wanted)

    return go


def census_of(trip: Trip) -> int:
    """Return the census of the registrations: of the file that is here, else of the link's name."""

    def find() -> int:
        for entry in trip.shelf.entries.values():
            if entry.source == "registrations" and trip.shelf.known(entry.file) is not None:
                years = {item.year for item in find_files([trip.shelf.place(entry.file)])} - {None}
                if years:
                    return int(max(year for year in years if year))
        try:
            address, page = _month(trip)
        except WireError:
            return 2021
        return 2011 if "-2011" in _link(page, address, _REGISTRATIONS) else 2021

    return trip.once("census", find)


def _deprivation(trip: Trip) -> Outcome:
    issue = {2011: 2019, 2021: 2025}[census_of(trip)]
    address = source("deprivation").address.replace("{2025 or 2019}", str(issue))
    page = trip.wire.text(address)
    link = _link(page, address, _FILE_7)
    if not link:
        raise WireError(f"links to no File 7 on {address}")
    return bring(trip, Wanted(source("deprivation"), f"deprivation-{issue}.csv", link, least=1_000))


def _residents(trip: Trip) -> Outcome:
    """Bring the newest mid-year estimates, a page of cells at a time, as one table."""
    year = census_of(trip)
    dataset, areas = _NOMIS[year]
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
    """Return every cell, and what tells whether any page has changed."""
    import hashlib  # noqa: PLC0415

    rows: list[dict[str, str]] = []
    digest = hashlib.sha256()
    total = 1
    while len(rows) < total:
        page = trip.wire.text(f"{address}&RecordOffset={len(rows)}")
        digest.update(page.encode())
        came = list(csv.DictReader(io.StringIO(page)))
        if not came or "OBS_VALUE" not in came[0] or "RECORD_COUNT" not in came[0]:
            raise WireError("answers with something that is no table of cells")
        total = int(came[0]["RECORD_COUNT"])
        rows += came
        trip.progress("residents", len(rows), total)
    if len(rows) != total:
        raise WireError(f"sends {len(rows):,} cells, but counts {total:,}")
    return rows, digest.hexdigest()[:32]


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


PEOPLE: Final[dict[str, Callable[[Trip], Outcome]]] = {
    "registrations": _linked("registrations", _REGISTRATIONS, "registrations-by-lsoa"),
    "memberships": _report("memberships", "epcncorepartnerdetails.csv"),
    "memberships-map": _linked("memberships-map", _MAP, "gp-reg-pat-prac-map"),
    "practices": _report("practices", "epraccur.csv"),
    "list-sizes": _linked("list-sizes", _LIST_SIZES, "gp-reg-pat-prac-all"),
    "postcodes": _listed("postcodes", "code-point-open.zip"),
    "residents": _residents,
    "deprivation": _deprivation,
    "msoa-names": _report("msoa-names", "msoa-names.csv"),
    "place-names": _listed("place-names", "os-open-names.zip"),
    "rivers": _listed("rivers", "os-open-rivers.zip"),
    "roads": _listed("roads", "os-open-roads.zip"),
}
"""How each source of people, practices and files is brought."""
