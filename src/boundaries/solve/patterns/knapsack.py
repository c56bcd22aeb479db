"""Relaxed neighbourhoods as knapsacks, compiled: which LSOAs are worth most within the band.

Goes in: the worth of each LSOA in each set of PCNs, residents and their band. Comes out: most that
a neighbourhood of the set can be worth, and with which price a head. Next:
`boundaries.solve.patterns.k_best`.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["changes", "fill", "reach", "values"]


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
def changes(
    served, people, pcn_of, masks, price, residents, least, most, known, heads, moves, steps
):
    """Return most that each practice brings to any set it comes to, and what its own sets lose.

    Losses are numbers below 0, practices by sets. The practice's patients count ``moves`` times, in
    a share of 1 / ``moves`` (`boundaries.solve.patterns.lagrangian.with_moves`).
    """
    enter = np.full(len(people), -np.inf)
    leave = np.full((len(people), len(masks)), -np.inf)
    worth, moved = np.empty(len(price)), np.empty(len(price))
    for number in range(len(masks)):
        worth[:] = -price - heads[number] * residents
        for pcn in range(len(served)):
            if masks[number] >> pcn & 1:
                worth += served[pcn]
        head = heads[number]
        limit = most if head > 0 else least
        for practice in range(len(people)):
            pcn = pcn_of[practice]
            if pcn < 0:
                continue
            home = masks[number] >> pcn & 1
            if not home and head != 0:  # what the set's own price a head says is often enough
                value = head * limit
                for a in range(len(worth)):
                    reduced = worth[a] + moves * people[practice, a]
                    if reduced > 0:
                        value += reduced
                if (value - known[number]) / moves <= enter[practice]:
                    continue
            sign = -moves if home else moves
            moved[:] = worth + head * residents + sign * people[practice]
            value, _ = fill(moved, residents, least, most, head, steps)
            gain = (value - known[number]) / moves
            if home:
                leave[practice, number] = min(gain, 0.0)
            else:
                enter[practice] = max(enter[practice], gain)
    return enter, leave


@compiled
def reach(people, residents, least, most):
    """Return the most patients of each practice that one neighbourhood can hold."""
    found = np.empty(len(people))
    for practice in range(len(people)):
        found[practice], _ = fill(people[practice], residents, least, most, 0.0, 30)
    return found
