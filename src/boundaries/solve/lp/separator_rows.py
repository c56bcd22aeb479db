"""Bonds and separators as arrays, for the descents of `boundaries.solve.assignment.dual_descent`.

Goes in: the graph, and separators that relaxations found (`boundaries.solve.lp.fixed_assignment`).
Comes out: `SeparatorRows`, which grow. Next: `boundaries.solve.assignment.tree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.graph import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from boundaries.solve.graph import Graph, Separator

__all__ = ["SeparatorRows"]

_MOST = 300
"""Separators that descents know."""


class SeparatorRows:
    """Bonds, then separators, as the kernel wants them; those that are known stay where they are.

    Row r says: of the LSOAs ``where[first[r]:first[r + 1]]``, the weighted sum in a neighbourhood
    is ``limit[r]`` at most; each one that it is above costs ``cap[r]`` (infinity: it must be kept),
    so no dual is above that. The row of a bond says that the first LSOA of a pair is in a
    neighbourhood only with the other: over all neighbourhoods it is broken once where the pair is
    parted.
    """

    def __init__(self, graph: Graph) -> None:
        self._known: dict[Separator, None] = {}
        pairs = graph.bonded_pairs
        self.first = np.arange(0, 2 * len(pairs) + 1, 2, dtype=np.int64)
        self.where = np.stack([graph.heads[pairs], graph.tails[pairs]], axis=1).ravel()
        self.weight = np.tile([1.0, -1.0], len(pairs))
        self.limit, self.cap = np.zeros(len(pairs)), graph.bond[pairs].copy()

    @property
    def separators(self) -> int:
        """How many separators are known."""
        return len(self._known)

    def add(self, cuts: Iterable[Separator]) -> None:
        """Remember separators, as many as there is room for."""
        new = [cut for cut in dict.fromkeys(cuts) if cut not in self._known]
        new = new[: _MOST - len(self._known)]
        if not new:
            return
        self._known.update(dict.fromkeys(new))
        where, weight, limit = zip(*[terms_of(cut) for cut in new], strict=True)
        sizes = [len(lsoas) for lsoas in where]
        self.first = np.concatenate([self.first, self.first[-1] + np.cumsum(sizes)])
        self.where = np.concatenate([self.where, *where]).astype(np.int64)
        self.weight = np.concatenate([self.weight, *weight])
        self.limit = np.append(self.limit, limit)
        self.cap = np.append(self.cap, np.full(len(new), np.inf))

    def row_duals(self, old: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return charges by labels: of the band first, then of each row; new rows charge none.

        These may be the old ones themselves: not to be changed.
        """
        if old.shape == (1 + len(self.limit), labels) and old.flags.c_contiguous:
            return old
        made = np.zeros((1 + len(self.limit), labels))
        if old.size:
            made[: len(old)] = old
        return made
