"""Annealing of one neighbourhood alone, compiled: the best under duals, connected all the way.

Goes in: duals of LSOAs, items, anchors and moves, a neighbourhood to start from, a seed. Comes
out: the neighbourhood worth most on the way. Next: `boundaries.solve.colgen.bound` makes columns
of them.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled
from boundaries.solve.heuristics.annealing_kernel import _draw, _excess
from boundaries.solve.heuristics.articulation import stays_connected

__all__ = ["anneal_district", "profit_of"]


@compiled
def profit_of(served, item_duals, anchor_duals, pcn, theta_moves, gains):
    """Return items' profit: those of a PCN together for its anchor, or each for a move dual."""
    total = 0.0
    gains[:] = 0.0
    for p in range(len(served)):
        gain = served[p] - item_duals[p]
        if gain <= 0.0:
            continue
        if pcn[p] < 0:
            total += gain
            continue
        gains[0, pcn[p]] += gain
        if gain > theta_moves:
            gains[1, pcn[p]] += gain - theta_moves
    for c in range(len(anchor_duals)):
        total += max(gains[0, c] - anchor_duals[c], gains[1, c])
    return total


@compiled
def anneal_district(
    start, people_of, item_duals, lam_lsoa, anchor_duals, pcn, theta_moves, residents, band, first,
    beside, half, ring, must_connect, steps, temperature, seed,
):  # fmt: skip
    """Anneal from a neighbourhood; return the best worth met within the band, and where."""
    lsoas, count = people_of.shape
    inside, best_inside = start.copy(), start.copy()
    served, tried = np.zeros(count), np.zeros(count)
    gains = np.zeros((2, len(anchor_duals)))
    labels = start.astype(np.int64)
    stamp, stack = np.zeros(lsoas, np.int64), np.zeros(lsoas, np.int64)
    chance = np.array([seed], dtype=np.uint64)
    filled, paid = 0, 0.0
    for a in range(lsoas):
        if inside[a]:
            filled += residents[a]
            paid += lam_lsoa[a]
            for p in range(count):
                served[p] += people_of[a, p]
            if len(half) > 0:
                for arc in range(first[a], first[a + 1]):
                    paid += half[arc] if not inside[beside[arc]] else 0.0
    now = profit_of(served, item_duals, anchor_duals, pcn, theta_moves, gains) - paid
    best = now if band[0] <= filled <= band[1] else -1e18
    for step in range(steps):
        warmth = temperature * (1.0 - step / steps) ** 2 + 1e-9
        a = int(_draw(chance) * lsoas)
        sign = -1 if inside[a] else 1
        heads = filled + sign * residents[a]
        if _excess(band[0], band[1], heads) > _excess(band[0], band[1], filled):
            continue
        rim = not must_connect
        for number in range(first[a], first[a + 1]):
            if inside[beside[number]] != inside[a]:
                rim = True
                break
        if not rim:
            continue
        for p in range(count):
            tried[p] = served[p] + sign * people_of[a, p]
        costs = sign * lam_lsoa[a]
        if len(half) > 0:
            for arc in range(first[a], first[a + 1]):
                costs += -sign * half[arc] if inside[beside[arc]] else sign * half[arc]
        new = profit_of(tried, item_duals, anchor_duals, pcn, theta_moves, gains) - paid - costs
        if new < now and _draw(chance) >= np.exp(max(-700.0, (new - now) / warmth)):
            continue
        if (
            must_connect
            and sign < 0
            and not stays_connected(first, beside, ring, labels, stamp, stack, a, 1)
        ):
            continue
        inside[a] = sign > 0
        labels[a] = 1 if sign > 0 else 0
        served[:] = tried
        now, filled, paid = new, heads, paid + costs
        if now > best + 1e-9 and band[0] <= filled <= band[1]:
            best = now
            best_inside[:] = inside
    return best, best_inside
