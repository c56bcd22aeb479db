"""All ways to share PCNs out among neighbourhoods, by worth: the best one, and all above a target.

Goes in: the profit of every PCN set. A set is a number of two parts: which PCNs with one anchor
it holds (bits of the column) and which with more (the row). Comes out: the most that every rest of
PCNs can be worth in so many neighbourhoods, and the ways that are worth more than a target.
Next: `boundaries.solve.patterns.k_best`.

The neighbourhood of the first PCN left is made first, so every way is met once. A rest is a column
(PCNs with one anchor that are left) and a code (anchors left of the others); ``after[code, row]``
is the code when a set of that row is taken, −1 where there are none left.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["completions", "ways_above"]


@compiled
def completions(profit, after, count):
    """Return the most that each rest can be worth: codes by columns by neighbourhoods.

    Rests that are never met (with the first PCN, but not the whole) stay at minus infinity.
    """
    rows, columns = profit.shape
    best = np.full((len(after), columns, count + 1), -np.inf)
    best[0, 0, 0] = 0.0
    for code in range(1, len(after)):
        for row in range(1, rows):
            if after[code, row] >= 0 and profit[row, 0] > -np.inf:
                for k in range(1, count + 1):
                    value = profit[row, 0] + best[after[code, row], 0, k - 1]
                    best[code, 0, k] = max(best[code, 0, k], value)
    for column in range(1, columns):
        if column & 1 and column < columns - 1:
            continue  # the first PCN is shared out first, so no rest has it
        low = column & -column
        rest = column ^ low
        part = rest
        while True:
            for row in range(rows):
                value = profit[row, low | part]
                if value > -np.inf:
                    for code in range(len(after)):
                        if after[code, row] >= 0:
                            for k in range(1, count + 1):
                                reach = value + best[after[code, row], rest ^ part, k - 1]
                                if reach > best[code, column, k]:
                                    best[code, column, k] = reach
            if part == 0:
                break
            part = (part - 1) & rest
    return best


@compiled
def ways_above(profit, after, best, count, target, limit):
    """Return the ways worth more than the target (rows and columns of their sets), and their worth.

    At most ``limit`` of them; one more is returned where there are more.
    """
    rows, columns = profit.shape
    ways = np.empty((limit + 1, count, 2), dtype=np.int64)
    value = np.empty(limit + 1)
    met = 0
    code, column = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    part, row, so_far = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count + 1)
    code[0], column[0], level = len(after) - 1, columns - 1, 0
    part[0], row[0] = (columns - 1) & (columns - 2), -1
    while level >= 0:
        low = column[level] & -column[level]
        rest = column[level] ^ low
        row[level] += 1
        if row[level] == rows:
            if part[level] == 0:
                level -= 1
                continue
            part[level], row[level] = (part[level] - 1) & rest, 0
        taken, kind = low | part[level], row[level]
        if taken == 0 and kind == 0:
            continue
        then = after[code[level], kind]
        if then < 0 or profit[kind, taken] == -np.inf:
            continue
        reach = so_far[level] + profit[kind, taken]
        if reach + best[then, rest ^ part[level], count - level - 1] <= target:
            continue
        ways[met, level, 0], ways[met, level, 1] = kind, taken
        if level == count - 1:
            value[met] = reach
            met += 1
            if met > limit:
                break
            ways[met] = ways[met - 1]
            continue
        column[level + 1], code[level + 1] = rest ^ part[level], then
        so_far[level + 1] = reach
        level += 1
        left = column[level]
        part[level] = left & (left - 1)
        row[level] = kind - 1 if taken == 0 else -1  # sets without a single PCN: in order
    return ways[:met], value[:met]
