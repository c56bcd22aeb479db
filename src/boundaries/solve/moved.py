"""What moves bring, at prices of moving: bounds of thousands of patterns at once.

Goes in: `Problem`, its patterns and prices of LSOAs (`boundaries.solve.prices`). Comes out: for
each pattern, a number of people that no plan with at most so many moves can serve more of.
Next: `boundaries.solve.race` takes the patterns in that order.

A practice that comes to a neighbourhood pays a price; its homes are given it for letting it go,
less a toll that every move pays. At any such prices, and prices of LSOAs, each neighbourhood takes
the moves that are best for it, whatever the others do (`boundaries.solve.touches` finds them
exactly), and the sum, with the tolls of all moves, bounds every plan (Lagrange). A neighbourhood is
the same in every pattern in which its set of PCNs stands. Prices go downhill for the pattern that
is most above the aim, and are tried on all that are left.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.choices import entries_of
from boundaries.solve.prices import served_by_pcn
from boundaries.solve.touches import alone, best_touches, chosen, plain, reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.prices import Prices
    from boundaries.solve.problem import Problem

__all__ = ["MovePrices", "Tolls", "compile_kernels", "lower_bounds", "with_moves"]

_SAFE = 1e-7
_SLICES = 8
"""Parts of a table that are reckoned side by side, whatever the number of cores."""

_TRIES = 4
"""Steps for one pattern before the next has its turn."""

_LSOA_PACE = 0.1
"""Length of steps in prices of LSOAs, against those in prices of practices."""

_WORK = 1.5e-9
_SAVED = 0.01
"""Work that a pattern saves whose bound comes under the aim: it need not be sifted."""

_FADE = 0.75
_LEAST_STEPS = 5


@dataclass(frozen=True)
class Tolls:
    """Prices of LSOAs, what each practice pays to come, and the toll of a move."""

    lsoas: NDArray[np.float64]
    practices: NDArray[np.float64]
    toll: float


@dataclass(frozen=True)
class MovePrices:
    """Bounds with at most so many moves.

    Parameters
    ----------
    moves
        How many.
    upper
        For each pattern, a number of people that no plan can serve more of.
    change
        Sets of PCNs by practices: most that a neighbourhood can gain by the practice's coming, or
        (where its PCN is in the set) least that it loses by its going, as a number below 0.
    tolls
        Prices to begin with.
    """

    moves: int
    upper: NDArray[np.float64]
    change: NDArray[np.float64]
    tolls: Tolls


def with_moves(problem: Problem, prices: Prices, moves: int) -> MovePrices:
    """Return bounds of every pattern with at most so many moves.

    A neighbourhood's worth is split evenly among the at most ``moves`` practices that may come or
    go there; each then moves the knapsack on its own. So the gain of one practice is at most what
    its home loses without it (its patients counted ``moves`` times in a share of 1 / ``moves``)
    plus what its new neighbourhood gains, and the largest ``moves`` of these add up to a bound.
    """
    size, sets = len(problem.practices), _Sets(problem, prices)
    tolls = Tolls(sets.lsoas, np.zeros(size), 0.0)
    if moves == 0:
        return MovePrices(0, prices.still, np.zeros((len(prices.masks), size)), tolls)
    sets.price(tolls, np.arange(len(sets.masks)))
    change, upper = sets.alone(moves), prices.base.copy()
    come = np.zeros(size)
    reach(prices.table, sets.masks, change, problem.pcn_of, moves, upper, come)
    # Prices to begin with: those of the pattern that reaches highest, touched twice at most.
    first = int(upper.argmax())
    toll = reach(
        prices.table[first : first + 1], sets.masks, sets.alone(min(2, moves)), problem.pcn_of,
        moves, prices.base[first : first + 1].copy(), come,
    )  # fmt: skip
    return MovePrices(moves, upper, change, replace(tolls, practices=come, toll=float(toll)))


def lower_bounds(  # noqa: PLR0913 - one door
    problem: Problem,
    prices: Prices,
    priced: MovePrices,
    upper: NDArray[np.float64],
    *,
    aim: float,
    most_work: float,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[NDArray[np.float64], Tolls, float]:
    """Return lower bounds of the patterns that are above the aim, as far as that pays.

    Parameters
    ----------
    problem, prices, priced
        The place, its patterns, and what `with_moves` says of them.
    upper
        Bounds that are known.
    aim
        Patterns whose bound is down to this are left alone.
    most_work
        Work limit.
    stop
        Asked between steps.

    Returns
    -------
    tuple
        Bounds of all patterns, the last prices, and the work done.
    """
    upper, tolls, sets = upper.copy(), priced.tolls, _Sets(problem, prices)
    alive = np.flatnonzero(upper[: len(prices.table)] > aim)
    work, balance, steps, target, tries = 0.0, 0.0, 0, -1, 0
    aside: set[int] = set()
    if not priced.moves or not sets.whole(prices.table[alive]):
        return upper, tolls, work
    while len(alive) and work < most_work and not stop():
        which = np.unique(prices.table[alive])
        cost = sets.price(tolls, which) + sets.touch(tolls, which, priced.moves)
        upper[alive] = np.minimum(upper[alive], sets.bounds(tolls, prices.table[alive]))
        kept = alive[upper[alive] > aim]
        balance = _FADE * balance + _SAVED * (len(alive) - len(kept)) - cost
        alive, work, steps, tries = kept, work + cost, steps + 1, tries + 1
        if steps >= _LEAST_STEPS and balance < 0.0:
            break
        if tries > _TRIES or target not in alive:
            aside.add(target)
            fresh = [number for number in alive.tolist() if number not in aside]
            if not fresh:
                break
            target, tries = max(fresh, key=lambda number: (upper[number], -number)), 0
        tolls = sets.downhill(tolls, prices.table[target], aim)
    return upper, tolls, work


class _Sets:
    """The sets of PCNs of a place under prices, and the moves that are best for each.

    Parameters
    ----------
    problem, prices
        The place; patterns, their sets of PCNs and prices of LSOAs.
    """

    def __init__(self, problem: Problem, prices: Prices) -> None:
        self.problem, self.masks = problem, np.array(prices.masks, dtype=np.int64)
        bits = (self.masks[:, None] >> np.arange(len(problem.pcns)) & 1).astype(np.float64)
        served = served_by_pcn(problem)
        self.bits, self.gross = bits, bits @ served
        self.lsoas = self.gross[0] - prices.worth[0]
        self.free = problem.total - float(served.sum()) + _SAFE * problem.total
        self.people = np.ascontiguousarray(problem.people[: len(problem.practices)])
        self.entries = entries_of(problem)
        size = len(self.masks)
        self.worth, self.value, self.head = prices.worth.copy(), np.zeros(size), np.zeros(size)
        self.found, self.many = np.zeros(size), np.zeros(size, dtype=np.int64)
        self.out = np.zeros((size, 1), dtype=np.int64)

    @property
    def ground(self) -> tuple[NDArray[np.float64], float, float]:
        problem = self.problem
        return problem.residents.astype(np.float64), float(problem.least), float(problem.most)

    def whole(self, table: NDArray[np.int64]) -> bool:
        """Whether every PCN has as many homes as its span in all of some patterns."""
        homes = np.zeros((len(table), self.bits.shape[1]))
        for column in table.T:
            homes += self.bits[column]
        return bool((homes == self.problem.span).all())

    def price(self, tolls: Tolls, which: NDArray[np.int64]) -> float:
        """Put prices on LSOAs, and reckon what some sets are worth without moves; return work."""

        def some(part: NDArray[np.int64]) -> int:
            worth = self.gross[part] - tolls.lsoas
            value, head = np.empty(len(part)), np.empty(len(part))
            plain(worth, *self.ground, value, head)
            self.worth[part], self.value[part], self.head[part] = worth, value, head
            return 30 * worth.size

        return _side_by_side(some, which)

    def alone(self, times: int) -> NDArray[np.float64]:
        """Return what each practice brings to each set, counted so many times."""
        found = np.empty((len(self.masks), len(self.people)))
        residents, *band = self.ground

        def some(part: NDArray[np.int64]) -> int:
            gains = np.empty((len(part), len(self.people)))
            alone(
                self.worth[part], self.value[part], self.head[part], self.masks[part], self.people,
                self.problem.pcn_of, residents, (band[0], band[1]), times, gains,
            )  # fmt: skip
            found[part] = gains
            return 0

        _side_by_side(some, np.arange(len(self.masks)))
        return found

    def touch(self, tolls: Tolls, which: NDArray[np.int64], moves: int) -> float:
        """Find the moves that are best for some sets; return the work."""
        if self.out.shape[1] != moves:
            self.out = np.zeros((len(self.masks), moves), dtype=np.int64)
        pcns = self.problem.pcn_of, self.problem.span

        def some(part: NDArray[np.int64]) -> int:
            found, many = np.zeros(len(part)), np.zeros(len(part), dtype=np.int64)
            out = np.zeros((len(part), moves), dtype=np.int64)
            done = best_touches(
                self.worth[part], self.value[part], self.head[part], self.masks[part], pcns,
                self.entries, self.ground, (tolls.practices, tolls.toll), moves, found, out, many,
            )  # fmt: skip
            self.found[part], self.out[part], self.many[part] = found, out, many
            return int(done)

        return _side_by_side(some, which)

    def bounds(self, tolls: Tolls, table: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return bounds of patterns whose sets have been priced and touched."""
        known = float(tolls.lsoas.sum()) + self.out.shape[1] * tolls.toll + self.free
        return np.asarray(known + (self.value + self.found)[table].sum(axis=1))

    def downhill(self, tolls: Tolls, row: NDArray[np.int64], aim: float) -> Tolls:
        """Return prices a step further, where the bound of one pattern is lower."""
        problem, slope = self.problem, np.zeros(len(self.people))
        left, inside = float(self.out.shape[1]), np.zeros(len(problem.lsoas))
        for number in row.tolist():
            for practice in self.out[number, : self.many[number]].tolist():
                pcn = problem.pcn_of[practice]
                home = self.bits[number, pcn] > 0
                slope[practice] += 1.0 / problem.span[pcn] if home else -1.0
                left -= 1.0 / problem.span[pcn] if home else 0.0
        chosen(
            self.worth[row], self.head[row], self.masks[row], problem.pcn_of, self.entries,
            self.ground, self.out[row], self.many[row], inside,
        )  # fmt: skip
        uncovered = 1.0 - inside
        size = float(left * left + slope @ slope + _LSOA_PACE * uncovered @ uncovered)
        if size < _SAFE:
            return tolls
        stride = float(self.bounds(tolls, row[None])[0] - aim) / size
        return Tolls(
            tolls.lsoas - _LSOA_PACE * stride * uncovered,
            tolls.practices - stride * slope,
            max(0.0, tolls.toll - stride * left),
        )


def _side_by_side(some: Callable[[NDArray[np.int64]], int], which: NDArray[np.int64]) -> float:
    """Do parts of a list in threads, each of which writes its own; return the work."""
    parts = [part for at in range(_SLICES) if len(part := which[at::_SLICES])]
    with ThreadPoolExecutor(max(1, min(_SLICES, os.cpu_count() or 1))) as pool:
        return _WORK * sum(pool.map(some, parts))


def compile_kernels() -> None:
    """Have every kernel compiled, on next to nothing."""
    none, one, two = np.zeros(1, dtype=np.int64), np.ones(1), np.ones((1, 1))
    entries, ground = (np.array([0, 1]), none, one), (one, 0.0, 1.0)
    plain(two, *ground, one.copy(), one.copy())
    gains = two.copy()
    alone(two, one, one, none, two, none, one, (0.0, 1.0), 1, gains)
    reach(none[:, None], none, gains, none, 1, one.copy(), one.copy())
    best_touches(
        two, one, one, none, (none, none + 1), entries, ground, (one, 0.0), 1, one.copy(),
        none[:, None].copy(), none.copy(),
    )  # fmt: skip
    chosen(two, one, none, none, entries, ground, none[:, None], none, one.copy())
