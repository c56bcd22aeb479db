"""The candidates of a pattern, as the compiled kernels want them: who may sit where, who may move.

Goes in: `Instance` and the pattern's `Domains`. Comes out: `Candidates`. Next:
`boundaries.solve.assignment.tree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.domains import Domains
    from boundaries.solve.instance import Entries, Instance

__all__ = ["Candidates", "interchangeable"]


class Candidates:
    """What items may do under a pattern: items with one home sit there, or move.

    ``home`` is −1 for an item with several; its homes are candidates that cost no move. ``sizes``
    are the people of the items.
    """

    def __init__(self, instance: Instance, domains: Domains, entries: Entries) -> None:
        self.instance, self.entries = instance, entries
        self.sizes = instance.people.sum(axis=1)
        at_home = domains.items & (domains.moves == 0)
        self.home = np.where(at_home.sum(axis=1) == 1, at_home.argmax(axis=1), -1).astype(np.int64)
        open_ = domains.items & ((domains.moves == 1) | (self.home < 0)[:, None])
        if domains.allowed_moves == 0:
            open_ &= domains.moves == 0
        chosen = np.argwhere(open_)
        self.mover, self.label = chosen[:, 0].astype(np.int64), chosen[:, 1].astype(np.int64)
        self.cost = domains.moves[self.mover, self.label]
        self.profit = np.zeros(domains.lsoas.shape)
        for i in np.flatnonzero(self.home >= 0).tolist():
            self.profit[:, self.home[i]] += instance.people[i]
        self.profit[~domains.lsoas] = -1e12

    def make(self, profit: NDArray[np.float64], candidates: list[int]) -> NDArray[np.float64]:
        """Return the profit of LSOAs in neighbourhoods when more candidates are taken."""
        profit, people = profit.copy(), self.instance.people
        for candidate in candidates:
            item = self.mover[candidate]
            if self.home[item] >= 0:
                profit[:, self.home[item]] -= people[item]
            profit[:, self.label[candidate]] += people[item]
        return profit

    def items(self, candidates: list[int]) -> NDArray[np.int64]:
        """Return where items sit when these candidates are taken."""
        items = self.home.copy()
        items[self.mover[candidates]] = self.label[candidates]
        return items


def interchangeable(domains: Domains) -> NDArray[np.bool_]:
    """Return which neighbourhoods are open to the same LSOAs and items, for as many moves."""
    said = np.vstack([domains.lsoas, domains.items, domains.moves])
    return np.asarray((said[:, :, None] == said[:, None, :]).all(axis=0))
