"""The best patterns of a place that has too many of them to list, and a bound of all the others.

Goes in: `Instance`, a count of moves. Comes out: the patterns whose bound is highest, and the most
that any other pattern can serve. Next: `boundaries.solve.branch_and_bound.loop` works on those, as
where all are listed, and never claims less than the bound of the others.

Under multipliers of LSOAs (`boundaries.solve.patterns.lagrangian`) a pattern is worth what its sets
of PCNs are worth, each on its own. So the best of all patterns is the best way to share the PCNs
out, which is reckoned exactly, from few PCNs to all (`boundaries.solve.patterns.subset_dp`), and so
are all patterns above a target. Multipliers are made for the best patterns met so far, and tried on
all, in turns.

Moves: at a multiplier of ``theta_moves`` for each, a practice brings its home set what it gains,
less the move multiplier, if that is above nothing; ``moves`` move multipliers are added to the
whole. Any move multiplier gives a bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.patterns.anchor_multipliers import best_pcn_sets
from boundaries.solve.patterns.enumerate import keeps_locks
from boundaries.solve.patterns.lagrangian import (
    bond_duals_of,
    bounds_at,
    improve_multipliers,
    served_by_pcn,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.instance import Instance
    from boundaries.solve.patterns.lagrangian import LagrangianBounds
    from boundaries.solve.patterns.move_multipliers import Multipliers

__all__ = ["Catalogue", "make_catalogue", "sets_of"]

_MOST_PCN_SETS = 600_000
_MOST_STATES = 12_000_000
"""PCN sets, and rests by neighbourhoods: more are not reckoned with."""

_KEPT = 20_000
"""PCN sets whose patterns are listed."""

_TURNS = 6
_POOL = 300
"""Patterns for which multipliers are made: the best ones, in each turn."""

_ROUNDS = 60
_ENOUGH = 3e-4
_STEPS = 22
_STEPS_MOVED = 8
_THETA_STEPS = 7
_GOLDEN = 0.618
_SAFE = 1e-7


@dataclass(frozen=True)
class _Sets:
    """PCN sets that may stand in a pattern, as `partitions` wants them.

    ``pcn_sets`` are the sets, at ``row`` and ``column`` of a table of profits; ``after`` is what is
    left of PCNs with several anchors.
    """

    pcn_sets: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    after: NDArray[np.int64]
    shape: tuple[int, int]
    pcn_set_at: NDArray[np.int64]

    def only(self, kept: NDArray[np.int64]) -> _Sets:
        """Return some of the sets."""
        return replace(
            self, pcn_sets=self.pcn_sets[kept], row=self.row[kept], column=self.column[kept]
        )

    def table(self, profit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return profits as a table; minus infinity where no set stands."""
        table = np.full(self.shape, -np.inf)
        table[self.row, self.column] = profit
        return table


