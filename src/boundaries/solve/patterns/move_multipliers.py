"""What moves bring, at prices of moving: bounds of thousands of patterns at once.

Goes in: `Problem`, its patterns and prices of LSOAs (`boundaries.solve.patterns.lagrangian`). Comes
out: for each pattern, a number of people that no plan with at most so many moves can serve more of.
Next: `boundaries.solve.branch_and_bound.state` takes the patterns in that order.

A practice that comes to a neighbourhood pays a price; its homes are given it for letting it go,
less a toll that every move pays. At any such prices, and prices of LSOAs, each neighbourhood takes
the moves that are best for it, whatever the others do (`boundaries.solve.patterns.best_movers`
finds them exactly), and the sum, with the tolls of all moves, bounds every plan (Lagrange). A
neighbourhood is the same in every pattern in which its set of PCNs stands. Prices go downhill for
the pattern that is most above the aim, and are tried on all that are left.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.assignment.enumeration import parts_of
from boundaries.solve.instance import entries_of
from boundaries.solve.patterns.best_movers import alone, best_touches, chosen, plain, reach, roughly
from boundaries.solve.patterns.lagrangian import served_by_pcn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from boundaries.solve.instance import Problem
    from boundaries.solve.patterns.lagrangian import Prices

__all__ = ["MovePrices", "Sets", "Tolls", "compile_kernels", "lower_bounds", "with_moves"]

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
    size, sets = len(prices.masks), Sets(problem, prices.masks, _lsoa_prices(problem, prices))
    none = np.zeros(len(problem.practices))
    if moves == 0:
        return MovePrices(0, prices.still, np.zeros((size, len(none))), Tolls(sets.lsoas, none, 0))
    sets.price(Tolls(sets.lsoas, none, 0.0), np.arange(size))
    change, upper = sets.alone(moves, np.arange(size)), prices.base.copy()
    reach(prices.table, sets.masks, change, problem.pcn_of, moves, upper, none)
    highest = prices.table[int(upper.argmax())]
    return MovePrices(moves, upper, change, sets.first_tolls(highest, moves))


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
    upper, tolls, sets = (
        upper.copy(),
        priced.tolls,
        Sets(problem, prices.masks, _lsoa_prices(problem, prices)),
    )
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


class Sets:
    """The sets of PCNs of a place under prices, and the moves that are best for each.

    Parameters
    ----------
    problem
        The place.
    masks
        Sets of PCNs.
    lsoas
        Prices of LSOAs.
    """

    def __init__(self, problem: Problem, masks: Sequence[int], lsoas: NDArray[np.float64]) -> None:
        self.problem, self.masks, self.lsoas = problem, np.array(masks, dtype=np.int64), lsoas
        self.bits, served = _bits(problem, self.masks), served_by_pcn(problem)
        self.gross = self.bits @ served
        self.free = problem.total - float(served.sum()) + _SAFE * problem.total
        self.people = np.ascontiguousarray(problem.people[: len(problem.practices)])
        self.entries = (*entries_of(problem), np.ones((1, 0)))
        size = len(self.masks)
        self.worth, self.value, self.head = self.gross - lsoas, np.zeros(size), np.zeros(size)
        self.found, self.many = np.zeros(size), np.zeros(size, dtype=np.int64)
        self.out = np.zeros((size, 1), dtype=np.int64)

    @property
    def ground(self) -> tuple[NDArray[np.float64], float, float]:
        """Residents of LSOAs, least and most of a neighbourhood."""
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

    def alone(self, times: int, which: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what each practice brings to each of some sets, counted so many times."""
        found = np.empty((len(which), len(self.people)))
        residents, *band = self.ground

        def some(part: NDArray[np.int64]) -> int:
            gains, these = np.empty((len(part), len(self.people))), which[part]
            alone(
                self.worth[these], self.value[these], self.head[these], self.masks[these],
                self.people, self.problem.pcn_of, residents, (band[0], band[1]), times, gains,
            )  # fmt: skip
            found[part] = gains
            return 0

        _side_by_side(some, np.arange(len(which)))
        return found

    def first_tolls(self, row: NDArray[np.int64], moves: int) -> Tolls:
        """Return prices to begin with: what moves bring to a pattern that nobody else touches."""
        plain_tolls = Tolls(self.lsoas, np.zeros(len(self.people)), 0.0)
        self.price(plain_tolls, np.unique(row))
        gains = self.alone(min(2, moves), row)
        toll = reach(
            np.arange(len(row))[None], self.masks[row], gains, self.problem.pcn_of, moves,
            np.zeros(1), plain_tolls.practices,
        )  # fmt: skip
        return replace(plain_tolls, toll=float(toll))

    def roughly(self, tolls: Tolls, moves: int) -> float:
        """Bound what the best moves bring to every set; return the work."""
        self._share(moves)
        self.out = np.zeros((len(self.masks), moves), dtype=np.int64)
        pcns = self.problem.pcn_of, self.problem.span
        residents = self.ground[0]

        def some(part: NDArray[np.int64]) -> int:
            found = np.zeros(len(part))
            done = roughly(
                self.worth[part], self.head[part], self.masks[part], pcns, self.entries, residents,
                (tolls.practices, tolls.toll), moves, found,
            )  # fmt: skip
            self.found[part], self.many[part] = found, 0
            return int(done)

        return _side_by_side(some, np.arange(len(self.masks)))

    def _share(self, moves: int) -> None:
        """Say which part of an LSOA each practice may count on, for any number of touches."""
        first, where, people, parts = self.entries
        if len(parts) > moves:
            return
        problem, mine = self.problem, np.flatnonzero(self.problem.pcn_of >= 0)
        still = np.zeros(len(first), dtype=np.int64)
        lsoas = len(problem.lsoas)
        parts = np.stack(
            [parts_of(first, where, people, still, mine, lsoas, left) for left in range(moves + 1)]
        )
        self.entries = first, where, people, parts

    def touch(self, tolls: Tolls, which: NDArray[np.int64], moves: int) -> float:
        """Find the moves that are best for some sets; return the work."""
        self._share(moves)
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


