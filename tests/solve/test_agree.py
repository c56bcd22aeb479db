"""The solver against trying everything, on small made-up places of every awkward kind."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from boundaries.solve.effort import Limits
from boundaries.solve.prices import with_moves
from boundaries.solve.rung import climb, solve_rung

_spec = importlib.util.spec_from_file_location("brute", Path(__file__).with_name("brute.py"))
assert _spec is not None
assert _spec.loader is not None
brute = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(brute)

LIMITS = Limits(work=1e6, starts=1, steps=2_000, promising=2)


def agree(seed: int, moves: int) -> None:
    problem = brute.random_problem(seed)
    truth = brute.best_by_trying(problem, moves)
    shared = climb(problem)
    assert shared is not None
    rung = solve_rung(shared, moves, limits=LIMITS, generator=np.random.default_rng(1))
    assert rung.proven
    if rung.found is None:
        assert truth == brute.NOTHING
    else:
        assert problem.total - rung.found.served == pytest.approx(truth, abs=1e-3)


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 6, 9, 10, 11])
def test_agrees_with_trying_everything(seed: int) -> None:
    agree(seed, seed % 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 7, 8, *range(12, 500)])
def test_agrees_with_trying_everything_on_many_places(seed: int) -> None:
    agree(seed, seed % 3)


@pytest.mark.parametrize("seed", range(500, 512))
def test_price_bounds_are_bounds(seed: int) -> None:
    """No plan beats the bound of its best pattern, whatever the moves."""
    problem = brute.random_problem(seed)
    shared = climb(problem)
    assert shared is not None
    for moves in (0, 1, 2):
        truth = brute.best_by_trying(problem, moves)
        if truth < brute.NOTHING:
            assert shared.prices is not None
            highest = with_moves(problem, shared.prices, moves).upper.max()
            assert problem.total - highest <= truth + 1e-6
