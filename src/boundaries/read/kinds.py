"""What kind of table a part holds: told by its columns and codes, never by the file's name.

Goes in: a `Part`. Comes out: `Recognised`: its kind and where its columns are.
Next: `boundaries.read.find` lists files by it, the readers of each family read by it.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Final

import pyogrio

from boundaries.codes import LSOA, SPECIAL_LSOAS
from boundaries.read import columns as c
from boundaries.read.columns import Column, Match, find_columns, optional
from boundaries.read.containers import Part, UnreadableError, fault, open_layer
from boundaries.read.grids import Head, read_head

__all__ = ["ATTRIBUTION", "COLUMNS", "LABELS", "Recognised", "recognise"]

NHS: Final = "NHS England"
ONS: Final = "Office for National Statistics"
OS: Final = "Ordnance Survey"
MHCLG: Final = "Ministry of Housing, Communities and Local Government"

ATTRIBUTION: Final = {
    "": "",
    NHS: "Contains information from NHS England (formerly NHS Digital), licensed under the "
    "Open Government Licence v3.0.",
    ONS: "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
    "Contains OS data © Crown copyright and database right 2022–2025.",
    OS: "Contains Ordnance Survey, Royal Mail and National Statistics data © Crown copyright and "
    "database right 2025 (Code-Point Open).",
    MHCLG: "English Indices of Deprivation 2019 / 2025, MHCLG, OGL v3.0.",
}
"""Publishers' own words to carry in any product."""

RESIDENTS: Final = Column(
    "residents",
    "number of residents",
    (
        "residents",
        "persons_all_ages",
        r"(?:.*_)?(?:total_)?all_usual_residents(?:_measures_value)?",
        "pop_census2021",
        "pop_mid2020",
        r"(?:usual_)?(?:resident_)?population",
        r"pop_?(?:census|mid)?_?\d{4}",
        "all_ages",
        "total",
        "persons",
    ),
)
RESIDENTS_65: Final = Column(
    "residents_65_plus",
    "residents aged 65 and over",
    (
        "residents_65_plus",
        r"(?:persons|all_persons|pop|aged|age|population)_?65(?:_plus|_and_over|_over|_mid\d{4})?",
        r"pop65_?(?:plus)?(?:_\w+)?",
        "65",
        "65_plus",
        "aged_65_years_and_over",
    ),
    needed=False,
)
DECILE: Final = Column(
    "imd_decile",
    "deprivation decile",
    (
        "imd_decile",
        r"imd_?(?:20)?\d\d_decile",
        r"index_of_multiple_deprivation_imd_decile.*",
        r"imd(?:20\d\d)?_?dec(?:ile)?_?\d{0,4}",
    ),
)
_START: Final = Column("start", "start date", ("start_date", r".*start_date", "start"))
_END: Final = Column("end", "end date", ("end_date", r".*end_date", "end"), needed=False)
_POSTCODE: Final = Column(
    "postcode", "postcode", ("postcode", r"(?:practice_)?post_?code", r"pcds?", "pc")
)
_NEIGHBOURHOOD: Final = Column("neighbourhood", "neighbourhood", ("neighbourhood",))
_LSOA11: Final = Column(
    "lsoa11", "2011 LSOA code", ("f_lsoa11cd", r"lsoa_?(?:20)?11_?(?:cd|code)?(?:_?(?:20)?11)?")
)
_LSOA21: Final = Column(
    "lsoa21", "2021 LSOA code", ("lsoa21cd", r"lsoa_?(?:20)?21_?(?:cd|code)?(?:_?(?:20)?21)?")
)
_CHANGE: Final = Column(
    "change", "change indicator", ("chgind", r"change(?:_indicator)?"), needed=False
)
_A: Final = Column(
    "lsoa_code_a", "first LSOA code", ("lsoa_code_a", r".*lsoa.*_?(?:a|1|from)", "a", "from")
)
_B: Final = Column(
    "lsoa_code_b", "second LSOA code", ("lsoa_code_b", r".*lsoa.*_?(?:b|2|to)", "b", "to")
)
_OPTION: Final = Column("option_id", "option", ("option_id", "option"), needed=False)
_LIST_SIZE: Final = Column("list_size", "list size", ("list_size", "listsize"))
_NUMBER: Final = Column("patients", "number of patients", c.PATIENTS.headings[:4])

_AREAS: Final = (
    optional(c.MSOA_CODE), optional(c.WARD_CODE), c.WARD_NAME,
    optional(c.BOROUGH_CODE), c.BOROUGH_NAME,
)  # fmt: skip

COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "registrations": (
        c.PRACTICE_CODE, c.LSOA_CODE, c.PATIENTS, c.PRACTICE_NAME, c.SEX, c.EXTRACT_DATE,
    ),
    "memberships": (c.PRACTICE_CODE, c.PRACTICE_NAME, c.PCN_CODE, c.PCN_NAME, _START, _END),
    "list sizes": (
        c.PRACTICE_CODE, _NUMBER, c.SEX, c.EXTRACT_DATE,
        Column("age", "age", ("age", "age_group"), needed=False),
        Column("type", "type", ("type", "org_type"), needed=False),
    ),
    "practices": (
        c.PRACTICE_CODE, c.PRACTICE_NAME, optional(_POSTCODE), optional(c.PCN_CODE), c.PCN_NAME,
        c.EXTRACT_DATE, optional(c.EASTING), optional(c.NORTHING),
        Column("status", "status", (r"status(?:_code)?(?:_\d{4}_\d\d)?",), needed=False),
        Column("prescribing_setting", "setting", (r"prescribing_setting(?:_code)?",), needed=False),
        optional(_LIST_SIZE),
    ),
    "PCNs of practices": (
        c.PRACTICE_CODE, c.PRACTICE_NAME, c.PCN_CODE, c.PCN_NAME, c.EXTRACT_DATE,
    ),
    "list sizes of practices": (c.PRACTICE_CODE, _LIST_SIZE, c.EXTRACT_DATE),
    "plan of practices": (_OPTION, c.PRACTICE_CODE, _NEIGHBOURHOOD),
    "plan of LSOAs": (_OPTION, c.LSOA_CODE, _NEIGHBOURHOOD),
    "LSOA lookup": (
        _LSOA11, _LSOA21, _CHANGE, optional(c.BOROUGH_CODE), c.BOROUGH_NAME,
    ),
    "LSOA pairs": (_A, _B),
    "deprivation": (c.LSOA_CODE, DECILE),
    "residents": (c.LSOA_CODE, RESIDENTS, RESIDENTS_65),
    "centroids": (c.LSOA_CODE, c.EASTING, c.NORTHING),
    "area lookup": (c.LSOA_CODE, *_AREAS),
    "postcodes": (
        _POSTCODE, c.EASTING, c.NORTHING,
        Column("borough_code", "borough code", (
            "admin_district_code", "dc", r"osla\w*", "laua", *c.BOROUGH_CODE.headings,
        ), needed=False),
        Column("quality", "quality", (
            "pq", "positional_quality_indicator", "osgrdind"), needed=False),
    ),
    "LSOA polygons": (
        c.LSOA_CODE, c.LSOA_NAME, *_AREAS, optional(RESIDENTS), RESIDENTS_65, optional(DECILE),
        Column("centre_e", "centroid easting", ("pwc_e", "centre_e"), needed=False),
        Column("centre_n", "centroid northing", ("pwc_n", "centre_n"), needed=False),
    ),
    "ward polygons": (c.WARD_CODE, c.WARD_NAME, optional(c.BOROUGH_CODE), c.BOROUGH_NAME),
    "borough polygons": (c.BOROUGH_CODE, c.BOROUGH_NAME),
    "MSOA polygons": (c.MSOA_CODE,),
}  # fmt: skip
"""Columns of each kind of table or layer."""

LABELS: Final = {
    "registrations": "patients registered by practice and LSOA",
    "memberships": "PCN memberships (ePCN)",
    "list sizes": "list sizes by practice",
    "practices": "a list of practices",
    "plan of practices": "neighbourhoods of practices",
    "plan of LSOAs": "neighbourhoods of LSOAs",
    "LSOA lookup": "the lookup of 2011 to 2021 LSOAs",
    "LSOA pairs": "pairs of LSOAs",
    "deprivation": "deprivation by LSOA",
    "residents": "residents by LSOA",
    "centroids": "centroids of LSOAs",
    "area lookup": "a lookup of LSOAs to wards, MSOAs or boroughs",
    "postcodes": "coordinates of postcodes",
    "LSOA polygons": "LSOA polygons",
    "ward polygons": "ward polygons",
    "borough polygons": "borough polygons",
    "MSOA polygons": "MSOA polygons",
    "polygons": "polygons",
    "points": "points",
    "lines": "lines",
    "unknown": "of no kind that is known here",
}
"""What people call each kind."""

