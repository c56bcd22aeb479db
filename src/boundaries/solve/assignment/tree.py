"""Branch and bound over movers and unassigned items: each node optimises multipliers of its own.

Goes in: `Candidates` of a pattern, row duals of a pattern that is alike. Comes out: the leaves that
no dual vector fathoms, and a bound of what was not looked at. Next:
`boundaries.solve.assignment.bound`.

A node has taken some candidates: where items without a home sit, and which practices move. What
lies below it is bounded at once by dual descent (`boundaries.solve.assignment.dual_descent`); the
candidates that no good plan can take go. Then the tree branches on one more. With two moves left to
make, all pairs are listed (`boundaries.solve.assignment.enumeration`). A leaf, with nothing left to
decide, is a linear programme of the map (`boundaries.solve.lp.fixed_assignment`), whose duals are
one more dual vector.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.assignment.candidates import Candidates, interchangeable
from boundaries.solve.assignment.dual_descent import dual_descent
from boundaries.solve.assignment.dual_vectors import DualVectors, SplittingWeights
from boundaries.solve.assignment.enumeration import (
    after,
    below,
    enumerate_mover_sets,
    tighten_bounds,
)
from boundaries.solve.heuristics.annealing import room_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.domains import Domains
    from boundaries.solve.instance import Instance
    from boundaries.solve.lp.fixed_assignment import FixedAssignmentLP, WorkerContext

__all__ = ["Leaf", "Tree"]

_SAFE = 1e-7
_GAIN_WORK = 1e-7
"""Work of reckoning what one candidate gains."""

_NODE_WORK = 2e-4
_STEPS = 12
"""Steps down the slope of a node's bound, and those of the first node."""

_FIRST_STEPS = 40
_STEP_WORK = 2.5e-5

_TRIED = 3
"""Dual vectors that bound what lies below a candidate: those that value the node least."""

_KNOWN = 12
"""Dual vectors that a node hands on."""

_FEW = 5
"""Candidates that are few enough to try one by one."""

_PAIRS = 100_000

_LISTED = 2
"""Moves left whose sets are always listed at once."""

_TUPLES = 10_000
"""Sets that are listed at once, also where they have more than two moves."""

_MANY = 40
"""Sets left that are enough for one turn."""

_LITTLE = 0.12
"""Share of all people that items without a home may have to sit last."""


@dataclass(frozen=True)
class Leaf:
    """A set of movers that is left: where every item sits, its bound, and what LSOAs may do."""

    items: NDArray[np.int64]
    bound: float
    lsoas: NDArray[np.bool_]


_DualVector = tuple["NDArray[np.float64]", float]
"""What LSOAs cost each neighbourhood, and the constant."""

_Kept = tuple["NDArray[np.int64]", "NDArray[np.float64]"]
"""Candidates, and what the sets with each of them reach."""


@dataclass
class _Node:
    """Candidates taken and left.

    ``open_candidates`` are the candidates left, those of an item together; ``candidate_bounds``
    bounds the sets with each of them. ``unassigned`` are the items that have yet to sit somewhere,
    ``room`` the list size that may still leave each PCN, ``known`` the numbers of dual vectors to
    try, ``row_duals`` the duals of the rows of the map under the best multipliers, and ``bound``
    bounds every set below.
    """

    decisions: list[int]
    profit: NDArray[np.float64]
    open_candidates: NDArray[np.int64]
    candidate_bounds: NDArray[np.float64]
    unassigned: frozenset[int]
    left: int
    room: NDArray[np.int64]
    known: list[int]
    row_duals: NDArray[np.float64]
    bound: float


