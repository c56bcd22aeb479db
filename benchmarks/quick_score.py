"""An objective that no practices and anchors for a map can beat, in less than a millisecond.

Goes in: `Problem`, labels of LSOAs and the moves allowed. Comes out: a number of people. It is the
exact objective but for three rules left out: an anchor and a practice for every neighbourhood, and
floors. `benchmarks.peers` places practices exactly only for maps that this cannot rule out, so that
a rival sees many more maps in its time.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.problem import Problem

__all__ = ["least_objective"]


def least_objective(problem: Problem, labels: NDArray[np.int64], moves: int) -> float:
    """Return what the objective of a map is at least, practices and anchors at best."""
    inside = (labels[:, None] == np.arange(problem.neighbourhoods)[None, :]).astype(float)
    reach = problem.people @ inside
    best = reach.max(axis=1)
    free = np.ones(len(reach), dtype=bool)
    free[: len(problem.pcn_of)] = problem.pcn_of < 0
    served = np.full(moves + 1, float(best[free].sum()))
    for pcn, span in enumerate(problem.span.tolist()):
        own = np.flatnonzero(problem.pcn_of == pcn)
        ways = list(combinations(range(problem.neighbourhoods), min(span, problem.neighbourhoods)))
        home = np.stack([reach[own][:, list(way)].max(axis=1) for way in ways])
        gains = -np.sort(home - best[own], axis=1)[:, :moves]
        with_moves = np.zeros((len(ways), moves + 1))
        with_moves[:, 1 : gains.shape[1] + 1] = gains
        most = (home.sum(axis=1)[:, None] + with_moves.cumsum(axis=1)).max(axis=0)
        served = np.array(
            [max(served[t - s] + most[s] for s in range(t + 1)) for t in range(moves + 1)]
        )
    return float(problem.total - served[-1])
