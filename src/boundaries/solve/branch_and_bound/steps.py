"""The processing steps of a pattern: assignment tree, joint relaxation, annealing, branch and cut.

Goes in: `RungState` and the number of a pattern. Comes out: nothing; plans are offered to the state
and the pattern's dual bound falls. Next: `boundaries.solve.branch_and_bound.loop` says which step a
pattern takes next.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.assignment.bound import (
    AssignmentBound,
    bound_assignments,
    every_item_has_a_home,
)
from boundaries.solve.branch_and_bound.state import entrants
from boundaries.solve.heuristics.annealing import round_shares
from boundaries.solve.heuristics.tournament import Entrant, greedy_start, run_tournament
from boundaries.solve.lp.branch_and_cut import branch_and_cut
from boundaries.solve.lp.joint_relaxation import JointBound, JointRelaxation
from boundaries.solve.patterns.enumerate import MOST_PCNS
from boundaries.solve.patterns.lagrangian import may_go
from boundaries.solve.patterns.multiplier_filter import make_multiplier_filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from boundaries.solve.branch_and_bound.state import LadderState, RungState
    from boundaries.solve.domains import AnchorPattern, Domains
    from boundaries.solve.graph import Separator

__all__ = [
    "MANY",
    "SIDE_BY_SIDE",
    "TREE_RUNS",
    "anneal_highest",
    "borrowed_multipliers",
    "bound_by_joint_relaxation",
    "bound_by_tree",
    "bound_in_parallel",
    "filter_patterns",
    "remember",
    "search_pattern",
    "solve_pattern_mip",
]

_TREE_SHARE = 0.25
"""Most of a rung's work that bounding by the tree one pattern may take."""

MANY = 200
"""Patterns above the target that are worth filtering before they are bounded."""

_FILTER_SHARE = 0.6
"""Most of a rung's work left that filtering its patterns may take."""

_ANNEALINGS = 2
"""Times in a rung that the patterns left by filtering are annealed."""

_LEAF_SHARES = (0.08, 0.4)
"""Most of a rung's work that settling one set of movers may take, the first and second time."""

SIDE_BY_SIDE = 8
"""Patterns that are bounded at a time, whatever the number of cores."""

_NO_DUALS = np.zeros((0, 0))
_LENDERS = 60
"""Patterns that may lend row duals to another."""

_PATTERNS = 2_000
"""Patterns whose row duals are kept."""

_APART = 8
"""Sets with the same movers that are settled one by one the second time."""

TREE_RUNS = len(_LEAF_SHARES)
"""Turns of bounding by the tree that a pattern gets."""


def filter_patterns(state: RungState, target_gap: float) -> None:
    """Fathom patterns with the row duals that are known, all that are above the target."""
    ladder, target = state.ladder, state.target(target_gap)
    if ladder.lagrangian is None or not np.isfinite(target):
        return
    multiplier_filter = ladder.multiplier_filter
    known = multiplier_filter is not None and multiplier_filter.instance is ladder.instance
    if (
        multiplier_filter is None
        or not known
        or multiplier_filter.lagrangian is not ladder.lagrangian
    ):
        multiplier_filter = ladder.multiplier_filter = make_multiplier_filter(
            ladder.instance, ladder.lagrangian
        )
    if multiplier_filter is None:
        return
    above = np.flatnonzero(state.dual_bounds[: len(ladder.lagrangian.table)] > target)
    most_work = _FILTER_SHARE * state.work
    state.work -= multiplier_filter.bound(
        ladder.rows,
        above,
        state.dual_bounds,
        moves=state.allowed_moves,
        target=target,
        out=lambda work: work > most_work or state.stop(),
    )


def anneal_highest(state: RungState, target_gap: float) -> None:
    """Anneal under the patterns that may serve most now: they are others than before."""
    if state.annealings >= _ANNEALINGS:
        return
    state.annealings += 1
    above = np.flatnonzero(state.dual_bounds > state.target(target_gap))
    order = above[np.argsort(-state.dual_bounds[above], kind="stable")][: state.limits.wide]
    starts = (one for pattern in order.tolist() for one in entrants(state, pattern))
    run_tournament(
        state.ladder.instance,
        starts,
        state.limits,
        state.generator,
        offer=state.offer,
        stop=state.stop,
        extra_round=True,
    )


