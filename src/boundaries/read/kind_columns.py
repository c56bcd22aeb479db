"""The columns of every kind of table and layer, in every vintage of their headings; publishers.

Goes in: nothing. Comes out: `COLUMNS`, `LABELS`, `PUBLISHERS` and `ATTRIBUTION`.
Next: `boundaries.read.kinds` tells what a part holds by them.
"""

from __future__ import annotations

from typing import Final

from boundaries.read import columns as c
from boundaries.read.columns import Column, optional

__all__ = ["ATTRIBUTION", "COLUMNS", "LABELS", "PUBLISHERS", "RESIDENTS"]

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
        r"(?:residence_type|age)_total(?:_measures?_value)?",
        "pop_census2021",
        "pop_mid2020",
        r"(?:usual_)?(?:resident_)?population",
        r"pop_?(?:census|mid)?_?\d{4}",
        "all_ages",
        "total",
        "persons",
        "obs_value",
    ),
)
RESIDENTS_65: Final = Column(
    "residents_65_plus",
    "residents aged 65 and over",
    (
        "residents_65_plus",
        r"(?:(?:all_)?persons|pop|population|aged?|residents)?_?65_?(?:plus|and_over|years_and_over)",
        r"pop_?65(?:_?(?:plus|mid)\w*)?",
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
RANK: Final = Column(
    "imd_rank",
    "deprivation rank",
    (
        "imd_rank",
        r"imd_?(?:20)?\d\d_rank",
        r"index_of_multiple_deprivation_imd_rank.*",
        r"imd(?:20\d\d)?_?rank_?\d{0,4}",
    ),
    needed=False,
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
        Column("close_date", "close date", (r"closed?_?date",), needed=False),
        optional(_LIST_SIZE),
    ),
    "PCNs": (
        c.PCN_CODE, c.PCN_NAME,
        Column("opened", "open date", (r"open_?(?:date)?",), needed=True),
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
    "deprivation": (c.LSOA_CODE, DECILE, RANK),
    "residents": (c.LSOA_CODE, RESIDENTS, RESIDENTS_65),
    "centroids": (c.LSOA_CODE, c.EASTING, c.NORTHING),
    "area lookup": (c.LSOA_CODE, *_AREAS),
    "postcodes": (
        _POSTCODE, c.EASTING, c.NORTHING,
        Column("borough_code", "borough code", (
            "admin_district_code", "dc", r"osla\w*", "laua", *c.BOROUGH_CODE.headings,
        ), needed=False),
        Column("quality", "quality", (
            "pq", "positional_quality_indicator", "osgrdind", "gridind"), needed=False),
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
    "PCNs": "a list of PCNs (epcn) that does not name their practices",
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

PUBLISHERS: Final = {
    "registrations": NHS, "memberships": NHS, "list sizes": NHS, "practices": NHS,
    "PCNs": NHS,
    "LSOA lookup": ONS, "deprivation": MHCLG, "residents": ONS, "centroids": ONS,
    "area lookup": ONS, "postcodes": OS, "LSOA polygons": ONS, "ward polygons": ONS,
    "borough polygons": ONS, "MSOA polygons": ONS,
}  # fmt: skip
"""Who issues each kind; anybody may issue the others."""
