"""The choices of a pattern, as the compiled kernels want them: who may sit where, and for a move.

Goes in: `Problem` and the pattern's `Freedom`. Comes out: `Choices`. Next:
`boundaries.solve.assignment.tree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.domains import Freedom
    from boundaries.solve.instance import Entries, Problem

__all__ = ["Choices"]


class Choices:
    """What items may do under a pattern: items with one home sit there, or move.

    ``home`` is −1 for an item with several; its homes are choices that cost no move. ``sizes`` are
    the people of the items.
    """

    def __init__(self, problem: Problem, freedom: Freedom, entries: Entries) -> None:
        self.problem, self.entries = problem, entries
        self.sizes = problem.people.sum(axis=1)
        at_home = freedom.items & (freedom.moves == 0)
        self.home = np.where(at_home.sum(axis=1) == 1, at_home.argmax(axis=1), -1).astype(np.int64)
        open_ = freedom.items & ((freedom.moves == 1) | (self.home < 0)[:, None])
        if freedom.allowed_moves == 0:
            open_ &= freedom.moves == 0
        chosen = np.argwhere(open_)
        self.mover, self.label = chosen[:, 0].astype(np.int64), chosen[:, 1].astype(np.int64)
        self.cost = freedom.moves[self.mover, self.label]
        self.worth = np.zeros(freedom.lsoas.shape)
        for i in np.flatnonzero(self.home >= 0).tolist():
            self.worth[:, self.home[i]] += problem.people[i]
        self.worth[~freedom.lsoas] = -1e12

    def make(self, worth: NDArray[np.float64], choices: list[int]) -> NDArray[np.float64]:
        """Return the worth of LSOAs in neighbourhoods when more choices are made."""
        worth, people = worth.copy(), self.problem.people
        for choice in choices:
            item = self.mover[choice]
            if self.home[item] >= 0:
                worth[:, self.home[item]] -= people[item]
            worth[:, self.label[choice]] += people[item]
        return worth

    def items(self, choices: list[int]) -> NDArray[np.int64]:
        """Return where items sit when these choices are made."""
        items = self.home.copy()
        items[self.mover[choices]] = self.label[choices]
        return items
