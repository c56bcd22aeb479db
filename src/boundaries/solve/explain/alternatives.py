"""Near-optimal plans: what else is nearly as good, and what can be shown to stay.

Goes in: `Place`, the study, and the options that were solved. Comes out: `Near` for the first and
the last rung of every ladder: plans that keep every rule, are within the study's tolerance of the
best objective known, and differ as much as could be found; and what every LSOA and practice would
cost elsewhere at least. Next: `boundaries.run.near` has each plan measured and refereed by code
that shares nothing with this package, before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.domains import domains_of
from boundaries.solve.explain.near_optimal import NearOptimalSearch
from boundaries.solve.heuristics.annealing import Solution, keeps_rules
from boundaries.solve.heuristics.assign_items import assign_items
from boundaries.solve.heuristics.construct import under_pattern
from boundaries.solve.instance import make_instance, plan_of
from boundaries.solve.params import NearOptimalLimits
from boundaries.solve.result import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.instance import Instance
    from boundaries.solve.result import Solved
    from boundaries.study import Study

__all__ = [
    "Near",
    "better_options",
    "ends_of_ladders",
    "find_near_plans",
    "look_around",
    "with_anchors",
]

_LIMITS = {
    "quick": NearOptimalLimits(0, 0.0, spread=6, patterns=20, units=60, steps=30_000),
    "standard": NearOptimalLimits(12, 8.0, spread=40, patterns=150, units=400, steps=500_000),
    "thorough": NearOptimalLimits(
        60, 200.0, spread=150, patterns=600, units=2_000, steps=2_000_000
    ),
}


_QUICK_PLANS = 10
"""Plans of a rung that a quick look keeps: each is measured and refereed, which takes longest."""


_WORK = 5.0
"""Deterministic time in which the anchors of a plan that is known are found."""


@dataclass(frozen=True)
class Near:
    """What was found around one option.

    Parameters
    ----------
    option_id
        The option.
    neighbourhoods, allowed_moves
        How many neighbourhoods, and most practices that may move.
    tolerance
        Plans within this share of the best objective are nearly as good.
    best
        The best objective known.
    plans, objectives
        Plans that differ, and the objective of each; the first is the option's own, or a better
        one that was found on the way.
    at_least
        For LSOAs and practices by their code: what a plan with the same PCNs based in the same
        neighbourhoods costs more than the best at least, when the unit is elsewhere.
    stays
        Codes of those for which that is more than the tolerance: shown to stay.
    """

    option_id: str
    neighbourhoods: int
    allowed_moves: int
    tolerance: float
    best: float
    plans: tuple[Plan, ...]
    objectives: tuple[float, ...]
    at_least: dict[str, float]
    stays: frozenset[str]


def find_near_plans(
    place: Place,
    study: Study,
    solved: Sequence[Solved],
    *,
    quick: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[Near, ...]:
    """Look for plans that are nearly as good as the options and differ from them.

    Parameters
    ----------
    place, study
        The place, and its rules, locks and options: ``options.settled`` is how many plans are kept
        for a rung (0: none is looked for), ``options.tolerance`` how good they must be.
    solved
        The options, from `boundaries.solve.solve_options`.
    quick
        Look only a little, and prove nothing.
    progress
        Called as each rung is begun and ended.
    stop
        Asked now and then; once it says True, what is known so far is returned.

    Returns
    -------
    tuple[Near, ...]
        For the first and the last rung of the ladder, for each count of neighbourhoods.
    """
    if study.options.settled == 0:
        return ()
    ended = stop or (lambda: False)
    limits = _LIMITS["quick" if quick else study.options.effort]
    most = min(_QUICK_PLANS, study.options.settled) if quick else study.options.settled
    found = []
    for one in ends_of_ladders(solved):
        if ended():
            break
        if progress is not None:
            progress(Progress(one.option_id, one.objective, one.bound, 0.0))
        near = _around(place, study, one, limits, ended, most=most)
        if near is not None:
            found.append(near)
    return tuple(found)


def better_options(solved: Sequence[Solved], nears: Sequence[Near]) -> tuple[Solved, ...]:
    """Return the options, with a better plan where looking around has met one.

    A plan with few moves is one with more moves allowed, too, and one for the best fit.
    """
    found = []
    for one in solved:
        better = [
            (near.objectives[0], number)
            for number, near in enumerate(nears)
            if one.family in ("ladder", "best-fit")
            and near.neighbourhoods == one.neighbourhoods
            and (one.allowed_moves is None or near.allowed_moves <= one.allowed_moves)
        ]
        objective, number = min(better, default=(one.objective, 0))
        if objective < one.objective - 1e-6:
            proven = one.bound is not None and objective <= one.bound + 1e-6
            found.append(
                replace(
                    one,
                    plan=nears[number].plans[0],
                    objective=objective,
                    bound=None if one.bound is None else min(one.bound, objective),
                    status="optimal" if proven else "feasible",
                )
            )
        else:
            found.append(one)
    return tuple(found)


def ends_of_ladders(solved: Sequence[Solved]) -> list[Solved]:
    """Return the first and the last rung for each count of neighbourhoods."""
    ladder: dict[int, list[Solved]] = {}
    for one in solved:
        if one.family == "ladder":
            ladder.setdefault(one.neighbourhoods, []).append(one)
    return [one for rungs in ladder.values() for one in (rungs[:1] + rungs[1:][-1:])]


def _around(
    place: Place,
    study: Study,
    one: Solved,
    limits: NearOptimalLimits,
    stop: Callable[[], bool],
    *,
    most: int,
) -> Near | None:
    instance = make_instance(
        place, study.rules, neighbourhoods=one.neighbourhoods, locks=study.locks
    )
    moves = one.allowed_moves or 0
    start = with_anchors(instance, one.plan, moves, study.options.seed)
    if start is None:
        return None
    around = look_around(instance, start, study, allowed_moves=moves, limits=limits, stop=stop)
    return _in_codes(around, one.option_id, most)


def look_around(
    instance: Instance,
    start: tuple[AnchorPattern, Solution],
    study: Study,
    *,
    allowed_moves: int,
    limits: NearOptimalLimits,
    stop: Callable[[], bool],
) -> NearOptimalSearch:
    """Look around a plan with the study's tolerance and seed; return what is known then."""
    around = NearOptimalSearch(
        instance,
        *start,
        allowed_moves=allowed_moves,
        tolerance=study.options.tolerance,
        limits=limits,
        generator=np.random.default_rng(study.options.seed),
        stop=stop,
    )
    around.run()
    return around


