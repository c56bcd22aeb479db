"""A tree of sets of movers: each node relaxes its own best set, and cuts off what cannot be good.

Goes in: `Choices` of a pattern, price lists known. Comes out: the sets that no price list rules
out, and a bound of what was not looked at. Next: `boundaries.solve.movers`.

A node has made some choices: where items without a home sit, and which practices move. Prices of a
linear programme with everything still (`boundaries.solve.fixed`) bound every other set, but sharply
only sets that are alike. So a node asks for prices at the set that looks best below it, until those
rule everything out or stop helping; then it makes one more choice. With two moves left to make, all
pairs are listed at once (`boundaries.solve.sift`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.choices import Choices
from boundaries.solve.search import room_of
from boundaries.solve.sift import balance, below, keep, list_sets, lower_bounds, parts_of, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.fixed import FixedMap, Maps
    from boundaries.solve.lists import Lists
    from boundaries.solve.model import Freedom
    from boundaries.solve.problem import Problem

__all__ = ["Still", "Tree"]

_SAFE = 1e-7
_GAIN_WORK = 4e-7
"""Work of reckoning what one choice gains."""

_NODE_WORK = 1e-4
_PASSES = 3
"""Price lists that a node tries on its choices, of those that value it least."""

_KNOWN = 100
_LATEST = 100
"""Price lists that a node looks at: the best of the node above, and the latest."""

_LESSONS = 6
"""Most new price lists of a node."""

_FEW = 5
"""Choices that are few enough to try one by one without more lessons."""

_PAIRS = 100_000

_LISTED = 2
"""Moves left whose sets are always listed at once."""

_TUPLES = 10_000
"""Sets that are listed at once, also where they have more than two moves."""

_MANY = 40
"""Sets left that are enough for one turn."""

_LITTLE = 0.05
"""Share of all people that items without a home may have to sit last."""


@dataclass(frozen=True)
class Still:
    """A set of movers that is left: where every item sits, its bound, and what LSOAs may do."""

    items: NDArray[np.int64]
    bound: float
    lsoas: NDArray[np.bool_]


@dataclass
class _Node:
    """Choices made and left.

    ``alive`` are the choices left, those of an item together; ``reach`` bounds the sets with each
    of them, and ``gains`` says what each brings under the price list tried last. ``due`` are the
    items that have yet to sit somewhere, ``room`` the list size that may still leave each PCN,
    ``known`` the price lists to try, and ``bound`` bounds every set below.
    """

    made: list[int]
    worth: NDArray[np.float64]
    alive: NDArray[np.int64]
    reach: NDArray[np.float64]
    gains: NDArray[np.float64]
    due: frozenset[int]
    left: int
    room: NDArray[np.int64]
    known: NDArray[np.int64]
    bound: float


class Tree:
    """The sets of one pattern that may serve more than the aim.

    Parameters
    ----------
    problem, freedom
        The place, and what may go where.
    lists
        Price lists of the pattern; new ones are added.
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
        lists: Lists,
        maps: Maps,
        *,
        aim: float,
        out: Callable[[float], bool],
    ) -> None:
        self.problem, self.freedom, self.lists, self._maps = problem, freedom, lists, maps
        self.aim, self._out = aim - _SAFE * problem.total, out
        self.choices = Choices(problem, freedom)
        self.left: list[Still] = []
        self.map: FixedMap | None = None
        self._before = 0.0
        self.nodes, self.own_work = 0, 0.0
        self._seen: set[bytes] = set()

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
        overlap = self.problem.people @ np.maximum(choices.worth, 0.0)
        root = _Node(
            made=[],
            worth=choices.worth,
            alive=every,
            reach=np.full(len(every), np.inf),
            gains=overlap[choices.mover, choices.label],
            due=frozenset(np.flatnonzero(choices.home < 0).tolist()),
            left=self.freedom.allowed_moves,
            room=room_of(self.problem),
            known=np.arange(self.lists.count),
            bound=np.inf,
        )
        self._add_plain(root)
        return self._visit(root)

    def _add_plain(self, root: _Node) -> None:
        """Add the prices of the residents' band alone."""
        problem = self.problem
        worth = self.choices.make(root.worth, self._best_of(root, 0))
        heads = problem.residents.astype(np.float64)
        band = balance(worth, heads, float(problem.least), float(problem.most), 150)
        limit = np.where(band > 0, problem.most, problem.least)
        self.lists.add(band[None, :] * heads[:, None], float(band @ limit))

    def _visit(self, node: _Node) -> float:
        """Look at every set below a node; return a bound of those that were left out."""
        if self.out():
            return node.bound
        self.nodes += 1
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
        """Rule choices out, by the prices known and by new ones; False when it cannot be done."""
        own = self._try_known(node)
        if own > self.aim and not node.due and not self._lesson(node, node.made):
            return False
        for lesson in range(_LESSONS):
            few = not node.due and (node.left <= _LISTED or len(node.alive) <= _FEW)
            if node.bound <= self.aim or few:
                return True
            if self.out():
                return False
            before, bound = len(node.alive), node.bound
            target = node.made + self._best_of(node, min(node.left, (lesson + 1) // 2))
            if self.choices.items(target).tobytes() in self._seen:
                target = node.made + self._best_of(node, node.left)
            if not self._lesson(node, target):
                return False
            helped = len(node.alive) < 0.9 * before or node.bound < bound - 0.1 * (bound - self.aim)
            if not helped:
                return True
        return True

    def _try_known(self, node: _Node) -> float:
        """Try the price lists that value the node's best set least; return its least value."""
        latest = np.arange(max(0, self.lists.count - _LATEST), self.lists.count)
        known = np.union1d(node.known, latest)
        worth = self.choices.make(node.worth, self._best_of(node, 0))
        found = values(worth, self.lists.prices, self.lists.constants, known)
        order = np.argsort(found, kind="stable")
        node.known = known[order[:_KNOWN]]
        for number in node.known[:_PASSES].tolist():
            self._pass(node, number)
            if node.bound <= self.aim:
                self.lists.used[number] += 1
                break
        return float(found.min())

    def _best_of(self, node: _Node, moves: int) -> list[int]:
        """Return the best choices left: a seat for each item that is due, and so many moves."""
        choices, best, seated = self.choices, [], set()
        order = node.alive[np.argsort(-node.gains, kind="stable")]
        for choice in sorted(order.tolist(), key=lambda one: int(choices.cost[one])):
            item = int(choices.mover[choice])
            if item in seated:
                continue
            if item in node.due:
                best.append(choice)
                seated.add(item)
            elif moves > 0:
                best.append(choice)
                seated.add(item)
                moves -= 1
        return best

    def _pass(self, node: _Node, number: int) -> None:
        """Try one price list on the choices of a node."""
        choices = self.choices
        items = np.unique(choices.mover[node.alive])
        parts = parts_of(*choices.entries, choices.home, items, len(self.problem.lsoas), node.left)
        bound, node.alive, node.reach, node.gains = keep(
            node.worth - self.lists.prices[number], self.lists.constants[number],
            *choices.entries, choices.home, choices.mover, choices.label, choices.cost,
            node.alive, node.reach, node.left, parts, self.aim,
        )  # fmt: skip
        self.own_work += _GAIN_WORK * len(node.alive)
        node.bound = min(node.bound, bound)
        if node.due and node.due - set(choices.mover[node.alive].tolist()):
            node.bound = -np.inf  # an item has nowhere left to go

    def _lesson(self, node: _Node, made: list[int]) -> bool:
        """Relax a set and try its prices on the node; False when it cannot be done."""
        solved = self._relax(made)
        if solved is None:
            return False
        if np.isfinite(solved):
            self._pass(node, self.lists.count - 1)
            node.known = np.append(node.known, self.lists.count - 1)
        return True

    def _relax(self, made: list[int]) -> float | None:
        """Relax the map with every item still; keep its prices, and the set if it is left."""
        items = self.choices.items(made)
        key = items.tobytes()
        if key in self._seen:
            return -np.inf
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
        if np.isfinite(constant):
            self.lists.add(price, constant)
        return constant

    def _matters(self, node: _Node) -> bool:
        """Whether the items that are due are many: then they sit before others move."""
        people = self.problem.people
        return float(people[sorted(node.due)].sum()) > _LITTLE * self.problem.total

    def _seat(self, node: _Node) -> float:
        """Let the largest item that is due sit everywhere that it may."""
        choices = self.choices
        sizes = self.problem.people.sum(axis=1)
        item = max(sorted(node.due), key=lambda one: float(sizes[one]))
        mine = choices.mover[node.alive] == item
        order = np.argsort(-node.reach[mine], kind="stable")
        rest, others = -np.inf, ~mine
        tried: list[int] = []
        for choice, reach in zip(
            node.alive[mine][order].tolist(), node.reach[mine][order].tolist(), strict=True
        ):
            label = int(choices.label[choice])
            if any(self._alike(node, label, other) for other in tried):
                continue
            tried.append(label)
            child = self._child(node, choice, others, min(node.bound, reach))
            if child is not None:
                child.due = node.due - {item}
                rest = max(rest, self._visit(child))
        return rest

    def _alike(self, node: _Node, one: int, other: int) -> bool:
        """Whether two neighbourhoods could change names, as far as choices are made."""
        free, choices = self.freedom, self.choices
        moving = node.alive[choices.cost[node.alive] == 1]
        ways = [choices.mover[moving[choices.label[moving] == label]] for label in (one, other)]
        return bool(
            np.array_equal(free.items[:, one], free.items[:, other])
            and np.array_equal(free.moves[:, one], free.moves[:, other])
            and np.array_equal(node.worth[:, one], node.worth[:, other])
            and set(ways[0].tolist()) == set(ways[1].tolist())
        )

    def _move(self, node: _Node) -> float:
        """Move one more practice: what reaches highest first, each with those after it."""
        choices = self.choices
        best: dict[int, float] = {}
        for choice, reach in zip(node.alive.tolist(), node.reach.tolist(), strict=True):
            item = int(choices.mover[choice])
            best[item] = max(best.get(item, -np.inf), reach)
        rank = np.array([best[int(item)] for item in choices.mover[node.alive]])
        order = np.lexsort((node.alive, choices.mover[node.alive], -rank))
        node.alive, node.reach = node.alive[order], node.reach[order]
        node.gains = node.gains[order]
        mover, seats = choices.mover[node.alive], choices.cost[node.alive] == 0
        ahead = self._look_below(node)  # of each with those after it only: not for children
        rest = -np.inf
        for at in np.flatnonzero(~seats & (ahead > self.aim)).tolist():
            later = (seats | (np.arange(len(mover)) > at)) & (mover != mover[at])
            child = self._child(node, int(node.alive[at]), later, min(node.bound, float(ahead[at])))
            if child is not None:
                child.due = node.due - {int(mover[at])}
                rest = max(rest, self._visit(child))
        if node.due:
            rest = max(rest, self._visit(self._as_it_is(node, seats)))
        return rest

    def _look_below(self, node: _Node) -> NDArray[np.float64]:
        """Return a bound of the sets with each choice and choices after it."""
        choices, lists, tried = self.choices, self.lists, node.known[:_PASSES]
        items = np.unique(choices.mover[node.alive])
        lsoas = len(self.problem.lsoas)
        parts = parts_of(*choices.entries, choices.home, items, lsoas, node.left - 1)
        self.own_work += _GAIN_WORK * len(node.alive) ** 2 / 2
        bounds: NDArray[np.float64] = below(
            node.worth - lists.prices[tried], lists.constants[tried], *choices.entries,
            choices.home, choices.mover, choices.label, choices.cost, node.alive, node.reach,
            node.left - 1, parts, self.aim,
        )  # fmt: skip
        return bounds

    def _as_it_is(self, node: _Node, seats: NDArray[np.bool_]) -> _Node:
        """Return the node without any more moves."""
        return replace(
            node, alive=node.alive[seats], reach=node.reach[seats], gains=node.gains[seats], left=0
        )

    def _child(
        self, node: _Node, choice: int, kept: NDArray[np.bool_], bound: float
    ) -> _Node | None:
        """Return the node with one more choice made; None where a floor does not allow it."""
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
            alive=node.alive[kept],
            reach=node.reach[kept],
            gains=node.gains[kept],
            due=node.due,
            left=node.left - moves,
            room=room,
            known=node.known,
            bound=bound,
        )

    def _list(self, node: _Node) -> float:
        """List all sets of one or two more moves, and relax those that no price list rules out."""
        choices, lists = self.choices, self.lists
        mover, label = choices.mover[node.alive], choices.label[node.alive]
        problem, tried = self.problem, node.known[:_PASSES]
        floors = (problem.pcn_of[mover], problem.list_size[mover], node.room)
        sets, bounds, reckoned, complete = list_sets(
            node.worth - lists.prices[tried], lists.constants[tried], *choices.entries,
            choices.home, mover, label, floors, self.aim, (node.left, _PAIRS, 10**9),
        )  # fmt: skip
        self.own_work += _GAIN_WORK * reckoned
        if not complete:
            return node.bound

        def lower(number: int) -> None:
            lower_bounds(
                node.worth - lists.prices[number], lists.constants[number], *choices.entries,
                choices.home, mover, label, sets, bounds,
            )  # fmt: skip
            self.own_work += 2e-9 * len(sets) * node.worth.size

        for number in node.known[_PASSES:].tolist():
            if not len(sets) or bounds.max() <= self.aim:
                return -np.inf
            lower(number)
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
            if np.isfinite(solved):
                lower(lists.count - 1)
        return -np.inf
