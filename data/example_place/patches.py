"""What is drawn over the LSOAs: patches of teams, the river's pairs, points where people live.

Goes in: `Ground` and `Areas`. Comes out: `Patches`. Next: `papers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from example_place.areas import BOROUGHS, Areas, cell_links, grow_in
from example_place.ground import BRIDGES, SEED, Ground

LOCALITIES = ("Bridge", "Hillside", "Old Town", "Waterside")
NURSING = ("Red team", "Amber team", "Green team", "Blue team", "Violet team")
NURSING_STARTS = ((2_600, 3_000), (4_400, 5_100), (6_600, 3_000), (7_600, 5_900), (4_700, 7_600))
LOCALITY_STARTS = ((3_000, 6_600), (6_600, 7_100), (3_500, 3_400), (7_200, 4_000))


@dataclass(frozen=True)
class Patches:
    """Layers that do not follow the LSOAs, and the pairs of LSOAs that the river parts.

    Parameters
    ----------
    nursing
        Polygons of the community nursing patches; column name.
    localities
        Columns ward_code, ward_name, locality.
    cuts
        Pairs of LSOAs that face each other across the river with no bridge between them.
    points
        Where people live, finer than LSOAs: columns lsoa_code, x, y (metres from the origin),
        residents.
    """

    nursing: gpd.GeoDataFrame
    localities: pd.DataFrame
    cuts: pd.DataFrame
    points: pd.DataFrame


def make_patches(ground: Ground, areas: Areas) -> Patches:
    """Draw the patches of teams, list the river's pairs, and place the points."""
    return Patches(
        nursing=_nursing(ground, areas),
        localities=_localities(areas.lsoas),
        cuts=_cuts(ground, areas.cells, areas.lsoas),
        points=_points(ground, areas.cells, areas.lsoas),
    )


def _nursing(ground: Ground, areas: Areas) -> gpd.GeoDataFrame:
    """Return five patches that follow the river but only in part the edges of LSOAs.

    An LSOA that is nearly all in one patch goes to it whole; the others are cut as the patch
    was drawn, along streets.
    """
    cells = areas.cells
    links = cell_links(ground.touching, ground.xy, np.random.default_rng(SEED + 4))
    members = np.flatnonzero(ground.inside)
    open_links = [
        {
            v: d
            for v, d in link.items()
            if ground.north[u] == ground.north[v] or _on_bridge(ground.xy[u])
        }
        for u, link in enumerate(links)
    ]
    starts = [
        int(members[np.argmin(np.hypot(*(ground.xy[members] - s).T))]) for s in NURSING_STARTS
    ]
    patch = np.full(len(cells), -1)
    patch[members] = grow_in(members, open_links, ground.people, starts)
    for number in np.unique(cells[members]):
        group = np.flatnonzero(cells == number)
        held = np.bincount(patch[group], weights=ground.people[group])
        if held.max() >= 0.8 * held.sum():
            patch[group] = held.argmax()
    shapes = [shapely.coverage_union_all(ground.shapes[patch == t]) for t in range(len(NURSING))]
    return gpd.GeoDataFrame({"name": NURSING}, geometry=shapes)


def _on_bridge(point: np.ndarray) -> bool:
    return any(abs(point[0] - bridge) < 60 for bridge in BRIDGES)


def _localities(lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the adult social care locality of each ward of the borough."""
    own = lsoas[lsoas["borough_name"] == BOROUGHS[0][1]]
    wards = own.groupby(["ward_code", "ward_name"])[["x", "y"]].mean().reset_index()
    gap = [np.hypot(wards["x"] - x, wards["y"] - y) for x, y in LOCALITY_STARTS]
    wards["locality"] = [LOCALITIES[i] for i in np.argmin(gap, axis=0)]
    return wards[["ward_code", "ward_name", "locality"]]


def _cuts(ground: Ground, cells: np.ndarray, lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the pairs of the borough's LSOAs that only the river joins."""
    own = (lsoas["borough_name"] == BOROUGHS[0][1]).to_numpy()
    pairs = ground.touching
    pairs = pairs[ground.north[pairs[:, 0]] != ground.north[pairs[:, 1]]]
    pairs = pairs[own[cells[pairs]].all(axis=1)]
    middle = ground.xy[pairs][:, :, 0].mean(axis=1)
    bridged = {tuple(sorted(cells[pairs[np.argmin(np.abs(middle - x))]].tolist())) for x in BRIDGES}
    facing = {tuple(sorted(pair)) for pair in cells[pairs].tolist()} - bridged
    code = lsoas["code"].to_numpy()
    rows = sorted(tuple(sorted((code[a], code[b]))) for a, b in facing)
    return pd.DataFrame(rows, columns=["lsoa_code_a", "lsoa_code_b"])


def _points(ground: Ground, cells: np.ndarray, lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return about five points an LSOA, each with the people who live around it."""
    rows = []
    for number, lsoa in enumerate(lsoas.itertuples()):
        group = np.flatnonzero(cells == number)
        offset = ground.xy[group] - (lsoa.x, lsoa.y)
        group = group[np.argsort(np.arctan2(offset[:, 1], offset[:, 0]))]
        share = np.cumsum(ground.people[group]) / ground.people[group].sum()
        count = max(3, round(lsoa.residents / 340))
        part = np.minimum((share * count - 1e-9).astype(int), count - 1)
        ends = [0]
        for k in np.unique(part):
            inner = group[part == k]
            x, y = np.average(ground.xy[inner], axis=0, weights=ground.people[inner] + 1e-9)
            ends.append(round(float(share[part == k][-1]) * lsoa.residents))
            rows.append((lsoa.code, round(float(x), 1), round(float(y), 1), ends[-1] - ends[-2]))
    return pd.DataFrame(rows, columns=["lsoa_code", "x", "y", "residents"])
