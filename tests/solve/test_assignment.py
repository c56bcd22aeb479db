"""The tree of choices loses nothing: every set of movers that can serve more is left at the end."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations, product

import numpy as np
import pytest
from tests.solve import brute

from boundaries.solve.assignment import dual_descent as ascent
from boundaries.solve.assignment import enumeration as sift_module
from boundaries.solve.assignment import tree as grow
from boundaries.solve.assignment.bound import sift
from boundaries.solve.branch_and_bound.loop import best_known, climb, solve_rung, take_back
from boundaries.solve.branch_and_bound.state import Race
from boundaries.solve.domains import freedom_of
from boundaries.solve.graph import make_graph
from boundaries.solve.heuristics.annealing import disruption, keeps_rules
from boundaries.solve.instance import Problem
from boundaries.solve.ladder import _as_solved, _look_back
from boundaries.solve.lp.branch_and_cut import settle
from boundaries.solve.lp.fixed_assignment import Maps
from boundaries.solve.lp.joint_relaxation import Pool, Relaxed
from boundaries.solve.lp.separator_rows import Rows
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
    return Problem(
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
    monkeypatch.setattr(grow, "_MANY", 10**9)
    if seed % 4 < 3:  # else small places are listed at once
        for limit in ("_LISTED", "_TUPLES", "_FEW"):
            monkeypatch.setattr(grow, limit, 0)
    problem = busy_problem(seed)
    cuts = brute.cuts(problem)
    inside = cuts[:, :, None] == np.arange(3)[None, None, :]
    patterns = list_patterns(problem)
    pattern = patterns[seed % len(patterns)]
    free = freedom_of(problem, pattern, MOVES)
    served = {}
    for items in every_set(free):
        worth = np.zeros((9, 3))
        np.add.at(worth.T, items, problem.people)
        served[tuple(items.tolist())] = float((inside * worth[None]).sum(axis=(1, 2)).max())
    aim = float(np.quantile(list(served.values()), 0.97))
    sifted = sift(
        problem,
        free,
        np.zeros((0, 0)),
        Maps(problem, Pool(9), Rows()),
        aim=aim,
        most_work=1e9,
        apart=10**9,
    )
    assert sifted.rest == -np.inf
    left = {tuple(one.items.argmax(axis=1).tolist()) for one in sifted.left}
    good = {items for items, people in served.items() if people > aim + 1e-3}
    assert good
    names = [
        order
        for order in permutations(range(3))
        if all(pattern[order[label]] == pattern[label] for label in range(3))
    ]
    for items in good:
        mirrored = {tuple(order[label] for label in items) for order in names}
        assert mirrored & left or not keeps_floors(problem, free, items)


def keeps_floors(problem, free, items):
    moved = free.moves[np.arange(8), list(items)] == 1
    own = problem.pcn_of == 2
    return problem.list_size[own & ~moved].sum() >= problem.floor[2]


@pytest.mark.parametrize("seed", range(1, 13, 2))
def test_cores_do_not_matter(seed, monkeypatch):
    problem, found = busy_problem(seed), []
    for cores in (1, 4):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        shared = climb(problem)
        assert len(shared.patterns) > 1
        small, chance = limits_for("quick"), np.random.default_rng(1)
        rung = solve_rung(shared, MOVES, limits=small, generator=chance)
        said = [rung.bound, rung.found.served, *rung.found.lsoas, *rung.found.items]
        found.append((said, {pattern: c.tobytes() for pattern, c in shared.charges.items()}))
    assert found[0] == found[1]
    assert found[0][1]


def test_every_kernel_is_compiled_once():
    grow.compile_kernels()
    problem = busy_problem(1)
    maps, free = Maps(problem, Pool(9), Rows()), freedom_of(problem, list_patterns(problem)[0], 3)
    sift(problem, free, np.zeros((0, 0)), maps, aim=0.5 * problem.total, most_work=1.0)
    outer = (sift_module.below, sift_module.list_sets, sift_module.lower_bounds)
    for kernel in (*outer, sift_module.values, ascent.descend):
        assert len(kernel.signatures) == 1


def test_of_equal_plans_the_one_with_fewer_patients_moved():
    made = busy_problem(1)
    people = made.people.copy()
    people[0] = 0.0  # all its patients live elsewhere: where it sits changes nothing
    problem = replace(made, people=people, floor=np.zeros(3, dtype=np.int64))
    small, chance = limits_for("quick"), np.random.default_rng(1)
    shared = climb(problem)
    best = solve_rung(shared, 0, limits=small, generator=chance).found
    said = [lambda *_: None, lambda: False]

    def race_from(pattern, plan):
        race = Race(shared, 1, small, chance, *said)
        assert race.take(pattern, plan)
        return race

    moved = 0
    for pattern in range(len(shared.patterns)):
        free = freedom_of(problem, shared.patterns[pattern], 1)
        for label in range(3):
            items = best.items.copy()
            items[0] = label
            plan = replace(best, items=items)
            if free.moves[0, label] and keeps_rules(problem, free, plan.lsoas, items):
                moved += 1
                assert disruption(problem, free, plan)[0] == problem.list_size[0]
                race = race_from(pattern, plan)
                take_back(race)
                assert race.best.served == best.served
                assert disruption(problem, free, race.best)[0] == 0
                assert not race_from(pattern, race.best).take(pattern, plan)
                assert race_from(pattern, plan).take(pattern, race.best)
    assert moved


@pytest.mark.parametrize("seed", [1, 4])
def test_a_plan_found_later_stands_in_every_rung_that_allows_its_moves(seed):
    problem, chance = busy_problem(seed), np.random.default_rng(1)
    shared = climb(problem)
    rungs = [
        solve_rung(shared, moves, limits=limits_for("quick"), generator=chance)
        for moves in range(MOVES + 1)
    ]
    served = [rung.found.served for rung in rungs]
    assert len(set(served)) > 1
    assert [best_known(shared, moves).served for moves in range(MOVES + 1)] == served
    worst = _as_solved(problem, replace(rungs[0], proven=False), "move-0", "ladder", 0, 1.0)
    worst = replace(worst, objective=worst.objective + 50.0, bound=worst.bound - 10.0)
    late = [
        _as_solved(problem, rung, f"move-{moves}", "ladder", moves, 1.0)
        for moves, rung in enumerate(rungs)
    ]
    first, *others = _look_back(replace(shared, wholes=None), [worst, *late[1:]])
    assert (first.objective, first.status) == (problem.total - served[0], "feasible")
    assert first.bound == worst.bound
    assert first.plan.lsoas.tolist() == late[0].plan.lsoas.tolist()
    assert others == late[1:]
    known = replace(worst, bound=late[0].objective)
    assert _look_back(shared, [known])[0].status == "optimal"
    forgotten = replace(shared, plans={})
    assert best_known(forgotten, 0) is None
    assert _look_back(forgotten, [worst]) == [worst]


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_an_aim_between_whole_numbers_keeps_out_no_plan_above_it(seed):
    problem = busy_problem(seed)
    shared, chance = climb(problem), np.random.default_rng(1)
    best = solve_rung(shared, 0, limits=limits_for("quick"), generator=chance)
    assert best.proven
    found = []
    for pattern in shared.patterns:
        free = freedom_of(problem, pattern, 0)
        nothing = np.zeros(free.lsoas.shape), np.zeros(free.items.shape)
        cutoff = best.found.served - 0.3
        relaxed = Relaxed(free, problem.total, cutoff, *nothing)
        found.append(settle(problem, relaxed, cutoff=cutoff, most_work=60.0).found)
    assert max(plan.served for plan in found if plan is not None) == best.found.served