def bound_by_tree(state: RungState, patterns: list[int], target_gap: float) -> None:
    """Fathom sets of movers of some patterns, side by side; walk and solve what is left."""
    ladder, target = state.ladder, state.target(target_gap)
    shares = [_LEAF_SHARES[state.tree_runs.get(pattern, 0)] for pattern in patterns]
    most_work = min(_TREE_SHARE * state.limits.work, state.work)
    able = state.move_bounds is not None and np.isfinite(target)
    all_domains = [state.domains(pattern) if able else None for pattern in patterns]
    row_duals = [
        borrowed_multipliers(ladder.patterns[pattern], ladder.row_duals) for pattern in patterns
    ]
    apart = [0 if share == _LEAF_SHARES[0] else _APART for share in shares]
    bounded = bound_in_parallel(state, all_domains, row_duals, target, most_work, apart)
    for pattern, what in zip(patterns, bounded, strict=True):
        state.tree_runs[pattern] = (
            TREE_RUNS if what is None else state.tree_runs.get(pattern, 0) + 1
        )
        if what is not None:
            remember(ladder, ladder.row_duals, ladder.patterns[pattern], what, _PATTERNS)
            state.work -= what.work
    for pattern, what, share in zip(patterns, bounded, shares, strict=True):
        if what is not None:
            _solve_leaves(state, pattern, what, (target_gap, share), target)


def bound_in_parallel(
    state: RungState,
    all_domains: Sequence[Domains | None],
    row_duals: Sequence[NDArray[np.float64]],
    target: float,
    most_work: float,
    apart: Sequence[int] | None = None,
) -> list[AssignmentBound | None]:
    """Bound what may go where, several side by side; None for what cannot be bounded.

    Each has a bench of its own, and what is found on one is told to the others afterwards
    (`remember`): so it does not matter which is done first, or on how many cores.
    """
    ladder = state.ladder

    def one(at: int) -> AssignmentBound | None:
        free = all_domains[at]
        if free is None or not free.possible or not every_item_has_a_home(ladder.instance, free):
            return None
        return bound_assignments(
            ladder.instance,
            free,
            row_duals[at],
            ladder.contexts[at],
            target=target,
            most_work=most_work,
            stop=state.stop,
            apart=0 if apart is None else apart[at],
        )

    workers = max(1, min(SIDE_BY_SIDE, os.cpu_count() or 1))
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(len(all_domains))))


def remember(
    ladder: LadderState,
    row_duals: dict[AnchorPattern, NDArray[np.float64]],
    key: AnchorPattern,
    bounded: AssignmentBound,
    most: int,
) -> None:
    """Tell every bench, and those that come later, what was found; keep so many row duals."""
    row_duals.pop(key, None)
    row_duals[key] = bounded.row_duals
    for old in list(row_duals)[:-most]:
        del row_duals[old]
    cuts = [cut for _, cut in bounded.cuts]
    ladder.rows.add(cuts)
    for context in ladder.contexts:
        context.pool.add(cuts)


def _solve_leaves(
    state: RungState,
    pattern: int,
    bounded: AssignmentBound,
    effort: tuple[float, float],
    target: float,
) -> None:
    """Walk and solve the sets of movers that are left of a pattern."""
    before = state.incumbent_value
    bound = max(target, bounded.unexplored_bound)
    for leaf, reach in zip(bounded.leaves, bounded.bounds, strict=True):
        now = max(reach, target)
        if now > bound and state.work > 0 and not state.stop():
            now = _solve_leaf(state, pattern, leaf, now, bounded.cuts, effort)
        bound = max(bound, now)
    state.dual_bounds[pattern] = min(state.dual_bounds[pattern], bound)
    if state.incumbent_value > before:
        state.tree_runs[pattern] -= 1  # a better plan is a new turn


