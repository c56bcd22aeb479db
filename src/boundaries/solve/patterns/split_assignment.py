"""What patterns can serve at most, each with multipliers of its own: compiled, for many thousands.

Goes in: what PCN sets are worth in each LSOA, the rows of a map
(`boundaries.solve.lp.separator_rows`), their duals for each set. Comes out: bounds that hold for
connected maps, with a number of moves. Next: `boundaries.solve.patterns.multiplier_filter`.

The duals of the rows a neighbourhood of one pattern is a good guess for any other pattern in which
the same PCN set stands, so multipliers are kept by sets, and most patterns are fathomed by those
that are known. A PCN with two anchors has its practices in one of two neighbourhoods each: a
*split* says which. Every split has a bound, the least under any multipliers that were tried; the
pattern's bound is that of its best split. Where a split is above the target, its own bound is
lowered (`boundaries.solve.assignment.dual_descent`), and the multipliers found are tried on all
splits.

Moves: whatever the multipliers, at most ``moves`` practices gain, each at most so much; every one
counts on its part of the profit of an LSOA
(`boundaries.solve.assignment.enumeration.splitting_weights`).

Bundles of arrays that most functions here are handed:

- ``band``: residents of the LSOAs, the least and the most of a neighbourhood;
- ``rows``: of the map, as first, where, weight, limit, cap (`boundaries.solve.lp.separator_rows`);
- ``split_pcn``: the PCN with two anchors (−1: none), its practices, and the people of each LSOA
  whose practices each split has in the first of the two neighbourhoods (the last has all there);
- ``movers``: practices that may move, those with most patients first, in blocks: PCN (−1: nobody),
  item, patients, then patients and parts as blocks by LSOAs by movers;
- ``entries``: LSOAs and patients of all items as first, where, people, parts.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.assignment.dual_descent import dual_descent
from boundaries.solve.compiled import compiled

__all__ = ["BLOCK", "bound_patterns", "compile_kernels"]

BLOCK = 16
"""Movers whose gains are reckoned at a time."""

_NEVER = -1e300
_EITHER = -2


@compiled
def _reduce(profit, band, rows, row_duals, left):
    """Fill in the worth that the multipliers leave; return their constant."""
    residents, least, most = band
    first, where, weight, limit, _ = rows
    lsoas, count = profit.shape
    constant = 0.0
    for k in range(count):
        constant += row_duals[0, k] * (most if row_duals[0, k] > 0 else least)
    for a in range(lsoas):
        for k in range(count):
            left[a, k] = profit[a, k] - row_duals[0, k] * residents[a]
    for row in range(len(limit)):
        for k in range(count):
            dual = row_duals[row + 1, k]
            if dual > 0.0:
                constant += limit[row] * dual
                for entry in range(first[row], first[row + 1]):
                    left[where[entry], k] -= weight[entry] * dual
    return constant


@compiled
def _add_split_profit(left, pair, split_people, values):
    """Add what all LSOAs are worth under each split to the values."""
    lsoas, count = left.shape
    one, other = pair
    last = len(values) - 1
    for a in range(lsoas):
        top = _NEVER
        for k in range(count):
            if k not in (one, other):
                top = max(top, left[a, k])
        if one < 0:
            values[0] += top
            continue
        here, there = left[a, one], left[a, other] + split_people[a, last]
        for s in range(len(values)):
            value, rest = here + split_people[a, s], there - split_people[a, s]
            value = value if value > rest else rest
            values[s] += value if value > top else top


@compiled
def _rank(row, others):
    """Fill in the largest of the others for each entry of a row."""
    best, second, at = _NEVER, _NEVER, -1
    for k in range(len(row)):
        if row[k] > best:
            best, second, at = row[k], best, k
        elif row[k] > second:
            second = row[k]
    for k in range(len(row)):
        others[k] = second if k == at else best


@compiled
def _gain(left, pair, both, homes, anchored, movers, moves):
    """Return what the best moves can bring together, at most.

    ``both`` are the people who may be in either neighbourhood of the pair: wherever their practices
    sit, the gains hold. Where a mover's home falls behind, an LSOA goes to the next one, or stays
    with fewer.
    """
    _, _, sizes, people, split_weights = movers
    one, other = pair
    lsoas, count = left.shape
    slack, others = np.empty((lsoas, count)), np.empty(count)
    best, gains, high = np.zeros(moves + 1), np.empty((count, BLOCK)), np.empty(BLOCK)
    for a in range(lsoas):
        _rank(left[a], others)
        for k in range(count):
            more = both[a] if k in (one, other) else 0.0
            slack[a, k] = min(0.0, left[a, k] + more - others[k])
    for block in range(len(people)):
        begin = block * BLOCK
        if sizes[begin] <= best[moves - 1]:
            break
        gains[:] = 0.0
        for a in range(lsoas):
            _rank(slack[a], others)
            here, part = people[block, a], split_weights[block, a]
            for i in range(BLOCK):
                home = homes[begin + i]
                next_ = others[home] if home >= 0 else max(others[one], others[other])
                least = part[i] * next_
                high[i] = least if least > -here[i] else -here[i]
            for k in range(count):
                behind = slack[a, k]
                for i in range(BLOCK):
                    value = part[i] * behind + here[i]
                    gains[k, i] += value if value > high[i] else high[i]
        for i in range(BLOCK):
            value = 0.0
            for k in range(count):
                if not anchored[begin + i, k]:
                    value = max(value, gains[k, i])
            for rank in range(moves):
                if value > best[rank]:
                    best[rank], value = value, best[rank]
    return best[:moves].sum()


@compiled
def _set_up(sets, pcn_sets, profit, row_duals, split_pcn, movers, own, mine, homes, anchored):
    """Fill in a pattern's worth and multipliers, and where movers sit; return the seats' pair."""
    pcn, mover_pcn = split_pcn[0], movers[0]
    one, other = -1, -1
    for k in range(len(sets)):
        at = sets[k]
        own[:, k] = profit[at]
        mine[:, k] = row_duals[at]
        if pcn >= 0 and pcn_sets[at] >> pcn & 1:
            one, other = (k, other) if one < 0 else (one, k)
    for i in range(len(mover_pcn)):
        homes[i] = 0
        for k in range(len(sets)):
            anchored[i, k] = mover_pcn[i] < 0 or pcn_sets[sets[k]] >> mover_pcn[i] & 1
            if mover_pcn[i] >= 0 and anchored[i, k]:
                homes[i] = k
        if mover_pcn[i] >= 0 and mover_pcn[i] == pcn:
            homes[i] = _EITHER
    return one, other


@compiled
def _apply_split(profit, pair, split_pcn, movers, homes, split, free):
    """Add the practices of a split to where they sit, but for the first ``free`` of them."""
    pcn, items, split_people = split_pcn
    one, other = pair
    if one < 0:
        return
    last, loose = split_people.shape[1] - 1, (1 << free) - 1
    for a in range(len(profit)):
        profit[a, one] += split_people[a, split]
        profit[a, other] += split_people[a, last] - split_people[a, split] - split_people[a, loose]
    for i in range(len(homes)):
        if movers[0][i] == pcn:
            for bit in range(free, len(items)):
                if items[bit] == movers[1][i]:
                    homes[i] = one if split >> bit & 1 else other


@compiled
def _sharpen(
    left, pair, split_pcn, homes, anchored, movers, moves, values, bounds, target, shallow
):
    """Lower the bounds of splits by gains for fewer and fewer of them at once.

    Splits that have the largest practices in the same seats stand together. Returns one that stays
    above the target when its gains are reckoned alone (−1: none does), and how often gains were
    reckoned. A shallow look is at all splits together only.
    """
    split_people = split_pcn[2]
    nodes, size, done = [(0, len(split_pcn[1]))], 1, 0
    while size > 0:
        size -= 1
        begin, free = nodes[size]
        end = begin + (1 << free)
        if bounds[begin:end].max() <= target:
            continue
        profit, sitting = left.copy(), homes.copy()
        _apply_split(profit, pair, split_pcn, movers, sitting, begin, free)
        both = split_people[:, (1 << free) - 1].copy()
        gain = _gain(profit, pair, both, sitting, anchored, movers, moves)
        done += 1
        for s in range(begin, end):
            bounds[s] = min(bounds[s], values[s] + gain)
        if bounds[begin:end].max() <= target:
            continue
        if free == 0 or shallow:
            return begin, done
        half = (begin + end) // 2
        low, high = (begin, free - 1), (half, free - 1)
        if bounds[begin:half].max() > bounds[half:end].max():
            low, high = high, low
        for child in (low, high):  # the better half is looked at first
            if size == len(nodes):
                nodes.append(child)
            else:
                nodes[size] = child
            size += 1
    return -1, done


@compiled
def _lower(own, mine, homes, anchored, movers, band, rows, entries, moves, target, steps):
    """Lower the bound of a worth that has its seats; return it and its multipliers."""
    sitting = np.zeros(len(entries[0]) - 1, np.int64)
    size = 0
    for i in range(len(homes)):
        if movers[0][i] >= 0:
            sitting[movers[1][i]] = homes[i]
            size += anchored.shape[1] if moves > 0 else 0
    mover, label, size = np.empty(size, np.int64), np.empty(size, np.int64), 0
    if moves > 0:
        for i in range(len(homes)):
            for k in range(anchored.shape[1]):
                if not anchored[i, k]:
                    mover[size], label[size] = movers[1][i], k
                    size += 1
    residents, least, most = band
    bound, _, _, row_duals, _, _ = dual_descent(
        own, residents, least, most, rows[0], rows[1], rows[2], rows[3], rows[4], mine,
        entries[0], entries[1], entries[2], sitting, mover[:size], label[:size],
        np.ones(size, np.int64), np.arange(size), np.full(size, 1e300), moves, entries[3], target,
        steps,
    )  # fmt: skip
    return bound, row_duals


@compiled
def bound_patterns(
    table,
    pcn_sets,
    profit,
    split_pcn,
    band,
    rows,
    row_duals,
    movers,
    entries,
    moves,
    target,
    limits,
):
    """Return bounds of patterns, each lowered until under the target or nothing helps.

    Parameters
    ----------
    table
        The sets of each pattern.
    pcn_sets, profit
        PCNs of each set, and its people by LSOAs, without those of the PCN with two anchors.
    split_pcn, band, rows, movers, entries
        As the module says.
    row_duals
        Of each set: of the band first, then of each row. Those that served best are put there.
    moves
        Most practices that may move.
    target
        Bounds need not come below it.
    limits
        Steps of a descent; descents of a pattern. With none of them, splits are not taken apart.

    Returns
    -------
    tuple
        The bounds; then how often splits and gains were reckoned, and bounds were lowered.
    """
    count, lsoas, size = table.shape[1], profit.shape[1], row_duals.shape[1]
    own, left, mine = np.empty((lsoas, count)), np.empty((lsoas, count)), np.empty((size, count))
    homes = np.empty(len(movers[0]), np.int64)
    anchored = np.empty((len(homes), count), np.bool_)
    values, bounds = np.empty(split_pcn[2].shape[1]), np.empty(split_pcn[2].shape[1])
    dual_bounds, reckoned = np.empty(len(table)), np.zeros(3, np.int64)
    for number in range(len(table)):
        sets = table[number]
        pair = _set_up(
            sets, pcn_sets, profit, row_duals, split_pcn, movers, own, mine, homes, anchored
        )
        bounds[:], least, turn = 1e300, 1e300, 0
        while True:
            values[:] = _reduce(own, band, rows, mine, left)
            _add_split_profit(left, pair, split_pcn[2], values)
            reckoned[0] += 1
            if moves > 0:
                top, done = _sharpen(
                    left, pair, split_pcn, homes, anchored, movers, moves, values, bounds, target,
                    limits[1] == 0,
                )  # fmt: skip
                reckoned[1] += done
            else:
                bounds = np.minimum(bounds, values)
                top = bounds.argmax()
            if bounds.max() < least:
                least = bounds.max()
                for k in range(count):
                    row_duals[sets[k]] = mine[:, k]
            if bounds.max() <= target or turn == limits[1]:
                break
            turn += 1
            reckoned[2] += 1
            split_people, sitting = own.copy(), homes.copy()
            _apply_split(split_people, pair, split_pcn, movers, sitting, top, 0)
            lowest, mine = _lower(
                split_people, mine, sitting, anchored, movers, band, rows, entries, moves,
                target, limits[0],
            )  # fmt: skip
            bounds[top] = min(bounds[top], max(target, lowest))
            if bounds[top] > target:
                break
        dual_bounds[number] = bounds.max()
    return dual_bounds, reckoned


def compile_kernels() -> None:
    """Have the kernel compiled, on next to nothing."""
    none, nobody = np.zeros(1, dtype=np.int64), np.full(BLOCK, -1, dtype=np.int64)
    blocks = np.zeros((1, 1, BLOCK))
    bound_patterns(
        np.zeros((1, 2), dtype=np.int64), none, np.zeros((1, 1)), (-1, none[:0], np.zeros((1, 1))),
        (np.ones(1), 0.0, 1.0), (none, none[:0], *([np.zeros(0)] * 3)), np.zeros((1, 1)),
        (nobody, nobody, np.zeros(BLOCK), blocks, blocks),
        (np.array([0, 1]), none, np.ones(1), np.ones(1)), 1, -1.0, (1, 1),
    )  # fmt: skip
