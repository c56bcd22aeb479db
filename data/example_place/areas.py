"""Areas made of cells: LSOAs, MSOAs and wards of three boroughs.

Goes in: `Ground`. Comes out: `Areas`. Next: `patches`, `people`.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from example_place.ground import CENTRE, RESIDENTS, SEED, Ground, grow

BOROUGHS = (  # code, name
    ("E09990001", "Wrenbourne (made up)"),
    ("E09990002", "Ostermoor (made up)"),
    ("E09990003", "Calderhythe (made up)"),
)
LSOA_RESIDENTS = 1_775
WARDS = {  # name: x, y it lies around (metres from the origin)
    "Abbeylock": (2_500, 6_400), "Bellfounders": (5_100, 4_200), "Cinder Hill": (6_000, 3_700),
    "Dovecote": (4_300, 7_000), "Eelmarket": (8_400, 6_300), "Fallow Park": (5_700, 2_900),
    "Gallows Green": (4_600, 2_300), "Hopgarden": (2_500, 3_300), "Inkerman": (8_000, 4_900),
    "Junction": (3_300, 5_700), "Kiln Lane": (3_000, 2_000), "Lockmeadow": (3_300, 4_300),
    "Mill Pond": (5_300, 5_800), "Northreach": (5_400, 7_900), "Oldbarge": (6_700, 4_700),
    "Potters Row": (7_100, 3_300), "Quillmakers": (6_700, 7_000), "Ropewalk": (4_200, 3_500),
}  # fmt: skip
# Shares of national tenths that a borough of outer east London might have, most deprived first.
TENTHS = (0.07, 0.13, 0.16, 0.15, 0.13, 0.11, 0.09, 0.07, 0.05, 0.04)


@dataclass(frozen=True)
class Areas:
    """LSOAs and what is made of them.

    Parameters
    ----------
    cells
        Number of the LSOA of each cell, in the order of ``lsoas``.
    lsoas
        Columns code, name, msoa_code, msoa_name, borough_code, borough_name, ward_code,
        ward_name, residents, over_65, rank, tenth, north, x, y (metres from `ORIGIN`), geometry.
    """

    cells: np.ndarray
    lsoas: gpd.GeoDataFrame


def make_areas(ground: Ground) -> Areas:
    """Put the cells together into areas."""
    rng = np.random.default_rng(SEED + 1)
    borough = _boroughs_of_cells(ground)
    links = cell_links(ground.touching, ground.xy, rng)
    cells = _lsoas_of_cells(ground, borough, links, rng)
    lsoas = _lsoas(ground, borough, cells, rng)
    order = np.argsort(lsoas.pop("first").to_numpy())
    cells = np.argsort(order)[cells]
    return Areas(cells, lsoas.iloc[order].reset_index(drop=True))


def _boroughs_of_cells(ground: Ground) -> np.ndarray:
    """Return the borough of each cell; no borough has a piece cut off on either bank."""
    west = ground.xy[:, 0] < CENTRE[0] + 300
    borough = np.where(ground.inside, 0, np.where(west, 1, 2))
    same_bank = ground.touching[
        ground.north[ground.touching[:, 0]] == ground.north[ground.touching[:, 1]]
    ]
    for _ in range(3):
        for stray in _strays(borough * 2 + ground.north, same_bank):
            beside = same_bank[(same_bank == stray).any(axis=1)].ravel()
            others = borough[beside][borough[beside] != borough[stray]]
            if len(others):
                borough[stray] = others[0]
    return borough


def _strays(group: np.ndarray, pairs: np.ndarray) -> list[int]:
    """Return the units that are not in the largest connected piece of their group."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(group)))
    graph.add_edges_from((int(a), int(b)) for a, b in pairs if group[a] == group[b])
    largest: dict[int, set[int]] = {}
    for piece in nx.connected_components(graph):
        key = int(group[min(piece)])
        if len(piece) > len(largest.get(key, ())):
            largest[key] = piece
    return sorted(set(range(len(group))) - set().union(*largest.values()))


