"""The least separators of two parts of a map, against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from boundaries.solve.graph import make_graph
from boundaries.solve.lp.max_flow import least_separators

WIDE, HIGH = 7, 5
SIZE = WIDE * HIGH


def made(seed):
    """A grid with some pairs cut and bridged, capacities with many ties, and two parts."""
    draw = np.random.default_rng(seed)
    grid = [(a, a + 1) for a in range(SIZE) if (a + 1) % WIDE]
    grid += [(a, a + WIDE) for a in range(SIZE - WIDE)]
    edges = [pair for pair in grid if draw.random() > 0.1]
    edges += [tuple(draw.choice(SIZE, 2, replace=False).tolist()) for _ in range(2)]
    through = draw.choice([1, 1, 2, 1_000, 250_001, 400_001, 999_999], SIZE).astype(np.int64)
    ends = np.zeros(SIZE, dtype=np.int8)
    ends[[0, WIDE][: 1 + seed % 2]] = 1
    ends[[SIZE - 1, SIZE - 2, SIZE - 1 - WIDE][: 1 + seed % 3]] = -1
    return make_graph(SIZE, edges), through, ends


def through_lsoas(graph, through, ends):
    """The same as networkx wants it: each LSOA an arc, both parts without limit."""
    flow = nx.DiGraph()
    for a in range(SIZE):
        flow.add_edge(("in", a), ("out", a), capacity=int(through[a]))
        for b in graph.beside[a]:
            flow.add_edge(("out", a), ("in", b))
        if ends[a] > 0:
            flow.add_edge("one", ("out", a))
        if ends[a] < 0:
            flow.add_edge(("in", a), "other")
    return flow


@pytest.mark.parametrize("seed", range(60))
def test_it_is_the_least_and_what_is_nearest_to_either_part(seed):
    graph, through, ends = made(seed)
    near, last = np.zeros(SIZE, dtype=bool), np.zeros(SIZE, dtype=bool)
    flow = through_lsoas(graph, through, ends)
    arrays = graph.first, graph.tails, graph.back, through
    try:
        least = nx.maximum_flow_value(flow, "one", "other")
    except nx.NetworkXUnbounded:  # the parts touch
        assert least_separators(ends, *arrays, 1e9, near, last) >= 1e9
        return
    assert least_separators(ends, *arrays, 1e9, near, last) == least
    assert least_separators(ends, *arrays, least, near.copy(), last.copy()) >= least
    sides = []
    for cut in (near, last):
        assert through[cut].sum() == least
        rest = nx.Graph([(a, b) for a in range(SIZE) for b in graph.beside[a]])
        rest.add_nodes_from(range(SIZE))
        rest.remove_nodes_from(np.flatnonzero(cut).tolist())
        one = set().union(*(nx.node_connected_component(rest, a) for a in np.flatnonzero(ends > 0)))
        assert not one & set(np.flatnonzero(ends < 0).tolist())
        sides.append(one)
    assert sides[0] <= sides[1]
    # nearest: one more person through any LSOA of it, and more can flow
    for a in np.flatnonzero(near).tolist()[:3]:
        wider = through.copy()
        wider[a] += 1
        more = nx.maximum_flow_value(through_lsoas(graph, wider, ends), "one", "other")
        assert (more > least) == bool(last[a])
