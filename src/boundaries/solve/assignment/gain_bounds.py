"""What items gain by their candidates when LSOAs give each a part of their worth: compiled.

Goes in: what LSOAs are worth to each neighbourhood, the candidates of a node and the parts that
items count on (`boundaries.solve.assignment.enumeration.splitting_weights`). Comes out: gains, the
largest of them, and the candidates that may stand in a good set. Next:
`boundaries.solve.assignment.dual_descent` lowers the bound that they make, and
`boundaries.solve.assignment.enumeration` lists sets.

Gains are sums over the LSOAs of an item: most of the time of a tree of candidates goes here, so
four labels are summed side by side, and no LSOA is a branch.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["keep_open", "lean", "room_for", "weigh"]

_NEVER = -1e300


@compiled
def room_for(lsoas, count):
    """Return room for what `lean` fills in: slack and best labels."""
    return np.zeros((lsoas, 2 * count + 1)), np.zeros(lsoas, np.int64)


@compiled
def lean(profit, slack, best):
    """Fill in what each label is worth less than the best, and which is best.

    ``slack`` is by labels; then by labels again, what an LSOA falls to without this one: the slack
    of the next best at the best label, and else nothing; then nothing once more, for no label.
    Returns what the best labels are worth together.
    """
    total, count = 0.0, profit.shape[1]
    for a in range(profit.shape[0]):
        top, at, after = profit[a, 0], 0, _NEVER
        for k in range(1, count):
            if profit[a, k] > top:
                top, at, after = profit[a, k], k, top
            elif profit[a, k] > after:
                after = profit[a, k]
        for k in range(count):
            slack[a, k] = profit[a, k] - top
        slack[a, count + best[a]] = 0.0
        slack[a, count + at] = after - top
        best[a] = at
        total += top
    return total


@compiled
def _gain(slack, where, people, split_weights, begin, end, home, one, two, three, four):
    """Return what an item brings to four labels when LSOAs give it part of their worth, at most.

    Its entries are from ``begin`` to ``end``. Where it leaves the best label, an LSOA falls back to
    the next one, or to the same with fewer.
    """
    at_one, at_two, at_three, at_four = 0.0, 0.0, 0.0, 0.0
    for number in range(np.uint64(begin), np.uint64(end)):  # never below nought: no look back
        a, part, patients = np.uint64(where[number]), split_weights[number], people[number]
        least = max(part * slack[a, home], -patients)
        at_one += max(least, part * slack[a, one] + patients)
        at_two += max(least, part * slack[a, two] + patients)
        at_three += max(least, part * slack[a, three] + patients)
        at_four += max(least, part * slack[a, four] + patients)
    return at_one, at_two, at_three, at_four


@compiled
def _gain_two(slack, where, people, split_weights, begin, end, home, one, two):
    """Return the same for two labels."""
    at_one, at_two = 0.0, 0.0
    for number in range(np.uint64(begin), np.uint64(end)):
        a, part, patients = np.uint64(where[number]), split_weights[number], people[number]
        least = max(part * slack[a, home], -patients)
        at_one += max(least, part * slack[a, one] + patients)
        at_two += max(least, part * slack[a, two] + patients)
    return at_one, at_two


@compiled
def _gains(
    slack,
    first,
    where,
    people,
    item,
    home,
    label,
    open_candidates,
    begin,
    end,
    split_weights,
    gains,
):
    """Fill in what an item brings by each of its candidates, four or two at a time."""
    start, stop, old = first[item], first[item + 1], np.uint64(slack.shape[1] - 1)
    if home[item] >= 0:
        old = np.uint64(slack.shape[1] // 2 + home[item])
    last = np.uint64(label[open_candidates[end - 1]])
    while begin < end:
        one, two = np.uint64(label[open_candidates[begin]]), last
        if begin + 1 < end:
            two = np.uint64(label[open_candidates[begin + 1]])
        if begin + 2 >= end:
            at_one, at_two = _gain_two(
                slack, where, people, split_weights, start, stop, old, one, two
            )
            gains[begin] = at_one
            if begin + 1 < end:
                gains[begin + 1] = at_two
            begin += 2
            continue
        three, four = np.uint64(label[open_candidates[begin + 2]]), last
        if begin + 3 < end:
            four = np.uint64(label[open_candidates[begin + 3]])
        at_one, at_two, at_three, at_four = _gain(
            slack, where, people, split_weights, start, stop, old, one, two, three, four
        )
        gains[begin], gains[begin + 1], gains[begin + 2] = at_one, at_two, at_three
        if begin + 3 < end:
            gains[begin + 3] = at_four
        begin += 4


@compiled
def weigh(
    slack, first, where, people, home, mover, label, cost, open_candidates, size, left,
    split_weights, gains, assign_gain, top, most,
):  # fmt: skip
    """Fill in the gains of candidates; return what the items that are due bring, at most.

    Of every item, by its first candidate: ``assign_gain`` is what sitting somewhere brings, and
    ``top`` what moving brings beyond it. ``most`` are the largest tops, one more than the moves
    left.
    """
    most[:] = 0.0
    total, begin = 0.0, 0
    while begin < size:
        item, end = mover[open_candidates[begin]], begin
        while end < size and mover[open_candidates[end]] == item:
            end += 1
        _gains(
            slack,
            first,
            where,
            people,
            item,
            home,
            label,
            open_candidates,
            begin,
            end,
            split_weights,
            gains,
        )
        home_gain, any_gain = _NEVER, _NEVER
        for number in range(begin, end):
            any_gain = max(any_gain, gains[number])
            if cost[open_candidates[number]] == 0:
                home_gain = max(home_gain, gains[number])
        assigned = 0.0
        if home[item] < 0:
            assigned = home_gain if home_gain > _NEVER else any_gain
        high = max(0.0, any_gain - assigned)
        assign_gain[begin:end], top[begin:end] = assigned, high
        total += assigned
        for rank in range(left + 1):
            if high > most[rank]:
                most[rank], high = high, most[rank]
        begin = end
    return total


@compiled
def keep_open(
    cost,
    open_candidates,
    size,
    left,
    value,
    target,
    gains,
    assign_gain,
    top,
    most,
    candidate_bounds,
):
    """Keep the candidates that may stand in a set above the target, and lower their reach.

    ``value`` is with the items that are due. Returns how many candidates are kept, to the front.
    """
    kept = 0
    for number in range(size):
        moves = cost[open_candidates[number]]
        if moves > left:
            continue
        others = left - moves
        rest = most[:others].sum()
        if others > 0 and top[number] >= most[others - 1]:
            rest += most[others] - top[number]
        bound = min(candidate_bounds[number], value + gains[number] - assign_gain[number] + rest)
        if bound > target:
            open_candidates[kept], candidate_bounds[kept], gains[kept] = (
                open_candidates[number],
                bound,
                gains[number],
            )
            kept += 1
    return kept