def cell_links(
    pairs: np.ndarray, xy: np.ndarray, rng: np.random.Generator
) -> list[dict[int, float]]:
    """Return the length of each link, much or little stretched, so that areas grow unevenly."""
    links: list[dict[int, float]] = [{} for _ in xy]
    stretch = 0.2 + 2.4 * rng.random(len(pairs))
    for (a, b), factor in zip(pairs.tolist(), stretch, strict=True):
        links[a][b] = links[b][a] = float(np.hypot(*(xy[a] - xy[b])) * factor)
    return links


def grow_in(
    members: np.ndarray, links: list[dict[int, float]], weight: np.ndarray, starts: list[int]
) -> np.ndarray:
    """Grow regions among some of the units only."""
    place = {int(unit): i for i, unit in enumerate(members)}
    inner = [{place[v]: d for v, d in links[u].items() if v in place} for u in place]
    return grow(inner, weight[members], [place[s] for s in starts])


def _spread(members: np.ndarray, xy: np.ndarray, count: int) -> list[int]:
    """Return units far from each other: each next one the farthest from those before."""
    middle = xy[members].mean(axis=0)
    chosen = [int(members[np.argmax(np.hypot(*(xy[members] - middle).T))])]
    gap = np.full(len(members), np.inf)
    while len(chosen) < count:
        gap = np.minimum(gap, np.hypot(*(xy[members] - xy[chosen[-1]]).T))
        chosen.append(int(members[np.argmax(gap)]))
    return chosen


def _lsoas_of_cells(
    ground: Ground, borough: np.ndarray, links: list[dict[int, float]], rng: np.random.Generator
) -> np.ndarray:
    """Return the LSOA of each cell: connected, on one bank, in one borough, alike in residents."""
    found, before = np.full(len(ground.xy), -1), 0
    for group in range(6):
        members = np.flatnonzero(borough * 2 + ground.north == group)
        count = max(1, round(float(ground.people[members].sum()) / LSOA_RESIDENTS))
        running = np.cumsum(ground.people[members])
        targets = (np.arange(count) + rng.random(count)) / count * running[-1]
        starts = [int(unit) for unit in members[np.unique(np.searchsorted(running, targets))]]
        region = grow_in(members, links, ground.people, starts)
        found[members] = before + region
        before += len(starts)
    return found


