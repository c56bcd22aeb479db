"""The restricted master: rows that plans share, and columns from plans and annealing runs.

Goes in: `Instance`, good plans, duals. Comes out: columns in a `Bundle`, and what one
neighbourhood is worth under duals (`PricingProblem`). Next: `boundaries.solve.colgen.bound` makes
duals and proves them.

A column uses rows: the LSOAs that it takes, the PCNs that are anchored in it, its practices and
teams, and, where there are anchors, how many of its practices move. (The restricted master problem
of column generation; `boundaries.solve.colgen.bound` names the sources.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.colgen.bundle import Bundle
from boundaries.solve.colgen.pricing_exact import Arcs, PricingProblem
from boundaries.solve.colgen.pricing_heuristic import anneal_district
from boundaries.solve.heuristics.articulation import rings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.heuristics.annealing import Solution
    from boundaries.solve.instance import Instance

__all__ = ["Master"]

_NO_MOVE = 1e5
"""Move dual of a move where none is allowed."""

_ANNEALINGS, _STEPS = 12, 120
"""Annealing runs from good columns for each step of the duals, and their steps for each LSOA."""

_GOOD = 2_000.0
"""How far below the best column a new one may be."""

_ROUNDS = (30.0, 100.0, 400.0, 1000.0)

_PER_STEP = 4e-9
"""Work of an annealing run's step and item."""