class Tree:
    """The sets of one pattern that may serve more than the target.

    Parameters
    ----------
    instance, domains
        The place, and what may go where.
    row_duals
        What the rows of the map charge to begin with
        (`boundaries.solve.assignment.dual_descent.Rows.charges`).
    context
        The relaxation that patterns share.
    target
        Only sets that may serve more people are of interest.
    out
        Asked between nodes, told the work done: True ends it.
    """

    def __init__(
        self,
        instance: Instance,
        domains: Domains,
        row_duals: NDArray[np.float64],
        context: WorkerContext,
        *,
        target: float,
        out: Callable[[float], bool],
    ) -> None:
        self.instance, self.domains, self._context = instance, domains, context
        self.row_duals = row_duals
        self.target, self._out = target - _SAFE * instance.total, out
        self.candidates = Candidates(instance, domains, context.entries)
        self.leaves: list[Leaf] = []
        self.map: FixedAssignmentLP | None = None
        self._before = 0.0
        self.own_work = 0.0
        self._seen: set[bytes] = set()
        self._residents = instance.residents.astype(np.float64)
        self._dual_vectors = DualVectors(self.candidates.profit.shape)
        self._split_weights = SplittingWeights(self.candidates, len(instance.lsoas))
        self._alike = interchangeable(domains)

    @property
    def work(self) -> float:
        """Work done so far."""
        return self.own_work + (0.0 if self.map is None else self.map.work - self._before)

    def out(self) -> bool:
        """Whether it is time to end, or so much is left that better plans should come first."""
        return len(self.leaves) >= _MANY or self._out(self.work)

    def search(self) -> float:
        """Fill ``left``; return a bound of the sets that were not looked at."""
        candidates = self.candidates
        every = np.arange(len(candidates.mover), dtype=np.int64)
        root = _Node(
            decisions=[],
            profit=candidates.profit,
            open_candidates=every,
            candidate_bounds=np.full(len(every), np.inf),
            unassigned=frozenset(np.flatnonzero(candidates.home < 0).tolist()),
            left=self.domains.allowed_moves,
            room=room_of(self.instance),
            known=[],
            row_duals=self.row_duals,
            bound=np.inf,
        )
        return self._visit(root)

    def _visit(self, node: _Node) -> float:
        """Look at every set below a node; return a bound of those that were left out."""
        if self.out():
            return node.bound
        count = self._dual_vectors.count
        rest = self._process(node)
        self._dual_vectors.count = count
        return rest

    def _process(self, node: _Node) -> float:
        self.own_work += _NODE_WORK
        if not self._reduce(node):
            return node.bound
        if node.bound <= self.target:
            return -np.inf
        if node.unassigned and (node.left <= _LISTED or self._matters(node)):
            return self._branch_on_unassigned(node)
        if not node.left or not len(node.open_candidates):
            return -np.inf  # its own set was relaxed
        few = not node.unassigned and len(node.open_candidates) ** node.left <= _TUPLES
        return self._enumerate(node) if node.left <= _LISTED or few else self._branch_on_moves(node)

    def _reduce(self, node: _Node) -> bool:
        """Fathom candidates under better multipliers; False when its own set cannot be relaxed."""
        if node.left or node.unassigned or not node.decisions:
            self._descend(node, _STEPS if node.decisions else _FIRST_STEPS)
            if node.bound <= self.target:
                return True
        own = self._try_known(node)
        if node.unassigned or own <= self.target:
            return True
        solved = self._relax(node.decisions)
        if solved is not None and np.isfinite(solved[1]):
            node.known = [self._dual_vectors.add(*solved), *node.known]
        return solved is not None

    def _descend(self, node: _Node, steps: int) -> None:
        """Find better multipliers for the node, and fathom candidates under them."""
        candidates, instance, rows = self.candidates, self.instance, self._context.rows
        split_weights = self._split_weights.of(candidates.mover[node.open_candidates], node.left)
        bound, node.open_candidates, node.candidate_bounds, duals, vector, constant = dual_descent(
            node.profit, self._residents, float(instance.least), float(instance.most), rows.first,
            rows.where, rows.weight, rows.limit, rows.cap, rows.row_duals(node.row_duals,
            instance.neighbourhoods), *candidates.entries, candidates.home, candidates.mover,
            candidates.label, candidates.cost, node.open_candidates, node.candidate_bounds,
            node.left, split_weights, self.target, steps,
        )  # fmt: skip
        node.row_duals = duals
        self.own_work += _STEP_WORK * steps
        node.bound = min(node.bound, bound)
        node.known = [*node.known, self._dual_vectors.add(vector, constant)]
        if not node.decisions:
            self.row_duals = node.row_duals
        if node.unassigned and node.unassigned - set(
            candidates.mover[node.open_candidates].tolist()
        ):
            node.bound = -np.inf  # an item has nowhere left to go

    def _try_known(self, node: _Node) -> float:
        """Put the dual vectors that value the node least first; return its least value.

        An item that is due sits nowhere: that is only for the order of the lists.
        """
        found = self._dual_vectors.values(node.profit, node.known)
        order = np.argsort(found, kind="stable")[:_KNOWN].tolist()
        node.known = [node.known[number] for number in order]
        return float(found.min(initial=np.inf))

    def _relax(self, decisions: list[int]) -> _DualVector | None:
        """Relax the map with every item still.

        Return its multipliers, and keep the set if it is left.

        The constant is minus infinity when there is no such map, or nothing new to say.
        """
        items = self.candidates.items(decisions)
        key = items.tobytes()
        if key in self._seen:
            return np.zeros(0), -np.inf
        self._seen.add(key)
        if self.map is None:
            self.map = self._context.of(self.domains.lsoas)
            self._before = self.map.work
        profit = self.candidates.make(self.candidates.profit, decisions)
        solved = self.map.solve(profit, self.target, stop=self.out)
        if solved is None:
            return None
        bound, vector, constant = solved
        if bound > self.target:
            reduced = np.where(self.domains.lsoas, profit - vector, -np.inf)
            loss = reduced.max(axis=1)[:, None] - reduced
            may = self.domains.lsoas & (bound - loss > self.target)
            self.leaves.append(Leaf(items, bound, may))
        return vector, constant

    def _matters(self, node: _Node) -> bool:
        """Whether the items that are due are many: then they sit before others move."""
        return (
            float(self.candidates.sizes[sorted(node.unassigned)].sum())
            > _LITTLE * self.instance.total
        )

    def _branch_on_unassigned(self, node: _Node) -> float:
        """Let the largest item that is due sit everywhere that it may."""
        candidates = self.candidates
        item = max(sorted(node.unassigned), key=lambda one: float(candidates.sizes[one]))
        mine = candidates.mover[node.open_candidates] == item
        order = np.argsort(-node.candidate_bounds[mine], kind="stable")
        rest, others = -np.inf, (node.open_candidates[~mine], node.candidate_bounds[~mine])
        tried: list[int] = []
        for candidate, candidate_bounds in zip(
            node.open_candidates[mine][order].tolist(),
            node.candidate_bounds[mine][order].tolist(),
            strict=True,
        ):
            label = int(candidates.label[candidate])
            if any(self._symmetric(node, label, other) for other in tried):
                continue
            tried.append(label)
            child = self._child(node, candidate, others, min(node.bound, candidate_bounds))
            if child is not None:
                child.unassigned = node.unassigned - {item}
                rest = max(rest, self._visit(child))
        return rest

    def _symmetric(self, node: _Node, one: int, other: int) -> bool:
        """Whether two neighbourhoods could change names, as far as candidates are taken.

        Nothing may sit in either: an item that adds no worth there still gives it a practice, or
        is locked to others.
        """
        candidates = self.candidates
        if (
            not self._alike[one, other]
            or np.isin(candidates.label[node.decisions], (one, other)).any()
        ):
            return False
        moving = node.open_candidates[candidates.cost[node.open_candidates] == 1]
        ways = [
            candidates.mover[moving[candidates.label[moving] == label]] for label in (one, other)
        ]
        return set(ways[0].tolist()) == set(ways[1].tolist())

    def _branch_on_moves(self, node: _Node) -> float:
        """Move one more practice: what reaches highest first, each with those after it."""
        candidates = self.candidates
        mover, best = (
            candidates.mover[node.open_candidates],
            np.full(len(candidates.sizes), -np.inf),
        )
        np.maximum.at(best, mover, node.candidate_bounds)
        order = np.lexsort((node.open_candidates, mover, -best[mover]))
        node.open_candidates, node.candidate_bounds = (
            node.open_candidates[order],
            node.candidate_bounds[order],
        )
        mover, without_move = mover[order], candidates.cost[node.open_candidates] == 0
        ahead = self._look_below(node)  # of each with those after it only: not for children
        rest = -np.inf
        for at in np.flatnonzero(~without_move & (ahead > self.target)).tolist():
            later = after(
                node.open_candidates, node.candidate_bounds, candidates.mover, candidates.cost, at
            )
            child = self._child(
                node, int(node.open_candidates[at]), later, min(node.bound, float(ahead[at]))
            )
            if child is not None:
                child.unassigned = node.unassigned - {int(mover[at])}
                rest = max(rest, self._visit(child))
        if node.unassigned:
            rest = max(rest, self._visit(self._as_it_is(node, without_move)))
        return rest

    def _look_below(self, node: _Node) -> NDArray[np.float64]:
        """Return a bound of the sets with each candidate and candidates after it."""
        candidates, mover = self.candidates, self.candidates.mover[node.open_candidates]
        split_weights = [self._split_weights.of(mover, left) for left in (node.left - 1, node.left)]
        self.own_work += _GAIN_WORK * len(node.open_candidates) ** 2 / 8
        bounds: NDArray[np.float64] = below(
            *self._dual_vectors.reduced(node.profit, node.known[:_TRIED]), *candidates.entries,
            candidates.home, candidates.mover, candidates.label, candidates.cost,
            node.open_candidates, node.candidate_bounds, node.left - 1, *split_weights, self.target,
        )  # fmt: skip
        return bounds

    def _as_it_is(self, node: _Node, without_move: NDArray[np.bool_]) -> _Node:
        """Return the node without any more moves."""
        return replace(
            node,
            open_candidates=node.open_candidates[without_move],
            candidate_bounds=node.candidate_bounds[without_move],
            left=0,
        )

    def _child(self, node: _Node, candidate: int, kept: _Kept, bound: float) -> _Node | None:
        """Return the node with one more candidate taken; None where a floor does not allow it.

        ``kept`` are the candidates that are left.
        """
        candidates, instance = self.candidates, self.instance
        item, room = int(candidates.mover[candidate]), node.room
        moves = int(candidates.cost[candidate])
        if moves and room[instance.pcn_of[item]] >= 0:
            room = room.copy()
            room[instance.pcn_of[item]] -= instance.list_size[item]
            if room[instance.pcn_of[item]] < 0:
                return None
        return _Node(
            decisions=[*node.decisions, candidate],
            profit=candidates.make(node.profit, [candidate]),
            open_candidates=kept[0],
            candidate_bounds=kept[1],
            unassigned=node.unassigned,
            left=node.left - moves,
            room=room,
            known=node.known,
            row_duals=node.row_duals,
            bound=bound,
        )

    def _enumerate(self, node: _Node) -> float:
        """List all sets of one or two more moves, and relax those that no dual vector fathoms."""
        candidates, instance = self.candidates, self.instance
        mover, label = (
            candidates.mover[node.open_candidates],
            candidates.label[node.open_candidates],
        )
        floors = (instance.pcn_of[mover], instance.list_size[mover], node.room)
        sets, bounds, reckoned, complete = enumerate_mover_sets(
            *self._dual_vectors.reduced(node.profit, node.known[:_TRIED]), *candidates.entries,
            candidates.home, mover, label, floors, self.target, (node.left, _PAIRS),
        )  # fmt: skip
        self.own_work += _GAIN_WORK * reckoned
        if not complete:
            return node.bound

        def lower(vector: NDArray[np.float64], constant: float) -> None:
            tighten_bounds(
                node.profit - vector, constant, *candidates.entries, candidates.home, mover, label,
                sets, bounds,
            )  # fmt: skip
            self.own_work += 2e-9 * len(sets) * node.profit.size

        for known in node.known[_TRIED:]:
            if not len(sets) or bounds.max() <= self.target:
                return -np.inf
            lower(self._dual_vectors.vectors[known], float(self._dual_vectors.constants[known]))
        while len(sets):
            kept = bounds > self.target
            sets, bounds = np.ascontiguousarray(sets[kept]), bounds[kept]
            if not len(sets):
                break
            if self.out():
                return float(bounds.max())
            top = int(bounds.argmax())
            moves = node.open_candidates[sets[top][sets[top] >= 0]].tolist()
            bounds[top] = -np.inf
            solved = self._relax(node.decisions + moves)
            if solved is None:
                return float(node.bound)
            if np.isfinite(solved[1]):
                lower(*solved)
        return -np.inf
