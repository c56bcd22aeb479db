"""A ceiling over all patterns of a rung, where patterns say little or not enough.

Goes in: `Race`, with the best plan so far. Comes out: the race, its bounds lowered to what no plan
of any pattern can serve more of (`boundaries.solve.colgen.bound`). Next:
`boundaries.solve.branch_and_bound.loop` goes on with what is still open.

A rung is bounded with its anchors and moves: before patterns are taken where they say little, after
them where they stay open. A rung that is open even so is bounded by what can be served at most when
everything is free to go anywhere: that holds for every rung, so it is found once for a ladder.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.solve.branch_and_bound.state import Climb, Race
    from boundaries.solve.colgen.bound import Wholes
    from boundaries.solve.heuristics.annealing import Found
    from boundaries.solve.instance import Problem

__all__ = ["AIMS", "lower_ceiling", "says_little", "seek_ceiling"]

AIMS = (0.03, 0.0095, 0.0)
"""A bound is first brought under 3 % above the best plan, then under 1 %, then down to it."""

_MANY = 30.0
"""Seatings of practices with several homes from which patterns say little, as a power of two."""

_SOON = 0.5
"""Share of the work within which prices with anchors ended, for those without to be tried."""

_PLANS = 150
"""Good plans whose neighbourhoods begin the prices."""


def says_little(problem: Problem) -> bool:
    """Whether practices with several homes have more seatings than can be looked at."""
    if not problem.anchored or not len(problem.practices):
        return False
    homes = np.where(problem.pcn_of < 0, problem.neighbourhoods, problem.span[problem.pcn_of])
    return bool(np.log2(homes).sum() >= _MANY)


def lower_ceiling(race: Race, tolerance: float, most_work: float) -> None:
    """Bring the bound of all patterns down towards the aim, with so much work at most.

    Parameters
    ----------
    race
        Its bounds are lowered, and what was done is taken from its work.
    tolerance
        How far above the best plan the aim is, as a share of the misaligned.
    most_work
        Most work.
    """
    best, problem = race.best, race.shared.problem
    if best is None or most_work <= 0:
        return
    aim, done = race.best_and(tolerance), 0.0
    race.lower(race.shared.ceiling)
    if problem.anchored and race.bound > aim + 0.5:
        wholes = race.shared.wholes = race.shared.wholes or _wholes(problem)
        plans = _good_plans(race.shared, best)
        whole = wholes.bound(
            race.allowed_moves,
            plans,
            aim=aim,
            most_work=most_work,
            toll=race.gain,
            stop=race.stop,
        )
        race.lower(whole.bound)
        done = whole.work
    if race.bound > aim + 0.5 and done < _SOON * most_work:
        done += seek_ceiling(race.shared, best, aim, most_work - done, race.bound, race.stop)
        race.lower(race.shared.ceiling)
    race.work -= done
    race.report()


def seek_ceiling(
    shared: Climb,
    best: Found,
    aim: float,
    most_work: float,
    known: float,
    stop: Callable[[], bool],
) -> float:
    """Bring down what any plan can serve without anchors, unless it was tried; return the work.

    It ends where it could not come under the bound that is ``known``; whoever knows less may then
    still seek it.
    """
    if shared.ceiling <= aim or shared.sought <= aim + 0.5 or most_work <= 0:
        return 0.0
    free = shared.free = shared.free or _wholes(replace(shared.problem, anchored=False))
    plans = _good_plans(shared, best)
    whole = free.bound(0, plans, aim=aim, most_work=most_work, known=known, stop=stop)
    shared.ceiling = min(shared.ceiling, whole.bound)
    if not whole.in_vain:
        shared.sought = aim
    return whole.work


def _wholes(problem: Problem) -> Wholes:
    from boundaries.solve.colgen.bound import Wholes  # noqa: PLC0415 - compiles on first use

    return Wholes(problem, bases_first=not says_little(problem))


def _good_plans(shared: Climb, best: Found) -> list[Found]:
    known = [
        one
        for _, plans in sorted(shared.plans.items())
        for one in sorted(plans, key=lambda found: -found.served)[:3]
    ]
    return [best, *sorted(known, key=lambda found: -found.served)[:_PLANS]]
