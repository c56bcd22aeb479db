"""The best practices to come to a neighbourhood and to leave it, at prices of moving: compiled.

Goes in: what LSOAs are worth to a set of PCNs, patients by practice, and what each practice pays to
come or is given to leave. Comes out: most that a neighbourhood of the set gains by at most so many
of them, exactly, and by whom. Next: `boundaries.solve.patterns.move_multipliers`.

The worth of a neighbourhood (`boundaries.solve.patterns.knapsack.fill`) is convex in what its LSOAs
are worth. So with ``r`` practices still to choose, each brings at most what it brings alone when
its patients count ``r`` times, in a share of 1 / ``r``; that says which sets of practices need not
be looked at. What a practice brings at the price a head as it is bounds what it brings at the best.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled
from boundaries.solve.patterns.knapsack import fill

__all__ = ["alone", "best_touches", "chosen", "plain", "reach", "roughly"]

_FILLS, _LONG = 8, 30
_NEAR = 1e-6
_FEW = 12
"""Practices that are few enough to reckon each at its best price a head."""


@compiled
def plain(worth, residents, least, most, value, head):
    """Fill in the worth of every set without moves, and its price a head."""
    for number in range(len(worth)):
        value[number], head[number] = fill(worth[number], residents, least, most, 0.0, _LONG)


@compiled
def alone(worth, value, head, masks, people, pcn_of, residents, band, times, gains):
    """Fill in what each practice brings to each set (below 0 where it leaves), counted ``times``.

    In a share of 1 / ``times``; minus infinity for practices without a PCN.
    """
    moved = np.empty(worth.shape[1])
    for number in range(len(masks)):
        for practice in range(len(pcn_of)):
            gains[number, practice] = -np.inf
            if pcn_of[practice] < 0:
                continue
            home = masks[number] >> pcn_of[practice] & 1
            moved[:] = worth[number] + (-times if home else times) * people[practice]
            reached, _ = fill(moved, residents, band[0], band[1], head[number], 2 * _FILLS)
            gain = (reached - value[number]) / times
            gains[number, practice] = min(gain, 0.0) if home else max(gain, 0.0)


@compiled
def reach(table, masks, gains, pcn_of, moves, upper, come):
    """Add to ``upper`` of each pattern what the best moves bring, by what practices bring alone.

    ``come`` is filled in with what each practice brings where it brings most in the last pattern;
    returned is what the least of the best moves brings there.
    """
    top = np.zeros(moves + 1)
    for number in range(len(table)):
        top[:] = 0.0
        for practice in range(len(pcn_of)):
            come[practice] = 0.0
            if pcn_of[practice] < 0:
                continue
            lost, brought = 0.0, -np.inf
            for at in table[number]:
                if masks[at] >> pcn_of[practice] & 1:
                    lost += gains[at, practice]
                else:
                    brought = max(brought, gains[at, practice])
            if brought == -np.inf:
                continue
            come[practice] = brought
            top[moves] = lost + brought
            for rank in range(moves, 0, -1):
                if top[rank] > top[rank - 1]:
                    higher = top[rank]
                    top[rank] = top[rank - 1]
                    top[rank - 1] = higher
        upper[number] += top[:moves].sum()
    return top[moves - 1]


@compiled
def _keep(alive, gains, size, left, now, best, top, reached):
    """Keep the practices with which the best may still be passed; return how many, best first.

    ``reached`` is a bound of every set with the practice: its gain and the largest of the others'.
    """
    top[:left] = 0.0
    for at in range(size):
        rank = left - 1
        if gains[at] <= top[rank]:
            continue
        while rank > 0 and top[rank - 1] < gains[at]:
            top[rank] = top[rank - 1]
            rank -= 1
        top[rank] = gains[at]
    total, kept = top[:left].sum(), 0
    for at in range(size):
        among = gains[at] > 0.0 and gains[at] >= top[left - 1]
        with_it = now + gains[at] + total - (gains[at] if among else top[left - 1])
        if with_it <= best + _NEAR:
            continue
        practice, gain, rank = alive[at], gains[at], kept
        while rank > 0 and gains[rank - 1] < gain:
            alive[rank], gains[rank], reached[rank] = (
                alive[rank - 1],
                gains[rank - 1],
                reached[rank - 1],
            )
            rank -= 1
        alive[rank], gains[rank], reached[rank] = practice, gain, with_it
        kept += 1
    return kept


@compiled
def _add(worth, sign, practice, entries):
    """Count the practice's patients in (or out)."""
    first, where, people, _ = entries
    for number in range(first[practice], first[practice + 1]):
        worth[where[number]] += sign * people[number]