class Catalogue:
    """Multipliers of a place, under which the best of all its patterns are listed.

    Parameters
    ----------
    instance
        The place.
    sets
        Its PCN sets.
    """

    def __init__(self, instance: Instance, sets: _Sets) -> None:
        self.instance, self._sets = instance, sets
        self.served = served_by_pcn(instance)
        self.free = instance.total - float(self.served.sum())
        self.lam_lsoa = self.served.sum(axis=0) * 0.7
        self._multipliers: Multipliers | None = None
        self.profit, self.mu_population = self._value(self.lam_lsoa)
        kept, _ = best_pcn_sets(instance, sets.pcn_sets, self.profit, _KEPT)
        self._sets = sets.only(kept)
        self._optimise_multipliers()
        self._sets = sets
        profit, mu_population = self._value(self.lam_lsoa)
        kept, self._others = best_pcn_sets(instance, sets.pcn_sets, profit, _KEPT)
        self._sets, self.profit, self.mu_population = (
            sets.only(kept),
            profit[kept],
            mu_population[kept],
        )

    def list_for(
        self,
        moves: int,
        most: int,
        *,
        target: float = -np.inf,
        out: Callable[[float], bool] = lambda _work: True,
    ) -> tuple[list[AnchorPattern], float]:
        """Return the patterns with the highest bounds, and a bound of every other pattern.

        Parameters
        ----------
        moves
            Most practices that may move.
        most
            Most patterns to list.
        target
            People served by the best plan known: bounds need not come under it.
        out
            Asked now and then, told the work done: True ends the search for better multipliers.

        Returns
        -------
        tuple[list[Pattern], float]
            The patterns, and people served that no plan under another pattern can have more of;
            minus infinity when there is no other pattern.
        """
        profit, constant = self.profit, 0.0
        if moves:
            profit, constant = self._with_moves(moves)
        safe = float(self.lam_lsoa.sum()) + self.free + _SAFE * self.instance.total
        patterns, level = self._best(self._complete(profit), most, target - constant - safe)
        level += constant + safe
        others = self._others + self._most_by(moves) + safe
        if moves and np.isfinite(target) and level > max(target, others) and not out(0.0):
            listed, lower = self._at_multipliers(moves, most, target, out)
            if lower < level:
                patterns, level = listed, lower
        rest = max(level, others)
        return [p for p in patterns if keeps_locks(self.instance, p)], rest

    def best(
        self, profit: NDArray[np.float64], most: int, floor: float
    ) -> tuple[list[AnchorPattern], float, float]:
        """Return the best patterns above a floor, what no other is above, and the best."""
        complete = self._complete(profit)
        patterns, level = self._best(complete, most, floor)
        return patterns, level, complete[0]

    def _at_multipliers(
        self, moves: int, most: int, target: float, out: Callable[[float], bool]
    ) -> tuple[list[AnchorPattern], float]:
        """Return the best patterns at multipliers of moving, and what no other is above."""
        from boundaries.solve.patterns.k_best_moves import BestWithMoves  # noqa: PLC0415 - compiles on first use
        from boundaries.solve.patterns.move_multipliers import PcnSets  # noqa: PLC0415 - compiles on first use

        pcn_sets = self._sets.pcn_sets
        gross = (pcn_sets[:, None] >> np.arange(len(self.served)) & 1) @ self.served
        duals = bond_duals_of(self.instance, gross - self.lam_lsoa)
        sets = PcnSets(self.instance, pcn_sets.tolist(), self.lam_lsoa, duals)
        ranked = BestWithMoves(sets, self, moves, out)
        begin = self._multipliers
        if begin is None:
            first = self._best(self._complete(self.profit), 1)[0]
            if not first:
                return [], -np.inf
            begin = sets.first_multipliers(ranked.rows(first)[0], moves)
        self._multipliers = ranked.optimise_multipliers(begin, target)
        return ranked.list_best(self._multipliers, most, target)

    def bounds_of(self, patterns: list[AnchorPattern]) -> LagrangianBounds:
        """Return the bounds of listed patterns."""
        return bounds_at(self.instance, patterns, self.lam_lsoa)

    def _value(
        self, lam_lsoa: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        from boundaries.solve.patterns.knapsack import values  # noqa: PLC0415 - compiles on first use

        instance = self.instance
        profit, mu_population = values(
            self.served, self._sets.pcn_sets, lam_lsoa, instance.residents.astype(np.float64),
            float(instance.least), float(instance.most), _STEPS,
        )  # fmt: skip
        return profit, mu_population

    def _most_by(self, moves: int) -> float:
        """Return most that moves can bring under any pattern: all are served by who moves."""
        from boundaries.solve.patterns.knapsack import most_patients_in_band  # noqa: PLC0415 - compiles on first use

        instance = self.instance
        people = instance.people[: len(instance.practices)][instance.pcn_of >= 0]
        most = most_patients_in_band(
            people,
            instance.residents.astype(np.float64),
            float(instance.least),
            float(instance.most),
        )
        return float(np.sort(most)[len(most) - min(moves, len(most)) :].sum())

    def _optimise_multipliers(self) -> None:
        """Make multipliers for the best patterns and try them on all, in turns; keep the best."""
        least, lam_lsoa, pool = np.inf, self.lam_lsoa, dict[tuple[int, ...], None]()
        for _ in range(_TURNS):
            profit, mu_population = self._value(lam_lsoa)
            complete = self._complete(profit)
            top = lam_lsoa.sum() + complete[0]
            if not np.isfinite(top):
                return
            before = least
            if top < least:
                least = top
                self.lam_lsoa, self.profit, self.mu_population = lam_lsoa, profit, mu_population
            pool.update(dict.fromkeys(self._best(complete, _POOL)[0]))
            if before - top < _ENOUGH * abs(top) and np.isfinite(before) and top < before:
                return
            lam_lsoa = improve_multipliers(self.instance, list(pool), self.lam_lsoa, rounds=_ROUNDS)

    def _complete(
        self, profit: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return what the best of all patterns is worth, and the tables that say so."""
        from boundaries.solve.patterns.subset_dp import completions  # noqa: PLC0415 - compiles

        table = self._sets.table(profit)
        best = completions(table, self._sets.after, self.instance.neighbourhoods)
        return float(best[-1, -1, -1]), table, best

    def _best(
        self,
        complete: tuple[float, NDArray[np.float64], NDArray[np.float64]],
        most: int,
        floor: float = -np.inf,
    ) -> tuple[list[AnchorPattern], float]:
        """Return at most so many of the best patterns, and what no other one is above."""
        from boundaries.solve.patterns.subset_dp import ways_above  # noqa: PLC0415 - compiles

        sets, count = self._sets, self.instance.neighbourhoods
        top, table, best = complete
        if not np.isfinite(top) or top <= floor:
            return [], floor
        ways, _ = ways_above(table, sets.after, best, count, floor, most)
        if len(ways) <= most:
            return self._patterns(ways), floor
        step = 1e-4 * self.instance.total
        target, ways = top, ways[:0]
        while step > 1e-6 * self.instance.total:
            tried, _ = ways_above(table, sets.after, best, count, target - step, most)
            if len(tried) <= most:
                target, ways, step = target - step, tried, step * 2
            else:
                step /= 4
        return self._patterns(ways), target

    def _patterns(self, ways: NDArray[np.int64]) -> list[AnchorPattern]:
        pcn_sets = self._sets.pcn_set_at[ways[:, :, 0], ways[:, :, 1]]
        return [tuple(sorted(row, reverse=True)) for row in pcn_sets.tolist()]

    def _with_moves(self, moves: int) -> tuple[NDArray[np.float64], float]:
        """Return the profit of sets with moves at the best ``theta_moves``, with its sum."""
        from boundaries.solve.patterns.knapsack import changes  # noqa: PLC0415 - compiles on first use

        instance = self.instance
        enter, leave = changes(
            self.served, instance.people[: len(instance.practices)], instance.pcn_of,
            self._sets.pcn_sets, self.lam_lsoa, instance.residents.astype(np.float64),
            float(instance.least), float(instance.most), self.profit, self.mu_population, moves,
            _STEPS_MOVED,
        )  # fmt: skip
        own = instance.pcn_of >= 0
        span = np.where(own, instance.span[instance.pcn_of], 1)[:, None]

        def at(theta_moves: float) -> tuple[float, NDArray[np.float64]]:
            gain = np.maximum(0.0, leave + (enter[:, None] - theta_moves) / span)
            profit = self.profit + gain.sum(axis=0)
            return moves * theta_moves + self._complete(profit)[0], profit

        low, high = 0.0, max(0.0, float(enter[own].max(initial=0.0)))
        one, other = high - _GOLDEN * high, _GOLDEN * high
        first, second = at(one)[0], at(other)[0]
        for _ in range(_THETA_STEPS):  # the bound is convex in the move multiplier
            if first <= second:
                high, other, second = other, one, first
                one = high - _GOLDEN * (high - low)
                first = at(one)[0]
            else:
                low, one, first = one, other, second
                other = low + _GOLDEN * (high - low)
                second = at(other)[0]
        theta_moves = one if first <= second else other
        return at(theta_moves)[1], moves * theta_moves


def make_catalogue(instance: Instance) -> Catalogue | None:
    """Return the catalogue of a place, or None where even its PCN sets are too many."""
    if not instance.anchored or any(not together for _, _, together in instance.links.anchored):
        return None
    sets = sets_of(instance)
    if sets is None:
        return None
    return Catalogue(instance, sets)


def sets_of(instance: Instance) -> _Sets | None:
    """Return every PCN set that may be anchored in one neighbourhood."""
    count, pcns = instance.neighbourhoods, len(instance.pcns)
    apart = [(a, b) for a, b, together in instance.links.pcns if not together]
    if apart:
        return None  # spans may be used in part
    single = np.flatnonzero(instance.span == 1)
    several = np.flatnonzero(instance.span > 1)
    codes = int(np.prod(instance.span[several] + 1))
    if pcns > 30 or codes << len(single) > _MOST_STATES / (count + 1):
        return None
    columns, rows = np.arange(1 << len(single)), np.arange(1 << len(several))
    pcn_set_at = _spread(rows, several)[:, None] | _spread(columns, single)[None, :]
    most = int(instance.span.sum()) - count + 1
    size = np.array([[m.bit_count() for m in line] for line in pcn_set_at.tolist()])
    row, column = np.nonzero((size > 0) & (size <= most))
    if len(row) > _MOST_PCN_SETS:
        return None
    return _Sets(
        pcn_sets=pcn_set_at[row, column],
        row=row,
        column=column,
        after=_after(instance.span[several]),
        shape=(len(rows), len(columns)),
        pcn_set_at=pcn_set_at,
    )


def _spread(numbers: NDArray[np.int64], bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers with their bit i moved to ``bits[i]``."""
    spread = np.zeros(len(numbers), dtype=np.int64)
    for position, bit in enumerate(bits.tolist()):
        spread |= (numbers >> position & 1) << bit
    return spread


def _after(span: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each code of anchors left and each row, the code that is left; −1 for none."""
    bases = np.concatenate([[1], np.cumprod(span + 1)]).astype(np.int64)
    codes = np.arange(bases[-1])
    after = np.full((len(codes), 1 << len(span)), -1, dtype=np.int64)
    for code in codes.tolist():
        left = [code // int(bases[c]) % (int(span[c]) + 1) for c in range(len(span))]
        for row in range(1 << len(span)):
            taken = [c for c in range(len(span)) if row >> c & 1]
            if all(left[c] for c in taken):
                after[code, row] = code - sum(int(bases[c]) for c in taken)
    return after
