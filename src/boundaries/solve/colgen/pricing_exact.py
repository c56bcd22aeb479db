"""The tree of one neighbourhood's decisions, searched in several branches side by side.

Goes in: one neighbourhood's duals and a target. Comes out: what none is worth more than, and the
relaxed neighbourhoods in the way (`boundaries.solve.colgen.pricing_kernel` searches a branch).
Next: `boundaries.solve.colgen.bound`.

A branch is searched depth first for a while; what it leaves open goes back to the others, and the
most promising go on. The bound of what is open thus comes down all the time, and a search that is
ended says something. So many branches at a time, on any number of cores: the same outcome.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from heapq import heappop, heappush, nsmallest
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from boundaries.solve.colgen.moats import main_part
from boundaries.solve.colgen.pricing_kernel import ROOM, core_of, search_district

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Arcs", "PricingProblem", "compile_search", "price_exactly", "price_exactly_from"]

_BRANCHES = 8
"""Branches that are searched side by side."""

_FIRST, _TURN = 1e7, 4e7
"""Operations of the first turn of the root, and of one turn of a branch."""

_LOOK, _LATER = 1e9, 2.0
"""Operations after which what is open is looked at, and how many times more for the next look."""

_WHOLE = 1e-6
_CORES = 60
"""What is most promising then: so many."""


class Arcs(NamedTuple):
    """Pairs of neighbours with half of the bond of each, and pairs of an item and an LSOA.

    Half of the bond is what either side loses when neighbours are parted.

    Parameters
    ----------
    first, beside
        ``beside[first[a]:first[a + 1]]`` are the neighbours of LSOA a.
    back
        Where each pair stands the other way round.
    half
        Half of the bond of each pair; empty where no bond costs anything.
    item_first, its_lsoas
        ``its_lsoas[item_first[i]:item_first[i + 1]]`` are LSOAs and anchor nodes of item i.
    lsoa_first, its_items
        ``its_items[lsoa_first[a]:lsoa_first[a + 1]]`` are the items of LSOA or anchor node a.
    """

    first: NDArray[np.int64]
    beside: NDArray[np.int64]
    back: NDArray[np.int64]
    half: NDArray[np.float64]
    item_first: NDArray[np.int64]
    its_lsoas: NDArray[np.int64]
    lsoa_first: NDArray[np.int64]
    its_items: NDArray[np.int64]

    def rim(self, where: NDArray[np.float64]) -> float:
        """Return what the bonds at the rim of shares of LSOAs cost one neighbourhood."""
        if not len(self.half):
            return 0.0
        heads = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        return float(self.half @ np.abs(where[heads] - where[self.beside])) / 2


class PricingProblem(NamedTuple):
    """One neighbourhood under duals, as `pricing_kernel.search_district` takes it.

    Parameters
    ----------
    people
        Items by LSOAs and anchor nodes.
    item_duals, node_duals
        Of items; of LSOAs and anchor nodes.
    residents
        Of LSOAs and anchor nodes (0).
    band
        Least and most residents.
    first, beside
        ``beside[first[a]:first[a + 1]]`` are the neighbours of LSOA a.
    arcs
        The same pairs with their bonds.
    must_connect
        Whether a neighbourhood must be connected.
    sizes
        People of each item.
    anchors_first
        Whether it is decided whose anchor node it is before who is in it.
    """

    people: NDArray[np.float64]
    item_duals: NDArray[np.float64]
    node_duals: NDArray[np.float64]
    residents: NDArray[np.int64]
    band: NDArray[np.int64]
    first: NDArray[np.int64]
    beside: NDArray[np.int64]
    arcs: Arcs
    must_connect: bool
    sizes: NDArray[np.float64]
    anchors_first: bool

    def profit(self, where: NDArray[np.float64], items: NDArray[np.float64]) -> float:
        """Return the reduced profit of shares of LSOAs and anchor nodes, and of items."""
        served = np.minimum(where[None, :], items[:, None])
        paid = where @ self.node_duals + items @ self.item_duals + self.arcs.rim(where)
        return float((self.people * served).sum() - paid)

    def is_real(self, where: NDArray[np.float64], items: NDArray[np.float64]) -> bool:
        """Whether it is a neighbourhood: nothing in part, within the band, in one piece."""
        rounded = np.rint(np.concatenate([where, items]))
        if np.abs(rounded - np.concatenate([where, items])).max() > _WHOLE:
            return False
        inside = rounded[: len(where)] > 0
        heads = int(self.residents[inside].sum())
        lsoas = len(self.first) - 1
        main = main_part(
            lsoas, self.first, self.beside, self.residents, np.zeros(lsoas, np.int8), inside
        )
        joined = not self.must_connect or bool((main == inside[:lsoas]).all())
        return self.band[0] <= heads <= self.band[1] and joined


class _Node(NamedTuple):
    """What is decided: items and LSOAs in (1) and out (−1); what islands have paid; its bound."""

    items: NDArray[np.int8]
    lsoas: NDArray[np.int8]
    moats_paid: NDArray[np.float64]
    mu_population: float
    bound: float
    depth: int


def price_exactly(
    pricing: PricingProblem,
    target: float,
    most: float,
    cuts: int,
    look: Callable[[list[NDArray[np.bool_]]], bool],
) -> tuple[float, list[tuple[NDArray[np.float64], NDArray[np.float64]]], float]:
    """Return what no neighbourhood is worth more than, what is in the way, and the operations.

    Parameters
    ----------
    pricing
        The neighbourhood.
    target
        What its worth is to come under: nothing lower is returned.
    most
        Most operations.
    cuts
        Relaxed neighbourhoods, as shares of LSOAs (with anchor nodes) and of items, that end the
        search.
    look
        Shown the main parts of the most promising relaxed neighbourhoods now and then; whether the
        target is out of reach, which ends the search.

    Returns
    -------
    tuple
        The bound, the relaxed neighbourhoods, and the operations done.
    """
    order = count()
    open_: list[tuple[float, int, _Node]] = [(-np.inf, next(order), _root(pricing))]
    bound, done, turn, due = target, 0.0, _FIRST, _LOOK
    met: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    with ThreadPoolExecutor(max(1, min(_BRANCHES, os.cpu_count() or 1))) as pool:
        while open_ and len(met) < cuts and done < most:
            taken = [heappop(open_)[2] for _ in range(min(_BRANCHES, len(open_)))]
            ends = pool.map(lambda node: _search(pricing, node, target, turn, cuts), taken)  # noqa: B023
            for reached, left, ways, operations in ends:
                bound, done = max(bound, reached), done + operations
                met += ways
                for node in left:
                    heappush(open_, (-node.bound, next(order), node))
            turn = _TURN
            if done >= due:
                due = _LATER * done
                if look(_cores(pricing, [node for _, _, node in nsmallest(_CORES, open_)])):
                    break
    return max(bound, -open_[0][0] if open_ else bound), met[:cuts], done


def price_exactly_from(
    pricing: PricingProblem,
    decided: NDArray[np.int8],
    mu_population: float,
    target: float,
    most: float,
    cuts: int,
) -> tuple[float, list[tuple[NDArray[np.float64], NDArray[np.float64]]], float]:
    """Search a tree in which some LSOAs and anchor nodes are decided, depth first, on one thread.

    Return what no such neighbourhood is worth more than, what is in the way of the target, and the
    operations done.
    """
    items, lsoas = pricing.people.shape
    node = _Node(np.zeros(items, np.int8), decided, np.zeros(lsoas), mu_population, np.inf, 0)
    reached, left, met, done = _search(pricing, node, target, most, cuts)
    return max([target, reached, *(pricing.bound for pricing in left)]), met, done


def compile_search(pricing: PricingProblem) -> None:
    """Have everything compiled that a search needs."""
    _search(pricing, _root(pricing), np.inf, 1.0, 1)
    _cores(pricing, [_root(pricing)])


def _root(pricing: PricingProblem) -> _Node:
    items, lsoas = pricing.people.shape
    return _Node(
        np.zeros(items, np.int8), np.zeros(lsoas, np.int8), np.zeros(lsoas), 0.0, np.inf, 0
    )


def _cores(pricing: PricingProblem, nodes: list[_Node]) -> list[NDArray[np.bool_]]:
    """Return the main parts of relaxed neighbourhoods, each once."""
    found = [
        core_of(
            pricing.people, pricing.item_duals, pricing.node_duals, pricing.residents,
            pricing.band, pricing.first, pricing.beside, pricing.arcs, node.items, node.lsoas,
            node.moats_paid, node.mu_population,
        )
        for node in nodes
    ]  # fmt: skip
    return list({core.tobytes(): core for core in found if core.any()}.values())


def _search(
    pricing: PricingProblem, node: _Node, target: float, most: float, cuts: int
) -> tuple[float, list[_Node], list[tuple[NDArray[np.float64], NDArray[np.float64]]], float]:
    """Search one branch; return its bound, what it leaves open, what is in the way, the work."""
    items, lsoas = pricing.people.shape
    decided = np.zeros((ROOM, items), np.int8), np.zeros((ROOM, lsoas), np.int8)
    moats_paid, mu_populations, bounds = np.zeros((ROOM, lsoas)), np.zeros(ROOM), np.zeros(ROOM)
    depths, size = np.zeros(ROOM, np.int64), np.ones(1, np.int64)
    decided[0][0], decided[1][0], moats_paid[0] = node.items, node.lsoas, node.moats_paid
    mu_populations[0], bounds[0], depths[0] = node.mu_population, node.bound, node.depth
    nodes = (*decided, moats_paid, mu_populations, bounds, depths, size)
    shares, item_shares, stat = np.zeros((cuts, lsoas)), np.zeros((cuts, items)), np.zeros(2)
    reached, met = search_district(*pricing, target, most, nodes, shares, item_shares, stat)
    left = [
        _Node(
            decided[0][at].copy(), decided[1][at].copy(), moats_paid[at].copy(),
            float(mu_populations[at]), float(bounds[at]), int(depths[at]),
        )
        for at in range(int(size[0]))
    ]  # fmt: skip
    return reached, left, list(zip(shares[:met], item_shares[:met], strict=True)), float(stat[1])
