"""Good plans fast: annealing on LSOAs and items, always connected, under one pattern of anchors.

Goes in: `Problem`, `Freedom`, a plan to start from, and a generator. Comes out: the best plan
found that keeps every rule, or None. Next: `boundaries.solve.leaf` proves how good it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.connected import parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.model import Freedom
    from boundaries.solve.problem import Problem

__all__ = ["Found", "anneal", "keeps_rules", "round_shares", "served_people"]


@dataclass(frozen=True)
class Found:
    """A plan as arrays: neighbourhood of every LSOA and item, and the people it serves."""

    lsoas: NDArray[np.int64]
    items: NDArray[np.int64]
    served: float


def served_people(problem: Problem, lsoas: NDArray[np.int64], items: NDArray[np.int64]) -> float:
    """Return how many people are in the same neighbourhood as their item."""
    return float((problem.people * (items[:, None] == lsoas[None, :])).sum())


def keeps_rules(
    problem: Problem, freedom: Freedom, lsoas: NDArray[np.int64], items: NDArray[np.int64]
) -> bool:
    """Whether a plan keeps every rule under the anchors of a pattern."""
    count = problem.neighbourhoods
    practices = items[: len(problem.practices)]
    heads = np.bincount(lsoas, weights=problem.residents, minlength=count)
    everyone = len(np.unique(lsoas)) == count == len(np.unique(practices))
    allowed = (
        freedom.lsoas[np.arange(len(lsoas)), lsoas].all()
        and freedom.items[np.arange(len(items)), items].all()
    )
    if heads.min() < problem.least or heads.max() > problem.most or not (everyone and allowed):
        return False
    moved = freedom.moves[np.arange(len(items)), items][: len(practices)] == 1
    if moved.sum() > freedom.allowed_moves or not _keeps_floors(problem, moved):
        return False
    where = np.concatenate([lsoas, practices])
    if any((where[a] == where[b]) != together for a, b, together in problem.links.points):
        return False
    return _keeps_shape(problem, lsoas)


def _keeps_floors(problem: Problem, moved: NDArray[np.bool_]) -> bool:
    if not problem.anchored:
        return True
    for pcn in np.flatnonzero(problem.floor > 0).tolist():
        own = problem.pcn_of == pcn
        gone = int(problem.list_size[own & moved].sum())
        today = int(problem.list_size[own].sum() + problem.outside[pcn])
        if gone and today - gone < problem.floor[pcn]:
            return False
    return True


def _keeps_shape(problem: Problem, lsoas: NDArray[np.int64]) -> bool:
    graph = problem.graph
    for label in range(problem.neighbourhoods):
        members = np.flatnonzero(lsoas == label)
        if problem.nest is not None and len(np.unique(problem.nest[members])) > 1:
            return False
        found = parts(graph.beside, members.tolist())
        pieces = {int(graph.piece[part[0]]) for part in found}
        if len(found) > len(pieces):
            return False
    return True


def round_shares(problem: Problem, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole LSOAs from relaxed ones: the largest share, loose parts given to neighbours."""
    labels = np.asarray(shares.argmax(axis=1), dtype=np.int64)
    graph = problem.graph
    for _ in range(len(labels)):
        loose: list[int] = []
        for label in range(shares.shape[1]):
            members = np.flatnonzero(labels == label).tolist()
            by_piece: dict[int, list[list[int]]] = {}
            for part in parts(graph.beside, members):
                by_piece.setdefault(int(graph.piece[part[0]]), []).append(part)
            for several in by_piece.values():
                several.sort(key=lambda part: (-float(shares[part, label].sum()), part[0]))
                for part in several[1:]:
                    loose += part
        if not loose:
            break
        labels = _absorb(problem, labels, shares, loose)
    return labels


def _absorb(
    problem: Problem,
    labels: NDArray[np.int64],
    shares: NDArray[np.float64],
    loose: list[int],
) -> NDArray[np.int64]:
    """Give loose LSOAs, rim first, to the adjacent neighbourhood that they like most."""
    labels = labels.copy()
    left = set(loose)
    while left:
        rim = [
            (a, {int(labels[b]) for b in problem.graph.beside[a] if b not in left})
            for a in sorted(left)
        ]
        ready = [(a, near) for a, near in rim if near]
        if not ready:
            break
        for a, near in ready:
            labels[a] = max(sorted(near), key=lambda k: shares[a, k])
            left.discard(a)
    return labels


def anneal(
    problem: Problem,
    freedom: Freedom,
    start: tuple[NDArray[np.int64], NDArray[np.int64]],
    generator: np.random.Generator,
    *,
    steps: int,
    heat: float = 1.0,
) -> Found | None:
    """Search around a plan; return the best one found that keeps every rule, or None.

    Parameters
    ----------
    problem, freedom
        The place, and what may go where.
    start
        Neighbourhood of every LSOA (connected) and of every item (allowed).
    generator
        Source of chance.
    steps
        Proposals to try.
    heat
        Temperature at the start, against the people of a typical LSOA.
    """
    state = _State(problem, freedom, *start)
    typical = max(1.0, float(problem.people.sum()) / len(problem.lsoas) * 0.2)
    best: Found | None = None
    if state.clean():
        best = state.found()
    draws = generator.random((steps, 3))
    free = state.free
    for number in range(steps):
        warmth = heat * typical * (1.0 - number / steps) ** 2 + 1e-9
        pick, who, chance = draws[number]
        if free and pick < state.item_share:
            state.try_item(free[int(who * len(free))], pick / state.item_share, chance, warmth)
        else:
            state.try_lsoa(int(who * len(state.labels)), pick, chance, warmth)
        if state.changed and state.score > state.best + 1e-9 and state.clean():
            state.best = state.score
            best = state.found()
        state.changed = False
    return best


