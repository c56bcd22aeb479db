"""A changed study solved again, with less work and from the plans that are known.

Goes in: `Place`, a study with one choice changed, the options of the study as it is. Comes out:
`Solved` for the first and the last rung. Next: `boundaries.run.sensitivity` compares.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.around import Around, AroundLimits
from boundaries.solve.ladder import solve_options
from boundaries.solve.near import ends_of_ladders, with_anchors
from boundaries.solve.problem import make_problem, plan_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.solve.solved import Progress, Solved
    from boundaries.study import Study

__all__ = ["VARIANT_EFFORT", "solve_variant"]

VARIANT_EFFORT = "quick"
"""Effort of the ladders of variants, whatever the study's own."""

_LIMITS = AroundLimits(0, 0.0, spread=10, patterns=80, units=0, steps=200_000)


def solve_variant(
    place: Place,
    study: Study,
    known: Sequence[Plan],
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[Solved, ...]:
    """Solve a changed study: the first and the last rung of its ladder.

    Parameters
    ----------
    place, study
        The place and the study as changed.
    known
        Plans of the study as it was, one for each of the two rungs; each is a start where it keeps
        the changed rules.
    progress, stop
        As for `boundaries.solve.solve_options`.

    Raises
    ------
    InfeasibleError
        When no plan keeps the changed rules.
    """
    wanted = {"effort": VARIANT_EFFORT, "best_fit": False, "teams_stay": None}
    changed = study.model_copy(update={"options": study.options.model_copy(update=wanted)})
    bare = replace(place, footprints={})
    solved = ends_of_ladders(solve_options(bare, changed, progress=progress, stop=stop))
    ended = stop or (lambda: False)
    better = [_improved(place, study, one, known, ended) for one in solved]
    if len(better) == 2 and better[0].objective < better[1].objective:
        better[1] = replace(better[1], plan=better[0].plan, objective=better[0].objective)
    return tuple(better)


def _improved(
    place: Place, study: Study, one: Solved, known: Sequence[Plan], stop: Callable[[], bool]
) -> Solved:
    """Look around the better of the solved plan and those known."""
    problem = make_problem(place, study.rules, neighbourhoods=one.neighbourhoods, locks=study.locks)
    moves, seed = one.allowed_moves or 0, study.options.seed
    fitting = [plan for plan in known if len(plan.neighbourhoods) == one.neighbourhoods]
    starts = [with_anchors(problem, plan, moves, seed) for plan in (one.plan, *fitting)]
    found = [start for start in starts if start is not None]
    if not found:
        return one
    around = Around(
        problem,
        *max(found, key=lambda start: start[1].served),
        allowed_moves=moves,
        tolerance=study.options.tolerance,
        limits=_LIMITS,
        generator=np.random.default_rng(seed),
        stop=stop,
    )
    around.run()
    best = around.home
    objective = problem.total - best.served
    if objective >= one.objective - 1e-6:
        return one
    proven = one.bound is not None and objective <= one.bound + 1e-6
    return replace(
        one,
        plan=plan_of(problem, best.lsoas, best.items[: len(problem.practices)]),
        objective=objective,
        bound=None if one.bound is None else min(one.bound, objective),
        status="optimal" if proven else "feasible",
    )
