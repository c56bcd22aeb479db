"""A bound over all patterns, neighbourhood by neighbourhood: each has a PCN that leads it.

Goes in: `Instance`, a good plan. Comes out: what no plan can serve more of, and duals that prove
it. Next: `boundaries.solve.branch_and_bound.global_bound`.

Rows and duals are those of column generation (`boundaries.solve.colgen.master`). What differs is
that neighbourhoods are not alike. PCNs stand in a fixed order; the first one that is anchored in a
neighbourhood *leads* it. Each neighbourhood has one leader, and a PCN leads no more than its span.
So with v_c the most that a neighbourhood led by PCN c is worth under duals u

    Z ≤ b·u + the sum of the K highest v_c, each counted as often as c may lead

which is never above b·u + K · max v. And one look at the duals gives a neighbourhood for each
leader, so steps along what rows these leave over (Polyak, *USSR Computational Mathematics* 1969;
deflected as by Camerini, Fratta and Maffioli, *Mathematical Programming Study* 1975) need tens of
looks where identical neighbourhoods need thousands. v_c is bounded by the closure with the band
dualised, so connectedness is left out, and what `boundaries.solve.colgen.bound` leaves out.

Without anchors (`best-fit`) practices lead: the largest one of a neighbourhood, or none of the
largest in the place. Without moves a PCN with one anchor is one item, and the closures are small.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.colgen.master import Master
from boundaries.solve.heuristics.annealing import Solution
from boundaries.solve.heuristics.fit_items import fit_items
from boundaries.solve.params import BY_LEADER, COLGEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.colgen.pricing_exact import PricingProblem
    from boundaries.solve.instance import Instance

__all__ = ["BoundByLeader", "LeaderRelaxation", "merge_practices"]

_FREE = -1e18


@dataclass(frozen=True)
class _Look:
    """What duals prove: the bound, and what the chosen neighbourhoods leave over of each row."""

    bound: float
    left_over: NDArray[np.float64]


class BoundByLeader:
    """What no plan of a place can serve more of, for every count of moves; duals are kept.

    Parameters
    ----------
    instance
        The place.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._merged: LeaderRelaxation | None = None
        self._whole: LeaderRelaxation | None = None
        self._still: Solution | None = None
        self._alone = _most_alone(instance)

    def most_served(self, moves: int) -> float:
        """Return what no plan with so many moves can serve more of, by all that was proven.

        No practice is with more patients than fit into a neighbourhood where they are densest,
        which bounds every plan, and what a move brings: what holds without moves says something of
        every rung.
        """
        still = np.inf if self._merged is None else self._merged.most_served(0)
        whole = np.inf if self._whole is None else self._whole.most_served(moves)
        teams = float(self.instance.people[len(self.instance.practices) :].sum())
        return float(
            min(still + self._alone[:moves].sum(), whole, self._alone.sum() + teams) + 1e-6
        )

    def _begin_merged(self, plan: Solution) -> None:
        """Begin the place without moves, from the map of a plan with every practice at home."""
        fitted = fit_items(self.instance, plan.lsoas, allowed_moves=0)
        place = None if fitted is None else merge_practices(self.instance, fitted.solution)
        if place is not None:
            self._merged, self._still = LeaderRelaxation(place[0]), place[1]

    def bound(
        self,
        allowed_moves: int,
        plan: Solution,
        *,
        target: float,
        most_work: float,
        move_dual: float,
        stop: Callable[[], bool],
    ) -> float:
        """Bring the bound down towards the target; return the work.

        Where nobody moves or the place is not large, at least one look is taken.

        Parameters
        ----------
        allowed_moves
            Most practices that may move; without anchors, no matter.
        plan
            The best plan.
        target
            People served that the bound is to come under.
        most_work
            Most work.
        move_dual
            What a move brings, to begin with.
        stop
            Asked between looks.
        """
        work = 0.0
        if self._merged is None and self.instance.anchored:
            self._begin_merged(plan)
        if self._merged is not None and self._still is not None and not self._merged.settled:
            share = 0.5 if allowed_moves else 1.0
            aim = target if not allowed_moves else self._still.served
            work = self._merged.bound(
                0, self._still, target=aim, most_work=share * most_work, stop=stop
            )
        if self._merged is not None and (stop() or not allowed_moves):
            return work
        if self._whole is None:
            self._whole = LeaderRelaxation(
                self.instance, hasty=self.instance.people.size > BY_LEADER.large
            )
            if self._merged is not None:
                self._whole.begin_like(self._merged, plan, move_dual)
        return work + self._whole.bound(
            allowed_moves, plan, target=target, most_work=most_work - work, stop=stop
        )


