"""The pool of dual vectors of an assignment tree, and the cost-splitting weights of its items.

Goes in: dual vectors that descents and relaxations found. Comes out: arrays that the kernels read
where they lie. Next: `boundaries.solve.assignment.tree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.assignment.enumeration import splitting_weights, values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.assignment.candidates import Candidates

__all__ = ["DualVectors", "SplittingWeights"]

_MOST_PARTS = 100
"""Nodes whose parts are kept."""


class DualVectors:
    """Dual vectors by number: what LSOAs cost each neighbourhood, and the constant.

    Lists from ``count`` on are overwritten: a node sets it back when all below it is looked at.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.vectors, self.constants, self.count = np.empty((16, *shape)), np.empty(16), 0

    def add(self, vector: NDArray[np.float64], constant: float) -> int:
        """Keep a list; return its number."""
        if self.count == len(self.constants):
            self.vectors = np.concatenate([self.vectors, np.empty_like(self.vectors)])
            self.constants = np.append(self.constants, np.empty_like(self.constants))
        self.vectors[self.count], self.constants[self.count] = vector, constant
        self.count += 1
        return self.count - 1

    def values(self, profit: NDArray[np.float64], known: list[int]) -> NDArray[np.float64]:
        """Return what a plan of the worth can serve at most under each of the lists known."""
        which = np.array(known, dtype=np.int64)
        found: NDArray[np.float64] = values(profit, self.vectors, self.constants, which)
        return found

    def reduced(
        self, profit: NDArray[np.float64], known: list[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the worth less the multipliers of some lists, and their constants."""
        return profit - self.vectors[known], self.constants[known]


class SplittingWeights:
    """Cost-splitting weights of items, by LSOA (`enumeration.splitting_weights`).

    Nodes of the same items count on the same parts: those reckoned last are kept.
    """

    def __init__(self, candidates: Candidates, lsoas: int) -> None:
        self._candidates, self._lsoas = candidates, lsoas
        self._known: dict[tuple[int, bytes], NDArray[np.float64]] = {}

    def of(self, mover: NDArray[np.int64], left: int) -> NDArray[np.float64]:
        """Return the parts for items, named by their candidates, when so many moves are left."""
        key = left, mover.tobytes()
        if key not in self._known:
            if len(self._known) == _MOST_PARTS:
                del self._known[next(iter(self._known))]
            self._known[key] = splitting_weights(
                *self._candidates.entries, self._candidates.home, mover, self._lsoas, left
            )
        return self._known[key]