@compiled
def _reckon(worth, head, left, home, price, entries, residents, alive, gains, size, spare):
    """Fill in gains at the price a head as it is, each on its part of LSOAs; return the work."""
    first, where, people, parts = entries
    work = 0
    for a in range(len(worth)):
        spare[a] = worth[a] - head * residents[a]
    for at in range(size):
        practice, gain = alive[at], 0.0
        sign = -1.0 if home[practice] == 1 else 1.0
        for number in range(first[practice], first[practice + 1]):
            own = parts[left, number] * spare[where[number]]
            gain += max(0.0, own + sign * people[number]) - max(0.0, own)
        gains[at] = gain + price[practice]
        work += first[practice + 1] - first[practice]
    return work


@compiled
def _refine(worth, value, head, left, home, price, entries, ground, alive, gains, size, spare):
    """Lower gains to what they are at the best price a head; return the work."""
    residents, least, most = ground
    for at in range(size):
        practice = alive[at]
        spare[:] = worth
        _add(spare, -left if home[practice] == 1 else left, practice, entries)
        reached, _ = fill(spare, residents, least, most, head, _FILLS)
        gains[at] = min(gains[at], (reached - value) / left + price[practice])
    return size * _FILLS * len(worth)


@compiled
def _best(begin, home, price, entries, ground, moves, out, room):
    """Return most that one set gains, by how many practices (in ``out``), and the work done."""
    worths, alive, reached, gains, spare = room
    residents, least, most = ground
    value, head, paid = np.zeros(moves + 1), np.zeros(moves + 1), np.zeros(moves + 1)
    size, turn = np.zeros(moves + 1, np.int64), np.zeros(moves + 1, np.int64)
    now_chosen, top = np.zeros(moves + 1, np.int64), np.zeros(moves + 1)
    value[0], head[0] = begin
    for practice in range(len(home)):
        if home[practice] >= 0:
            alive[0, size[0]] = practice
            size[0] += 1
    best, count, depth, work, fresh = 0.0, 0, 0, 0, True
    while depth >= 0:
        left = moves - depth
        if fresh:
            fresh, turn[depth] = False, 0
            now = value[depth] - value[0] + paid[depth]
            if now > best:
                best, count = now, depth
                out[:depth] = now_chosen[:depth]
            if left == 0:
                size[depth] = 0
            if size[depth] > 0:
                work += _reckon(
                    worths[depth], head[depth], left, home, price, entries, residents,
                    alive[depth], gains, size[depth], spare,
                )  # fmt: skip
                size[depth] = _keep(
                    alive[depth], gains, size[depth], left, now, best, top, reached[depth]
                )
            if 0 < size[depth] <= _FEW:
                work += _refine(
                    worths[depth], value[depth], head[depth], left, home, price, entries, ground,
                    alive[depth], gains, size[depth], spare,
                )  # fmt: skip
                size[depth] = _keep(
                    alive[depth], gains, size[depth], left, now, best, top, reached[depth]
                )
        at = turn[depth]
        if at >= size[depth]:
            depth -= 1
            continue
        turn[depth] += 1
        if reached[depth, at] <= best + _NEAR:
            continue
        practice = alive[depth, at]
        now_chosen[depth] = practice
        worths[depth + 1] = worths[depth]
        _add(worths[depth + 1], -1 if home[practice] == 1 else 1, practice, entries)
        value[depth + 1], head[depth + 1] = fill(
            worths[depth + 1], residents, least, most, head[depth], 2 * _FILLS
        )
        work += 2 * _FILLS * len(residents)
        paid[depth + 1] = paid[depth] + price[practice]
        size[depth + 1] = size[depth] - at - 1
        alive[depth + 1, : size[depth + 1]] = alive[depth, at + 1 : size[depth]]
        depth, fresh = depth + 1, True
    return best, count, work


