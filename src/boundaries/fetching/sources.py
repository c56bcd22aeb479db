"""Every file that a study can use: publisher, address, how often it is issued, what changed when.

Goes in: nothing. Comes out: `SOURCES`, the one table that fetches, ``fetch --list`` and
docs/input-files.md are made from. Addresses were known from public pages and programs on the day
that stands in `KNOWN`; they could not be tried where this was built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from boundaries.read.kind_columns import MHCLG, NHS, ONS, OS

__all__ = ["HOSTS", "KNOWN", "SOURCES", "Source", "source"]

KNOWN: Final = "2026-11-30"
"""The day on which the addresses were put together."""

OGL: Final = "Open Government Licence v3.0"
OPEN_PARLIAMENT: Final = "Open Parliament Licence v3.0"
COMMONS: Final = "House of Commons Library"

_NHS_PAGES: Final = (
    "https://digital.nhs.uk/data-and-information/publications/statistical/"
    "patients-registered-at-a-gp-practice"
)
_ODS: Final = "https://www.odsdatasearchandexport.nhs.uk/api/getReport?report="
_ODS_PAGE: Final = (
    "https://digital.nhs.uk/services/organisation-data-service/data-search-and-export/"
    "csv-downloads/gp-and-gp-practice-related-data"
)
ARCGIS: Final = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"
_PORTAL: Final = "https://geoportal.statistics.gov.uk"
NOMIS: Final = "https://www.nomisweb.co.uk/api/v01/dataset"
_OS: Final = "https://api.os.uk/downloads/v1/products"
_OS_PAGE: Final = "https://osdatahub.os.uk/downloads/open"

HOSTS: Final = frozenset(
    {
        "digital.nhs.uk", "files.digital.nhs.uk", "www.odsdatasearchandexport.nhs.uk",
        "services1.arcgis.com", "www.nomisweb.co.uk", "www.gov.uk",
        "assets.publishing.service.gov.uk", "api.os.uk", "houseofcommonslibrary.github.io",
    }
)  # fmt: skip
"""Hosts that are asked; a link on a page that leads to any other is not followed."""


@dataclass(frozen=True)
class Source:
    """One file that is published.

    Parameters
    ----------
    name
        What ``--only`` takes, unique; the study key, or the key with more words.
    key
        Key of the study's ``[data]`` that the file serves; empty when it serves the map only.
    what
        The file, in words and by its published name.
    publisher, licence
        Who issues it, under which licence.
    address
        Where it is asked for; braces stand for what is worked out.
    page
        Where a person finds it by hand.
    often
        How often it is issued.
    changed
        What changed when, that a reader of older files should know.
    kinds
        What `boundaries.read` must recognise in it (`Found.kind`); none when it is not read yet.
    most_mb
        A file larger than this is refused.
    asked
        Brought only when it is asked for by name.
    """

    name: str
    key: str
    what: str
    publisher: str
    address: str
    page: str
    often: str
    changed: str
    kinds: tuple[str, ...]
    most_mb: int = 200
    licence: str = OGL
    asked: bool = False


SOURCES: Final = (
    Source(
        "registrations", "registrations",
        "patients by practice and LSOA (`gp-reg-pat-prac-lsoa-…zip`)", NHS,
        f"{_NHS_PAGES}/{{month}}-{{year}}", _NHS_PAGES,
        "January, April, July and October, about two weeks into the month",
        "LSOAs of 2011 until 2024; files of both in 2025 (`-2011-`, `-2021-`); the date is "
        "written 01Jan2026 in one issue and 2026-04-01 in the next",
        ("registrations",),
    ),
    Source(
        "memberships", "memberships",
        "practices and their PCNs with start and end dates (`epcncorepartnerdetails`)", NHS,
        f"{_ODS}epcncorepartnerdetails", _ODS_PAGE, "made on asking",
        "until 2025 the workbook `ePCN.xlsx` in a zip; now a CSV without headings, 11 columns",
        ("memberships",),
    ),
    Source(
        "memberships-map", "memberships",
        "practices and their PCNs on the day of the registrations (`gp-reg-pat-prac-map`)", NHS,
        f"{_NHS_PAGES}/{{month}}-{{year}}", _NHS_PAGES, "monthly; the one of the registrations' "
        "month is taken",
        "CCG columns until mid-2022, ICB columns since; a zip since May 2026; PCN `U` is none",
        ("practices", "memberships", "PCNs of practices"),
    ),
    Source(
        "practices", "practices",
        "practices with status and postcode (`epraccur`)", NHS,
        f"{_ODS}epraccur", _ODS_PAGE, "made on asking",
        "a zip with status A, C, D and setting 4 until 2025; now ACTIVE, INACTIVE, DORMANT and "
        "roles such as RO76; never any headings, 27 columns",
        ("practices",),
    ),
    Source(
        "list-sizes", "list_sizes",
        "list sizes by practice (`gp-reg-pat-prac-all`)", NHS,
        f"{_NHS_PAGES}/{{month}}-{{year}}", _NHS_PAGES, "monthly",
        "a zip since May 2026",
        ("list sizes",), asked=True,
    ),
    Source(
        "postcodes", "postcodes",
        "coordinates of postcodes (Code-Point Open, CSV)", OS,
        f"{_OS}/CodePointOpen/downloads?area=GB&format=CSV", f"{_OS_PAGE}/CodePointOpen",
        "February, May, August and November",
        "no headings; they stand in the zip's Doc folder",
        ("postcodes",),
    ),
    Source(
        "lsoas", "lsoas",
        "LSOA boundaries, generalised to 20 m and clipped (BGC), of the registrations' census", ONS,
        f"{ARCGIS}/{{newest LSOA 2021 or 2011 BGC}}/FeatureServer/0/query", _PORTAL,
        "once a census, then corrected (V5 is known)",
        "names of services change with every version; borough and ward columns are added here by "
        "code, since ONS issues the polygons without them",
        ("LSOA polygons",),
    ),
    Source(
        "boroughs", "boroughs",
        "local authority district boundaries (BGC)", ONS,
        f"{ARCGIS}/{{newest local authority districts BGC}}/FeatureServer/0/query", _PORTAL,
        "May and December",
        "districts were merged in 2019, 2020, 2021 and 2023; Barnsley and Sheffield have had new "
        "codes since 2025",
        ("borough polygons",),
    ),
    Source(
        "wards", "wards",
        "ward boundaries (BGC)", ONS,
        f"{ARCGIS}/{{newest wards BGC}}/FeatureServer/0/query", _PORTAL,
        "May and December", "wards change with local elections",
        ("ward polygons",),
    ),
    Source(
        "ward-lookup", "wards",
        "LSOA (2021) to ward to local authority district, best fit", ONS,
        f"{ARCGIS}/{{newest LSOA21 to WD to LAD}}/FeatureServer/0/query", _PORTAL,
        "yearly", "the year in the column names changes with every issue",
        ("area lookup",), asked=True,
    ),
    Source(
        "lsoa-lookup", "lsoa_lookup",
        "LSOA (2011) to LSOA (2021) to local authority district, exact fit", ONS,
        f"{ARCGIS}/{{newest LSOA11 to LSOA21 to LAD}}/FeatureServer/0/query", _PORTAL,
        "once, then corrected (v5 is known)",
        "first issue with F_LSOA11CD and CHGIND; later LSOA11CD without CHGIND",
        ("LSOA lookup",),
    ),
    Source(
        "centroids", "centroids",
        "population-weighted centroids of LSOAs", ONS,
        f"{ARCGIS}/{{newest centroids of LSOAs}}/FeatureServer/0/query", _PORTAL,
        "once a census", "",
        ("centroids",),
    ),
    Source(
        "residents", "residents",
        "mid-year population estimates by LSOA, all ages and 65 and over", ONS,
        f"{NOMIS}/NM_2014_1.data.csv (LSOA 2021) or NM_2010_1 (LSOA 2011)",
        "https://www.nomisweb.co.uk/datasets/pestsyoala", "yearly, in autumn",
        "LSOAs of 2011 end with mid-2020",
        ("residents",),
    ),
    Source(
        "deprivation", "deprivation",
        "English Indices of Deprivation, File 7 (CSV)", MHCLG,
        "https://www.gov.uk/government/statistics/english-indices-of-deprivation-{2025 or 2019}",
        "https://www.gov.uk/government/collections/english-indices-of-deprivation",
        "every few years: 2019 on LSOAs of 2011, 2025 on those of 2021",
        "two headings of 2025 are cut short at 80 characters",
        ("deprivation",),
    ),
    Source(
        "msoa-names", "",
        "names of MSOAs that people use", COMMONS,
        "https://houseofcommonslibrary.github.io/msoanames/MSOA-Names-Latest2.csv",
        "https://houseofcommonslibrary.github.io/msoanames/", "now and then",
        "`Latest2` is of 2021, `Latest` of 2011",
        (), licence=OPEN_PARLIAMENT, asked=True,
    ),
    Source(
        "place-names", "",
        "names of places (OS Open Names, CSV)", OS,
        f"{_OS}/OpenNames/downloads?area=GB&format=CSV", f"{_OS_PAGE}/OpenNames",
        "January, April, July and October", "", (), asked=True,
    ),
    Source(
        "rivers", "",
        "rivers (OS Open Rivers, GeoPackage)", OS,
        f"{_OS}/OpenRivers/downloads?area=GB&format=GeoPackage", f"{_OS_PAGE}/OpenRivers",
        "April and October", "", (), asked=True,
    ),
    Source(
        "roads", "",
        "roads (OS Open Roads, GeoPackage)", OS,
        f"{_OS}/OpenRoads/downloads?area=GB&format=GeoPackage", f"{_OS_PAGE}/OpenRoads",
        "April and October", "large: more than 1 GB", (), most_mb=4_000, asked=True,
    ),
)  # fmt: skip
"""In the order in which they are brought: the census of the registrations decides the others."""


def source(name: str) -> Source:
    """Return the source of a name."""
    return next(one for one in SOURCES if one.name == name)
