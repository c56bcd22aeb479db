"""What one neighbourhood can be worth at most when LSOAs, practices and anchors have duals.

Goes in: people of every item in every LSOA, duals, the residents' band, the graph. Comes out: a
number that no connected neighbourhood is worth more than (`search_district`), and the relaxed
neighbourhoods that are in the way of a smaller one. Next: `boundaries.solve.colgen.bound`.

Which practices and LSOAs to take is a problem of closure (`boundaries.solve.colgen.closure`). A
dual on residents brings in the band. That alone promises a little of everything, so practices are
decided one by one, in or out, and then LSOAs; islands pay for their way
(`boundaries.solve.colgen.moats`), and what cannot be part of anything above the target is left out.

Anchor nodes stand behind the LSOAs: one for each PCN, of nobody, that stands for its anchor. A
practice brings its move dual to the anchor node of its PCN and pays it in its own dual: to be
without is a move.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.colgen.closure import close
from boundaries.solve.colgen.moats import INFINITE, cut_off, grow_moats, main_part, next_lsoa
from boundaries.solve.compiled import compiled

__all__ = [
    "EXACT",
    "ROOM",
    "bound_node",
    "core_of",
    "fix",
    "fix_inside",
    "search_district",
    "tables",
    "weigh",
]  # fmt: skip

EXACT = 1e-6
"""People that a sweep pushes at least, for a maximum flow to be sought on."""

_DEEP = 60
"""LSOAs decided on one way down the tree."""

ROOM = 400
"""Open nodes that there is room for."""


@compiled
def bound_node(
    people, item_duals, profit, constant, items, lsoas, residents, arcs, least, most, mu_population,
    target, flow, by_bonds, dual, spare, small, few, big, many, heads, enough, stat,
):  # fmt: skip
    """Find the band multiplier with the least bound, or one under the target; return both.

    ``small`` and ``few`` become the closure on one side of the band, ``big`` and ``many`` the one
    on the other, ``heads`` their residents and those of the band between them. ``enough`` is how
    exact a closure is (`boundaries.solve.colgen.closure.close`).
    """
    count, wide = people.shape
    inside, chosen = np.empty(wide, np.bool_), np.empty(count, np.bool_)
    left, lack, value = np.empty(count), np.empty(wide), np.empty(wide)
    low, high, at_low, at_high, down, up = -INFINITE, INFINITE, 0.0, 0.0, 0.0, 0.0
    best, best_mu = INFINITE, mu_population
    for _ in range(40):
        here, filled = close(
            people, item_duals, profit, items, lsoas, mu_population, residents, arcs, inside,
            chosen, left, flow, by_bonds, lack, value, enough, stat,
        )  # fmt: skip
        here += constant + mu_population * (most if mu_population >= 0.0 else least)
        if here < best:
            best, best_mu = here, mu_population
            dual[:] = value
            spare[:] = left
        if best <= target:
            break
        band = most if mu_population > 0.0 or (mu_population == 0.0 and filled > most) else least
        if mu_population == 0.0 and least <= filled <= most:
            band = filled
        slope = band - filled
        heads[2] = band
        if slope <= 0.0:
            low, at_low, down = mu_population, here, slope
            big[:] = inside
            many[:] = chosen
            heads[1] = filled
        if slope >= 0.0:
            high, at_high, up = mu_population, here, slope
            small[:] = inside
            few[:] = chosen
            heads[0] = filled
        if slope == 0.0:
            break
        if low == -INFINITE:
            mu_population = high - max(0.02, abs(high) * 0.3)
            mu_population = 0.0 if high > 0.0 > mu_population else mu_population
        elif high == INFINITE:
            mu_population = low + max(0.02, abs(low) * 0.3)
            mu_population = 0.0 if low < 0.0 < mu_population else mu_population
        else:
            mu_population = (at_high - at_low + down * low - up * high) / (down - up)
            mu_population = 0.0 if low < 0.0 < high else mu_population
            if mu_population != 0.0 and best - at_low - down * (mu_population - low) < 0.5:
                break
            if mu_population <= low + 1e-9 or mu_population >= high - 1e-9:
                break
        if abs(mu_population) > 100.0:
            break
    if low == -INFINITE:
        big[:] = small
        many[:] = few
        heads[1] = heads[0]
    if high == INFINITE:
        small[:] = big
        few[:] = many
        heads[0] = heads[1]
    return best, best_mu


@compiled
def weigh(people, item_duals, node_duals, carried, items, profit):
    """Fill in what LSOAs are worth to the items that are in; return what these cost."""
    constant = 0.0
    for a in range(len(profit)):
        profit[a] = carried[a] - node_duals[a]
    for p in range(len(item_duals)):
        if items[p] > 0:
            constant -= item_duals[p]
            for a in range(len(profit)):
                profit[a] += people[p, a]
    return constant


@compiled
def fix(bound, target, dual, spare, few, many, lsoas, items):
    """Decide what the target decides; return whether every item is all in or all out."""
    for a in range(len(lsoas)):
        if lsoas[a] == 0:
            if dual[a] > 0.0 and bound - dual[a] <= target - 1e-6:
                lsoas[a] = 1
            elif dual[a] < 0.0 and bound + dual[a] <= target - 1e-6:
                lsoas[a] = -1
    all_fixed = True
    for p in range(len(items)):
        if items[p] == 0:
            if spare[p] > 0.0 and bound - spare[p] <= target - 1e-6:
                items[p] = 1
            elif few[p] != many[p]:
                all_fixed = False
    return all_fixed


@compiled
def _between(small, big, weights, open_):
    """Return what is in one closure only and open, the largest first; −1 for nothing."""
    pick = -1
    for n in range(len(weights)):
        if open_[n] == 0 and small[n] != big[n] and (pick < 0 or weights[n] > weights[pick]):
            pick = n
    return pick


@compiled
def _base_between(count, small, big, people, open_):
    """Return the anchor node that is in one closure only and open, of most practices.

    −1 for none.
    """
    pick, most = -1, -1.0
    for n in range(count, people.shape[1]):
        if open_[n] == 0 and small[n] != big[n]:
            here = people[:, n].sum()
            if here > most:
                pick, most = n, here
    return pick


@compiled
def fix_inside(lsoas, inside):
    """Take in what is decided to be in, leave out what is decided to be out."""
    for a in range(len(lsoas)):
        if lsoas[a] != 0:
            inside[a] = lsoas[a] > 0


@compiled
def tables(count, wide):
    """Return what `weigh` and `bound_node` fill in."""
    return (
        np.empty(wide), np.zeros((count, wide)), np.empty(wide), np.empty(count),
        np.zeros(wide, np.bool_), np.zeros(wide, np.bool_),
        np.zeros(count, np.bool_), np.zeros(count, np.bool_),
    )  # fmt: skip


@compiled
def core_of(
    people,
    item_duals,
    node_duals,
    residents,
    band,
    first,
    beside,
    arcs,
    items,
    lsoas,
    carried,
    mu_population,
):
    """Return the main part of the best relaxed neighbourhood below what is decided."""
    count, wide = people.shape
    profit, flow, dual, spare, small, big, few, many = tables(count, wide)
    constant = weigh(people, item_duals, node_duals, carried, items, profit)
    bound_node(
        people, item_duals, profit, constant, items, lsoas, residents, arcs, band[0], band[1],
        mu_population, -INFINITE, flow, np.zeros(len(arcs[3])), dual, spare, small, few, big, many,
        np.zeros(3), EXACT, np.zeros(2),
    )  # fmt: skip
    fix_inside(lsoas, small)
    return main_part(len(first) - 1, first, beside, residents, lsoas, small)


@compiled
def search_district(
    people, item_duals, node_duals, residents, band, first, beside, arcs, must_connect, sizes,
    anchors_first, target, most_work, nodes, shares, item_shares, stat,
):  # fmt: skip
    """Search a tree of decisions depth first; return what is in no way, and how many are.

    The first is a number that nothing is worth more than that was decided one way or the other,
    minus infinity where there is none; what was not come to is left in ``nodes``.

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
        The same pairs with their bonds (`boundaries.solve.colgen.pricing_exact.Arcs`).
    must_connect
        Whether a neighbourhood must be connected.
    sizes
        People of each item: the largest that is undecided is decided first.
    anchors_first
        Whether anchor nodes are decided before items.
    target
        What the worth is to come under.
    most_work
        Most operations.
    nodes
        What is open, as `boundaries.solve.colgen.pricing_exact` makes it, and how many there are.
    shares, item_shares
        Filled with the relaxed neighbourhoods in the way; once they are full, the search ends.
    stat
        Closures and operations are added.
    """
    count, wide = people.shape
    least, most = band[0], band[1]
    open_items, open_lsoas, digs, mu_populations, bounds, deep, size = nodes
    room = len(bounds)
    profit, flow, dual, spare, small, big, few, many = tables(count, wide)
    by_bonds = np.zeros(len(arcs[3]))
    heads, nothing, lsoas_only = np.zeros(3), np.zeros(wide), len(first) - 1
    rest, top, begun, met = -np.inf, size[0], stat[1], 0
    while top > 0 and stat[1] - begun < most_work and met < len(shares):
        top -= 1
        items, lsoas = open_items[top].copy(), open_lsoas[top].copy()
        carried, mu_population, depth = digs[top].copy(), mu_populations[top], deep[top]
        best, kept, turns, last = bounds[top], carried.copy(), 0, INFINITE
        lowest = INFINITE
        if must_connect and not cut_off(lsoas_only, first, beside, lsoas):
            continue
        while True:
            constant = weigh(people, item_duals, node_duals, carried, items, profit)
            now, mu_population = bound_node(
                people, item_duals, profit, constant, items, lsoas, residents, arcs, least, most,
                mu_population, target, flow, by_bonds, dual, spare, small, few, big, many, heads,
                EXACT, stat,
            )  # fmt: skip
            if now < lowest:
                lowest = now
                kept[:] = carried
            best = min(best, now)
            if best <= target:
                break
            decided = fix(now, target, dual, spare, few, many, lsoas, items)
            turns += 1
            if (
                not must_connect
                or turns > (4 if decided else 1)
                or last - now < 0.02 * (now - target)
            ):
                break
            if not cut_off(lsoas_only, first, beside, lsoas):
                best = -INFINITE
                break
            last = now
            fix_inside(lsoas, big)
            for a in range(wide):
                if lsoas[a] < 0:
                    dual[a] = -INFINITE
            if (
                grow_moats(lsoas_only, first, beside, residents, least, lsoas, dual, big, carried)
                <= 1e-6
            ):
                break
        if best <= target:
            rest = max(rest, best)
            continue
        constant = weigh(people, item_duals, node_duals, kept, items, profit)
        now, mu_population = bound_node(
            people, item_duals, profit, constant, items, lsoas, residents, arcs, least, most,
            mu_population, -INFINITE, flow, by_bonds, dual, spare, small, few, big, many, heads,
            EXACT, stat,
        )  # fmt: skip
        item, lsoa = -1, -1
        if anchors_first:
            lsoa = _base_between(lsoas_only, small, big, people, lsoas)
        if lsoa < 0:
            item = _between(few, many, sizes, items)
        if item < 0 and lsoa < 0 and min(best, now) > target:
            best = min(best, now)
            constant = weigh(people, item_duals, node_duals, nothing, items, profit)
            now, _ = bound_node(
                people, item_duals, profit, constant, items, lsoas, residents, arcs, least, most,
                mu_population, -INFINITE, flow, by_bonds, dual, spare, small, few, big, many,
                heads, EXACT, stat,
            )  # fmt: skip
            fix_inside(lsoas, big)
            if must_connect:
                lsoa = next_lsoa(lsoas_only, first, beside, residents, lsoas, dual, big)
            if lsoa < 0:
                lsoa = _between(small, big, residents, lsoas)
            if lsoa < 0:
                item = _between(few, many, sizes, items)
        best = min(best, now)
        if best <= target:
            rest = max(rest, best)
            continue
        if (item < 0 and lsoa < 0) or depth >= _DEEP or top + 3 > room:
            rest = max(rest, best)
            share = 1.0
            if heads[1] != heads[0]:
                share = min(1.0, max(0.0, (heads[2] - heads[0]) / (heads[1] - heads[0])))
            for a in range(wide):
                shares[met, a] = (1.0 - share) * small[a] + share * big[a]
            for p in range(count):
                item_shares[met, p] = (1.0 - share) * few[p] + share * many[p]
            met += 1
            continue
        for side in (-1, 1):
            open_items[top], open_lsoas[top] = items, lsoas
            if item >= 0:
                open_items[top, item] = side
            else:
                open_lsoas[top, lsoa] = side
            digs[top], mu_populations[top], bounds[top] = kept, mu_population, best
            deep[top] = depth + (1 if item < 0 else 0)
            top += 1
    size[0] = top
    return rest, met
