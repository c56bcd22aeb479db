"""Which practices may move, under one pattern of anchors, in a plan that is good enough.

Goes in: `Problem`, the pattern's `Freedom`, price lists found before. Comes out: the few sets of
movers that no price list rules out, each with its bound. Next: `boundaries.solve.turns` settles
each of them with `boundaries.solve.tree`: with the practices still, only the map is left.

Half a move is what makes the joint relaxation weak, so moves are never relaxed here. All sets are
listed by `boundaries.solve.sift` under the prices of the residents' band; then the best set left
is relaxed with its practices fixed (`boundaries.solve.fixed`), and the prices that come out of it
are tried on all the others. A few dozen price lists rule out tens of thousands of sets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.fixed import FixedMap
from boundaries.solve.search import room_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from boundaries.solve.connected import Separator
    from boundaries.solve.model import Freedom
    from boundaries.solve.problem import Problem
    from boundaries.solve.relax import Pool

__all__ = ["Lists", "Sifted", "Still", "can_sift", "sift"]

_BASES = 600
_SETS = 400_000
_GAINS = 3_000_000
"""Gains reckoned before one more price list is thought better."""

_AT_ONCE = 5
"""Price lists that the sets are listed under; all of them are tried on the sets that are left."""

_RETRIES = 6
_SAMPLE = 400
_LESSONS = 10
"""Sets that are relaxed, of a sample, before the sets are listed again."""

_SAFE = 1e-7
_GAIN_WORK = 4e-7
"""Work of reckoning what one move gains."""


@dataclass
class Lists:
    """Price lists of a pattern: prices of LSOAs in neighbourhoods, and a constant each."""

    prices: list[NDArray[np.float64]] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)
    borrowed: int = 0

    def borrow(self, other: Lists, order: NDArray[np.int64]) -> None:
        """Take over the last lists of another pattern: its label ``order[k]`` becomes label k."""
        self.prices += [price[:, order] for price in other.prices[-_AT_ONCE:]]
        self.constants += other.constants[-_AT_ONCE:]
        self.borrowed = len(self.prices)

    def put_last(self, rules_out: NDArray[np.bool_]) -> None:
        """Put last the lists that together rule out most (lists by sets), the best one last."""
        open_, order = np.ones(rules_out.shape[1], dtype=bool), list(range(len(rules_out)))
        best: list[int] = []
        for _ in range(min(_AT_ONCE, len(order))):
            top = max(order, key=lambda number: (int((rules_out[number] & open_).sum()), number))
            order.remove(top)
            best.append(top)
            open_ &= ~rules_out[top]
        order += reversed(best)
        self.prices = [self.prices[number] for number in order]
        self.constants = [self.constants[number] for number in order]

    def add(self, price: NDArray[np.float64], constant: float) -> None:
        """Remember a list; of many, the second half."""
        self.prices.append(price)
        self.constants.append(constant)
        if len(self.prices) > 60:
            del self.prices[2:30], self.constants[2:30]


@dataclass(frozen=True)
class Still:
    """A set of movers that is left: where every item sits, its bound, and what LSOAs may do."""

    items: NDArray[np.int64]
    bound: float
    lsoas: NDArray[np.bool_]


@dataclass(frozen=True)
class Sifted:
    """What is left of a pattern.

    Parameters
    ----------
    left
        Sets of movers whose relaxation is above the aim.
    rest
        Bound of everything that is neither in ``left`` nor under the aim; minus infinity when
        there is no such thing.
    cuts
        Separators that the relaxations hold.
    work
        Work done.
    """

    left: tuple[Still, ...]
    rest: float
    cuts: tuple[tuple[int, Separator], ...]
    work: float


def can_sift(problem: Problem, freedom: Freedom) -> bool:
    """Whether moves can be listed: practices of PCNs have one home, and few items are free."""
    at_home = (freedom.items & (freedom.moves == 0)).sum(axis=1)
    ways = float(np.prod(np.maximum(1, at_home).astype(float)))
    return bool(problem.anchored and at_home.min(initial=1) > 0 and ways <= _BASES)


class _Moves:
    """The moves of a pattern, as `boundaries.solve.sift` wants them."""

    def __init__(self, problem: Problem, freedom: Freedom, base: NDArray[np.int64]) -> None:
        self.problem, self.base = problem, base
        rows = problem.people[: len(problem.practices)]
        filled = [np.flatnonzero(row) for row in rows]
        self.first = np.concatenate([[0], np.cumsum([len(f) for f in filled])]).astype(np.int64)
        self.where = np.concatenate(filled).astype(np.int64)
        self.people = np.concatenate([row[f] for row, f in zip(rows, filled, strict=True)])
        away = np.argwhere(freedom.items & (freedom.moves == 1))
        self.mover, self.label = away[:, 0].astype(np.int64), away[:, 1].astype(np.int64)
        self.worth = np.zeros(freedom.lsoas.shape)
        for i, label in enumerate(base.tolist()):
            self.worth[:, label] += problem.people[i]
        self.worth[~freedom.lsoas] = -1e12

    def in_order(self, gains: NDArray[np.float64]) -> None:
        """Put the practices that gain most first: sets are cut off sooner."""
        best = np.full(len(self.first) - 1, -np.inf)
        np.maximum.at(best, self.mover, gains)
        order = np.lexsort((self.label, self.mover, -best[self.mover]))
        self.mover, self.label = self.mover[order], self.label[order]

    def items(self, chosen: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return where items sit when these moves are made."""
        items = self.base.copy()
        made = chosen[chosen >= 0]
        items[self.mover[made]] = self.label[made]
        return items

    def worth_of(self, items: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what LSOAs are worth in neighbourhoods when items sit so."""
        worth = self.worth.copy()
        for i in np.flatnonzero(items != self.base).tolist():
            worth[:, self.base[i]] -= self.problem.people[i]
            worth[:, items[i]] += self.problem.people[i]
        return worth


def sift(  # noqa: PLR0913 - one door
    problem: Problem,
    freedom: Freedom,
    lists: Lists,
    pool: Pool,
    *,
    aim: float,
    most_work: float,
    stop: Callable[[], bool] = lambda: False,
) -> Sifted:
    """Return the sets of movers that may serve more than the aim.

    Parameters
    ----------
    problem, freedom
        The place, and what may go where (`can_sift` says whether it is simple enough).
    lists
        Price lists of this pattern; new ones are added.
    pool
        Separators to try first; new ones are added.
    aim
        Only sets that may serve more people are of interest.
    most_work
        Work limit.
    stop
        Asked between relaxations.
    """
    state = _Sieve(problem, freedom, lists, pool, aim)
    left: list[Still] = []
    rest = -np.inf
    for base in _bases(freedom):
        if state.work > most_work or stop():
            rest = np.inf  # the bases that are left were not looked at
            break
        found, bound = state.go(_Moves(problem, freedom, base), most_work, stop)
        left += found
        rest = max(rest, bound)
    left.sort(key=lambda one: (-one.bound, one.items.tolist()))
    cuts = () if state.map is None else state.map.cuts
    return Sifted(tuple(left), rest, cuts, state.work)


def _bases(freedom: Freedom) -> Iterator[NDArray[np.int64]]:
    """Yield where items sit without moves: at home, and free ones everywhere."""
    at_home = freedom.items & (freedom.moves == 0)
    for way in product(*(np.flatnonzero(row).tolist() for row in at_home)):
        yield np.array(way, dtype=np.int64)


class _Sieve:
    """The state of `sift`."""

    def __init__(
        self, problem: Problem, freedom: Freedom, lists: Lists, pool: Pool, aim: float
    ) -> None:
        self.problem, self.freedom, self.lists, self.pool = problem, freedom, lists, pool
        self.aim = aim - _SAFE * problem.total
        self.map: FixedMap | None = None
        self.own_work = 0.0

    @property
    def work(self) -> float:
        return self.own_work + (0.0 if self.map is None else self.map.work)

    def go(
        self, moves: _Moves, most_work: float, stop: Callable[[], bool]
    ) -> tuple[list[Still], float]:
        """Return the sets left of one base, and the bound of what was not looked at."""
        from boundaries.solve.sift import lower_bounds  # noqa: PLC0415 - compiles on first use

        listed = self._list(moves, most_work, stop)
        if listed is None:
            return [], np.inf
        sets, bounds = listed
        left: list[Still] = []
        home = moves.base[: len(self.problem.practices)]
        while len(sets):
            if self.work > most_work or stop():
                return left, float(bounds.max())
            top = int(bounds.argmax())
            items = moves.items(sets[top])
            bounds[top] = -np.inf
            solved = self._relax(moves.worth_of(items), stop)
            if solved is None:
                return left, np.inf
            bound, price, constant = solved
            if bound > self.aim:
                left.append(self._still(moves.worth_of(items), items, price, bound))
            if np.isfinite(constant):
                lower_bounds(
                    moves.worth - price, constant, moves.first, moves.where, moves.people, home,
                    moves.mover, moves.label, sets, bounds,
                )  # fmt: skip
                self.own_work += 2e-9 * len(sets) * moves.worth.size
            kept = bounds > self.aim
            sets, bounds = sets[kept], bounds[kept]
        return left, -np.inf

    def _relax(
        self, worth: NDArray[np.float64], stop: Callable[[], bool]
    ) -> tuple[float, NDArray[np.float64], float] | None:
        if self.map is None:
            self.map = FixedMap(self.problem, self.freedom.lsoas, self.pool)
        solved = self.map.solve(worth, self.aim, stop=stop)
        if solved is not None and np.isfinite(solved[2]):
            self.lists.add(solved[1], solved[2])
        return solved

    def _still(
        self,
        worth: NDArray[np.float64],
        items: NDArray[np.int64],
        price: NDArray[np.float64],
        bound: float,
    ) -> Still:
        """Rule out LSOAs whose loss brings the bound under the aim."""
        reduced = np.where(self.freedom.lsoas, worth - price, -np.inf)
        loss = reduced.max(axis=1)[:, None] - reduced
        return Still(items, bound, self.freedom.lsoas & (bound - loss > self.aim))

    def _list(
        self, moves: _Moves, most_work: float, stop: Callable[[], bool]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]] | None:
        """Return all sets above the aim; None when there are too many of them."""
        from boundaries.solve.sift import balance, list_sets, lower_bounds  # noqa: PLC0415

        problem = self.problem
        heads = problem.residents.astype(np.float64)
        home = moves.base[: len(problem.practices)]
        band = balance(moves.worth, heads, float(problem.least), float(problem.most), 150)
        limit = np.where(band > 0, problem.most, problem.least)
        plain = (band[None, :] * heads[:, None], float(band @ limit))
        single = np.arange(len(moves.mover), dtype=np.int32)[:, None]
        gains = np.full(len(single), np.inf)
        lower_bounds(
            moves.worth - plain[0], 0.0, moves.first, moves.where, moves.people, home, moves.mover,
            moves.label, single, gains,
        )  # fmt: skip
        moves.in_order(gains)
        floors = (problem.pcn_of[moves.mover], problem.list_size[moves.mover], room_of(problem))
        for attempt in range(_RETRIES):
            chosen = self.lists.prices[-_AT_ONCE:]
            known = self.lists.constants[-_AT_ONCE:]
            worth = np.stack([moves.worth - price for price in [plain[0], *chosen]])
            sets, bounds, reckoned, complete = list_sets(
                worth, np.array([plain[1], *known]), moves.first, moves.where, moves.people, home,
                moves.mover, moves.label, floors, self.aim,
                (self.freedom.allowed_moves, _SETS, _GAINS * (attempt + 1)),
            )  # fmt: skip
            self.own_work += _GAIN_WORK * reckoned
            if complete:
                for price, constant in zip(self.lists.prices, self.lists.constants, strict=True):
                    lower_bounds(
                        moves.worth - price, constant, moves.first, moves.where, moves.people,
                        home, moves.mover, moves.label, sets, bounds,
                    )  # fmt: skip
                kept = bounds > self.aim
                return sets[kept], bounds[kept]
            if not self._learn(moves, sets, bounds, most_work, stop):
                return None
        return None

    def _learn(
        self,
        moves: _Moves,
        sets: NDArray[np.int32],
        bounds: NDArray[np.float64],
        most_work: float,
        stop: Callable[[], bool],
    ) -> bool:
        """Find price lists that rule out many of the sets seen; put the best ones last."""
        from boundaries.solve.sift import lower_bounds  # noqa: PLC0415

        home = moves.base[: len(self.problem.practices)]

        def under(price: NDArray[np.float64], constant: float, found: NDArray[np.float64]) -> None:
            lower_bounds(
                moves.worth - price, constant, moves.first, moves.where, moves.people, home,
                moves.mover, moves.label, sample, found,
            )  # fmt: skip

        if not len(sets):
            sets = np.full((1, max(1, self.freedom.allowed_moves)), -1, dtype=np.int32)
            bounds = np.full(1, np.inf)
        chosen = np.arange(0, len(sets), max(1, len(sets) // _SAMPLE))
        sample, left = np.ascontiguousarray(sets[chosen]), bounds[chosen].copy()
        for _ in range(_LESSONS):
            if self.work > most_work or stop():
                return False
            items = moves.items(sample[int(left.argmax())])
            solved = self._relax(moves.worth_of(items), stop)
            if solved is None:
                return False
            left[int(left.argmax())] = -np.inf
            if np.isfinite(solved[2]):
                under(solved[1], solved[2], left)
            if left.max() <= self.aim:
                break
        rows = np.full((len(self.lists.prices), len(sample)), np.inf)
        for row, price, constant in zip(rows, self.lists.prices, self.lists.constants, strict=True):
            under(price, constant, row)
        self.lists.put_last(rows <= self.aim)
        return True