_PUBLISHERS: Final = {
    "registrations": NHS, "memberships": NHS, "list sizes": NHS, "practices": NHS,
    "LSOA lookup": ONS, "deprivation": MHCLG, "residents": ONS, "centroids": ONS,
    "area lookup": ONS, "postcodes": OS, "LSOA polygons": ONS, "ward polygons": ONS,
    "borough polygons": ONS, "MSOA polygons": ONS,
}  # fmt: skip

_TABLES: Final = (
    "registrations", "memberships", "plan of practices", "list sizes", "practices",
    "LSOA lookup", "LSOA pairs", "plan of LSOAs", "deprivation", "residents", "centroids",
    "area lookup", "postcodes",
)  # fmt: skip
_POLYGONS: Final = ("LSOA polygons", "ward polygons", "MSOA polygons", "borough polygons")

_EPRACCUR: Final = {
    "practice_code": 0, "practice_name": 1, "postcode": 9, "status": 12, "prescribing_setting": 25,
}  # fmt: skip
_CODE_POINT: Final = {"postcode": 0, "quality": 1, "easting": 2, "northing": 3, "borough_code": 8}
_POSTCODE_SHAPE: Final = re.compile(r"^[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}$")


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
        return _PUBLISHERS.get(self.kind, "")


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
    for kind, match in (("practices", _epraccur(head)), ("postcodes", _code_point(head))):
        if match is not None:
            return Recognised(part, kind, match, head)
    for kind in _TABLES:
        match = find_columns(head, COLUMNS[kind])
        if not match.missing and _holds(kind, match, head):
            return Recognised(part, kind, match, head)
    return Recognised(part, "unknown", _widest(head), head)


def _holds(kind: str, match: Match, head: Head) -> bool:
    """Refuse matches that are too thin to mean anything, and counts that are headed like codes."""
    key = match.places.get("lsoa11", match.places.get("lsoa_code"))
    if key is not None:
        below = head.rows[(match.header or 0) + 1 :]
        codes = [row[key].strip().upper() for row in below if len(row) > key]
        if codes and not any(LSOA.match(code) or code in SPECIAL_LSOAS for code in codes):
            return False
    if kind == "postcodes":  # Code-Point Open comes with a file of headings alone
        codes = [row[match.places["postcode"]].strip().upper() for row in head.rows if len(row) > 2]
        return any(_POSTCODE_SHAPE.match(code) for code in codes)
    if kind == "practices":
        return bool({"postcode", "pcn_code", "list_size"} & match.places.keys())
    if kind == "area lookup":
        return bool({"ward_code", "msoa_code", "borough_code"} & match.places.keys())
    return True


def _layer_head(part: Part) -> Head:
    try:
        return read_head(part)
    except UnreadableError as unreadable:
        if "is empty" in unreadable.problems[0].said and _geometry(part):
            return Head(part, ((),))
        raise


def _geometry(part: Part) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            info = pyogrio.read_info(open_layer(part), layer=part.sheet or None)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        said = "The layer is damaged or was cut short, and cannot be read."
        raise UnreadableError(fault(part.name, said, "Download or export it again.")) from error
    return str(info["geometry_type"] or "")


def _layer_kind(part: Part, head: Head) -> Recognised:
    geometry = _geometry(part)
    if not geometry:  # a table without geometry in a GeoPackage
        for kind in _TABLES:
            match = find_columns(head, COLUMNS[kind])
            if not match.missing and _holds(kind, match, head):
                return Recognised(part, kind, match, head)
        return Recognised(part, "unknown", _widest(head), head)
    if "Point" in geometry or "Line" in geometry:
        kind = "points" if "Point" in geometry else "lines"
        match = find_columns(head, (c.LSOA_CODE,))
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


def _epraccur(head: Head) -> Match | None:
    """Tell the ODS file of GP practices, which has 27 columns and no headings."""
    first = head.rows[0] if head.rows else ()
    if len(first) < 26 or not re.fullmatch(r"[A-Z0-9]{3,9}", first[0].strip()):
        return None
    rows = [row for row in head.rows if len(row) == len(first)]
    dated = all(re.fullmatch(r"\d{8}", row[10].strip()) for row in rows)
    status = all(row[12].strip() in {"A", "C", "D", "P"} for row in rows)
    return Match(None, dict(_EPRACCUR)) if dated and status else None


def _code_point(head: Head) -> Match | None:
    """Tell OS Code-Point Open, which has 10 columns and no headings."""
    first = head.rows[0] if head.rows else ()
    if len(first) != 10 or not _POSTCODE_SHAPE.match(first[0].strip()):
        return None
    numbers = all(first[place].strip().isdigit() for place in (1, 2, 3))
    return Match(None, dict(_CODE_POINT)) if numbers else None
