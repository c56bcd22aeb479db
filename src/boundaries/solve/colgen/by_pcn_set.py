"""What prices prove, reckoned by which PCNs go together: each set of PCNs is bounded on its own.

Goes in: a neighbourhood under prices of LSOAs and practices. Comes out: `Proof`, a bound that holds
under them, with what an anchor of each PCN is charged. Next: `boundaries.solve.colgen.bound`.

All neighbourhoods are alike, so one number for them all must be as high as the best of any, and a
plan of eleven is charged the excess of one relaxed neighbourhood eleven times. But a plan has sets
of PCNs that fit together: each PCN is anchored so many times. So each set has a bound of its own
(`boundaries.solve.colgen.pcn_set_enumeration` lists those that can be near the best), a small
linear programme finds charges for anchors and neighbourhoods that are nowhere below these bounds,
and only sets that are tight there are searched for a better bound. All charges together bound every
plan.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.colgen.pcn_set_enumeration import list_sets
from boundaries.solve.colgen.pricing_exact import One, search_from
from boundaries.solve.patterns.anchor_multipliers import Charges
from boundaries.solve.patterns.k_best import sets_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.instance import Problem

__all__ = ["Proof", "Sets", "compile_sets", "sets_for"]

_ROOM, _LISTING = 3_000, 1e9
"""Sets on one side that are listed at most, and operations; with more, only better ones are."""

_SIDES = 3
"""PCNs that are decided before sets are listed side by side."""

_APART = 0.015
"""How far below the charges sets are still listed, as a share of the misaligned."""

_CLOSE = 0.1
"""How near to the best neighbourhood known a set's bound is brought, as a share of what is left."""

_FURTHER = 2.0
"""How many times further each search of a set aims, where no neighbourhood of it is known."""

_BLIND = 0.002
"""How much lower a search aims where no neighbourhood of the set is known: of the misaligned."""

_TURN, _FAILS, _CUTS = 8e7, 4, 3
"""Operations of a set's first search, searches of one set, neighbourhoods that end a search."""

_HALF = 0.5
"""Share from which on a PCN is anchored."""

_PER_CHARGE = 2.0
"""Operations for each set and PCN in a round of the linear programme."""


@dataclass(frozen=True)
class Proof:
    """What some prices prove.

    Parameters
    ----------
    charged
        What no plan's neighbourhoods are worth more than together, less what LSOAs and practices
        pay.
    anchors, high
        Charges of an anchor of each PCN, and of each neighbourhood.
    met
        Neighbourhoods of tight sets, relaxed or not: shares of LSOAs and bases, and of items.
    operations
        Operations done.
    """

    charged: float
    anchors: NDArray[np.float64]
    high: float
    met: list[tuple[NDArray[np.float64], NDArray[np.float64]]]
    operations: float


def sets_for(problem: Problem, pcn: NDArray[np.int64]) -> Sets | None:
    """Return the sets of PCNs of a place; None without anchors, or where they are too many."""
    found = sets_of(problem) if problem.anchored else None
    if found is None or not len(found.masks):
        return None
    return Sets(problem, pcn, found.masks)


def compile_sets(one: One) -> None:
    """Have everything compiled that listing sets needs."""
    nothing = np.zeros(0, np.int64)
    list_sets(
        one.people, one.price, one.prices, one.residents, one.band, one.first, one.beside,
        one.whole, nothing, nothing, 0.0, 0.0, nothing, np.zeros(0), np.zeros(0), np.ones(2),
    )  # fmt: skip


@dataclass
class _State:
    """What is known of sets under the prices of one proof."""

    worth: NDArray[np.float64]
    real: dict[int, float]
    head: dict[int, float] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)
    fails: dict[int, int] = field(default_factory=dict)
    met: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=list)
    operations: float = 0.0


