"""A bound over all patterns at once: whole neighbourhoods as columns.

Goes in: `Problem`, how many practices may move, good plans. Comes out: `Whole`, what no plan can
serve more of. Next: `boundaries.solve.rungs.rung` and `boundaries.solve.ladder`.

A plan is so many whole neighbourhoods, each with its practices and the PCNs that are anchored
there. They share only a few things: each LSOA and each practice is in one, a PCN is anchored no
more often than its span, and no more practices move than may. With a price on each of these,
neighbourhoods are alone and alike: whatever the prices, no plan serves more than all prices
together and, for each neighbourhood, the most that any is worth (Dantzig and Wolfe, Operations
Research 1960; for districts Garfinkel and Nemhauser, Management Science 1970). No patterns are
listed, and items with many homes cost nothing.

Neighbourhoods of good plans and of short walks make the prices (`boundaries.solve.columns.bundle`);
a search of one neighbourhood says what the prices prove (`boundaries.solve.columns.single`). Locks,
floors, boroughs, and that each neighbourhood is some PCN's base, are left out: without them there
can only be more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.columns.branches import One, compile_search, search_branches
from boundaries.solve.columns.bundle import Bundle
from boundaries.solve.columns.roam import roam
from boundaries.solve.columns.sets import compile_sets, sets_for
from boundaries.solve.plans.hold import rings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from boundaries.solve.columns.sets import Sets
    from boundaries.solve.plans.search import Found
    from boundaries.solve.problem import Problem

__all__ = ["Whole", "Wholes", "compile_whole"]

_NO_MOVE = 1e5
"""Toll of a move where none is allowed."""

_WALKS, _STEPS = 12, 120
"""Walks from good columns for each step of the prices, and their steps for each LSOA."""

_GOOD = 2_000.0
"""How far below the best column a new one may be."""

_HEATS = (30.0, 100.0, 400.0, 1000.0)
_SEARCH, _SEARCH_SHARE = 20.0, 0.1
"""Most work of one search of a neighbourhood, and the same as a share of all."""

_CALM = 4
"""Steps that change little before prices are proven, and after that before they are given up."""

_LITTLE = 0.0005
"""What little is, as a share of the misaligned."""

_SLACK = 0.01
"""Share of the misaligned above the model at which a proof is sought when one took too long."""

_WIDER, _NARROW = 1.5, 0.8
"""How much further above after a proof that took too long, and nearer after one that took long."""

_STUCK, _FAILS = 10, 40
"""Steps in a row that bring nothing, at which they are proven as they are, and given up."""

_FOR_PRICES = 0.7
"""Share of the work after which prices are as good as they get."""

_LOOSE = (0.15, 0.08, 0.04, 0.02)
"""How far above the aim, as a share of the misaligned, the last prices are to prove something."""

_VAIN = 0.3
"""How far from the best column to the aim a new one must be for a proof to be given up."""

_PROOF, _LONGER, _MOST_PROOF = 0.05, 1.5, 0.25
"""Share of the work that a proof by sets may take: at first, how much more after one that brings
little, and at most."""

_CUTS = 30
"""Relaxed neighbourhoods that end a search of one neighbourhood."""

_PER_STEP, _PER_OPERATION, _PER_PAIR = 4e-9, 1.8e-9, 3e-9
"""Work of a walk's step and item, of an operation of a search, of a pair in a step of prices."""


@dataclass(frozen=True)
class Whole:
    """What no plan can serve more of (infinity: not known), the work done, whether it was in vain.

    In vain is a search that was given up because it could not come under what was known.
    """

    bound: float
    work: float
    in_vain: bool = False


def compile_whole(problem: Problem, plan: Found) -> None:
    """Have everything compiled that the bound needs."""
    wholes = Wholes(problem)
    wholes.bound(1, [plan], aim=float(problem.total), most_work=0.0)
    wholes.descend(problem.total, 0.0)
    compile_search(wholes.one(wholes.centre))
    compile_sets(wholes.one(wholes.centre))


