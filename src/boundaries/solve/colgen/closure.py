"""Which practices and LSOAs to take, where each pair brings people and each costs: compiled.

Goes in: people of every item in every LSOA, duals of items, profits of LSOAs, bonds, what is
decided. Comes out: the smallest best choice, by a maximum flow from what practices may earn to what
LSOAs lack, along bonds as well (Picard, Management Science 1976). Next:
`boundaries.solve.colgen.pricing_kernel`.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.colgen.moats import INFINITE
from boundaries.solve.compiled import compiled

__all__ = ["close"]

_TINY = 1e-7


@compiled
def close(
    people, item_duals, profit, items, lsoas, mu_population, residents, arcs, inside, chosen, spare,
    flow, carried, lack, dual, enough, stat,
):  # fmt: skip
    """Find the smallest best closure at a band multiplier; return its worth and residents.

    ``arcs`` are the pairs of neighbours and half of their bonds, which may be carried from one to
    the other (`boundaries.solve.colgen.pricing_exact.Arcs`). ``flow`` and ``carried`` are kept from
    the last time. The flow ends where a sweep pushes no more than ``enough``: what could still be
    pushed makes the worth too high, never too low. ``dual`` becomes what each LSOA is worth with
    what items pay for it and bonds carry, ``spare`` what items have left.
    """
    first, beside, _, half, item_first, its_lsoas, lsoa_first, its_items = arcs
    count, wide = people.shape
    tied, base = len(half) > 0, 0.0
    busy, open_ = np.empty(count, np.int64), np.empty(wide, np.int64)
    busies, opens = 0, 0
    wanting, bonded = np.zeros(wide, np.bool_), np.zeros(wide, np.bool_)
    for a in range(wide):
        dual[a], inside[a], lack[a] = -INFINITE, False, 0.0
        if lsoas[a] < 0:
            continue
        here = profit[a] - mu_population * residents[a]
        if tied and a < len(first) - 1:
            for arc in range(first[a], first[a + 1]):
                fixed = lsoas[beside[arc]]
                if lsoas[a] > 0:
                    base -= half[arc] if fixed <= 0 else 0.0  # what is in the rim gives it back
                elif fixed < 0:
                    here -= half[arc]
                elif fixed > 0:
                    here += half[arc]
                else:
                    bonded[a] = True
        if lsoas[a] > 0 or (here >= 0.0 and not bonded[a]):
            base += here
            inside[a], dual[a] = True, here
        else:
            lack[a], wanting[a], open_[opens] = -here, True, a
            opens += 1
    if tied:
        for a in range(len(first) - 1):
            for arc in range(first[a], first[a + 1]):
                if bonded[a] and bonded[beside[arc]] and wanting[beside[arc]]:
                    lack[a] += carried[arc]
                else:
                    carried[arc] = 0.0
    for p in range(count):
        spare[p], chosen[p] = 0.0, items[p] > 0
        earns = -item_duals[p]
        if items[p] == 0:
            for number in range(item_first[p], item_first[p + 1]):
                if lsoas[its_lsoas[number]] >= 0:
                    earns += people[p, its_lsoas[number]]
        if items[p] != 0 or earns <= 1e-9:
            for number in range(item_first[p], item_first[p + 1]):
                flow[p, its_lsoas[number]] = 0.0
            continue
        busy[busies] = p
        busies += 1
        for number in range(item_first[p], item_first[p + 1]):
            a = its_lsoas[number]
            if flow[p, a] > 0.0:
                kept = min(flow[p, a], max(0.0, lack[a]), earns) if wanting[a] else 0.0
                flow[p, a] = kept
                lack[a] -= kept
                earns -= kept
        spare[p] = earns
    stat[0] += 1.0
    stat[1] += len(its_lsoas)
    queue = np.empty(count + wide, np.int64)
    while (
        _push(people, busy[:busies], open_[:opens], arcs, spare, flow, carried, lack, queue)
        > enough
    ):
        stat[1] += len(its_lsoas) + opens
    left, top = 0.0, 0
    for number in range(busies):
        p = busy[number]
        left += spare[p]
        if spare[p] > _TINY:
            chosen[p] = True
            queue[top] = p
            top += 1
    for number in range(opens):
        a = open_[number]
        dual[a] = -lack[a]
        if lack[a] < 0.0:
            left -= lack[a]
        if lack[a] < -_TINY:
            inside[a] = True
            queue[top] = count + a
            top += 1
    while top > 0:
        top -= 1
        if queue[top] < count:
            p = queue[top]
            for number in range(item_first[p], item_first[p + 1]):
                a = its_lsoas[number]
                if wanting[a] and not inside[a] and people[p, a] - flow[p, a] > _TINY:
                    inside[a] = True
                    queue[top] = count + a
                    top += 1
            continue
        a = queue[top] - count
        for number in range(lsoa_first[a], lsoa_first[a + 1]):
            q = its_items[number]
            if not chosen[q] and flow[q, a] > _TINY:
                chosen[q] = True
                queue[top] = q
                top += 1
        if bonded[a]:
            for arc in range(first[a], first[a + 1]):
                b = beside[arc]
                if wanting[b] and not inside[b] and half[arc] - carried[arc] > _TINY:
                    inside[b] = True
                    queue[top] = count + b
                    top += 1
    heads = 0.0
    for a in range(wide):
        if inside[a]:
            heads += residents[a]
    return base + left, heads


@compiled
def _push(people, busy, open_, arcs, spare, flow, carried, lack, queue):
    """Push what items and LSOAs have to spare to LSOAs that lack it, in one breadth-first forest.

    An LSOA is come to from an item, along a pair of neighbours (numbered behind the items), or is
    where worth to spare lies (−1).
    """
    first, beside, _, half, item_first, its_lsoas, lsoa_first, its_items = arcs
    count, wide = people.shape
    seen_item, seen = np.zeros(count, np.bool_), np.ones(wide, np.bool_)
    item_from, from_ = np.full(count, -1), np.empty(wide, np.int64)
    head, tail, pushed = 0, 0, 0.0
    for p in busy:
        if spare[p] > _TINY:
            seen_item[p] = True
            queue[tail] = p
            tail += 1
    for a in open_:
        seen[a] = False
        if lack[a] < -_TINY:
            seen[a], from_[a] = True, -1
            queue[tail] = count + a
            tail += 1
    while head < tail:
        node = queue[head]
        head += 1
        if node >= count:
            a = node - count
            for number in range(lsoa_first[a], lsoa_first[a + 1]):
                p = its_items[number]
                if not seen_item[p] and flow[p, a] > _TINY:
                    seen_item[p], item_from[p] = True, a
                    queue[tail] = p
                    tail += 1
            if len(half) == 0 or a >= len(first) - 1:
                continue
            for arc in range(first[a], first[a + 1]):
                b = beside[arc]
                if seen[b] or half[arc] - carried[arc] <= _TINY:
                    continue
                from_[b] = count + arc
                if lack[b] > _TINY:
                    pushed += _along(people, arcs, spare, flow, carried, lack, item_from, from_, b)
                if lack[b] <= _TINY:
                    seen[b] = True
                    queue[tail] = count + b
                    tail += 1
            continue
        for number in range(item_first[node], item_first[node + 1]):
            a = its_lsoas[number]
            if seen[a] or people[node, a] - flow[node, a] <= _TINY:
                continue
            from_[a] = node
            if lack[a] > _TINY:
                pushed += _along(people, arcs, spare, flow, carried, lack, item_from, from_, a)
            if lack[a] <= _TINY:
                seen[a] = True
                queue[tail] = count + a
                tail += 1
            if item_from[node] < 0 and spare[node] <= _TINY:
                break
    return pushed


@compiled
def _along(people, arcs, spare, flow, carried, lack, item_from, from_, goal):
    """Push as much as there is room for along the way to an LSOA; return it."""
    beside, back, half = arcs[1:4]
    count = len(people)
    most, a = lack[goal], goal
    while True:
        if from_[a] < 0:
            most = min(most, -lack[a])
            break
        if from_[a] >= count:
            arc = from_[a] - count
            most = min(most, half[arc] - carried[arc])
            a = beside[back[arc]]
            continue
        p = from_[a]
        most = min(most, people[p, a] - flow[p, a])
        if item_from[p] < 0:
            most = min(most, spare[p])
            break
        a = item_from[p]
        most = min(most, flow[p, a])
    if most <= 1e-9:
        return 0.0
    lack[goal] -= most
    a = goal
    while True:
        if from_[a] < 0:
            lack[a] += most
            return most
        if from_[a] >= count:
            arc = from_[a] - count
            carried[arc] += most
            carried[back[arc]] -= most
            a = beside[back[arc]]
            continue
        p = from_[a]
        flow[p, a] += most
        if item_from[p] < 0:
            spare[p] -= most
            return most
        a = item_from[p]
        flow[p, a] -= most