class Master:
    """Rows that neighbourhoods share and the columns known so far.

    Parameters
    ----------
    instance
        The place.
    anchors_first
        Whether a search of one neighbourhood decides which PCNs are anchored before which
        practices are there.
    """

    def __init__(self, instance: Instance, *, anchors_first: bool) -> None:
        self.instance, self.anchors_first = instance, anchors_first
        self.pcns = len(instance.pcns) if instance.anchored else 0
        self.pcn = np.full(len(instance.people), -1, dtype=np.int64)
        if instance.anchored:
            self.pcn[: len(instance.practices)] = instance.pcn_of
        self.own = np.flatnonzero(self.pcn >= 0)
        lsoas, items, wide = len(instance.lsoas), len(self.pcn), len(instance.lsoas) + self.pcns
        self.at_lsoas, self.at_pcns = slice(0, lsoas), slice(lsoas, wide)
        self.at_items, self.has_move_dual = slice(wide, wide + items), instance.anchored
        right = np.ones(wide + items + self.has_move_dual)
        right[self.at_pcns] = instance.span[: self.pcns]
        metric = np.ones(len(right))
        metric[self.at_pcns] = lsoas / max(1, self.pcns)
        metric[self.at_items.stop :] = lsoas / items
        self.bundle = Bundle(right, instance.neighbourhoods, metric)
        graph = instance.graph
        half = graph.bond / 2 if graph.bond.any() else np.zeros(0)
        pairs = np.zeros((items, wide), dtype=bool)
        pairs[:, self.at_lsoas] = instance.people > 0
        pairs[self.own, lsoas + self.pcn[self.own]] = True
        self._arcs = Arcs(
            graph.first, graph.tails, graph.back, half, *_listed(pairs), *_listed(pairs.T)
        )
        self._ring = rings(graph.first, graph.tails)
        self._must_connect = int(graph.piece.max(initial=0)) == 0
        self._band = np.array([instance.least, instance.most], dtype=np.int64)
        self._residents = np.concatenate([instance.residents, np.zeros(self.pcns, dtype=np.int64)])
        self._people_of = np.ascontiguousarray(instance.people.T)
        self._chance = np.random.default_rng(0)  # a bound: no plan depends on it

    def halves(self, plan: Solution) -> NDArray[np.float64]:
        """Return duals that share what a plan serves between LSOAs and items."""
        served = self.instance.people * (plan.items[:, None] == plan.lsoas[None, :])
        duals = np.zeros(len(self.bundle.right))
        duals[self.at_lsoas] = served.sum(axis=0) / 2
        duals[self.at_items] = served.sum(axis=1) / 2
        return duals

    def move_dual(self, duals: NDArray[np.float64]) -> float:
        """Return what a move costs."""
        return max(0.0, float(duals[-1])) if self.has_move_dual else 0.0

    def allow(self, moves: int, duals: NDArray[np.float64], move_dual: float) -> None:
        """Allow so many moves.

        Begin with a move dual, in place, that keeps any from it for none.
        """
        if self.has_move_dual:
            self.bundle.right[-1] = moves
            duals[-1] = move_dual if moves else _NO_MOVE

    def unused(self, duals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what is left of every row when the best column is taken for all."""
        best = self.bundle.rows[int(np.argmax(self.bundle.profit(duals)))]
        left: NDArray[np.float64] = self.bundle.right - self.bundle.count * best
        return left

    def add_plan(self, plan: Solution, duals: NDArray[np.float64]) -> None:
        """Add the neighbourhoods of a plan, and of its map what is best there under duals."""
        for label in range(self.instance.neighbourhoods):
            inside, here = plan.lsoas == label, plan.items == label
            anchor_nodes = np.isin(np.arange(self.pcns), self.pcn[here])
            self.add(np.concatenate([inside, anchor_nodes]).astype(float), here.astype(float))
            self._add_best(inside, duals)

    def add(self, where: NDArray[np.float64], items: NDArray[np.float64]) -> bool:
        """Add a column: shares of LSOAs and anchor nodes, shares of items.

        False when it is known.
        """
        people, inside = self.instance.people, where[self.at_lsoas]
        value = float((people * np.minimum(inside, items[:, None])).sum()) - self._arcs.rim(inside)
        return self.bundle.add(self.with_moves(np.concatenate([where, items])), value)

    def with_moves(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the rows that a column uses, with those of its practices that move behind."""
        if not self.has_move_dual:
            return rows
        anchor_nodes, items = rows[self.at_pcns], rows[self.at_items]
        moved = np.maximum(0.0, items[self.own] - anchor_nodes[self.pcn[self.own]])
        return np.append(rows, moved.sum())

    def _add_best(self, inside: NDArray[np.bool_], duals: NDArray[np.float64]) -> bool:
        """Add the column of some LSOAs with the items that gain there under duals."""
        gain = inside @ self._people_of - duals[self.at_items]
        move_dual, anchor_nodes = self.move_dual(duals), np.zeros(self.pcns, dtype=bool)
        for c, dual in enumerate(duals[self.at_pcns]):
            gains = np.maximum(0.0, gain[self.pcn == c])
            anchor_nodes[c] = gains.sum() - dual > np.maximum(0.0, gains - move_dual).sum()
        needs = np.where(self.pcn < 0, 0.0, move_dual)
        if self.pcns:
            needs[(self.pcn >= 0) & anchor_nodes[self.pcn]] = 0.0
        where = np.concatenate([inside, anchor_nodes]).astype(float)
        return self.add(where, (gain > needs).astype(float))

    def price_heuristically(self, duals: NDArray[np.float64]) -> tuple[int, float]:
        """Anneal from the best columns; return how many new ones there are, and the work."""
        profit = self.bundle.profit(duals)
        order = np.argsort(-profit, kind="stable")[:60]
        drawn = self._chance.choice(order, size=min(len(order), _ANNEALINGS // 2), replace=False)
        starts = [*order[: _ANNEALINGS // 2].tolist(), *drawn.tolist()]
        rows = [self.bundle.rows[start, self.at_lsoas] > 0.5 for start in starts]
        added, _, work = self.price_heuristically_from(rows, duals, float(profit.max()))
        return added, work

    def price_heuristically_from(
        self, starts: list[NDArray[np.bool_]], duals: NDArray[np.float64], high: float
    ) -> tuple[int, float, float]:
        """Anneal from neighbourhoods, adding what is nearly worth as much as ``high`` or more.

        Return how many new columns there are, the best worth that was met, and the work.
        """
        instance, graph = self.instance, self.instance.graph
        lsoas, pcns, items = duals[self.at_lsoas], duals[self.at_pcns], duals[self.at_items]
        added, top, steps = 0, -np.inf, _STEPS * len(lsoas)
        for inside in starts:
            temperature = _ROUNDS[int(self._chance.integers(len(_ROUNDS)))]
            best, where = anneal_district(
                inside, self._people_of, items, lsoas, pcns, self.pcn, self.move_dual(duals),
                instance.residents, self._band, graph.first, graph.tails, self._arcs.half,
                self._ring, self._must_connect, steps, temperature,
                int(self._chance.integers(1, 2**62)),
            )  # fmt: skip
            top = max(top, best)
            if best > high - _GOOD:
                added += self._add_best(where, duals)
        return added, top, _PER_STEP * steps * len(starts) * len(items)

    def pricing_problem(self, duals: NDArray[np.float64]) -> PricingProblem:
        """Return one neighbourhood under duals.

        A practice without its anchor node pays the move dual.
        """
        instance, move_dual, own = self.instance, self.move_dual(duals), self.own
        places = duals[: self.at_items.start]
        people, item_duals = np.zeros((len(self.pcn), len(places))), duals[self.at_items].copy()
        people[:, self.at_lsoas] = instance.people
        people[own, self.at_pcns.start + self.pcn[own]] = move_dual
        item_duals[own] += move_dual
        return PricingProblem(
            people, item_duals, places, self._residents, self._band, instance.graph.first,
            instance.graph.tails, self._arcs, self._must_connect, instance.people.sum(axis=1),
            self.anchors_first,
        )  # fmt: skip


def _listed(pairs: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the columns of each row begin in a list of them, and the list."""
    first = np.concatenate([[0], np.cumsum(pairs.sum(axis=1))]).astype(np.int64)
    return first, np.nonzero(pairs)[1].astype(np.int64)
