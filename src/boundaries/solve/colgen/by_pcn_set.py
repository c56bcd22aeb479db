"""What duals prove, reckoned by which PCNs go together: each PCN set is bounded on its own.

Goes in: a neighbourhood under duals of LSOAs and practices. Comes out: `Proof`, a bound that holds
under them, with what an anchor of each PCN is charged. Next: `boundaries.solve.colgen.bound`.

All neighbourhoods are alike, so one number for them all must be as high as the best of any, and a
plan of eleven is charged the excess of one relaxed neighbourhood eleven times. But a plan has sets
of PCNs that fit together: each PCN is anchored so many times. So each set has a bound of its own
(`boundaries.solve.colgen.pcn_set_enumeration` lists those that can be near the best), a small
linear programme finds multipliers for anchors and neighbourhoods that are nowhere below these
bounds, and only sets that are tight there are searched for a better bound. All multipliers together
bound every plan.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.colgen.pcn_set_enumeration import enumerate_pcn_sets
from boundaries.solve.colgen.pricing_exact import PricingProblem, price_exactly_from
from boundaries.solve.patterns.anchor_multipliers import AnchorMultipliers
from boundaries.solve.patterns.k_best import sets_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["BoundByPcnSet", "Proof", "bound_by_pcn_set_for", "compile_by_pcn_set"]

_ROOM, _LISTING = 3_000, 1e9
"""Sets on one side that are listed at most, and operations; with more, only better ones are."""

_SIDES = 3
"""PCNs that are decided before sets are listed side by side."""

_APART = 0.015
"""How far below the multipliers sets are still listed, as a share of the misaligned."""

_CLOSE = 0.1
"""How near to the best neighbourhood known a set's bound is brought, as a share of what is left."""

_FURTHER = 2.0
"""How many times further each search of a set targets, where no neighbourhood of it is known."""

_BLIND = 0.002
"""How much lower a search targets where no neighbourhood of the set is known: of the misaligned."""

_TURN, _FAILS, _CUTS = 8e7, 4, 3
"""Operations of a set's first search, searches of one set, neighbourhoods that end a search."""

_HALF = 0.5
"""Share from which on a PCN is anchored."""

_PER_CHARGE = 2.0
"""Operations for each set and PCN in a round of the linear programme."""


@dataclass(frozen=True)
class Proof:
    """What some duals prove.

    Parameters
    ----------
    bound
        What no plan's neighbourhoods are worth more than together, less what LSOAs and practices
        pay.
    anchors, high
        Multipliers of an anchor of each PCN, and of each neighbourhood.
    met
        Neighbourhoods of tight sets, relaxed or not: shares of LSOAs and anchor nodes, and of
        items.
    operations
        Operations done.
    """

    bound: float
    anchors: NDArray[np.float64]
    high: float
    met: list[tuple[NDArray[np.float64], NDArray[np.float64]]]
    operations: float


def bound_by_pcn_set_for(instance: Instance, pcn: NDArray[np.int64]) -> BoundByPcnSet | None:
    """Return the PCN sets of a place; None without anchors, or where they are too many."""
    found = sets_of(instance) if instance.anchored else None
    if found is None or not len(found.pcn_sets):
        return None
    return BoundByPcnSet(instance, pcn, found.pcn_sets)


def compile_by_pcn_set(pricing: PricingProblem) -> None:
    """Have everything compiled that listing sets needs."""
    nothing = np.zeros(0, np.int64)
    enumerate_pcn_sets(
        pricing.people, pricing.item_duals, pricing.node_duals, pricing.residents, pricing.band,
        pricing.first, pricing.beside, pricing.arcs, pricing.must_connect, nothing, nothing, 0.0,
        0.0, nothing, np.zeros(0), np.zeros(0), np.ones(2),
    )  # fmt: skip


@dataclass
class _State:
    """What is known of sets under the duals of one proof."""

    profit: NDArray[np.float64]
    real: dict[int, float]
    mu_population: dict[int, float] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)
    fails: dict[int, int] = field(default_factory=dict)
    met: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=list)
    operations: float = 0.0


