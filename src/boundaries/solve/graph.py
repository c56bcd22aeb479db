"""Which LSOAs touch, what holds together, and what separates two LSOAs.

Goes in: pairs of neighbouring LSOAs as positions. Comes out: pieces, and separators: sets of
LSOAs of which at least one must be in a neighbourhood that holds both of two others. Next:
`boundaries.solve.lp.separation` finds those that a relaxed plan breaks, and
`boundaries.solve.lp.model` turns separators into rows.

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
    "NO_ROOT",
    "Graph",
    "PopulationRule",
    "Separator",
    "broken",
    "components",
    "make_graph",
    "terms_of",
]

NO_ROOT = -1

Separator = tuple[int, int, tuple[int, ...]]
"""Two LSOAs and the LSOAs that separate them; or one LSOA, ``NO_ROOT``, and the LSOAs around a part
of the map that holds it and has too few residents to be a neighbourhood by itself."""


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
        Every pair in both directions, sorted.
    first, back
        The neighbours of LSOA a are ``tails[first[a]:first[a + 1]]``, and where each pair stands
        the other way round.
    bond
        People that it costs to part each pair, the same both ways round.
    piece
        Which connected piece of the place each LSOA is in.
    """

    size: int
    beside: tuple[tuple[int, ...], ...]
    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    first: NDArray[np.int64]
    back: NDArray[np.int64]
    bond: NDArray[np.float64]
    piece: NDArray[np.int64]

    @property
    def bonded_pairs(self) -> NDArray[np.int64]:
        """Positions of the pairs that have a bond, each pair once."""
        return np.flatnonzero((self.heads < self.tails) & (self.bond > 0.0))

    def parted(self, labels: NDArray[np.int64]) -> float:
        """Return the bonds that a plan of whole LSOAs parts, in people."""
        return float(self.bond[labels[self.heads] != labels[self.tails]].sum()) / 2


@dataclass(frozen=True)
class PopulationRule:
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
    def of(cls, graph: Graph, residents: NDArray[np.int64], least: int) -> PopulationRule:
        """Return it for a place and the least residents of its neighbourhoods."""
        inside = np.bincount(graph.piece, weights=residents).astype(np.int64)
        kept = residents.copy()  # what is read only is another type, and compiled once more
        return cls(kept, least - (int(residents.sum()) - inside[graph.piece]))

    def too_small(self, graph: Graph, start: int, wall: Iterable[int]) -> bool:
        """Whether what can be reached from an LSOA without passing a wall is too small."""
        shut = set(wall)
        part = sorted(_spread(graph, start, shut) - shut)
        return int(self.residents[part].sum()) < int(self.least[start])


def terms_of(cut: Separator) -> tuple[list[int], list[float], float]:
    """Return the LSOAs of a separator, their weights, and what the weighted sum is at most."""
    one, other, between = cut
    ends = [one] if other == NO_ROOT else [one, other]
    return [*ends, *between], [1.0] * len(ends) + [-1.0] * len(between), len(ends) - 1.0


def make_graph(
    size: int, edges: Sequence[tuple[int, int]], bonds: Sequence[float] | None = None
) -> Graph:
    """Return the graph of ``size`` LSOAs, the pairs of neighbours and the bonds of these."""
    beside: list[set[int]] = [set() for _ in range(size)]
    bond_of: dict[tuple[int, int], float] = {}
    for (a, b), bond in zip(edges, bonds or [0.0] * len(edges), strict=True):
        if a != b:
            beside[a].add(b)
            beside[b].add(a)
            bond_of[a, b] = bond_of[b, a] = float(bond)
    tidy = tuple(tuple(sorted(near)) for near in beside)
    pairs = [(a, b) for a, near in enumerate(tidy) for b in near]
    table = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    piece = np.full(size, -1, dtype=np.int64)
    for number, members in enumerate(components(tidy, range(size))):
        piece[members] = number
    heads, tails = table[:, 0].copy(), table[:, 1].copy()
    first = np.searchsorted(heads, np.arange(size + 1))
    bonds_of_pairs = np.array([bond_of[pair] for pair in pairs], dtype=np.float64)
    back = np.lexsort((heads, tails))
    return Graph(size, tidy, heads, tails, first, back, bonds_of_pairs, piece)


def components(beside: Sequence[Sequence[int]], members: Iterable[int]) -> list[list[int]]:
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
    graph: Graph,
    labels: NDArray[np.int64],
    neighbourhoods: int,
    population_rule: PopulationRule | None = None,
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
    population_rule
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
        for part in components(graph.beside, members):
            by_piece.setdefault(int(graph.piece[part[0]]), []).append(part)
        for several in by_piece.values():
            several.sort(key=lambda part: (-len(part), part[0]))
            for detached in several[1:]:
                found |= _between(graph, detached, several[0], population_rule)
    return sorted(found)


def _between(
    graph: Graph, detached: list[int], kernel: list[int], population_rule: PopulationRule | None
) -> set[Separator]:
    near = _facing(graph, detached, kernel)
    far = _facing(graph, kernel, detached)
    found = set()
    for cut in (near, far):
        small = population_rule is not None and population_rule.too_small(graph, detached[0], cut)
        for one in detached[:6]:
            if small:
                found.add((one, NO_ROOT, cut))
                continue
            found.add((min(one, kernel[0]), max(one, kernel[0]), cut))
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
