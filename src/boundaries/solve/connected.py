"""Which LSOAs touch, what holds together, and what separates two LSOAs.

Goes in: pairs of neighbouring LSOAs as positions. Comes out: pieces, and separators: sets of
LSOAs of which at least one must be in a neighbourhood that holds both of two others. Next:
`boundaries.solve.model` turns separators into rows.

A place whose graph is itself in pieces: a neighbourhood must be connected within each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Graph", "Separator", "broken", "make_graph", "parts", "separate_fractions"]

Separator = tuple[int, int, tuple[int, ...]]
"""Two LSOAs and the LSOAs that separate them."""

_WHOLE = 0.999
_LEAST = 0.02
_SCALE = 1_000_000


@dataclass(frozen=True)
class Graph:
    """Neighbouring LSOAs.

    Parameters
    ----------
    size
        How many LSOAs.
    beside
        Neighbours of each LSOA, sorted.
    heads, tails
        Every pair in both directions.
    piece
        Which connected piece of the place each LSOA is in.
    """

    size: int
    beside: tuple[tuple[int, ...], ...]
    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    piece: NDArray[np.int64]


def make_graph(size: int, edges: Sequence[tuple[int, int]]) -> Graph:
    """Return the graph of ``size`` LSOAs and the pairs of neighbours."""
    beside: list[set[int]] = [set() for _ in range(size)]
    for a, b in edges:
        if a != b:
            beside[a].add(b)
            beside[b].add(a)
    tidy = tuple(tuple(sorted(near)) for near in beside)
    pairs = [(a, b) for a, near in enumerate(tidy) for b in near]
    table = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    piece = np.full(size, -1, dtype=np.int64)
    for number, members in enumerate(parts(tidy, range(size))):
        piece[members] = number
    return Graph(size, tidy, table[:, 0].copy(), table[:, 1].copy(), piece)


def parts(beside: Sequence[Sequence[int]], members: Iterable[int]) -> list[list[int]]:
    """Return the connected parts of a set of LSOAs, each sorted, in order of their first LSOA."""
    left = set(members)
    found = []
    for start in sorted(left):
        if start not in left:
            continue
        left.discard(start)
        stack, part = [start], [start]
        while stack:
            for near in beside[stack.pop()]:
                if near in left:
                    left.discard(near)
                    stack.append(near)
                    part.append(near)
        found.append(sorted(part))
    return found


def broken(graph: Graph, labels: NDArray[np.int64], neighbourhoods: int) -> list[Separator]:
    """Return separators that a plan of whole LSOAs breaks; none when it is connected.

    Parameters
    ----------
    graph
        Neighbouring LSOAs.
    labels
        Neighbourhood of every LSOA.
    neighbourhoods
        How many neighbourhoods.

    Returns
    -------
    list[Separator]
        For each loose part, separators near it and near the body of its neighbourhood.
    """
    found: set[Separator] = set()
    for label in range(neighbourhoods):
        members = np.flatnonzero(labels == label).tolist()
        by_piece: dict[int, list[list[int]]] = {}
        for part in parts(graph.beside, members):
            by_piece.setdefault(int(graph.piece[part[0]]), []).append(part)
        for several in by_piece.values():
            several.sort(key=lambda part: (-len(part), part[0]))
            for loose in several[1:]:
                found |= _between(graph, loose, several[0])
    return sorted(found)


def _between(graph: Graph, loose: list[int], body: list[int]) -> set[Separator]:
    near = _facing(graph, loose, body)
    far = _facing(graph, body, loose)
    found = set()
    for cut in (near, far):
        for one in loose[:6]:
            found.add((min(one, body[0]), max(one, body[0]), cut))
    return found


def _facing(graph: Graph, side: list[int], other: list[int]) -> tuple[int, ...]:
    """Return the neighbours of one side that can be reached from the other: a minimal separator."""
    inside = set(side)
    rim = {b for a in side for b in graph.beside[a]} - inside
    return tuple(sorted(rim & _spread(graph, other[0], rim)))


def _spread(graph: Graph, start: int, wall: set[int]) -> set[int]:
    """Return what can be reached from an LSOA, walls included but not passed."""
    seen, stack = {start}, [start]
    while stack:
        for near in graph.beside[stack.pop()]:
            if near not in seen:
                seen.add(near)
                if near not in wall:
                    stack.append(near)
    return seen


def separate_fractions(
    graph: Graph, shares: NDArray[np.float64], *, most: int = 8
) -> list[tuple[int, Separator]]:
    """Return separators that a relaxed plan breaks, with the neighbourhood that breaks each.

    Parameters
    ----------
    graph
        Neighbouring LSOAs.
    shares
        LSOAs by neighbourhoods: how much of the LSOA is in it, 0–1.
    most
        At most this many for each neighbourhood.

    Returns
    -------
    list[tuple[int, Separator]]
        Neighbourhood and separator, in a fixed order.
    """
    found: list[tuple[int, Separator]] = []
    for label in range(shares.shape[1]):
        x = shares[:, label]
        for piece in range(int(graph.piece.max()) + 1):
            found += [
                (label, cut)
                for cut in _separate_one(graph, x, most, np.flatnonzero(graph.piece == piece))
            ]
    return found


def _separate_one(
    graph: Graph, x: NDArray[np.float64], most: int, piece: NDArray[np.int64]
) -> list[Separator]:
    solid = parts(graph.beside, piece[x[piece] > 0.5].tolist())
    if not solid:
        return []
    body = max(solid, key=lambda part: (float(x[part].sum()), -part[0]))
    root = max(body, key=lambda a: (10 * x[a] + sum(x[b] for b in graph.beside[a]), -a))
    wall = {a for a in piece.tolist() if x[a] <= _WHOLE}
    seen = _spread(graph, root, wall) if x[root] > _WHOLE else {root}
    loose = [a for a in piece.tolist() if x[a] > 2 * _LEAST and a not in seen]
    loose.sort(key=lambda a: (-x[a], a))
    found: list[Separator] = []
    covered: set[int] = set()
    for a in loose:
        if a in covered or root in graph.beside[a]:
            continue
        value, cut = _least_separator(graph, x, a, root)
        if value < x[a] + x[root] - 1 - _LEAST:
            facing = _minimal(graph, a, root, cut)
            found.append((min(a, root), max(a, root), facing))
            covered |= _spread(graph, a, set(facing))
            if len(found) >= most:
                break
    return found


def _least_separator(
    graph: Graph, x: NDArray[np.float64], one: int, other: int
) -> tuple[float, set[int]]:
    from ortools.graph.python import max_flow  # noqa: PLC0415 - heavy imports stay inside

    flow = max_flow.SimpleMaxFlow()
    nodes = np.arange(graph.size)
    through = (np.maximum(x, 0) * _SCALE).astype(np.int64) + 1
    through[[one, other]] = 1000 * _SCALE
    flow.add_arcs_with_capacity(nodes, nodes + graph.size, through)
    wide = np.full(len(graph.heads), 1000 * _SCALE)
    flow.add_arcs_with_capacity(graph.heads + graph.size, graph.tails, wide)
    flow.solve(one + graph.size, other)
    side = set(flow.get_source_side_min_cut())
    cut = {a for a in range(graph.size) if a in side and a + graph.size not in side}
    return flow.optimal_flow() / _SCALE, cut


def _minimal(graph: Graph, one: int, other: int, cut: set[int]) -> tuple[int, ...]:
    near = cut & _spread(graph, one, cut)
    return tuple(sorted(near & _spread(graph, other, near)))