class Sets:
    """The sets of PCNs that may share a neighbourhood of a place where no practice moves.

    Parameters
    ----------
    problem
        The place.
    pcn
        PCN of each item, −1 for none.
    masks
        Every such set, as bits.
    """

    def __init__(self, problem: Problem, pcn: NDArray[np.int64], masks: NDArray[np.int64]) -> None:
        self.masks, self.lsoas, self.most = masks, len(problem.lsoas), float(problem.total)
        self.pcns = len(problem.pcns)
        self.times = np.array([*problem.span.tolist(), problem.neighbourhoods], dtype=np.float64)
        own = np.flatnonzero(pcn >= 0)
        people = np.bincount(pcn[own], weights=problem.people[own].sum(axis=1), minlength=self.pcns)
        self.order = np.argsort(-people, kind="stable")
        self.at_anchor = own[problem.span[pcn[own]] == 1]
        self.pcn = pcn
        self._at = {mask: at for at, mask in enumerate(masks.tolist())}
        self.bits = (masks[:, None] >> np.arange(self.pcns)[None, :] & 1).astype(np.float64)

    def without_anchors(
        self, prices: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return prices in which anchors cost nothing, and what they are charged instead.

        A practice is where the one anchor of its PCN is: its price is the anchor's as well, and
        without one of its own it cannot be left out.
        """
        bare, first = prices.copy(), self.lsoas + self.pcns
        own = self.at_anchor
        paid = np.bincount(self.pcn[own], weights=prices[first + own], minlength=self.pcns)
        bare[first + own] = 0.0
        bare[self.lsoas : first] = 0.0
        return bare, prices[self.lsoas : first] + paid

    def best_known(
        self, rows: NDArray[np.float64], worth: NDArray[np.float64], one: One
    ) -> dict[int, float]:
        """Return what the best neighbourhood known of each set is worth.

        Parameters
        ----------
        rows
            Neighbourhoods, some of them relaxed: shares of LSOAs, of bases, and of items.
        worth
            What they are worth under prices without anchors.
        one
            One neighbourhood under those prices.
        """
        best: dict[int, float] = {}
        wide, items = self.lsoas + self.pcns, len(one.price)
        for row in np.argsort(-worth, kind="stable").tolist():
            where = rows[row, :wide]
            at = self._at.get(int((1 << np.flatnonzero(where[self.lsoas :] > _HALF)).sum()))
            if at is None or at in best:
                continue
            if one.is_real(where, rows[row, wide : wide + items]):
                best[at] = float(worth[row])
        return best

    def prove(  # noqa: PLR0913 - one door
        self,
        one: One,
        anchors: NDArray[np.float64],
        high: float,
        *,
        known: dict[int, float],
        aim: float,
        vain: float,
        misaligned: float,
        most: float,
        stop: Callable[[], bool],
    ) -> Proof:
        """Bound what the neighbourhoods of any plan are worth together.

        Parameters
        ----------
        one
            One neighbourhood, with no price on bases.
        anchors, high
            Charges to begin with.
        known
            Sets with what a neighbourhood of theirs that is known is worth.
        aim
            What the charges are to come under: the proof ends there.
        vain
            A proof that cannot come under this is given up.
        misaligned
            People whom the best plan leaves misaligned: distances are shares of them.
        most
            Most operations.
        stop
            Asked now and then.
        """
        state = _State(np.full(len(self.masks), np.inf), dict(known))
        charges, slack = Charges(self.bits, self.times, self.most), _APART * misaligned
        with ThreadPoolExecutor(max(1, min(1 << _SIDES, os.cpu_count() or 1))) as pool:
            self._list(one, anchors, high, slack, state, pool)
            while True:
                total, price, tight = charges.solve(state.worth)
                state.operations += _PER_CHARGE * charges.rounds * self.bits.size
                anchors, high = price[:-1], float(price[-1])
                done = total <= aim or state.operations > most or stop()
                if done or not tight or self._least(tight, state) >= vain:
                    break
                if any(at not in state.head for at in tight):
                    self._list(one, anchors, high, slack, state, pool)
                    continue
                close = max(1.0, _CLOSE * (total - aim) / self.times[-1])
                left = [at for at in tight if self._open(at, state, close)]
                if not left:
                    break
                self._search(one, left, state, close, _BLIND * misaligned, pool)
        return Proof(total, anchors, high, state.met, state.operations)

    def _least(self, tight: dict[int, float], state: _State) -> float:
        """Return what no charges can come under: what is known of the tight sets."""
        return sum(share * state.real.get(at, -np.inf) for at, share in tight.items())

    def _open(self, at: int, state: _State, close: float) -> bool:
        near = state.worth[at] <= state.real.get(at, -np.inf) + close
        return not near and state.fails.get(at, 0) < _FAILS

    def _list(
        self,
        one: One,
        anchors: NDArray[np.float64],
        high: float,
        slack: float,
        state: _State,
        pool: ThreadPoolExecutor,
    ) -> None:
        """Bound the sets that are near their charges; all others are under them by the slack.

        Where too many are so near, only better ones are listed, and the others may be above.
        """
        lsoas = len(one.first) - 1
        prices = np.concatenate([one.prices[:lsoas], anchors])
        order, charged = lsoas + self.order, self.bits @ anchors
        sides = list(product((-1, 1), repeat=min(_SIDES, len(order))))
        level, further = high - slack, slack

        def branch(begun: tuple[int, ...]) -> tuple[int, tuple[NDArray[Any], ...], float]:
            found = np.zeros(_ROOM, np.int64), np.zeros(_ROOM), np.zeros(_ROOM)
            stat = np.zeros(2)
            met = list_sets(
                one.people, one.price, prices, one.residents, one.band, one.first, one.beside,
                one.whole, order, np.array(begun, dtype=np.int64), level, _LISTING, *found, stat,
            )  # fmt: skip
            return met, tuple(part[:met] for part in found), float(stat[1])

        while True:
            ends = list(pool.map(branch, sides))
            state.operations += sum(operations for _, _, operations in ends)
            if min(met for met, _, _ in ends) >= 0:
                break
            level, further = level + further, 2.0 * further
        under = np.minimum(state.worth, charged + level)
        for _, found, _ in ends:
            for mask, bound, head in zip(*(part.tolist() for part in found), strict=True):
                at = self._at.get(mask)
                if at is not None:
                    under[at] = min(state.worth[at], bound + float(charged[at]))
                    state.head.setdefault(at, head)
        state.worth = under

    def _search(
        self,
        one: One,
        sets: list[int],
        state: _State,
        close: float,
        blind: float,
        pool: ThreadPoolExecutor,
    ) -> None:
        """Search the neighbourhoods of some sets, for a lower bound or a better neighbourhood."""
        lsoas = len(one.first) - 1

        def search(
            at: int,
        ) -> tuple[float, list[tuple[NDArray[np.float64], NDArray[np.float64]]], float]:
            bound, real = float(state.worth[at]), state.real.get(at, -np.inf)
            fails = state.fails.get(at, 0)
            share = 1.0 - 0.5**fails
            aim = bound - blind * _FURTHER ** state.tries.get(at, 0) * 0.5**fails
            if real > -np.inf:
                aim = real + max(close, share * (bound - real))
            decided = np.zeros(len(one.prices), np.int8)
            decided[lsoas:] = np.where(self.bits[at] > 0, 1, -1)
            return search_from(one, decided, state.head[at], aim, _TURN * 2.0**fails, _CUTS)

        for at, (reached, ways, operations) in zip(sets, pool.map(search, sets), strict=True):
            state.operations += operations
            state.tries[at] = state.tries.get(at, 0) + 1
            if reached > state.worth[at] - 1.0:
                state.fails[at] = state.fails.get(at, 0) + 1
            state.worth[at] = min(state.worth[at], reached)
            for where, items in ways:
                where[lsoas:] = self.bits[at]
                state.met.append((where, items))
                if one.is_real(where, items):
                    state.real[at] = max(state.real.get(at, -np.inf), one.worth(where, items))
