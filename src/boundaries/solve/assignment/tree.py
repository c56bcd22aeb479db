"""A tree of sets of movers: each node finds prices of its own, and cuts off what cannot be good.

Goes in: `Choices` of a pattern, charges of a pattern that is alike. Comes out: the sets that no
price list rules out, and a bound of what was not looked at. Next:
`boundaries.solve.assignment.bound`.

A node has made some choices: where items without a home sit, and which practices move. What lies
below it is bounded at once (`boundaries.solve.assignment.dual_descent`), under prices that make
that bound low; the choices that no good plan can make go. Then one more choice is made. With two
moves left to make, all pairs are listed (`boundaries.solve.assignment.enumeration`). A set with
nothing left to choose is relaxed with everything still (`boundaries.solve.lp.fixed_assignment`),
whose prices are one more list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.assignment.candidates import Choices
from boundaries.solve.assignment.dual_descent import descend, most_alike
from boundaries.solve.assignment.dual_vectors import Lists, Parts
from boundaries.solve.assignment.enumeration import (
    after,
    below,
    list_sets,
    lower_bounds,
    parts_of,
    values,
)
from boundaries.solve.heuristics.annealing import room_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.domains import Freedom
    from boundaries.solve.instance import Problem
    from boundaries.solve.lp.fixed_assignment import FixedMap, Maps

__all__ = ["Still", "Tree", "compile_kernels"]

_SAFE = 1e-7
_GAIN_WORK = 1e-7
"""Work of reckoning what one choice gains."""

_NODE_WORK = 2e-4
_STEPS = 12
"""Steps down the slope of a node's bound, and those of the first node."""

_FIRST_STEPS = 40
_STEP_WORK = 2.5e-5

_TRIED = 3
"""Price lists under which what lies below a choice is bounded: those that value the node least."""

_KNOWN = 12
"""Price lists that a node hands on."""

_FEW = 5
"""Choices that are few enough to try one by one."""

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
class Still:
    """A set of movers that is left: where every item sits, its bound, and what LSOAs may do."""

    items: NDArray[np.int64]
    bound: float
    lsoas: NDArray[np.bool_]


_Prices = tuple["NDArray[np.float64]", float]
"""What LSOAs cost each neighbourhood, and the constant."""

_Kept = tuple["NDArray[np.int64]", "NDArray[np.float64]"]
"""Choices, and what the sets with each of them reach."""


@dataclass
class _Node:
    """Choices made and left.

    ``alive`` are the choices left, those of an item together; ``reach`` bounds the sets with each
    of them. ``due`` are the items that have yet to sit somewhere, ``room`` the list size that may
    still leave each PCN, ``known`` the numbers of price lists to try, ``charges`` what the
    rows of the map charge under the best prices, and ``bound`` bounds every set below.
    """

    made: list[int]
    worth: NDArray[np.float64]
    alive: NDArray[np.int64]
    reach: NDArray[np.float64]
    due: frozenset[int]
    left: int
    room: NDArray[np.int64]
    known: list[int]
    charges: NDArray[np.float64]
    bound: float


