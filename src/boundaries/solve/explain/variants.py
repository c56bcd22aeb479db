"""A changed study solved again, with less work and from the plans that are known.

Goes in: `Place`, a study with one choice changed, plans of the study as it is. Comes out: `Solved`
for the first and the last rung. Next: `boundaries.run.sensitivity` compares.

Nothing is proven here: each rung is looked around from the known plans that keep the changed rules
and from balanced maps drawn anew (`around`, `starts`), as hard as the plans nearly as good are
looked for. Only where that finds no plan at all is the whole ladder solved, which can also say why
there is none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.domains import domains_of
from boundaries.solve.explain.alternatives import ends_of_ladders, look_around, with_anchors
from boundaries.solve.heuristics.annealing import keeps_rules
from boundaries.solve.heuristics.assign_items import assign_items
from boundaries.solve.heuristics.construct import balanced_map, under_pattern
from boundaries.solve.instance import make_instance, plan_of
from boundaries.solve.ladder import solve_options
from boundaries.solve.params import NearOptimalLimits
from boundaries.solve.result import Progress, Solved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.heuristics.annealing import Solution
    from boundaries.solve.instance import Instance
    from boundaries.study import Study

    Start = tuple[AnchorPattern, Solution]

__all__ = ["solve_variant"]

_LIMITS = NearOptimalLimits(0, 0.0, spread=10, patterns=60, units=0, steps=200_000)
_MAPS = 5
_STARTS = 2


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
        The place and the study as changed; one count of neighbourhoods.
    known
        Plans of the study as it was; each is a start where it keeps the changed rules.
    progress
        Called as each rung is begun.
    stop
        Asked now and then; True ends the search with what is known.

    Raises
    ------
    InfeasibleError
        When no plan keeps the changed rules.
    """
    ended = stop or (lambda: False)
    generator = np.random.default_rng(study.options.seed)
    instance = make_instance(
        place, study.rules, neighbourhoods=study.rules.counts[0], locks=study.locks
    )
    rungs = list(dict.fromkeys((0, study.options.max_moves)))
    before: list[Plan] = list(known)
    found = []
    for moves in rungs:
        if progress is not None:
            progress(Progress(f"move-{moves}", None, None, 0.0))
        starts = _starts(instance, before, moves, study, generator)
        if not starts:
            return _whole_ladder(place, study, progress, stop)
        one = _best_around(instance, starts, moves, study, ended)
        before.append(one.plan)
        found.append(one)
    return tuple(found)


def _whole_ladder(
    place: Place,
    study: Study,
    progress: Callable[[Progress], None] | None,
    stop: Callable[[], bool] | None,
) -> tuple[Solved, ...]:
    wanted = {"effort": "quick", "best_fit": False, "teams_stay": None}
    changed = study.model_copy(update={"options": study.options.model_copy(update=wanted)})
    bare = replace(place, footprints={})
    return tuple(ends_of_ladders(solve_options(bare, changed, progress=progress, stop=stop)))


def _starts(
    instance: Instance, known: Sequence[Plan], moves: int, study: Study, chance: np.random.Generator
) -> list[Start]:
    """Return known plans and drawn maps that keep the rules, the best first."""
    seed = study.options.seed
    fitting = [plan for plan in known if len(plan.neighbourhoods) == instance.neighbourhoods]
    starts = [with_anchors(instance, plan, moves, seed) for plan in fitting]
    for _ in range(_MAPS):
        lsoas = balanced_map(instance, chance)
        assigned = None
        if lsoas is not None:
            assigned = assign_items(instance, lsoas, allowed_moves=moves, seed=seed)
        if assigned is None:
            continue
        pattern, found = under_pattern(instance, assigned)
        free = domains_of(instance, pattern, moves)
        if keeps_rules(instance, free, found.lsoas, found.items):
            starts.append((pattern, found))
    good = [start for start in starts if start is not None]
    return sorted(good, key=lambda start: -start[1].served)[:_STARTS]


def _best_around(
    instance: Instance,
    starts: Sequence[Start],
    moves: int,
    study: Study,
    stop: Callable[[], bool],
) -> Solved:
    best = starts[0][1]
    for start in starts:
        around = look_around(instance, start, study, allowed_moves=moves, limits=_LIMITS, stop=stop)
        best = max((best, around.home), key=lambda found: found.served)
    return Solved(
        option_id=f"move-{moves}",
        family="ladder",
        plan=plan_of(instance, best.lsoas, best.items[: len(instance.practices)]),
        objective=instance.total - best.served,
        bound=None,
        status="feasible",
        allowed_moves=moves,
        neighbourhoods=instance.neighbourhoods,
        seconds=0.0,
    )
