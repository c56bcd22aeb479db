"""Annealing, compiled: millions of small changes a second to a plan that stays connected.

Goes in: `Instance`, `Domains`, a plan to start from, a seed. Comes out: the best plan on the way
that keeps the rules that are counted here (`boundaries.solve.heuristics.annealing` checks every
rule again). Numba compiles the functions when they first run (`boundaries.solve.compiled`).

One step either gives an LSOA to the neighbourhood of one of its neighbours, or puts an item
elsewhere. The residents' band and the locks between points may be broken on the way, at a price;
everything else is never broken. No chance but a xorshift of the seed: the same walk everywhere.

The loop is one long function on plain arrays on purpose: arrays that are reached through a tuple,
or handed from function to function, cost a count of references each, and made it fifteen times
slower (2 against 33 million steps a second).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from boundaries.solve.compiled import compiled
from boundaries.solve.heuristics.annealing import room_of
from boundaries.solve.heuristics.articulation import rings, stays_connected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.domains import Domains
    from boundaries.solve.instance import Instance

__all__ = ["people_by_label", "run_annealing"]

_ITEM_SHARE = 0.15
"""Share of the steps that try an item."""

_UNIT = 2.0**-53
"""One of the whole numbers that chance is drawn from, as a share of all."""


class Rules(NamedTuple):
    """What does not change on an annealing run; LSOAs, items, labels and PCNs are positions.

    ``beside[first[a]:first[a + 1]]`` are the neighbours of LSOA a, ``bond`` what it costs to be
    parted from each (one number, 0, where nothing costs anything); ``other`` and ``together`` are
    the locks of each point (LSOAs, then practices) in the same way, from ``lock``. ``people_of``
    is ``people`` by LSOA. ``room`` is the list size that may leave a PCN, below 0 for any.
    ``dear`` is the price of one resident too many, ``lock_price`` that of a broken lock.
    """

    first: NDArray[np.uint32]
    beside: NDArray[np.uint32]
    bond: NDArray[np.float64]
    ring: NDArray[np.uint64]
    residents: NDArray[np.int64]
    people: NDArray[np.float64]
    people_of: NDArray[np.float64]
    lsoas: NDArray[np.bool_]
    items: NDArray[np.bool_]
    moves: NDArray[np.int64]
    pcn: NDArray[np.int64]
    list_size: NDArray[np.int64]
    room: NDArray[np.int64]
    nest: NDArray[np.int64]
    lock: NDArray[np.int64]
    other: NDArray[np.int64]
    together: NDArray[np.bool_]
    least: int
    most: int
    practices: int
    allowed_moves: int
    dear: float
    lock_price: float


class State(NamedTuple):
    """A plan on its walk. ``counts``: moves spent, residents too many or few, locks broken."""

    labels: NDArray[np.uint32]
    places: NDArray[np.uint32]
    heads: NDArray[np.int64]
    sizes: NDArray[np.int64]
    filled: NDArray[np.int64]
    crowd: NDArray[np.int64]
    gone: NDArray[np.int64]
    profit: NDArray[np.float64]
    reach: NDArray[np.float64]
    counts: NDArray[np.int64]
    score: NDArray[np.float64]
    stamp: NDArray[np.uint8]
    stack: NDArray[np.uint32]
    chance: NDArray[np.uint64]


def run_annealing(
    instance: Instance,
    domains: Domains,
    start: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    seed: int,
    steps: int,
    temperature: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the best LSOAs and items met on an annealing run, or None when no step kept the rules.

    Parameters
    ----------
    instance, domains
        The place, and what may go where.
    start
        Neighbourhood of every LSOA (each neighbourhood connected) and of every item (allowed).
    seed
        Source of chance.
    steps
        Steps to take.
    temperature
        Temperature at the start, against a fifth of the people of a typical LSOA.
    """
    rules = _rules_of(instance, domains)
    labels, items = (np.ascontiguousarray(part, dtype=np.int64).copy() for part in start)
    state = _state_of(instance, rules, labels, items, seed)
    typical = max(1.0, float(instance.people.sum()) / len(labels) * 0.2)
    free = np.flatnonzero(domains.items.sum(axis=1) > 1).astype(np.uint32)
    best_labels, best_items = labels.copy(), items.copy()
    found = _anneal(rules, state, free, steps, temperature * typical, best_labels, best_items)
    return (best_labels, best_items) if found else None


