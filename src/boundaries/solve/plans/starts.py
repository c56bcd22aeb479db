"""First plans that keep every rule: balanced pieces of the map, then the best practices for them.

Goes in: `Problem`, its patterns and a generator. Comes out: plans under their patterns, best first.
A random spanning tree, whose edges prefer LSOAs with the same practices, is cut where a piece
keeps the residents' band (as in the recombination step of Markov chain redistricting: DeFord,
Duchin and Solomon, Harvard Data Science Review 2021); `match` then places practices and anchors
exactly. Next: `boundaries.solve.plans.search` improves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.plans.match import match_practices
from boundaries.solve.plans.search import Found

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.freedom import Pattern
    from boundaries.solve.plans.match import Matched
    from boundaries.solve.problem import Problem

__all__ = ["balanced_map", "first_plans", "under_pattern"]

_TREES = 40
"""Trees tried for each piece before a map is given up."""

_WAYS = 50
"""Ways to share neighbourhoods out over the parts of a place that are kept for each sum."""


def first_plans(
    problem: Problem,
    generator: np.random.Generator,
    *,
    allowed_moves: int,
    maps: int,
) -> list[tuple[Pattern, Found]]:
    """Return plans that keep the rules of the map and of practices, best first.

    Parameters
    ----------
    problem
        The place.
    generator
        Source of chance.
    allowed_moves
        Most practices that may move.
    maps
        How many maps to draw.

    Returns
    -------
    list[tuple[Pattern, Found]]
        The pattern of each plan, and the plan.
    """
    plans = []
    for _ in range(maps):
        lsoas = balanced_map(problem, generator)
        if lsoas is None:
            continue
        matched = match_practices(problem, lsoas, allowed_moves=allowed_moves)
        if matched is None:
            continue
        plans.append(under_pattern(problem, matched))
    return sorted(plans, key=lambda plan: (-plan[1].served, plan[0]))


def under_pattern(problem: Problem, matched: Matched) -> tuple[Pattern, Found]:
    """Return the pattern of a matched plan, and the plan under the pattern's labels."""
    if not problem.anchored:
        return (0,) * problem.neighbourhoods, matched.found
    holds = matched.holds.copy()
    for pcn, row in enumerate(holds):  # more anchors never hurt: patterns hold them all
        spare = int(problem.span[pcn]) - int(row.sum())
        for label in np.flatnonzero(~row)[: max(0, spare)]:
            holds[pcn, label] = True
    masks = [
        sum(1 << int(pcn) for pcn in np.flatnonzero(holds[:, label]))
        for label in range(problem.neighbourhoods)
    ]
    order = sorted(range(len(masks)), key=lambda label: (-masks[label], label))
    new = np.empty(len(order), dtype=np.int64)
    new[order] = np.arange(len(order))
    found = matched.found
    pattern = tuple(masks[label] for label in order)
    return pattern, Found(new[found.lsoas], new[found.items], found.served)


def balanced_map(problem: Problem, generator: np.random.Generator) -> NDArray[np.int64] | None:
    """Return a map of connected neighbourhoods within the residents' band, or None.

    Notes
    -----
    One neighbourhood after another is cut off a fresh random tree of what is left; in a place of
    several parts that none may cross, part by part.
    """
    size = len(problem.lsoas)
    part = np.zeros(size, dtype=np.int64) if problem.nest is None else problem.nest
    counts = _share_out(problem, part, generator)
    if counts is None:
        return None
    likeness = _likeness(problem)
    labels = np.full(size, -1, dtype=np.int64)
    label = 0
    for number, count in enumerate(counts):
        for left in range(count - 1, 0, -1):
            for _ in range(_TREES):
                free = (labels < 0) & (part == number)
                piece = _cut_off(problem, free, left, likeness, generator)
                if piece:
                    labels[piece] = label
                    break
            else:
                return None
            label += 1
        labels[(labels < 0) & (part == number)] = label
        label += 1
    return labels


def _share_out(
    problem: Problem, part: NDArray[np.int64], generator: np.random.Generator
) -> list[int] | None:
    """Return how many neighbourhoods each part of the place gets, at random; None when none fit."""
    people = np.bincount(part, weights=problem.residents).astype(np.int64).tolist()
    ways: list[list[list[int]]] = [[[]], *([] for _ in range(problem.neighbourhoods))]
    for residents in people:
        longer: list[list[list[int]]] = [[] for _ in ways]
        for used, found in enumerate(ways):
            for count in range(1, problem.neighbourhoods - used + 1):
                if count * problem.least <= residents <= count * problem.most:
                    longer[used + count] += [[*way, count] for way in found[:_WAYS]]
        ways = longer
    fitting = ways[problem.neighbourhoods]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return fitting[int(generator.integers(len(fitting)))]


def _likeness(problem: Problem) -> NDArray[np.float64]:
    """Cosine of the practices of each pair of neighbouring LSOAs, in the order of the pairs."""
    people = problem.people / np.maximum(1e-9, np.linalg.norm(problem.people, axis=0))
    graph = problem.graph
    return np.asarray((people[:, graph.heads] * people[:, graph.tails]).sum(axis=0))


def _cut_off(
    problem: Problem,
    free: NDArray[np.bool_],
    left: int,
    likeness: NDArray[np.float64],
    generator: np.random.Generator,
) -> list[int]:
    """Return LSOAs that a random tree lets go together; empty when no cut keeps the band."""
    order, parent = _random_tree(problem, free, likeness, generator)
    below = problem.residents.astype(np.int64).copy()
    for a in reversed(order[1:]):
        below[parent[a]] += below[a]
    whole = int(below[order[0]])
    cuts = []
    for a in order[1:]:
        for inside in (True, False):
            heads = int(below[a]) if inside else whole - int(below[a])
            rest = whole - heads
            fits = problem.least <= heads <= problem.most
            if fits and left * problem.least <= rest <= left * problem.most:
                cuts.append((a, inside))
    if not cuts or len(order) < int(free.sum()):
        return []
    root, inside = cuts[int(generator.integers(len(cuts)))]
    under = {root}
    for a in order:  # parents come before their children
        if a != root and parent[a] in under:
            under.add(a)
    return sorted(under if inside else set(order) - under)


def _random_tree(
    problem: Problem,
    free: NDArray[np.bool_],
    likeness: NDArray[np.float64],
    generator: np.random.Generator,
) -> tuple[list[int], dict[int, int]]:
    """Return the LSOAs of a random spanning tree, parents first, and the parent of each."""
    graph = problem.graph
    within = free[graph.heads] & free[graph.tails] & (graph.heads < graph.tails)
    weight = generator.random(len(graph.heads)) - likeness
    chain = np.arange(graph.size)
    beside: dict[int, list[int]] = {}
    pairs = np.flatnonzero(within)
    for edge in pairs[np.argsort(weight[pairs], kind="stable")].tolist():
        one, other = int(graph.heads[edge]), int(graph.tails[edge])
        end, far = _end(chain, one), _end(chain, other)
        if end != far:
            chain[end] = far
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    start = int(np.flatnonzero(free)[0])
    order, parent = [start], {start: -1}
    for a in order:
        for b in beside.get(a, []):
            if b not in parent:
                parent[b] = a
                order.append(b)
    return order, parent


def _end(chain: NDArray[np.int64], a: int) -> int:
    while chain[a] != a:
        chain[a] = chain[chain[a]]
        a = int(chain[a])
    return a
