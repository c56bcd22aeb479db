"""Bonds: what it costs to draw a line between two neighbouring LSOAs.

Goes in: neighbouring pairs, the study's barriers and communities. Comes out: the pairs with their
bond and why it is more or less than the usual. Next: `boundaries.solve`, `boundaries.measure`.

Alignment and connectedness alone draw neighbourhoods that nobody would recognise. A bond makes a
line cost as much as some misaligned patients: less along a barrier, more within one community.
Pairs are counted, not metres: LSOAs hold about as many people everywhere, so a line through a town
parts many pairs and a line through fields few (the field's weighted cut edges).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.checks.words import counted
from boundaries.place.neighbours import draw_borders
from boundaries.place.place import no_barriers
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boundaries.study import Study
    from boundaries.study.model import Shape

__all__ = ["NEAR_M", "barriers_near", "bond_pairs", "runs_along"]

NEAR_M: Final = 30.0
MOST_OF_BORDER: Final = 0.5
"""A barrier runs along a border when at least half of the border lies within 30 m of it: borders
follow the middle of a river or road, or one of its banks, and are generalised by up to 20 m."""

_SOME_WAY_M: Final = 500.0


def barriers_near(
    lsoas: gpd.GeoDataFrame, barriers: Mapping[str, gpd.GeoSeries], *, study: Study
) -> gpd.GeoDataFrame:
    """Return what of the barriers lies in the place's box or within 500 m of it.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns layer (the study's key), label, geometry in EPSG:27700 (lines or polygons, cut at
        the edge of the box).
    """
    low_e, low_n, high_e, high_n = lsoas.total_bounds
    around = shapely.box(
        low_e - _SOME_WAY_M, low_n - _SOME_WAY_M, high_e + _SOME_WAY_M, high_n + _SOME_WAY_M
    )
    found = []
    for key, shapes in barriers.items():
        near = shapes[shapes.intersects(around)]
        parts = shapely.intersection(np.asarray(near), around)
        parts = parts[shapely.get_dimensions(parts) > 0]
        label = study.barriers[key].label or key.replace("_", " ").capitalize()
        texts = {"layer": [key] * len(parts), "label": [label] * len(parts)}
        found.append(gpd.GeoDataFrame(texts, geometry=parts, crs=lsoas.crs))
    found = [frame for frame in found if len(frame)]
    return pd.concat(found, ignore_index=True) if found else no_barriers()


def bond_pairs(
    lsoas: gpd.GeoDataFrame,
    neighbours: pd.DataFrame,
    *,
    barriers: gpd.GeoDataFrame,
    communities: pd.DataFrame,
    shape: Shape,
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Give every neighbouring pair its bond, and say why where it is not the usual one.

    Parameters
    ----------
    lsoas
        A clean coverage, index ``lsoa_code``; column residents; EPSG:27700.
    neighbours
        Columns lsoa_code_a < lsoa_code_b, border_m, why (``added``, else empty).
    barriers, communities
        As ``Place`` keeps them.
    shape
        Bond in mean residents of an LSOA of the place, and the factors.

    Returns
    -------
    tuple
        The neighbours with bond (people, to a thousandth) and why (``barrier``, ``community``,
        both with a comma between, ``added``, or empty): bond × mean residents, times the factor of
        each reason; an added pair has the usual bond. And a note a layer: how many pairs it
        touched.
    """
    notes: list[Problem] = []
    added = (neighbours["why"] == "added").to_numpy()
    along = np.zeros(len(neighbours), dtype=bool)
    if len(barriers):
        borders = draw_borders(lsoas)
        pairs = zip(neighbours["lsoa_code_a"], neighbours["lsoa_code_b"], strict=True)
        lines = np.array([borders.get(pair) for pair in pairs], dtype=object)
        for key, group in barriers.groupby("layer", sort=False):
            touched = runs_along(lines, group.geometry.to_numpy()) & ~added
            along |= touched
            notes.append(_touched(f"barriers.{key}", "run along it", touched, ~added))
    within = np.zeros(len(neighbours), dtype=bool)
    for key, rows in communities.groupby("layer", sort=False):
        home = rows[rows["share"] > MOST_OF_BORDER].set_index("lsoa_code")["area"]
        one, other = (home.reindex(neighbours[f"lsoa_code_{end}"]).to_numpy() for end in "ab")
        touched = pd.notna(one) & (one == other) & ~added
        within |= touched
        notes.append(_touched(f"communities.{key}", "lie in one area of it", touched, ~added))
    factor = np.where(along, shape.across_barrier, 1.0)
    factor *= np.where(within, shape.within_community, 1.0)
    usual = shape.bond * float(lsoas["residents"].mean())
    reasons = [
        ",".join(_words(bool(new), bool(barrier), bool(area)))
        for new, barrier, area in zip(added, along, within, strict=True)
    ]
    why = pd.Series(reasons, index=neighbours.index, dtype="str")
    bonds = neighbours.assign(bond=(usual * factor).round(3), why=why)
    order = ["lsoa_code_a", "lsoa_code_b", "border_m", "bond", "why"]
    return bonds[order], tuple(notes)


def _words(added: bool, barrier: bool, community: bool) -> Sequence[str]:  # noqa: FBT001 - three flags of one row
    named = (("added", added), ("barrier", barrier), ("community", community))
    return [word for word, true in named if true]


def runs_along(lines: np.ndarray, barriers: np.ndarray) -> np.ndarray:
    """Say of each border whether at least half of its length lies within 30 m of a barrier.

    Parameters
    ----------
    lines
        Lines in metres; None for a pair without a border.
    barriers
        Lines or polygons in metres.
    """
    tree = shapely.STRtree(barriers)
    at, near = tree.query(lines, predicate="dwithin", distance=NEAR_M)
    found = np.zeros(len(lines), dtype=bool)
    for number in np.unique(at):
        line = lines[number]
        low_e, low_n, high_e, high_n = shapely.bounds(line)
        reach = 2 * NEAR_M
        box = shapely.box(low_e - reach, low_n - reach, high_e + reach, high_n + reach)
        close = shapely.intersection(barriers[near[at == number]], box)
        zone = shapely.union_all(shapely.buffer(close, NEAR_M))
        share = shapely.length(shapely.intersection(line, zone)) / shapely.length(line)
        found[number] = share >= MOST_OF_BORDER
    return found


def _touched(role: str, what: str, touched: np.ndarray, borders: np.ndarray) -> Problem:
    pairs = counted(int(touched.sum()), "pair")
    said = f"{pairs} of neighbouring LSOAs {what}, of {int(borders.sum()):,} that share a border."
    fix = "Nothing." if touched.any() else "Check that the layer covers the place."
    return Problem("note" if touched.any() else "warning", role, None, "", "file", said, fix)
