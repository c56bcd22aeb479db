"""The best practices to come to a neighbourhood and to leave it, under move multipliers: compiled.

Goes in: the profit of LSOAs to a PCN set, patients by practice, and what each practice pays to come
or is given to leave. Comes out: most that a neighbourhood of the set gains by at most so many of
them, exactly, and by whom. Next: `boundaries.solve.patterns.move_multipliers`.

The profit of a neighbourhood (`boundaries.solve.patterns.knapsack.knapsack_bound`) is convex in
the profits of its LSOAs. So with ``r`` practices still to choose, each brings at most what it
brings alone when its patients count ``r`` times, in a share of 1 / ``r``; that says which sets of
practices need not be looked at. What a practice brings at the population multiplier as it is bounds
what it brings at the best.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled
from boundaries.solve.patterns.knapsack import knapsack_bound

__all__ = [
    "add_best_moves",
    "best_mover_subsets",
    "bound_movers",
    "bound_pcn_sets",
    "count_lsoas",
    "single_gains",
]

_FILLS, _LONG = 8, 30
_NEAR = 1e-6
_FEW = 12
"""Practices that are few enough to reckon each at its best band multiplier."""


@compiled
def bound_pcn_sets(profit, residents, least, most, value, mu_population):
    """Fill in the profit of every set without moves, and its band multiplier."""
    for number in range(len(profit)):
        value[number], mu_population[number] = knapsack_bound(
            profit[number], residents, least, most, 0.0, _LONG
        )


@compiled
def single_gains(
    profit, value, mu_population, pcn_sets, people, pcn_of, residents, band, times, gains
):
    """Fill in what each practice brings to each set (below 0 where it leaves), counted ``times``.

    In a share of 1 / ``times``; minus infinity for practices without a PCN.
    """
    moved = np.empty(profit.shape[1])
    for number in range(len(pcn_sets)):
        for practice in range(len(pcn_of)):
            gains[number, practice] = -np.inf
            if pcn_of[practice] < 0:
                continue
            home = pcn_sets[number] >> pcn_of[practice] & 1
            moved[:] = profit[number] + (-times if home else times) * people[practice]
            reached, _ = knapsack_bound(
                moved, residents, band[0], band[1], mu_population[number], 2 * _FILLS
            )
            gain = (reached - value[number]) / times
            gains[number, practice] = min(gain, 0.0) if home else max(gain, 0.0)


@compiled
def add_best_moves(table, pcn_sets, gains, pcn_of, moves, dual_bounds, come):
    """Add to ``dual_bounds`` of each pattern what the best moves bring, each practice alone.

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
                if pcn_sets[at] >> pcn_of[practice] & 1:
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
        dual_bounds[number] += top[:moves].sum()
    return top[moves - 1]


@compiled
def _keep(open_practices, gains, size, left, now, best, top, reached):
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
        practice, gain, rank = open_practices[at], gains[at], kept
        while rank > 0 and gains[rank - 1] < gain:
            open_practices[rank], gains[rank], reached[rank] = (
                open_practices[rank - 1],
                gains[rank - 1],
                reached[rank - 1],
            )
            rank -= 1
        open_practices[rank], gains[rank], reached[rank] = practice, gain, with_it
        kept += 1
    return kept


@compiled
def _add(profit, sign, practice, entries):
    """Count the practice's patients in (or out)."""
    first, where, people, _ = entries
    for number in range(first[practice], first[practice + 1]):
        profit[where[number]] += sign * people[number]


@compiled
def _reckon(
    profit,
    mu_population,
    left,
    home,
    move_profit,
    entries,
    residents,
    open_practices,
    gains,
    size,
    spare,
):
    """Fill in gains at the band multiplier as it is, each on its part of LSOAs; return the work."""
    first, where, people, split_weights = entries
    work = 0
    for a in range(len(profit)):
        spare[a] = profit[a] - mu_population * residents[a]
    for at in range(size):
        practice, gain = open_practices[at], 0.0
        sign = -1.0 if home[practice] == 1 else 1.0
        for number in range(first[practice], first[practice + 1]):
            own = split_weights[left, number] * spare[where[number]]
            gain += max(0.0, own + sign * people[number]) - max(0.0, own)
        gains[at] = gain + move_profit[practice]
        work += first[practice + 1] - first[practice]
    return work


@compiled
def _refine(
    profit,
    value,
    mu_population,
    left,
    home,
    move_profit,
    entries,
    ground,
    open_practices,
    gains,
    size,
    spare,
):
    """Lower gains to what they are at the best band multiplier; return the work."""
    residents, least, most = ground
    for at in range(size):
        practice = open_practices[at]
        spare[:] = profit
        _add(spare, -left if home[practice] == 1 else left, practice, entries)
        reached, _ = knapsack_bound(spare, residents, least, most, mu_population, _FILLS)
        gains[at] = min(gains[at], (reached - value) / left + move_profit[practice])
    return size * _FILLS * len(profit)