class BoundByPcnSet:
    """The PCN sets that may share a neighbourhood of a place where no practice moves.

    Parameters
    ----------
    instance
        The place.
    pcn
        PCN of each item, −1 for none.
    pcn_sets
        Every such set, as bits.
    """

    def __init__(
        self, instance: Instance, pcn: NDArray[np.int64], pcn_sets: NDArray[np.int64]
    ) -> None:
        self.pcn_sets, self.lsoas, self.most = pcn_sets, len(instance.lsoas), float(instance.total)
        self.pcns = len(instance.pcns)
        self.times = np.array([*instance.span.tolist(), instance.neighbourhoods], dtype=np.float64)
        own = np.flatnonzero(pcn >= 0)
        people = np.bincount(
            pcn[own], weights=instance.people[own].sum(axis=1), minlength=self.pcns
        )
        self.order = np.argsort(-people, kind="stable")
        self.at_anchor = own[instance.span[pcn[own]] == 1]
        self.pcn = pcn
        self._at = {pcn_set: at for at, pcn_set in enumerate(pcn_sets.tolist())}
        self.bits = (pcn_sets[:, None] >> np.arange(self.pcns)[None, :] & 1).astype(np.float64)

    def without_anchors(
        self, duals: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return duals in which anchors cost nothing, and what they are charged instead.

        A practice is where the one anchor of its PCN is: its dual is the anchor's as well, and
        without one of its own it cannot be left out.
        """
        bare, first = duals.copy(), self.lsoas + self.pcns
        own = self.at_anchor
        paid = np.bincount(self.pcn[own], weights=duals[first + own], minlength=self.pcns)
        bare[first + own] = 0.0
        bare[self.lsoas : first] = 0.0
        return bare, duals[self.lsoas : first] + paid

    def best_known(
        self, rows: NDArray[np.float64], profit: NDArray[np.float64], pricing: PricingProblem
    ) -> dict[int, float]:
        """Return what the best neighbourhood known of each set is worth.

        Parameters
        ----------
        rows
            Neighbourhoods, some of them relaxed: shares of LSOAs, of anchor nodes, and of items.
        profit
            What they are worth under duals without anchors.
        pricing
            One neighbourhood under those duals.
        """
        best: dict[int, float] = {}
        wide, items = self.lsoas + self.pcns, len(pricing.item_duals)
        for row in np.argsort(-profit, kind="stable").tolist():
            where = rows[row, :wide]
            at = self._at.get(int((1 << np.flatnonzero(where[self.lsoas :] > _HALF)).sum()))
            if at is None or at in best:
                continue
            if pricing.is_real(where, rows[row, wide : wide + items]):
                best[at] = float(profit[row])
        return best

    def prove(  # noqa: PLR0913 - one door
        self,
        pricing: PricingProblem,
        anchors: NDArray[np.float64],
        high: float,
        *,
        known: dict[int, float],
        target: float,
        out_of_reach: float,
        misaligned: float,
        most: float,
        stop: Callable[[], bool],
    ) -> Proof:
        """Bound what the neighbourhoods of any plan are worth together.

        Parameters
        ----------
        pricing
            One neighbourhood, with no dual on anchor nodes.
        anchors, high
            Multipliers to begin with.
        known
            Sets with what a neighbourhood of theirs that is known is worth.
        target
            What the multipliers are to come under: the proof ends there.
        out_of_reach
            A proof that cannot come under this is given up.
        misaligned
            People whom the best plan leaves misaligned: distances are shares of them.
        most
            Most operations.
        stop
            Asked now and then.
        """
        state = _State(np.full(len(self.pcn_sets), np.inf), dict(known))
        multipliers, slack = (
            AnchorMultipliers(self.bits, self.times, self.most),
            _APART * misaligned,
        )
        with ThreadPoolExecutor(max(1, min(1 << _SIDES, os.cpu_count() or 1))) as pool:
            self._list(pricing, anchors, high, slack, state, pool)
            while True:
                total, nu_anchor, tight = multipliers.solve(state.profit)
                state.operations += _PER_CHARGE * multipliers.rounds * self.bits.size
                anchors, high = nu_anchor[:-1], float(nu_anchor[-1])
                done = total <= target or state.operations > most or stop()
                if done or not tight or self._least(tight, state) >= out_of_reach:
                    break
                if any(at not in state.mu_population for at in tight):
                    self._list(pricing, anchors, high, slack, state, pool)
                    continue
                close = max(1.0, _CLOSE * (total - target) / self.times[-1])
                left = [at for at in tight if self._open(at, state, close)]
                if not left:
                    break
                self._search(pricing, left, state, close, _BLIND * misaligned, pool)
        return Proof(total, anchors, high, state.met, state.operations)

    def _least(self, tight: dict[int, float], state: _State) -> float:
        """Return what no multipliers can come under: what is known of the tight sets."""
        return sum(share * state.real.get(at, -np.inf) for at, share in tight.items())

    def _open(self, at: int, state: _State, close: float) -> bool:
        near = state.profit[at] <= state.real.get(at, -np.inf) + close
        return not near and state.fails.get(at, 0) < _FAILS

    def _list(
        self,
        pricing: PricingProblem,
        anchors: NDArray[np.float64],
        high: float,
        slack: float,
        state: _State,
        pool: ThreadPoolExecutor,
    ) -> None:
        """Bound the sets that are near their multipliers; all others are under them by the slack.

        Where too many are so near, only better ones are listed, and the others may be above.
        """
        lsoas = len(pricing.first) - 1
        duals = np.concatenate([pricing.node_duals[:lsoas], anchors])
        order, charged = lsoas + self.order, self.bits @ anchors
        sides = list(product((-1, 1), repeat=min(_SIDES, len(order))))
        level, further = high - slack, slack

        def branch(begun: tuple[int, ...]) -> tuple[int, tuple[NDArray[Any], ...], float]:
            found = np.zeros(_ROOM, np.int64), np.zeros(_ROOM), np.zeros(_ROOM)
            stat = np.zeros(2)
            met = enumerate_pcn_sets(
                pricing.people, pricing.item_duals, duals, pricing.residents, pricing.band,
                pricing.first, pricing.beside, pricing.arcs, pricing.must_connect, order,
                np.array(begun, dtype=np.int64), level, _LISTING, *found, stat,
            )  # fmt: skip
            return met, tuple(part[:met] for part in found), float(stat[1])

        while True:
            ends = list(pool.map(branch, sides))
            state.operations += sum(operations for _, _, operations in ends)
            if min(met for met, _, _ in ends) >= 0:
                break
            level, further = level + further, 2.0 * further
        under = np.minimum(state.profit, charged + level)
        for _, found, _ in ends:
            for pcn_set, bound, mu_population in zip(
                *(part.tolist() for part in found), strict=True
            ):
                at = self._at.get(pcn_set)
                if at is not None:
                    under[at] = min(state.profit[at], bound + float(charged[at]))
                    state.mu_population.setdefault(at, mu_population)
        state.profit = under

    def _search(
        self,
        pricing: PricingProblem,
        sets: list[int],
        state: _State,
        close: float,
        blind: float,
        pool: ThreadPoolExecutor,
    ) -> None:
        """Search the neighbourhoods of some sets, for a lower bound or a better neighbourhood."""
        lsoas = len(pricing.first) - 1

        def search(
            at: int,
        ) -> tuple[float, list[tuple[NDArray[np.float64], NDArray[np.float64]]], float]:
            bound, real = float(state.profit[at]), state.real.get(at, -np.inf)
            fails = state.fails.get(at, 0)
            share = 1.0 - 0.5**fails
            target = bound - blind * _FURTHER ** state.tries.get(at, 0) * 0.5**fails
            if real > -np.inf:
                target = real + max(close, share * (bound - real))
            decided = np.zeros(len(pricing.node_duals), np.int8)
            decided[lsoas:] = np.where(self.bits[at] > 0, 1, -1)
            return price_exactly_from(
                pricing, decided, state.mu_population[at], target, _TURN * 2.0**fails, _CUTS
            )

        for at, (reached, ways, operations) in zip(sets, pool.map(search, sets), strict=True):
            state.operations += operations
            state.tries[at] = state.tries.get(at, 0) + 1
            if reached > state.profit[at] - 1.0:
                state.fails[at] = state.fails.get(at, 0) + 1
            state.profit[at] = min(state.profit[at], reached)
            for where, items in ways:
                where[lsoas:] = self.bits[at]
                state.met.append((where, items))
                if pricing.is_real(where, items):
                    state.real[at] = max(state.real.get(at, -np.inf), pricing.profit(where, items))