@compiled
def best_touches(worth, value, head, masks, pcns, entries, ground, prices, moves, found, out, many):
    """Fill in what every set gains (``found``), by whom (``out``) and how many; return the work.

    Parameters
    ----------
    worth, value, head
        Sets by LSOAs, and what `plain` says of them.
    masks, pcns
        The sets; the PCN of each practice (−1 for none) and its span.
    entries
        LSOAs and patients of each practice (`boundaries.solve.instance.entries_of`).
    ground
        Residents of LSOAs, least and most of a neighbourhood.
    prices
        What each practice pays to come, and the toll. Its homes are given the price less the toll.
    moves
        Most practices that come or leave.
    found, out, many
        Filled in, by sets.
    """
    size = len(pcns[0])
    room = (
        np.empty((moves + 1, worth.shape[1])), np.empty((moves + 1, size), np.int64),
        np.empty((moves + 1, size)), np.empty(size), np.empty(worth.shape[1]),
    )  # fmt: skip
    home, price = np.empty(size, np.int64), np.empty(size)
    total = 0
    for number in range(len(masks)):
        _offer(masks[number], pcns, prices, home, price)
        room[0][0] = worth[number]
        begin = value[number], head[number]
        found[number], many[number], work = _best(
            begin, home, price, entries, ground, moves, out[number], room
        )
        total += work
    return total


@compiled
def roughly(worth, head, masks, pcns, entries, residents, prices, moves, found):
    """Fill in a bound of what every set gains; return the work.

    As in `best_touches`, but everything is counted as often as there are moves, at the price a head
    of the set without moves.
    """
    pcn_of, _ = pcns
    size = len(pcn_of)
    home, price, gains = np.empty(size, np.int64), np.empty(size), np.empty(size)
    own, top, spare = np.flatnonzero(pcn_of >= 0), np.zeros(moves + 1), np.empty(worth.shape[1])
    total = 0
    for number in range(len(masks)):
        _offer(masks[number], pcns, prices, home, price)
        total += _reckon(
            worth[number], head[number], moves, home, price, entries, residents, own, gains,
            len(own), spare,
        )  # fmt: skip
        top[:] = 0.0
        for at in range(len(own)):
            rank = moves
            while rank > 0 and top[rank - 1] < gains[at]:
                top[rank] = top[rank - 1]
                rank -= 1
            top[rank] = gains[at]
        found[number] = top[:moves].sum()
    return total


@compiled
def _offer(mask, pcns, prices, home, price):
    """Fill in whether practices are at home in a set, and what they pay to come or get to leave."""
    pcn_of, span = pcns
    price_of, toll = prices
    for practice in range(len(pcn_of)):
        pcn = pcn_of[practice]
        home[practice] = -1 if pcn < 0 else mask >> pcn & 1
        price[practice] = -price_of[practice]
        if home[practice] == 1:
            price[practice] = (price_of[practice] - toll) / span[pcn]


@compiled
def chosen(worth, head, masks, pcn_of, entries, ground, out, many, inside):
    """Add to ``inside`` how many of some sets hold each LSOA when practices have come and left."""
    residents, least, most = ground
    moved = np.empty(worth.shape[1])
    for number in range(len(masks)):
        moved[:] = worth[number]
        for practice in out[number, : many[number]]:
            home = masks[number] >> pcn_of[practice] & 1
            _add(moved, -1 if home else 1, practice, entries)
        _, price = fill(moved, residents, least, most, head[number], 2 * _FILLS)
        for a in range(len(moved)):
            if moved[a] - price * residents[a] > 0.0:
                inside[a] += 1.0
