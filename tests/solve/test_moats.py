"""Moats never cost a connected neighbourhood anything, and make one in pieces pay."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from boundaries.solve.colgen.moats import grow_moats, main_part

LEAST = 3_000


def arrays(graph):
    """Neighbours as the kernels want them."""
    near = [sorted(graph[a]) for a in sorted(graph)]
    first = np.cumsum([0, *map(len, near)]).astype(np.int64)
    return first, np.array([b for some in near for b in some], dtype=np.int64)


def dug(graph, residents, profit, fixed):
    """Dig under what is worth having; return what was carried, and from and to where."""
    inside = ((profit > 0) | (fixed > 0)) & (fixed >= 0)
    carried = np.zeros(len(profit))
    left = np.where(fixed < 0, -1e18, profit)
    total = grow_moats(len(profit), *arrays(graph), residents, LEAST, fixed, left, inside, carried)
    return total, carried


@pytest.mark.parametrize("seed", range(60))
def test_no_connected_neighbourhood_is_worth_less(seed):
    draw = np.random.default_rng(seed)
    size = 9
    graph = nx.convert_node_labels_to_integers(nx.gnp_random_graph(size, 0.3, seed=seed))
    residents = draw.integers(500, 1_500, size)
    profit = np.round(draw.normal(-20.0, 60.0, size))
    fixed = draw.choice(np.array([-1, 0, 0, 0, 0, 1], dtype=np.int8), size)
    _, carried = dug(graph, residents, profit, fixed)
    for count in range(1, size + 1):
        for chosen in map(list, combinations(range(size), count)):
            some = np.isin(np.arange(size), chosen)
            allowed = not (some & (fixed < 0)).any() and not (~some & (fixed > 0)).any()
            if (
                allowed
                and residents[some].sum() >= LEAST
                and nx.is_connected(graph.subgraph(chosen))
            ):
                assert carried[some].sum() >= -1e-9


def test_a_main_part_that_is_too_small_pays_for_its_growth():
    profit = np.array([10.0, -4.0, -3.0, -1.0, 2.0])
    residents, free = np.full(5, 1_000), np.zeros(5, dtype=np.int8)
    total, carried = dug(nx.path_graph(5), residents, profit, free)
    assert total == pytest.approx(4.0 + 3.0 + 1.0)  # 7 to reach 3,000; the island gives 1 more
    assert (profit + carried).clip(0).sum() == pytest.approx(12.0 - total)


def test_the_main_part_is_the_largest_or_has_what_must_be_in():
    graph = nx.path_graph(5)
    inside = np.array([True, True, False, True, False])
    residents, fixed = np.full(5, 1_000), np.zeros(5, dtype=np.int8)
    assert main_part(5, *arrays(graph), residents, fixed, inside).tolist() == [1, 1, 0, 0, 0]
    fixed[3] = 1
    assert main_part(5, *arrays(graph), residents, fixed, inside).tolist() == [0, 0, 0, 1, 0]
