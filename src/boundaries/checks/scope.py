"""What the study is about: the LSOAs, practices and PCNs of its place.

Goes in: `Tables` and `Study`. Comes out: `Scope`, the one definition of "a practice of the
place" that checks and `boundaries.place` share.

A practice is of the place when its main site stands in one of the place's LSOAs and the
registrations hold patients of it (model, section 1). One without coordinates is taken to stand
where most of its patients live, so that it is not lost. Practices that the study includes or
excludes by code come or go after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.checks.areas import find_lsoas
from boundaries.checks.members import members_in_force
from boundaries.codes import LSOA, normalise_postcode

if TYPE_CHECKING:
    from boundaries.problems import Problem
    from boundaries.read.tables import Tables
    from boundaries.study import Study

__all__ = ["Scope", "find_scope"]

NEAR_M: Final = 50.0
"""A practice that stands in no LSOA at all (on a quay, say: boundaries are generalised to 20 m and
cut at the water) belongs to the nearest LSOA within this distance."""

WORTH_PLACING: Final = 500
"""A practice without coordinates and with fewer patients in the place than this is taken to stand
elsewhere: practices across the country have a patient or two in every London borough."""


@dataclass(frozen=True)
class Scope:
    """The LSOAs, practices and memberships that a study is about.

    Parameters
    ----------
    lsoas
        LSOAs of the place as `boundaries.checks.areas.find_lsoas` returns them.
    registration_codes
        LSOA codes in the registrations that lie in the place: those of ``lsoas`` and, where a
        2011–2021 lookup was given, their 2011 parents.
    parents
        The 2011 parents of each LSOA, by its code; empty without a lookup.
    practices
        Every practice with patients or in the practice file, index ``practice_code``, sorted.
        Columns practice_name, postcode, status, prescribing_setting, close_date, easting, northing
        (NaN when unknown), list_size (all registrations of it, 0 for none), patients_inside (those
        living in the place), lsoas (count of LSOAs it has patients in), lsoa_code (LSOA of the
        place that its main site stands in, else empty), borough_code (of that LSOA; for an
        included practice outside, the place's borough where most of its patients live), inside,
        whole (its registrations stand in a file that was not cut to the layer's residents),
        listed (in the practice file), of_place (bools), row, file.
    members
        As `boundaries.checks.members.members_in_force` returns it.
    """

    lsoas: gpd.GeoDataFrame
    registration_codes: frozenset[str]
    parents: dict[str, frozenset[str]]
    practices: pd.DataFrame
    members: pd.DataFrame

    @property
    def of_place(self) -> pd.DataFrame:
        """Practices of the place."""
        return self.practices[self.practices["of_place"]]

    @property
    def partners(self) -> pd.DataFrame:
        """Members of the place's PCNs, in the place or not, with what is known of them.

        A member without patients counts only while the practice file has it as active, or does
        not know it: practices that merged often stand in membership files for years.
        """
        pcns = set(self.pcn_of.dropna())
        members = self.members[self.members["pcn_code"].isin(pcns)]
        known = members.join(self.practices.drop(columns=["row", "file"]))
        for column in ("of_place", "listed"):
            known[column] = known[column].eq(other=True)
        known["list_size"] = known["list_size"].fillna(0).astype("int64")
        gone = (known["list_size"] == 0) & known["listed"] & (known["status"] != "A")
        return known[~gone]

    @property
    def pcn_of(self) -> pd.Series:
        """PCN of each practice of the place; None for a practice without one."""
        codes = self.members["pcn_code"].reindex(self.of_place.index).astype(object)
        return codes.where(codes.notna(), None)


def find_scope(tables: Tables, study: Study) -> tuple[Scope | None, tuple[Problem, ...]]:
    """Say which LSOAs, practices and PCNs a study is about.

    Parameters
    ----------
    tables
        As read.
    study
        Its ``[place]`` names the boroughs, and practices to include or exclude.

    Returns
    -------
    tuple
        The scope, or None when the LSOAs of the place cannot be told; and the faults of the LSOA
        layer (all other faults are found by `boundaries.checks.check_tables`).
    """
    lsoas, problems = find_lsoas(tables, study)
    if lsoas is None:
        return None, problems
    parents = _parents(lsoas, tables)
    codes = frozenset(lsoas.index).union(*parents.values())
    practices = _with_people(_listed(tables), tables, codes)
    practices = _with_sites(practices, tables, lsoas)
    practices["whole"] = _whole_lists(practices, tables)
    included = practices.index.isin(study.place.include_practices)
    excluded = practices.index.isin(study.place.exclude_practices)
    practices["of_place"] = (
        (practices["inside"] | _unplaced(practices) | included)
        & ~excluded
        & (practices["list_size"] > 0)
    )
    practices = _with_borough(practices, tables, lsoas)
    return Scope(lsoas, codes, parents, practices, members_in_force(tables)), problems


def _unplaced(practices: pd.DataFrame) -> pd.Series[bool]:
    """Say which practices of the practice file have no coordinates, and most patients in the place.

    The same holds of one that the practice file does not know, or of which not one patient lives
    outside the place, when its registrations are whole. Else it is from elsewhere: they were cut to
    the residents of the layer, as those of 900 practices across the country are in a file of
    "London residents at other practices".
    """
    nowhere = practices["easting"].isna() | practices["northing"].isna()
    inside, every = practices["patients_inside"], practices["list_size"]
    mostly = (2 * inside > every) & (inside >= WORTH_PLACING)
    return nowhere & mostly & ((practices["listed"] & (inside < every)) | practices["whole"])


def _whole_lists(practices: pd.DataFrame, tables: Tables) -> pd.Series[bool]:
    """Say of which practices the registrations stand in a file that was not cut to the layer.

    Such a file has patients in LSOAs that the layer does not have.
    """
    rows = tables.registrations
    layer = set(tables.lsoas["lsoa_code"].astype(str))
    if tables.lsoa_lookup is not None:
        known = tables.lsoa_lookup[tables.lsoa_lookup["lsoa21"].isin(layer)]
        layer |= set(known["lsoa11"])
    codes = pd.Series(rows["lsoa_code"].unique())
    beyond = set(codes[codes.str.match(LSOA) & ~codes.isin(layer)])
    file = rows["file"].astype(str)
    whole = set(file[rows["lsoa_code"].isin(beyond)].unique())
    of_practice = set(rows.loc[file.isin(whole), "practice_code"])
    return pd.Series(practices.index.isin(of_practice), index=practices.index)


def _parents(lsoas: gpd.GeoDataFrame, tables: Tables) -> dict[str, frozenset[str]]:
    if tables.lsoa_lookup is None or tables.lsoa_year != 2021:
        return {}
    pairs = tables.lsoa_lookup[tables.lsoa_lookup["lsoa21"].isin(lsoas.index)]
    return {str(code): frozenset(group) for code, group in pairs.groupby("lsoa21")["lsoa11"]}


def _listed(tables: Tables) -> pd.DataFrame:
    texts = ["practice_name", "postcode", "status", "prescribing_setting"]
    names = ["practice_code", *texts, "close_date", "easting", "northing", "row", "file"]
    frame = tables.practices.reindex(columns=names)
    frame = frame.drop_duplicates("practice_code").set_index("practice_code")
    for column in texts:
        frame[column] = frame[column].fillna("").astype(str)
    for column in ("easting", "northing"):
        frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    return frame.assign(listed=True)


def _with_people(practices: pd.DataFrame, tables: Tables, codes: frozenset[str]) -> pd.DataFrame:
    rows = tables.registrations
    by_practice = rows.groupby("practice_code")["patients"]
    inside = rows[rows["lsoa_code"].isin(codes)].groupby("practice_code")["patients"].sum()
    lists = by_practice.sum()
    every = practices.index.union(lists.index).sort_values()
    frame = practices.reindex(every)
    frame.index.name = "practice_code"
    frame["listed"] = frame["listed"].notna()
    frame["list_size"] = lists.reindex(every).fillna(0).astype("int64")
    frame["patients_inside"] = inside.reindex(every).fillna(0).astype("int64")
    frame["lsoas"] = by_practice.size().reindex(every).fillna(0).astype("int64")
    for column in ("practice_name", "postcode", "status", "prescribing_setting"):
        frame[column] = frame[column].fillna("")
    if "practice_name" in rows.columns:
        names = rows.drop_duplicates("practice_code").set_index("practice_code")["practice_name"]
        blank = frame["practice_name"] == ""
        frame.loc[blank, "practice_name"] = names.reindex(frame.index[blank]).fillna("")
    blank = frame["practice_name"] == ""
    frame.loc[blank, "practice_name"] = frame.index[blank]
    return frame


def _with_sites(practices: pd.DataFrame, tables: Tables, lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    frame = practices.copy()
    if tables.postcodes is not None and len(tables.postcodes):
        known = tables.postcodes[~tables.postcodes.index.duplicated()]
        postcodes = frame["postcode"].map(normalise_postcode)
        lost = frame["easting"].isna() | frame["northing"].isna()
        for column in ("easting", "northing"):
            found = pd.to_numeric(postcodes[lost].map(known[column]), errors="coerce")
            frame.loc[lost, column] = found.astype("float64")
    placed = frame["easting"].notna() & frame["northing"].notna()
    points = gpd.GeoDataFrame(
        index=frame.index[placed],
        geometry=gpd.points_from_xy(frame.loc[placed, "easting"], frame.loc[placed, "northing"]),
        crs=lsoas.crs,
    )
    home = _lsoa_of(points, lsoas, tables.lsoas)
    frame["lsoa_code"] = home.reindex(frame.index).fillna("")
    frame["inside"] = frame["lsoa_code"] != ""
    frame["borough_code"] = frame["lsoa_code"].map(lsoas["borough_code"]).fillna("")
    return frame


def _lsoa_of(
    points: gpd.GeoDataFrame, lsoas: gpd.GeoDataFrame, layer: gpd.GeoDataFrame
) -> pd.Series:
    """LSOA of the place for every point that stands in one, or in none at all but near one."""
    shapes = lsoas[["geometry"]].reset_index()
    inside = points.sjoin(shapes, predicate="intersects").sort_values("lsoa_code")
    found = inside["lsoa_code"][~inside.index.duplicated()]
    left = points.drop(found.index)
    west, south, east, north = lsoas.total_bounds
    left = left.cx[west - NEAR_M : east + NEAR_M, south - NEAR_M : north + NEAR_M]
    if left.empty:
        return found
    elsewhere = left.sjoin(layer[["geometry"]], predicate="intersects").index
    left = left.drop(elsewhere.unique())
    near = left.sjoin_nearest(shapes, max_distance=NEAR_M).sort_values("lsoa_code")
    homes: pd.Series = pd.concat([found, near["lsoa_code"][~near.index.duplicated()]])
    return homes


def _with_borough(practices: pd.DataFrame, tables: Tables, lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give practices of the place that stand outside it the borough where most patients live."""
    frame = practices.copy()
    homeless = frame.index[frame["of_place"] & (frame["borough_code"] == "")]
    if homeless.empty:
        return frame
    rows = tables.registrations[tables.registrations["practice_code"].isin(homeless)]
    borough = rows["lsoa_code"].map(lsoas["borough_code"])
    patients = rows.groupby([rows["practice_code"], borough])["patients"].sum()
    for code in homeless:
        here = patients[code] if code in patients.index.get_level_values(0) else None
        first = str(np.sort(lsoas["borough_code"].unique())[0])
        frame.loc[code, "borough_code"] = first if here is None else str(here.idxmax())
    return frame
