"""First plans that keep every rule: balanced pieces of the map, then the best practices for them.

Goes in: `Instance`, its patterns and a generator. Comes out: plans under their patterns, best
first. A random spanning tree, whose edges prefer LSOAs with the same practices, is cut where a
piece keeps the residents' band (as in the recombination step of Markov chain redistricting: DeFord,
Duchin and Solomon, Harvard Data Science Review 2021); `match` then places practices and anchors
exactly. Next: `boundaries.solve.heuristics.annealing` improves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.heuristics.annealing import Solution
from boundaries.solve.heuristics.assign_items import assign_items
from boundaries.solve.params import CONSTRUCTION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.heuristics.assign_items import ItemAssignment
    from boundaries.solve.instance import Instance

__all__ = ["balanced_map", "first_plans", "redraw", "under_pattern"]

_WAYS = 50
"""Ways to share neighbourhoods out over the parts of a place that are kept for each sum."""


def first_plans(
    instance: Instance,
    generator: np.random.Generator,
    *,
    allowed_moves: int,
    maps: int,
) -> list[tuple[AnchorPattern, Solution]]:
    """Return plans that keep the rules of the map and of practices, best first.

    Parameters
    ----------
    instance
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
        lsoas = balanced_map(instance, generator)
        if lsoas is None:
            continue
        assigned = assign_items(instance, lsoas, allowed_moves=allowed_moves)
        if assigned is None:
            continue
        plans.append(under_pattern(instance, assigned))
    return sorted(plans, key=lambda plan: (-plan[1].served, plan[0]))


def under_pattern(instance: Instance, assigned: ItemAssignment) -> tuple[AnchorPattern, Solution]:
    """Return the pattern of a matched plan, and the plan under the pattern's labels."""
    if not instance.anchored:
        return (0,) * instance.neighbourhoods, assigned.solution
    anchored_in = assigned.anchored_in.copy()
    for pcn, row in enumerate(anchored_in):  # more anchors never hurt: patterns hold them all
        spare = int(instance.span[pcn]) - int(row.sum())
        for label in np.flatnonzero(~row)[: max(0, spare)]:
            anchored_in[pcn, label] = True
    pcn_sets = [
        sum(1 << int(pcn) for pcn in np.flatnonzero(anchored_in[:, label]))
        for label in range(instance.neighbourhoods)
    ]
    order = sorted(range(len(pcn_sets)), key=lambda label: (-pcn_sets[label], label))
    new = np.empty(len(order), dtype=np.int64)
    new[order] = np.arange(len(order))
    found = assigned.solution
    pattern = tuple(pcn_sets[label] for label in order)
    return pattern, Solution(new[found.lsoas], new[found.items], found.served)


def balanced_map(instance: Instance, generator: np.random.Generator) -> NDArray[np.int64] | None:
    """Return a map of connected neighbourhoods within the residents' band, or None.

    Notes
    -----
    One neighbourhood after another is cut off a fresh random tree of what is left; in a place of
    several parts that none may cross, part by part.
    """
    size = len(instance.lsoas)
    part = np.zeros(size, dtype=np.int64) if instance.nest is None else instance.nest
    counts = _share_out(instance, part, generator)
    if counts is None:
        return None
    labels = np.full(size, -1, dtype=np.int64)
    label = 0
    for number, count in enumerate(counts):
        for left in range(count - 1, 0, -1):
            piece = _cut_off(instance, (labels < 0) & (part == number), left, generator)
            if not piece.any():
                return None
            labels[piece] = label
            label += 1
        labels[(labels < 0) & (part == number)] = label
        label += 1
    return labels


def redraw(
    instance: Instance, lsoas: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64] | None:
    """Return a map with two or three neighbourhoods that touch drawn afresh, or None."""
    graph = instance.graph
    at_rim = np.flatnonzero(lsoas[graph.heads] != lsoas[graph.tails])
    if not len(at_rim):
        return None
    arc = int(at_rim[int(generator.integers(len(at_rim)))])
    chosen = {int(lsoas[graph.heads[arc]]), int(lsoas[graph.tails[arc]])}
    if generator.random() < CONSTRUCTION.three:
        inside = np.isin(lsoas, list(chosen))
        beside = lsoas[graph.tails[inside[graph.heads] & ~inside[graph.tails]]]
        if len(beside):
            chosen.add(int(beside[int(generator.integers(len(beside)))]))
    labels, free = lsoas.copy(), np.isin(lsoas, list(chosen))
    for left, label in reversed(list(enumerate(sorted(chosen)))):
        if not left:
            break
        piece = _cut_off(instance, free, left, generator)
        if not piece.any():
            return None
        labels[piece], free[piece] = label, False
    labels[free] = min(chosen)
    return labels


def _share_out(
    instance: Instance, part: NDArray[np.int64], generator: np.random.Generator
) -> list[int] | None:
    """Return how many neighbourhoods each part of the place gets, at random; None when none fit."""
    people = np.bincount(part, weights=instance.residents).astype(np.int64).tolist()
    ways: list[list[list[int]]] = [[[]], *([] for _ in range(instance.neighbourhoods))]
    for residents in people:
        longer: list[list[list[int]]] = [[] for _ in ways]
        for used, found in enumerate(ways):
            for count in range(1, instance.neighbourhoods - used + 1):
                if count * instance.least <= residents <= count * instance.most:
                    longer[used + count] += [[*way, count] for way in found[:_WAYS]]
        ways = longer
    fitting = ways[instance.neighbourhoods]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return fitting[int(generator.integers(len(fitting)))]


def _cut_off(
    instance: Instance, free: NDArray[np.bool_], left: int, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Return LSOAs that a random tree lets go together; none when no cut keeps the band."""
    from boundaries.solve.heuristics.tree_cut import cut_off  # noqa: PLC0415 - compiles on first use

    heads, tails, likeness = instance.likeness
    for _ in range(CONSTRUCTION.trees):
        weight = generator.random(len(heads)) - likeness
        piece: NDArray[np.bool_] = cut_off(
            heads, tails, weight, free, instance.residents, instance.least, instance.most, left,
            generator.random(),
        )  # fmt: skip
        if piece.any():
            break
    return piece
