"""The best anchors for all PCNs together: an exact search on plain numbers.

Goes in: what each PCN holds in each neighbourhood, and what must be kept. Comes out: the set of
neighbourhoods each PCN is anchored in. Next: `boundaries.measure.anchors`, which reads a plan.

Without rules every PCN simply takes the neighbourhoods that hold most of it. Two rules tie the
PCNs together, and both are met exactly:

- every neighbourhood is an anchor of some PCN: a minimum-cost flow, in which each neighbourhood
  left without a PCN is given one along the cheapest chain of swaps (successive shortest paths, so
  the cost is least at every step);
- floors of PCNs with several anchors, and locks between PCNs: branch and bound above that flow.

All costs are whole numbers, in the order: practices moved, patients moved, anchors used, and
patients living in the anchors (more is better).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Anchoring", "Holding", "Sets", "fewest_moves", "search_anchors"]

Sets = tuple[frozenset[int], ...]
"""For each PCN, by its position, the positions of its anchor neighbourhoods."""

Arc = tuple[int, int]


@dataclass(frozen=True)
class Holding:
    """What one PCN has in each neighbourhood.

    Parameters
    ----------
    practices, patients, living
        By neighbourhood: its practices there, the sum of their lists, and how many of its
        patients live there.
    span
        Most neighbourhoods it may be anchored in.
    floor
        Least sum of lists that its anchors must hold; 0 or less asks for nothing.
    """

    practices: tuple[int, ...]
    patients: tuple[int, ...]
    living: tuple[int, ...]
    span: int
    floor: int


@dataclass(frozen=True)
class Anchoring:
    """What the anchors are chosen for.

    Parameters
    ----------
    holdings
        The PCNs.
    size
        How many neighbourhoods there are.
    cover
        Whether every neighbourhood must be an anchor of at least one PCN.
    inside, outside
        Pairs (PCN, neighbourhood) that must, and that must not, be anchors (locks).
    together, apart
        Pairs of PCNs that must, and that must not, share an anchor.
    """

    holdings: tuple[Holding, ...]
    size: int
    cover: bool = True
    inside: frozenset[Arc] = frozenset()
    outside: frozenset[Arc] = frozenset()
    together: tuple[Arc, ...] = ()
    apart: tuple[Arc, ...] = ()


@dataclass
class _Best:
    """The best full answer so far."""

    value: int | None = None
    sets: Sets | None = None
    seen: set[tuple[frozenset[Arc], frozenset[Arc]]] = field(default_factory=set)


def search_anchors(problem: Anchoring) -> Sets | None:
    """Return the anchors with fewest moved practices, then patients, that keep every rule.

    Returns
    -------
    tuple of frozenset, or None
        None when no anchors can keep every rule.
    """
    gains = _gains(problem.holdings, problem.size)
    spans = [min(holding.span, problem.size) for holding in problem.holdings]
    inside, outside = set(problem.inside), set(problem.outside)
    for c, holding in enumerate(problem.holdings):
        if spans[c] == 1:  # a floor on a single anchor is a ban on the anchors that hold too little
            outside |= {(c, k) for k, held in enumerate(holding.patients) if held < holding.floor}
    best = _Best()
    _branch(problem, (gains, spans), frozenset(inside), frozenset(outside), best)
    return best.sets


def fewest_moves(problem: Anchoring) -> Sets:
    """Return the anchors with fewest moved practices, covering what can be covered for nothing.

    Floors and locks are not looked at; a neighbourhood gets an anchor when that moves no further
    practice.
    """
    gains = _gains(problem.holdings, problem.size)
    spans = [min(holding.span, problem.size) for holding in problem.holdings]
    sets = _own_best(gains, spans)
    if problem.cover:
        one_practice = _scales(problem.holdings, problem.size)[0]
        _cover(sets, gains, spans, most=one_practice // 2)
    return tuple(frozenset(chosen) for chosen in sets)


def _scales(holdings: Sequence[Holding], size: int) -> tuple[int, int, int]:
    """Weights of one practice, one patient and one anchor, so that each outweighs all after it."""
    anchor = 1 + sum(sum(holding.living) for holding in holdings)
    patient = 2 * anchor * (1 + size * len(holdings))
    practice = 4 * patient * (1 + sum(sum(holding.patients) for holding in holdings))
    return practice, patient, anchor


def _gains(holdings: Sequence[Holding], size: int) -> list[list[int]]:
    practice, patient, anchor = _scales(holdings, size)
    return [
        [m * practice + held * patient - anchor + living
         for m, held, living in zip(h.practices, h.patients, h.living, strict=True)]
        for h in holdings
    ]  # fmt: skip


def _dearest_first(amounts: Sequence[int]) -> Callable[[int], tuple[int, int]]:
    return lambda k: (-amounts[k], k)


def _own_best(gains: list[list[int]], spans: list[int]) -> list[set[int]]:
    """Each PCN's best neighbourhoods by itself: all that gain, up to its span, and at least one."""
    sets = []
    for row, span in zip(gains, spans, strict=True):
        order = sorted(range(len(row)), key=_dearest_first(row))
        kept = [k for k in order[:span] if row[k] > 0]
        sets.append(set(kept or order[:1]))
    return sets