class Wholes:
    """Whole neighbourhoods of a place and the best prices so far: rungs share them.

    Parameters
    ----------
    problem
        The place.
    bases_first
        Whether a proof decides which PCNs are anchored before which practices are there.
    """

    def __init__(self, problem: Problem, *, bases_first: bool = True) -> None:
        self.problem, self.bases_first = problem, bases_first
        practices = len(problem.practices)
        self.pcns = len(problem.pcns) if problem.anchored else 0
        self.pcn = np.full(len(problem.people), -1, dtype=np.int64)
        if problem.anchored:
            self.pcn[:practices] = problem.pcn_of
        self.lsoas, self.items = len(problem.lsoas), len(problem.people)
        wide, tolls = self.lsoas + self.pcns, int(problem.anchored)
        self.parts = (self.lsoas, wide, wide + self.items, wide + self.items + tolls)
        right = np.ones(self.parts[3])
        right[self.lsoas : wide] = problem.span[: self.pcns]
        metric = np.ones(len(right))
        metric[self.lsoas : wide] = self.lsoas / max(1, self.pcns)
        metric[self.parts[2] :] = self.lsoas / self.items
        self.bundle = Bundle(right, problem.neighbourhoods, metric)
        self._read_map()
        self.residents = np.concatenate([problem.residents, np.zeros(self.pcns, dtype=np.int64)])
        self.people_of = np.ascontiguousarray(problem.people.T)
        self.centre = np.zeros(0)
        self.pace = 0.0
        self.chance = np.random.default_rng(0)  # a bound: no plan depends on it
        self.proven, self.work = np.inf, 0.0
        self._lines: list[tuple[float, NDArray[np.float64]]] = []
        self._moves: int | None = None
        self._calm = self._near = self._fails = 0
        self._slack = 0.0
        self._stop: Callable[[], bool] = lambda: False
        self._share = _PROOF
        self.sets = sets_for(problem, self.pcn) if bases_first else None

    def bound(  # noqa: PLR0913 - one door
        self,
        allowed_moves: int,
        plans: Sequence[Found],
        *,
        aim: float,
        most_work: float,
        toll: float = 0.0,
        known: float = np.inf,
        stop: Callable[[], bool] = lambda: False,
    ) -> Whole:
        """Bound what any plan can serve, whatever its pattern.

        Parameters
        ----------
        allowed_moves
            Most practices that may move; without anchors, no matter.
        plans
            Good plans, the best first; one at least.
        aim
            People served that the bound is to come under; the search ends there.
        most_work
            Most work.
        toll
            What a move costs at most, to begin with: what the last one brought, say.
        known
            People served that are known to be a bound: no other is sought that cannot be lower.
        stop
            Asked now and then; True ends the search with what is known.

        Returns
        -------
        Whole
            The bound.
        """
        self._stop = stop
        aim -= 1e-3  # so that what comes under it is not above it by a rounding
        self.work = 0.0
        self._begin(allowed_moves, plans, toll)
        while self.work < _FOR_PRICES * most_work and self.proven > aim and not stop():
            if self.descend(aim, most_work):
                break
            if known < np.inf and self.bundle.floor(self.centre) > known:
                return Whole(self.proven, self.work, in_vain=True)
        if self.sets is not None and not allowed_moves:
            if self.proven > aim and self.work < most_work and not stop():
                prices = self._lowest(allowed_moves)[1] if self._lines else self.centre
                self._prove_by_sets(self.sets, prices, aim, most_work, most_work)
            return Whole(self.proven, self.work)
        loose = [aim + share * (self.problem.total - aim) for share in _LOOSE]
        for nearer in (one for one in loose if one < self.proven):
            if self.work >= most_work or stop():
                break
            self._keep(self.centre, self.prove(self.centre, nearer, most_work))
            if self.proven > nearer + 1.0:
                break
        return Whole(self.proven, self.work)

    def _begin(self, allowed_moves: int, plans: Sequence[Found], toll: float) -> None:
        """Go on from the prices of the last time, with other plans and another count of moves."""
        bundle, first = self.bundle, self._moves is None
        if first:
            self.centre = self._halves(plans[0])
        for plan in plans:
            self._add_plan(plan)
        self._near = self._fails = 0
        if self._moves == allowed_moves:
            return
        if self.parts[3] > self.parts[2]:
            bundle.right[-1] = allowed_moves
            before = toll if first else min(toll, self.centre[-1])
            self.centre[-1] = before if allowed_moves else _NO_MOVE
        self._settle_at(self.centre)
        self._moves, self._calm = allowed_moves, 0
        self.proven = self.most_served(allowed_moves)

    def _settle_at(self, prices: NDArray[np.float64]) -> None:
        """Go on from some prices, with small steps at first."""
        used = self.bundle.right - self.bundle.count * self._best_rows(prices)
        self.centre = prices.copy()
        self.pace = 0.1 * float(np.abs(prices).mean() / max(1e-9, np.abs(used).mean()))

    def _try(
        self, prices: NDArray[np.float64], aim: float, most_work: float
    ) -> NDArray[np.float64]:
        """Prove what can be under some prices; return them, with anchors charged anew."""
        if self.sets is None or self._moves:
            self._keep(prices, self.prove(prices, aim, most_work))
            return prices
        before, share = self.proven, self._share
        charged = self._prove_by_sets(self.sets, prices, aim, most_work, share * most_work)
        if self.proven > before - _LITTLE * (self.problem.total - aim):
            self._share = min(_MOST_PROOF, _LONGER * share)
        return charged

    def _prove_by_sets(
        self, sets: Sets, prices: NDArray[np.float64], aim: float, most_work: float, at_once: float
    ) -> NDArray[np.float64]:
        """Keep what sets of PCNs prove under prices; return those with anchors charged anew."""
        bundle, (bare, anchors) = self.bundle, sets.without_anchors(prices)
        base, one = float(bundle.right @ bare), self.one(bare)
        left = min(at_once, max(0.0, most_work - self.work))
        proof = sets.prove(
            one, anchors, float(bundle.worth(prices).max()), aim=aim - base, stop=self._stop,
            known=sets.best_known(bundle.rows, bundle.worth(bare), one), vain=self.proven - base,
            misaligned=self.problem.total - aim, most=left / _PER_OPERATION,
        )  # fmt: skip
        self.work += _PER_OPERATION * proof.operations
        for where, items in proof.met:
            self._add(where, items)
        bare[self.lsoas : self.parts[1]] = proof.anchors
        bundle.lower(bare, proof.high)
        self._keep(bare, base + proof.charged + 1e-6)
        return bare

    def _keep(self, prices: NDArray[np.float64], proven: float) -> None:
        """Keep what was proven under some prices: it is a line in the count of moves."""
        self._lines.append((proven - self.toll(prices) * (self._moves or 0), prices.copy()))
        self.proven = min(self.proven, proven)

    def most_served(self, moves: int) -> float:
        """Return what no plan with so many moves can serve more of, by all that was proven.

        What one neighbourhood is worth at most under some prices does not depend on how many moves
        are allowed: they only pay their toll. So what is proven for one rung holds for every other.
        """
        return self._lowest(moves)[0]

    def _lowest(self, moves: int) -> tuple[float, NDArray[np.float64]]:
        """Return the lowest line at so many moves, and its prices."""
        at = [(still + self.toll(prices) * moves, prices) for still, prices in self._lines]
        return min(at, key=lambda line: line[0], default=(np.inf, self.centre))

    def _turn_back(self) -> None:
        """Go on from the prices under which most was proven: those here are known to be worse."""
        prices = self._lowest(self._moves or 0)[1]
        most = (self.proven - float(self.bundle.right @ prices)) / self.bundle.count
        self.bundle.lower(prices, most)  # relaxed columns that came later promise too much
        self._settle_at(prices)

    def _read_map(self) -> None:
        graph, problem = self.problem.graph, self.problem
        self.first, self.beside = graph.first, graph.tails
        self.ring = rings(graph.first, graph.tails)
        self.whole = int(graph.piece.max(initial=0)) == 0
        self.band = np.array([problem.least, problem.most], dtype=np.int64)

    def _halves(self, plan: Found) -> NDArray[np.float64]:
        """Return prices that share what a plan serves between LSOAs and items."""
        served = self.problem.people * (plan.items[:, None] == plan.lsoas[None, :])
        prices = np.zeros(self.parts[3])
        prices[: self.lsoas] = served.sum(axis=0) / 2
        prices[self.parts[1] : self.parts[2]] = served.sum(axis=1) / 2
        return prices

    def _best_rows(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        best: NDArray[np.float64] = self.bundle.rows[int(np.argmax(self.bundle.worth(prices)))]
        return best

    def toll(self, prices: NDArray[np.float64]) -> float:
        """Return what a move costs."""
        return max(0.0, float(prices[-1])) if self.parts[3] > self.parts[2] else 0.0

    def _add_plan(self, plan: Found) -> None:
        for label in range(self.problem.neighbourhoods):
            inside, here = plan.lsoas == label, plan.items == label
            bases = np.isin(np.arange(self.pcns), self.pcn[here])
            self._add(np.concatenate([inside, bases]).astype(float), here.astype(float))
            self._add_best(inside, self.centre)

    def _add(self, where: NDArray[np.float64], items: NDArray[np.float64]) -> bool:
        """Add a column: shares of LSOAs and bases, shares of items."""
        people, own = self.problem.people, np.flatnonzero(self.pcn >= 0)
        value = float((people * np.minimum(where[: self.lsoas], items[:, None])).sum())
        moved = np.maximum(0.0, items[own] - where[self.lsoas + self.pcn[own]]).sum()
        rows = np.concatenate([where, items])
        if self.parts[3] > self.parts[2]:
            rows = np.append(rows, moved)
        return self.bundle.add(rows, value)

    def _add_best(self, inside: NDArray[np.bool_], prices: NDArray[np.float64]) -> bool:
        """Add the column of some LSOAs with the items that gain there under prices."""
        gain = inside @ self.people_of - prices[self.parts[1] : self.parts[2]]
        toll, bases = self.toll(prices), np.zeros(self.pcns, dtype=bool)
        for c in range(self.pcns):
            gains = np.maximum(0.0, gain[self.pcn == c])
            all_in = gains.sum() - prices[self.lsoas + c]
            bases[c] = all_in > np.maximum(0.0, gains - toll).sum()
        needs = np.where(self.pcn < 0, 0.0, toll)
        if self.pcns:
            needs[(self.pcn >= 0) & bases[self.pcn]] = 0.0
        where = np.concatenate([inside, bases]).astype(float)
        return self._add(where, (gain > needs).astype(float))

    def _walk(self, prices: NDArray[np.float64]) -> int:
        """Walk from the best columns; return how many new ones there are."""
        worth = self.bundle.worth(prices)
        order = np.argsort(-worth, kind="stable")[:60]
        drawn = self.chance.choice(order, size=min(len(order), _WALKS // 2), replace=False)
        starts = [*order[: _WALKS // 2].tolist(), *drawn.tolist()]
        rows = [self.bundle.rows[start, : self.lsoas] > 0.5 for start in starts]
        return self._walk_from(rows, prices, float(worth.max()))[0]

    def _walk_from(
        self, starts: list[NDArray[np.bool_]], prices: NDArray[np.float64], high: float
    ) -> tuple[int, float]:
        """Walk from neighbourhoods; return how many new columns there are, and the best worth."""
        a, b, c, _ = self.parts
        added, top, steps = 0, -np.inf, _STEPS * self.lsoas
        for inside in starts:
            heat = _HEATS[int(self.chance.integers(len(_HEATS)))]
            best, where = roam(
                inside, self.people_of, prices[b:c], prices[:a], prices[a:b], self.pcn,
                self.toll(prices), self.problem.residents, self.band, self.first, self.beside,
                self.ring, self.whole, steps, heat, int(self.chance.integers(1, 2**62)),
            )  # fmt: skip
            top = max(top, best)
            if best > high - _GOOD:
                added += self._add_best(where, prices)
        self.work += _PER_STEP * steps * len(starts) * self.items
        return added, top

    def one(self, prices: NDArray[np.float64]) -> One:
        """Return one neighbourhood under prices; a practice without its base pays the toll."""
        _, b, c, _ = self.parts
        toll, own = self.toll(prices), np.flatnonzero(self.pcn >= 0)
        people, price = np.zeros((self.items, b)), prices[b:c].copy()
        people[:, : self.lsoas] = self.problem.people
        people[own, self.lsoas + self.pcn[own]] = toll
        price[own] += toll
        return One(
            people, price, prices[:b], self.residents, self.band, self.first, self.beside,
            self.whole, self.problem.people.sum(axis=1), self.bases_first,
        )  # fmt: skip

    def prove(self, prices: NDArray[np.float64], aim: float, most_work: float) -> float:
        """Return a bound that holds under these prices; relaxed columns in the way are added."""
        base = float(self.bundle.right @ prices)
        high = max(aim, self.bundle.bound(prices) + self._slack + self.bundle.count) - base
        high /= self.bundle.count
        most = max(_SEARCH, _SEARCH_SHARE * most_work)
        operations = min(most, max(0.0, most_work - self.work)) / _PER_OPERATION
        best, vain = float(self.bundle.worth(prices).max()), False

        def look(cores: list[NDArray[np.bool_]]) -> bool:
            nonlocal vain
            vain = self._walk_from(cores, prices, best)[1] > best + _VAIN * (high - best)
            return vain

        rest, met, done = search_branches(self.one(prices), high, operations, _CUTS, look)
        self.work += _PER_OPERATION * done
        tried = self.bundle.count * (high - best)
        if done >= operations:
            self._slack = max(_WIDER * tried, _SLACK * (self.problem.total - aim))
        elif not vain and len(met) < _CUTS:
            self._slack = min(self._slack, tried) * (_NARROW if done > operations / 4 else 0.5)
        for where, items in met:
            self._add(where, items)
        self.bundle.lower(prices, rest)
        return float(base + self.bundle.count * rest + 1e-6)

    def descend(self, aim: float, most_work: float) -> bool:
        """Take one step; return whether there is nothing more to be had."""
        bundle, little = self.bundle, _LITTLE * (self.problem.total - aim)
        if bundle.bound(self.centre) > self.proven + little:
            self._turn_back()
        low = bundle.bound(self.centre)
        prices, pairs = bundle.step(self.centre, self.pace)
        self.work += _PER_PAIR * pairs
        if self.parts[3] > self.parts[2]:
            prices[-1] = max(0.0, prices[-1])
        hoped = low - bundle.bound(prices)
        calm = self._walk(prices) == 0 or hoped < little
        self._calm += calm
        before = bundle.size
        if self._calm >= _CALM and bundle.bound(prices) < min(
            low - 0.1 * hoped + 1.0, self.proven - little - self._slack
        ):
            prices = self._try(prices, aim, most_work)
        low = bundle.bound(self.centre)
        if bundle.bound(prices) < low - 0.1 * hoped:
            self.centre, self._fails = prices, 0
            self.pace *= 1.3
        else:
            self._fails += 1
            if self._fails % 4 == 0:
                self.pace *= 0.8
            if self._fails % _STUCK == 0:  # perhaps the model knows too little of the centre
                self.centre = self._try(self.centre, aim, most_work)
        flat = hoped < little and bundle.bound(prices) < low + little
        if flat:
            self.pace *= 3.0  # so near that the model says nothing: look further
        near = flat and self.proven - low < 2 * little and bundle.size == before
        self._near = self._near + 1 if near else 0
        return self.proven <= aim + 1e-4 or self._near >= _CALM or self._fails >= _FAILS
