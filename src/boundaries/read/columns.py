"""Which column of a file is which: by its heading in any vintage, else by the shape of its codes.

Goes in: the first rows of a part (`boundaries.read.grids.Head`) and the columns looked for.
Comes out: a `Match`: the row of the headings and the place of each column, and what is missing.
Next: `boundaries.read.kinds`, and the readers of each family.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from boundaries.codes import LSOA, PCN, PRACTICE, looks_like, nearest_name
from boundaries.read.parts import fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boundaries.problems import Problem
    from boundaries.read.grids import Head

__all__ = [
    "Column",
    "Match",
    "find_columns",
    "for_census",
    "lsoa_year",
    "missing_columns",
    "named_columns",
    "tidy_heading",
]

_SEARCHED: Final = 25  # rows in which a heading row may stand below titles
_LAST_2011: Final = {"E": "E01033768", "W": "W01001958"}  # ONS lookup 2011 to 2021, 2022
_DATA: Final = re.compile(r"^[A-Z]\d{5}$|^[EW]0\d{7}$")  # a practice, a PCN, any ONS area
_MOST_ABSENT: Final = 60  # headings listed in a message


@dataclass(frozen=True)
class Column:
    """A column looked for.

    Parameters
    ----------
    name
        Its tidy name.
    words
        What people call it.
    headings
        Patterns of tidied headings, best first.
    needed
        Whether the table is useless without it.
    shape
        Shape of its codes: finds a column whose heading is not known.
    """

    name: str
    words: str
    headings: tuple[str, ...]
    needed: bool = True
    shape: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Match:
    """Where the columns of a part are.

    Parameters
    ----------
    header
        Place of the heading row (0 is the first), or None when the file has none.
    places
        Tidy name to place of the column (0 is the first).
    headings
        Headings as they stand in the file.
    missing
        The needed columns that were not found.
    """

    header: int | None
    places: dict[str, int]
    headings: tuple[str, ...] = ()
    missing: tuple[Column, ...] = field(default=())

    def heading(self, name: str) -> str:
        """Return a column's heading as printed, on one line; its tidy name when it has none."""
        place = self.places.get(name)
        if place is None or place >= len(self.headings):
            return name
        return " ".join(self.headings[place].split()) or name


def tidy_heading(text: str) -> str:
    """Return a heading in small letters, signs as one underscore, and ``65+`` as ``65_plus``."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower().replace("+", "_plus ")).strip("_")


def find_columns(head: Head, columns: Sequence[Column]) -> Match:
    """Find the heading row and the columns: the first row that has all that is needed.

    When no row has all, the row that has most is taken, and the missing columns are named.
    """
    best: Match | None = None
    for number, row in enumerate(head.rows[:_SEARCHED]):
        if not any(cell.strip() for cell in row):
            continue
        if best is not None and any(_DATA.match(cell) for cell in row):
            break  # codes stand below headings, never in them
        match = _match_row(head, number, columns)
        if not match.missing:
            return match
        if best is None or len(match.missing) < len(best.missing):
            best = match
    return best or Match(0, {}, (), tuple(column for column in columns if column.needed))


def missing_columns(file: str, match: Match) -> list[Problem]:
    """Return a problem for every needed column not found, naming the heading nearest to it."""
    problems = []
    known = {tidy_heading(text): text for text in match.headings if text.strip()}
    for column in match.missing:
        said = f"There is no column for the {column.words} ({plain_heading(column)})."
        near = nearest_name(plain_heading(column), known)
        shown = ", ".join(" ".join(text.split()) for text in list(known.values())[:_MOST_ABSENT])
        fix = f"Is it {known[near]!r}? Rename that heading. " if near else ""
        fix += f"Headings found: {shown or 'none'}."
        problems.append(fault(file, said, fix, field=column.name))
    return problems


def lsoa_year(heading: str, codes: Sequence[str]) -> int | None:
    """Tell the census of LSOA codes: 2011 or 2021, or None when they do not show it.

    Codes above E01033768 or W01001958 were made for 2021; most others serve both censuses, so
    the heading decides when the codes do not. ``NO2011`` and ``NO2021`` tell it too.
    """
    known = [code for code in codes if LSOA.match(code)]
    if any(code > _LAST_2011[code[0]] for code in known) or "NO2021" in codes:
        return 2021
    year = re.search(r"(?<!\d)(?:20)?(11|21)(?!\d)", heading)
    if year:
        return 2000 + int(year.group(1))
    if "NO2011" in codes or len(known) > 2000:  # so many without one new code: 2011
        return 2011
    return None


def named_columns(columns: Sequence[Column], names: dict[str, str]) -> tuple[Column, ...]:
    """Return the columns with the headings that the study gives for some of them."""
    return tuple(
        replace(column, headings=(re.escape(tidy_heading(names[column.name])),), shape=None)
        if column.name in names
        else column
        for column in columns
    )


def for_census(columns: Sequence[Column], year: int | None) -> tuple[Column, ...]:
    """Return the columns with the LSOA code of one census first, for tables that have both."""
    if year is None:
        return tuple(columns)
    two = rf"(?:20)?{year % 100}"
    own = (rf"(?:f_)?(?:{_LSOA})_?{two}_?(?:cd|code)?", rf"(?:f_)?(?:{_LSOA})_?(?:cd|code)_?{two}")
    return tuple(
        replace(column, headings=(*own, *column.headings)) if column.name == "lsoa_code" else column
        for column in columns
    )


def plain_heading(column: Column) -> str:
    """Return the heading that people know for a column, from its first pattern."""
    return column.headings[0].upper() if column.headings else column.name


def _match_row(head: Head, number: int, columns: Sequence[Column]) -> Match:
    headings = head.rows[number]
    tidy = [tidy_heading(text) for text in headings]
    places: dict[str, int] = {}
    for column in columns:
        place = _by_heading(tidy, column, set(places.values()))
        if place is not None:
            places[column.name] = place
    for column in columns:
        if column.needed and column.name not in places and column.shape is not None:
            place = _by_shape(head, number, column.shape, set(places.values()))
            if place is not None:
                places[column.name] = place
    missing = tuple(c for c in columns if c.needed and c.name not in places)
    return Match(number, places, headings, missing)


def _by_heading(tidy: Sequence[str], column: Column, taken: set[int]) -> int | None:
    for pattern in column.headings:
        for place, text in enumerate(tidy):
            if text and place not in taken and re.fullmatch(pattern, text):
                return place
    return None


def _by_shape(head: Head, number: int, shape: re.Pattern[str], taken: set[int]) -> int | None:
    for place, text in enumerate(head.rows[number]):
        if place in taken or not text.strip():
            continue
        below = [row[place].upper() for row in head.rows[number + 1 :] if place < len(row)]
        if looks_like(shape, below, share=0.5) and not shape.match(text.strip().upper()):
            return place
    return None


_YEAR: Final = r"(?:_?(?:20)?\d\d)?"


def _area(words: str, kind: str) -> str:
    """Return the pattern of an area's heading in any vintage: LSOA11CD, LSOA code (2011)."""
    ending = {"code": "(?:cd|code)", "name": "(?:nm|name)"}[kind]
    return rf"(?:f_)?(?:{words}){_YEAR}_?{ending}{_YEAR}(?:_active)?"


