"""The best patterns with moves, of a place that has too many of them to list: prices of moving.

Goes in: sets of PCNs, and what finds the best ways to share PCNs out
(`boundaries.solve.patterns.k_best`). Comes out: the best patterns at the prices found, and what no
other is above. Next: `boundaries.solve.patterns.k_best`.

As in `boundaries.solve.patterns.move_multipliers`, at any prices of LSOAs and of moving a pattern
is worth what its sets are worth, each with the moves that are best for it. Those are dear to find,
and few sets matter: so each is first given more than it can gain, the best patterns are listed,
their sets are reckoned exactly, and so on until the best patterns stand. Then prices go downhill
for the best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.domains import Pattern
    from boundaries.solve.patterns.move_multipliers import Sets, Tolls

__all__ = ["Sharing", "Tolled"]

_STEPS = 12
_TRIED = 300
"""Best patterns whose sets are reckoned exactly, at each step."""

_ROUNDS = 40
_STILL = 3
"""Steps that may bring less than a little, one after the other."""

_LITTLE = 2e-3
_SHARE = 0.7
"""Share of the work that the search for prices may take; the rest is for the list."""

_LIST_WORK = 0.3
"""Work of listing the best patterns once."""


class Sharing(Protocol):
    """Finds the best ways to share PCNs out."""

    def best(
        self, worth: NDArray[np.float64], most: int, floor: float
    ) -> tuple[list[Pattern], float, float]:
        """Return the best patterns above a floor, what no other is above, and the best."""
        ...


class Tolled:
    """The sets of a place at prices of moving.

    Parameters
    ----------
    sets
        The sets of PCNs.
    sharing
        Finds the best patterns, given what each set is worth.
    moves
        Most practices that may move.
    out
        Asked now and then, told the work done: True ends it.
    """

    def __init__(
        self, sets: Sets, sharing: Sharing, moves: int, out: Callable[[float], bool]
    ) -> None:
        self.sets, self._sharing, self.moves, self._out = sets, sharing, moves, out
        self._order = np.argsort(sets.masks, kind="stable")
        self._exact = np.zeros(len(sets.masks), dtype=bool)
        self.work = 0.0

    def find_tolls(self, tolls: Tolls, aim: float) -> Tolls:
        """Return prices under which the best of all patterns is low, from others on.

        Parameters
        ----------
        tolls
            Prices to begin with.
        aim
            People served that need not be passed.
        """
        best, least, still = tolls, np.inf, 0
        for _ in range(_STEPS):
            row, top = self._best_row(tolls, aim)
            if top < least - _LITTLE * (least - aim if np.isfinite(least) else 0.0):
                still = 0
            if top < least:
                best, least = tolls, top
            still += 1
            if row is None or still > _STILL or self._out(self.work / _SHARE):
                break
            tolls = self.sets.downhill(tolls, row, aim)
        return best

    def list_best(self, tolls: Tolls, most: int, aim: float) -> tuple[list[Pattern], float]:
        """Return the best patterns above the aim, and people served that no other passes."""
        patterns, level, _ = self._listed(tolls, most, aim)
        return patterns, level

    def _best_row(self, tolls: Tolls, aim: float) -> tuple[NDArray[np.int64] | None, float]:
        """Return the sets of the best pattern, and the most that any pattern serves."""
        patterns, _, top = self._listed(tolls, _TRIED, aim)
        if not patterns:
            return None, top
        rows = self.rows(patterns)
        worth = self.sets.value + self.sets.found
        return rows[int(worth[rows].sum(axis=1).argmax())], top

    def _listed(self, tolls: Tolls, most: int, aim: float) -> tuple[list[Pattern], float, float]:
        """List the best patterns, with their sets reckoned exactly; stop under the aim."""
        sets = self.sets
        self.work += sets.price(tolls, np.arange(len(sets.masks)))
        self.work += sets.roughly(tolls, self.moves)
        self._exact[:] = False
        known = float(tolls.lsoas.sum()) + self.moves * tolls.toll + sets.free
        for _ in range(_ROUNDS):
            patterns, level, top = self._sharing.best(sets.value + sets.found, most, aim - known)
            self.work += _LIST_WORK
            need = np.unique(self.rows(patterns))
            need = need[~self._exact[need]]
            if not len(need) or self._out(self.work):
                break
            self.work += sets.touch(tolls, need, self.moves)
            self._exact[need] = True
        return patterns, known + level, known + top

    def rows(self, patterns: list[Pattern]) -> NDArray[np.int64]:
        """Return the numbers of the sets of patterns."""
        wanted = np.array(patterns, dtype=np.int64).reshape(-1, self.sets.problem.neighbourhoods)
        at = np.searchsorted(self.sets.masks[self._order], wanted)
        return np.asarray(self._order[at])
