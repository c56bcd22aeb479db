"""Good plans of a place whose patterns are too many to list: maps and practices in turn.

Goes in: an `Instance`, a number of moves, plans known. Comes out: plans that keep the rules, each
under the pattern that suits its map. Next: `boundaries.solve.branch_and_bound.loop` says how good
the best one is.

A map drawn at random gets the practices and anchors that suit it (`fit_items`), is annealed under
their pattern, gets practices anew, until that brings nothing. The best plans are then changed in
one corner: two or three neighbourhoods that touch are drawn afresh, as in recombination (DeFord,
Duchin and Solomon, *Harvard Data Science Review* 2021), and the whole is annealed again, cooler; an
iterated local search (Lourenço, Martin and Stützle, 2003) over a few plans at a time.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.domains import domains_of
from boundaries.solve.heuristics.annealing import anneal
from boundaries.solve.heuristics.construct import balanced_map, redraw, under_pattern
from boundaries.solve.heuristics.fit_items import fit_items
from boundaries.solve.params import ALTERNATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.heuristics.annealing import Solution
    from boundaries.solve.instance import Instance
    from boundaries.solve.params import Limits

    Plan = tuple[AnchorPattern, Solution]

__all__ = ["search_maps"]


def search_maps(  # noqa: PLR0913 - one door
    instance: Instance,
    allowed_moves: int,
    limits: Limits,
    generator: np.random.Generator,
    *,
    known: Iterable[Solution],
    offer: Callable[[AnchorPattern, Solution], None],
    stop: Callable[[], bool],
) -> None:
    """Look for good plans; offer every one that is met.

    Parameters
    ----------
    instance
        The place.
    allowed_moves
        Most practices that may move.
    limits
        How long.
    generator
        Source of the seeds.
    known
        Good plans to begin with, under any number of moves.
    offer
        Told the pattern and the plan of every annealing run.
    stop
        Asked between annealing runs.
    """
    elite: list[Plan] = []

    def keep(found: Iterable[Plan | None]) -> None:
        """Offer plans, and go on from the best ones, each of them once."""
        plans = [plan for plan in found if plan is not None]
        for plan in plans:
            offer(*plan)
        best = sorted([*elite, *plans], key=lambda plan: -plan[1].served)
        unlike = {plan[1].served: plan for plan in reversed(best)}
        elite[:] = sorted(unlike.values(), key=lambda plan: -plan[1].served)[: ALTERNATION.elite]

    def drawn(seed: int) -> Plan | None:
        chance = np.random.default_rng(seed)
        lsoas = balanced_map(instance, chance)
        return _alternate(instance, lsoas, allowed_moves, ALTERNATION.hot, chance)

    def changed(seed: int) -> Plan | None:
        chance = np.random.default_rng(seed)
        parent = elite[int(len(elite) * chance.random() ** 2)][1]
        lsoas = redraw(instance, parent.lsoas, chance)
        return _alternate(instance, lsoas, allowed_moves, ALTERNATION.cool, chance)

    for one in list(known)[: ALTERNATION.elite]:
        if stop() and elite:
            return
        keep([_alternate(instance, one.lsoas, allowed_moves, ALTERNATION.cool, generator)])
    work, each = 0.0, ALTERNATION.side_by_side * _work_of(instance)
    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
        while work < limits.maps and not (stop() and elite):
            make = drawn if work < ALTERNATION.share * limits.maps or not elite else changed
            seeds = generator.integers(2**62, size=ALTERNATION.side_by_side).tolist()
            keep(pool.map(make, seeds))
            work += each


def _work_of(instance: Instance) -> float:
    """Return the work of a plan."""
    steps = ALTERNATION.steps * len(instance.lsoas) * len(ALTERNATION.cool)
    exact = ALTERNATION.exact * len(ALTERNATION.cool) if instance.links else 0.0
    return steps * len(instance.people) * ALTERNATION.work + exact


def _alternate(
    instance: Instance,
    lsoas: NDArray[np.int64] | None,
    allowed_moves: int,
    temperatures: tuple[float, ...],
    generator: np.random.Generator,
) -> Plan | None:
    """Fit practices to a map and anneal it, in turn; return the best plan met."""
    best: Plan | None = None
    for temperature in temperatures:
        fitted = None if lsoas is None else fit_items(instance, lsoas, allowed_moves=allowed_moves)
        if fitted is None:
            return best
        pattern, plan = under_pattern(instance, fitted)
        found = anneal(
            instance,
            domains_of(instance, pattern, allowed_moves),
            (plan.lsoas, plan.items),
            generator,
            steps=ALTERNATION.steps * len(plan.lsoas),
            temperature=temperature,
        )
        if found is None:
            return best
        if best is None or found.served > best[1].served:
            best = (pattern, found)
        lsoas = found.lsoas
    return best
