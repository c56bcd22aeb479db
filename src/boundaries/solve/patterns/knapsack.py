"""Relaxed neighbourhoods as knapsacks, compiled: the most profitable LSOAs within the band.

Goes in: the profit of each LSOA in each PCN set, residents and their band. Comes out: most that a
neighbourhood of the set can be worth, and the multiplier of the band that gives it. Next:
`boundaries.solve.patterns.k_best`.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["changes", "knapsack_bound", "most_patients_in_band", "values"]


@compiled
def knapsack_bound(profit, residents, least, most, begin, steps):
    """Return a bound of one neighbourhood's worth, and the band multiplier that gives it.

    Any band multiplier gives a bound. ``begin`` is the multiplier to try first; the band's own side
    of zero is searched by doubling steps, then by halving them.
    """
    best, kept = np.inf, 0.0
    low, high = -np.inf, np.inf
    mu_population, step = begin, 0.0
    for a in range(len(profit)):
        if residents[a] > 0:
            step = max(step, abs(profit[a]) / residents[a])
    step *= 0.25 if begin == 0.0 else 0.02
    for _ in range(steps):
        value, heads = 0.0, 0.0
        for a in range(len(profit)):
            reduced = profit[a] - mu_population * residents[a]
            if reduced > 0:
                value += reduced
                heads += residents[a]
        if mu_population > 0:
            limit = most
        elif mu_population < 0:
            limit = least
        else:
            limit = min(max(heads, least), most)
        value += mu_population * limit
        if value < best:
            best, kept = value, mu_population
        if heads == limit:
            break
        if heads > limit:
            low = mu_population
        else:
            high = mu_population
        if low > -np.inf and high < np.inf:
            mu_population = (
                0.0 if low < 0.0 < high else (low + high) / 2
            )  # 0: the band does not bind
        elif heads > limit:
            mu_population += step
            step *= 2.0
        else:
            mu_population -= step
            step *= 2.0
    return best, kept


@compiled
def values(served, pcn_sets, lam_lsoa, residents, least, most, steps):
    """Return the bound of every PCN set, and its band multiplier."""
    found, mu_population = np.empty(len(pcn_sets)), np.empty(len(pcn_sets))
    profit = np.empty(len(lam_lsoa))
    for number in range(len(pcn_sets)):
        profit[:] = -lam_lsoa
        for pcn in range(len(served)):
            if pcn_sets[number] >> pcn & 1:
                profit += served[pcn]
        found[number], mu_population[number] = knapsack_bound(
            profit, residents, least, most, 0.0, steps
        )
    return found, mu_population


@compiled
def changes(
    served,
    people,
    pcn_of,
    pcn_sets,
    lam_lsoa,
    residents,
    least,
    most,
    known,
    mu_population,
    moves,
    steps,
):
    """Return most that each practice brings to any set it comes to, and what its own sets lose.

    Losses are numbers below 0, practices by sets. The practice's patients count ``moves`` times, in
    a share of 1 / ``moves`` (`boundaries.solve.patterns.lagrangian.bound_with_moves`).
    """
    enter = np.full(len(people), -np.inf)
    leave = np.full((len(people), len(pcn_sets)), -np.inf)
    profit, moved = np.empty(len(lam_lsoa)), np.empty(len(lam_lsoa))
    for number in range(len(pcn_sets)):
        profit[:] = -lam_lsoa - mu_population[number] * residents
        for pcn in range(len(served)):
            if pcn_sets[number] >> pcn & 1:
                profit += served[pcn]
        head = mu_population[number]
        limit = most if head > 0 else least
        for practice in range(len(people)):
            pcn = pcn_of[practice]
            if pcn < 0:
                continue
            home = pcn_sets[number] >> pcn & 1
            if not home and head != 0:  # what the set's own band multiplier says is often enough
                value = head * limit
                for a in range(len(profit)):
                    reduced = profit[a] + moves * people[practice, a]
                    if reduced > 0:
                        value += reduced
                if (value - known[number]) / moves <= enter[practice]:
                    continue
            sign = -moves if home else moves
            moved[:] = profit + head * residents + sign * people[practice]
            value, _ = knapsack_bound(moved, residents, least, most, head, steps)
            gain = (value - known[number]) / moves
            if home:
                leave[practice, number] = min(gain, 0.0)
            else:
                enter[practice] = max(enter[practice], gain)
    return enter, leave


@compiled
def most_patients_in_band(people, residents, least, most):
    """Return the most patients of each practice that one neighbourhood can hold."""
    found = np.empty(len(people))
    for practice in range(len(people)):
        found[practice], _ = knapsack_bound(people[practice], residents, least, most, 0.0, 30)
    return found
