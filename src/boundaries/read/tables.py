"""The tidy tables that every reader produces, whatever the publisher called its columns.

Goes in: files (`boundaries.read`). Comes out: `Tables`. Next: `boundaries.checks`.
Nothing is joined, dropped or repaired here: a special LSOA code stays a special LSOA code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boundaries.encodings import one_line

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

__all__ = ["LayerTable", "Source", "Tables"]


@dataclass(frozen=True)
class Source:
    """Where a table came from: goes into the run record and under every map.

    Parameters
    ----------
    role
        What the study uses it for, e.g. ``registrations``.
    file
        File name, with ``!member`` for a file inside an archive. Never a whole path.
    sha256
        SHA-256 of the file as read, in hexadecimal.
    rows
        Data rows read.
    publisher
        Who issued it, e.g. ``NHS England``; empty when unknown.
    date
        Date of the data, ISO 8601, where the file says it; else empty.
    attribution
        The publisher's own words to carry in any product; empty when unknown.
    path
        Where the file lay when it was read: no result is written over it. Not kept in records.
    """

    role: str
    file: str
    sha256: str
    rows: int
    publisher: str = ""
    date: str = ""
    attribution: str = ""
    path: Path | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the file's name readable: a member of an archive may be called anything."""
        object.__setattr__(self, "file", one_line(self.file))

    def record(self) -> dict[str, str | int]:
        """Return the source as run records keep it: without the path."""
        return {name: value for name, value in vars(self).items() if name != "path"}


@dataclass(frozen=True)
class LayerTable:
    """A team layer or footprint layer as read: polygons, or a lookup by area code.

    Exactly one of the two is given.

    Parameters
    ----------
    polygons
        Index ``name``; geometry in EPSG:27700. One row a name (parts already dissolved).
    lookup
        Columns area_code (LSOA, ward or MSOA) and name.
    points
        Where people live, for weighting polygon overlaps: columns easting, northing, residents;
        None to weight by area.
    """

    polygons: gpd.GeoDataFrame | None = None
    lookup: pd.DataFrame | None = None
    points: pd.DataFrame | None = None


@dataclass(frozen=True)
class Tables:
    """Everything read for a study. Codes are text; frames keep the row order of their files.

    Parameters
    ----------
    registrations
        Columns practice_code, lsoa_code (special codes kept as published), patients (int64), and
        practice_name (empty text when the file has none); ``row`` is the row in its file as a
        person counts it, ``file`` its name.
    practices
        Columns practice_code, practice_name, postcode, status (``A`` active, ``C`` closed, ``D``
        dormant, ``P`` proposed, empty unknown), prescribing_setting (as published: a number, or
        ODS roles joined by ``|``, see `boundaries.codes.is_gp_practice`; empty unknown), close_date
        (datetime64, NaT for none), pcn_code and pcn_name (empty when the file has none), easting,
        northing (nullable), row, file.
    memberships
        Columns practice_code, pcn_code (empty for none), pcn_name, start, end (datetime64, NaT for
        open), row, file: every membership row, in force or not.
    memberships_on
        The date whose memberships count, ISO 8601 (the study's, else the registrations' own).
    postcodes
        Index ``postcode`` (normalised with one space); columns easting, northing, borough_code.
        Only the postcodes that the practices need. None when no file was given.
    list_sizes
        Columns practice_code, list_size, row, file; published list sizes, or None.
    lsoas
        Columns lsoa_code, lsoa_name, msoa_code, ward_code, ward_name, borough_code, borough_name
        (empty texts when neither the layer nor a lookup has them), and, where the layer has them,
        residents, residents_65_plus, imd_decile, centre_e, centre_n; geometry in EPSG:27700.
    lsoa_year
        2011 or 2021: the census whose codes the polygons carry.
    residents
        Columns lsoa_code, residents, residents_65_plus (nullable), row, file; or None.
    centroids
        Columns lsoa_code, easting, northing; or None.
    deprivation
        Columns lsoa_code, imd_decile (1 is the most deprived tenth); or None.
    lsoa_lookup
        Columns lsoa11, lsoa21, change (``U``, ``S``, ``M`` or ``X``); or None.
    areas
        Column lsoa_code and those of msoa_code, ward_code, ward_name, borough_code, borough_name
        that the study's ``lsoa_lookup`` files have; or None.
    wards
        Either polygons (columns ward_code, ward_name, geometry in EPSG:27700) or a lookup
        (columns lsoa_code, ward_code, ward_name); either may have more area columns; or None.
    boroughs
        Columns borough_code, borough_name, geometry in EPSG:27700; or None.
    teams, footprints
        Layers by the study's key.
    barriers
        Lines and polygons by the study's key: geometry in EPSG:27700.
    communities
        Layers of areas that people call one place, by the study's key.
    cut_pairs, added_pairs
        Columns lsoa_code_a, lsoa_code_b, row, file.
    engagement
        Rows of the log of engagement: who, for_whom, when, asked, done, as they are written.
    sources
        The files read.
    """

    registrations: pd.DataFrame
    practices: pd.DataFrame
    memberships: pd.DataFrame
    memberships_on: str
    lsoas: gpd.GeoDataFrame
    lsoa_year: int
    postcodes: pd.DataFrame | None = None
    list_sizes: pd.DataFrame | None = None
    residents: pd.DataFrame | None = None
    centroids: pd.DataFrame | None = None
    deprivation: pd.DataFrame | None = None
    lsoa_lookup: pd.DataFrame | None = None
    areas: pd.DataFrame | None = None
    wards: pd.DataFrame | None = None
    boroughs: gpd.GeoDataFrame | None = None
    teams: dict[str, LayerTable] = field(default_factory=dict)
    footprints: dict[str, LayerTable] = field(default_factory=dict)
    barriers: dict[str, gpd.GeoSeries] = field(default_factory=dict)
    communities: dict[str, LayerTable] = field(default_factory=dict)
    cut_pairs: pd.DataFrame | None = None
    engagement: tuple[dict[str, str], ...] = ()
    added_pairs: pd.DataFrame | None = None
    sources: tuple[Source, ...] = ()
