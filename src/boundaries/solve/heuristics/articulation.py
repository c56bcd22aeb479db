"""Whether a neighbourhood stays connected without one of its LSOAs, compiled.

Goes in: neighbours of every LSOA, the neighbourhood of each. Comes out: yes or no. Next:
`boundaries.solve.heuristics.annealing_kernel` and `boundaries.solve.colgen.pricing_heuristic` ask
at every step that they take.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["rings", "stays_connected", "stays_connected_by_search"]

_RING = 64
"""Neighbours of an LSOA that fit the bits of a number."""


@compiled
def stays_connected_by_search(first, beside, labels, stamp, stack, a, label):
    """Return whether the neighbours of an LSOA in its neighbourhood stay connected without it."""
    begin, end = first[a], first[a + 1]
    left, root = -1, -1
    for number in range(begin, end):
        if labels[beside[number]] == label:
            left, root = left + 1, beside[number]
    if left < 1:
        return left == 0
    stamp[:] = 0
    stamp[a] = 1
    stamp[root] = 1
    stack[0], top = root, 1
    while top > 0 and left > 0:
        top -= 1
        here = stack[top]
        for number in range(first[here], first[here + 1]):
            near = beside[number]
            if labels[near] == label and stamp[near] == 0:
                stamp[near] = 1
                stack[top] = near
                top += 1
                for rim in range(begin, end):
                    left -= int(beside[rim] == near)
    return left == 0


@compiled
def stays_connected(first, beside, ring, labels, stamp, stack, a, label):
    """Return the same as `stays_connected_by_search`; ``ring`` is from `rings`.

    Mostly the neighbours touch each other, which is looked at first.
    """
    begin, end = first[a], first[a + np.uint32(1)]
    if end - begin > _RING:
        return stays_connected_by_search(first, beside, labels, stamp, stack, a, label)
    inside, bit = np.uint64(0), np.uint64(1)
    for number in range(begin, end):
        if labels[beside[number]] == label:
            inside |= bit
        bit <<= np.uint64(1)
    rest = inside & (inside - np.uint64(1))
    if rest == 0:
        return inside != 0
    some, grown = np.uint64(0), inside & ~rest
    while grown != some:
        some, bit = grown, np.uint64(1)
        for number in range(begin, end):
            if some & bit:
                grown |= ring[number] & inside
            bit <<= np.uint64(1)
        if grown == inside:
            return True
    if not _meet(first, beside, labels, stamp, stack, a, label, some):
        return False
    return stays_connected_by_search(first, beside, labels, stamp, stack, a, label)


@compiled
def _meet(first, beside, labels, stamp, stack, a, label, some):
    """Whether some neighbours of an LSOA and its others meet without it in their neighbourhood.

    The two sides grow by turns, from both ends of the stack: mostly one of them is small.
    """
    stamp[:] = 0
    stamp[a] = 3
    top, other_top = 0, len(stack) - 1
    for number in range(first[a], first[a + np.uint32(1)]):
        near = beside[number]
        if labels[near] == label:
            if some & np.uint64(1):
                stamp[near], stack[top] = 1, near
                top += 1
            else:
                stamp[near], stack[other_top] = 2, near
                other_top -= 1
        some >>= np.uint64(1)
    next_one, other_next, way, side = 0, len(stack) - 1, 1, 1
    while next_one != top:
        here = stack[next_one]
        next_one += way
        for number in range(first[here], first[here + np.uint32(1)]):
            near = beside[number]
            if labels[near] == label and stamp[near] != side:
                if stamp[near] == 3 - side:
                    return True
                if stamp[near] == 0:
                    stamp[near], stack[top] = side, near
                    top += way
        next_one, other_next, top, other_top = other_next, next_one, other_top, top
        way, side = -way, 3 - side
    return False


@compiled
def rings(first, beside):
    """Return for each neighbour of an LSOA which of its neighbours it touches, as bits."""
    ring, spot = np.zeros(len(beside), dtype=np.uint64), np.full(len(first) - 1, -1)
    for a in range(len(first) - 1):
        begin, end = first[a], first[a + 1]
        if end - begin > _RING:
            continue
        for number in range(begin, end):
            spot[beside[number]] = number - begin
        for number in range(begin, end):
            near = beside[number]
            for far in range(first[near], first[near + np.uint32(1)]):
                if spot[beside[far]] >= 0:
                    ring[number] |= np.uint64(1) << np.uint64(spot[beside[far]])
        for number in range(begin, end):
            spot[beside[number]] = -1
    return ring
