"""Lagrangian bounds of thousands of patterns at once, with a number of moves.

Goes in: `Instance`, its patterns and multipliers of LSOAs (`boundaries.solve.patterns.lagrangian`).
Comes out: for each pattern, a dual bound of all plans with at most so many moves. Next:
`boundaries.solve.branch_and_bound.state` takes the patterns in that order.

Dualised are, beside the LSOAs (``lam_lsoa``): that a practice is in one neighbourhood
(``pi_practice``, paid where it comes and returned where it leaves) and the number of moves
(``theta_moves``). At any such multipliers each neighbourhood takes the moves that are best for it,
whatever the others do (`boundaries.solve.patterns.best_movers` finds them exactly), and the sum
with all ``theta_moves`` bounds every plan. A neighbourhood is the same in every pattern in which
its PCN set stands. Steps of Polyak's length follow the subgradient of the pattern that is most
above the target; the multipliers are tried on all patterns that are left.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.assignment.enumeration import splitting_weights
from boundaries.solve.instance import entries_of
from boundaries.solve.patterns.best_movers import (
    add_best_moves,
    best_mover_subsets,
    bound_movers,
    bound_pcn_sets,
    count_lsoas,
    single_gains,
)
from boundaries.solve.patterns.lagrangian import moved_by_bonds, served_by_pcn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance
    from boundaries.solve.patterns.lagrangian import LagrangianBounds

__all__ = [
    "MoveBounds",
    "Multipliers",
    "PcnSets",
    "bound_with_moves",
    "compile_kernels",
    "tighten_bounds",
]

_SAFE = 1e-7
_SLICES = 8
"""Parts of a table that are reckoned side by side, whatever the number of cores."""

_TRIES = 4
"""Steps for one pattern before the next has its turn."""

_LSOA_STEP = 0.1
"""Length of steps in multipliers of LSOAs, against those in multipliers of practices."""

_WORK = 1.5e-9
_SAVED = 0.01
"""Work that a pattern saves whose bound comes under the target: it need not be bounded."""

_FADE = 0.75
_LEAST_STEPS = 5


@dataclass(frozen=True)
class Multipliers:
    """Multipliers of LSOAs, what each practice pays to come, and the move multiplier of a move."""

    lam_lsoa: NDArray[np.float64]
    pi_practice: NDArray[np.float64]
    theta_moves: float


@dataclass(frozen=True)
class MoveBounds:
    """Bounds with at most so many moves.

    Parameters
    ----------
    moves
        How many.
    dual_bounds
        For each pattern, a number of people that no plan can serve more of.
    change
        PCN sets by practices: most that a neighbourhood can gain by the practice's coming, or
        (where its PCN is in the set) least that it loses by its going, as a number below 0.
    multipliers
        Multipliers to begin with.
    """

    moves: int
    dual_bounds: NDArray[np.float64]
    change: NDArray[np.float64]
    multipliers: Multipliers


def bound_with_moves(instance: Instance, lagrangian: LagrangianBounds, moves: int) -> MoveBounds:
    """Return bounds of every pattern with at most so many moves.

    A neighbourhood's worth is split evenly among the at most ``moves`` practices that may come or
    go there; each then moves the knapsack on its own. So the gain of one practice is at most what
    its home loses without it (its patients counted ``moves`` times in a share of 1 / ``moves``)
    plus what its new neighbourhood gains, and the largest ``moves`` of these add up to a bound.
    """
    size, sets = len(lagrangian.pcn_sets), _sets_of(instance, lagrangian)
    none = np.zeros(len(instance.practices))
    if moves == 0:
        return MoveBounds(
            0,
            lagrangian.no_move_bounds,
            np.zeros((size, len(none))),
            Multipliers(sets.lam_lsoa, none, 0),
        )
    sets.set_multipliers(Multipliers(sets.lam_lsoa, none, 0.0), np.arange(size))
    change, dual_bounds = sets.single_gains(moves, np.arange(size)), lagrangian.final_bounds.copy()
    add_best_moves(
        lagrangian.table, sets.pcn_sets, change, instance.pcn_of, moves, dual_bounds, none
    )
    highest = lagrangian.table[int(dual_bounds.argmax())]
    return MoveBounds(moves, dual_bounds, change, sets.first_multipliers(highest, moves))


def tighten_bounds(  # noqa: PLR0913 - one door
    instance: Instance,
    lagrangian: LagrangianBounds,
    move_bounds: MoveBounds,
    dual_bounds: NDArray[np.float64],
    *,
    target: float,
    most_work: float,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[NDArray[np.float64], Multipliers, float]:
    """Return lower bounds of the patterns that are above the target, as far as that pays.

    Parameters
    ----------
    instance, lagrangian, move_bounds
        The place, its patterns, and what `bound_with_moves` says of them.
    dual_bounds
        Bounds that are known.
    target
        Patterns whose bound is down to this are left alone.
    most_work
        Work limit.
    stop
        Asked between steps.

    Returns
    -------
    tuple
        Bounds of all patterns, the last multipliers, and the work done.
    """
    dual_bounds, multipliers, sets = (
        dual_bounds.copy(),
        move_bounds.multipliers,
        _sets_of(instance, lagrangian),
    )
    open_patterns = np.flatnonzero(dual_bounds[: len(lagrangian.table)] > target)
    work, balance, steps, steepest, tries = 0.0, 0.0, 0, -1, 0
    aside: set[int] = set()
    if not move_bounds.moves or not sets.spans_used_in_full(lagrangian.table[open_patterns]):
        return dual_bounds, multipliers, work
    while len(open_patterns) and work < most_work and not stop():
        which = np.unique(lagrangian.table[open_patterns])
        cost = sets.set_multipliers(multipliers, which) + sets.find_best_movers(
            multipliers, which, move_bounds.moves
        )
        dual_bounds[open_patterns] = np.minimum(
            dual_bounds[open_patterns], sets.bounds(multipliers, lagrangian.table[open_patterns])
        )
        kept = open_patterns[dual_bounds[open_patterns] > target]
        balance = _FADE * balance + _SAVED * (len(open_patterns) - len(kept)) - cost
        open_patterns, work, steps, tries = kept, work + cost, steps + 1, tries + 1
        if steps >= _LEAST_STEPS and balance < 0.0:
            break
        if tries > _TRIES or steepest not in open_patterns:
            aside.add(steepest)
            fresh = [number for number in open_patterns.tolist() if number not in aside]
            if not fresh:
                break
            steepest, tries = max(fresh, key=lambda number: (dual_bounds[number], -number)), 0
        multipliers = sets.subgradient_step(multipliers, lagrangian.table[steepest], target)
    return dual_bounds, multipliers, work


class PcnSets:
    """The PCN sets of a place under multipliers, and the moves that are best for each.

    Parameters
    ----------
    instance
        The place.
    pcn_sets
        PCN sets.
    lsoas
        Multipliers of LSOAs.
    bond_duals
        Duals of bonds: sets by pairs (`boundaries.solve.patterns.lagrangian.bond_duals_of`).
    """

    def __init__(
        self,
        instance: Instance,
        pcn_sets: Sequence[int],
        lam_lsoa: NDArray[np.float64],
        bond_duals: NDArray[np.float64],
    ) -> None:
        self.instance, self.pcn_sets, self.lam_lsoa = (
            instance,
            np.array(pcn_sets, dtype=np.int64),
            lam_lsoa,
        )
        self.bits, served = _bits(instance, self.pcn_sets), served_by_pcn(instance)
        self.gross = self.bits @ served - moved_by_bonds(instance, bond_duals)
        self.free = instance.total - float(served.sum()) + _SAFE * instance.total
        self.people = np.ascontiguousarray(instance.people[: len(instance.practices)])
        self.entries = (*entries_of(instance), np.ones((1, 0)))
        size = len(self.pcn_sets)
        self.profit, self.value, self.mu_population = (
            self.gross - lam_lsoa,
            np.zeros(size),
            np.zeros(size),
        )
        self.mover_gain, self.many = np.zeros(size), np.zeros(size, dtype=np.int64)
        self.out = np.zeros((size, 1), dtype=np.int64)

    @property
    def ground(self) -> tuple[NDArray[np.float64], float, float]:
        """Residents of LSOAs, least and most of a neighbourhood."""
        instance = self.instance
        return instance.residents.astype(np.float64), float(instance.least), float(instance.most)

    def spans_used_in_full(self, table: NDArray[np.int64]) -> bool:
        """Whether every PCN has as many homes as its span in all of some patterns."""
        homes = np.zeros((len(table), self.bits.shape[1]))
        for column in table.T:
            homes += self.bits[column]
        return bool((homes == self.instance.span).all())

    def set_multipliers(self, multipliers: Multipliers, which: NDArray[np.int64]) -> float:
        """Put multipliers on LSOAs, and reckon what some sets are worth without moves.

        Return work.
        """

        def some(part: NDArray[np.int64]) -> int:
            profit = self.gross[part] - multipliers.lam_lsoa
            value, mu_population = np.empty(len(part)), np.empty(len(part))
            bound_pcn_sets(profit, *self.ground, value, mu_population)
            self.profit[part], self.value[part], self.mu_population[part] = (
                profit,
                value,
                mu_population,
            )
            return 30 * profit.size

        return _side_by_side(some, which)

    def single_gains(self, times: int, which: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what each practice brings to each of some sets, counted so many times."""
        found = np.empty((len(which), len(self.people)))
        residents, *band = self.ground

        def some(part: NDArray[np.int64]) -> int:
            gains, these = np.empty((len(part), len(self.people))), which[part]
            single_gains(
                self.profit[these], self.value[these], self.mu_population[these],
                self.pcn_sets[these], self.people, self.instance.pcn_of, residents, (band[0],
                band[1]), times, gains,
            )  # fmt: skip
            found[part] = gains
            return 0

        _side_by_side(some, np.arange(len(which)))
        return found

    def first_multipliers(self, row: NDArray[np.int64], moves: int) -> Multipliers:
        """Return multipliers to begin with: what moves bring to one pattern by itself."""
        no_multipliers = Multipliers(self.lam_lsoa, np.zeros(len(self.people)), 0.0)
        self.set_multipliers(no_multipliers, np.unique(row))
        gains = self.single_gains(min(2, moves), row)
        theta_moves = add_best_moves(
            np.arange(len(row))[None], self.pcn_sets[row], gains, self.instance.pcn_of, moves,
            np.zeros(1), no_multipliers.pi_practice,
        )  # fmt: skip
        return replace(no_multipliers, theta_moves=float(theta_moves))

    def bound_movers(self, multipliers: Multipliers, moves: int) -> float:
        """Bound what the best moves bring to every set; return the work."""
        self._split_entries(moves)
        self.out = np.zeros((len(self.pcn_sets), moves), dtype=np.int64)
        pcns = self.instance.pcn_of, self.instance.span
        residents = self.ground[0]

        def some(part: NDArray[np.int64]) -> int:
            found = np.zeros(len(part))
            done = bound_movers(
                self.profit[part], self.mu_population[part], self.pcn_sets[part], pcns,
                self.entries, residents, (multipliers.pi_practice, multipliers.theta_moves), moves,
                found,
            )  # fmt: skip
            self.mover_gain[part], self.many[part] = found, 0
            return int(done)

        return _side_by_side(some, np.arange(len(self.pcn_sets)))

    def _split_entries(self, moves: int) -> None:
        """Say which part of an LSOA each practice may count on, for any number of touches."""
        first, where, people, split_weights = self.entries
        if len(split_weights) > moves:
            return
        instance, mine = self.instance, np.flatnonzero(self.instance.pcn_of >= 0)
        still = np.zeros(len(first), dtype=np.int64)
        lsoas = len(instance.lsoas)
        split_weights = np.stack(
            [
                splitting_weights(first, where, people, still, mine, lsoas, left)
                for left in range(moves + 1)
            ]
        )
        self.entries = first, where, people, split_weights

    def find_best_movers(
        self, multipliers: Multipliers, which: NDArray[np.int64], moves: int
    ) -> float:
        """Find the moves that are best for some sets; return the work."""
        self._split_entries(moves)
        if self.out.shape[1] != moves:
            self.out = np.zeros((len(self.pcn_sets), moves), dtype=np.int64)
        pcns = self.instance.pcn_of, self.instance.span

        def some(part: NDArray[np.int64]) -> int:
            found, many = np.zeros(len(part)), np.zeros(len(part), dtype=np.int64)
            out = np.zeros((len(part), moves), dtype=np.int64)
            done = best_mover_subsets(
                self.profit[part], self.value[part], self.mu_population[part], self.pcn_sets[part],
                pcns, self.entries, self.ground, (multipliers.pi_practice, multipliers.theta_moves),
                moves, found, out, many,
            )  # fmt: skip
            self.mover_gain[part], self.out[part], self.many[part] = found, out, many
            return int(done)

        return _side_by_side(some, which)

    def bounds(self, multipliers: Multipliers, table: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return bounds of patterns whose sets have been priced and touched."""
        known = (
            float(multipliers.lam_lsoa.sum())
            + self.out.shape[1] * multipliers.theta_moves
            + self.free
        )
        return np.asarray(known + (self.value + self.mover_gain)[table].sum(axis=1))

    def subgradient_step(
        self, multipliers: Multipliers, row: NDArray[np.int64], target: float
    ) -> Multipliers:
        """Return multipliers a step further, where the bound of one pattern is lower."""
        instance, slope = self.instance, np.zeros(len(self.people))
        left, inside = float(self.out.shape[1]), np.zeros(len(instance.lsoas))
        for number in row.tolist():
            for practice in self.out[number, : self.many[number]].tolist():
                pcn = instance.pcn_of[practice]
                home = self.bits[number, pcn] > 0
                slope[practice] += 1.0 / instance.span[pcn] if home else -1.0
                left -= 1.0 / instance.span[pcn] if home else 0.0
        count_lsoas(
            self.profit[row], self.mu_population[row], self.pcn_sets[row], instance.pcn_of,
            self.entries, self.ground, self.out[row], self.many[row], inside,
        )  # fmt: skip
        uncovered = 1.0 - inside
        size = float(left * left + slope @ slope + _LSOA_STEP * uncovered @ uncovered)
        if size < _SAFE:
            return multipliers
        stride = float(self.bounds(multipliers, row[None])[0] - target) / size
        return Multipliers(
            multipliers.lam_lsoa - _LSOA_STEP * stride * uncovered,
            multipliers.pi_practice - stride * slope,
            max(0.0, multipliers.theta_moves - stride * left),
        )


def _bits(instance: Instance, pcn_sets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return which PCNs stand in sets, as 1 and 0."""
    return (pcn_sets[:, None] >> np.arange(len(instance.pcns)) & 1).astype(np.float64)


def _sets_of(instance: Instance, lagrangian: LagrangianBounds) -> PcnSets:
    """Return the PCN sets under the multipliers of LSOAs that they have their profit at."""
    first = _bits(instance, np.array(lagrangian.pcn_sets[:1], dtype=np.int64))
    gross = first @ served_by_pcn(instance) - moved_by_bonds(instance, lagrangian.bond_duals[:1])
    lam_lsoa = gross[0] - lagrangian.profit[0]
    return PcnSets(instance, lagrangian.pcn_sets, lam_lsoa, lagrangian.bond_duals)


def _side_by_side(some: Callable[[NDArray[np.int64]], int], which: NDArray[np.int64]) -> float:
    """Do parts of a list in threads, each of which writes its own; return the work."""
    slices = [part for at in range(_SLICES) if len(part := which[at::_SLICES])]
    with ThreadPoolExecutor(max(1, min(_SLICES, os.cpu_count() or 1))) as pool:
        return _WORK * sum(pool.map(some, slices))


def compile_kernels() -> None:
    """Have every kernel compiled, on next to nothing."""
    none, one, two = np.zeros(1, dtype=np.int64), np.ones(1), np.ones((1, 1))
    entries, ground = (np.array([0, 1]), none, one, np.ones((2, 1))), (one, 0.0, 1.0)
    bound_pcn_sets(two, *ground, one.copy(), one.copy())
    gains = two.copy()
    single_gains(two, one, one, none, two, none, one, (0.0, 1.0), 1, gains)
    add_best_moves(none[:, None], none, gains, none, 1, one.copy(), one.copy())
    best_mover_subsets(
        two, one, one, none, (none, none + 1), entries, ground, (one, 0.0), 1, one.copy(),
        none[:, None].copy(), none.copy(),
    )  # fmt: skip
    bound_movers(two, one, none, (none, none + 1), entries, one, (one, 0.0), 1, one.copy())
    count_lsoas(two, one, none, none, entries, ground, none[:, None], none, one.copy())
