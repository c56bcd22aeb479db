"""Relaxed neighbourhoods as knapsacks, compiled: which LSOAs are worth most within the band.

Goes in: the worth of each LSOA in each set of PCNs, residents and their band. Comes out: most that
a neighbourhood of the set can be worth, and with which price a head. Next:
`boundaries.solve.listing`.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["changes", "fill", "values"]


@compiled
def fill(worth, residents, least, most, begin, steps):
    """Return a bound of one neighbourhood's worth, and the price a head that gives it.

    Any price a head gives a bound. ``begin`` is the price to try first; the band's own side of zero
    is searched by doubling steps, then by halving them.
    """
    best, kept = np.inf, 0.0
    low, high = -np.inf, np.inf
    price, step = begin, 0.0
    for a in range(len(worth)):
        if residents[a] > 0:
            step = max(step, abs(worth[a]) / residents[a])
    step *= 0.25 if begin == 0.0 else 0.02
    for _ in range(steps):
        value, heads = 0.0, 0.0
        for a in range(len(worth)):
            reduced = worth[a] - price * residents[a]
            if reduced > 0:
                value += reduced
                heads += residents[a]
        if price > 0:
            limit = most
        elif price < 0:
            limit = least
        else:
            limit = min(max(heads, least), most)
        value += price * limit
        if value < best:
            best, kept = value, price
        if heads == limit:
            break
        if heads > limit:
            low = price
        else:
            high = price
        if low > -np.inf and high < np.inf:
            price = 0.0 if low < 0.0 < high else (low + high) / 2  # 0: the band does not bind
        elif heads > limit:
            price += step
            step *= 2.0
        else:
            price -= step
            step *= 2.0
    return best, kept


@compiled
def values(served, masks, price, residents, least, most, steps):
    """Return the bound of every set of PCNs, and its price a head."""
    found, heads = np.empty(len(masks)), np.empty(len(masks))
    worth = np.empty(len(price))
    for number in range(len(masks)):
        worth[:] = -price
        for pcn in range(len(served)):
            if masks[number] >> pcn & 1:
                worth += served[pcn]
        found[number], heads[number] = fill(worth, residents, least, most, 0.0, steps)
    return found, heads


@compiled
def changes(served, people, pcn_of, masks, price, residents, band, known, heads, moves, steps):
    """Return what a neighbourhood of each set gains when a practice comes, or goes (below 0).

    The practice's patients count ``moves`` times, in a share of 1 / ``moves`` (`with_moves`).
    """
    least, most = band
    found = np.zeros((len(people), len(masks)))
    worth, moved = np.empty(len(price)), np.empty(len(price))
    for number in range(len(masks)):
        worth[:] = -price
        for pcn in range(len(served)):
            if masks[number] >> pcn & 1:
                worth += served[pcn]
        for practice in range(len(people)):
            pcn = pcn_of[practice]
            if pcn >= 0:
                sign = -moves if masks[number] >> pcn & 1 else moves
                moved[:] = worth + sign * people[practice]
                value, _ = fill(moved, residents, least, most, heads[number], steps)
                found[practice, number] = (value - known[number]) / moves
    return found