class _State:
    """A plan while it changes: labels, people a label would serve, heads, and broken rules."""

    def __init__(
        self,
        problem: Problem,
        freedom: Freedom,
        lsoas: NDArray[np.int64],
        items: NDArray[np.int64],
    ) -> None:
        count = problem.neighbourhoods
        self.problem, self.freedom = problem, freedom
        self.labels: list[int] = lsoas.tolist()
        self.items = items.copy()
        self.residents: list[int] = problem.residents.tolist()
        self.heads: list[int] = [0] * count
        for a, k in enumerate(self.labels):
            self.heads[k] += self.residents[a]
        self.sizes = np.bincount(lsoas, minlength=count).tolist()
        self.allowed = freedom.lsoas
        here = np.zeros((len(problem.lsoas), count))
        for i, k in enumerate(items.tolist()):
            here[:, k] += problem.people[i]
        self.worth = here
        inside = np.zeros((len(problem.lsoas), count))
        inside[np.arange(len(lsoas)), lsoas] = 1.0
        self.reach = problem.people @ inside
        self.free = np.flatnonzero(freedom.items.sum(axis=1) > 1).tolist()
        self.item_share = 0.15 if self.free else 0.0
        self.spent = int(freedom.moves[np.arange(len(items)), items].sum())
        self.practices = np.bincount(items[: len(problem.practices)], minlength=count).tolist()
        self.score = served_people(problem, lsoas, items)
        self.best = -np.inf
        self.changed = False
        self.dear = max(1.0, float(problem.people.sum() / max(1, problem.residents.sum())))

    def excess(self, heads: int) -> int:
        """People too many or too few."""
        return max(0, self.problem.least - heads, heads - self.problem.most)

    def clean(self) -> bool:
        """Whether every rule is kept (the cheap ones first)."""
        if any(self.excess(heads) for heads in self.heads):
            return False
        return keeps_rules(self.problem, self.freedom, np.array(self.labels), self.items)

    def found(self) -> Found:
        lsoas = np.array(self.labels, dtype=np.int64)
        return Found(lsoas, self.items.copy(), served_people(self.problem, lsoas, self.items))

    def try_lsoa(self, a: int, pick: float, chance: float, warmth: float) -> None:
        """Propose to give an LSOA to the neighbourhood of one of its neighbours."""
        near = self.problem.graph.beside[a]
        if not near:
            return
        old = self.labels[a]
        new = self.labels[near[int(pick * 7919.0) % len(near)]]
        if new == old or self.sizes[old] == 1 or not self.allowed[a, new]:
            return
        people = self.residents[a]
        gain = float(self.worth[a, new] - self.worth[a, old])
        before = self.excess(self.heads[old]) + self.excess(self.heads[new])
        after = self.excess(self.heads[old] - people) + self.excess(self.heads[new] + people)
        total = gain - (after - before) * self.dear
        if total < 0 and chance >= exp(max(-700.0, total / warmth)):
            return
        if not self._stays_whole(a, old) or not self._may_enter(a, new):
            return
        self.labels[a] = new
        self.heads[old] -= people
        self.heads[new] += people
        self.sizes[old] -= 1
        self.sizes[new] += 1
        column = self.problem.people[:, a]
        self.reach[:, old] -= column
        self.reach[:, new] += column
        self.score += gain
        self.changed = True

    def _may_enter(self, a: int, new: int) -> bool:
        """Return whether the neighbourhood is in the LSOA's borough, where boroughs are kept."""
        nest = self.problem.nest
        if nest is None:
            return True
        near = self.problem.graph.beside[a]
        return any(self.labels[b] == new and nest[b] == nest[a] for b in near)

    def _stays_whole(self, a: int, label: int) -> bool:
        labels = self.labels
        beside = self.problem.graph.beside
        ends = [b for b in beside[a] if labels[b] == label]
        if len(ends) < 2:
            return bool(ends)
        goal = set(ends[1:])
        seen = {a, ends[0]}
        stack = [ends[0]]
        while stack:
            for b in beside[stack.pop()]:
                if b not in seen and labels[b] == label:
                    if b in goal:
                        goal.discard(b)
                        if not goal:
                            return True
                    seen.add(b)
                    stack.append(b)
        return False

    def try_item(self, i: int, pick: float, chance: float, warmth: float) -> None:
        """Propose to put a free item into another neighbourhood."""
        options = np.flatnonzero(self.freedom.items[i])
        new = int(options[int(pick * len(options)) % len(options)])
        old = int(self.items[i])
        if new == old:
            return
        extra = int(self.freedom.moves[i, new] - self.freedom.moves[i, old])
        if self.spent + extra > self.freedom.allowed_moves:
            return
        practice = i < len(self.problem.practices)
        if practice and self.practices[old] == 1:
            return
        gain = float(self.reach[i, new] - self.reach[i, old])
        if gain < 0 and chance >= exp(max(-700.0, gain / warmth)):
            return
        self.items[i] = new
        self.spent += extra
        if practice:
            self.practices[old] -= 1
            self.practices[new] += 1
        self.worth[:, old] -= self.problem.people[i]
        self.worth[:, new] += self.problem.people[i]
        self.score += gain
        self.changed = True