def _bits(problem: Problem, masks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return which PCNs stand in sets, as 1 and 0."""
    return (masks[:, None] >> np.arange(len(problem.pcns)) & 1).astype(np.float64)


def _lsoa_prices(problem: Problem, prices: Prices) -> NDArray[np.float64]:
    """Return the prices of LSOAs under which sets are worth what they are said to be."""
    first = _bits(problem, np.array(prices.masks[:1], dtype=np.int64)) @ served_by_pcn(problem)
    return np.asarray(first[0] - prices.worth[0])


def _side_by_side(some: Callable[[NDArray[np.int64]], int], which: NDArray[np.int64]) -> float:
    """Do parts of a list in threads, each of which writes its own; return the work."""
    parts = [part for at in range(_SLICES) if len(part := which[at::_SLICES])]
    with ThreadPoolExecutor(max(1, min(_SLICES, os.cpu_count() or 1))) as pool:
        return _WORK * sum(pool.map(some, parts))


def compile_kernels() -> None:
    """Have every kernel compiled, on next to nothing."""
    none, one, two = np.zeros(1, dtype=np.int64), np.ones(1), np.ones((1, 1))
    entries, ground = (np.array([0, 1]), none, one, np.ones((2, 1))), (one, 0.0, 1.0)
    plain(two, *ground, one.copy(), one.copy())
    gains = two.copy()
    alone(two, one, one, none, two, none, one, (0.0, 1.0), 1, gains)
    reach(none[:, None], none, gains, none, 1, one.copy(), one.copy())
    best_touches(
        two, one, one, none, (none, none + 1), entries, ground, (one, 0.0), 1, one.copy(),
        none[:, None].copy(), none.copy(),
    )  # fmt: skip
    roughly(two, one, none, (none, none + 1), entries, one, (one, 0.0), 1, one.copy())
    chosen(two, one, none, none, entries, ground, none[:, None], none, one.copy())