def _lsoas(
    ground: Ground, borough: np.ndarray, cells: np.ndarray, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Return the LSOAs with names, residents and deprivation; ``first`` orders them by code."""
    numbers = range(int(cells.max()) + 1)
    groups = [np.flatnonzero(cells == number) for number in numbers]
    people = np.array([ground.people[group].sum() for group in groups])
    xy = np.array(
        [np.average(ground.xy[g], axis=0, weights=ground.people[g] + 1e-9) for g in groups]
    )
    frame = gpd.GeoDataFrame(
        {
            "borough": [int(borough[group[0]]) for group in groups],
            "north": [bool(ground.north[group[0]]) for group in groups],
            "residents": np.round(people).astype(int),
            "x": np.round(xy[:, 0], 1),
            "y": np.round(xy[:, 1], 1),
        },
        geometry=[shapely.coverage_union_all(ground.shapes[group]) for group in groups],
    )
    pairs = np.sort(cells[ground.touching], axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    banks = frame["north"].to_numpy()
    links = cell_links(pairs[banks[pairs[:, 0]] == banks[pairs[:, 1]]], xy, rng)
    frame = _name(frame, links, xy)
    return _deprivation(
        frame, np.array([shapely.area(ground.shapes[g]).sum() for g in groups]), rng
    )


def _name(
    frame: gpd.GeoDataFrame, links: list[dict[int, float]], xy: np.ndarray
) -> gpd.GeoDataFrame:
    """Add codes and names of LSOAs, MSOAs, wards and boroughs."""
    weight = frame["residents"].to_numpy().astype(float)
    msoa, ward = np.zeros(len(frame), dtype=int), np.zeros(len(frame), dtype=int)
    for group in range(6):
        members = np.flatnonzero(frame["borough"] * 2 + frame["north"] == group)
        for into, each in ((msoa, 8_900), (ward, RESIDENTS / len(WARDS))):
            count = max(1, round(weight[members].sum() / each))
            region = grow_in(members, links, weight, _spread(members, xy, count))
            into[members] = 1_000 * frame["borough"].iloc[members[0]] + 100 * (group % 2) + region
    msoa, ward = _from_the_north(msoa, xy), _from_the_north(ward, xy)
    order = np.lexsort((xy[:, 0], msoa))
    first = np.empty(len(frame), dtype=int)
    first[order] = np.arange(len(frame))
    letter = pd.Series(first).groupby(msoa).rank().astype(int).to_numpy() - 1
    codes, names = zip(*(BOROUGHS[b] for b in frame["borough"]), strict=True)
    short = [name.removesuffix(" (made up)") for name in names]
    called = _ward_names(ward, xy, frame["borough"].to_numpy(), short)
    return frame.assign(
        first=first,
        code=[f"E0199{n + 1:04d}" for n in first],
        name=[
            f"{s} {m + 1:03d}{'ABCDEFGHIJ'[k]}"
            for s, m, k in zip(short, _within(msoa, frame), letter, strict=True)
        ],
        msoa_code=[f"E0299{m + 1:04d}" for m in msoa],
        msoa_name=[f"{s} {m + 1:03d}" for s, m in zip(short, _within(msoa, frame), strict=True)],
        borough_code=codes,
        borough_name=names,
        ward_code=[f"E0599{w + 1:04d}" for w in ward],
        ward_name=[called[w] for w in ward],
    )


def _ward_names(
    ward: np.ndarray, xy: np.ndarray, borough: np.ndarray, short: list[str]
) -> dict[int, str]:
    """Return the name of each ward: in the borough, the free name that lies nearest."""
    found = dict.fromkeys(ward.tolist(), "")
    for b in (1, 2):
        for n, w in enumerate(sorted(set(ward[borough == b].tolist())), start=1):
            found[w] = f"{short[int(np.argmax(ward == w))]} Edge {n}"
    middle = {w: xy[ward == w].mean(axis=0) for w in found if not found[w]}
    gaps = sorted(
        (float(np.hypot(*(middle[w] - np.array(at)))), name, w)
        for w in middle
        for name, at in WARDS.items()
    )
    for _, name, w in gaps:
        if not found[w] and name not in found.values():
            found[w] = name
    return found


def _within(number: np.ndarray, frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return numbers counted from 0 in each borough."""
    return (
        number - pd.Series(number).groupby(frame["borough"].to_numpy()).transform("min").to_numpy()
    )


def _from_the_north(group: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Return groups renumbered 0, 1, 2 … borough by borough, from north to south."""
    middle = pd.DataFrame({"group": group, "y": xy[:, 1]}).groupby("group")["y"].mean()
    order = sorted(middle.index, key=lambda g: (g // 1_000, -middle[g]))
    return np.array([order.index(g) for g in group])


def _deprivation(
    frame: gpd.GeoDataFrame, area: np.ndarray, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Add rank and tenth of deprivation and people aged 65 or over; both vary smoothly."""
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    crowded = np.log(frame["residents"].to_numpy() / area)
    score = 0.5 * (crowded - crowded.mean()) + 0.9 * np.exp(
        -(((x - 7_600) / 1_500) ** 2 + ((y - 5_600) / 1_100) ** 2)
    )
    score += 0.8 * np.exp(-(((x - 3_400) / 1_000) ** 2 + ((y - 2_900) / 1_000) ** 2))
    score += 0.25 * np.sin(x / 900 + y / 1_300) + 0.5 * (rng.random(len(frame)) - 0.5)
    place = (np.argsort(np.argsort(-score)) + 0.5) / len(frame)
    ends = np.cumsum(TENTHS)
    tenth = np.searchsorted(ends, place)
    within = (place - (ends - TENTHS)[tenth]) / np.array(TENTHS)[tenth]
    older = np.clip(
        0.145 - 0.05 * (crowded - crowded.mean()) + 0.04 * (rng.random(len(x)) - 0.5), 0.05, 0.24
    )
    return frame.assign(
        tenth=tenth + 1,
        rank=np.round((tenth + within) * 3_375.5).astype(int),
        over_65=np.round(older * frame["residents"]).astype(int),
    )
