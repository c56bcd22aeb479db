"""Separators cut off nothing that keeps the rules, and do cut off what is in pieces."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.solve.graph import (
    NO_ROOT,
    PopulationRule,
    broken,
    components,
    terms_of,
)
from boundaries.solve.lp.fixed_assignment import FixedAssignmentLP
from boundaries.solve.lp.joint_relaxation import SeparatorPool
from boundaries.solve.lp.separation import separate_fractions
from boundaries.solve.lp.separation_kernel import separate

SEEDS = [*range(45), 82, 125]


def alone_of(instance):
    return PopulationRule.of(instance.graph, instance.residents, instance.least)


def mixtures(instance, seed):
    """Shares of LSOAs between a few maps drawn at random, most of them in pieces."""
    draw = np.random.default_rng(seed)
    for _ in range(12):
        maps = draw.integers(
            0, instance.neighbourhoods, (int(draw.integers(1, 4)), instance.graph.size)
        )
        weights = draw.dirichlet(np.ones(len(maps)))
        shares = np.zeros((instance.graph.size, instance.neighbourhoods))
        for weight, labels in zip(weights, maps, strict=True):
            shares[np.arange(len(labels)), labels] += weight
        yield shares


def cuts_of(instance, seed):
    """Separators that the mixtures of a place break."""
    population_rule, found = alone_of(instance), set()
    for shares in mixtures(instance, seed):
        for label, cut in separate_fractions(
            instance.graph, shares, population_rule=population_rule
        ):
            lsoas, weights, limit = terms_of(cut)
            assert shares[lsoas, label] @ weights > limit  # it cuts something off
            found.add(cut)
        labels = shares.argmax(axis=1)
        several = broken(instance.graph, labels, instance.neighbourhoods, population_rule)
        found.update(several)
        assert bool(several) == in_pieces(instance, labels)
    return sorted(found)


def in_pieces(instance, labels):
    graph = instance.graph
    return any(
        len(components(graph.beside, np.flatnonzero((labels == label) & (graph.piece == piece))))
        > 1
        for label in range(instance.neighbourhoods)
        for piece in range(int(graph.piece.max()) + 1)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_no_map_that_keeps_the_rules_is_cut_off(seed):
    instance = made.made_instance(seed)
    maps = brute.cuts(instance)
    for cut in cuts_of(instance, seed):
        lsoas, weights, limit = terms_of(cut)
        for label in range(instance.neighbourhoods):
            assert not len(maps) or ((maps[:, lsoas] == label) @ weights).max() <= limit


def test_parts_that_are_too_small_are_among_them():
    """Without pieces, and others with them: else the test above would hold for nothing.

    In a place in pieces a part is small only where all other pieces together are smaller still.
    """
    kinds = {
        (int(instance.graph.piece.max()) > 0, cut[1] == NO_ROOT)
        for instance, seed in ((made.made_instance(seed), seed) for seed in SEEDS)
        for cut in cuts_of(instance, seed)
        if len(brute.cuts(instance))
    }
    assert kinds >= {(False, False), (False, True), (True, False)}


@pytest.mark.parametrize("seed", range(20))
def test_the_relaxed_map_bounds_every_map(seed):
    """For the worth it was solved for, and for any other, under its prices."""
    instance = made.made_instance(seed)
    maps, draw = brute.cuts(instance), np.random.default_rng(seed)
    if not len(maps):
        return
    shape = (len(instance.lsoas), instance.neighbourhoods)
    relaxed = FixedAssignmentLP(
        instance, np.ones(shape, dtype=bool), SeparatorPool(len(instance.lsoas))
    )
    profit, other = (np.round(draw.random(shape) ** 4 * 1000) for _ in range(2))
    bound, vector, constant = relaxed.solve(profit, -np.inf)
    rows = np.arange(len(instance.lsoas))
    assert bound >= profit[rows, maps].sum(axis=1).max() - 1e-3
    elsewhere = constant + (other - vector).max(axis=1).sum()
    assert elsewhere >= other[rows, maps].sum(axis=1).max() - 1e-3


def test_they_are_compiled_once_whatever_may_be_written_to():
    """The first rung of a place that was read would wait for it otherwise."""
    instance = made.made_instance(0)
    residents = instance.residents.copy()
    residents.flags.writeable = False
    shares = np.full((instance.graph.size, 1), 0.5)
    separate_fractions(instance.graph, shares)
    separate_fractions(
        instance.graph, shares, population_rule=PopulationRule.of(instance.graph, residents, 1)
    )
    assert len(separate.signatures) == 1
