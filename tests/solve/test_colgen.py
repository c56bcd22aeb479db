"""A bound over whole neighbourhoods is a bound: no plan found by trying everything beats it."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.solve.branch_and_bound.global_bound import says_little, seek_ceiling
from boundaries.solve.branch_and_bound.loop import climb, solve_rung
from boundaries.solve.branch_and_bound.state import Race
from boundaries.solve.colgen import pricing_exact as branches
from boundaries.solve.colgen.bound import Wholes
from boundaries.solve.colgen.pricing_exact import search_branches
from boundaries.solve.graph import make_graph
from boundaries.solve.heuristics.annealing import served_people
from boundaries.solve.instance import Problem
from boundaries.solve.params import Limits

CLOSE = 1e-3


def best_plan(problem, moves, steps=300):
    """A plan found by walking only."""
    limits = Limits(work=0.0, steps=steps, wide=20, promising=1)
    chance = np.random.default_rng(1)
    return solve_rung(climb(problem), moves, limits=limits, generator=chance).found


@pytest.mark.parametrize("seed", range(16))
def test_no_plan_beats_the_bound_over_whole_neighbourhoods(seed):
    problem, moves = made.made_problem(seed), (0, 1, 3, 99)[seed % 4]
    plan = best_plan(problem, min(moves, 3))
    if plan is None:
        return
    if moves == 99:
        problem = replace(problem, anchored=False)
    truth = brute.best_by_trying(problem)[min(moves, 3)]
    for aim in (plan.served, plan.served + 0.1 * (problem.total - plan.served)):
        found = Wholes(problem).bound(moves, [plan], aim=aim, most_work=0.1)
        assert problem.total - found.bound <= truth + CLOSE


@pytest.mark.parametrize("seed", range(8))
def test_rungs_share_prices_and_no_plan_beats_their_bounds(seed):
    problem = made.made_problem(seed)
    plan = best_plan(problem, 0)
    if plan is None:
        return
    truth = brute.best_by_trying(problem)
    wholes = Wholes(problem, bases_first=seed % 2 == 0)
    for moves in (0, 1, 3, 1):
        for share in (0.1, 0.0):
            aim = plan.served + share * (problem.total - plan.served)
            found = wholes.bound(moves, [plan], aim=aim, most_work=0.05)
            assert problem.total - found.bound <= truth[moves] + CLOSE
            assert wholes.most_served(moves) == found.bound
    for moves in range(4):  # what was proven for one rung holds for all
        assert problem.total - wholes.most_served(moves) <= truth[moves] + CLOSE


def town(seed):
    """Four hamlets of four LSOAs in a row, eight practices, two PCNs that may be anywhere."""
    draw = np.random.default_rng(seed)
    size, practices = 16, 8
    edges = [(a, a + 1) for a in range(size - 1)] + [(a, a + 2) for a in range(size - 2)]
    at = np.repeat(np.arange(4), 2) * 4 + draw.integers(0, 4, practices)
    near = np.exp(-np.abs(at[:, None] - np.arange(size)[None, :]) / 2.0)
    people = np.round(near * draw.integers(200, 900, practices)[:, None])
    return Problem(
        lsoas=tuple(f"E010000{n:02d}" for n in range(size)),
        practices=tuple(f"A0000{n}" for n in range(practices)),
        pcns=("U00001", "U00002"),
        teams=(),
        residents=np.full(size, 1000),
        people=people,
        list_size=people.sum(axis=1).astype(np.int64),
        pcn_of=np.arange(practices) % 2,
        span=np.array([4, 4]),
        floor=np.zeros(2, dtype=np.int64),
        outside=np.zeros(2, dtype=np.int64),
        graph=make_graph(size, edges),
        neighbourhoods=4,
        least=3000,
        most=5000,
    )


@pytest.mark.parametrize("seed", range(3))
def test_where_practices_have_many_homes_there_is_a_bound(seed):
    problem = town(seed)
    plan = best_plan(problem, 0, steps=5_000)
    assert plan.served == served_people(problem, plan.lsoas, plan.items)
    misaligned = problem.total - plan.served
    found = Wholes(problem).bound(0, [plan], aim=plan.served + 0.009 * misaligned, most_work=3.0)
    assert problem.total - found.bound >= 0.8 * misaligned


def test_patterns_say_little_where_seatings_are_too_many_to_look_at():
    problem = town(0)
    assert not says_little(problem)
    twice = replace(problem, practices=problem.practices * 2, pcn_of=np.tile(problem.pcn_of, 2))
    assert says_little(twice)


def test_a_search_shows_connected_cores_and_ends_where_its_aim_is_out_of_reach(monkeypatch):
    problem = town(0)
    wholes = Wholes(problem)
    wholes.bound(0, [best_plan(problem, 0, steps=5_000)], aim=problem.total, most_work=0.0)
    monkeypatch.setattr(branches, "_LOOK", 0.0)
    for name in ("_FIRST", "_TURN"):
        monkeypatch.setattr(branches, name, 1e3)
    shown = []

    def look(cores):
        shown.extend(cores)
        return bool(shown)

    one = wholes.master.one(wholes.centre)
    high = float(wholes.bundle.worth(wholes.centre).max())
    to_the_end, _, all_of_it = search_branches(one, high, 1e9, 30, lambda _: False)
    ended, _, some = search_branches(one, high, 1e9, 30, look)
    assert some < all_of_it
    assert ended >= to_the_end >= high
    line = nx.Graph([(a, b) for a in range(16) for b in problem.graph.beside[a]])
    assert shown
    assert all(nx.is_connected(line.subgraph(np.flatnonzero(core).tolist())) for core in shown)


@pytest.mark.parametrize("seed", range(3))
def test_no_prices_near_by_come_under_the_floor(seed):
    problem, draw = town(seed), np.random.default_rng(seed)
    wholes = Wholes(problem, bases_first=False)
    wholes.bound(0, [best_plan(problem, 0, steps=5_000)], aim=problem.total, most_work=0.0)
    floors = []
    for _ in range(40):
        wholes.descend(0.0, 0.0)
        centre, floor = wholes.centre, wholes.bundle.floor(wholes.centre)
        floors.append(floor)
        for _ in range(50):
            near = centre + np.abs(centre) * draw.uniform(-1.0, 1.0, len(centre))
            assert wholes.bundle.bound(near) >= floor - CLOSE
        assert wholes.bundle.bound(centre) >= floor
    assert max(floors) > 0.9 * wholes.bundle.bound(wholes.centre)  # it says something


@pytest.mark.parametrize("moves", [0, 2])
def test_prices_that_are_known_to_be_worse_are_left(moves):
    problem = town(2)
    plan = best_plan(problem, 0, steps=5_000)
    wholes = Wholes(problem)
    wholes.bound(moves, [plan], aim=plan.served, most_work=0.5)
    wholes.centre = 3.0 * wholes.centre
    assert wholes.bundle.bound(wholes.centre) > wholes.proven + 100
    wholes.descend(plan.served, 0.0)
    assert wholes.bundle.bound(wholes.centre) <= wholes.proven + 1


def test_no_bound_is_sought_that_cannot_come_under_what_is_known():
    problem = town(1)
    plan = best_plan(problem, 0, steps=5_000)

    def work(known):
        wholes = Wholes(replace(problem, anchored=False))
        return wholes.bound(0, [plan], aim=0.0, most_work=3.0, known=known)

    little, much = work(plan.served - 1.0), work(problem.total)
    assert little.work < 0.8 * much.work
    assert little.in_vain
    assert not much.in_vain
    assert much == work(np.inf)


def test_a_ceiling_given_up_for_one_rung_is_sought_for_the_best_fit():
    problem = town(1)
    plan = best_plan(problem, 0, steps=5_000)
    shared, go_on = climb(problem), lambda: False
    seek_ceiling(shared, plan, plan.served, 3.0, plan.served - 1.0, go_on)
    given_up = shared.ceiling
    assert seek_ceiling(shared, plan, plan.served, 3.0, np.inf, go_on) > 0
    assert plan.served <= shared.ceiling < given_up
    assert seek_ceiling(shared, plan, plan.served, 3.0, np.inf, go_on) == 0  # in earnest: once


def test_a_rung_begins_with_the_toll_that_moves_were_worth_before():
    problem = made.made_problem(13)
    shared, chance = climb(problem), np.random.default_rng(1)
    limits = Limits(work=0.0, steps=300, wide=20, promising=1)
    solve_rung(shared, 0, limits=limits, generator=chance)
    two = solve_rung(shared, 2, limits=limits, generator=chance)
    race = Race(shared, 3, limits, chance, lambda *_: None, lambda: False)
    race.best = replace(two.found, served=two.found.served + 7)
    brought = two.found.served - shared.best[0]
    assert brought > 0
    assert race.gain == min(7, (brought + 7) / 3)
    first = Race(shared, 0, limits, chance, lambda *_: None, lambda: False)
    assert first.gain == 0


def test_the_same_bound_every_time():
    problem = town(0)
    plan = best_plan(problem, 0)
    bounds = {Wholes(problem).bound(0, [plan], aim=plan.served, most_work=0.5).bound for _ in "ab"}
    assert len(bounds) == 1
