"""Branch and bound over anchor patterns: the best plan with at most so many moves, and its proof.

Goes in: `Instance`, the patterns with their dual bounds, the plans of earlier rungs. Comes out:
`RungResult`. Patterns are taken best bound first (`boundaries.solve.branch_and_bound.steps`), until
no bound is above the incumbent. Next: `boundaries.solve.ladder` turns rungs into options.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.branch_and_bound.aggregate import bound_aggregates
from boundaries.solve.branch_and_bound.global_bound import (
    TARGET_GAPS,
    has_too_many_assignments,
    tighten_global_bound,
)
from boundaries.solve.branch_and_bound.incumbent import (
    drop_useless_moves,
    inherit_incumbent,
    search_incumbent,
)
from boundaries.solve.branch_and_bound.state import LadderState, RungState
from boundaries.solve.branch_and_bound.steps import (
    MANY,
    SIDE_BY_SIDE,
    TREE_RUNS,
    anneal_highest,
    bound_by_joint_relaxation,
    bound_by_tree,
    filter_patterns,
    search_pattern,
    solve_pattern_mip,
)
from boundaries.solve.lp.fixed_assignment import WorkerContext
from boundaries.solve.lp.joint_relaxation import SeparatorPool
from boundaries.solve.lp.separator_rows import SeparatorRows
from boundaries.solve.patterns.enumerate import list_patterns
from boundaries.solve.patterns.k_best import make_catalogue
from boundaries.solve.patterns.lagrangian import solve_lagrangian_dual

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.solve.heuristics.annealing import Solution
    from boundaries.solve.instance import Instance
    from boundaries.solve.params import Limits

__all__ = ["LadderState", "RungResult", "begin_ladder", "solve_rung"]

_FIRST_GAP = TARGET_GAPS[1]
"""A rung is first brought under 1 %, then to a proof."""

_FIRST_FILTERING = 4
"""Turns after which there are separators enough to filter with; later filters wait longer."""

_KNOWN_ROWS = 50
"""Separators with which a rung filters at once."""

_MORE = 0.7
"""Share of the work that a rung may take beyond it as long as it is not within 1 %."""

_LAST = 0.3
"""Share of the work, beyond it, for a global bound over all patterns where these stay open."""

_LITTLE = 0.1
"""Share of the work for patterns that say little, once a global bound is within 1 %."""

_DEAR = 3
"""Moves from which filtering is dearer than multipliers."""

_HOPELESS = 50_000
"""Patterns left by multipliers that are too many to filter then."""

_FEW = 240
"""Patterns annealed at most where they say little: there is more in annealing them longer."""

_LISTED = 150_000
"""Patterns that are listed for a rung, where not all are."""

_LIST_SHARE = 0.6
"""Work that finding them may take beside the rung's, in parts of that."""


@dataclass(frozen=True)
class RungResult:
    """The outcome of a rung; ``bound`` is in people served, None where nothing is proven."""

    solution: Solution | None
    bound: float | None
    proven: bool


def begin_ladder(instance: Instance) -> LadderState:
    """Return the start of a ladder: the patterns, or what lists the best where there are many."""
    patterns, catalogue, unlisted_bound = list_patterns(instance), None, -np.inf
    if patterns is None:
        catalogue = make_catalogue(instance)
        if catalogue is None:
            patterns, unlisted_bound = [], np.inf  # those of good plans join
        else:
            patterns, unlisted_bound = catalogue.list_for(0, _LISTED)
    anchored = instance.anchored and bool(patterns)
    lagrangian = None
    if anchored:
        lagrangian = (
            solve_lagrangian_dual(instance, patterns)
            if not catalogue
            else catalogue.bounds_of(patterns)
        )
    size, rows = len(instance.lsoas), SeparatorRows(instance.graph)
    contexts = tuple(
        WorkerContext(instance, SeparatorPool(size), rows) for _ in range(SIDE_BY_SIDE)
    )
    return LadderState(
        instance, patterns, lagrangian, SeparatorPool(size), contexts, rows,
        unlisted_bound=unlisted_bound, catalogue=catalogue, listed=None if catalogue is None else 0,
    )  # fmt: skip


