"""Places with too many patterns to list: what is listed, and the bound of what is not.

On small made places every pattern can be listed, and its best plan found by trying everything, with
some rules left out that the bound does not know either (floors, locks). No pattern that is not
listed may serve more than the bound of the rest, with or without moves.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from tests.solve import brute, made
from tests.solve.test_agree import LITTLE, check, solve

from boundaries.solve.branch_and_bound import loop as rung
from boundaries.solve.instance import Links
from boundaries.solve.patterns import k_best as listing
from boundaries.solve.patterns.enumerate import keeps_locks, list_patterns
from boundaries.solve.patterns.k_best import make_catalogue
from boundaries.solve.patterns.move_multipliers import bound_with_moves


def most_served(instance, plans, pattern, moves):
    """Most people that plans under a pattern serve, when only the map and the moves are limited."""
    inside = (plans[:, :, None] == np.arange(instance.neighbourhoods)).astype(float)
    reach = np.einsum("ia,cak->cik", instance.people, inside)
    best = -np.inf
    for order in set(permutations(pattern)):
        served, gains = np.zeros(len(plans)), np.zeros((len(plans), len(instance.practices)))
        for item in range(len(instance.people)):
            anywhere = reach[:, item].max(axis=1)
            pcn = instance.pcn_of[item] if item < len(instance.practices) else -1
            home = anywhere
            if pcn >= 0:
                homes = [k for k, pcn_set in enumerate(order) if pcn_set >> pcn & 1]
                home = reach[:, item, homes].max(axis=1)
                gains[:, item] = anywhere - home
            served += home
        gains.sort(axis=1)
        served += gains[:, gains.shape[1] - moves :].sum(axis=1) if moves else 0.0
        best = max(best, float(served.max()))
    return best


@pytest.mark.parametrize("kept", [3, 6, 10_000])
@pytest.mark.parametrize("seed", range(15))
def test_no_pattern_is_better_than_the_rest_is_said_to_be(seed, kept, monkeypatch):
    monkeypatch.setattr(listing, "_KEPT", kept)  # sets of PCNs
    instance = replace(made.made_instance(seed, lsoas=(6, 9)), anchored=True, nest=None)
    instance = replace(instance, links=Links())
    every, catalogue = list_patterns(instance), make_catalogue(instance)
    plans = brute.cuts(instance)
    for moves in (0, 1, 2):
        listed, rest = catalogue.list_for(moves, 1 + seed % 4)
        assert len(set(listed)) == len(listed)
        assert set(listed) <= set(every)
        assert rest > -np.inf or len(listed) == len(every)
        dual_bounds = (
            bound_with_moves(instance, catalogue.bounds_of(listed), moves).dual_bounds
            if listed
            else []
        )
        bounds = dict(zip(listed, dual_bounds, strict=True))
        for pattern in every if len(plans) else ():
            truth = most_served(instance, plans, pattern, min(moves, len(instance.practices)))
            assert truth <= bounds.get(pattern, rest) + 1e-6


def test_all_patterns_are_listed_where_there_is_room():
    for seed in range(30):
        instance = replace(made.made_instance(seed), anchored=True)
        catalogue = make_catalogue(instance)
        if catalogue is not None:
            listed, rest = catalogue.list_for(seed % 3, 10_000)
            assert sorted(listed, reverse=True) == list_patterns(instance)
            assert all(keeps_locks(instance, pattern) for pattern in listed)
            assert rest == -np.inf


@pytest.mark.parametrize("seed", range(15))
def test_a_ladder_with_few_patterns_listed_claims_nothing_false(seed, monkeypatch):
    monkeypatch.setattr(rung, "list_patterns", lambda _problem: None)
    monkeypatch.setattr(rung, "_LISTED", 1 + seed % 5)
    instance = made.made_instance(seed)
    if not instance.anchored:
        pytest.skip("one pattern only")
    truth = brute.best_by_trying(instance)
    for moves, found in enumerate(solve(instance, range(4), LITTLE)):
        check(instance, found, truth[moves])
