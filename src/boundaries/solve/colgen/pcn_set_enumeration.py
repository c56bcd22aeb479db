"""Which PCN sets may share a neighbourhood of some worth: a tree over PCNs alone, compiled.

Goes in: one neighbourhood's duals, PCNs in order, a target. Comes out: every PCN set whose
relaxed neighbourhood is worth more than the target, with that worth. Next:
`boundaries.solve.colgen.by_pcn_set`.

PCNs are decided one after another, anchored here or not. What is open is bounded as a node of the
tree of one neighbourhood is (`boundaries.solve.colgen.pricing_kernel`): a closure, the band, and
islands that pay for their way. Most of the sets are fathomed by the hundred before they are whole.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.colgen.moats import INFINITE, cut_off, grow_moats
from boundaries.solve.colgen.pricing_kernel import (
    EXACT,
    bound_node,
    fix,
    fix_inside,
    tables,
    weigh,
)
from boundaries.solve.compiled import compiled

__all__ = ["enumerate_pcn_sets"]

_TURNS = 3
_FASTER = 0.02


@compiled
def _sharpen(
    people, item_duals, node_duals, residents, band, first, beside, arcs, must_connect, target,
    lsoas, carried, kept, mu_population, by_bonds, room, stat,
):  # fmt: skip
    """Return what a node is worth at most, and its band multiplier.

    ``kept`` is what islands pay.
    """
    profit, flow, dual, spare, small, big, few, many = room
    items, heads, count = np.zeros(len(item_duals), np.int8), np.zeros(3), len(first) - 1
    best, lowest, last, turns = INFINITE, INFINITE, INFINITE, 0
    if must_connect and not cut_off(count, first, beside, lsoas):
        return -INFINITE, mu_population
    while True:
        constant = weigh(people, item_duals, node_duals, carried, items, profit)
        now, mu_population = bound_node(
            people, item_duals, profit, constant, items, lsoas, residents, arcs, band[0], band[1],
            mu_population, target, flow, by_bonds, dual, spare, small, few, big, many, heads,
            EXACT, stat,
        )  # fmt: skip
        if now < lowest:
            lowest = now
            kept[:] = carried
        best = min(best, now)
        turns += 1
        if (
            best <= target
            or not must_connect
            or turns > _TURNS
            or last - now < _FASTER * (now - target)
        ):
            return best, mu_population
        fix(now, target, dual, spare, few, many, lsoas, items)
        if not cut_off(count, first, beside, lsoas):
            return -INFINITE, mu_population
        last = now
        fix_inside(lsoas, big)
        for a in range(len(lsoas)):
            if lsoas[a] < 0:
                dual[a] = -INFINITE
        if grow_moats(count, first, beside, residents, band[0], lsoas, dual, big, carried) <= 1e-6:
            return best, mu_population


@compiled
def enumerate_pcn_sets(
    people, item_duals, node_duals, residents, band, first, beside, arcs, must_connect, order,
    begun, target, most_work, pcn_sets, bounds, mu_populations, stat,
):  # fmt: skip
    """Fill in the sets that may be worth more than the target; return how many, −1 for too many.

    Parameters
    ----------
    people, item_duals, node_duals, residents, band, first, beside, arcs, must_connect
        As `boundaries.solve.colgen.pricing_exact.PricingProblem` has them.
    order
        Anchor nodes (they stand behind the LSOAs), in the order in which they are decided.
    begun
        What is decided of the first of them: 1 for in, −1 for out.
    target
        Sets that are worth no more are left out.
    most_work
        Most operations: what would take more is too many.
    pcn_sets, bounds, mu_populations
        Filled with the sets as bits, what they are worth at most, and a band multiplier.
    stat
        Closures and operations are added.
    """
    count, wide = people.shape
    depth, lsoas_only, met = len(order), len(first) - 1, 0
    room, by_bonds = tables(count, wide), np.zeros(len(arcs[3]))
    decided, paid = np.zeros((depth + 2, wide), np.int8), np.zeros((depth + 2, wide))
    mu_population, deep, top = np.zeros(depth + 2), np.zeros(depth + 2, np.int64), 1
    for n in range(len(begun)):
        decided[0, order[n]] = begun[n]
    deep[0] = len(begun)
    while top > 0:
        top -= 1
        if stat[1] > most_work:
            return -1
        here, kept = decided[top].copy(), paid[top].copy()
        best, its_mu = _sharpen(
            people, item_duals, node_duals, residents, band, first, beside, arcs, must_connect,
            target, here.copy(), paid[top].copy(), kept, mu_population[top], by_bonds, room, stat,
        )  # fmt: skip
        if best <= target:
            continue
        level = deep[top]
        if level == depth:
            pcn_set = 0
            for n in range(depth):
                if here[order[n]] > 0:
                    pcn_set |= 1 << (order[n] - lsoas_only)
            if pcn_set != 0:
                if met == len(pcn_sets):
                    return -1
                pcn_sets[met], bounds[met], mu_populations[met] = pcn_set, best, its_mu
                met += 1
            continue
        for side in (-1, 1):
            decided[top], paid[top], mu_population[top] = here, kept, its_mu
            decided[top, order[level]] = side
            deep[top] = level + 1
            top += 1
    return met
