"""Which LSOAs touch, what holds together, and what separates two LSOAs.

Goes in: pairs of neighbouring LSOAs as positions. Comes out: pieces, and separators: sets of
LSOAs of which at least one must be in a neighbourhood that holds both of two others. Next:
`boundaries.solve.linear.model` turns separators into rows.

A place whose graph is itself in pieces: a neighbourhood must be connected within each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = [
    "NOBODY",
    "Alone",
    "Graph",
    "Separator",
    "broken",
    "make_graph",
    "parts",
    "separate_fractions",
    "terms_of",
]

NOBODY = -1

Separator = tuple[int, int, tuple[int, ...]]
"""Two LSOAs and the LSOAs that separate them; or one LSOA, ``NOBODY``, and the LSOAs around a part
of the map that holds it and has too few residents to be a neighbourhood by itself."""

_WHOLE = 0.999
_LEAST = 0.02
_SCALE = 1_000_000
_BODIES = 3
"""Parts of a neighbourhood from which the rest is cut off."""


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


@dataclass(frozen=True)
class Alone:
    """Which parts of the map cannot be neighbourhoods by themselves.

    Parameters
    ----------
    residents
        Residents of each LSOA.
    least
        For each LSOA, the residents below which a part that holds it is too small: the least of a
        neighbourhood, less everybody in other pieces of the place, who may be in it as well.
    """

    residents: NDArray[np.int64]
    least: NDArray[np.int64]

    @classmethod
    def of(cls, graph: Graph, residents: NDArray[np.int64], least: int) -> Alone:
        """Return it for a place and the least residents of its neighbourhoods."""
        inside = np.bincount(graph.piece, weights=residents).astype(np.int64)
        return cls(residents, least - (int(residents.sum()) - inside[graph.piece]))

    def too_small(self, graph: Graph, start: int, wall: Iterable[int]) -> bool:
        """Whether what can be reached from an LSOA without passing a wall is too small."""
        shut = set(wall)
        part = sorted(_spread(graph, start, shut) - shut)
        return int(self.residents[part].sum()) < int(self.least[start])


def terms_of(cut: Separator) -> tuple[list[int], list[float], float]:
    """Return the LSOAs of a separator, their weights, and what the weighted sum is at most."""
    one, other, between = cut
    ends = [one] if other == NOBODY else [one, other]
    return [*ends, *between], [1.0] * len(ends) + [-1.0] * len(between), len(ends) - 1.0


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


def broken(
    graph: Graph, labels: NDArray[np.int64], neighbourhoods: int, alone: Alone | None = None
) -> list[Separator]:
    """Return separators that a plan of whole LSOAs breaks; none when it is connected.

    Parameters
    ----------
    graph
        Neighbouring LSOAs.
    labels
        Neighbourhood of every LSOA.
    neighbourhoods
        How many neighbourhoods.
    alone
        Which parts are too small by themselves, if that is to be used.

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
                found |= _between(graph, loose, several[0], alone)
    return sorted(found)


def _between(
    graph: Graph, loose: list[int], body: list[int], alone: Alone | None
) -> set[Separator]:
    near = _facing(graph, loose, body)
    far = _facing(graph, body, loose)
    found = set()
    for cut in (near, far):
        small = alone is not None and alone.too_small(graph, loose[0], cut)
        for one in loose[:6]:
            if small:
                found.add((one, NOBODY, cut))
                continue
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
    graph: Graph, shares: NDArray[np.float64], *, most: int = 8, alone: Alone | None = None
) -> list[tuple[int, Separator]]:
    """Return separators that a relaxed plan breaks, with the neighbourhood that breaks each.

    Parameters
    ----------
    graph
        Neighbouring LSOAs.
    shares
        LSOAs by neighbourhoods: how much of the LSOA is in it, 0–1.
    most
        At most so many loose LSOAs for each body of each neighbourhood.
    alone
        Which parts are too small by themselves, if that is to be used.

    Returns
    -------
    list[tuple[int, Separator]]
        Neighbourhood and separator, in a fixed order.
    """
    found: dict[tuple[int, Separator], None] = {}
    for label in range(shares.shape[1]):
        x = shares[:, label]
        for piece in range(int(graph.piece.max()) + 1):
            inside = np.flatnonzero(graph.piece == piece)
            solid = parts(graph.beside, inside[x[inside] > 0.5].tolist())
            solid.sort(key=lambda part: (-float(x[part].sum()), part[0]))
            for body in solid[:_BODIES]:
                root = max(body, key=lambda a: (10 * x[a] + sum(x[b] for b in graph.beside[a]), -a))
                cuts = _separate_from(graph, x, most, root, alone)
                found.update(((label, cut), None) for cut in cuts)
    return list(found)