def _anneal_briefly(state: RungState, starts: Iterable[Entrant]) -> None:
    small = replace(state.limits, steps=state.limits.steps // 8, promising=2)
    run_tournament(
        state.ladder.instance, starts, small, state.generator, offer=state.offer, stop=state.stop
    )


def borrowed_multipliers(
    key: AnchorPattern, known: Mapping[AnchorPattern, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the row duals of a pattern, or of the one most alike of the last that have any."""
    from boundaries.solve.assignment.dual_descent import most_alike  # noqa: PLC0415 - compiles on first use

    if key in known:
        return known[key]
    lenders = list(known)[-_LENDERS:]
    if not lenders or max(key).bit_length() > MOST_PCNS:
        return _NO_DUALS
    at, order = most_alike(np.array(key, dtype=np.int64), np.array(lenders, dtype=np.int64))
    return known[lenders[at]][:, order]


def _solve_leaf(
    state: RungState,
    pattern: int,
    leaf: Domains,
    bound: float,
    cuts: tuple[tuple[int, Separator], ...],
    effort: tuple[float, float],
) -> float:
    """Walk, then solve, with the practices where they are; return a bound."""
    instance = state.ladder.instance
    lsoas, items = greedy_start(instance, leaf)
    known = max(state.ladder.plans.get(pattern, []), key=lambda f: f.served, default=None)
    if known is not None:
        lsoas = known.lsoas
    free = replace(leaf, lsoas=state.domains(pattern).lsoas)
    target_gap, share = effort
    _anneal_briefly(state, [Entrant(pattern, free, (lsoas, items))])
    target = state.target(target_gap)
    if bound <= target:
        return target
    relaxed = JointBound(
        domains=leaf,
        bound=bound,
        target=target,
        lsoas=np.zeros(leaf.lsoas.shape),
        items=np.zeros(leaf.items.shape),
        cuts=cuts,
    )
    result = branch_and_cut(
        instance,
        relaxed,
        target=target,
        most_work=min(state.work, share * state.limits.work),
        stop=state.stop,
    )
    state.work -= result.work
    state.offer(pattern, result.solution)
    return max(result.bound, target)


def bound_by_joint_relaxation(state: RungState, pattern: int, target_gap: float) -> None:
    """Take the relaxation of a pattern a turn further."""
    ladder = state.ladder
    target = state.target(target_gap)
    relaxation = state.relaxations.get(pattern)
    if relaxation is None or relaxation.target > target:
        free = state.domains(pattern)
        if (
            ladder.lagrangian is not None
            and state.move_bounds is not None
            and state.move_bounds.moves
        ):
            kept = may_go(ladder.instance, ladder.lagrangian, state.move_bounds, pattern, target)
            free = replace(free, items=free.items & kept)
        relaxation = JointRelaxation(ladder.instance, free, ladder.pool, target)
        state.relaxations[pattern] = relaxation
    before = relaxation.work
    relaxation.advance(state.stop)
    state.work -= relaxation.work - before
    # What was fathomed on the way was fathomed for plans above the target only.
    state.dual_bounds[pattern] = min(
        state.dual_bounds[pattern], max(relaxation.now.bound, relaxation.target)
    )
    if relaxation.now.bound <= relaxation.target:
        del state.relaxations[pattern]


def search_pattern(state: RungState, pattern: int) -> None:
    """Anneal from the relaxation and from the plans known."""
    state.searched.add(pattern)
    instance, relaxed, free = (
        state.ladder.instance,
        state.relaxations[pattern].now,
        state.domains(pattern),
    )
    rounded = Entrant(pattern, free, (round_shares(instance, relaxed.lsoas), _stay(free, relaxed)))
    run_tournament(
        instance,
        [rounded, *entrants(state, pattern)],
        state.limits,
        state.generator,
        offer=state.offer,
        stop=state.stop,
    )


def _stay(free: Domains, relaxed: JointBound) -> NDArray[np.int64]:
    """Return items where the relaxation has most of them, without any move."""
    shares = np.where(free.items, relaxed.items + 1.0, 0.0) - 10.0 * free.moves
    return np.asarray(shares.argmax(axis=1), dtype=np.int64)


def solve_pattern_mip(state: RungState, pattern: int, target_gap: float, most_work: float) -> None:
    """Solve a pattern from its relaxation on."""
    result = branch_and_cut(
        state.ladder.instance,
        state.relaxations[pattern].now,
        target=state.target(target_gap),
        most_work=most_work,
        stop=state.stop,
    )
    state.work -= result.work
    state.dual_bounds[pattern] = min(state.dual_bounds[pattern], result.bound)
    state.offer(pattern, result.solution)
