"""The checked place: everything that measuring, solving and drawing need, and nothing else.

Goes in: checked tables (`boundaries.place.build`). Comes out: `Place`.
Next: `boundaries.measure` and `boundaries.solve`, which never see a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from boundaries.guard import Guarded

if TYPE_CHECKING:
    from boundaries.read.tables import Source

__all__ = ["Place", "TeamLayer", "no_barriers", "no_communities", "no_context"]


def no_barriers() -> gpd.GeoDataFrame:
    """Return the barriers of a place without any."""
    texts = {"layer": pd.Series(dtype="str"), "label": pd.Series(dtype="str")}
    return gpd.GeoDataFrame(texts, geometry=[], crs=27700)


def no_communities() -> pd.DataFrame:
    """Return the community layers of a place without any."""
    texts = {name: pd.Series(dtype="str") for name in ("layer", "lsoa_code", "area")}
    return pd.DataFrame({**texts, "share": pd.Series(dtype="float64")})


def no_context() -> gpd.GeoDataFrame:
    """Return the context of a place without any."""
    texts = {name: pd.Series(dtype="str") for name in ("layer", "kind", "label")}
    return gpd.GeoDataFrame(texts, geometry=[], crs=27700)


@dataclass(frozen=True, eq=False, repr=False)
class TeamLayer(Guarded):
    """One layer of community or social care teams and who lives in each team's patch.

    Parameters
    ----------
    name
        The study's key for the layer, e.g. ``community_nursing``; used in file columns.
    label
        Words for people, e.g. ``Community nursing``.
    weight
        Weight of a resident whose team changes, against a misaligned patient (default 1).
    shares
        Columns lsoa_code, team, share (0–1, rounded to 6 decimals): the share of the LSOA's
        residents who live in the team's patch. Σ share ≤ 1 per LSOA; the rest has no team. Sorted.
    patches
        Polygons of the patches in EPSG:27700, index ``team``; made of whole LSOAs where the study
        gave a lookup.
    """

    name: str
    label: str
    weight: float
    shares: pd.DataFrame
    patches: gpd.GeoDataFrame

    def __repr__(self) -> str:
        return f"TeamLayer({self.name!r}, {self.shares['team'].nunique()} teams)"


@dataclass(frozen=True, eq=False, repr=False)
class Place(Guarded):
    """A place whose data has been read, checked and joined. All geometry is EPSG:27700.

    Every frame is sorted by its index or key columns. Codes are text.

    Parameters
    ----------
    name
        What people call the place.
    lsoa_year
        2011 or 2021: the census whose LSOA codes are used.
    lsoas
        Index ``lsoa_code``. Columns: lsoa_name, borough_code, borough_name, residents (int),
        residents_65_plus (nullable int), imd_decile (nullable int, 1 is the most deprived tenth),
        imd_quintile (nullable int, 1 is the most deprived fifth), ward_code, ward_name (empty
        texts when no wards were given), centre_e, centre_n (metres: population-weighted centroid
        when supplied, else a point inside), geometry.
    practices
        Practices of the place, index ``practice_code``. Columns: practice_name, postcode,
        list_size (all its registered patients, wherever they live), patients_inside (those who
        live in the place's LSOAs), patients_outside (the rest, those with no LSOA included),
        pcn_code (None for a practice without one), borough_code, geometry (point, may be empty
        when the postcode is not known).
    pcns
        PCNs of at least one practice of the place, index ``pcn_code``. Columns: pcn_name,
        list_size (all its practices), list_outside (its practices outside the place, which never
        move), practices (count in the place), practices_outside, span (most neighbourhoods it may
        be anchored in), floor (registered patients of staying practices, list_outside included,
        must not fall below it; 0 when waived), waiver (reason, else empty).
    registrations
        Patients of the place's practices who live in the place. Columns practice_code, lsoa_code,
        patients (int > 0), sorted, one row a pair.
    elsewhere
        Residents registered with practices outside the place, as far as the files show. Columns
        lsoa_code, pcn_code (None for none), patients.
    neighbours
        Pairs of neighbouring LSOAs, edits applied. Columns lsoa_code_a < lsoa_code_b, border_m
        (0 for added pairs), bond (what it costs to draw a line between the two, in people, to a
        thousandth), why (``barrier``, ``community``, both with a comma between, ``added``, or
        empty).
    cut_pairs
        Bordering pairs that the study cut: lsoa_code_a, lsoa_code_b, border_m.
    teams
        Layers of teams by the study's key, in the study's order.
    boroughs
        Borough polygons, index ``borough_code``; column borough_name.
    footprints
        Given neighbourhood footprints: ``today`` and ``given``, where the study has them; each a
        Series lsoa_code → name (every LSOA of the place).
    barriers
        Lines and polygons of the study's barriers near the place: columns layer (the study's key),
        label, geometry.
    communities
        Shares of the study's community layers: columns layer (the study's key), lsoa_code, area,
        share (of the LSOA's residents, 0–1); sorted.
    context
        What people know the ground by, for drawing only: columns layer (the study's key), kind,
        label, geometry, cut to the place and a margin.
    named_after
        The community layer whose areas neighbourhoods are named after; empty for wards.
    sources
        The files read.
    modelled_share
        Share of registered patients whose LSOA was modelled (2011 → 2021 split), 0–1.
    """

    name: str
    lsoa_year: int
    lsoas: gpd.GeoDataFrame
    practices: gpd.GeoDataFrame
    pcns: pd.DataFrame
    registrations: pd.DataFrame
    elsewhere: pd.DataFrame
    neighbours: pd.DataFrame
    cut_pairs: pd.DataFrame
    teams: dict[str, TeamLayer]
    boroughs: gpd.GeoDataFrame
    footprints: dict[str, pd.Series] = field(default_factory=dict)
    barriers: gpd.GeoDataFrame = field(default_factory=no_barriers)
    communities: pd.DataFrame = field(default_factory=no_communities)
    context: gpd.GeoDataFrame = field(default_factory=no_context)
    named_after: str = ""
    sources: tuple[Source, ...] = ()
    modelled_share: float = 0.0

    def __repr__(self) -> str:
        return (
            f"Place({self.name!r}, {len(self.lsoas)} LSOAs, {len(self.practices)} practices, "
            f"{len(self.pcns)} PCNs)"
        )
