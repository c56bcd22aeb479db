"""Whole neighbourhoods as columns: what plans share, those known so far, and walks for more.

Goes in: `Problem`, good plans, prices. Comes out: columns in a `Bundle`, and what one neighbourhood
is worth under prices (`One`). Next: `boundaries.solve.colgen.bound` makes prices and proves them.

A column uses rows: the LSOAs that it takes, the PCNs that are anchored in it, its practices and
teams, and, where there are anchors, how many of its practices move. (The restricted master problem
of column generation; `boundaries.solve.colgen.bound` names the sources.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.colgen.bundle import Bundle
from boundaries.solve.colgen.pricing_exact import One
from boundaries.solve.colgen.pricing_heuristic import roam
from boundaries.solve.heuristics.articulation import rings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.heuristics.annealing import Found
    from boundaries.solve.instance import Problem

__all__ = ["Master"]

_NO_MOVE = 1e5
"""Toll of a move where none is allowed."""

_WALKS, _STEPS = 12, 120
"""Walks from good columns for each step of the prices, and their steps for each LSOA."""

_GOOD = 2_000.0
"""How far below the best column a new one may be."""

_HEATS = (30.0, 100.0, 400.0, 1000.0)

_PER_STEP = 4e-9
"""Work of a walk's step and item."""


