"""An objective that no practices and anchors for a map can beat, in milliseconds.

Goes in: `Instance`, labels of LSOAs and the moves allowed. Comes out: a number of people. It is the
exact objective but for two rules left out: a practice for every neighbourhood, and floors.
`benchmarks.peers` places practices exactly only for maps that this cannot rule out, so that a rival
sees many more maps in its time.

PCNs are anchored one after the other; what is kept is the most people served for every set of
neighbourhoods that have an anchor by then, and every number of moves.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["least_objective"]


def least_objective(
    instance: Instance, labels: NDArray[np.int64], moves: int, *, target: float = np.inf
) -> float:
    """Return what the objective of a map is at least, practices and anchors at best.

    The rule that every neighbourhood has an anchor is looked at only where the bound without it is
    under the cutoff.
    """
    inside = (labels[:, None] == np.arange(instance.neighbourhoods)[None, :]).astype(float)
    reach = instance.people @ inside
    best = reach.max(axis=1)
    free = np.ones(len(reach), dtype=bool)
    free[: len(instance.pcn_of)] = instance.pcn_of < 0
    base = float(instance.total - best[free].sum())
    profit = [_worth(instance, pcn, reach, moves) for pcn in range(len(instance.pcns))]
    loose = base - _most([{0: gains.max(axis=0)} for _, gains in profit], 1, moves)
    if loose >= target:
        return loose
    covering = [dict(zip(ways, gains, strict=True)) for ways, gains in profit]
    return base - _most(covering, 1 << instance.neighbourhoods, moves)


def _worth(
    instance: Instance, pcn: int, reach: NDArray[np.float64], moves: int
) -> tuple[list[int], NDArray[np.float64]]:
    """Return the ways to anchor a PCN, as bits, and the people each serves with 0, 1, … moves."""
    own = reach[: len(instance.pcn_of)][instance.pcn_of == pcn]
    sets = list(combinations(range(instance.neighbourhoods), int(instance.span[pcn])))
    home = np.stack([own[:, list(labels)].max(axis=1) for labels in sets])
    gains = -np.sort(home - own.max(axis=1), axis=1)[:, :moves]
    served = np.zeros((len(sets), moves + 1))
    served[:, 0] = home.sum(axis=1)
    served[:, 1 : gains.shape[1] + 1] = gains
    return [sum(1 << label for label in labels) for labels in sets], served.cumsum(axis=1)


def _most(profit: list[dict[int, NDArray[np.float64]]], sets: int, moves: int) -> float:
    """Return the most people served when every neighbourhood has an anchor."""
    pcn_sets = np.arange(sets)
    best = np.full((sets, moves + 1), -np.inf)
    best[0, :] = 0.0
    for ways in profit:
        new = np.full_like(best, -np.inf)
        for way, served in ways.items():
            grown = np.full_like(best, -np.inf)
            for moved in range(moves + 1):
                later = best[:, : moves + 1 - moved] + served[moved]
                grown[:, moved:] = np.maximum(grown[:, moved:], later)
            np.maximum.at(new, pcn_sets | way, grown)
        best = new
    return float(best[-1, -1])