def _rules_of(instance: Instance, domains: Domains) -> Rules:
    graph, lsoas = instance.graph, len(instance.lsoas)
    pairs = instance.links.points
    locks = np.array(sorted([*pairs, *((b, a, same) for a, b, same in pairs)]), dtype=np.int64)
    locks = locks.reshape(2 * len(pairs), 3)
    dear = max(1.0, float(instance.people.sum() / max(1, instance.residents.sum())))
    first, beside = graph.first.astype(np.uint32), graph.tails.astype(np.uint32)
    return Rules(
        first=first,
        beside=beside,
        bond=graph.bond if graph.bond.any() else np.zeros(1),
        ring=rings(first, beside),
        residents=instance.residents,
        people=instance.people,
        people_of=np.ascontiguousarray(instance.people.T),
        lsoas=domains.lsoas,
        items=domains.items,
        moves=domains.moves,
        pcn=instance.pcn_of,
        list_size=instance.list_size,
        room=room_of(instance),
        nest=np.zeros(lsoas, dtype=np.int64) if instance.nest is None else instance.nest,
        lock=np.searchsorted(locks[:, 0], np.arange(lsoas + len(instance.practices) + 1)),
        other=locks[:, 1].copy(),
        together=locks[:, 2] == 1,
        least=instance.least,
        most=instance.most,
        practices=len(instance.practices),
        allowed_moves=domains.allowed_moves,
        dear=dear,
        lock_price=dear * float(instance.residents.sum()) / max(1, lsoas) * 3.0,
    )


