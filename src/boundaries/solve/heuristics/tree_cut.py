"""Cut a balanced piece off a random spanning tree, compiled.

Goes in: pairs of neighbours with a random weight each, LSOAs that are free. Comes out: the LSOAs of
a piece within the band whose rest can still be shared out, or nothing. Next:
`boundaries.solve.heuristics.construct`.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["cut_off"]


@compiled
def cut_off(heads, tails, weight, free, residents, least, most, left, draw):
    """Return which LSOAs are cut off; none where no cut keeps the band or the free are apart.

    Parameters
    ----------
    heads, tails
        Every pair of neighbours once.
    weight
        Of each pair: the tree is the one of least weight (Kruskal).
    free
        LSOAs that are still to be shared out.
    residents
        Of each LSOA.
    least, most
        Residents of a neighbourhood.
    left
        Neighbourhoods that the rest is for.
    draw
        From 0 to 1: which of the cuts that keep the band.
    """
    size = len(free)
    piece = np.zeros(size, dtype=np.bool_)
    first, beside = _tree(heads, tails, weight, free)
    order, parent = _from_root(first, beside, free)
    if len(order) < free.sum():
        return piece
    below = residents.copy()
    for number in range(len(order) - 1, 0, -1):
        below[parent[order[number]]] += below[order[number]]
    whole = below[order[0]]
    cuts = np.zeros((2 * len(order), 2), dtype=np.int64)
    many = 0
    for number in range(1, len(order)):
        for inside in range(2):
            heads_of = below[order[number]] if inside else whole - below[order[number]]
            rest = whole - heads_of
            if least <= heads_of <= most and left * least <= rest <= left * most:
                cuts[many, 0], cuts[many, 1] = order[number], inside
                many += 1
    if many == 0:
        return piece
    root, inside = cuts[int(draw * many)]
    under = np.zeros(size, dtype=np.bool_)
    under[root] = True
    for number in range(1, len(order)):  # parents come before their children
        if under[parent[order[number]]]:
            under[order[number]] = True
    for a in order:
        piece[a] = under[a] == (inside == 1)
    return piece


@compiled
def _tree(heads, tails, weight, free):
    """Return the spanning forest of least weight: where each LSOA's neighbours begin, and they."""
    size = len(free)
    chain = np.arange(size)
    kept = np.zeros(len(heads), dtype=np.bool_)
    first = np.zeros(size + 1, dtype=np.int64)
    for edge in np.argsort(weight):
        one, other = heads[edge], tails[edge]
        if not (free[one] and free[other]):
            continue
        end, far = _end(chain, one), _end(chain, other)
        if end != far:
            chain[end] = far
            kept[edge] = True
            first[one + 1] += 1
            first[other + 1] += 1
    first = np.cumsum(first)
    beside, at = np.zeros(first[size], dtype=np.int64), first.copy()
    for edge in range(len(heads)):
        if kept[edge]:
            one, other = heads[edge], tails[edge]
            beside[at[one]] = other
            beside[at[other]] = one
            at[one] += 1
            at[other] += 1
    return first, beside


@compiled
def _from_root(first, beside, free):
    """Return the LSOAs that hang together with the first one, parents first, and their parents."""
    size = len(free)
    order, parent = np.zeros(size, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    many = 0
    for a in range(size):
        if free[a]:
            order[0], parent[a], many = a, a, 1
            break
    done = 0
    while done < many:
        a = order[done]
        done += 1
        for near in range(first[a], first[a + 1]):
            b = beside[near]
            if parent[b] < 0:
                parent[b] = a
                order[many] = b
                many += 1
    return order[:many], parent


@compiled
def _end(chain, a):
    while chain[a] != a:
        chain[a] = chain[chain[a]]
        a = chain[a]
    return a
