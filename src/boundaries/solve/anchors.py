"""Every way in which PCNs can be anchored in neighbourhoods.

Goes in: `Problem`. Comes out: patterns — for each neighbourhood, the set of PCNs anchored in it,
as a number whose bit c is PCN c. Neighbourhoods have no names, so a pattern is a sorted tuple of such sets.
Next: `boundaries.solve.prices` gives each a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.solve.problem import Problem

__all__ = ["Pattern", "list_patterns"]

Pattern = tuple[int, ...]


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