def _list_more(
    ladder: LadderState, allowed_moves: int, limits: Limits, stop: Callable[[], bool]
) -> None:
    """Add the patterns that are best with so many moves, where not all are listed."""
    if ladder.catalogue is None or ladder.listed == allowed_moves:
        return
    known_plans = [found.served for plans in ladder.plans.values() for found in plans]
    listed, ladder.unlisted_bound = ladder.catalogue.list_for(
        allowed_moves,
        _LISTED,
        target=max(known_plans, default=-np.inf),
        out=lambda work: work > _LIST_SHARE * limits.work or stop(),
    )
    ladder.listed = allowed_moves
    known = set(ladder.patterns)
    ladder.patterns += [pattern for pattern in listed if pattern not in known]
    if ladder.patterns:
        ladder.lagrangian = ladder.catalogue.bounds_of(ladder.patterns)


def solve_rung(  # noqa: PLR0913 - one door for ladder and clash
    ladder: LadderState,
    allowed_moves: int,
    *,
    limits: Limits,
    generator: np.random.Generator,
    tell: Callable[[float | None, float | None], None] = lambda _best, _bound: None,
    stop: Callable[[], bool] = lambda: False,
    hurry: Callable[[], bool] = lambda: False,
    first: bool = False,
) -> RungResult:
    """Return the best plan with at most so many moves.

    Parameters
    ----------
    ladder
        What the rungs share; plans and separators are added to it.
    allowed_moves
        Most practices that may move.
    limits
        Work that may be done.
    generator
        Source of chance for the search.
    tell
        Told the best objective and the bound (both in misaligned people) when either changes.
    stop
        Asked between steps; True ends the rung with what is known.
    hurry
        Asked while maps are drawn; True leaves the time to bounds.
    first
        Whether any plan at all is enough.
    """
    _list_more(ladder, allowed_moves, limits, stop)
    if has_too_many_assignments(ladder.instance):
        limits = limits.for_few(_FEW)
    state = RungState(ladder, allowed_moves, limits, generator, tell, stop)
    if not ladder.patterns and ladder.unlisted_bound < np.inf:
        bound = ladder.unlisted_bound
        return RungResult(None, bound, proven=bound == -np.inf)
    inherit_incumbent(state)
    search_incumbent(state, (lambda: True) if first else hurry)
    if not (first and state.incumbent is not None):
        _prove(state, first=first)
    drop_useless_moves(state)
    bound = state.bound
    if state.incumbent is None:
        return RungResult(None, bound if bound < np.inf else None, proven=bound == -np.inf)
    ladder.incumbent_values[allowed_moves] = state.incumbent.served
    if bound == np.inf:
        return RungResult(state.incumbent, None, proven=False)
    proven = bound < state.incumbent.served + ladder.instance.step
    return RungResult(state.incumbent, state.incumbent.served if proven else bound, proven)


def _prove(state: RungState, *, first: bool) -> None:
    """Bring bounds down to the best plan, target by target.

    At the ``first`` plan there is an end.
    """
    open_, more = has_too_many_assignments(state.ladder.instance), _MORE * state.limits.work
    state.work += more
    for target_gap in (
        TARGET_GAPS if open_ or state.ladder.catalogue is not None else TARGET_GAPS[1:]
    ):
        if first and state.incumbent is not None:
            return
        if target_gap == 0:
            state.work -= more
        if open_:
            for wider in TARGET_GAPS[
                : TARGET_GAPS.index(target_gap) + 1
            ]:  # none is left for a nearer one
                tighten_global_bound(state, wider, state.work)
            if target_gap == 0 and state.bound <= state.target(_FIRST_GAP):
                state.work = min(state.work, _LITTLE * state.limits.work)
        goes_on = _run(state, target_gap)  # what work it leaves is for a global bound
        state.report()
        if not goes_on:
            break
    if not (first or open_):
        _lower_last(state, _LAST * state.limits.work + max(0.0, state.work))


