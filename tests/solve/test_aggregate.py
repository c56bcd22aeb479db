"""Aggregates fathom patterns together: never one that may serve more than it is said to."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from tests.solve import brute, made
from tests.solve.test_agree import LITTLE, check, solve
from tests.solve.test_k_best import most_served

from boundaries.solve.branch_and_bound import aggregate as aggregates
from boundaries.solve.branch_and_bound import loop as rung
from boundaries.solve.branch_and_bound import steps as turns
from boundaries.solve.branch_and_bound.loop import begin_ladder, solve_rung
from boundaries.solve.branch_and_bound.state import RungState
from boundaries.solve.instance import Links, kept_apart
from boundaries.solve.params import AGGREGATION, Limits

CLOSE = 1e-3
PLENTY = Limits(work=60.0, steps=300, wide=20, promising=1)


@pytest.fixture
def half(monkeypatch):
    """The smallest PCNs are small up to half of all patients, and aggregates always pay."""
    monkeypatch.setattr(aggregates, "AGGREGATION", replace(AGGREGATION, small=0.5, fewer=0))


def raced(instance, moves, below):
    """A race whose best plan is the optimum, its aim so much below it, outlines sifted."""
    ladder = begin_ladder(instance)
    found = solve_rung(ladder, moves, limits=PLENTY, generator=np.random.default_rng(1)).solution
    if found is None:
        return None
    said = [lambda *_: None, lambda: False]
    state = RungState(ladder, moves, PLENTY, np.random.default_rng(1), *said)
    state.incumbent = replace(found, served=found.served - below)
    state.dual_bounds[:] = instance.total  # so that it is outlines that lower it
    aggregates.bound_aggregates(state, 0.0)
    return state


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 8])
def test_no_plan_of_a_pattern_is_better_than_the_bound_from_its_outline(seed):
    instance = made.made_instance(seed, lsoas=(6, 9))
    loose = np.zeros_like(instance.floor)
    instance = replace(
        instance, anchored=True, nest=kept_apart(instance.graph), links=Links(), floor=loose
    )
    plans = brute.cuts(instance)
    for moves in (0, 1, 2):
        for below in (0.0, 0.3 * instance.total):
            state = raced(instance, moves, below)
            if state is None:
                return
            for number, pattern in enumerate(state.ladder.patterns):
                truth = most_served(instance, plans, pattern, min(moves, len(instance.practices)))
                assert truth <= max(state.dual_bounds[number], state.target(0.0)) + CLOSE


@pytest.mark.usefixtures("half")
def test_bounds_are_the_same_on_any_number_of_cores(monkeypatch):
    instance = replace(made.made_instance(3), anchored=True)
    found = []
    for cores in (1, 4):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(raced(instance, 1, 200.0).dual_bounds.tolist())
    assert found[0] == found[1]


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("seed", range(20))
def test_a_ladder_with_outlines_agrees_with_trying_everything(seed, monkeypatch):
    monkeypatch.setattr(rung, "MANY", 1)
    monkeypatch.setattr(rung, "_FIRST_FILTERING", 1)
    monkeypatch.setattr(rung, "_KNOWN_ROWS", 0)
    instance = made.made_instance(1_000 + seed)
    truth = brute.best_by_trying(instance)
    for moves, found in enumerate(solve(instance, range(4), LITTLE)):
        check(instance, found, truth[moves])


def test_one_large_tree_stands_for_many_patterns(monkeypatch):
    """A place with two PCNs of one practice: its outlines are fewer, and rule all patterns out."""
    counted = []

    def bound_assignments(*given):
        counted.append(len(given[1]))
        return turns.bound_in_parallel(*given)

    monkeypatch.setattr(aggregates, "bound_in_parallel", bound_assignments)
    monkeypatch.setattr(aggregates, "AGGREGATION", replace(AGGREGATION, small=0.4))
    instance = next(
        one
        for seed in range(200)
        if (one := made.made_instance(seed)).anchored
        and len(one.pcns) == 4
        and one.neighbourhoods == 3
        and one.span.max() == 1
        and len(aggregates._small_pcns(one)) >= 2
        and raced(one, 0, 0.0) is not None
    )
    counted.clear()
    monkeypatch.setattr(aggregates, "AGGREGATION", replace(AGGREGATION, small=0.4, fewer=1))
    state = raced(instance, 0, -0.05 * instance.total)
    assert 0 < sum(counted) < len(state.ladder.patterns)
    assert (state.dual_bounds <= state.target(0.0) + CLOSE).all()