def with_anchors(
    instance: Instance, plan: Plan, moves: int, seed: int
) -> tuple[AnchorPattern, Solution] | None:
    """Return a pattern of anchors under which the plan keeps the rules, and the plan under it."""
    at = {label: position for position, label in enumerate(plan.neighbourhoods)}
    lsoas = np.array([at[label] for label in plan.lsoas.reindex(list(instance.lsoas))])
    known = np.array([at[label] for label in plan.practices.reindex(list(instance.practices))])
    assigned = assign_items(
        instance, lsoas, allowed_moves=moves, seed=seed, work=_WORK, known=known
    )
    if assigned is None:
        return None
    pcn_sets = tuple(
        sum(1 << int(pcn) for pcn in np.flatnonzero(column)) for column in assigned.anchored_in.T
    )
    for pattern, found in (under_pattern(instance, assigned), (pcn_sets, assigned.solution)):
        free = domains_of(instance, pattern, moves)
        if keeps_rules(instance, free, found.lsoas, found.items):
            return pattern, found
    return None


def _in_codes(around: NearOptimalSearch, option_id: str, most: int) -> Near:
    instance = around.instance
    codes = (*instance.lsoas, *instance.practices)
    found = _chosen([around.home, *around.near()], len(instance.practices), most)
    least = np.concatenate([around.lsoas_least, around.items_least]).tolist()
    held = np.concatenate(around.proven()).tolist()
    return Near(
        option_id=option_id,
        neighbourhoods=instance.neighbourhoods,
        allowed_moves=around.allowed_moves,
        tolerance=around.tolerance,
        best=instance.total - around.best,
        plans=tuple(
            plan_of(instance, one.lsoas, one.items[: len(instance.practices)]) for one in found
        ),
        objectives=tuple(instance.total - one.served for one in found),
        at_least=dict(zip(codes, least, strict=True)),
        stays=frozenset(code for code, sure in zip(codes, held, strict=True) if sure),
    )


def _chosen(found: list[Solution], practices: int, most: int) -> list[Solution]:
    """Return the first plan, then at most so many others: first those that show most new."""
    home, *others = found
    apart = [
        np.concatenate([one.lsoas != home.lsoas, (one.items != home.items)[:practices]])
        for one in others
    ]
    seen = np.zeros(len(home.lsoas) + practices, dtype=bool)
    chosen, left = [home], list(range(len(others)))
    while left and len(chosen) <= most:
        new = max(left, key=lambda number: (int((apart[number] & ~seen).sum()), -number))
        left.remove(new)
        seen |= apart[new]
        chosen.append(others[new])
    return chosen
