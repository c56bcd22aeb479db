"""Files that pages link to, reports that are made on asking, and lists of downloads.

Goes in: a `Trip`. Comes out: files as they are published, under names of our own. The month of the
registrations is worked out by walking back from today, since the landing page lists pages to come.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from boundaries.fetching.download import Outcome, bring
from boundaries.fetching.faults import WireError
from boundaries.fetching.fitness import Wanted
from boundaries.fetching.sources import HOSTS, source
from boundaries.read.columns import lsoa_year
from boundaries.read.registrations import read_registrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from boundaries.fetching.trip import Trip

__all__ = ["LINKS", "census_of"]

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
            if re.fullmatch(pattern, urlsplit(one).path.rsplit("/", 1)[-1], re.IGNORECASE):
                return one
    return ""


def _month(trip: Trip) -> tuple[str, str]:
    """Return address and content of the newest page that has registrations by LSOA."""

    def find() -> tuple[str, str]:
        year, month = trip.wire.today.year, (trip.wire.today.month - 1) // 3 * 3 + 1
        refused: WireError | None = None
        for _ in range(_QUARTERS):
            address = source("registrations").address
            address = address.replace("{month}", _MONTHS[month]).replace("{year}", str(year))
            try:
                page = trip.wire.text(address, str)
            except WireError as fault:
                if fault.status not in {403, 404, 410}:
                    raise
                refused = refused or (fault if fault.status == 403 else None)
            else:
                if _link(page, address, _REGISTRATIONS):
                    return address, page
            year, month = (year, month - 3) if month > 1 else (year - 1, 10)
        raise refused or WireError("has no page with registrations by LSOA in the last two years")

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
    """Return the census of the registrations: of the newest that is here, else by its link.

    Every code is looked at: most LSOAs are the same in both, and files do not say.
    """

    def find() -> int:
        entries = [
            entry for entry in trip.shelf.entries.values() if entry.source == "registrations"
        ]
        for entry in sorted(entries, key=lambda entry: entry.fetched, reverse=True):
            if trip.shelf.known(entry.file) is None:
                continue
            table, _, _ = read_registrations([trip.shelf.place(entry.file)], [])
            year = None if table is None else lsoa_year("", sorted(set(table["lsoa_code"])))
            if year is not None:
                return year
        try:
            address, page = _month(trip)
        except WireError:
            return 2021
        return 2011 if "-2011" in _link(page, address, _REGISTRATIONS) else 2021

    return trip.once("census", find)


def _deprivation(trip: Trip) -> Outcome:
    issue = {2011: 2019, 2021: 2025}[census_of(trip)]
    address = source("deprivation").address.replace("{2025 or 2019}", str(issue))

    def read(page: str) -> str:
        found = _link(page, address, _FILE_7)
        if not found:
            raise WireError(f"links to no File 7 on {address}")
        return found

    link = trip.wire.text(address, read)
    return bring(trip, Wanted(source("deprivation"), f"deprivation-{issue}.csv", link, least=1_000))


LINKS: Final[dict[str, Callable[[Trip], Outcome]]] = {
    "registrations": _linked("registrations", _REGISTRATIONS, "registrations-by-lsoa"),
    "memberships": _report("memberships", "epcncorepartnerdetails.csv"),
    "memberships-map": _linked("memberships-map", _MAP, "gp-reg-pat-prac-map"),
    "practices": _report("practices", "epraccur.csv"),
    "list-sizes": _linked("list-sizes", _LIST_SIZES, "gp-reg-pat-prac-all"),
    "postcodes": _listed("postcodes", "code-point-open.zip"),
    "deprivation": _deprivation,
    "msoa-names": _report("msoa-names", "msoa-names.csv"),
    "place-names": _listed("place-names", "os-open-names.zip"),
    "rivers": _listed("rivers", "os-open-rivers.zip"),
    "roads": _listed("roads", "os-open-roads.zip"),
}
"""How each source is brought that a page links to, or a list names."""
