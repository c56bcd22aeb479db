"""Which sets of PCNs may share a neighbourhood of some worth: a tree over PCNs alone, compiled.

Goes in: one neighbourhood's prices, PCNs in order, an aim. Comes out: every set of PCNs whose
relaxed neighbourhood is worth more than the aim, with that worth. Next:
`boundaries.solve.colgen.by_pcn_set`.

PCNs are decided one after another, anchored here or not. What is open is bounded as a node of the
tree of one neighbourhood is (`boundaries.solve.colgen.pricing_kernel`): a closure, the band, and
islands that pay for their way. Most of the sets are ruled out by the hundred before they are whole.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.colgen.moats import INFINITE, cut_off, dig
from boundaries.solve.colgen.pricing_kernel import bound_node, fix, settle_inside, tables, weigh
from boundaries.solve.compiled import compiled

__all__ = ["list_sets"]

_TURNS = 3
_FASTER = 0.02


@compiled
def _sharpen(
    people, price, prices, residents, band, first, beside, whole, aim, lsoas, carried, kept, charge,
    room, stat,
):  # fmt: skip
    """Return what a node is worth at most, and its charge a head; ``kept`` is what islands pay."""
    worth, flow, dual, spare, small, big, few, many = room
    items, heads, count = np.zeros(len(price), np.int8), np.zeros(3), len(first) - 1
    best, lowest, last, turns = INFINITE, INFINITE, INFINITE, 0
    if whole and not cut_off(count, first, beside, lsoas):
        return -INFINITE, charge
    while True:
        constant = weigh(people, price, prices, carried, items, worth)
        now, charge = bound_node(
            people, price, worth, constant, items, lsoas, residents, band[0], band[1], charge, aim,
            flow, dual, spare, small, few, big, many, heads, stat,
        )  # fmt: skip
        if now < lowest:
            lowest = now
            kept[:] = carried
        best = min(best, now)
        turns += 1
        if best <= aim or not whole or turns > _TURNS or last - now < _FASTER * (now - aim):
            return best, charge
        fix(now, aim, dual, spare, few, many, lsoas, items)
        if not cut_off(count, first, beside, lsoas):
            return -INFINITE, charge
        last = now
        settle_inside(lsoas, big)
        for a in range(len(lsoas)):
            if lsoas[a] < 0:
                dual[a] = -INFINITE
        if dig(count, first, beside, residents, band[0], lsoas, dual, big, carried) <= 1e-6:
            return best, charge


@compiled
def list_sets(
    people, price, prices, residents, band, first, beside, whole, order, begun, aim, most_work,
    masks, bounds, charges, stat,
):  # fmt: skip
    """Fill in the sets that may be worth more than the aim; return how many, −1 for too many.

    Parameters
    ----------
    people, price, prices, residents, band, first, beside, whole
        As `boundaries.solve.colgen.pricing_exact.One` has them.
    order
        Bases (they stand behind the LSOAs), in the order in which they are decided.
    begun
        What is decided of the first of them: 1 for in, −1 for out.
    aim
        Sets that are worth no more are left out.
    most_work
        Most operations: what would take more is too many.
    masks, bounds, charges
        Filled with the sets as bits, what they are worth at most, and a charge per resident.
    stat
        Closures and operations are added.
    """
    count, wide = people.shape
    depth, lsoas_only, met = len(order), len(first) - 1, 0
    room = tables(count, wide)
    decided, paid = np.zeros((depth + 2, wide), np.int8), np.zeros((depth + 2, wide))
    charge, deep, top = np.zeros(depth + 2), np.zeros(depth + 2, np.int64), 1
    for n in range(len(begun)):
        decided[0, order[n]] = begun[n]
    deep[0] = len(begun)
    while top > 0:
        top -= 1
        if stat[1] > most_work:
            return -1
        here, kept = decided[top].copy(), paid[top].copy()
        best, its_charge = _sharpen(
            people, price, prices, residents, band, first, beside, whole, aim, here.copy(),
            paid[top].copy(), kept, charge[top], room, stat,
        )  # fmt: skip
        if best <= aim:
            continue
        level = deep[top]
        if level == depth:
            mask = 0
            for n in range(depth):
                if here[order[n]] > 0:
                    mask |= 1 << (order[n] - lsoas_only)
            if mask != 0:
                if met == len(masks):
                    return -1
                masks[met], bounds[met], charges[met] = mask, best, its_charge
                met += 1
            continue
        for side in (-1, 1):
            decided[top], paid[top], charge[top] = here, kept, its_charge
            decided[top, order[level]] = side
            deep[top] = level + 1
            top += 1
    return met
