"""Whether a neighbourhood holds together without one of its LSOAs, against the plain search."""

from __future__ import annotations

import numpy as np
import pytest

from boundaries.solve.graph import components, make_graph
from boundaries.solve.heuristics.articulation import rings, stays_connected


def asked(graph, labels):
    """For every LSOA whether its neighbours in its neighbourhood stay connected without it."""
    first = np.searchsorted(graph.heads, np.arange(graph.size + 1)).astype(np.uint32)
    beside = graph.tails.astype(np.uint32)
    stamp, stack = np.zeros(graph.size, np.uint8), np.zeros(graph.size, np.uint32)
    ring, where = rings(first, beside), labels.astype(np.uint32)
    every = np.arange(graph.size, dtype=np.uint32)
    return [
        bool(stays_connected(first, beside, ring, where, stamp, stack, a, where[a])) for a in every
    ]


def truth(graph, labels):
    found = []
    for a, near in enumerate(graph.beside):
        members = [b for b in np.flatnonzero(labels == labels[a]).tolist() if b != a]
        split = [part for part in components(graph.beside, members) if set(part) & set(near)]
        found.append(len(split) == 1)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_holds_is_what_a_search_says(seed):
    draw = np.random.default_rng(seed)
    size = int(draw.integers(2, 40))
    edges = draw.integers(0, size, (int(draw.integers(1, 3 * size)), 2)).tolist()
    graph = make_graph(size, edges)
    labels = draw.integers(0, int(draw.integers(1, 4)), size)
    assert asked(graph, labels) == truth(graph, labels)


def test_more_neighbours_than_bits():
    star = [(0, b) for b in range(1, 80)]
    rim = [(b, b + 1) for b in range(1, 79)]
    for edges in (star, star + rim, star + rim[:40] + rim[41:]):
        graph = make_graph(80, edges)
        labels = np.zeros(80, dtype=np.int64)
        assert asked(graph, labels) == truth(graph, labels)
