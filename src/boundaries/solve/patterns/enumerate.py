"""Every way in which PCNs can be anchored in neighbourhoods.

Goes in: `Instance`. Comes out: patterns — for each neighbourhood, the PCN set anchored in it,
as a number whose bit c is PCN c. Neighbourhoods have no names: a pattern is a sorted tuple of sets.
Next: `boundaries.solve.patterns.lagrangian` gives each a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.instance import Instance

__all__ = ["MOST_PCNS", "keeps_locks", "list_patterns"]

MOST_PCNS = 62
"""PCNs whose sets fit a number of the compiled kernels."""


def list_patterns(instance: Instance, *, limit: int = 700_000) -> list[AnchorPattern] | None:
    """Return every anchor pattern that a plan may need, or None when there are too many.

    More anchors never hurt a PCN, so each is given as many as its span allows; only with locks
    that keep something apart from a PCN are smaller sets listed too.
    """
    if not instance.anchored:
        return [(0,) * instance.neighbourhoods]
    every = _has_apart(instance)
    if (instance.span == 1).all() and _partitions(len(instance.pcns), instance) > limit:
        return None  # they are the ways to share PCNs out, counted and not tried
    found: set[AnchorPattern] = set()
    order = np.lexsort((np.arange(len(instance.pcns)), instance.span)).tolist()
    for columns in _grow(instance, order, 0, (), every=every):
        found.add(tuple(sorted(columns, reverse=True)))
        if len(found) > limit:
            return None
    return sorted((p for p in found if keeps_locks(instance, p)), reverse=True)


def _partitions(pcns: int, instance: Instance) -> int:
    """Count the ways to share PCNs out among all neighbourhoods (Stirling, of the second kind)."""
    ways = [1] + [0] * instance.neighbourhoods
    for _ in range(pcns):
        for parts in range(instance.neighbourhoods, 0, -1):
            ways[parts] = parts * ways[parts] + ways[parts - 1]
        ways[0] = 0
    return ways[-1]


def _has_apart(instance: Instance) -> bool:
    links = instance.links
    return any(not together for _, _, together in (*links.anchored, *links.pcns))


def _grow(
    instance: Instance, order: list[int], position: int, columns: tuple[int, ...], *, every: bool
) -> Iterator[tuple[int, ...]]:
    """Anchor PCNs one by one, in neighbourhoods already used or in new ones."""
    count = instance.neighbourhoods
    if position == len(order):
        if len(columns) == count:
            yield columns
        return
    if count - len(columns) > int(instance.span[order[position:]].sum()):
        return
    pcn, span = order[position], int(instance.span[order[position]])
    for size in range(1 if every else span, span + 1):
        for old in _candidates(columns, size, count):
            grown = list(columns) + [0] * (size - len(old))
            for place in (*old, *range(len(columns), len(grown))):
                grown[place] |= 1 << pcn
            yield from _grow(instance, order, position + 1, tuple(grown), every=every)


def _candidates(columns: tuple[int, ...], size: int, count: int) -> Iterator[tuple[int, ...]]:
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


def keeps_locks(instance: Instance, pattern: AnchorPattern) -> bool:
    """Whether PCNs that are locked together share a neighbourhood, and those apart do not."""
    for one, other, together in instance.links.pcns:
        both = any(pcn_set >> one & 1 and pcn_set >> other & 1 for pcn_set in pattern)
        if both != together:
            return False
    return True
