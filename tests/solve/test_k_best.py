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
from boundaries.solve.patterns.move_multipliers import with_moves


def most_served(problem, plans, pattern, moves):
    """Most people that plans under a pattern serve, when only the map and the moves are limited."""
    inside = (plans[:, :, None] == np.arange(problem.neighbourhoods)).astype(float)
    reach = np.einsum("ia,cak->cik", problem.people, inside)
    best = -np.inf
    for order in set(permutations(pattern)):
        served, gains = np.zeros(len(plans)), np.zeros((len(plans), len(problem.practices)))
        for item in range(len(problem.people)):
            anywhere = reach[:, item].max(axis=1)
            pcn = problem.pcn_of[item] if item < len(problem.practices) else -1
            home = anywhere
            if pcn >= 0:
                homes = [k for k, mask in enumerate(order) if mask >> pcn & 1]
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
    problem = replace(made.made_problem(seed, lsoas=(6, 9)), anchored=True, nest=None)
    problem = replace(problem, links=Links())
    every, catalogue = list_patterns(problem), make_catalogue(problem)
    plans = brute.cuts(problem)
    for moves in (0, 1, 2):
        listed, rest = catalogue.list_for(moves, 1 + seed % 4)
        assert len(set(listed)) == len(listed)
        assert set(listed) <= set(every)
        assert rest > -np.inf or len(listed) == len(every)
        upper = with_moves(problem, catalogue.prices_of(listed), moves).upper if listed else []
        bounds = dict(zip(listed, upper, strict=True))
        for pattern in every if len(plans) else ():
            truth = most_served(problem, plans, pattern, min(moves, len(problem.practices)))
            assert truth <= bounds.get(pattern, rest) + 1e-6


def test_all_patterns_are_listed_where_there_is_room():
    for seed in range(30):
        problem = replace(made.made_problem(seed), anchored=True)
        catalogue = make_catalogue(problem)
        if catalogue is not None:
            listed, rest = catalogue.list_for(seed % 3, 10_000)
            assert sorted(listed, reverse=True) == list_patterns(problem)
            assert all(keeps_locks(problem, pattern) for pattern in listed)
            assert rest == -np.inf


@pytest.mark.parametrize("seed", range(15))
def test_a_ladder_with_few_patterns_listed_claims_nothing_false(seed, monkeypatch):
    monkeypatch.setattr(rung, "list_patterns", lambda _problem: None)
    monkeypatch.setattr(rung, "_LISTED", 1 + seed % 5)
    problem = made.made_problem(seed)
    if not problem.anchored:
        pytest.skip("one pattern only")
    truth = brute.best_by_trying(problem)
    for moves, found in enumerate(solve(problem, range(4), LITTLE)):
        check(problem, found, truth[moves])
