"""A bound over whole neighbourhoods is a bound: no plan found by trying everything beats it."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.solve.branch_and_bound.global_bound import (
    has_too_many_assignments,
    seek_global_bound,
)
from boundaries.solve.branch_and_bound.loop import begin_ladder, solve_rung
from boundaries.solve.branch_and_bound.state import RungState
from boundaries.solve.colgen import pricing_exact as branches
from boundaries.solve.colgen.bound import ColumnGeneration
from boundaries.solve.colgen.pricing_exact import price_exactly
from boundaries.solve.graph import make_graph
from boundaries.solve.heuristics.annealing import served_people
from boundaries.solve.instance import Instance
from boundaries.solve.params import Limits

CLOSE = 1e-3


def best_plan(instance, moves, steps=300):
    """A plan found by walking only."""
    limits = Limits(work=0.0, steps=steps, wide=20, promising=1)
    chance = np.random.default_rng(1)
    return solve_rung(begin_ladder(instance), moves, limits=limits, generator=chance).solution


@pytest.mark.parametrize("seed", range(16))
def test_no_plan_beats_the_bound_over_whole_neighbourhoods(seed):
    instance, moves = made.made_instance(seed), (0, 1, 3, 99)[seed % 4]
    plan = best_plan(instance, min(moves, 3))
    if plan is None:
        return
    if moves == 99:
        instance = replace(instance, anchored=False)
    truth = brute.best_by_trying(instance)[min(moves, 3)]
    for target in (plan.served, plan.served + 0.1 * (instance.total - plan.served)):
        found = ColumnGeneration(instance).bound(moves, [plan], target=target, most_work=0.1)
        assert instance.total - found.bound <= truth + CLOSE


@pytest.mark.parametrize("seed", range(8))
def test_rungs_share_prices_and_no_plan_beats_their_bounds(seed):
    instance = made.made_instance(seed)
    plan = best_plan(instance, 0)
    if plan is None:
        return
    truth = brute.best_by_trying(instance)
    colgen = ColumnGeneration(instance, anchors_first=seed % 2 == 0)
    for moves in (0, 1, 3, 1):
        for share in (0.1, 0.0):
            target = plan.served + share * (instance.total - plan.served)
            found = colgen.bound(moves, [plan], target=target, most_work=0.05)
            assert instance.total - found.bound <= truth[moves] + CLOSE
            assert colgen.most_served(moves) == found.bound
    for moves in range(4):  # what was proven for one rung holds for all
        assert instance.total - colgen.most_served(moves) <= truth[moves] + CLOSE


def town(seed):
    """Four hamlets of four LSOAs in a row, eight practices, two PCNs that may be anywhere."""
    draw = np.random.default_rng(seed)
    size, practices = 16, 8
    edges = [(a, a + 1) for a in range(size - 1)] + [(a, a + 2) for a in range(size - 2)]
    at = np.repeat(np.arange(4), 2) * 4 + draw.integers(0, 4, practices)
    near = np.exp(-np.abs(at[:, None] - np.arange(size)[None, :]) / 2.0)
    people = np.round(near * draw.integers(200, 900, practices)[:, None])
    return Instance(
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
    instance = town(seed)
    plan = best_plan(instance, 0, steps=5_000)
    assert plan.served == served_people(instance, plan.lsoas, plan.items)
    misaligned = instance.total - plan.served
    found = ColumnGeneration(instance).bound(
        0, [plan], target=plan.served + 0.009 * misaligned, most_work=3.0
    )
    assert instance.total - found.bound >= 0.8 * misaligned


def test_patterns_say_little_where_seatings_are_too_many_to_look_at():
    instance = town(0)
    assert not has_too_many_assignments(instance)
    twice = replace(instance, practices=instance.practices * 2, pcn_of=np.tile(instance.pcn_of, 2))
    assert has_too_many_assignments(twice)


def test_a_search_shows_connected_cores_and_ends_where_its_aim_is_out_of_reach(monkeypatch):
    instance = town(0)
    colgen = ColumnGeneration(instance)
    colgen.bound(0, [best_plan(instance, 0, steps=5_000)], target=instance.total, most_work=0.0)
    monkeypatch.setattr(branches, "_LOOK", 0.0)
    for name in ("_FIRST", "_TURN"):
        monkeypatch.setattr(branches, name, 1e3)
    shown = []

    def look(cores):
        shown.extend(cores)
        return bool(shown)

    pricing = colgen.master.pricing_problem(colgen.stability_centre)
    high = float(colgen.bundle.profit(colgen.stability_centre).max())
    to_the_end, _, all_of_it = price_exactly(pricing, high, 1e9, 30, lambda _: False)
    ended, _, some = price_exactly(pricing, high, 1e9, 30, look)
    assert some < all_of_it
    assert ended >= to_the_end >= high
    line = nx.Graph([(a, b) for a in range(16) for b in instance.graph.beside[a]])
    assert shown
    assert all(nx.is_connected(line.subgraph(np.flatnonzero(core).tolist())) for core in shown)


@pytest.mark.parametrize("seed", range(3))
def test_no_prices_near_by_come_under_the_floor(seed):
    instance, draw = town(seed), np.random.default_rng(seed)
    colgen = ColumnGeneration(instance, anchors_first=False)
    colgen.bound(0, [best_plan(instance, 0, steps=5_000)], target=instance.total, most_work=0.0)
    floors = []
    for _ in range(40):
        colgen.bundle_step(0.0, 0.0)
        stability_centre, floor = (
            colgen.stability_centre,
            colgen.bundle.floor(colgen.stability_centre),
        )
        floors.append(floor)
        for _ in range(50):
            near = stability_centre + np.abs(stability_centre) * draw.uniform(
                -1.0, 1.0, len(stability_centre)
            )
            assert colgen.bundle.bound(near) >= floor - CLOSE
        assert colgen.bundle.bound(stability_centre) >= floor
    assert max(floors) > 0.9 * colgen.bundle.bound(colgen.stability_centre)  # it says something


@pytest.mark.parametrize("moves", [0, 2])
def test_prices_that_are_known_to_be_worse_are_left(moves):
    instance = town(2)
    plan = best_plan(instance, 0, steps=5_000)
    colgen = ColumnGeneration(instance)
    colgen.bound(moves, [plan], target=plan.served, most_work=0.5)
    colgen.stability_centre = 3.0 * colgen.stability_centre
    assert colgen.bundle.bound(colgen.stability_centre) > colgen.proven + 100
    colgen.bundle_step(plan.served, 0.0)
    assert colgen.bundle.bound(colgen.stability_centre) <= colgen.proven + 1


def test_no_bound_is_sought_that_cannot_come_under_what_is_known():
    instance = town(1)
    plan = best_plan(instance, 0, steps=5_000)

    def work(known):
        colgen = ColumnGeneration(replace(instance, anchored=False))
        return colgen.bound(0, [plan], target=0.0, most_work=3.0, known=known)

    little, much = work(plan.served - 1.0), work(instance.total)
    assert little.work < 0.8 * much.work
    assert little.abandoned
    assert not much.abandoned
    assert much == work(np.inf)


def test_a_ceiling_given_up_for_one_rung_is_sought_for_the_best_fit():
    instance = town(1)
    plan = best_plan(instance, 0, steps=5_000)
    ladder, go_on = begin_ladder(instance), lambda: False
    seek_global_bound(ladder, plan, plan.served, 3.0, plan.served - 1.0, go_on)
    given_up = ladder.global_bound
    assert seek_global_bound(ladder, plan, plan.served, 3.0, np.inf, go_on) > 0
    assert plan.served <= ladder.global_bound < given_up
    assert seek_global_bound(ladder, plan, plan.served, 3.0, np.inf, go_on) == 0  # in earnest: once


def test_a_rung_begins_with_the_toll_that_moves_were_worth_before():
    instance = made.made_instance(24)
    ladder, chance = begin_ladder(instance), np.random.default_rng(1)
    limits = Limits(work=0.0, steps=300, wide=20, promising=1)
    solve_rung(ladder, 0, limits=limits, generator=chance)
    two = solve_rung(ladder, 2, limits=limits, generator=chance)
    state = RungState(ladder, 3, limits, chance, lambda *_: None, lambda: False)
    state.incumbent = replace(two.solution, served=two.solution.served + 7)
    brought = two.solution.served - ladder.incumbent_values[0]
    assert brought > 0
    assert state.gain == min(7, (brought + 7) / 3)
    first = RungState(ladder, 0, limits, chance, lambda *_: None, lambda: False)
    assert first.gain == 0


def test_the_same_bound_every_time():
    instance = town(0)
    plan = best_plan(instance, 0)
    bounds = {
        ColumnGeneration(instance).bound(0, [plan], target=plan.served, most_work=0.5).bound
        for _ in "ab"
    }
    assert len(bounds) == 1