def _lower_last(state: RungState, most_work: float) -> None:
    """Bring the bound of all patterns down where these are still open, with some more work."""
    state.work = most_work
    for target_gap in TARGET_GAPS[:2]:
        if state.incumbent is not None and state.bound > state.above_incumbent(target_gap):
            tighten_global_bound(state, target_gap, state.work)


def _above(state: RungState, target_gap: float) -> list[tuple[float, int]]:
    """Return a heap of the patterns above the target, best bound first."""
    above = np.flatnonzero(state.dual_bounds > state.target(target_gap)).tolist()
    heap = [(-float(state.dual_bounds[number]), number) for number in above]
    heapify(heap)
    return heap


def _more_for_the_tree(
    state: RungState, heap: list[tuple[float, int]], target_gap: float
) -> list[int]:
    """Take the next patterns from the heap that are to be bounded beside the first one."""
    more: list[int] = []
    while heap and len(more) < SIDE_BY_SIDE - 1 and state.tree_runs.get(heap[0][1], 0) < TREE_RUNS:
        if -heap[0][0] <= state.target(target_gap):
            break
        more.append(heappop(heap)[1])
    return more


def _rule_out(state: RungState, target_gap: float, *, first: bool) -> None:
    """Fathom what is above the target by the hundred: aggregates, move multipliers, filters.

    The first time moves are priced too, before patterns are filtered where that pays. Then what is
    left is annealed: it is not what looked best before.
    """
    bound_aggregates(state, target_gap)
    if np.count_nonzero(state.dual_bounds > state.target(target_gap)) >= MANY and state.work > 0:
        dear = state.allowed_moves >= _DEAR
        if first and dear:
            state.tighten_with_moves(target_gap)
        if _hopeless(state, target_gap):
            return
        filter_patterns(state, target_gap)
        if first and not dear:
            state.tighten_with_moves(target_gap)
    anneal_highest(state, target_gap)


def _hopeless(state: RungState, target_gap: float) -> bool:
    """Whether there are more patterns above the target than work to filter them."""
    above = np.count_nonzero(state.dual_bounds > state.target(target_gap))
    return state.allowed_moves >= _DEAR and bool(above > _HOPELESS)


def _run(state: RungState, target_gap: float) -> bool:
    """Take patterns, best bound first, until none is above the target or the work is done.

    Return False where there are so many that another target is of no use either.
    """
    heap = _above(state, target_gap)
    tried: set[int] = set()
    state.tree_runs.clear()
    batches, filterings, due = (
        0,
        0,
        0 if state.ladder.rows.separators >= _KNOWN_ROWS else _FIRST_FILTERING,
    )
    while heap and not state.stop() and state.work > 0:
        if len(heap) >= MANY and batches >= due:
            _rule_out(state, target_gap, first=not filterings)
            filterings += 1
            if _hopeless(state, target_gap):
                return False
            heap, due = _above(state, target_gap), 3 * max(due, _FIRST_FILTERING)
            continue
        pattern = heappop(heap)[1]
        if state.dual_bounds[pattern] <= state.target(target_gap):
            break
        batches += 1
        relaxation, done = state.relaxations.get(pattern), [pattern]
        if state.tree_runs.get(pattern, 0) < TREE_RUNS:
            done += _more_for_the_tree(state, heap, target_gap)
            bound_by_tree(state, done, target_gap)
        elif (
            relaxation is None
            or not relaxation.over
            or relaxation.target > state.target(target_gap)
        ):
            bound_by_joint_relaxation(state, pattern, target_gap)
        elif pattern not in state.searched and len(state.searched) < state.limits.promising:
            search_pattern(state, pattern)
        elif pattern not in tried:
            tried.add(pattern)
            solve_pattern_mip(state, pattern, target_gap, 0.7 * state.work)
        else:
            break
        for number in done:
            heappush(heap, (-float(state.dual_bounds[number]), number))
    return True
