"""Made-up team patches for the benchmarks: no London patches are published.

Goes in: LSOAs with their MSOA, residents and polygons. Comes out: two lookups from LSOA to team.
Next: `benchmarks.places` names them in the study.

The rule: MSOAs are cut into connected groups of about the same number of residents. A random
spanning tree of the MSOAs is cut where one side comes nearest to an equal share, for one team after
another; the best of 20 trees counts. The seed is the place's name and the layer's, so the patches
are the same on every machine. Community nursing has a team for every 3 MSOAs, but 8 to 12 of them;
adult social care one for every 6, but 5 to 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["LAYERS", "write_teams"]

_TREES = 20


@dataclass(frozen=True)
class MadeUp:
    """A made-up layer: words for people, MSOAs to a team, and the least and most teams."""

    label: str
    msoas: int
    least: int
    most: int


LAYERS = {
    "nursing": MadeUp("Community nursing (made up)", 3, 8, 12),
    "social_care": MadeUp("Adult social care (made up)", 6, 5, 7),
}


def write_teams(lsoas: pd.DataFrame, folder: Path, *, place: str) -> dict[str, Path]:
    """Write a lookup from LSOA to team for each made-up layer; return their files by layer."""
    msoas = sorted(set(lsoas["msoa11cd"]))
    at = {code: position for position, code in enumerate(msoas)}
    msoa = lsoas["msoa11cd"].map(at).to_numpy(dtype=np.int64)
    residents = np.bincount(msoa, weights=lsoas["pop_mid2020"].to_numpy()).astype(np.int64)
    pairs = _pairs(lsoas, msoa)
    files = {}
    for key, layer in LAYERS.items():
        wanted = min(len(msoas), layer.most, max(layer.least, len(msoas) // layer.msoas))
        chance = np.random.default_rng(crc32(f"{place}/{key}".encode()))
        teams = cut_into(residents, pairs, wanted, chance)
        names = [f"Made-up {key.replace('_', ' ')} team {teams[m] + 1:02d}" for m in msoa]
        files[key] = folder / f"{key}.csv"
        frame = lsoas[["lsoa11cd"]].assign(team=names).rename(columns={"lsoa11cd": "lsoa_code"})
        frame.to_csv(files[key], index=False)
    return files


def _pairs(lsoas: pd.DataFrame, msoa: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return pairs of MSOAs that share a border."""
    shapes = lsoas["geometry"].to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = msoa[left] < msoa[right]
    left, right = left[apart], right[apart]
    border = shapely.length(shapely.intersection(shapes[left], shapes[right])) > 0
    both = np.column_stack([msoa[left[border]], msoa[right[border]]])
    return np.asarray(np.unique(both, axis=0), dtype=np.int64)


def cut_into(
    residents: NDArray[np.int64],
    pairs: NDArray[np.int64],
    teams: int,
    chance: np.random.Generator,
) -> NDArray[np.int64]:
    """Return the team of each area: connected groups with about the same number of residents."""
    label = np.zeros(len(residents), dtype=np.int64)
    for number in range(teams - 1):
        left = label == number
        share = residents[left].sum() / (teams - number)
        most = int(left.sum()) - (teams - number - 1)
        trials = [_cut(residents, pairs, left, chance, share, most) for _ in range(_TREES)]
        _, apart = min(trials, key=lambda trial: trial[0])
        label[left & ~np.isin(np.arange(len(label)), apart)] = number + 1
    return label


def _cut(
    residents: NDArray[np.int64],
    pairs: NDArray[np.int64],
    left: NDArray[np.bool_],
    chance: np.random.Generator,
    share: float,
    most: int,
) -> tuple[float, list[int]]:
    """Return the cut of a random tree with one side nearest to the share: how far off, and who.

    The side has at most ``most`` areas, so that every team still to come gets one.
    """
    inside = pairs[left[pairs].all(axis=1)]
    beside: dict[int, list[int]] = {int(a): [] for a in np.flatnonzero(left)}
    for one, other in chance.permutation(inside).tolist():
        beside[one].append(other)
        beside[other].append(one)
    start = int(chance.choice(list(beside)))
    parent, order = {start: -1}, []
    stack = [start]
    while stack:
        a = stack.pop(int(chance.integers(len(stack))))
        order.append(a)
        for b in beside[a]:
            if b not in parent:
                parent[b] = a
                stack.append(b)
    below = {a: [a] for a in order}
    for a in reversed(order[1:]):
        below[parent[a]] += below[a]
    sides = [below[a] for a in order[1:]]
    sides += [sorted(set(order) - set(side)) for side in sides]
    sides = [side for side in sides if len(side) <= most] or [order[:1]]
    off = [abs(float(residents[side].sum()) - share) for side in sides]
    best = int(np.argmin(off))
    return off[best], sides[best]