def _cover(sets: list[set[int]], gains: list[list[int]], spans: list[int], most: int) -> bool:
    """Give every neighbourhood an anchor by the cheapest chains; False when one costs too much."""
    size = len(gains[0]) if gains else 0
    while True:
        covered = [0] * size
        for chosen in sets:
            for k in chosen:
                covered[k] += 1
        if all(covered):
            return True
        cost, chain = _cheapest_chain(sets, gains, spans, covered)
        if cost is None or cost > most:
            return False
        for c, add, drop in chain:
            sets[c].add(add)
            if drop is not None:
                sets[c].remove(drop)


def _cheapest_chain(
    sets: list[set[int]], gains: list[list[int]], spans: list[int], covered: list[int]
) -> tuple[int | None, list[tuple[int, int, int | None]]]:
    """Bellman–Ford from all uncovered neighbourhoods: who takes it, and what is given up for it."""
    cost: list[int | None] = [0 if n == 0 else None for n in covered]
    came: list[tuple[int, int] | None] = [None] * len(covered)
    best: tuple[int, int, int, int | None] | None = None
    changed = True
    while changed:
        changed = False
        for c, chosen in enumerate(sets):
            row = gains[c]
            entries = [(so_far - row[k], k) for k, so_far in enumerate(cost)
                       if so_far is not None and k not in chosen]  # fmt: skip
            if not entries:
                continue
            entry, k = min(entries)
            for drop in sorted(chosen):
                known = cost[drop]
                if known is None or entry + row[drop] < known:
                    cost[drop], came[drop] = entry + row[drop], (c, k)
                    changed = True
            if len(chosen) < spans[c] and (best is None or entry < best[0]):
                best = (entry, c, k, None)
    for k, so_far in enumerate(cost):
        if covered[k] > 1 and so_far is not None and (best is None or so_far < best[0]):
            c, entered = came[k] or (-1, -1)
            best = (so_far, c, entered, k)
    if best is None:
        return None, []
    return best[0], _walk_back(best, came)


def _walk_back(
    best: tuple[int, int, int, int | None], came: list[tuple[int, int] | None]
) -> list[tuple[int, int, int | None]]:
    _, c, k, drop = best
    chain = [(c, k, drop)]
    step = came[k]
    while step is not None:
        chain.append((step[0], step[1], k))
        k = step[1]
        step = came[k]
    return chain


