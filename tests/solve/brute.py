"""The optimum of a small place by trying everything: shares no idea with the solver.

Every cut of the LSOAs into connected neighbourhoods in the band, times every way to place the
practices, times every way to anchor the PCNs; numpy does many at once. Neighbourhoods of a cut have
one order only: ways and anchors come in every order.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from boundaries.solve.instance import Instance

NOTHING = float("inf")


@dataclass(frozen=True)
class Trials:
    """Ways to place practices, and the fewest moves each needs (infinity: breaks a rule).

    ``fewest`` is given for labels of the LSOAs that locks name (``named``), in their order.
    """

    instance: Instance
    named: tuple[int, ...]
    ways: np.ndarray
    anchors: np.ndarray
    moved: np.ndarray

    def fewest(self, labels: tuple[int, ...]) -> np.ndarray:
        """Return the fewest moves of every way when the named LSOAs have these labels."""
        size, at = len(self.instance.lsoas), dict(zip(self.named, labels, strict=True))
        ways_ok = np.ones(len(self.ways), dtype=bool)
        for one, other, together in self.instance.links.points:
            a = at[one] if one < size else self.ways[:, one - size]
            b = at[other] if other < size else self.ways[:, other - size]
            ways_ok &= (a == b) == together
        if not self.instance.anchored:
            return np.where(ways_ok, 0.0, NOTHING)
        ok = np.broadcast_to(ways_ok, self.moved.shape).copy()
        everyone = np.arange(len(self.anchors))[:, None]
        for point, pcn, together in self.instance.links.anchored:
            where = np.array([[at[point]]]) if point < size else self.ways[None, :, point - size]
            ok &= self.anchors[everyone, pcn, where] == together
        return np.where(ok, self.moved, NOTHING).min(axis=0, initial=NOTHING)


def best_by_trying(instance: Instance, *, most_moves: int = 3) -> list[float]:
    """Least misaligned people with at most 0, 1, … practices moving; infinity where there is none.

    Without anchors (``best-fit``) moves are not counted, so every figure is the same.
    """
    return _best_of(instance, cuts(instance), most_moves)


def best_match(instance: Instance, labels: np.ndarray, *, most_moves: int) -> list[float]:
    """The same for neighbourhoods that are given, which may break the rules of a map."""
    return _best_of(instance, labels[None, :], most_moves)


def _best_of(instance: Instance, plans: np.ndarray, most_moves: int) -> list[float]:
    best = [NOTHING] * (most_moves + 1)
    trials = _trials(instance)
    if not len(plans) or not len(trials.ways):
        return best
    practices = len(instance.practices)
    inside = (plans[:, :, None] == np.arange(instance.neighbourhoods)).astype(float)
    reach = np.einsum("ia,cak->cik", instance.people, inside)
    rest = instance.total - reach[:, practices:].max(axis=2).sum(axis=1)
    one, other = instance.graph.heads, instance.graph.tails
    rest += (plans[:, one] != plans[:, other]) @ instance.graph.bond / 2
    wanted = np.zeros((practices, instance.neighbourhoods, len(trials.ways)))
    for i in range(practices):
        wanted[i] = trials.ways[:, i] == np.arange(instance.neighbourhoods)[:, None]
    served = reach[:, :practices].reshape(len(plans), -1) @ wanted.reshape(-1, len(trials.ways))
    scores = rest[:, None] - served
    named = plans[:, list(trials.named)]
    for labels in np.unique(named, axis=0):
        rows = scores[(named == labels).all(axis=1)].min(axis=0)
        fewest = trials.fewest(tuple(labels.tolist()))
        for moves in range(most_moves + 1):
            best[moves] = min(best[moves], rows[fewest <= moves].min(initial=NOTHING))
    return best


def cuts(instance: Instance) -> np.ndarray:
    """Every cut of the place into neighbourhoods that keep the rules of a map: labels in rows."""
    size, count = len(instance.lsoas), instance.neighbourhoods
    good = _good_subsets(instance)
    everyone = (1 << size) - 1
    usable = np.flatnonzero(good)
    found = np.array([[everyone]])  # subsets chosen, and behind them what is left
    for chosen in range(count - 1):
        rows = [np.zeros((0, chosen + 2), dtype=np.int64)]
        for row in found:
            left = int(row[-1])
            low = left & -left
            one = usable[(usable & low > 0) & (usable & ~left == 0) & (usable != left)]
            before = np.repeat(row[None, :-1], len(one), axis=0)
            rows.append(np.column_stack([before, one, left & ~one]))
        found = np.concatenate(rows)
    found = found[good[found[:, -1]]]
    bits = found[:, :, None] >> np.arange(size) & 1
    plans = bits.argmax(axis=1)
    for a, b, together in instance.links.points:
        if a < size and b < size:
            plans = plans[(plans[:, a] == plans[:, b]) == together]
    return plans


def _good_subsets(instance: Instance) -> np.ndarray:
    """Whether each set of LSOAs, as bits, may be a neighbourhood."""
    size = len(instance.lsoas)
    sets = np.arange(1 << size)
    bits = sets[:, None] >> np.arange(size) & 1
    heads = bits @ instance.residents
    good = (sets > 0) & (heads >= instance.least) & (heads <= instance.most)
    near = [sum(1 << b for b in instance.graph.beside[a]) for a in range(size)]
    for number in range(int(instance.graph.piece.max()) + 1):
        inside = sets & sum(1 << a for a in range(size) if instance.graph.piece[a] == number)
        reached = inside & -inside
        for _ in range(size):
            grown = reached.copy()
            for a in range(size):
                grown |= np.where(reached >> a & 1, near[a], 0)
            reached = grown & inside
        good &= reached == inside
    if instance.nest is not None:
        boroughs = np.array([bits[:, instance.nest == n].any(axis=1) for n in set(instance.nest)])
        good &= boroughs.sum(axis=0) <= 1
    return good


def _trials(instance: Instance) -> Trials:
    """Every way to place practices and to anchor PCNs, and the moves of each pair."""
    size, count = len(instance.lsoas), instance.neighbourhoods
    ways = np.array(list(product(range(count), repeat=len(instance.practices))), dtype=np.int64)
    ways = ways[[len(set(way)) == count for way in ways.tolist()]]
    named = {p for p, _, _ in instance.links.anchored if p < size}
    named |= {p for one, other, _ in instance.links.points for p in (one, other) if p < size}
    anchors = _anchors(instance)
    moved = np.zeros((len(anchors), len(ways)))
    gone = np.zeros((len(instance.pcns), *moved.shape))
    for i, pcn in enumerate(instance.pcn_of.tolist()):
        if pcn >= 0 and instance.anchored:
            away = ~anchors[:, pcn][:, ways[:, i]]
            moved += away
            gone[pcn] += away * float(instance.list_size[i])
            gone[pcn] += away * 0.001  # an empty list that goes is gone too
    for pcn, floor in enumerate(instance.floor.tolist()):
        own = instance.pcn_of == pcn
        stay = float(instance.list_size[own].sum() + instance.outside[pcn]) - np.floor(gone[pcn])
        moved[(gone[pcn] > 0) & (stay < floor)] = NOTHING
    return Trials(instance, tuple(sorted(named)), ways, anchors, moved)


def _anchors(instance: Instance) -> np.ndarray:
    """Ways to anchor PCNs that keep rule 6 and their locks: ways by PCNs by neighbourhoods."""
    count = instance.neighbourhoods
    candidates = [
        [
            [label in chosen for label in range(count)]
            for number in range(1, int(instance.span[pcn]) + 1)
            for chosen in combinations(range(count), number)
        ]
        for pcn in range(len(instance.pcns))
    ]
    every = np.array(list(product(*candidates)), dtype=bool)
    every = every.reshape(len(every), len(instance.pcns), count)
    every = every[every.any(axis=1).all(axis=1)]
    for one, other, together in instance.links.pcns:
        every = every[(every[:, one] & every[:, other]).any(axis=1) == together]
    return every
