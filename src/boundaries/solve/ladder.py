"""Every option of a run: the ladder of moves, the best fit, the given maps.

Goes in: `Place`, the study's rules, locks and options. Comes out: `Solved` for every option.
Next: `boundaries.pipeline` has each one measured and refereed by code that shares nothing with
this package.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Literal

import numpy as np

from boundaries.errors import InfeasibleError
from boundaries.solve.branch_and_bound.global_bound import TARGET_GAPS, seek_global_bound
from boundaries.solve.branch_and_bound.incumbent import best_known
from boundaries.solve.branch_and_bound.loop import RungResult, begin_ladder, solve_rung
from boundaries.solve.branch_and_bound.state import EQUAL
from boundaries.solve.branch_and_bound.warm_up import warm_up
from boundaries.solve.heuristics.annealing import Solution, served_people
from boundaries.solve.heuristics.assign_items import ItemAssignment, assign_items
from boundaries.solve.infeasibility import explain_infeasibility
from boundaries.solve.instance import make_instance, plan_of, without
from boundaries.solve.params import limits_for
from boundaries.solve.result import Progress, Solved, propagate_bounds

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from boundaries.place import Place
    from boundaries.solve.branch_and_bound.state import LadderState
    from boundaries.solve.instance import Instance
    from boundaries.solve.params import Limits
    from boundaries.study import Study

__all__ = ["solve_options"]

_QUICK_SECONDS, _QUICK_LSOAS, _MOST_QUICK = 10.0, 50.0, 15.0
"""Seconds of a quick look at an option; LSOAs to a second where that is more; seconds at most."""

_FOR_PLANS = 0.4
"""Share of a quick look's seconds after which the rest is for bounds."""

_NO_BONDS = frozenset({"bonds"})
_ALIGNMENT_ALONE = frozenset({"teams", "bonds"})
"""What the objectives of `closest` and `best-fit` leave out (model, section 5)."""

Family = Literal["ladder", "closest", "best-fit", "teams-stay", "footprint"]


