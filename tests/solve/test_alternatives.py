"""Plans nearly as good: they keep the rules, differ, and what is shown to stay does stay."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from boundaries.measure import measure_plan, referee
from boundaries.solve import better_options, find_near_plans, solve_options
from boundaries.solve.branch_and_bound.loop import begin_ladder, solve_rung
from boundaries.solve.domains import domains_of
from boundaries.solve.explain.alternatives import with_anchors
from boundaries.solve.explain.near_optimal import NearOptimalSearch
from boundaries.solve.heuristics.annealing import keeps_rules
from boundaries.solve.instance import Links, plan_of
from boundaries.solve.params import NearOptimalLimits
from boundaries.study import Rules
from boundaries.study.model import Options, Rates


def _beside(name: str):
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"tests_near_{name}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


brute, made = _beside("brute"), _beside("made")
LIMITS = NearOptimalLimits(20, 5.0, spread=2, patterns=4, units=9, steps=200)


def study(**options) -> SimpleNamespace:
    chosen = {"max_moves": 1, "best_fit": False, "effort": "quick", "tolerance": 0.1} | options
    return SimpleNamespace(
        rules=Rules(neighbourhoods=3), locks=(), options=Options(**chosen), rates=Rates()
    )


@pytest.fixture(scope="module")
def place(small_place):
    return replace(small_place, teams={})


@pytest.fixture(scope="module")
def solved(place):
    return solve_options(place, study())


def test_every_plan_keeps_the_rules_is_nearly_as_good_and_differs(place, solved):
    nears = find_near_plans(place, study(), solved)
    assert [near.option_id for near in nears] == ["move-0", "move-1"]
    for near, option in zip(nears, solved, strict=True):
        assert near.best == pytest.approx(option.objective)
        different = {(*plan.lsoas, *plan.practices) for plan in near.plans}
        assert len(different) == len(near.plans) > 3
        for plan, objective in zip(near.plans, near.objectives, strict=True):
            assert objective <= near.best * 1.1 + 1e-6
            measures = measure_plan(place, plan, study=study(), allowed_moves=option.allowed_moves)
            referee(place, plan, measures, objective=objective, allowed_moves=near.allowed_moves)


def test_the_same_seed_finds_the_same_plans_and_none_is_looked_for_when_not_asked(place, solved):
    first, second = (find_near_plans(place, study(), solved) for _ in range(2))
    assert [[tuple(plan.lsoas) for plan in near.plans] for near in first] == [
        [tuple(plan.lsoas) for plan in near.plans] for near in second
    ]
    assert find_near_plans(place, study(settled=0), solved) == ()
    (few, _) = find_near_plans(place, study(settled=2), solved)
    assert len(few.plans) == 3  # the option's own and two others


def test_a_better_plan_met_on_the_way_becomes_the_option(place, solved):
    nears = find_near_plans(place, study(), solved)
    worse = [replace(one, objective=one.objective + 500, bound=None) for one in solved]
    better = better_options(worse, nears)
    assert [one.objective for one in better] == [one.objective for one in solved]
    assert {one.status for one in better} == {"feasible"}
    assert better_options(solved, nears) == tuple(solved)


def _home(seed: int, allowed: int):
    """A place without locks, its best plan under a pattern, or None where it has none."""
    instance = replace(made.made_instance(seed, lsoas=(7, 9)), links=Links())
    if not instance.anchored or instance.neighbourhoods == 1 or instance.nest is not None:
        return None
    from boundaries.solve.params import Limits  # noqa: PLC0415

    rung = solve_rung(
        begin_ladder(instance),
        allowed,
        limits=Limits(5.0, 1, 500, 2),
        generator=np.random.default_rng(1),
    )
    if rung.solution is None:
        return None
    plan = plan_of(instance, rung.solution.lsoas, rung.solution.items[: len(instance.practices)])
    return instance, with_anchors(instance, plan, allowed, 1)


def _good_plans(instance, free, target):
    """Yield every plan under the freedom that serves the cutoff: all LSOAs, all practices."""
    count, practices = instance.neighbourhoods, len(instance.practices)
    ways = np.array(list(product(range(count), repeat=practices)))
    rows = np.arange(practices)
    ways = ways[[bool(free.items[rows, way].all()) for way in ways]]
    for cut in brute.cuts(instance):
        for names in permutations(range(count)):
            lsoas = np.array(names)[cut]
            inside = (lsoas[:, None] == np.arange(count)[None, :]).astype(float)
            reach = instance.people @ inside
            teams = np.where(free.items[practices:], reach[practices:], -np.inf).argmax(axis=1)
            top = reach[rows[None, :], ways].sum(axis=1) + reach[practices:].max(axis=1).sum()
            for way in ways[top >= target]:
                items = np.concatenate([way, teams])
                if keeps_rules(instance, free, lsoas, items):
                    yield lsoas, way


@pytest.mark.parametrize("allowed", [0, 1])
def test_what_is_shown_to_stay_is_elsewhere_in_no_plan_nearly_as_good(allowed):
    shown = 0
    for seed in range(1, 20):
        case = _home(seed, allowed)
        if case is None or case[1] is None:
            continue
        instance, (pattern, home) = case
        if len(set(pattern)) < len(pattern):
            continue  # told apart by their heart only
        around = NearOptimalSearch(
            instance, pattern, home, allowed_moves=allowed, tolerance=0.02, limits=LIMITS,
            generator=np.random.default_rng(1), stop=lambda: False,
        )  # fmt: skip
        around.run()
        lsoas, items = around.proven()
        shown += int(lsoas.sum())
        free = domains_of(instance, pattern, allowed)
        for found in around.near():
            assert found.served >= around.threshold - 1e-6
        for at, way in _good_plans(instance, free, around.threshold + 1e-6):
            assert (at == around.home.lsoas)[lsoas].all(), seed
            assert (way == around.home.items[: len(way)])[items].all(), seed
    assert shown >= (10, 3)[allowed]
