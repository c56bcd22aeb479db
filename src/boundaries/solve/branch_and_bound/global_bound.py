"""A global bound over all patterns of a rung, where patterns say little or not enough.

Goes in: `RungState`, with the best plan so far. Comes out: the race, its bounds lowered to what no
plan of any pattern can serve more of (`boundaries.solve.colgen.bound`). Next:
`boundaries.solve.branch_and_bound.loop` goes on with what is still open.

A rung is bounded with its anchors and moves: before patterns are taken where they say little, after
them where they stay open. A rung that is open even so is bounded by what can be served at most when
everything is free to go anywhere: that holds for every rung, so it is found once for a ladder.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.params import BY_LEADER

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.solve.branch_and_bound.state import LadderState, RungState
    from boundaries.solve.colgen.bound import ColumnGeneration
    from boundaries.solve.colgen.by_leader import BoundByLeader
    from boundaries.solve.heuristics.annealing import Solution
    from boundaries.solve.instance import Instance

__all__ = ["TARGET_GAPS", "has_too_many_assignments", "seek_global_bound", "tighten_global_bound"]

TARGET_GAPS = (0.03, 0.0095, 0.0)
"""A bound is first brought under 3 % above the best plan, then under 1 %, then down to it."""

_MANY = 30.0
"""Splits of practices with several homes from which patterns say little, as a power of two."""

_SOON = 0.5
"""Share of the work within which multipliers with anchors ended, for those without to be tried."""

_PLANS = 150
"""Good plans whose neighbourhoods begin the multipliers."""


def has_too_many_assignments(instance: Instance) -> bool:
    """Whether practices with several homes have more splits than can be looked at."""
    if not instance.anchored or not len(instance.practices):
        return False
    homes = np.where(instance.pcn_of < 0, instance.neighbourhoods, instance.span[instance.pcn_of])
    return bool(np.log2(homes).sum() >= _MANY)


def tighten_global_bound(state: RungState, target_gap: float, most_work: float) -> None:
    """Bring the bound of all patterns down towards the target, with so much work at most.

    Parameters
    ----------
    state
        Its bounds are lowered, and what was done is taken from its work.
    target_gap
        How far above the best plan the target is, as a share of the misaligned.
    most_work
        Most work.
    """
    best, instance = state.incumbent, state.ladder.instance
    if best is None or most_work <= 0:
        return
    target, done = state.above_incumbent(target_gap), 0.0
    state.cap_at(state.ladder.global_bound)
    done += _bound_by_leader(state, best, target, most_work)
    if instance.anchored and state.bound > target + 0.5 and not state.stop():
        colgen = state.ladder.colgen = state.ladder.colgen or _new_colgen(instance)
        plans = _good_plans(state.ladder, best)
        bounded = colgen.bound(
            state.allowed_moves,
            plans,
            target=target,
            most_work=most_work,
            move_dual=state.gain,
            stop=state.stop,
        )
        state.cap_at(bounded.bound)
        done += bounded.work
    if state.bound > target + 0.5 and done < _SOON * most_work and not state.stop():
        done += seek_global_bound(
            state.ladder, best, target, most_work - done, state.bound, state.stop
        )
        state.cap_at(state.ladder.global_bound)
    state.work -= done
    state.report()


def _bound_by_leader(state: RungState, best: Solution, target: float, most_work: float) -> float:
    """Bound a rung by who leads its neighbourhoods, once, where patterns do not; return the work.

    However little time there is, it says something.
    """
    ladder = state.ladder
    silent = ladder.unlisted_bound == np.inf or has_too_many_assignments(ladder.instance)
    if not ladder.instance.anchored or not silent or state.led:
        return 0.0
    state.led = True
    ladder.by_leader = ladder.by_leader or _new_by_leader(ladder.instance)
    work = ladder.by_leader.bound(
        state.allowed_moves,
        best,
        target=target,
        most_work=BY_LEADER.share * most_work,
        move_dual=state.gain,
        stop=state.stop,
    )
    state.cap_at(ladder.by_leader.most_served(state.allowed_moves))
    state.report()
    return work


def seek_global_bound(
    ladder: LadderState,
    best: Solution,
    target: float,
    most_work: float,
    known: float,
    stop: Callable[[], bool],
) -> float:
    """Bring down what any plan can serve without anchors, unless it was tried; return the work.

    It ends where it could not come under the bound that is ``known``; whoever knows less may then
    still seek it.
    """
    if ladder.global_bound <= target or ladder.global_target <= target + 0.5 or most_work <= 0:
        return 0.0
    soon = ladder.instance.people.size > BY_LEADER.large or stop()  # one look says something
    if soon and not ladder.instance.anchored and ladder.by_leader is None:
        ladder.by_leader = _new_by_leader(ladder.instance)
        work = ladder.by_leader.bound(
            0, best, target=target, most_work=BY_LEADER.share * most_work, move_dual=0.0, stop=stop
        )
        ladder.global_bound = min(ladder.global_bound, ladder.by_leader.most_served(0))
        return work + seek_global_bound(ladder, best, target, most_work - work, known, stop)
    if stop():
        return 0.0
    free = ladder.free_colgen = ladder.free_colgen or _new_colgen(
        replace(ladder.instance, anchored=False)
    )
    plans = _good_plans(ladder, best)
    bounded = free.bound(0, plans, target=target, most_work=most_work, known=known, stop=stop)
    ladder.global_bound = min(ladder.global_bound, bounded.bound)
    if not bounded.abandoned:
        ladder.global_target = target
    return bounded.work


def _new_by_leader(instance: Instance) -> BoundByLeader:
    from boundaries.solve.colgen.by_leader import BoundByLeader  # noqa: PLC0415 - compiles on first use

    return BoundByLeader(instance)


def _new_colgen(instance: Instance) -> ColumnGeneration:
    from boundaries.solve.colgen.bound import ColumnGeneration  # noqa: PLC0415 - compiles on first use

    return ColumnGeneration(instance, anchors_first=not has_too_many_assignments(instance))


def _good_plans(ladder: LadderState, best: Solution) -> list[Solution]:
    known = [
        one
        for _, plans in sorted(ladder.plans.items())
        for one in sorted(plans, key=lambda solution: -solution.served)[:3]
    ]
    return [best, *sorted(known, key=lambda solution: -solution.served)[:_PLANS]]