def _separate_from(
    graph: Graph, x: NDArray[np.float64], most: int, root: int, alone: Alone | None
) -> list[Separator]:
    """Return separators between a root and what hangs loose from it."""
    piece = np.flatnonzero(graph.piece == graph.piece[root]).tolist()
    wall = {a for a in piece if x[a] <= _WHOLE}
    seen = _spread(graph, root, wall) if x[root] > _WHOLE else {root}
    loose = [a for a in piece if x[a] > 2 * _LEAST and a not in seen]
    loose.sort(key=lambda a: (-x[a], a))
    found: list[Separator] = []
    covered: set[int] = set()
    tried = 0
    for a in loose:
        if a in covered or root in graph.beside[a]:
            continue
        best = float(x[a] + x[root] - 1 if alone is None else max(x[a], x[root]))
        if best <= _LEAST:
            continue
        value, cuts = _least_separators(graph, x, a, root)
        if value >= best - _LEAST:
            continue
        facing = [_minimal(graph, a, root, cut) for cut in cuts]
        made = [one for cut in facing if (one := _sharpest(graph, x, (a, root), cut, alone))]
        if made:
            found += made
            covered |= _spread(graph, a, set(facing[0]))
            tried += 1
            if tried >= most:
                break
    return found


def _sharpest(
    graph: Graph,
    x: NDArray[np.float64],
    ends: tuple[int, int],
    cut: tuple[int, ...],
    alone: Alone | None,
) -> Separator | None:
    """Return the separator of two LSOAs that is broken, with one LSOA only where that holds."""
    between = float(x[list(cut)].sum())
    if alone is not None:
        for one in ends:
            if x[one] - between > _LEAST and alone.too_small(graph, one, cut):
                return one, NOBODY, cut
    one, other = ends
    if x[one] + x[other] - 1 - between <= _LEAST:
        return None
    return min(ends), max(ends), cut


def _least_separators(
    graph: Graph, x: NDArray[np.float64], one: int, other: int
) -> tuple[float, list[set[int]]]:
    """Return what the least separator of two LSOAs weighs, and those nearest to each of them."""
    from ortools.graph.python import max_flow  # noqa: PLC0415 - heavy imports stay inside

    flow = max_flow.SimpleMaxFlow()
    size = graph.size
    nodes = np.arange(size)
    through = (np.maximum(x, 0) * _SCALE).astype(np.int64) + 1
    through[[one, other]] = 1000 * _SCALE
    flow.add_arcs_with_capacity(nodes, nodes + size, through)
    wide = np.full(len(graph.heads), 1000 * _SCALE)
    flow.add_arcs_with_capacity(graph.heads + size, graph.tails, wide)
    flow.solve(one + size, other)
    near, far = np.zeros(2 * size, dtype=bool), np.zeros(2 * size, dtype=bool)
    near[flow.get_source_side_min_cut()] = True
    far[flow.get_sink_side_min_cut()] = True
    first = set(np.flatnonzero(near[:size] & ~near[size:]).tolist())
    last = set(np.flatnonzero(far[size:] & ~far[:size]).tolist())
    return flow.optimal_flow() / _SCALE, [first] if first == last else [first, last]


def _minimal(graph: Graph, one: int, other: int, cut: set[int]) -> tuple[int, ...]:
    near = cut & _spread(graph, one, cut)
    return tuple(sorted(near & _spread(graph, other, near)))
