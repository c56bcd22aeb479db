"""Separators cut off nothing that keeps the rules, and do cut off what is in pieces."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.solve.graph import (
    NOBODY,
    Alone,
    broken,
    parts,
    terms_of,
)
from boundaries.solve.lp.fixed_assignment import FixedMap
from boundaries.solve.lp.joint_relaxation import Pool
from boundaries.solve.lp.separation import separate_fractions
from boundaries.solve.lp.separation_kernel import separate

SEEDS = range(45)


def alone_of(problem):
    return Alone.of(problem.graph, problem.residents, problem.least)


def mixtures(problem, seed):
    """Shares of LSOAs between a few maps drawn at random, most of them in pieces."""
    draw = np.random.default_rng(seed)
    for _ in range(12):
        maps = draw.integers(
            0, problem.neighbourhoods, (int(draw.integers(1, 4)), problem.graph.size)
        )
        weights = draw.dirichlet(np.ones(len(maps)))
        shares = np.zeros((problem.graph.size, problem.neighbourhoods))
        for weight, labels in zip(weights, maps, strict=True):
            shares[np.arange(len(labels)), labels] += weight
        yield shares


def cuts_of(problem, seed):
    """Separators that the mixtures of a place break."""
    alone, found = alone_of(problem), set()
    for shares in mixtures(problem, seed):
        for label, cut in separate_fractions(problem.graph, shares, alone=alone):
            lsoas, weights, limit = terms_of(cut)
            assert shares[lsoas, label] @ weights > limit  # it cuts something off
            found.add(cut)
        labels = shares.argmax(axis=1)
        several = broken(problem.graph, labels, problem.neighbourhoods, alone)
        found.update(several)
        assert bool(several) == in_pieces(problem, labels)
    return sorted(found)


def in_pieces(problem, labels):
    graph = problem.graph
    return any(
        len(parts(graph.beside, np.flatnonzero((labels == label) & (graph.piece == piece)))) > 1
        for label in range(problem.neighbourhoods)
        for piece in range(int(graph.piece.max()) + 1)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_no_map_that_keeps_the_rules_is_cut_off(seed):
    problem = made.made_problem(seed)
    maps = brute.cuts(problem)
    for cut in cuts_of(problem, seed):
        lsoas, weights, limit = terms_of(cut)
        for label in range(problem.neighbourhoods):
            assert not len(maps) or ((maps[:, lsoas] == label) @ weights).max() <= limit


def test_parts_that_are_too_small_are_among_them():
    """With and without pieces: else the test above would hold for nothing."""
    kinds = {
        (int(problem.graph.piece.max()) > 0, cut[1] == NOBODY)
        for problem, seed in ((made.made_problem(seed), seed) for seed in SEEDS)
        for cut in cuts_of(problem, seed)
        if len(brute.cuts(problem))
    }
    assert kinds == {(False, False), (False, True), (True, False), (True, True)}


@pytest.mark.parametrize("seed", range(20))
def test_the_relaxed_map_bounds_every_map(seed):
    """For the worth it was solved for, and for any other, under its prices."""
    problem = made.made_problem(seed)
    maps, draw = brute.cuts(problem), np.random.default_rng(seed)
    if not len(maps):
        return
    shape = (len(problem.lsoas), problem.neighbourhoods)
    relaxed = FixedMap(problem, np.ones(shape, dtype=bool), Pool(len(problem.lsoas)))
    worth, other = (np.round(draw.random(shape) ** 4 * 1000) for _ in range(2))
    bound, price, constant = relaxed.solve(worth, -np.inf)
    rows = np.arange(len(problem.lsoas))
    assert bound >= worth[rows, maps].sum(axis=1).max() - 1e-3
    elsewhere = constant + (other - price).max(axis=1).sum()
    assert elsewhere >= other[rows, maps].sum(axis=1).max() - 1e-3


def test_they_are_compiled_once_whatever_may_be_written_to():
    """The first rung of a place that was read would wait for it otherwise."""
    problem = made.made_problem(0)
    residents = problem.residents.copy()
    residents.flags.writeable = False
    shares = np.full((problem.graph.size, 1), 0.5)
    separate_fractions(problem.graph, shares)
    separate_fractions(problem.graph, shares, alone=Alone.of(problem.graph, residents, 1))
    assert len(separate.signatures) == 1
