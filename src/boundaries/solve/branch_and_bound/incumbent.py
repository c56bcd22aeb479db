"""The incumbent of a rung: the best plan of earlier rungs, and the first search for a better one.

Goes in: `RungState`, before anything is proven. Comes out: the state with an incumbent, where one
was found. Next: `boundaries.solve.branch_and_bound.loop` proves how good it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.branch_and_bound.state import EQUAL, entrants, known_plans
from boundaries.solve.branch_and_bound.steps import MANY
from boundaries.solve.heuristics.alternation import search_maps
from boundaries.solve.heuristics.annealing import Solution, disruption, keeps_rules, served_people
from boundaries.solve.heuristics.assign_items import assign_items
from boundaries.solve.heuristics.construct import first_plans, under_pattern
from boundaries.solve.heuristics.tournament import run_tournament
from boundaries.solve.patterns.enumerate import keeps_locks

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.solve.branch_and_bound.state import LadderState, RungState
    from boundaries.solve.domains import AnchorPattern, Domains
    from boundaries.solve.instance import Instance

__all__ = ["best_known", "drop_useless_moves", "inherit_incumbent", "search_incumbent"]


_REFIT = 2.0
"""Deterministic time of an exact fit of practices to the map of a good plan."""


def inherit_incumbent(state: RungState) -> None:
    """Plans of earlier rungs keep the rules of this one."""
    for pattern, _, solution in known_plans(state.ladder, state.allowed_moves):
        if not state.take(pattern, solution) and solution.served < state.incumbent_value - EQUAL:
            return


def drop_useless_moves(state: RungState) -> None:
    """Let practices of the best plan stay whose move brings nothing."""
    if state.incumbent is None:
        return
    pattern = state.incumbent_pattern
    kept = _without_useless_moves(state.ladder.instance, state.domains(pattern), state.incumbent)
    if kept is not state.incumbent:
        state.ladder.plans.setdefault(pattern, []).append(kept)
        state.take(pattern, kept)
        state.report()


def _without_useless_moves(instance: Instance, free: Domains, best: Solution) -> Solution:
    for practice in range(len(instance.practices)):
        if not free.moves[practice, best.items[practice]]:
            continue
        staying = []
        for home in np.flatnonzero(free.items[practice] & (free.moves[practice] == 0)).tolist():
            items = best.items.copy()
            items[practice] = home
            served = served_people(instance, best.lsoas, items)
            if served >= best.served and keeps_rules(instance, free, best.lsoas, items):
                staying.append(Solution(best.lsoas, items, served))
        best = max(staying, key=lambda solution: solution.served, default=best)
    return best


def best_known(ladder: LadderState, allowed_moves: int) -> Solution | None:
    """Return the best plan with at most so many moves that any rung found; None without one.

    Of equals it is the one that disrupts least.
    """
    best, least = None, (0, 0)
    for _, free, solution in known_plans(ladder, allowed_moves):
        if best is not None and solution.served < best.served - EQUAL:
            break
        ties = disruption(ladder.instance, free, solution)
        if best is None or ties < least:
            best, least = solution, ties
    return best


def search_incumbent(state: RungState, hurry: Callable[[], bool]) -> None:
    """Anneal under the patterns with the best bounds and the best plans, before any relaxation.

    Where not all patterns are listed, maps are drawn first, and ``hurry`` ends the search.
    """
    limits, unlisted = state.limits, state.ladder.unlisted_bound > -np.inf
    if unlisted:
        _search_maps(state, hurry)
    known = sorted(state.ladder.plans, key=lambda pattern: (-state.best_value(pattern), pattern))
    lagrangian = state.ladder.lagrangian
    no_move_bounds = state.dual_bounds if lagrangian is None else lagrangian.no_move_bounds
    order = np.argsort(-no_move_bounds, kind="stable")[: limits.wide].tolist()
    chosen = dict.fromkeys([*known[: limits.wide // 4], *order])
    run_tournament(
        state.ladder.instance,
        [entrant for pattern in chosen for entrant in entrants(state, pattern)],
        limits,
        state.generator,
        offer=state.offer,
        stop=lambda: (state.stop() or (unlisted and hurry())) and state.incumbent is not None,
        extra_round=len(state.ladder.patterns) >= MANY,
    )
    if state.incumbent is None:
        _seed(state)
    elif unlisted:
        _reseat(state, hurry)


def _search_maps(state: RungState, hurry: Callable[[], bool]) -> None:
    """Draw maps and give them practices: where not all patterns are listed, the best may be new."""
    plans = [one for _, _, one in known_plans(state.ladder, len(state.ladder.instance.practices))]

    def offer(pattern: AnchorPattern, solution: Solution) -> None:
        if not keeps_locks(state.ladder.instance, pattern):
            return
        number = state.number_of(pattern)
        if number is not None:
            state.offer(number, solution)

    search_maps(
        state.ladder.instance,
        state.allowed_moves,
        state.limits,
        state.generator,
        known=plans,
        offer=offer,
        stop=lambda: state.stop() or hurry(),
    )


def _reseat(state: RungState, hurry: Callable[[], bool]) -> None:
    """Fit practices and anchors to the maps of the best plans anew, and walk on from there.

    Where not all patterns are listed, the best one for a good map may not be among them.
    """
    instance, numbers = state.ladder.instance, {}
    best: dict[int, Solution] = {}
    for pattern, _, solution in known_plans(state.ladder, state.allowed_moves):
        best.setdefault(pattern, solution)
        if len(best) == state.limits.promising:
            break
    for pattern, solution in best.items():
        if hurry() or state.stop():
            return
        assigned = assign_items(
            instance, solution.lsoas, allowed_moves=state.allowed_moves, work=_REFIT
        )
        if assigned is None:
            continue
        better, plan = under_pattern(instance, assigned)
        number = state.number_of(better)
        if number is None or (number == pattern and plan.served <= solution.served):
            continue
        if keeps_rules(instance, state.domains(number), plan.lsoas, plan.items):
            state.offer(number, plan)
            numbers[number] = True
    run_tournament(
        instance,
        [entrant for number in numbers for entrant in entrants(state, number)],
        state.limits,
        state.generator,
        offer=state.offer,
        stop=state.stop,
    )


def _seed(state: RungState) -> None:
    """Offer plans drawn from balanced maps, and anneal the best few of them."""
    instance = state.ladder.instance
    drawn = first_plans(
        instance,
        state.generator,
        allowed_moves=state.allowed_moves,
        maps=8 * state.limits.promising,
    )
    numbered = [
        (number, solution)
        for pattern, solution in drawn
        if (number := state.number_of(pattern)) is not None
    ]
    for number, solution in numbered:
        if keeps_rules(instance, state.domains(number), solution.lsoas, solution.items):
            state.offer(number, solution)
    run_tournament(
        instance,
        [one for number, _ in numbered[: state.limits.wide] for one in entrants(state, number)],
        state.limits,
        state.generator,
        offer=state.offer,
        stop=lambda: state.stop() and state.incumbent is not None,
    )
