"""Better multipliers for a node of the assignment tree: dual descent along a subgradient, compiled.

Goes in: the profit of LSOAs under a node, its candidates, the rows of a map and their duals
(`boundaries.solve.lp.separator_rows`). Comes out: row duals under which the bound of all leaves
below the node is low, and the candidates that no dual vector on the way fathoms. Next:
`boundaries.solve.assignment.tree`.

A linear programme gives the best duals for one set of movers; those are not the best for all sets
below a node at once. The bound of a node is convex in the row duals, so its subgradient leads down:
where LSOAs are, the share of each that its candidates count on included, against each row.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.assignment.gain_bounds import keep_open, lean, room_for, weigh
from boundaries.solve.compiled import compiled

__all__ = ["dual_descent", "most_alike"]

_EVERY = 4
"""Steps after which rows that did not matter are looked at again."""


@compiled
def _reduce(profit, residents, least, most, first, where, weight, limit, row_duals, reduced):
    """Fill in the worth less the duals of the rows; return the constant."""
    lsoas, count = profit.shape
    constant = 0.0
    for k in range(count):
        constant += row_duals[0, k] * (most if row_duals[0, k] > 0 else least)
    for a in range(lsoas):
        for k in range(count):
            reduced[a, k] = profit[a, k] - row_duals[0, k] * residents[a]
    for row in range(len(limit)):
        total = 0.0
        for k in range(count):
            total += row_duals[row + 1, k]
        if total > 0.0:
            constant += limit[row] * total
            for entry in range(first[row], first[row + 1]):
                a = where[entry]
                for k in range(count):
                    reduced[a, k] -= weight[entry] * row_duals[row + 1, k]
    return constant


@compiled
def _leave(slack, best, first, where, people, item, old, new, split_weights, shares):
    """Change where LSOAs are when an item moves: its part of each goes where it is worth most."""
    for entry in range(first[item], first[item + 1]):
        a = where[entry]
        patients = people[entry] / split_weights[entry]
        at, high = new, slack[a, new] + patients
        if best[a] not in (old, new):
            at = best[a] if high < 0.0 else new
        elif best[a] == old:
            for k in range(shares.shape[1]):
                here = slack[a, k] - (patients if k == old else 0.0)
                if k != new and here > high:
                    at, high = k, here
        shares[a, at] += split_weights[entry]
        shares[a, best[a]] -= split_weights[entry]


@compiled
def _sit(slack, best, where, people, begin, end, label, split_weights, shares):
    """Change where LSOAs are when an item without a home sits somewhere."""
    new = np.uint64(label)
    for entry in range(np.uint64(begin), np.uint64(end)):  # never below nought: no look back
        a, part = np.uint64(where[entry]), split_weights[entry]
        old = np.uint64(best[a])
        at = old if slack[a, new] + people[entry] / part < 0.0 else new
        shares[a, at] += part
        shares[a, old] -= part


@compiled
def _shares(
    slack, best, first, where, people, home, mover, label, open_candidates, size, left,
    split_weights, gains, top, most, shares,
):  # fmt: skip
    """Fill in where LSOAs are, when each of the best candidates has its part of them."""
    shares[:] = 0.0
    for a in range(len(shares)):
        shares[a, best[a]] = 1.0
    begin, moved = 0, 0
    while begin < size:
        item, end, pick = mover[open_candidates[begin]], begin, begin
        while end < size and mover[open_candidates[end]] == item:
            if gains[end] > gains[pick]:
                pick = end
            end += 1
        moves = home[item] >= 0
        chosen = not moves
        if moves and moved < left and top[begin] > 0.0 and top[begin] >= most[left - 1]:
            chosen = True
            moved += 1
        if chosen and moves:
            _leave(
                slack, best, first, where, people, item, home[item], label[open_candidates[pick]],
                split_weights, shares,
            )  # fmt: skip
        elif chosen:
            _sit(
                slack, best, where, people, first[item], first[item + 1],
                label[open_candidates[pick]], split_weights, shares,
            )  # fmt: skip
        begin = end


@compiled
def _slope(
    shares, residents, least, most, first, where, weight, limit, cap, row_duals, slope, watched,
    every, scale,
):  # fmt: skip
    """Fill in how the bound changes with each charge; return the sum of squares.

    The charge of the band is a head of ``scale`` residents, so that all are alike in size. Rows
    that charge nothing and are kept are looked at when it is ``every`` row's turn: until the next
    such turn only the others are ``watched``.
    """
    count = shares.shape[1]
    slope[0, :] = 0.0
    for a in range(shares.shape[0]):
        for k in range(count):
            slope[0, k] -= shares[a, k] * residents[a]
    total = 0.0
    for k in range(count):
        over, under = slope[0, k] + most, slope[0, k] + least
        if row_duals[0, k] > 0.0 or over < 0.0:
            slope[0, k] = over / scale
        elif row_duals[0, k] < 0.0 or under > 0.0:
            slope[0, k] = under / scale
        else:
            slope[0, k] = 0.0
        total += slope[0, k] * slope[0, k]
    for row in range(len(limit)):
        if not (every or watched[row]):
            continue
        here = slope[row + 1]
        here[:] = limit[row]
        for entry in range(first[row], first[row + 1]):
            share = shares[where[entry]]
            for k in range(count):
                here[k] -= weight[entry] * share[k]
        seen = False
        for k in range(count):
            at_cap = row_duals[row + 1, k] >= cap[row] and here[k] < 0.0
            if at_cap or (row_duals[row + 1, k] <= 0.0 and here[k] > 0.0):
                here[k] = 0.0
            seen |= here[k] != 0.0 or row_duals[row + 1, k] > 0.0
            total += here[k] * here[k]
        watched[row] = seen
    return total


@compiled
def _step(row_duals, slope, watched, cap, step_length, scale):
    """Change the duals; none passes nought at once, those of rows stay above it, under caps."""
    for k in range(row_duals.shape[1]):
        old = row_duals[0, k]
        new = old - step_length * slope[0, k] / scale
        row_duals[0, k] = 0.0 if old * new < 0.0 else new
    for row in range(len(watched)):
        if watched[row]:
            for k in range(row_duals.shape[1]):
                dual = max(0.0, row_duals[row + 1, k] - step_length * slope[row + 1, k])
                row_duals[row + 1, k] = min(dual, cap[row])


@compiled
def dual_descent(
    profit, residents, least, most, row_first, row_where, row_weight, row_limit, row_cap, start,
    first, where, people, home, mover, label, cost, open_candidates, candidate_bounds, left,
    split_weights, target, steps,
):  # fmt: skip
    """Lower the bound of a node step by step, and fathom candidates on the way.

    Returns
    -------
    tuple
        The bound of all sets, the candidates left, their reach, the best duals, the multipliers
        that follow from them, and the constant.
    """
    lsoas = len(profit)
    row_duals, slope = start.copy(), np.empty(start.shape)
    best_duals = start.copy()
    reduced, shares = np.empty(profit.shape), np.empty(profit.shape)
    slack, best = room_for(lsoas, profit.shape[1])
    size = len(open_candidates)
    kept, reached, gains = open_candidates.copy(), candidate_bounds.copy(), np.empty(size)
    assign_gain, top, high = np.empty(size), np.empty(size), np.empty(left + 1)
    bound, scale, since, head = 1e300, 1.0, 0, residents.mean()
    watched = np.zeros(len(row_limit), np.bool_)
    for number in range(steps):
        value = _reduce(
            profit, residents, least, most, row_first, row_where, row_weight, row_limit, row_duals,
            reduced,
        )  # fmt: skip
        value += lean(reduced, slack, best)
        value += weigh(
            slack, first, where, people, home, mover, label, cost, kept, size, left,
            split_weights, gains, assign_gain, top, high,
        )  # fmt: skip
        total = value + high[:left].sum()
        if total < bound - 1e-3 * max(0.0, bound - target):
            since = 0
        else:
            since += 1
        if total < bound:
            bound = total
            best_duals[:] = row_duals
        if bound <= target or since >= 12:
            break
        if since % 4 == 3:
            scale *= 0.6
        _shares(
            slack, best, first, where, people, home, mover, label, kept, size, left, split_weights,
            gains, top, high, shares,
        )  # fmt: skip
        norm = _slope(
            shares, residents, least, most, row_first, row_where, row_weight, row_limit, row_cap,
            row_duals, slope, watched, number % _EVERY == 0, head,
        )  # fmt: skip
        size = keep_open(
            cost, kept, size, left, value, target, gains, assign_gain, top, high, reached
        )  # fmt: skip
        if norm < 1e-12:
            break
        _step(row_duals, slope, watched, row_cap, scale * (total - target) / norm, head)
    constant = _reduce(
        profit, residents, least, most, row_first, row_where, row_weight, row_limit, best_duals,
        reduced,
    )  # fmt: skip
    return bound, kept[:size], reached[:size], best_duals, profit - reduced, constant


@compiled
def _same(one, other):
    """Count the PCNs that two sets share."""
    both, count = one & other, 0
    while both:
        both &= both - 1
        count += 1
    return count


@compiled
def most_alike(mine, others):
    """Return which pattern shares most PCNs with mine, and which of its labels each of mine is.

    Patterns are rows of PCN sets. Of patterns that are as good, the last.
    """
    count = len(mine)
    best, at, names = -1, -1, np.zeros(count, np.int64)
    order, taken = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    for number in range(len(others)):
        alike = 0
        taken[:] = False
        for label in range(count):
            most, pick = -1, -1
            for other in range(count):
                if not taken[other]:
                    same = _same(mine[label], others[number, other])
                    if same > most:
                        most, pick = same, other
            taken[pick] = True
            order[label] = pick
            alike += most
        if alike >= best:
            best, at = alike, number
            names[:] = order
    return at, names