def solve_options(
    place: Place,
    study: Study,
    *,
    quick: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[Solved, ...]:
    """Propose every option that the study asks for.

    Parameters
    ----------
    place
        The checked place.
    study
        Its rules, locks and options.
    quick
        A quick look: the least effort, and ten to fifteen seconds of the clock for each option.
    progress
        Called whenever the best plan or the bound of an option gets better.
    stop
        Asked now and then; once it says True, what is known so far is returned.

    Returns
    -------
    tuple[Solved, ...]
        The ladder, then the best fit, then the given maps; for every count of neighbourhoods.

    Raises
    ------
    InfeasibleError
        When no count of neighbourhoods has a plan that keeps the rules.
    """
    size = len(place.lsoas)
    seconds = min(_MOST_QUICK, max(_QUICK_SECONDS, size / _QUICK_LSOAS)) if quick else None
    talk = _Talk(progress, stop, seconds=seconds)
    least, most = study.rules.counts
    limits = limits_for("quick" if quick else study.options.effort, size)
    solved: list[Solved] = []
    reasons: list[str] = []
    for count in range(least, most + 1):
        instance = make_instance(place, study.rules, neighbourhoods=count, locks=study.locks)
        suffix = f"-k{count}" if most > least else ""
        found = _solve_count(instance, study, limits, suffix, talk)
        if not found:
            reasons += explain_infeasibility(place, study, neighbourhoods=count, stop=talk.ended)
        solved += found
        if talk.ended():
            break
    if reasons and not solved:
        raise InfeasibleError("No plan can keep the rules. " + " ".join(reasons), tuple(reasons))
    return (*solved, *_solve_maps(place, study, talk))


class _Talk:
    """Where progress is told and whether to stop is asked."""

    def __init__(
        self,
        progress: Callable[[Progress], None] | None,
        stop: Callable[[], bool] | None,
        *,
        seconds: float | None,
    ) -> None:
        self._progress = progress
        self.ended: Callable[[], bool] = stop or (lambda: False)
        self._seconds = seconds
        self.begun = monotonic()

    def stop(self) -> bool:
        """Whether this option is to end: somebody said so, or a quick look is over."""
        return self.ended() or (self._seconds is not None and self.seconds > self._seconds)

    def hurry(self) -> bool:
        """Whether the search for plans is to leave the rest of the time to bounds."""
        over = self._seconds is not None and self.seconds > _FOR_PLANS * self._seconds
        return over or self.ended()

    def begin(self) -> None:
        """Start the clock of an option."""
        self.begun = monotonic()

    @property
    def seconds(self) -> float:
        return monotonic() - self.begun

    def teller(self, option_id: str) -> Callable[[float | None, float | None], None]:
        def tell(best: float | None, bound: float | None) -> None:
            if self._progress is not None:
                self._progress(Progress(option_id, best, bound, self.seconds))

        return tell


def _solve_count(
    instance: Instance, study: Study, limits: Limits, suffix: str, talk: _Talk
) -> list[Solved]:
    options = study.options
    generator = np.random.default_rng(options.seed)
    warm_up()
    talk.begin()
    ladder = begin_ladder(instance)
    solved: list[Solved] = []
    best: Solution | None = None
    for moves in range(options.max_moves + 1):
        option_id = f"move-{moves}{suffix}"
        rung = solve_rung(
            ladder,
            moves,
            limits=limits,
            generator=generator,
            tell=talk.teller(option_id),
            stop=talk.stop,
            hurry=talk.hurry,
        )
        if rung.solution is None:
            continue
        best = rung.solution
        solved.append(_as_solved(instance, rung, option_id, "ladder", moves, talk.seconds))
        if talk.ended():
            return _reconcile(ladder, solved)
        talk.begin()
    solved = _reconcile(ladder, solved)
    if best is not None and instance.graph.bond.any():
        closest = _closest(ladder, options.max_moves, limits, generator, suffix, talk)
        solved += [] if closest is None else [closest]
        talk.begin()
    if options.best_fit and best is not None:
        solved.append(_best_fit(ladder, best, limits, generator, suffix, talk))
    return solved


def _reconcile(ladder: LadderState, rungs: list[Solved]) -> list[Solved]:
    """Return the ladder with the plans and the bounds that later rungs found for earlier ones."""
    instance = ladder.instance

    def known(rung: Solved) -> float | None:
        proofs = [proof for proof in (ladder.colgen, ladder.by_leader) if proof is not None]
        served = [proof.most_served(rung.allowed_moves or 0) for proof in proofs]
        bound = float(instance.total - min(served, default=np.inf))
        return bound if bound > 0.0 else None  # else it says nothing

    rungs = [_with_best(ladder, rung) for rung in rungs]
    return propagate_bounds([rung.with_bound(known(rung), instance.step) for rung in rungs])


def _with_best(ladder: LadderState, rung: Solved) -> Solved:
    """Return a rung with the best plan of its moves, whichever rung found it."""
    if rung.status == "optimal":
        return rung
    instance, found = ladder.instance, best_known(ladder, rung.allowed_moves or 0)
    if found is None or instance.total - found.served > rung.objective - EQUAL:
        return rung
    better = replace(
        rung,
        plan=plan_of(instance, found.lsoas, found.items[: len(instance.practices)]),
        objective=instance.total - found.served,
        bound=None,
    )
    return better.with_bound(rung.bound, instance.step)


def _as_solved(
    instance: Instance,
    rung: RungResult,
    option_id: str,
    family: Family,
    moves: int | None,
    seconds: float,
) -> Solved:
    found = rung.solution
    assert found is not None  # noqa: S101 - callers have checked
    objective = instance.total - found.served
    bound = None if rung.bound is None else max(0.0, instance.total - rung.bound)
    if bound == 0.0 and not rung.proven:
        bound = None  # says nothing
    return Solved(
        option_id=option_id,
        family=family,
        plan=plan_of(instance, found.lsoas, found.items[: len(instance.practices)]),
        objective=objective,
        bound=None if bound is None else min(bound, objective),
        status="optimal" if rung.proven else "feasible",
        allowed_moves=moves,
        neighbourhoods=instance.neighbourhoods,
        seconds=seconds,
    )


def _closest(
    ladder: LadderState,
    moves: int,
    limits: Limits,
    generator: np.random.Generator,
    suffix: str,
    talk: _Talk,
) -> Solved | None:
    """Solve the last rung once more as if no bond cost anything; None without a plan."""
    instance, left_out = without(ladder.instance, _NO_BONDS), _NO_BONDS
    field, known = begin_ladder(instance), dict(ladder.plans)
    numbers = {pattern: number for number, pattern in enumerate(field.patterns)}
    for number, pattern in enumerate(ladder.patterns):
        if number in known and pattern not in numbers and field.unlisted_bound > -np.inf:
            numbers[pattern] = len(field.patterns)
            field.patterns.append(pattern)
        if number in known and pattern in numbers:
            field.plans[numbers[pattern]] = [_counted(instance, one) for one in known[number]]
    option_id = f"closest{suffix}"
    rung = solve_rung(
        field,
        moves,
        limits=limits,
        generator=generator,
        tell=talk.teller(option_id),
        stop=talk.stop,
        hurry=talk.hurry,
    )
    last = best_known(ladder, moves)
    best = None if last is None else _counted(instance, last)
    if best is not None and (rung.solution is None or best.served > rung.solution.served):
        rung = replace(rung, solution=best, proven=False)  # a quick look is over before it is met
    if rung.solution is None:
        return None
    seconds = talk.seconds
    solved = _as_solved(instance, rung, option_id, "closest", moves, seconds)
    return replace(solved, left_out=left_out)


def _counted(instance: Instance, found: Solution) -> Solution:
    """Return a plan with what it serves in a place whose objective leaves something out."""
    items = found.items[: len(instance.people)]
    return Solution(found.lsoas, items, served_people(instance, found.lsoas, items))


def _best_fit(
    ladder: LadderState,
    start: Solution,
    limits: Limits,
    generator: np.random.Generator,
    suffix: str,
    talk: _Talk,
) -> Solved:
    """Solve for alignment alone: no teams, no bonds, any number of moves, no floors."""
    instance = without(ladder.instance, _ALIGNMENT_ALONE)
    locked = bool(instance.links.anchored or instance.links.pcns)
    if locked:  # locks that name a PCN hold where it is anchored: any number of moves, no floors
        instance = replace(instance, floor=np.zeros_like(instance.floor))
        field = begin_ladder(instance)
    else:
        instance = replace(instance, anchored=False)
        field = replace(begin_ladder(instance), plans={0: [_counted(instance, start)]})
    option_id = f"best-fit{suffix}"
    rung = solve_rung(
        field,
        len(instance.practices) if locked else 0,
        limits=replace(limits, work=0.0),  # searched only: the global bound bounds it
        generator=generator,
        tell=talk.teller(option_id),
        stop=talk.stop,
        hurry=talk.hurry,
    )
    if rung.solution is None:
        rung = RungResult(_counted(instance, start), None, proven=False)
    rung = _under_global_bound(field, rung, limits, talk)
    solved = _as_solved(instance, rung, option_id, "best-fit", None, talk.seconds)
    return replace(solved, left_out=_ALIGNMENT_ALONE)


def _under_global_bound(
    ladder: LadderState, rung: RungResult, limits: Limits, talk: _Talk
) -> RungResult:
    """Return the best fit with what no plan can serve more of, whatever its anchors and moves."""
    found, total = rung.solution, ladder.instance.total
    if found is None:
        return rung
    work = limits.work
    for target_gap in TARGET_GAPS:
        target = found.served + target_gap * (total - found.served)
        work -= seek_global_bound(ladder, found, target, work, ladder.global_bound, talk.stop)
    if not np.isfinite(ladder.global_bound):
        return replace(rung, bound=None, proven=False)
    proven = ladder.global_bound < found.served + ladder.instance.step
    return replace(rung, bound=found.served if proven else ladder.global_bound, proven=proven)


def _solve_maps(place: Place, study: Study, talk: _Talk) -> list[Solved]:
    solved = []
    given, layer = place.footprints.get("given"), study.options.teams_stay
    if given is not None:
        moves = study.options.max_moves
        solved += _solve_map(place, study, given, ("footprint", moves), talk)
    if layer is not None and layer in place.teams:
        solved += _solve_map(place, study, _teams_of(place, layer), ("teams-stay", None), talk)
    return solved


def _teams_of(place: Place, layer: str) -> pd.Series[str]:
    """Return the team that holds most of each LSOA (ties by name); LSOAs without one go alone."""
    shares = place.teams[layer].shares.sort_values(
        ["lsoa_code", "share", "team"], ascending=[True, False, True], kind="stable"
    )
    team = shares.drop_duplicates("lsoa_code").set_index("lsoa_code")["team"]
    return team.reindex(place.lsoas.index)


def _on_lines(
    instance: Instance, lsoas: NDArray[np.int64], moves: int | None, seed: int
) -> tuple[ItemAssignment, int | None]:
    """Return the best practices on given lines, and how many may move.

    Where the rules ask for more moves than are allowed, any number; where they cannot be kept on
    these lines at all, each practice sits where most of its patients live, and no bound is claimed.
    """
    for allowed in dict.fromkeys((moves, None)):
        assigned = assign_items(instance, lsoas, allowed_moves=allowed, seed=seed)
        if assigned is not None:
            return assigned, allowed
    inside = (lsoas[:, None] == np.arange(instance.neighbourhoods)[None, :]).astype(float)
    items = (instance.people @ inside).argmax(axis=1)
    solution = Solution(lsoas.copy(), items, served_people(instance, lsoas, items))
    nowhere = np.zeros((len(instance.pcns), instance.neighbourhoods), dtype=bool)
    return ItemAssignment(solution, np.inf, proven=False, anchored_in=nowhere), None


def _solve_map(
    place: Place,
    study: Study,
    names: pd.Series[str],
    kind: tuple[Literal["footprint", "teams-stay"], int | None],
    talk: _Talk,
) -> list[Solved]:
    family, moves = kind
    talk.begin()
    labels = sorted(set(names.dropna().astype(str)))
    instance = make_instance(place, study.rules, neighbourhoods=len(labels), locks=study.locks)
    positions = {label: position for position, label in enumerate(labels)}
    wanted = names.reindex(list(instance.lsoas))
    if wanted.isna().any():
        return []
    lsoas = np.array([positions[str(name)] for name in wanted], dtype=np.int64)
    assigned, moves = _on_lines(instance, lsoas, moves, study.options.seed)
    bound = None if np.isinf(assigned.bound) else instance.total - assigned.bound
    objective = instance.total - assigned.solution.served
    plan = plan_of(instance, lsoas, assigned.solution.items[: len(instance.practices)])
    numbers = {}
    for code, label in zip(instance.lsoas, lsoas.tolist(), strict=True):
        numbers[plan.lsoas[code]] = labels[label]
    return [
        Solved(
            option_id=family,
            family=family,
            plan=plan.relabelled(numbers),
            objective=objective,
            bound=objective if assigned.proven else bound,
            status="optimal" if assigned.proven else "feasible",
            allowed_moves=moves,
            neighbourhoods=len(labels),
            seconds=talk.seconds,
        )
    ]
