"""The tree of choices loses nothing: every set of movers that can serve more is left at the end."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations, product

import numpy as np
import pytest
from tests.solve import brute

from boundaries.solve.assignment import dual_descent as dual_descent_module
from boundaries.solve.assignment import enumeration, tree, warm_up
from boundaries.solve.assignment.bound import bound_assignments
from boundaries.solve.branch_and_bound.incumbent import best_known, drop_useless_moves
from boundaries.solve.branch_and_bound.loop import begin_ladder, solve_rung
from boundaries.solve.branch_and_bound.state import RungState
from boundaries.solve.domains import domains_of
from boundaries.solve.graph import make_graph
from boundaries.solve.heuristics.annealing import disruption, keeps_rules
from boundaries.solve.instance import Instance
from boundaries.solve.ladder import _as_solved, _reconcile
from boundaries.solve.lp import branch_and_cut as mip
from boundaries.solve.lp.branch_and_cut import branch_and_cut
from boundaries.solve.lp.fixed_assignment import WorkerContext
from boundaries.solve.lp.joint_relaxation import JointBound, SeparatorPool
from boundaries.solve.lp.separator_rows import SeparatorRows
from boundaries.solve.params import limits_for
from boundaries.solve.patterns.enumerate import list_patterns

MOVES = 3


def busy_problem(seed):
    """Nine LSOAs and eight practices, few of them where their PCN is: many moves pay."""
    draw = np.random.default_rng(seed)
    edges = [(a, a + 1) for a in range(9) if a % 3 < 2] + [(a, a + 3) for a in range(6)]
    spots = np.array([(a % 3, a // 3) for a in range(9)])
    near = np.exp(-np.abs(spots[draw.integers(0, 9, 8)][:, None] - spots[None, :]).sum(axis=2))
    people = np.round(near * draw.integers(200, 900, 8)[:, None]).astype(float)
    pcn_of = np.array([0, 1, 2, 0, 1, 2, *draw.integers(-1, 3, 2)])
    return Instance(
        lsoas=tuple(f"E0100000{n}" for n in range(9)),
        practices=tuple(f"A0000{n}" for n in range(8)),
        pcns=("U00001", "U00002", "U00003"),
        teams=(),
        residents=np.full(9, 100),
        people=people,
        list_size=people.sum(axis=1).astype(np.int64),
        pcn_of=pcn_of,
        span=np.array([1, 1, 1 + seed % 2]),
        floor=np.array([0, 0, 100 * (seed % 3)]),
        outside=np.zeros(3, dtype=np.int64),
        graph=make_graph(9, edges),
        neighbourhoods=3,
        least=200,
        most=500,
    )


def every_set(free):
    """Yield where every item sits, for every set of at most so many moves."""
    homes = [np.flatnonzero(row) for row in free.items & (free.moves == 0)]
    moves = np.argwhere(free.items & (free.moves == 1)).tolist()
    for seats in product(*homes):
        for count in range(free.allowed_moves + 1):
            for made in combinations(moves, count):
                if len({item for item, _ in made}) == count:
                    items = np.array(seats)
                    for item, label in made:
                        items[item] = label
                    yield items


@pytest.mark.parametrize("seed", range(40))
def test_no_set_that_serves_more_is_lost(seed, monkeypatch):
    monkeypatch.setattr(tree, "_MANY", 10**9)
    if seed % 4 < 3:  # else small places are listed at once
        for limit in ("_LISTED", "_TUPLES", "_FEW"):
            monkeypatch.setattr(tree, limit, 0)
    instance = busy_problem(seed)
    cuts = brute.cuts(instance)
    inside = cuts[:, :, None] == np.arange(3)[None, None, :]
    patterns = list_patterns(instance)
    pattern = patterns[seed % len(patterns)]
    free = domains_of(instance, pattern, MOVES)
    served = {}
    for items in every_set(free):
        profit = np.zeros((9, 3))
        np.add.at(profit.T, items, instance.people)
        served[tuple(items.tolist())] = float((inside * profit[None]).sum(axis=(1, 2)).max())
    target = float(np.quantile(list(served.values()), 0.97))
    bounded = bound_assignments(
        instance,
        free,
        np.zeros((0, 0)),
        WorkerContext(instance, SeparatorPool(9), SeparatorRows(instance.graph)),
        target=target,
        most_work=1e9,
        apart=10**9,
    )
    assert bounded.unexplored_bound == -np.inf
    left = {tuple(one.items.argmax(axis=1).tolist()) for one in bounded.leaves}
    good = {items for items, people in served.items() if people > target + 1e-3}
    assert good
    names = [
        order
        for order in permutations(range(3))
        if all(pattern[order[label]] == pattern[label] for label in range(3))
    ]
    for items in good:
        mirrored = {tuple(order[label] for label in items) for order in names}
        assert mirrored & left or not keeps_floors(instance, free, items)


def keeps_floors(instance, free, items):
    moved = free.moves[np.arange(8), list(items)] == 1
    own = instance.pcn_of == 2
    return instance.list_size[own & ~moved].sum() >= instance.floor[2]


@pytest.mark.parametrize("seed", range(1, 13, 2))
def test_cores_do_not_matter(seed, monkeypatch):
    instance, found = busy_problem(seed), []
    for cores in (1, 4):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        ladder = begin_ladder(instance)
        assert len(ladder.patterns) > 1
        small, chance = limits_for("quick"), np.random.default_rng(1)
        rung = solve_rung(ladder, MOVES, limits=small, generator=chance)
        said = [rung.bound, rung.solution.served, *rung.solution.lsoas, *rung.solution.items]
        found.append((said, {pattern: c.tobytes() for pattern, c in ladder.row_duals.items()}))
    assert found[0] == found[1]
    assert found[0][1]


def test_every_kernel_is_compiled_once():
    warm_up.compile_kernels()
    instance = busy_problem(1)
    context, free = (
        WorkerContext(instance, SeparatorPool(9), SeparatorRows(instance.graph)),
        domains_of(instance, list_patterns(instance)[0], 3),
    )
    bound_assignments(
        instance, free, np.zeros((0, 0)), context, target=0.5 * instance.total, most_work=1.0
    )
    outer = (enumeration.below, enumeration.enumerate_mover_sets, enumeration.tighten_bounds)
    for kernel in (*outer, enumeration.values, dual_descent_module.dual_descent):
        assert len(kernel.signatures) == 1


def test_of_equal_plans_the_one_with_fewer_patients_moved():
    made = busy_problem(1)
    people = made.people.copy()
    people[0] = 0.0  # all its patients live elsewhere: where it sits changes nothing
    instance = replace(made, people=people, floor=np.zeros(3, dtype=np.int64))
    small, chance = limits_for("quick"), np.random.default_rng(1)
    ladder = begin_ladder(instance)
    best = solve_rung(ladder, 0, limits=small, generator=chance).solution
    said = [lambda *_: None, lambda: False]

    def race_from(pattern, plan):
        state = RungState(ladder, 1, small, chance, *said)
        assert state.take(pattern, plan)
        return state

    moved = 0
    for pattern in range(len(ladder.patterns)):
        free = domains_of(instance, ladder.patterns[pattern], 1)
        for label in range(3):
            items = best.items.copy()
            items[0] = label
            plan = replace(best, items=items)
            if free.moves[0, label] and keeps_rules(instance, free, plan.lsoas, items):
                moved += 1
                assert disruption(instance, free, plan)[0] == instance.list_size[0]
                state = race_from(pattern, plan)
                drop_useless_moves(state)
                assert state.incumbent.served == best.served
                assert disruption(instance, free, state.incumbent)[0] == 0
                assert not race_from(pattern, state.incumbent).take(pattern, plan)
                assert race_from(pattern, plan).take(pattern, state.incumbent)
    assert moved


@pytest.mark.parametrize("seed", [1, 4])
def test_a_plan_found_later_stands_in_every_rung_that_allows_its_moves(seed):
    instance, chance = busy_problem(seed), np.random.default_rng(1)
    ladder = begin_ladder(instance)
    rungs = [
        solve_rung(ladder, moves, limits=limits_for("quick"), generator=chance)
        for moves in range(MOVES + 1)
    ]
    served = [rung.solution.served for rung in rungs]
    assert len(set(served)) > 1
    assert [best_known(ladder, moves).served for moves in range(MOVES + 1)] == served
    worst = _as_solved(instance, replace(rungs[0], proven=False), "move-0", "ladder", 0, 1.0)
    worst = replace(worst, objective=worst.objective + 50.0, bound=worst.bound - 10.0)
    late = [
        _as_solved(instance, rung, f"move-{moves}", "ladder", moves, 1.0)
        for moves, rung in enumerate(rungs)
    ]
    first, *others = _reconcile(replace(ladder, colgen=None), [worst, *late[1:]])
    assert (first.objective, first.status) == (instance.total - served[0], "feasible")
    assert first.bound == worst.bound
    assert first.plan.lsoas.tolist() == late[0].plan.lsoas.tolist()
    assert others == late[1:]
    known = replace(worst, bound=late[0].objective)
    assert _reconcile(ladder, [known])[0].status == "optimal"
    forgotten = replace(ladder, plans={})
    assert best_known(forgotten, 0) is None
    assert _reconcile(forgotten, [worst]) == [worst]


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_an_aim_between_whole_numbers_keeps_out_no_plan_above_it(seed):
    instance = busy_problem(seed)
    ladder, chance = begin_ladder(instance), np.random.default_rng(1)
    best = solve_rung(ladder, 0, limits=limits_for("quick"), generator=chance)
    assert best.proven
    found = []
    for pattern in ladder.patterns:
        free = domains_of(instance, pattern, 0)
        nothing = np.zeros(free.lsoas.shape), np.zeros(free.items.shape)
        target = best.solution.served - 0.3
        relaxed = JointBound(free, instance.total, target, *nothing)
        found.append(branch_and_cut(instance, relaxed, target=target, most_work=60.0).solution)
    assert max(plan.served for plan in found if plan is not None) == best.solution.served


@pytest.mark.parametrize("fault", [ZeroDivisionError, ValueError, RuntimeError, KeyboardInterrupt])
def test_a_fault_in_what_scip_asks_us_is_raised_and_takes_nothing_for_proven(monkeypatch, fault):
    def break_(*_given, **_named):
        raise fault("in the callback")

    instance = busy_problem(1)
    free = domains_of(instance, list_patterns(instance)[0], 0)
    nothing = np.zeros(free.lsoas.shape), np.zeros(free.items.shape)
    relaxed = JointBound(free, instance.total, 0.0, *nothing)
    for name in ("broken", "separate_fractions"):
        monkeypatch.setattr(mip, name, break_)
    with pytest.raises(fault, match="in the callback"):
        branch_and_cut(instance, relaxed, target=0.0, most_work=60.0)