class LeaderRelaxation:
    """Neighbourhoods by who leads them; duals are kept from rung to rung.

    Parameters
    ----------
    instance
        The place.
    hasty
        Whether the first look may be stopped, too: then nothing is proven.
    """

    def __init__(self, instance: Instance, *, hasty: bool = False) -> None:
        self.instance = instance
        self._master = Master(instance, anchors_first=True)
        self._leaders = _leaders(instance)
        self._often = _often(instance, self._leaders)
        self._flows: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self._mu: dict[int, float] = {}
        self._duals: NDArray[np.float64] | None = None
        self._lines: list[tuple[float, float]] = []
        self.work, self.settled = 0.0, False
        self._hasty = hasty

    def most_served(self, moves: int) -> float:
        """Return what no plan with so many moves can serve more of, by all that was proven.

        Under some duals the bound is a line in the count of moves.
        """
        return min((still + dual * moves for still, dual in self._lines), default=np.inf)

    def begin_like(self, merged: LeaderRelaxation, plan: Solution, move_dual: float) -> None:
        """Begin with the duals of the place without moves: what a PCN pays, its practices share."""
        if merged._duals is None:
            return
        master, other = self._master, merged._master
        duals, paid = master.halves(plan), merged._duals[other.at_items]
        items = duals[master.at_items]
        share = items / np.maximum(1e-9, self._by_pcn(items)[master.pcn])
        of_pcn = self._by_pcn(np.zeros(len(items)))
        np.add.at(of_pcn, other.pcn[other.own], paid[other.own])
        items[master.own] = (share * of_pcn[master.pcn])[master.own]
        items[master.pcn < 0] = paid[other.pcn < 0]
        duals[master.at_lsoas] = merged._duals[other.at_lsoas]
        duals[master.at_pcns] = merged._duals[other.at_pcns]
        duals[-1] = max(move_dual, float(np.abs(items).mean()))
        self._duals = duals

    def _by_pcn(self, items: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up what items have by PCN; those without one have nothing, at the end."""
        total = np.zeros(len(self.instance.pcns) + 1)
        np.add.at(total, self._master.pcn, items)
        total[-1] = 0.0
        return total

    def bound(
        self,
        allowed_moves: int,
        plan: Solution,
        *,
        target: float,
        most_work: float,
        stop: Callable[[], bool],
    ) -> float:
        """Bring the bound down, as `BoundByLeader.bound` says; return the work."""
        master, begun = self._master, self.work
        if self._duals is None:
            self._duals = master.halves(plan)
        duals = self._duals.copy()
        master.allow(allowed_moves, duals, max(0.0, float(duals[-1])))
        moves = allowed_moves if master.has_move_dual else 0
        best, kept, still, step = np.inf, duals, 0, BY_LEADER.step
        direction = np.zeros(len(duals))
        with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
            for _ in range(BY_LEADER.looks):
                enough = BY_LEADER.rough if step > BY_LEADER.short else BY_LEADER.fine
                look = self._look(duals, enough * self.instance.total, pool, stop)
                if look is None:
                    break
                move_dual = master.move_dual(duals)
                self._lines.append((look.bound - move_dual * moves, move_dual))
                still = (
                    0 if look.bound < best - BY_LEADER.little * (best - plan.served) else still + 1
                )
                if look.bound < best:
                    best, kept = look.bound, duals
                ended = best <= target or step < BY_LEADER.least_step
                self.settled = ended
                if ended or self.work - begun > most_work or stop():
                    break
                if still >= BY_LEADER.patience:  # too far: half of it, from the best duals
                    still, step, duals = 0, BY_LEADER.shorter * step, kept
                    direction = np.zeros(len(duals))
                    continue
                share = BY_LEADER.deflection if direction.any() else 0.0
                direction = (1.0 - share) * look.left_over + share * direction
                duals = self._moved(duals, direction, step * (look.bound - target), moves)
        self._duals = kept
        return self.work - begun

    def _moved(
        self, duals: NDArray[np.float64], direction: NDArray[np.float64], length: float, moves: int
    ) -> NDArray[np.float64]:
        """Return duals one step against what is left over."""
        master = self._master
        metric = master.bundle.metric
        if master.has_move_dual and not moves:
            direction = np.append(direction[:-1], 0.0)
        size = float((direction * direction * metric).sum())
        moved: NDArray[np.float64] = duals - length / max(1e-9, size) * metric * direction
        moved[master.at_pcns] = np.maximum(0.0, moved[master.at_pcns])
        if master.has_move_dual:
            moved[-1] = max(0.0, moved[-1])
        return moved

    def _look(
        self,
        duals: NDArray[np.float64],
        enough: float,
        pool: ThreadPoolExecutor,
        stop: Callable[[], bool],
    ) -> _Look | None:
        """Bound what each leader's neighbourhood is worth under duals; None when it was stopped."""
        master, pricing = self._master, self._master.pricing_problem(duals)
        ranks = range(len(self._leaders))

        def price(rank: int) -> tuple[float, NDArray[np.float64], float] | None:
            return None if self._hasty and stop() else self._price(pricing, rank, enough)

        found = [one for one in pool.map(price, ranks) if one is not None]
        if len(found) < len(ranks):
            return None
        worth = np.array([value for value, _, _ in found])
        self.work += COLGEN.per_operation * sum(operations for _, _, operations in found)
        count, bound = self.instance.neighbourhoods, float(master.bundle.right @ duals)
        left_over = master.bundle.right.copy()
        for rank in np.argsort(-worth, kind="stable").tolist():
            times = min(count, int(self._often[rank]))
            bound += times * float(worth[rank])
            left_over -= times * found[rank][1]
            count -= times
        return _Look(bound + 1e-6, left_over)

    def _price(
        self, pricing: PricingProblem, rank: int, enough: float
    ) -> tuple[float, NDArray[np.float64], float]:
        """Return the most that a leader's neighbourhood is worth, its rows, and operations."""
        from boundaries.solve.colgen.pricing_kernel import bound_node, tables, weigh  # noqa: PLC0415 - compiles on first use

        count, wide = pricing.people.shape
        profit, _, dual, spare, small, big, few, many = tables(count, wide)
        items, lsoas = np.zeros(count, np.int8), np.zeros(wide, np.int8)
        decided = lsoas[self._master.at_pcns] if self.instance.anchored else items
        decided[self._leaders[:rank]] = -1
        if self._leaders[rank] >= 0:
            decided[self._leaders[rank]] = 1
        constant = weigh(
            pricing.people, pricing.item_duals, pricing.node_duals, np.zeros(wide), items, profit
        )
        if rank not in self._flows:
            self._flows[rank] = np.zeros((count, wide)), np.zeros(len(pricing.arcs.half))
        flow, by_bonds = self._flows[rank]
        heads, stat = np.zeros(3), np.zeros(2)
        worth, self._mu[rank] = bound_node(
            pricing.people, pricing.item_duals, profit, constant, items, lsoas, pricing.residents,
            pricing.arcs, pricing.band[0], pricing.band[1], self._mu.get(rank, 0.0), _FREE, flow,
            by_bonds, dual, spare, small, few, big, many, heads, enough, stat,
        )  # fmt: skip
        between = float(heads[1] - heads[0])
        share = 1.0 if between == 0.0 else min(1.0, max(0.0, (heads[2] - heads[0]) / between))
        rows = np.concatenate([(1 - share) * small + share * big, (1 - share) * few + share * many])
        return float(worth), self._master.with_moves(rows), float(stat[1])


def _most_alone(instance: Instance) -> NDArray[np.float64]:
    """Return the most patients of each practice in any one neighbourhood, the most first.

    The band is all that limits it, filled with the LSOAs where they are densest, the last in part.
    """
    most = []
    for patients in instance.people[: len(instance.practices)]:
        order = np.argsort(-patients / np.maximum(1, instance.residents), kind="stable")
        before = np.cumsum(instance.residents[order]) - instance.residents[order]
        room = (instance.most - before) / np.maximum(1, instance.residents[order])
        most.append(float(patients[order] @ np.clip(room, 0.0, 1.0)))
    return np.sort(np.array(most))[::-1]


def _leaders(instance: Instance) -> NDArray[np.int64]:
    """Return who may lead, in order: PCNs by patients; without anchors the largest practices.

    −1 at the end is a neighbourhood that none of them leads.
    """
    practices = len(instance.practices)
    patients = instance.people[:practices].sum(axis=1)
    if instance.anchored:
        own = instance.pcn_of >= 0
        by_pcn = np.bincount(
            instance.pcn_of[own], weights=patients[own], minlength=len(instance.pcns)
        )
        return np.argsort(-by_pcn, kind="stable").astype(np.int64)
    order = np.argsort(-patients, kind="stable")[: BY_LEADER.practices]
    return np.append(order, -1).astype(np.int64)


def _often(instance: Instance, leaders: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many neighbourhoods each may lead."""
    if instance.anchored:
        return instance.span[leaders]
    return np.where(leaders < 0, instance.neighbourhoods, 1)


def merge_practices(instance: Instance, plan: Solution) -> tuple[Instance, Solution] | None:
    """Return the place with each PCN that has one anchor as one practice, and the plan there.

    Without moves they are in one neighbourhood. None where there is no such PCN, or where the plan
    moves some of their practices.
    """
    practices = len(instance.practices)
    of, single = instance.pcn_of, instance.span == 1
    merged = (of >= 0) & single[of]
    pcns = np.unique(of[merged])
    firsts = [int(np.flatnonzero(of == pcn)[0]) for pcn in pcns.tolist()]
    homes = plan.items[firsts]
    if not len(pcns) or any(
        (plan.items[:practices][of == pcn] != home).any()
        for pcn, home in zip(pcns.tolist(), homes.tolist(), strict=True)
    ):
        return None
    alone = np.flatnonzero(~merged)
    together = np.vstack(
        [instance.people[:practices][of == pcn].sum(axis=0) for pcn in pcns.tolist()]
    )
    place = replace(
        instance,
        practices=tuple(instance.practices[at] for at in [*firsts, *alone.tolist()]),
        people=np.vstack([together, instance.people[alone], instance.people[practices:]]),
        list_size=np.ones(len(firsts) + len(alone), dtype=np.int64),
        pcn_of=np.concatenate([pcns, of[alone]]),
    )
    items = np.concatenate([homes, plan.items[alone], plan.items[practices:]])
    return place, Solution(plan.lsoas, items, plan.served)