def _state_of(
    instance: Instance,
    rules: Rules,
    labels: NDArray[np.int64],
    items: NDArray[np.int64],
    seed: int,
) -> State:
    count, lsoas = instance.neighbourhoods, len(labels)
    heads = np.bincount(labels, weights=instance.residents, minlength=count).astype(np.int64)
    practices = items[: rules.practices]
    moved = rules.moves[np.arange(len(items)), items]
    gone = np.zeros(len(instance.pcns), dtype=np.int64)
    away = np.flatnonzero(moved[: rules.practices] == 1)
    np.add.at(gone, instance.pcn_of[away], instance.list_size[away])
    crowd = np.zeros((count, int(rules.nest.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(crowd, (labels, rules.nest), 1)
    excess = np.maximum(0, np.maximum(rules.least - heads, heads - rules.most)).sum()
    where = np.concatenate([labels, practices])
    broken = sum((where[a] == where[b]) != same for a, b, same in instance.links.points)
    broken += int(((crowd > 0).sum(axis=1) - 1).clip(0).sum())
    profit, reach = people_by_label(rules.people, labels, items, count)
    score = float(reach[items, np.arange(len(items))].sum()) - instance.graph.parted(labels)
    chance = np.array([(seed * 2_654_435_761 + 88_172_645_463_325_252) % 2**64], dtype=np.uint64)
    return State(
        labels.astype(np.uint32), items.astype(np.uint32), heads,
        np.bincount(labels, minlength=count).astype(np.int64),
        np.bincount(practices, minlength=count).astype(np.int64),
        crowd, gone,
        profit,
        reach,
        np.array([moved.sum(), excess, broken], dtype=np.int64),
        np.array([score]),
        np.zeros(lsoas, dtype=np.uint8), np.zeros(lsoas, dtype=np.uint32), chance,
    )  # fmt: skip


@compiled
def people_by_label(people, labels, places, count):
    """Return what each LSOA is worth to each label (LSOAs by labels), and each label to each item.

    Sums in the order of the arrays, so that they are the same on every machine.
    """
    items, lsoas = people.shape
    profit, reach = np.zeros((lsoas, count)), np.zeros((count, items))
    for i in range(items):
        place = places[i]
        for a in range(lsoas):
            one = people[i, a]
            if one != 0.0:
                profit[a, place] += one
                reach[labels[a], i] += one
    return profit, reach


@compiled
def _draw(chance):
    """Return the next number of a xorshift, from 0 to 1."""
    chance[0] = x = _turn(chance[0])
    return _unit(x)


@compiled
def _turn(x):
    """Return what a xorshift makes of its last number."""
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    return x ^ (x << np.uint64(17))


@compiled
def _whole(x):
    """Return a number of a xorshift as a whole one below 2**53."""
    return np.int64(x >> np.uint64(11))


@compiled
def _unit(x):
    """Return a number of a xorshift as one from 0 to 1."""
    return _whole(x) * _UNIT


@compiled
def _pick(x, many):
    """Return one of the first whole numbers; ``many`` is how many, times ``_UNIT``.

    It is what `_unit` times how many would be: a power of 2 is never rounded.
    """
    return np.uint32(_whole(x) * many)


@compiled
def _anneal(rules, state, free, steps, temperature, best_labels, best_items):
    """Walk; leave the best plan in the last two arrays; return whether there is one."""
    first, beside, bond, ring, residents, people, people_of = rules[:7]
    open_lsoas, open_items, moves, pcn, list_size, room, nest, lock, other, together = rules[7:17]
    least, most, practices, allowed_moves, dear, lock_price = rules[17:]
    labels, places, heads, sizes, filled, crowd, gone, profit, reach = state[:9]
    counts, scores, stamp, stack, chance = state[9:]
    spent, excess, broken, score = counts[0], counts[1], counts[2], scores[0]
    lsoas, items, count = len(labels), len(places), len(heads)
    share = np.int64(np.ceil(_ITEM_SHARE / _UNIT)) if len(free) else 0
    any_free, any_label, any_lsoa = len(free) * _UNIT, count * _UNIT, lsoas * _UNIT
    any_near = np.diff(first) * _UNIT
    tied = len(other) > 0
    bonds = len(bond) > 1
    best, found, x = -np.inf, False, chance[0]
    for number in range(steps + 1):
        better = score > best + 1e-9 and excess == 0 and broken == 0
        if better and spent <= allowed_moves and filled.min() > 0:
            best, found = score, True
            best_labels[:] = labels
            best_items[:] = places
        x = _turn(x)
        if _whole(x) < share:
            x = _turn(x)
            i = free[_pick(x, any_free)]
            x = _turn(x)
            old, new = places[i], _pick(x, any_label)
            if new == old or not open_items[i, new]:
                continue
            extra = moves[i, new] - moves[i, old]
            if extra > 0 and spent + extra > allowed_moves:
                continue
            more = 0
            if i < practices:
                if filled[old] == 1:
                    continue
                if extra > 0 and 0 <= room[pcn[i]] < gone[pcn[i]] + list_size[i]:
                    continue
                more = _broken(lock, other, together, labels, places, lsoas + i, old, new)
            gain = reach[new, i] - reach[old, i]
            total = gain - more * lock_price
            if total < 0:
                x = _turn(x)
                if _unit(x) >= _odds(total, temperature, number, steps):
                    continue
            places[i] = new
            if i < practices:
                filled[old] -= 1
                filled[new] += 1
                if extra != 0:
                    gone[pcn[i]] += extra * list_size[i]
            for a in range(lsoas):
                profit[a, old] -= people[i, a]
                profit[a, new] += people[i, a]
            spent += extra
        else:
            x = _turn(x)
            a = _pick(x, any_lsoa)
            if any_near[a] == 0.0:
                continue
            x = _turn(x)
            old, new = labels[a], labels[beside[first[a] + _pick(x, any_near[a])]]
            if new == old or sizes[old] == 1 or not open_lsoas[a, new]:
                continue
            if crowd[new, nest[a]] == 0:
                continue
            heads_of = residents[a]
            over = _excess(least, most, heads[old] - heads_of) - _excess(least, most, heads[old])
            over += _excess(least, most, heads[new] + heads_of) - _excess(least, most, heads[new])
            more = _broken(lock, other, together, labels, places, a, old, new) if tied else 0
            if crowd[old, nest[a]] == 1:
                more -= 1
            gain = profit[a, new] - profit[a, old]
            if bonds:
                for near in range(first[a], first[a + 1]):
                    label = labels[beside[near]]
                    if label == new:
                        gain += bond[near]
                    elif label == old:
                        gain -= bond[near]
            total = gain - over * dear - more * lock_price
            if total < 0:
                x = _turn(x)
                if _unit(x) >= _odds(total, temperature, number, steps):
                    continue
            if not stays_connected(first, beside, ring, labels, stamp, stack, a, old):
                continue
            labels[a] = new
            heads[old] -= heads_of
            heads[new] += heads_of
            sizes[old] -= 1
            sizes[new] += 1
            crowd[old, nest[a]] -= 1
            crowd[new, nest[a]] += 1
            for i in range(items):
                reach[old, i] -= people_of[a, i]
                reach[new, i] += people_of[a, i]
            excess += over
        score += gain
        broken += more
    return found


@compiled
def _odds(total, temperature, number, steps):
    """How likely a loss is taken at a step."""
    left = 1.0 - number / (steps + 1)
    return np.exp(max(-700.0, total / (temperature * left * left + 1e-9)))


@compiled
def _excess(least, most, heads):
    return max(0, least - heads, heads - most)


@compiled
def _broken(lock, other, together, labels, places, point, old, new):
    """How many more locks of a point are broken when it goes from one label to another."""
    more, lsoas = 0, len(labels)
    for number in range(lock[point], lock[point + 1]):
        far = other[number]
        label = labels[far] if far < lsoas else places[far - lsoas]
        more += int((label == new) != together[number]) - int((label == old) != together[number])
    return more
