"""What may go where under one pattern of anchors, locks with PCNs included.

Goes in: `Problem` and a pattern. Comes out: `Freedom`, which every room of the solver reads.
Next: `boundaries.solve.assignment`, `boundaries.solve.lp` and `boundaries.solve.heuristics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.instance import Problem

__all__ = ["Freedom", "Pattern", "freedom_of"]

Pattern = tuple[int, ...]
"""For each neighbourhood the PCNs anchored in it, as bits; neighbourhoods are sorted."""


@dataclass(frozen=True)
class Freedom:
    """What may go where under a pattern.

    Parameters
    ----------
    lsoas
        LSOAs by neighbourhoods: allowed or not.
    items
        Practices, then teams, by neighbourhoods: allowed or not.
    moves
        The same shape: 1 where the practice would count as moved.
    anchors
        PCNs by neighbourhoods: anchored or not.
    allowed_moves
        Most practices that may move.
    """

    lsoas: NDArray[np.bool_]
    items: NDArray[np.bool_]
    moves: NDArray[np.int64]
    anchors: NDArray[np.bool_]
    allowed_moves: int

    @property
    def possible(self) -> bool:
        """Whether everything has somewhere to go."""
        return bool(self.items.any(axis=1).all() and self.lsoas.any(axis=1).all())


def freedom_of(problem: Problem, pattern: Pattern, allowed_moves: int) -> Freedom:
    """Return what may go where under a pattern, locks with PCNs included."""
    count = problem.neighbourhoods
    anchors = np.array(
        [[mask >> c & 1 for mask in pattern] for c in range(len(problem.pcns))], dtype=bool
    ).reshape(len(problem.pcns), count)
    lsoas = np.ones((len(problem.lsoas), count), dtype=bool)
    items = np.ones((len(problem.people), count), dtype=bool)
    moves = np.zeros((len(problem.people), count), dtype=np.int64)
    if problem.anchored:
        for practice, pcn in enumerate(problem.pcn_of.tolist()):
            if pcn >= 0:
                moves[practice] = ~anchors[pcn]
        if allowed_moves == 0:
            items &= moves == 0
        for point, pcn, together in problem.links.anchored:
            table, row = (
                (lsoas, point)
                if point < len(problem.lsoas)
                else (items, point - len(problem.lsoas))
            )
            table[row] &= anchors[pcn] if together else ~anchors[pcn]
    return Freedom(lsoas, items, moves, anchors, allowed_moves)