class Tree:
    """The sets of one pattern that may serve more than the aim.

    Parameters
    ----------
    problem, freedom
        The place, and what may go where.
    charges
        What the rows of the map charge to begin with
        (`boundaries.solve.assignment.dual_descent.Rows.charges`).
    maps
        The relaxation that patterns share.
    aim
        Only sets that may serve more people are of interest.
    out
        Asked between nodes, told the work done: True ends it.
    """

    def __init__(
        self,
        problem: Problem,
        freedom: Freedom,
        charges: NDArray[np.float64],
        maps: Maps,
        *,
        aim: float,
        out: Callable[[float], bool],
    ) -> None:
        self.problem, self.freedom, self._maps = problem, freedom, maps
        self.charges = charges
        self.aim, self._out = aim - _SAFE * problem.total, out
        self.choices = Choices(problem, freedom, maps.entries)
        self.left: list[Still] = []
        self.map: FixedMap | None = None
        self._before = 0.0
        self.own_work = 0.0
        self._seen: set[bytes] = set()
        self._residents = problem.residents.astype(np.float64)
        self._lists = Lists(self.choices.worth.shape)
        self._parts = Parts(self.choices, len(problem.lsoas))
        self._alike = _alike(freedom)

    @property
    def work(self) -> float:
        """Work done so far."""
        return self.own_work + (0.0 if self.map is None else self.map.work - self._before)

    def out(self) -> bool:
        """Whether it is time to end, or so much is left that better plans should come first."""
        return len(self.left) >= _MANY or self._out(self.work)

    def grow(self) -> float:
        """Fill ``left``; return a bound of the sets that were not looked at."""
        choices = self.choices
        every = np.arange(len(choices.mover), dtype=np.int64)
        root = _Node(
            made=[],
            worth=choices.worth,
            alive=every,
            reach=np.full(len(every), np.inf),
            due=frozenset(np.flatnonzero(choices.home < 0).tolist()),
            left=self.freedom.allowed_moves,
            room=room_of(self.problem),
            known=[],
            charges=self.charges,
            bound=np.inf,
        )
        return self._visit(root)

    def _visit(self, node: _Node) -> float:
        """Look at every set below a node; return a bound of those that were left out."""
        if self.out():
            return node.bound
        lists = self._lists.count
        rest = self._look(node)
        self._lists.count = lists
        return rest

    def _look(self, node: _Node) -> float:
        self.own_work += _NODE_WORK
        if not self._narrow(node):
            return node.bound
        if node.bound <= self.aim:
            return -np.inf
        if node.due and (node.left <= _LISTED or self._matters(node)):
            return self._seat(node)
        if not node.left or not len(node.alive):
            return -np.inf  # its own set was relaxed
        few = not node.due and len(node.alive) ** node.left <= _TUPLES
        return self._list(node) if node.left <= _LISTED or few else self._move(node)

    def _narrow(self, node: _Node) -> bool:
        """Rule choices out under better prices; False when its own set cannot be relaxed."""
        if node.left or node.due or not node.made:
            self._descend(node, _STEPS if node.made else _FIRST_STEPS)
            if node.bound <= self.aim:
                return True
        own = self._try_known(node)
        if node.due or own <= self.aim:
            return True
        solved = self._relax(node.made)
        if solved is not None and np.isfinite(solved[1]):
            node.known = [self._lists.add(*solved), *node.known]
        return solved is not None

    def _descend(self, node: _Node, steps: int) -> None:
        """Find better prices for the node, and rule choices out under them."""
        choices, problem, rows = self.choices, self.problem, self._maps.rows
        parts = self._parts.of(choices.mover[node.alive], node.left)
        bound, node.alive, node.reach, node.charges, price, constant = descend(
            node.worth, self._residents, float(problem.least), float(problem.most), rows.first,
            rows.where, rows.weight, rows.limit, rows.charges(node.charges, problem.neighbourhoods),
            *choices.entries, choices.home, choices.mover, choices.label, choices.cost, node.alive,
            node.reach, node.left, parts, self.aim, steps,
        )  # fmt: skip
        self.own_work += _STEP_WORK * steps
        node.bound = min(node.bound, bound)
        node.known = [*node.known, self._lists.add(price, constant)]
        if not node.made:
            self.charges = node.charges
        if node.due and node.due - set(choices.mover[node.alive].tolist()):
            node.bound = -np.inf  # an item has nowhere left to go

    def _try_known(self, node: _Node) -> float:
        """Put the price lists that value the node least first; return its least value.

        An item that is due sits nowhere: that is only for the order of the lists.
        """
        found = self._lists.values(node.worth, node.known)
        order = np.argsort(found, kind="stable")[:_KNOWN].tolist()
        node.known = [node.known[number] for number in order]
        return float(found.min(initial=np.inf))

    def _relax(self, made: list[int]) -> _Prices | None:
        """Relax the map with every item still; return its prices, and keep the set if it is left.

        The constant is minus infinity when there is no such map, or nothing new to say.
        """
        items = self.choices.items(made)
        key = items.tobytes()
        if key in self._seen:
            return np.zeros(0), -np.inf
        self._seen.add(key)
        if self.map is None:
            self.map = self._maps.of(self.freedom.lsoas)
            self._before = self.map.work
        worth = self.choices.make(self.choices.worth, made)
        solved = self.map.solve(worth, self.aim, stop=self.out)
        if solved is None:
            return None
        bound, price, constant = solved
        if bound > self.aim:
            reduced = np.where(self.freedom.lsoas, worth - price, -np.inf)
            loss = reduced.max(axis=1)[:, None] - reduced
            may = self.freedom.lsoas & (bound - loss > self.aim)
            self.left.append(Still(items, bound, may))
        return price, constant

    def _matters(self, node: _Node) -> bool:
        """Whether the items that are due are many: then they sit before others move."""
        return float(self.choices.sizes[sorted(node.due)].sum()) > _LITTLE * self.problem.total

    def _seat(self, node: _Node) -> float:
        """Let the largest item that is due sit everywhere that it may."""
        choices = self.choices
        item = max(sorted(node.due), key=lambda one: float(choices.sizes[one]))
        mine = choices.mover[node.alive] == item
        order = np.argsort(-node.reach[mine], kind="stable")
        rest, others = -np.inf, (node.alive[~mine], node.reach[~mine])
        tried: list[int] = []
        for choice, reach in zip(
            node.alive[mine][order].tolist(), node.reach[mine][order].tolist(), strict=True
        ):
            label = int(choices.label[choice])
            if any(self._same(node, label, other) for other in tried):
                continue
            tried.append(label)
            child = self._child(node, choice, others, min(node.bound, reach))
            if child is not None:
                child.due = node.due - {item}
                rest = max(rest, self._visit(child))
        return rest

    def _same(self, node: _Node, one: int, other: int) -> bool:
        """Whether two neighbourhoods could change names, as far as choices are made.

        Nothing may sit in either: an item that adds no worth there still gives it a practice, or
        is locked to others.
        """
        choices = self.choices
        if not self._alike[one, other] or np.isin(choices.label[node.made], (one, other)).any():
            return False
        moving = node.alive[choices.cost[node.alive] == 1]
        ways = [choices.mover[moving[choices.label[moving] == label]] for label in (one, other)]
        return set(ways[0].tolist()) == set(ways[1].tolist())

    def _move(self, node: _Node) -> float:
        """Move one more practice: what reaches highest first, each with those after it."""
        choices = self.choices
        mover, best = choices.mover[node.alive], np.full(len(choices.sizes), -np.inf)
        np.maximum.at(best, mover, node.reach)
        order = np.lexsort((node.alive, mover, -best[mover]))
        node.alive, node.reach = node.alive[order], node.reach[order]
        mover, seats = mover[order], choices.cost[node.alive] == 0
        ahead = self._look_below(node)  # of each with those after it only: not for children
        rest = -np.inf
        for at in np.flatnonzero(~seats & (ahead > self.aim)).tolist():
            later = after(node.alive, node.reach, choices.mover, choices.cost, at)
            child = self._child(node, int(node.alive[at]), later, min(node.bound, float(ahead[at])))
            if child is not None:
                child.due = node.due - {int(mover[at])}
                rest = max(rest, self._visit(child))
        if node.due:
            rest = max(rest, self._visit(self._as_it_is(node, seats)))
        return rest

    def _look_below(self, node: _Node) -> NDArray[np.float64]:
        """Return a bound of the sets with each choice and choices after it."""
        choices, mover = self.choices, self.choices.mover[node.alive]
        parts = [self._parts.of(mover, left) for left in (node.left - 1, node.left)]
        self.own_work += _GAIN_WORK * len(node.alive) ** 2 / 8
        bounds: NDArray[np.float64] = below(
            *self._lists.reduced(node.worth, node.known[:_TRIED]), *choices.entries,
            choices.home, choices.mover, choices.label, choices.cost, node.alive, node.reach,
            node.left - 1, *parts, self.aim,
        )  # fmt: skip
        return bounds

    def _as_it_is(self, node: _Node, seats: NDArray[np.bool_]) -> _Node:
        """Return the node without any more moves."""
        return replace(node, alive=node.alive[seats], reach=node.reach[seats], left=0)

    def _child(self, node: _Node, choice: int, kept: _Kept, bound: float) -> _Node | None:
        """Return the node with one more choice made; None where a floor does not allow it.

        ``kept`` are the choices that are left.
        """
        choices, problem = self.choices, self.problem
        item, room = int(choices.mover[choice]), node.room
        moves = int(choices.cost[choice])
        if moves and room[problem.pcn_of[item]] >= 0:
            room = room.copy()
            room[problem.pcn_of[item]] -= problem.list_size[item]
            if room[problem.pcn_of[item]] < 0:
                return None
        return _Node(
            made=[*node.made, choice],
            worth=choices.make(node.worth, [choice]),
            alive=kept[0],
            reach=kept[1],
            due=node.due,
            left=node.left - moves,
            room=room,
            known=node.known,
            charges=node.charges,
            bound=bound,
        )

    def _list(self, node: _Node) -> float:
        """List all sets of one or two more moves, and relax those that no price list rules out."""
        choices, problem = self.choices, self.problem
        mover, label = choices.mover[node.alive], choices.label[node.alive]
        floors = (problem.pcn_of[mover], problem.list_size[mover], node.room)
        sets, bounds, reckoned, complete = list_sets(
            *self._lists.reduced(node.worth, node.known[:_TRIED]), *choices.entries, choices.home,
            mover, label, floors, self.aim, (node.left, _PAIRS),
        )  # fmt: skip
        self.own_work += _GAIN_WORK * reckoned
        if not complete:
            return node.bound

        def lower(price: NDArray[np.float64], constant: float) -> None:
            lower_bounds(
                node.worth - price, constant, *choices.entries, choices.home, mover, label, sets,
                bounds,
            )  # fmt: skip
            self.own_work += 2e-9 * len(sets) * node.worth.size

        for known in node.known[_TRIED:]:
            if not len(sets) or bounds.max() <= self.aim:
                return -np.inf
            lower(self._lists.prices[known], float(self._lists.constants[known]))
        while len(sets):
            kept = bounds > self.aim
            sets, bounds = np.ascontiguousarray(sets[kept]), bounds[kept]
            if not len(sets):
                break
            if self.out():
                return float(bounds.max())
            top = int(bounds.argmax())
            moves = node.alive[sets[top][sets[top] >= 0]].tolist()
            bounds[top] = -np.inf
            solved = self._relax(node.made + moves)
            if solved is None:
                return float(node.bound)
            if np.isfinite(solved[1]):
                lower(*solved)
        return -np.inf


