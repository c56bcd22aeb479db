"""A bound over all patterns at once: Dantzig–Wolfe decomposition by neighbourhood.

Goes in: `Instance`, how many practices may move, good plans. Comes out: `ColgenBound`, what no plan
can serve more of. Next: `boundaries.solve.branch_and_bound.loop` and `boundaries.solve.ladder`.

A column is a whole neighbourhood, with its practices and the PCNs that are anchored there; a plan
is so many columns. They share a few rows: each LSOA and each practice is in one, a PCN is anchored
no more often than its span, and no more practices move than may. With a dual on each of these,
neighbourhoods are alone and alike: whatever the duals, no plan serves more than all duals
together and, for each neighbourhood, the most that any is worth (Dantzig and Wolfe, Operations
Research 1960; for districts Garfinkel and Nemhauser, Management Science 1970). No patterns are
listed, and items with many homes cost nothing.

Neighbourhoods of good plans and of short annealing runs (`boundaries.solve.colgen.master`) make the
duals (`boundaries.solve.colgen.bundle`); the exact pricing problem says what the duals prove
(`boundaries.solve.colgen.pricing_kernel`). Locks, floors, boroughs, and that each neighbourhood is
some PCN's base, are left out: without them there can only be more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.colgen.by_pcn_set import bound_by_pcn_set_for, compile_by_pcn_set
from boundaries.solve.colgen.master import Master
from boundaries.solve.colgen.pricing_exact import compile_search, price_exactly
from boundaries.solve.params import COLGEN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from boundaries.solve.colgen.by_pcn_set import BoundByPcnSet
    from boundaries.solve.heuristics.annealing import Solution
    from boundaries.solve.instance import Instance

__all__ = ["ColgenBound", "ColumnGeneration", "compile_colgen"]


@dataclass(frozen=True)
class ColgenBound:
    """What no plan can serve more of (infinity: not known), the work done, whether it was in vain.

    In vain is a search that was given up because it could not come under what was known.
    """

    bound: float
    work: float
    abandoned: bool = False


def compile_colgen(instance: Instance, plan: Solution) -> None:
    """Have everything compiled that the bound needs."""
    colgen = ColumnGeneration(instance)
    colgen.bound(1, [plan], target=float(instance.total), most_work=0.0)
    colgen.bundle_step(instance.total, 0.0)
    pricing = colgen.master.pricing_problem(colgen.stability_centre)
    compile_search(pricing)
    compile_by_pcn_set(pricing)


class ColumnGeneration:
    """Whole neighbourhoods of a place and the best duals so far: rungs share them.

    Parameters
    ----------
    instance
        The place.
    anchors_first
        Whether a proof decides which PCNs are anchored before which practices are there.
    """

    def __init__(self, instance: Instance, *, anchors_first: bool = True) -> None:
        self.instance, self.master = instance, Master(instance, anchors_first=anchors_first)
        self.bundle = self.master.bundle
        self.stability_centre = np.zeros(0)
        self.proximal_step = 0.0
        self.proven, self.work = np.inf, 0.0
        self._lines: list[tuple[float, NDArray[np.float64]]] = []
        self._moves: int | None = None
        self._stalled = self._near = self._fails = 0
        self._slack = 0.0
        self._stop: Callable[[], bool] = lambda: False
        self._share = COLGEN.proof
        self.by_pcn_set = bound_by_pcn_set_for(instance, self.master.pcn) if anchors_first else None

    def bound(  # noqa: PLR0913 - one door
        self,
        allowed_moves: int,
        plans: Sequence[Solution],
        *,
        target: float,
        most_work: float,
        move_dual: float = 0.0,
        known: float = np.inf,
        stop: Callable[[], bool] = lambda: False,
    ) -> ColgenBound:
        """Bound what any plan can serve, whatever its pattern.

        Parameters
        ----------
        allowed_moves
            Most practices that may move; without anchors, no matter.
        plans
            Good plans, the best first; one at least.
        target
            People served that the bound is to come under; the search ends there.
        most_work
            Most work.
        move_dual
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
        target -= 1e-3  # so that what comes under it is not above it by a rounding
        self.work = 0.0
        self._begin(allowed_moves, plans, move_dual)
        while self.work < COLGEN.for_duals * most_work and self.proven > target and not stop():
            if self.bundle_step(target, most_work):
                break
            if known < np.inf and self.bundle.floor(self.stability_centre) > known:
                return ColgenBound(self.proven, self.work, abandoned=True)
        if self.by_pcn_set is not None and not allowed_moves:
            if self.proven > target and self.work < most_work and not stop():
                duals = self._lowest(allowed_moves)[1] if self._lines else self.stability_centre
                self._prove_by_sets(self.by_pcn_set, duals, target, most_work, most_work)
            return ColgenBound(self.proven, self.work)
        loose = [target + share * (self.instance.total - target) for share in COLGEN.loose]
        for nearer in (pricing for pricing in loose if pricing < self.proven):
            if self.work >= most_work or stop():
                break
            self._keep(self.stability_centre, self.prove(self.stability_centre, nearer, most_work))
            if self.proven > nearer + 1.0:
                break
        return ColgenBound(self.proven, self.work)

    def _begin(self, allowed_moves: int, plans: Sequence[Solution], move_dual: float) -> None:
        """Go on from the duals of the last time, with other plans and another count of moves."""
        master, first = self.master, self._moves is None
        if first:
            self.stability_centre = master.halves(plans[0])
        for plan in plans:
            master.add_plan(plan, self.stability_centre)
        self._near = self._fails = 0
        if self._moves == allowed_moves:
            return
        move_dual = move_dual if first else min(move_dual, float(self.stability_centre[-1]))
        master.allow(allowed_moves, self.stability_centre, move_dual)
        self._centre_at(self.stability_centre)
        self._moves, self._stalled = allowed_moves, 0
        self.proven = self.most_served(allowed_moves)

    def _centre_at(self, duals: NDArray[np.float64]) -> None:
        """Go on from some duals, with small steps at first."""
        unused = float(np.abs(self.master.unused(duals)).mean())
        self.stability_centre = duals.copy()
        self.proximal_step = 0.1 * (float(np.abs(duals).mean()) / max(1e-9, unused))

    def _prove_at(
        self, duals: NDArray[np.float64], target: float, most_work: float
    ) -> NDArray[np.float64]:
        """Prove what can be under some duals; return them, with anchors charged anew."""
        if self.by_pcn_set is None or self._moves:
            self._keep(duals, self.prove(duals, target, most_work))
            return duals
        before, share = self.proven, self._share
        charged = self._prove_by_sets(self.by_pcn_set, duals, target, most_work, share * most_work)
        if self.proven > before - COLGEN.little * (self.instance.total - target):
            self._share = min(COLGEN.most_proof, COLGEN.longer * share)
        return charged

    def _prove_by_sets(
        self,
        by_pcn_set: BoundByPcnSet,
        duals: NDArray[np.float64],
        target: float,
        most_work: float,
        at_once: float,
    ) -> NDArray[np.float64]:
        """Keep what PCN sets prove under duals; return those with anchors charged anew."""
        bundle, (bare, anchors) = self.bundle, by_pcn_set.without_anchors(duals)
        base, pricing = float(bundle.right @ bare), self.master.pricing_problem(bare)
        left = min(at_once, max(0.0, most_work - self.work))
        proof = by_pcn_set.prove(
            pricing, anchors, float(bundle.profit(duals).max()), target=target - base,
            stop=self._stop, known=by_pcn_set.best_known(bundle.rows, bundle.profit(bare), pricing),
            out_of_reach=self.proven - base, misaligned=self.instance.total - target,
            most=left / COLGEN.per_operation,
        )  # fmt: skip
        self.work += COLGEN.per_operation * proof.operations
        for where, items in proof.met:
            self.master.add(where, items)
        bare[self.master.at_pcns] = proof.anchors
        bundle.lower(bare, proof.high)
        self._keep(bare, base + proof.bound + 1e-6)
        return bare

    def _keep(self, duals: NDArray[np.float64], proven: float) -> None:
        """Keep what was proven under some duals: it is a line in the count of moves."""
        self._lines.append(
            (proven - self.master.move_dual(duals) * (self._moves or 0), duals.copy())
        )
        self.proven = min(self.proven, proven)

    def most_served(self, moves: int) -> float:
        """Return what no plan with so many moves can serve more of, by all that was proven.

        What one neighbourhood is worth at most under some duals does not depend on how many moves
        are allowed: they only pay their move dual. So what is proven for one rung holds for every
        other.
        """
        return self._lowest(moves)[0]

    def _lowest(self, moves: int) -> tuple[float, NDArray[np.float64]]:
        """Return the lowest line at so many moves, and its duals."""
        move_dual = self.master.move_dual
        at = [(still + move_dual(duals) * moves, duals) for still, duals in self._lines]
        return min(at, key=lambda line: line[0], default=(np.inf, self.stability_centre))

    def _turn_back(self) -> None:
        """Go on from the duals under which most was proven: those here are known to be worse."""
        duals = self._lowest(self._moves or 0)[1]
        most = (self.proven - float(self.bundle.right @ duals)) / self.bundle.count
        self.bundle.lower(duals, most)  # relaxed columns that came later promise too much
        self._centre_at(duals)

    def prove(self, duals: NDArray[np.float64], target: float, most_work: float) -> float:
        """Return a bound that holds under these duals; relaxed columns in the way are added."""
        base = float(self.bundle.right @ duals)
        high = max(target, self.bundle.bound(duals) + self._slack + self.bundle.count) - base
        high /= self.bundle.count
        most = max(COLGEN.search, COLGEN.search_share * most_work)
        operations = min(most, max(0.0, most_work - self.work)) / COLGEN.per_operation
        best, out_of_reach = float(self.bundle.profit(duals).max()), False

        def look(cores: list[NDArray[np.bool_]]) -> bool:
            nonlocal out_of_reach
            _, top, spent = self.master.price_heuristically_from(cores, duals, best)
            self.work += spent
            out_of_reach = top > best + COLGEN.out_of_reach * (high - best)
            return out_of_reach

        rest, met, done = price_exactly(
            self.master.pricing_problem(duals), high, operations, COLGEN.cuts, look
        )
        self.work += COLGEN.per_operation * done
        tried = self.bundle.count * (high - best)
        if done >= operations:
            self._slack = max(COLGEN.wider * tried, COLGEN.slack * (self.instance.total - target))
        elif not out_of_reach and len(met) < COLGEN.cuts:
            self._slack = min(self._slack, tried) * (
                COLGEN.narrow if done > operations / 4 else 0.5
            )
        for where, items in met:
            self.master.add(where, items)
        self.bundle.lower(duals, rest)
        return float(base + self.bundle.count * rest + 1e-6)

    def bundle_step(self, target: float, most_work: float) -> bool:
        """Take one step; return whether there is nothing more to be had."""
        bundle, little = self.bundle, COLGEN.little * (self.instance.total - target)
        if bundle.bound(self.stability_centre) > self.proven + little:
            self._turn_back()
        low = bundle.bound(self.stability_centre)
        duals, pairs = bundle.step(self.stability_centre, self.proximal_step)
        self.work += COLGEN.per_pair * pairs
        if self.master.has_move_dual:
            duals[-1] = max(0.0, duals[-1])
        hoped = low - bundle.bound(duals)
        added, spent = self.master.price_heuristically(duals)
        self.work += spent
        self._stalled += added == 0 or hoped < little
        before = bundle.size
        if self._stalled >= COLGEN.stalled and bundle.bound(duals) < min(
            low - 0.1 * hoped + 1.0, self.proven - little - self._slack
        ):
            duals = self._prove_at(duals, target, most_work)
        low = bundle.bound(self.stability_centre)
        if bundle.bound(duals) < low - 0.1 * hoped:
            self.stability_centre, self._fails = duals, 0
            self.proximal_step *= 1.3
        else:
            self._fails += 1
            if self._fails % 4 == 0:
                self.proximal_step *= 0.8
            if self._fails % COLGEN.stuck == 0:  # perhaps the model knows too little of the centre
                self.stability_centre = self._prove_at(self.stability_centre, target, most_work)
        flat = hoped < little and bundle.bound(duals) < low + little
        if flat:
            self.proximal_step *= 3.0  # so near that the model says nothing: look further
        near = flat and self.proven - low < 2 * little and bundle.size == before
        self._near = self._near + 1 if near else 0
        return (
            self.proven <= target + 1e-4
            or self._near >= COLGEN.stalled
            or self._fails >= COLGEN.fails
        )
