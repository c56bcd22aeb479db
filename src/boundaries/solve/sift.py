"""Every set of movers that a price list of LSOAs does not rule out: compiled.

Goes in: what each LSOA is worth to each neighbourhood under several price lists, and the moves that
practices may make. Comes out: the sets of at most so many moves whose bound is above a cutoff under
every list. Next: `boundaries.solve.movers` rules out more of them.

A price list c (LSOAs by neighbourhoods) with its constant gives every plan in which the practices
sit as in y at most  constant + Σ_a max_k (people of k's practices in a − c_ak).  That is exact in
the practices, so sets are grown one move at a time. A set that may still grow by m moves is bounded
by Jensen's inequality: the largest single gains at m times the patients, each divided by m.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["balance", "below", "keep", "list_sets", "lower_bounds", "parts_of", "values"]

_NEVER = -1e300


@compiled
def _tops(worth, tops, labels):
    """Fill in the three best labels of each LSOA."""
    for a in range(worth.shape[0]):
        one, two, three = -1, -1, -1
        for k in range(worth.shape[1]):
            if one < 0 or worth[a, k] > worth[a, one]:
                one, two, three = k, one, two
            elif two < 0 or worth[a, k] > worth[a, two]:
                two, three = k, two
            elif three < 0 or worth[a, k] > worth[a, three]:
                three = k
        labels[a, 0], labels[a, 1], labels[a, 2] = one, two, three
        tops[a, 0] = worth[a, one]
        tops[a, 1] = worth[a, two] if two >= 0 else _NEVER
        tops[a, 2] = worth[a, three] if three >= 0 else _NEVER


@compiled
def _gain(worth, tops, labels, first, where, people, item, old, new, parts):
    """Return what a choice brings when each LSOA gives it a part of its worth, at most."""
    gain = 0.0
    for number in range(first[item], first[item + 1]):
        a, part = where[number], parts[number]
        patients = people[number] / part
        best = worth[a, new] + patients
        if old >= 0:
            best = max(best, worth[a, old] - patients)
        for rank in range(3):
            label = labels[a, rank]
            if label >= 0 and label not in (old, new):
                best = max(best, tops[a, rank])
                break
        if old < 0:
            best = max(best, tops[a, 0])
        gain += part * (best - tops[a, 0])
    return gain


@compiled
def parts_of(first, where, people, home, items, lsoas, left):
    """Return which part of an LSOA's worth each item may count on, by entry.

    The parts of the items without a home and of any ``left`` others come to 1 at most in every
    LSOA. Larger items get larger parts: half evenly, half by patients.
    """
    parts = np.ones(len(where))
    due, largest = np.zeros(lsoas), np.zeros((lsoas, left + 1))
    for item in items:
        for number in range(first[item], first[item + 1]):
            a = where[number]
            if home[item] < 0:
                due[a] += people[number]
            elif left > 0:
                largest[a, left] = people[number]
                for rank in range(left, 0, -1):
                    if largest[a, rank] > largest[a, rank - 1]:
                        high = largest[a, rank]
                        largest[a, rank] = largest[a, rank - 1]
                        largest[a, rank - 1] = high
    for item in items:
        for number in range(first[item], first[item + 1]):
            a = where[number]
            moved = largest[a, :left].sum()
            if home[item] < 0:
                parts[number] = people[number] / (due[a] + moved)
            elif left == 1:
                parts[number] = moved / (due[a] + moved)
            elif left > 1:
                even = 0.5 / left + 0.5 * people[number] / max(moved, people[number])
                parts[number] = even * moved / (due[a] + moved)
    return parts


@compiled
def list_sets(worth, constants, first, where, people, home, mover, label, floors, cutoff, limits):
    """Return the sets above the cutoff, their bounds, and whether that is all of them.

    Parameters
    ----------
    worth
        Price lists by LSOAs by labels: people of the practices at home, less the price.
    constants
        Of each price list.
    first, where, people
        LSOAs and patients of each practice: ``where[first[p]:first[p + 1]]``.
    home
        Label of each practice.
    mover, label
        The moves: which practice, to which label; the moves of a practice stand together.
    floors
        Of each move, the PCN that it leaves and the list size that leaves it; of each PCN, the
        list size that may leave it (below 0: any).
    cutoff
        Bounds must be above it.
    limits
        Most moves in a set, most sets to return, most gains to reckon.

    Returns
    -------
    tuple
        Sets by moves (−1 for none), bounds, gains reckoned, and True when nothing was left out.
    """
    lists, lsoas, count = worth.shape
    leaves, size_of, room = floors
    moves, allowed, most_sets, most_gains = len(mover), limits[0], limits[1], limits[2]
    found = np.empty((most_sets, max(1, allowed)), np.int32)  # filled in row by row
    bounds = np.empty(most_sets)
    total = 0
    here = np.empty((allowed + 1, lists, lsoas, count))
    here[0] = worth
    tops, labels = np.empty((lsoas, 3)), np.empty((lsoas, 3), np.int64)
    reach = np.empty((allowed + 1, moves))
    alive = np.empty((allowed + 1, moves), np.int64)
    alive[0] = np.arange(moves)
    size, turn = np.zeros(allowed + 1, np.int64), np.zeros(allowed + 1, np.int64)
    size[0] = moves
    chosen = np.full(max(1, allowed), -1, np.int32)
    gains = np.empty(moves)
    done, depth, fresh = 0, 0, True
    cost = np.ones(moves, np.int64)
    parts = np.ones((allowed + 1, len(where)))
    for some in range(1, allowed + 1):
        parts[some] = parts_of(first, where, people, home, np.unique(mover), lsoas, some)
    while depth >= 0:
        left = allowed - depth
        if fresh:
            fresh = False
            turn[depth] = 0
            reach[depth, : size[depth]] = 1e300
            least = 1e300
            for c in range(lists):
                _tops(here[depth, c], tops, labels)
                value = constants[c] + tops[:, 0].sum()
                least = min(least, value)
                if left > 0 and size[depth] > 0:
                    done += size[depth]
                    size[depth], _ = _keep_alive(
                        here[depth, c], tops, labels, first, where, people, home, mover, label,
                        cost, alive[depth], size[depth], left, parts[left], value, cutoff, gains,
                        reach[depth],
                    )  # fmt: skip
            if done > most_gains:
                return found[:total], bounds[:total], done, False
            if least > cutoff:
                if total == most_sets:
                    return found[:total], bounds[:total], done, False
                found[total, :] = -1
                found[total, :depth] = chosen[:depth]
                bounds[total] = least
                total += 1
        if left == 0 or turn[depth] >= size[depth]:
            depth -= 1
            continue
        at = turn[depth]
        turn[depth] += 1
        move = alive[depth, at]
        chosen[depth] = move
        gone = 0
        for number in range(depth + 1):
            if leaves[chosen[number]] == leaves[move]:
                gone += size_of[chosen[number]]
        if 0 <= room[leaves[move]] < gone:
            continue
        if left == 1:  # the bound is exact: nothing grows from here
            if total == most_sets:
                return found[:total], bounds[:total], done, False
            found[total, :] = -1
            found[total, : depth + 1] = chosen[: depth + 1]
            bounds[total] = reach[depth, at]
            total += 1
            continue
        practice, old, new = mover[move], home[mover[move]], label[move]
        for c in range(lists):
            here[depth + 1, c] = here[depth, c]
            for number in range(first[practice], first[practice + 1]):
                here[depth + 1, c, where[number], old] -= people[number]
                here[depth + 1, c, where[number], new] += people[number]
        later = 0
        for number in range(at + 1, size[depth]):
            if mover[alive[depth, number]] != practice:
                alive[depth + 1, later] = alive[depth, number]
                later += 1
        depth += 1
        size[depth] = later
        fresh = True
    return found[:total], bounds[:total], done, True


@compiled
def _keep_alive(
    worth, tops, labels, first, where, people, home, mover, label, cost, alive, size, left, parts,
    value, cutoff, gains, reach,
):  # fmt: skip
    """Keep the choices that may stand in a set above the cutoff, and lower their reach.

    Returns how many there are, and a bound of all sets. ``gains`` is filled in: of a move, what it
    brings; of an item without a home, what each of its choices brings.
    """
    best = np.zeros(left + 2)  # the best gains of moving items, largest first, one spare
    total, begin = value, 0
    while begin < size:
        item, end = mover[alive[begin]], begin
        home_gain, any_gain = -1e300, -1e300
        while end < size and mover[alive[end]] == item:
            gains[end] = _gain(
                worth, tops, labels, first, where, people, item, home[item], label[alive[end]],
                parts,
            )  # fmt: skip
            any_gain = max(any_gain, gains[end])
            if cost[alive[end]] == 0:
                home_gain = max(home_gain, gains[end])
            end += 1
        due = 0.0
        if home[item] < 0:
            due = home_gain if home_gain > -1e299 else any_gain
            total += due
        top = max(0.0, any_gain - due)
        best[left + 1] = top
        for rank in range(left + 1, 0, -1):
            if best[rank] > best[rank - 1]:
                best[rank], best[rank - 1] = best[rank - 1], best[rank]
        begin = end
    with_all = best[:left].sum()
    kept, begin = 0, 0
    while begin < size:
        item, end = mover[alive[begin]], begin
        home_gain, any_gain = -1e300, -1e300
        while end < size and mover[alive[end]] == item:
            any_gain = max(any_gain, gains[end])
            if cost[alive[end]] == 0:
                home_gain = max(home_gain, gains[end])
            end += 1
        due = 0.0
        if home[item] < 0:
            due = home_gain if home_gain > -1e299 else any_gain
        top = max(0.0, any_gain - due)
        for number in range(begin, end):
            moves = cost[alive[number]]
            if moves > left:
                continue
            others = left - moves
            if others > 0 and top >= best[others - 1]:
                rest = best[: others + 1].sum() - top
            else:
                rest = best[:others].sum()
            bound = min(reach[number], total + gains[number] - due + rest)
            if bound > cutoff:
                alive[kept], reach[kept], gains[kept] = alive[number], bound, gains[number]
                kept += 1
        begin = end
    return kept, total + with_all


@compiled
def keep(
    worth, constant, first, where, people, home, mover, label, cost, alive, reach, left, parts,
    cutoff,
):  # fmt: skip
    """Return a bound of all sets, and the choices above the cutoff: which, reach and gains.

    ``worth`` is less the price. ``alive`` are choices, those of an item together.
    """
    tops = np.empty((worth.shape[0], 3))
    labels = np.empty((worth.shape[0], 3), np.int64)
    _tops(worth, tops, labels)
    value = constant + tops[:, 0].sum()
    kept, reached, gains = alive.copy(), reach.copy(), np.empty(len(alive))
    size, bound = _keep_alive(
        worth, tops, labels, first, where, people, home, mover, label, cost, kept, len(alive), left,
        parts, value, cutoff, gains, reached,
    )  # fmt: skip
    return bound, kept[:size], reached[:size], gains[:size]


@compiled
def below(
    worth, constants, first, where, people, home, mover, label, cost, alive, reach, left, parts,
    cutoff,
):  # fmt: skip
    """Return a bound of the sets with each choice and others after it, under several price lists.

    ``worth`` is price lists by LSOAs by labels; ``left`` are the moves left when the choice is
    made, and ``parts`` is for so many.
    """
    lists, lsoas = worth.shape[0], worth.shape[1]
    bounds = reach.copy()
    here = worth.copy()
    tops, labels = np.empty((lsoas, 3)), np.empty((lsoas, 3), np.int64)
    later, gains = np.empty(len(alive), np.int64), np.empty(len(alive))
    reached = np.empty(len(alive))
    for at in range(len(alive)):
        choice = alive[at]
        item, old, new = mover[choice], home[mover[choice]], label[choice]
        if cost[choice] == 0:
            continue
        for c in range(lists):
            size = 0
            for number in range(len(alive)):
                other = alive[number]
                if mover[other] != item and (number > at or cost[other] == 0):
                    later[size], reached[size] = other, 1e300
                    size += 1
            for number in range(first[item], first[item + 1]):
                if old >= 0:
                    here[c, where[number], old] -= people[number]
                here[c, where[number], new] += people[number]
            _tops(here[c], tops, labels)
            _, bound = _keep_alive(
                here[c], tops, labels, first, where, people, home, mover, label, cost, later, size,
                left, parts, constants[c] + tops[:, 0].sum(), cutoff, gains, reached,
            )  # fmt: skip
            for number in range(first[item], first[item + 1]):
                a = where[number]
                here[c, a, new] = worth[c, a, new]
                if old >= 0:
                    here[c, a, old] = worth[c, a, old]
            bounds[at] = min(bounds[at], bound)
            if bounds[at] <= cutoff:
                break
    return bounds


@compiled
def values(worth, prices, constants, chosen):
    """Return what a plan of the worth can serve at most under each of the chosen price lists."""
    found = np.empty(len(chosen))
    for number in range(len(chosen)):
        price = prices[chosen[number]]
        value = constants[chosen[number]]
        for a in range(worth.shape[0]):
            top = _NEVER
            for k in range(worth.shape[1]):
                top = max(top, worth[a, k] - price[a, k])
            value += top
        found[number] = value
    return found


@compiled
def lower_bounds(worth, constant, first, where, people, home, mover, label, sets, bounds):
    """Lower the bounds of sets by one more price list."""
    lsoas = worth.shape[0]
    plain = np.empty(lsoas)
    for a in range(lsoas):
        plain[a] = worth[a].max()
    base = constant + plain.sum()
    changed = worth.copy()
    touched = np.zeros(lsoas, np.int64)
    for number in range(len(sets)):
        bound = base
        for rank in range(sets.shape[1]):
            move = sets[number, rank]
            if move < 0:
                break
            practice = mover[move]
            for entry in range(first[practice], first[practice + 1]):
                a = where[entry]
                if home[practice] >= 0:
                    changed[a, home[practice]] -= people[entry]
                changed[a, label[move]] += people[entry]
                touched[a] = 1
        for a in range(lsoas):
            if touched[a]:
                touched[a] = 0
                bound += changed[a].max() - plain[a]
                changed[a] = worth[a]
        bounds[number] = min(bounds[number], bound)


@compiled
def balance(worth, residents, least, most, steps):
    """Return prices a head, one for each label, that make the bound with the band low."""
    lsoas, count = worth.shape
    price, best_price = np.zeros(count), np.zeros(count)
    best, size = 1e300, 0.0
    for a in range(lsoas):
        size += worth[a].max()
    size /= max(1.0, residents.sum())
    heads = np.empty(count)
    for step in range(steps):
        bound = 0.0
        heads[:] = 0.0
        for a in range(lsoas):
            top, at = -1e300, 0
            for k in range(count):
                here = worth[a, k] - price[k] * residents[a]
                if here > top:
                    top, at = here, k
            bound += top
            heads[at] += residents[a]
        for k in range(count):
            bound += price[k] * (most if price[k] > 0 else least)
        if bound < best:
            best = bound
            best_price[:] = price
        pace = size * 0.5 / (1.0 + 0.1 * step)
        for k in range(count):
            if heads[k] > most:
                price[k] += pace * (heads[k] - most) / most
            elif heads[k] < least:
                price[k] -= pace * (least - heads[k]) / most
            else:
                price[k] *= 0.9
    return best_price
