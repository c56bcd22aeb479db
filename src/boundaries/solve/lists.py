"""Price lists of LSOAs: each bounds every plan of a pattern.

Goes in: prices that a relaxation found (`boundaries.solve.fixed`). Comes out: `Lists`, which grow,
are lent between patterns that are alike, and are thinned out. Next: `boundaries.solve.grow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Lists"]

_LENT = 5


class Lists:
    """Price lists of a pattern: prices of LSOAs in neighbourhoods, and a constant each."""

    def __init__(self) -> None:
        self.prices = np.zeros((0, 0, 0))
        self.constants = np.zeros(0)
        self.used = np.zeros(0, dtype=np.int64)
        self.count = self.borrowed = 0

    def add(self, price: NDArray[np.float64], constant: float) -> None:
        """Remember a list."""
        if self.count == len(self.constants):
            room = max(16, 2 * self.count)
            prices = np.zeros((room, *price.shape))
            if self.count:
                prices[: self.count] = self.prices[: self.count]
            self.prices = prices
            self.constants = np.resize(self.constants, room)
            self.used = np.resize(self.used, room)
        self.prices[self.count], self.constants[self.count] = price, constant
        self.used[self.count] = 0
        self.count += 1

    def borrow(self, other: Lists, order: NDArray[np.int64]) -> None:
        """Take over the best lists of another pattern: its label ``order[k]`` becomes label k."""
        for number in range(min(_LENT, other.count)):
            self.add(other.prices[number][:, order], float(other.constants[number]))
        self.borrowed = self.count

    def keep_best(self, most: int) -> None:
        """Forget all lists but those that were used most, the best one first."""
        best = np.argsort(-self.used[: self.count], kind="stable")[:most]
        self.prices = self.prices[best]
        self.constants, self.used = self.constants[best], self.used[best]
        self.count = len(best)
