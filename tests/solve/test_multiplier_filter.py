"""Bounds of screened patterns are bounds, for any aim, with and without moves."""

from __future__ import annotations

import os

import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.solve.branch_and_bound.loop import begin_ladder, solve_rung
from boundaries.solve.params import Limits
from boundaries.solve.patterns.multiplier_filter import make_multiplier_filter
from boundaries.solve.patterns.split_assignment import bound_patterns

CLOSE = 1e-3
LITTLE = Limits(work=1.0, steps=100, wide=4, promising=1)


def climbed(instance):
    """The patterns of a place with their prices, and separators that two rungs have found."""
    ladder = begin_ladder(instance)
    for moves in (0, 1):
        solve_rung(ladder, moves, limits=LITTLE, generator=np.random.default_rng(1))
    return ladder


def screened(ladder, screen, moves, target):
    """Bounds of all patterns; twice, so that charges are lent from the first time."""
    dual_bounds = np.full(len(ladder.patterns), np.inf)
    for _ in range(2):
        screen.bound(
            ladder.rows,
            np.arange(len(dual_bounds)),
            dual_bounds,
            moves=moves,
            target=target,
            out=lambda _: False,
        )
    return dual_bounds


def places(count):
    """Made places with patterns, those with a PCN of two anchors first."""
    numbered = [(seed, made.made_instance(seed)) for seed in range(400)]
    able = [(seed, one) for seed, one in numbered if one.anchored and len(one.pcns)]
    return [seed for seed, one in sorted(able, key=lambda pair: -(pair[1].span == 2).sum())][:count]


@pytest.mark.parametrize("seed", places(8))
def test_no_plan_is_better_than_the_bound_of_its_screened_pattern(seed):
    instance = made.made_instance(seed)
    truth = brute.best_by_trying(instance)
    ladder = climbed(instance)
    if ladder.lagrangian is None or not ladder.patterns:
        return
    screen = make_multiplier_filter(instance, ladder.lagrangian)
    assert screen is not None
    for moves, objective in enumerate(truth):
        if objective >= brute.NOTHING:
            continue
        served = instance.total - objective
        for target in (-1e9, served - 1.0, served - 0.2 * objective):
            assert screened(ladder, screen, moves, target).max() >= served - CLOSE


def test_bounds_are_the_same_on_any_number_of_cores(monkeypatch):
    instance = made.made_instance(places(1)[0])
    ladder = climbed(instance)
    found = []
    for cores in (1, 4):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(screened(ladder, make_multiplier_filter(instance, ladder.lagrangian), 1, 0.0))
    assert found[0].tolist() == found[1].tolist()


def test_practices_with_two_homes_sit_where_that_is_best():
    """The best seating of three practices is found among all eight, under any charges."""
    draw = np.random.default_rng(3)
    band, rows = draw.uniform(1, 9, 12), np.zeros(0, dtype=np.int64)
    people, profit = draw.uniform(0, 50, (3, 12)), draw.uniform(0, 90, (4, 12))
    bits = np.arange(8)[:, None] >> np.arange(3)[None, :] & 1
    none, entries = np.full(16, -1), (np.array([0, 1]), rows, np.zeros(0), np.zeros(0))
    movers = (none, none, np.zeros(16), np.zeros((1, 12, 16)), np.zeros((1, 12, 16)))
    bounds, _ = bound_patterns(
        np.array([[0, 1, 2], [3, 0, 1]]), np.array([2, 2, 1, 4]), profit,
        (1, np.array([5, 6, 7]), np.ascontiguousarray((bits @ people).T)), (band, 0.0, 99.0),
        (np.zeros(1, dtype=np.int64), rows, *([np.zeros(0)] * 3)), np.zeros((4, 1)), movers,
        entries, 0, 1e9, (5, 5),
    )  # fmt: skip

    def served(others, seating):
        here, there = profit[0] + seating @ people, profit[1] + (1 - seating) @ people
        return np.max([here, there, profit[others]], axis=0).sum()

    best = [max(served(others, seating) for seating in bits) for others in (2, 3)]
    assert bounds == pytest.approx(best)
