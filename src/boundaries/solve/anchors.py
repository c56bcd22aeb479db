"""Every way in which PCNs can be anchored in neighbourhoods, and a bound for each.

Goes in: `Problem`. Comes out: patterns — for each neighbourhood, the set of PCNs anchored in it,
as a number whose bit c is PCN c — and, for each pattern, most people that any plan under it can
serve. Neighbourhoods have no names, so a pattern is a sorted tuple of such sets.
Next: `boundaries.solve.ladder` takes the promising ones to `boundaries.solve.leaf`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from boundaries.solve.problem import Problem

__all__ = ["Pattern", "bound_patterns", "list_patterns", "served_by_pcn"]

Pattern = tuple[int, ...]

_CHUNK = 4096


def list_patterns(problem: Problem, *, limit: int = 1_500_000) -> list[Pattern] | None:
    """Return every anchor pattern that a plan may need, or None when there are too many.

    More anchors never hurt a PCN, so each is given as many as its span allows; only with locks
    that keep something apart from a PCN are smaller sets listed too.
    """
    if not problem.anchored:
        return [(0,) * problem.neighbourhoods]
    every = _has_apart(problem)
    found: set[Pattern] = set()
    order = np.lexsort((np.arange(len(problem.pcns)), problem.span)).tolist()
    for columns in _grow(problem, order, 0, (), every=every):
        found.add(tuple(sorted(columns, reverse=True)))
        if len(found) > limit:
            return None
    return sorted((p for p in found if _keeps_locks(problem, p)), reverse=True)


def _has_apart(problem: Problem) -> bool:
    links = problem.links
    return any(not together for _, _, together in (*links.anchored, *links.pcns))


def _grow(
    problem: Problem, order: list[int], position: int, columns: tuple[int, ...], *, every: bool
) -> Iterator[tuple[int, ...]]:
    """Anchor PCNs one by one, in neighbourhoods already used or in new ones."""
    count = problem.neighbourhoods
    if position == len(order):
        if len(columns) == count:
            yield columns
        return
    if count - len(columns) > int(problem.span[order[position:]].sum()):
        return
    pcn, span = order[position], int(problem.span[order[position]])
    for size in range(1 if every else span, span + 1):
        for old in _choices(columns, size, count):
            grown = list(columns) + [0] * (size - len(old))
            for place in (*old, *range(len(columns), len(grown))):
                grown[place] |= 1 << pcn
            yield from _grow(problem, order, position + 1, tuple(grown), every=every)


def _choices(columns: tuple[int, ...], size: int, count: int) -> Iterator[tuple[int, ...]]:
    """Yield the sets of used neighbourhoods to join; alike ones only once."""
    from itertools import combinations  # noqa: PLC0415 - used only here

    seen = set()
    for joined in range(size + 1):
        if joined > len(columns) or len(columns) + size - joined > count:
            continue
        for old in combinations(range(len(columns)), joined):
            key = tuple(sorted(columns[place] for place in old))
            if key not in seen:
                seen.add(key)
                yield old


def _keeps_locks(problem: Problem, pattern: Pattern) -> bool:
    for one, other, together in problem.links.pcns:
        both = any(mask >> one & 1 and mask >> other & 1 for mask in pattern)
        if both != together:
            return False
    return True


def served_by_pcn(problem: Problem) -> NDArray[np.float64]:
    """Return PCNs by LSOAs: patients of the PCN's practices who live in the LSOA."""
    served = np.zeros((len(problem.pcns), len(problem.lsoas)))
    for practice, pcn in enumerate(problem.pcn_of.tolist()):
        if pcn >= 0:
            served[pcn] += problem.people[practice]
    return served


def bound_patterns(
    problem: Problem, patterns: list[Pattern], *, rounds: int = 120
) -> NDArray[np.float64]:
    """Return, for each pattern, a number of people that no plan without moves can serve more of.

    A price on every LSOA replaces the rule that it is in one neighbourhood only; a neighbourhood
    is then a knapsack under the residents' band, the same for every pattern in which its set of
    PCNs stands. Prices are improved until the best bounds stop falling. Practices without a PCN
    and teams count as served. Connectedness is left out: `leaf` brings it in.
    """
    masks = sorted({mask for pattern in patterns for mask in pattern})
    where = {mask: position for position, mask in enumerate(masks)}
    table = np.array([[where[mask] for mask in pattern] for pattern in patterns])
    served = served_by_pcn(problem)
    bits = np.array([[mask >> c & 1 for c in range(len(problem.pcns))] for mask in masks])
    worth = bits.astype(np.float64) @ served if len(problem.pcns) else np.zeros((len(masks), 1))
    fixed = np.isin(np.arange(len(problem.people)), np.flatnonzero(problem.pcn_of >= 0))
    free = float(problem.people[~fixed].sum())
    price = served.sum(axis=0) * 0.7
    best = np.full(len(patterns), float(served.sum()))
    step = 0.5
    for number in range(rounds):
        value, inside = _knapsacks(problem, worth - price)
        bounds = price.sum() + value[table].sum(axis=1)
        better = bounds.max() < best.max() - 1e-9 * abs(best.max())
        best = np.minimum(best, bounds)
        if not better and number % 4 == 3:
            step *= 0.85
        slope = _slope(bounds, table, inside)
        size = float(slope @ slope)
        if size < 1e-9:
            break
        price = price - step * 0.02 * bounds.max() * slope / size
    return best + free


def _slope(
    bounds: NDArray[np.float64], table: NDArray[np.int64], inside: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean direction over the patterns that are close to the best: a smoother step."""
    close = np.argsort(-bounds, kind="stable")[:12]
    weight = np.exp((bounds[close] - bounds[close[0]]) / (0.002 * abs(bounds[close[0]]) + 1e-9))
    weight /= weight.sum()
    cover = np.einsum("g,gka->a", weight, inside[table[close]])
    return np.asarray(1.0 - cover)


def _knapsacks(
    problem: Problem, gain: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best relaxed neighbourhood of every set of PCNs: its value, and who is in it.

    The band is kept by one price a head, found by bisection; any such price gives a valid bound.
    """
    residents = problem.residents.astype(np.float64)
    top = float(np.abs(gain).max() / max(1.0, residents[residents > 0].min())) + 1.0
    low, high = np.full(len(gain), -top), np.full(len(gain), top)
    best = np.full(len(gain), np.inf)
    inside = np.zeros_like(gain)
    for _ in range(24):
        price = (low + high) / 2
        reduced = gain - price[:, None] * residents
        chosen = reduced > 0
        heads = chosen @ residents
        value = np.where(chosen, reduced, 0.0).sum(axis=1)
        value += np.where(price > 0, price * problem.most, price * problem.least)
        better = value < best
        best = np.where(better, value, best)
        inside = np.where(better[:, None], chosen, inside)
        limit = np.where(price > 0, problem.most, problem.least)
        low = np.where(heads > limit, price, low)
        high = np.where(heads > limit, high, price)
    return best, inside
