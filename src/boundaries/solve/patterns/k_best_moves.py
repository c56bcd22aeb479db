"""The k best patterns with moves, of an instance that has too many of them to list.

Goes in: PCN sets, and what finds the best ways to share PCNs out
(`boundaries.solve.patterns.k_best`). Comes out: the best patterns at the multipliers found, and
what no other is above. Next: `boundaries.solve.patterns.k_best`.

As in `boundaries.solve.patterns.move_multipliers`, at any multipliers a pattern's bound is the sum
of those of its PCN sets, each with the moves that are best for it. Those are dear to find, and few
sets matter: so each is first given more than it can gain, the best patterns are listed, their sets
are reckoned exactly, and so on until the best patterns stand. Then the multipliers take a
subgradient step for the best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from boundaries.solve.params import K_BEST_MOVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.patterns.move_multipliers import Multipliers, PcnSets

__all__ = ["BestWithMoves", "PatternRanker"]


class PatternRanker(Protocol):
    """Finds the best ways to share PCNs out."""

    def best(
        self, profit: NDArray[np.float64], most: int, floor: float
    ) -> tuple[list[AnchorPattern], float, float]:
        """Return the best patterns above a floor, what no other is above, and the best."""
        ...


class BestWithMoves:
    """The sets of a place at multipliers of moving.

    Parameters
    ----------
    sets
        The PCN sets.
    ranker
        Finds the best patterns, given what each set is worth.
    moves
        Most practices that may move.
    out
        Asked now and then, told the work done: True ends it.
    """

    def __init__(
        self, sets: PcnSets, ranker: PatternRanker, moves: int, out: Callable[[float], bool]
    ) -> None:
        self.sets, self._ranker, self.moves, self._out = sets, ranker, moves, out
        self._order = np.argsort(sets.pcn_sets, kind="stable")
        self._exact = np.zeros(len(sets.pcn_sets), dtype=bool)
        self.work = 0.0

    def optimise_multipliers(self, multipliers: Multipliers, target: float) -> Multipliers:
        """Return multipliers under which the best of all patterns is low, from others on.

        Parameters
        ----------
        multipliers
            Multipliers to begin with.
        target
            People served that need not be passed.
        """
        best, least, stalled = multipliers, np.inf, 0
        for _ in range(K_BEST_MOVES.steps):
            row, top = self._best_row(multipliers, target)
            if top < least - K_BEST_MOVES.little * (least - target if np.isfinite(least) else 0.0):
                stalled = 0
            if top < least:
                best, least = multipliers, top
            stalled += 1
            if (
                row is None
                or stalled > K_BEST_MOVES.stalled
                or self._out(self.work / K_BEST_MOVES.share)
            ):
                break
            multipliers = self.sets.subgradient_step(multipliers, row, target)
        return best

    def list_best(
        self, multipliers: Multipliers, most: int, target: float
    ) -> tuple[list[AnchorPattern], float]:
        """Return the best patterns above the target, and people served that no other passes."""
        patterns, level, _ = self._listed(multipliers, most, target)
        return patterns, level

    def _best_row(
        self, multipliers: Multipliers, target: float
    ) -> tuple[NDArray[np.int64] | None, float]:
        """Return the sets of the best pattern, and the most that any pattern serves."""
        patterns, _, top = self._listed(multipliers, K_BEST_MOVES.tried, target)
        if not patterns:
            return None, top
        rows = self.rows(patterns)
        profit = self.sets.value + self.sets.mover_gain
        return rows[int(profit[rows].sum(axis=1).argmax())], top

    def _listed(
        self, multipliers: Multipliers, most: int, target: float
    ) -> tuple[list[AnchorPattern], float, float]:
        """List the best patterns, with their sets reckoned exactly; stop under the target."""
        sets = self.sets
        self.work += sets.set_multipliers(multipliers, np.arange(len(sets.pcn_sets)))
        self.work += sets.bound_movers(multipliers, self.moves)
        self._exact[:] = False
        known = float(multipliers.lam_lsoa.sum()) + self.moves * multipliers.theta_moves + sets.free
        for _ in range(K_BEST_MOVES.rounds):
            patterns, level, top = self._ranker.best(
                sets.value + sets.mover_gain, most, target - known
            )
            self.work += K_BEST_MOVES.list_work
            need = np.unique(self.rows(patterns))
            need = need[~self._exact[need]]
            if not len(need) or self._out(self.work):
                break
            self.work += sets.find_best_movers(multipliers, need, self.moves)
            self._exact[need] = True
        return patterns, known + level, known + top

    def rows(self, patterns: list[AnchorPattern]) -> NDArray[np.int64]:
        """Return the numbers of the sets of patterns."""
        wanted = np.array(patterns, dtype=np.int64).reshape(-1, self.sets.instance.neighbourhoods)
        at = np.searchsorted(self.sets.pcn_sets[self._order], wanted)
        return np.asarray(self._order[at])
