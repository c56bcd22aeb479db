"""Which practices and LSOAs to take, where each pair brings people and each costs: compiled.

Goes in: people of every item in every LSOA, duals of items, profits of LSOAs, what is decided.
Comes out: the smallest best choice, by a maximum flow from what practices may earn to what LSOAs
lack (Picard, Management Science 1976). Next: `boundaries.solve.colgen.pricing_kernel`.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.colgen.moats import INFINITE
from boundaries.solve.compiled import compiled

__all__ = ["close"]

_TINY = 1e-7


@compiled
def close(
    people, item_duals, profit, items, lsoas, mu_population, residents, inside, chosen, spare, flow,
    lack, dual, stat,
):  # fmt: skip
    """Find the smallest best closure at a band multiplier; return its worth and residents.

    ``flow`` is kept from the last time. ``dual`` becomes what each LSOA is worth with what items
    pay for it, ``spare`` what items have left.
    """
    count, wide = people.shape
    base = 0.0
    busy, open_ = np.empty(count, np.int64), np.empty(wide, np.int64)
    busies, opens = 0, 0
    wanting = np.zeros(wide, np.bool_)
    for a in range(wide):
        dual[a], inside[a], lack[a] = -INFINITE, False, 0.0
        if lsoas[a] < 0:
            continue
        here = profit[a] - mu_population * residents[a]
        if lsoas[a] > 0 or here >= 0.0:
            base += here
            inside[a], dual[a] = True, here
        else:
            lack[a], wanting[a], open_[opens] = -here, True, a
            opens += 1
    for p in range(count):
        spare[p], chosen[p] = 0.0, items[p] > 0
        earns = -item_duals[p]
        if items[p] == 0:
            for a in range(wide):
                if lsoas[a] >= 0:
                    earns += people[p, a]
        if items[p] != 0 or earns <= 1e-9:
            flow[p, :] = 0.0
            continue
        busy[busies] = p
        busies += 1
        for a in range(wide):
            if flow[p, a] > 0.0:
                kept = min(flow[p, a], lack[a], earns) if wanting[a] else 0.0
                flow[p, a] = kept
                lack[a] -= kept
                earns -= kept
        spare[p] = earns
    stat[0] += 1.0
    stat[1] += count * wide
    queue = np.empty(count + wide, np.int64)
    while _push(people, busy[:busies], open_[:opens], spare, flow, lack, queue) > 1e-6:
        stat[1] += busies * opens
    left, top = 0.0, 0
    for number in range(busies):
        p = busy[number]
        left += spare[p]
        if spare[p] > _TINY:
            chosen[p] = True
            queue[top] = p
            top += 1
    for number in range(opens):
        dual[open_[number]] = -lack[open_[number]]
    while top > 0:
        top -= 1
        p = queue[top]
        for number in range(opens):
            a = open_[number]
            if not inside[a] and people[p, a] - flow[p, a] > _TINY:
                inside[a] = True
                for other in range(busies):
                    q = busy[other]
                    if not chosen[q] and flow[q, a] > _TINY:
                        chosen[q] = True
                        queue[top] = q
                        top += 1
    heads = 0.0
    for a in range(wide):
        if inside[a]:
            heads += residents[a]
    return base + left, heads


@compiled
def _push(people, busy, open_, spare, flow, lack, queue):
    """Push what items have to spare to LSOAs that lack it, along one breadth-first forest."""
    count, wide = people.shape
    seen_item, seen = np.zeros(count, np.bool_), np.zeros(wide, np.bool_)
    item_from, from_item = np.full(count, -1), np.empty(wide, np.int64)
    head, tail, pushed = 0, 0, 0.0
    for p in busy:
        if spare[p] > _TINY:
            seen_item[p] = True
            queue[tail] = p
            tail += 1
    while head < tail:
        node = queue[head]
        head += 1
        if node >= count:
            a = node - count
            for p in busy:
                if not seen_item[p] and flow[p, a] > _TINY:
                    seen_item[p], item_from[p] = True, a
                    queue[tail] = p
                    tail += 1
            continue
        for a in open_:
            if seen[a] or people[node, a] - flow[node, a] <= _TINY:
                continue
            from_item[a] = node
            if lack[a] > _TINY:
                pushed += _along(people, spare, flow, lack, item_from, from_item, a)
            if lack[a] <= _TINY:
                seen[a] = True
                queue[tail] = count + a
                tail += 1
            if item_from[node] < 0 and spare[node] <= _TINY:
                break
    return pushed


@compiled
def _along(people, spare, flow, lack, item_from, from_item, goal):
    """Push as much as there is room for along the way to an LSOA; return it."""
    most, a = lack[goal], goal
    while True:
        p = from_item[a]
        if people[p, a] - flow[p, a] < most:
            most = people[p, a] - flow[p, a]
        if item_from[p] < 0:
            if spare[p] < most:
                most = spare[p]
            break
        a = item_from[p]
        if flow[p, a] < most:
            most = flow[p, a]
    if most <= 1e-9:
        return 0.0
    lack[goal] -= most
    a = goal
    while True:
        p = from_item[a]
        flow[p, a] += most
        if item_from[p] < 0:
            spare[p] -= most
            return most
        a = item_from[p]
        flow[p, a] -= most