_LAD: Final = "lad|ltla|la|borough|local_authority|local_authority_district"
_LSOA: Final = "lsoa|lower_layer_super_output_areas?"

LSOA_CODE: Final = Column(
    "lsoa_code",
    "LSOA code",
    ("lsoa_code", _area(_LSOA, "code"), rf"lsoa{_YEAR}", "geography_code", "mnemonic"),
    shape=LSOA,
)
LSOA_NAME: Final = Column("lsoa_name", "LSOA name", (_area(_LSOA, "name"),), needed=False)
MSOA_CODE: Final = Column("msoa_code", "MSOA code", ("msoa_code", _area("msoa", "code")))
WARD_CODE: Final = Column("ward_code", "ward code", ("ward_code", _area("wd|ward", "code")))
WARD_NAME: Final = Column("ward_name", "ward name", (_area("wd|ward", "name"),), needed=False)
BOROUGH_CODE: Final = Column("borough_code", "borough code", ("borough_code", _area(_LAD, "code")))
BOROUGH_NAME: Final = Column("borough_name", "borough name", (_area(_LAD, "name"),), needed=False)
PRACTICE_CODE: Final = Column(
    "practice_code",
    "practice code",
    (
        "practice_code",
        r"(?:gp_)?(?:practice|prac|gp)_?(?:ods_)?code",
        r"(?:partner_)?org(?:anisation)?_code",
        "ods_code",
        "code",
        "practice",
    ),
    shape=PRACTICE,
)
PRACTICE_NAME: Final = Column(
    "practice_name",
    "practice name",
    (r"(?:practice|prac|gp|partner|org(?:anisation)?)_?name", "name"),
    needed=False,
)
PCN_CODE: Final = Column(
    "pcn_code",
    "PCN code",
    ("pcn_code", r"pcn_?(?:ods_)?(?:code|cd)(?:_now)?", "primary_care_network_code", "pcn"),
    shape=PCN,
)
PCN_NAME: Final = Column(
    "pcn_name", "PCN name", (r"pcn_?name", "primary_care_network_name"), needed=False
)
PATIENTS: Final = Column(
    "patients",
    "number of patients",
    (
        "number_of_patients",
        "patients",
        r"(?:all|total|registered)_patients",
        r"(?:no|num|count)_of_(?:registered_)?patients",
        "number_of_registered_patients",
        "all",
    ),
)
SEX: Final = Column("sex", "sex", ("sex", "gender"), needed=False)
EXTRACT_DATE: Final = Column("date", "extract date", (r"extract(?:_date)?",), needed=False)
EASTING: Final = Column(
    "easting",
    "easting",
    (r"eastings?", "x", "pwc_e", r"oseast\w*", "east1m", "bng_e", r".*_?easting", "centre_e", "ea"),
)
NORTHING: Final = Column(
    "northing",
    "northing",
    (
        r"northings?",
        "y",
        "pwc_n",
        r"osnrth\w*",
        "north1m",
        "bng_n",
        r".*_?northing",
        "centre_n",
        "no",
    ),
)


def optional(column: Column) -> Column:
    """Return the same column as one that may be absent."""
    return replace(column, needed=False)
