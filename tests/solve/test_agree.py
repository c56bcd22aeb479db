"""The solver against trying everything, on small made-up places of every awkward kind.

Whatever work it is given, a plan is never better than the optimum, a bound never above it, and what
is called proven is the optimum exactly, or that there is no plan. In the fast suite most places are
given too little work for a proof; `slow` has ten times as many, with ten times the work.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.errors import InfeasibleError
from boundaries.run.options import labels_of, solved_option
from boundaries.solve import solve_options
from boundaries.solve.branch_and_bound.loop import begin_ladder, solve_rung
from boundaries.solve.heuristics.assign_items import assign_items
from boundaries.solve.lp import fixed_assignment as fixed
from boundaries.solve.params import Limits
from boundaries.solve.patterns import move_multipliers as moved
from boundaries.solve.work import work_of

CLOSE = 1e-3
LITTLE, MORE, ENOUGH = (
    Limits(work=work, steps=300, wide=20, promising=1) for work in (0.3, 3.0, 1e6)
)


def solve(instance, rungs, limits, *, asks=None):
    """Climb some rungs; with ``asks`` everything is stopped after so many questions."""
    ladder, chance, asked = begin_ladder(instance), np.random.default_rng(1), []

    def stop() -> bool:
        asked.append(True)
        return asks is not None and len(asked) > asks

    return [solve_rung(ladder, n, limits=limits, generator=chance, stop=stop) for n in rungs]


def check(instance, rung, truth):
    """Hold what a rung says against the optimum."""
    objective = brute.NOTHING if rung.solution is None else instance.total - rung.solution.served
    assert objective >= truth - CLOSE
    if rung.bound is not None:
        assert instance.total - rung.bound <= truth + CLOSE
    if rung.proven:
        assert objective == pytest.approx(truth, abs=CLOSE)
    return objective


def agree(seed, limits, make=made.made_instance):
    """One rung of a place; of some places the whole ladder, and some are stopped midway."""
    instance = make(seed)
    truth = brute.best_by_trying(instance)
    rungs = range(4) if seed % 7 == 0 else [seed % 4]
    solved = solve(instance, rungs, limits, asks=seed % 11 if seed % 5 == 0 else None)
    objectives = [check(instance, rung, truth[n]) for n, rung in zip(rungs, solved, strict=True)]
    assert objectives == sorted(objectives, reverse=True)


def prove(seed, lsoas):
    """A place is solved to the end: the optimum, or the proof that there is no plan."""
    instance = made.made_instance(seed, lsoas=lsoas)
    (rung,) = solve(instance, [seed % 4], ENOUGH)
    assert rung.proven
    check(instance, rung, brute.best_by_trying(instance)[seed % 4])


def match(seed):
    """Practices for a map drawn by anybody, in pieces and out of the band as it may be."""
    instance = made.made_instance(seed)
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, instance.neighbourhoods, len(instance.lsoas))
    locked = [p for p in instance.links.points if max(p[:2]) < len(labels)]
    if any((labels[a] == labels[b]) != together for a, b, together in locked):
        labels = brute.cuts(instance)[:1].reshape(-1)
        if not len(labels):
            return
    moves = [0, 1, 2, 3, None][seed % 5]
    most = len(instance.practices) if moves is None else moves
    truth = brute.best_match(instance, labels, most_moves=most)[most]
    assigned = assign_items(instance, labels, allowed_moves=moves)
    if assigned is None:
        assert truth == brute.NOTHING
        return
    assert assigned.proven
    assert instance.total - assigned.solution.served == pytest.approx(truth, abs=CLOSE)
    assert instance.total - assigned.bound <= truth + CLOSE


def referee_agrees(seed):
    """Through the package's door: the referee accepts every option that the solver proposes."""
    instance = made.made_instance(seed)
    truth = brute.best_by_trying(instance)
    place, study = made.made_place(instance)
    asked = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 40

    solved, said = (), ""
    try:
        solved = solve_options(place, study, stop=stop)
    except InfeasibleError as error:
        said = str(error)
    assert solved or min(truth) == brute.NOTHING or "none is proven impossible" in said
    for one in solved:
        labels = labels_of(place, one.plan)
        option = solved_option(place, study, one, labels)
        assert option.measures.summary["objective"] == pytest.approx(one.objective, abs=CLOSE)
        if one.family == "ladder":
            assert one.objective >= truth[one.allowed_moves] - CLOSE