def _branch(
    problem: Anchoring,
    prices: tuple[list[list[int]], list[int]],
    inside: frozenset[Arc],
    outside: frozenset[Arc],
    best: _Best,
) -> None:
    if (inside, outside) in best.seen or not _possible(problem, prices[1], inside, outside):
        return
    best.seen.add((inside, outside))
    sets = _relaxed(problem, prices, inside, outside)
    if sets is None:
        return
    value = sum(prices[0][c][k] for c, chosen in enumerate(sets) for k in chosen)
    if best.value is not None and value <= best.value:
        return
    branches = _first_fault(problem, sets, inside, outside)
    if branches is None:
        best.value, best.sets = value, tuple(frozenset(chosen) for chosen in sets)
        return
    for more_inside, more_outside in branches:
        _branch(problem, prices, inside | more_inside, outside | more_outside, best)


def _possible(
    problem: Anchoring, spans: list[int], inside: frozenset[Arc], outside: frozenset[Arc]
) -> bool:
    """Whether each PCN by itself can still meet its span and floor."""
    if inside & outside:
        return False
    for c, holding in enumerate(problem.holdings):
        forced = [k for k in range(problem.size) if (c, k) in inside]
        free = [holding.patients[k] for k in range(problem.size)
                if (c, k) not in inside and (c, k) not in outside]  # fmt: skip
        if len(forced) > spans[c] or not (forced or free):
            return False
        room = spans[c] - len(forced)
        most = sum(holding.patients[k] for k in forced) + sum(sorted(free, reverse=True)[:room])
        if most < holding.floor:
            return False
    return True


def _relaxed(
    problem: Anchoring,
    prices: tuple[list[list[int]], list[int]],
    inside: frozenset[Arc],
    outside: frozenset[Arc],
) -> list[set[int]] | None:
    """Return the best anchors with some pairs fixed, before wide floors and locks of pairs."""
    gains, spans = prices
    huge = 1 + 2 * sum(abs(gain) for row in gains for gain in row)
    fixed = [list(row) for row in gains]
    for c, k in inside:
        fixed[c][k] += huge * (2 + problem.size * len(gains))
    for c, k in outside:
        fixed[c][k] -= huge * (2 + problem.size * len(gains))
    sets = _own_best(fixed, spans)
    if problem.cover and not _cover(sets, fixed, spans, most=huge):
        return None
    chosen_pairs = {(c, k) for c, chosen in enumerate(sets) for k in chosen}
    return sets if inside <= chosen_pairs and not outside & chosen_pairs else None


_Branches = list[tuple[frozenset[Arc], frozenset[Arc]]]
_NONE: frozenset[Arc] = frozenset()


def _first_fault(
    problem: Anchoring, sets: list[set[int]], inside: frozenset[Arc], outside: frozenset[Arc]
) -> _Branches | None:
    """Return the ways to mend the first broken floor or pair lock, or None when all hold."""
    checks: tuple[Callable[..., _Branches | None], ...] = (_floor_fault, _together_fault)
    for check in checks:
        branches = check(problem, sets, inside, outside)
        if branches is not None:
            return branches
    for one, other in problem.apart:
        for k in sorted(sets[one] & sets[other]):
            return [(_NONE, frozenset({(one, k)})), (_NONE, frozenset({(other, k)}))]
    return None


def _floor_fault(
    problem: Anchoring, sets: list[set[int]], inside: frozenset[Arc], outside: frozenset[Arc]
) -> _Branches | None:
    for c, holding in enumerate(problem.holdings):
        if sum(holding.patients[k] for k in sets[c]) >= holding.floor:
            continue
        free = [k for k in range(problem.size) if (c, k) not in inside | outside]
        k = min(free, key=_dearest_first(holding.patients))
        return [(frozenset({(c, k)}), _NONE), (_NONE, frozenset({(c, k)}))]
    return None


def _together_fault(
    problem: Anchoring, sets: list[set[int]], inside: frozenset[Arc], outside: frozenset[Arc]
) -> _Branches | None:
    del inside, outside
    for one, other in problem.together:
        if not sets[one] & sets[other]:
            return [(frozenset({(one, k), (other, k)}), _NONE) for k in range(problem.size)]
    return None
