"""What one neighbourhood can be worth when its rim costs bonds: compiled.

Goes in: what LSOAs are worth to one neighbourhood, the graph and its bonds. Comes out: worths under
which any neighbourhood is worth at least what it was less half of the bonds at its rim, and the
best one exactly that (`rim_duals`, for every PCN set). Next:
`boundaries.solve.patterns.lagrangian`.

A bond that is parted is half the loss of either neighbourhood. So worth may be carried from an LSOA
to its neighbour, up to half of their bond: a neighbourhood with only one of the two loses or gains
no more than it pays. To carry as much as possible from LSOAs that are worth having to those that
are not is a maximum flow, and what cannot be carried is a minimum cut: the best neighbourhood under
multipliers, its rim paid (Picard, Management Science 1976), but for band and connectedness.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled
from boundaries.solve.patterns.knapsack import knapsack_bound

__all__ = ["carry", "rim_duals"]

_TINY = 1e-7
_TURNS, _STEPS = 3, 24


@compiled
def rim_duals(profit, residents, least, most, first, beside, back, half, flow):
    """Fill in the duals of bonds of every PCN set under multipliers of LSOAs.

    The band multiplier and what is carried along bonds are found in turns.

    Parameters
    ----------
    profit
        Sets by LSOAs.
    residents, least, most
        Of LSOAs; of a neighbourhood.
    first, beside, back, half
        As `carry` wants them.
    flow
        Sets by pairs: begins with what was carried before, and is changed.
    """
    lsoas = profit.shape[1]
    queue, arc_to = np.empty(lsoas, np.int64), np.empty(lsoas, np.int64)
    here = np.empty(lsoas)
    for number in range(len(profit)):
        mu = 0.0
        for _ in range(_TURNS):
            here[:] = profit[number]
            for a in range(lsoas):
                for arc in range(first[a], first[a + 1]):
                    here[a] -= flow[number, arc]
            _, mu = knapsack_bound(here, residents, least, most, mu, _STEPS)
            for a in range(lsoas):
                here[a] -= mu * residents[a]
            carry(here, first, beside, back, half, flow[number], queue, arc_to)


@compiled
def carry(worth, first, beside, back, half, flow, queue, arc_to):
    """Carry worth along bonds as far as it goes; ``worth`` and ``flow`` are changed.

    Parameters
    ----------
    worth
        Of each LSOA, in people.
    first, beside, back
        ``beside[first[a]:first[a + 1]]`` are the neighbours of LSOA a; where each pair stands the
        other way round.
    half
        Half of the bond of each pair.
    flow
        What is carried along each pair; the same the other way round, below 0.
    queue, arc_to
        Room for as many numbers as LSOAs.
    """
    lsoas = len(worth)
    while True:
        head, tail, pushed = 0, 0, 0.0
        for a in range(lsoas):
            arc_to[a] = -2
            if worth[a] > _TINY:
                arc_to[a] = -1
                queue[tail] = a
                tail += 1
        while head < tail:
            a = queue[head]
            head += 1
            for arc in range(first[a], first[a + 1]):
                b = beside[arc]
                if arc_to[b] != -2 or half[arc] - flow[arc] <= _TINY:
                    continue
                arc_to[b] = arc
                if worth[b] < -_TINY:
                    pushed += _push(worth, beside, back, half, flow, arc_to, b)
                if worth[b] < -_TINY:
                    arc_to[b] = -2  # there is room for more, another way
                else:
                    queue[tail] = b
                    tail += 1
        if pushed <= 1e-6:
            return


@compiled
def _push(worth, beside, back, half, flow, arc_to, goal):
    """Carry what there is room for to an LSOA along its way; return it."""
    most, a = -worth[goal], goal
    while arc_to[a] >= 0:
        arc = arc_to[a]
        most = min(most, half[arc] - flow[arc])
        a = beside[back[arc]]
    most = min(most, worth[a])
    if most <= _TINY:
        return 0.0
    worth[a] -= most
    worth[goal] += most
    a = goal
    while arc_to[a] >= 0:
        arc = arc_to[a]
        flow[arc] += most
        flow[back[arc]] -= most
        a = beside[back[arc]]
    return most
