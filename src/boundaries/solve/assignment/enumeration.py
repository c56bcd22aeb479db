"""Every set of movers that a dual vector of LSOAs does not fathom: compiled.

Goes in: what each LSOA is worth to each neighbourhood under several dual vectors, and the moves
that practices may make. Comes out: the sets of at most so many moves whose bound is above a target
under every list. Next: `boundaries.solve.assignment.tree` fathoms more of them.

A dual vector c (LSOAs by neighbourhoods) with its constant gives every plan in which the practices
sit as in y at most  constant + Σ_a max_k (people of k's practices in a − c_ak).  That is exact in
the practices, so sets are grown one move at a time. A set that may still grow by m moves is bounded
by Jensen's inequality: the largest single gains at m times the patients, each divided by m.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.assignment.gain_bounds import keep_open, lean, room_for, weigh
from boundaries.solve.compiled import compiled

__all__ = [
    "after",
    "below",
    "enumerate_mover_sets",
    "splitting_weights",
    "tighten_bounds",
    "values",
]

_NEVER = -1e300


@compiled
def _once(items):
    """Return items without those that are named again right away."""
    kept, count = items.copy(), 0
    for at in range(len(items)):
        if at == 0 or items[at] != items[at - 1]:
            kept[count] = items[at]
            count += 1
    return kept[:count]


@compiled
def splitting_weights(first, where, people, home, items, lsoas, left):
    """Return which part of an LSOA's worth each item may count on, by entry.

    The parts of the items without a home and of any ``left`` others come to 1 at most in every
    LSOA. Larger items get larger parts: half evenly, half by patients. ``items`` may name one
    several times in a row.
    """
    split_weights, distinct = np.ones(len(where)), _once(items)
    assign_gain, largest, moved = np.zeros(lsoas), np.zeros((lsoas, left)), np.zeros(lsoas)
    for item in distinct:
        for number in range(first[item], first[item + 1]):
            a, patients = where[number], people[number]
            if home[item] < 0:
                assign_gain[a] += patients
            else:
                for rank in range(left):
                    high = largest[a, rank]
                    largest[a, rank] = max(high, patients)
                    patients = min(high, patients)
    for a in range(lsoas):
        moved[a] = largest[a].sum()
    for item in distinct:
        for number in range(first[item], first[item + 1]):
            a, patients = where[number], people[number]
            if home[item] < 0:
                split_weights[number] = patients / (assign_gain[a] + moved[a])
            elif left == 1:
                split_weights[number] = moved[a] / (assign_gain[a] + moved[a])
            elif left > 1:
                even = 0.5 / left + 0.5 * patients / max(moved[a], patients)
                split_weights[number] = even * moved[a] / (assign_gain[a] + moved[a])
    return split_weights


@compiled
def enumerate_mover_sets(
    profit, constants, first, where, people, home, mover, label, floors, target, limits
):
    """Return the sets above the target, their bounds, and whether that is all of them.

    Parameters
    ----------
    profit
        Dual vectors by LSOAs by labels: people of the practices at home, less the multiplier.
    constants
        Of each dual vector.
    first, where, people
        LSOAs and patients of each practice: ``where[first[p]:first[p + 1]]``.
    home
        Label of each practice.
    mover, label
        The moves: which practice, to which label; the moves of a practice stand together.
    floors
        Of each move, the PCN that it leaves and the list size that leaves it; of each PCN, the
        list size that may leave it (below 0: any).
    target
        Bounds must be above it.
    limits
        Most moves in a set, most sets to return.

    Returns
    -------
    tuple
        Sets by moves (−1 for none), bounds, gains reckoned, and True when nothing was left out.
    """
    lists, lsoas, count = profit.shape
    leaves, size_of, room = floors
    moves, allowed, most_sets = len(mover), limits[0], limits[1]
    found = np.empty((most_sets, max(1, allowed)), np.int32)  # filled in row by row
    bounds = np.empty(most_sets)
    total = 0
    here = np.empty((allowed + 1, lists, lsoas, count))
    here[0] = profit
    slack, best = room_for(lsoas, count)
    assign_gain, top, most = np.empty(moves), np.empty(moves), np.empty(allowed + 2)
    candidate_bounds = np.empty((allowed + 1, moves))
    open_candidates = np.empty((allowed + 1, moves), np.int64)
    open_candidates[0] = np.arange(moves)
    size, turn = np.zeros(allowed + 1, np.int64), np.zeros(allowed + 1, np.int64)
    size[0] = moves
    chosen = np.full(max(1, allowed), -1, np.int32)
    gains = np.empty(moves)
    done, depth, fresh = 0, 0, True
    cost = np.ones(moves, np.int64)
    split_weights = np.ones((allowed + 1, len(where)))
    for some in range(1, allowed + 1):
        split_weights[some] = splitting_weights(first, where, people, home, mover, lsoas, some)
    while depth >= 0:
        left = allowed - depth
        if fresh:
            fresh = False
            turn[depth] = 0
            candidate_bounds[depth, : size[depth]] = 1e300
            least = 1e300
            for c in range(lists):
                value = constants[c] + lean(here[depth, c], slack, best)
                least = min(least, value)
                if left > 0 and size[depth] > 0:
                    done += size[depth]
                    value += weigh(
                        slack, first, where, people, home, mover, label, cost,
                        open_candidates[depth], size[depth], left, split_weights[left], gains,
                        assign_gain, top, most[: left + 1],
                    )  # fmt: skip
                    size[depth] = keep_open(
                        cost, open_candidates[depth], size[depth], left, value, target, gains,
                        assign_gain, top, most, candidate_bounds[depth],
                    )  # fmt: skip
            if least > target:
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
        move = open_candidates[depth, at]
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
            bounds[total] = candidate_bounds[depth, at]
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
            if mover[open_candidates[depth, number]] != practice:
                open_candidates[depth + 1, later] = open_candidates[depth, number]
                later += 1
        depth += 1
        size[depth] = later
        fresh = True
    return found[:total], bounds[:total], done, True


@compiled
def _ahead(value, mover, cost, open_candidates, gains, assign_gain, top, left, bounds):
    """Lower the bounds of sets with each candidate and later ones, by what each gains alone."""
    most = np.zeros(left + 1)
    end = len(open_candidates)
    while end > 0:
        begin = end - 1
        while begin > 0 and mover[open_candidates[begin - 1]] == mover[open_candidates[begin]]:
            begin -= 1
        rest = most[:left].sum()
        for at in range(begin, end):
            if cost[open_candidates[at]] == 1:
                bounds[at] = min(bounds[at], value + gains[at] - assign_gain[at] + rest)
        high = top[begin]
        for rank in range(left):
            if high > most[rank]:
                most[rank], high = high, most[rank]
        end = begin


@compiled
def below(
    profit, constants, first, where, people, home, mover, label, cost, open_candidates,
    candidate_bounds, left, split_weights, parts_now, target,
):  # fmt: skip
    """Return a bound of the sets with each candidate and later ones, under several dual vectors.

    ``profit`` is dual vectors by LSOAs by labels; ``left`` are the moves left when the candidate is
    made, and ``split_weights`` are for so many, ``parts_now`` for one more.
    """
    lists, lsoas = profit.shape[0], profit.shape[1]
    bounds = candidate_bounds.copy()
    here = profit.copy()
    slack, best = room_for(lsoas, profit.shape[2])
    later, gains = np.empty(len(open_candidates), np.int64), np.empty(len(open_candidates))
    assign_gain, top, most = (
        np.empty(len(open_candidates)),
        np.empty(len(open_candidates)),
        np.empty(left + 2),
    )
    for c in range(lists):
        value = constants[c] + lean(profit[c], slack, best)
        value += weigh(
            slack, first, where, people, home, mover, label, cost, open_candidates,
            len(open_candidates), left + 1, parts_now, gains, assign_gain, top, most,
        )  # fmt: skip
        _ahead(value, mover, cost, open_candidates, gains, assign_gain, top, left, bounds)
    for at in range(len(open_candidates)):
        candidate = open_candidates[at]
        item, old, new = mover[candidate], home[mover[candidate]], label[candidate]
        if cost[candidate] == 0 or bounds[at] <= target:
            continue
        size = 0
        for number in range(len(open_candidates)):
            other = open_candidates[number]
            if mover[other] != item and (number > at or cost[other] == 0):
                later[size] = other
                size += 1
        for c in range(lists):
            for number in range(first[item], first[item + 1]):
                if old >= 0:
                    here[c, where[number], old] -= people[number]
                here[c, where[number], new] += people[number]
            bound = constants[c] + lean(here[c], slack, best)
            bound += weigh(
                slack, first, where, people, home, mover, label, cost, later, size,
                left, split_weights, gains, assign_gain, top, most[: left + 1],
            )  # fmt: skip
            bounds[at] = min(bounds[at], bound + most[:left].sum())
            for number in range(first[item], first[item + 1]):
                a = where[number]
                here[c, a, new] = profit[c, a, new]
                if old >= 0:
                    here[c, a, old] = profit[c, a, old]
            if bounds[at] <= target:
                break
    return bounds


@compiled
def after(open_candidates, candidate_bounds, mover, cost, at):
    """Return candidates of other items, and bounds: those after one, and all without a move."""
    kept, reached, size = np.empty_like(open_candidates), np.empty_like(candidate_bounds), 0
    for number in range(len(open_candidates)):
        one = open_candidates[number]
        if (number > at or cost[one] == 0) and mover[one] != mover[open_candidates[at]]:
            kept[size], reached[size] = one, candidate_bounds[number]
            size += 1
    return kept[:size], reached[:size]


@compiled
def values(profit, vectors, constants, which):
    """Return what a plan of the worth can serve at most under each of some dual vectors."""
    found = np.empty(len(which))
    for number in range(len(which)):
        vector, value = vectors[which[number]], constants[which[number]]
        for a in range(profit.shape[0]):
            top = _NEVER
            for k in range(profit.shape[1]):
                top = max(top, profit[a, k] - vector[a, k])
            value += top
        found[number] = value
    return found


@compiled
def tighten_bounds(profit, constant, first, where, people, home, mover, label, sets, bounds):
    """Lower the bounds of sets by one more dual vector."""
    lsoas = profit.shape[0]
    plain = np.empty(lsoas)
    for a in range(lsoas):
        plain[a] = profit[a].max()
    base = constant + plain.sum()
    changed = profit.copy()
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
                changed[a] = profit[a]
        bounds[number] = min(bounds[number], bound)
