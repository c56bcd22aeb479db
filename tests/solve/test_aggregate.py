"""Outlines rule patterns out together: never one that may serve more than it is said to."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from tests.solve import brute, made
from tests.solve.test_agree import LITTLE, check, solve
from tests.solve.test_k_best import most_served

from boundaries.solve.branch_and_bound import aggregate as outlines
from boundaries.solve.branch_and_bound import loop as rung
from boundaries.solve.branch_and_bound import steps as turns
from boundaries.solve.branch_and_bound.loop import climb, solve_rung
from boundaries.solve.branch_and_bound.state import Race
from boundaries.solve.instance import Links
from boundaries.solve.params import Limits

CLOSE = 1e-3
PLENTY = Limits(work=60.0, steps=300, wide=20, promising=1)


@pytest.fixture
def half(monkeypatch):
    """The smallest PCNs are small up to half of all patients, and outlines always pay."""
    monkeypatch.setattr(outlines, "_SMALL", 0.5)
    monkeypatch.setattr(outlines, "_FEWER", 0)


def raced(problem, moves, below):
    """A race whose best plan is the optimum, its aim so much below it, outlines sifted."""
    shared = climb(problem)
    found = solve_rung(shared, moves, limits=PLENTY, generator=np.random.default_rng(1)).found
    if found is None:
        return None
    said = [lambda *_: None, lambda: False]
    race = Race(shared, moves, PLENTY, np.random.default_rng(1), *said)
    race.best = replace(found, served=found.served - below)
    race.upper[:] = problem.total  # so that it is outlines that lower it
    outlines.sift_outlines(race, 0.0)
    return race


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 8])
def test_no_plan_of_a_pattern_is_better_than_the_bound_from_its_outline(seed):
    problem = made.made_problem(seed, lsoas=(6, 9))
    loose = np.zeros_like(problem.floor)
    problem = replace(problem, anchored=True, nest=None, links=Links(), floor=loose)
    plans = brute.cuts(problem)
    for moves in (0, 1, 2):
        for below in (0.0, 0.3 * problem.total):
            race = raced(problem, moves, below)
            if race is None:
                return
            for number, pattern in enumerate(race.shared.patterns):
                truth = most_served(problem, plans, pattern, min(moves, len(problem.practices)))
                assert truth <= max(race.upper[number], race.aim(0.0)) + CLOSE


@pytest.mark.usefixtures("half")
def test_bounds_are_the_same_on_any_number_of_cores(monkeypatch):
    problem = replace(made.made_problem(3), anchored=True)
    found = []
    for cores in (1, 4):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(raced(problem, 1, 200.0).upper.tolist())
    assert found[0] == found[1]


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("seed", range(20))
def test_a_ladder_with_outlines_agrees_with_trying_everything(seed, monkeypatch):
    monkeypatch.setattr(rung, "MANY", 1)
    monkeypatch.setattr(rung, "_FIRST_SCREEN", 1)
    monkeypatch.setattr(rung, "_KNOWN_ROWS", 0)
    problem = made.made_problem(1_000 + seed)
    truth = brute.best_by_trying(problem)
    for moves, found in enumerate(solve(problem, range(4), LITTLE)):
        check(problem, found, truth[moves])


def test_one_large_tree_stands_for_many_patterns(monkeypatch):
    """A place with two PCNs of one practice: its outlines are fewer, and rule all patterns out."""
    counted = []

    def sift(*given):
        counted.append(len(given[1]))
        return turns.sift_side_by_side(*given)

    monkeypatch.setattr(outlines, "sift_side_by_side", sift)
    monkeypatch.setattr(outlines, "_SMALL", 0.4)
    problem = next(
        one
        for seed in range(200)
        if (one := made.made_problem(seed)).anchored
        and len(one.pcns) == 4
        and one.neighbourhoods == 3
        and one.span.max() == 1
        and len(outlines._small_pcns(one)) >= 2
        and raced(one, 0, 0.0) is not None
    )
    counted.clear()
    monkeypatch.setattr(outlines, "_FEWER", 1)
    race = raced(problem, 0, -0.05 * problem.total)
    assert 0 < sum(counted) < len(race.shared.patterns)
    assert (race.upper <= race.aim(0.0) + CLOSE).all()