@pytest.mark.parametrize("seed", range(250))
def test_plans_bounds_and_proofs_agree_with_trying_everything(seed):
    agree(seed, LITTLE)


@pytest.mark.parametrize("seed", range(256))
def test_places_with_awkward_traits_agree_with_trying_everything(seed):
    agree(seed, LITTLE, made.awkward_instance)


def test_awkward_traits_come_evenly():
    plain = [made.made_instance(seed) for seed in range(64)]
    awkward = [made.awkward_instance(seed) for seed in range(64)]
    pairs = list(zip(plain, awkward, strict=True))
    isolated = [{a for a, near in enumerate(one.graph.beside) if not near} for one in awkward]
    counts = {
        "without patients": sum((one.people.sum(axis=1) == 0).any() for one in awkward),
        "twice": sum(len(np.unique(one.people, axis=0)) < len(one.people) for one in awkward),
        "island": sum(bool(alone) for alone in isolated),
        "nobody lives": sum((one.residents == 0).any() for one in awkward),
        "in part": sum(one.links.pcns != before.links.pcns for before, one in pairs),
        "fractions": sum(not one.is_integral for one in awkward),
        "cut pair": sum(len(one.graph.tails) < len(before.graph.tails) for before, one in pairs),
        "bonds": sum(one.graph.bond.any() for one in awkward),
    }
    assert min(counts.values()) >= 12, counts


def test_a_practice_without_patients_may_be_the_only_one_of_a_neighbourhood():
    agree(3066, LITTLE)


@pytest.mark.parametrize("seed", range(10))
def test_small_places_are_solved_to_the_end(seed):
    prove(seed, (7, 8))


@pytest.mark.parametrize("seed", [n for n in range(22) if made.made_instance(n).anchored])
def test_the_referee_accepts_what_the_solver_proposes(seed):
    referee_agrees(seed)


@pytest.mark.parametrize("seed", range(200))
def test_given_maps_are_matched_as_by_trying_everything(seed):
    match(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(500, 5_500))
def test_many_plans_bounds_and_proofs_agree_with_trying_everything(seed):
    agree(seed, MORE)
    match(seed)
    if made.made_instance(seed).anchored:
        referee_agrees(seed)


def test_where_glop_gives_up_on_the_way_from_its_last_basis(monkeypatch):
    again, own = [], fixed.FixedAssignmentLP._solve

    def counted(self):
        before, status = self.work, own(self)
        if self.work > before + 1.5 * fixed._WARM * work_of(self._weights):
            again.append(status)
        return status

    monkeypatch.setattr(fixed.FixedAssignmentLP, "_solve", counted)
    agree(1482, MORE)
    if not again:
        pytest.skip("GLOP of this machine does not give up")
    assert set(again) == {0}  # solved the other way


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 250))
def test_many_small_places_are_solved_to_the_end(seed):
    prove(seed, (7, 10))


@pytest.mark.parametrize("seed", [*range(500, 560), 571, 612, 782, 821])
def test_price_bounds_are_bounds(seed, monkeypatch):
    """No plan beats the bound of its best pattern, whatever the moves."""
    monkeypatch.setattr(moved, "_LEAST_STEPS", 25)
    instance = made.made_instance(seed)
    ladder = begin_ladder(instance)
    if ladder.lagrangian is None:
        return
    for moves, truth in enumerate(brute.best_by_trying(instance)):
        move_bounds = moved.bound_with_moves(instance, ladder.lagrangian, moves)
        assert instance.total - move_bounds.dual_bounds.max() <= truth + CLOSE
        if not np.isfinite(truth):
            continue
        lowered, _, _ = moved.tighten_bounds(
            instance,
            ladder.lagrangian,
            move_bounds,
            move_bounds.dual_bounds,
            target=instance.total - truth - 1.0,  # under the best plan: it can never be ruled out
            most_work=np.inf,
        )
        assert instance.total - lowered.max() <= truth + CLOSE