def _alike(freedom: Freedom) -> NDArray[np.bool_]:
    """Return which neighbourhoods are open to the same LSOAs and items, for as many moves."""
    said = np.vstack([freedom.lsoas, freedom.items, freedom.moves])
    return np.asarray((said[:, :, None] == said[:, None, :]).all(axis=0))


def compile_kernels() -> None:
    """Have every kernel of a tree compiled, on next to nothing."""
    worth, constants, none = np.zeros((1, 1, 2)), np.zeros(1), np.zeros(1, dtype=np.int64)
    entries = (np.array([0, 1]), none, np.ones(1))
    home, mover, label, cost = none, none, none + 1, none + 1
    parts = parts_of(*entries, home, none, 1, 1)
    values(worth[0], worth, constants, none)
    after(none, constants, mover, cost, 0)
    below(
        worth, constants, *entries, home, mover, label, cost, none, constants, 0,
        parts, parts, 0.0,
    )  # fmt: skip
    sets, bounds, _, _ = list_sets(
        worth, constants, *entries, home, mover, label, (none, none, none), -1.0, (1, 4)
    )
    lower_bounds(worth[0], 0.0, *entries, home, mover, label, sets, bounds)
    descend(
        worth[0], np.ones(1), 0.0, 1.0, none, none[:0], constants[:0], constants[:0],
        np.zeros((1, 2)), *entries, home, mover, label, cost, none, constants, 1, parts, 0.0, 1,
    )  # fmt: skip
    most_alike(none, none[:, None])
