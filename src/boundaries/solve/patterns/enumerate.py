"""Every way in which PCNs can be anchored in neighbourhoods.

Goes in: `Instance`. Comes out: patterns — for each neighbourhood, the PCN set anchored in it,
as a number whose bit c is PCN c. Neighbourhoods have no names: a pattern is a sorted tuple of sets.
Next: `boundaries.solve.patterns.lagrangian` gives each a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.patterns.lagrangian import knapsacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.instance import Instance

__all__ = ["MOST_PCNS", "keeps_locks", "likely_patterns", "list_patterns"]

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


def likely_patterns(instance: Instance, *, width: int = 2000) -> list[AnchorPattern]:
    """Return the patterns that look best when PCNs are anchored one by one; nothing is proven.

    For places with too many PCNs for every pattern to be listed: the ``width`` best sets of
    neighbourhoods are kept after each PCN, best by the profit of their PCN sets.
    """
    profit = _Profit(instance)
    order = np.argsort(-profit.served.sum(axis=1), kind="stable").tolist()
    beam: list[tuple[int, ...]] = [()]
    for position, pcn in enumerate(order):
        span = int(instance.span[pcn])
        later = int(instance.span[order[position + 1 :]].sum())
        grown: set[tuple[int, ...]] = set()
        for columns in beam:
            for old in _candidates(columns, span, instance.neighbourhoods):
                made = list(columns) + [0] * (span - len(old))
                for place in (*old, *range(len(columns), len(made))):
                    made[place] |= 1 << pcn
                if instance.neighbourhoods - len(made) <= later:
                    grown.add(tuple(sorted(made, reverse=True)))
        scores = profit.of(sorted(grown))
        beam = sorted(grown, key=lambda columns: (-scores[columns], columns))[:width]
    return sorted((p for p in beam if keeps_locks(instance, p)), reverse=True)


class _Profit:
    """Worth of PCN sets at plain multipliers, each reckoned once."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.served = np.zeros((len(instance.pcns), len(instance.lsoas)))
        for practice, pcn in enumerate(instance.pcn_of.tolist()):
            if pcn >= 0:
                self.served[pcn] += instance.people[practice]
        self.lam_lsoa = self.served.sum(axis=0) * 0.7
        self.known: dict[int, float] = {}

    def of(self, every: list[tuple[int, ...]]) -> dict[tuple[int, ...], float]:
        """Return the profit of patterns, whole or begun."""
        new = sorted({pcn_set for columns in every for pcn_set in columns} - self.known.keys())
        if new:
            bits = np.array(
                [[pcn_set >> c & 1 for c in range(len(self.served))] for pcn_set in new]
            )
            value, _ = knapsacks(self.instance, bits @ self.served - self.lam_lsoa)
            self.known.update(zip(new, value.tolist(), strict=True))
        return {columns: sum(self.known[pcn_set] for pcn_set in columns) for columns in every}