@compiled
def _best(begin, home, move_profit, entries, ground, moves, out, room):
    """Return most that one set gains, by how many practices (in ``out``), and the work done."""
    profits, open_practices, reached, gains, spare = room
    residents, least, most = ground
    value, mu_population, paid = np.zeros(moves + 1), np.zeros(moves + 1), np.zeros(moves + 1)
    size, turn = np.zeros(moves + 1, np.int64), np.zeros(moves + 1, np.int64)
    now_chosen, top = np.zeros(moves + 1, np.int64), np.zeros(moves + 1)
    value[0], mu_population[0] = begin
    for practice in range(len(home)):
        if home[practice] >= 0:
            open_practices[0, size[0]] = practice
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
                    profits[depth], mu_population[depth], left, home, move_profit, entries,
                    residents, open_practices[depth], gains, size[depth], spare,
                )  # fmt: skip
                size[depth] = _keep(
                    open_practices[depth], gains, size[depth], left, now, best, top, reached[depth]
                )
            if 0 < size[depth] <= _FEW:
                work += _refine(
                    profits[depth], value[depth], mu_population[depth], left, home, move_profit,
                    entries, ground, open_practices[depth], gains, size[depth], spare,
                )  # fmt: skip
                size[depth] = _keep(
                    open_practices[depth], gains, size[depth], left, now, best, top, reached[depth]
                )
        at = turn[depth]
        if at >= size[depth]:
            depth -= 1
            continue
        turn[depth] += 1
        if reached[depth, at] <= best + _NEAR:
            continue
        practice = open_practices[depth, at]
        now_chosen[depth] = practice
        profits[depth + 1] = profits[depth]
        _add(profits[depth + 1], -1 if home[practice] == 1 else 1, practice, entries)
        value[depth + 1], mu_population[depth + 1] = knapsack_bound(
            profits[depth + 1], residents, least, most, mu_population[depth], 2 * _FILLS
        )
        work += 2 * _FILLS * len(residents)
        paid[depth + 1] = paid[depth] + move_profit[practice]
        size[depth + 1] = size[depth] - at - 1
        open_practices[depth + 1, : size[depth + 1]] = open_practices[depth, at + 1 : size[depth]]
        depth, fresh = depth + 1, True
    return best, count, work


@compiled
def best_mover_subsets(
    profit,
    value,
    mu_population,
    pcn_sets,
    pcns,
    entries,
    ground,
    move_multipliers,
    moves,
    found,
    out,
    many,
):
    """Fill in what every set gains (``found``), by whom (``out``) and how many; return the work.

    Parameters
    ----------
    profit, value, mu_population
        Sets by LSOAs, and what `bound_pcn_sets` says of them.
    pcn_sets, pcns
        The sets; the PCN of each practice (−1 for none) and its span.
    entries
        LSOAs and patients of each practice (`boundaries.solve.instance.entries_of`).
    ground
        Residents of LSOAs, least and most of a neighbourhood.
    move_multipliers
        What each practice pays to come, and the move multiplier. Its homes are given the multiplier
        less the move multiplier.
    moves
        Most practices that come or leave.
    found, out, many
        Filled in, by sets.
    """
    size = len(pcns[0])
    room = (
        np.empty((moves + 1, profit.shape[1])), np.empty((moves + 1, size), np.int64),
        np.empty((moves + 1, size)), np.empty(size), np.empty(profit.shape[1]),
    )  # fmt: skip
    home, move_profit = np.empty(size, np.int64), np.empty(size)
    total = 0
    for number in range(len(pcn_sets)):
        _offer(pcn_sets[number], pcns, move_multipliers, home, move_profit)
        room[0][0] = profit[number]
        begin = value[number], mu_population[number]
        found[number], many[number], work = _best(
            begin, home, move_profit, entries, ground, moves, out[number], room
        )
        total += work
    return total


@compiled
def bound_movers(
    profit, mu_population, pcn_sets, pcns, entries, residents, move_multipliers, moves, found
):
    """Fill in a bound of what every set gains; return the work.

    As in `best_mover_subsets`, but everything is counted as often as there are moves, at the
    multiplier a head of the set without moves.
    """
    pcn_of, _ = pcns
    size = len(pcn_of)
    home, move_profit, gains = np.empty(size, np.int64), np.empty(size), np.empty(size)
    own, top, spare = np.flatnonzero(pcn_of >= 0), np.zeros(moves + 1), np.empty(profit.shape[1])
    total = 0
    for number in range(len(pcn_sets)):
        _offer(pcn_sets[number], pcns, move_multipliers, home, move_profit)
        total += _reckon(
            profit[number], mu_population[number], moves, home, move_profit, entries, residents,
            own, gains, len(own), spare,
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
def _offer(pcn_set, pcns, move_multipliers, home, move_profit):
    """Fill in whether practices are at home in a set, and what they pay to come or get to leave."""
    pcn_of, span = pcns
    pi_practice, theta_moves = move_multipliers
    for practice in range(len(pcn_of)):
        pcn = pcn_of[practice]
        home[practice] = -1 if pcn < 0 else pcn_set >> pcn & 1
        move_profit[practice] = -pi_practice[practice]
        if home[practice] == 1:
            move_profit[practice] = (pi_practice[practice] - theta_moves) / span[pcn]


@compiled
def count_lsoas(profit, mu_population, pcn_sets, pcn_of, entries, ground, out, many, inside):
    """Add to ``inside`` how many of some sets hold each LSOA when practices have come and left."""
    residents, least, most = ground
    moved = np.empty(profit.shape[1])
    for number in range(len(pcn_sets)):
        moved[:] = profit[number]
        for practice in out[number, : many[number]]:
            home = pcn_sets[number] >> pcn_of[practice] & 1
            _add(moved, -1 if home else 1, practice, entries)
        _, mu = knapsack_bound(moved, residents, least, most, mu_population[number], 2 * _FILLS)
        for a in range(len(moved)):
            if moved[a] - mu * residents[a] > 0.0:
                inside[a] += 1.0