class Master:
    """Rows that neighbourhoods share and the columns known so far.

    Parameters
    ----------
    problem
        The place.
    bases_first
        Whether a search of one neighbourhood decides which PCNs are anchored before which
        practices are there.
    """

    def __init__(self, problem: Problem, *, bases_first: bool) -> None:
        self.problem, self.bases_first = problem, bases_first
        self.pcns = len(problem.pcns) if problem.anchored else 0
        self.pcn = np.full(len(problem.people), -1, dtype=np.int64)
        if problem.anchored:
            self.pcn[: len(problem.practices)] = problem.pcn_of
        self.own = np.flatnonzero(self.pcn >= 0)
        lsoas, items, wide = len(problem.lsoas), len(self.pcn), len(problem.lsoas) + self.pcns
        self.at_lsoas, self.at_pcns = slice(0, lsoas), slice(lsoas, wide)
        self.at_items, self.tolled = slice(wide, wide + items), problem.anchored
        right = np.ones(wide + items + self.tolled)
        right[self.at_pcns] = problem.span[: self.pcns]
        metric = np.ones(len(right))
        metric[self.at_pcns] = lsoas / max(1, self.pcns)
        metric[self.at_items.stop :] = lsoas / items
        self.bundle = Bundle(right, problem.neighbourhoods, metric)
        graph = problem.graph
        self._ring = rings(graph.first, graph.tails)
        self._whole = int(graph.piece.max(initial=0)) == 0
        self._band = np.array([problem.least, problem.most], dtype=np.int64)
        self._residents = np.concatenate([problem.residents, np.zeros(self.pcns, dtype=np.int64)])
        self._people_of = np.ascontiguousarray(problem.people.T)
        self._chance = np.random.default_rng(0)  # a bound: no plan depends on it

    def halves(self, plan: Found) -> NDArray[np.float64]:
        """Return prices that share what a plan serves between LSOAs and items."""
        served = self.problem.people * (plan.items[:, None] == plan.lsoas[None, :])
        prices = np.zeros(len(self.bundle.right))
        prices[self.at_lsoas] = served.sum(axis=0) / 2
        prices[self.at_items] = served.sum(axis=1) / 2
        return prices

    def toll(self, prices: NDArray[np.float64]) -> float:
        """Return what a move costs."""
        return max(0.0, float(prices[-1])) if self.tolled else 0.0

    def allow(self, moves: int, prices: NDArray[np.float64], toll: float) -> None:
        """Allow so many moves; begin with a toll, in place, that keeps any from it for none."""
        if self.tolled:
            self.bundle.right[-1] = moves
            prices[-1] = toll if moves else _NO_MOVE

    def unused(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what is left of every row when the best column is taken for all."""
        best = self.bundle.rows[int(np.argmax(self.bundle.worth(prices)))]
        left: NDArray[np.float64] = self.bundle.right - self.bundle.count * best
        return left

    def add_plan(self, plan: Found, prices: NDArray[np.float64]) -> None:
        """Add the neighbourhoods of a plan, and of its map what is best there under prices."""
        for label in range(self.problem.neighbourhoods):
            inside, here = plan.lsoas == label, plan.items == label
            bases = np.isin(np.arange(self.pcns), self.pcn[here])
            self.add(np.concatenate([inside, bases]).astype(float), here.astype(float))
            self._add_best(inside, prices)

    def add(self, where: NDArray[np.float64], items: NDArray[np.float64]) -> bool:
        """Add a column: shares of LSOAs and bases, shares of items; False when it is known."""
        people, own = self.problem.people, self.own
        inside, bases = where[self.at_lsoas], where[self.at_pcns]
        value = float((people * np.minimum(inside, items[:, None])).sum())
        rows = np.concatenate([where, items])
        if self.tolled:
            rows = np.append(rows, np.maximum(0.0, items[own] - bases[self.pcn[own]]).sum())
        return self.bundle.add(rows, value)

    def _add_best(self, inside: NDArray[np.bool_], prices: NDArray[np.float64]) -> bool:
        """Add the column of some LSOAs with the items that gain there under prices."""
        gain = inside @ self._people_of - prices[self.at_items]
        toll, bases = self.toll(prices), np.zeros(self.pcns, dtype=bool)
        for c, price in enumerate(prices[self.at_pcns]):
            gains = np.maximum(0.0, gain[self.pcn == c])
            bases[c] = gains.sum() - price > np.maximum(0.0, gains - toll).sum()
        needs = np.where(self.pcn < 0, 0.0, toll)
        if self.pcns:
            needs[(self.pcn >= 0) & bases[self.pcn]] = 0.0
        where = np.concatenate([inside, bases]).astype(float)
        return self.add(where, (gain > needs).astype(float))

    def walk(self, prices: NDArray[np.float64]) -> tuple[int, float]:
        """Walk from the best columns; return how many new ones there are, and the work."""
        worth = self.bundle.worth(prices)
        order = np.argsort(-worth, kind="stable")[:60]
        drawn = self._chance.choice(order, size=min(len(order), _WALKS // 2), replace=False)
        starts = [*order[: _WALKS // 2].tolist(), *drawn.tolist()]
        rows = [self.bundle.rows[start, self.at_lsoas] > 0.5 for start in starts]
        added, _, work = self.walk_from(rows, prices, float(worth.max()))
        return added, work

    def walk_from(
        self, starts: list[NDArray[np.bool_]], prices: NDArray[np.float64], high: float
    ) -> tuple[int, float, float]:
        """Walk from neighbourhoods, adding what is nearly worth as much as ``high`` or more.

        Return how many new columns there are, the best worth that was met, and the work.
        """
        problem, graph = self.problem, self.problem.graph
        lsoas, pcns, items = prices[self.at_lsoas], prices[self.at_pcns], prices[self.at_items]
        added, top, steps = 0, -np.inf, _STEPS * len(lsoas)
        for inside in starts:
            heat = _HEATS[int(self._chance.integers(len(_HEATS)))]
            best, where = roam(
                inside, self._people_of, items, lsoas, pcns, self.pcn, self.toll(prices),
                problem.residents, self._band, graph.first, graph.tails, self._ring, self._whole,
                steps, heat, int(self._chance.integers(1, 2**62)),
            )  # fmt: skip
            top = max(top, best)
            if best > high - _GOOD:
                added += self._add_best(where, prices)
        return added, top, _PER_STEP * steps * len(starts) * len(items)

    def one(self, prices: NDArray[np.float64]) -> One:
        """Return one neighbourhood under prices; a practice without its base pays the toll."""
        problem, toll, own = self.problem, self.toll(prices), self.own
        places = prices[: self.at_items.start]
        people, price = np.zeros((len(self.pcn), len(places))), prices[self.at_items].copy()
        people[:, self.at_lsoas] = problem.people
        people[own, self.at_pcns.start + self.pcn[own]] = toll
        price[own] += toll
        return One(
            people, price, places, self._residents, self._band, problem.graph.first,
            problem.graph.tails, self._whole, problem.people.sum(axis=1), self.bases_first,
        )  # fmt: skip
