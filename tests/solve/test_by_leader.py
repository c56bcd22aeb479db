"""Neighbourhoods by who leads them: no plan found by trying everything beats their bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.solve.colgen.by_leader import BoundByLeader, LeaderRelaxation, merge_practices
from boundaries.solve.domains import domains_of
from boundaries.solve.heuristics.alternation import search_maps
from boundaries.solve.heuristics.annealing import keeps_rules, served_people
from boundaries.solve.params import Limits

CLOSE = 1e-3
LIMITS = Limits(work=0.0, steps=300, wide=20, promising=1, maps=0.02)


def plans_of(instance, moves):
    """Plans found by drawing maps, each with its pattern."""
    met = []
    search_maps(
        instance,
        moves,
        LIMITS,
        np.random.default_rng(1),
        known=[],
        offer=lambda pattern, plan: met.append((pattern, plan)),
        stop=lambda: len(met) > 8,
    )
    return met


def made_of(seed):
    return made.made_instance(seed) if seed % 2 else made.awkward_instance(seed)


def test_maps_drawn_keep_the_rules_and_none_beats_trying_everything():
    met = best = 0
    for seed in range(24):
        instance, moves = made_of(seed), seed % 3
        truth = brute.best_by_trying(instance)[moves]
        plans = plans_of(instance, moves)
        for pattern, plan in plans:
            domains = domains_of(instance, pattern, moves)
            assert keeps_rules(instance, domains, plan.lsoas, plan.items)
            assert plan.served == served_people(instance, plan.lsoas, plan.items)
            assert instance.total - plan.served >= truth - CLOSE
        met += bool(plans)
        best += any(instance.total - plan.served <= truth + CLOSE for _, plan in plans)
    assert met >= 12
    assert best >= 10


def looks(many):
    """Answers to "stop?" that allow so many looks."""
    asked = iter([False] * (many - 1))
    return lambda: next(asked, True)


def test_no_plan_beats_the_bound():
    tried = 0
    for seed in range(32):
        instance = made_of(seed)
        if seed % 8 == 7:
            instance = replace(instance, anchored=False)
        plans = plans_of(instance, 0) or plans_of(instance, 3)
        if not plans:
            continue
        tried += 1
        truth = brute.best_by_trying(instance)
        plan = max((plan for _, plan in plans), key=lambda one: one.served)
        bound = BoundByLeader(instance)
        for moves in (0, 2, 1, 3) if instance.anchored else (0,):
            for many in (1, 12):
                bound.bound(
                    moves,
                    plan,
                    target=plan.served,
                    most_work=1.0,
                    move_dual=10.0,
                    stop=looks(many),
                )
                for other in range(4):  # what was proven for one rung holds for all
                    assert instance.total - bound.most_served(other) <= truth[other] + CLOSE
    assert tried >= 16


def test_looks_bring_the_bound_down():
    lower = []
    for seed in range(1, 24, 2):
        instance = made.made_instance(seed)
        plans = [plan for _, plan in plans_of(instance, 0)]
        if not plans:
            continue
        best = max(plans, key=lambda one: one.served)
        at = []
        for many in (1, 400):
            relaxation = LeaderRelaxation(instance)
            relaxation.bound(0, best, target=best.served, most_work=1.0, stop=looks(many))
            at.append(relaxation.most_served(0) - best.served)
        lower.append(at[1] / max(1.0, at[0]))
    assert len(lower) >= 6
    assert np.median(lower) < 0.6


def test_without_moves_a_pcn_is_one_practice():
    instance = made.made_instance(1)
    _, plan = plans_of(instance, 0)[0]
    place, same = merge_practices(instance, plan)
    assert len(place.practices) < len(instance.practices)
    assert place.people.sum() == instance.people.sum()
    assert served_people(place, same.lsoas, same.items) == pytest.approx(plan.served)
