"""Patterns ruled out together: where the large PCNs are anchored, wherever the small ones are.

Goes in: `Race`, with a plan. Comes out: lower bounds of its patterns. Next: `boundaries.solve.rung`
takes what is left pattern by pattern.

Patterns that differ only in where small PCNs are anchored are much the same. An *outline* is what
they share: practices of small PCNs are where they like, each on its own, which costs no move. So
an outline serves no less than any of its patterns, and one tree of choices
(`boundaries.solve.grow`) rules out hundreds of them. Sets of movers that are left say which of the
patterns they may stand in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.model import freedom_of
from boundaries.solve.turns import SIDE_BY_SIDE, alike_charges, remember, sift_freely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.model import Freedom
    from boundaries.solve.movers import Sifted
    from boundaries.solve.problem import Problem
    from boundaries.solve.race import Climb, Race

__all__ = ["Outlines", "make_outlines", "sift_outlines"]

_SMALL = 0.06
"""Share of all patients that small PCNs may have together."""

_FEWER = 4
"""Patterns to an outline, from which outlines pay."""

_SHARE = 0.15
"""Most of a rung's work that one outline may take."""

_KEPT = 4_000
"""Outlines whose charges are kept."""


@dataclass
class Outlines:
    """The outlines of a place.

    Parameters
    ----------
    small
        PCNs whose practices are where they like.
    sets
        Outlines by neighbourhoods: the other PCNs that are anchored there, in rising order.
    of_pattern
        Which outline each pattern has.
    charges
        Of outlines, by their sets: what the rows charge under the best prices found.
    """

    small: NDArray[np.int64]
    sets: NDArray[np.int64]
    of_pattern: NDArray[np.int64]
    charges: dict[tuple[int, ...], NDArray[np.float64]]


def make_outlines(problem: Problem, table: NDArray[np.int64]) -> Outlines | None:
    """Return the outlines of patterns, given as sets of PCNs; None where all PCNs are large.

    A PCN with several anchors is never small.
    """
    small = _small_pcns(problem)
    if not len(small):
        return None
    sets, of_pattern = np.unique(_outlined(small, table), axis=0, return_inverse=True)
    return Outlines(small, sets, of_pattern.reshape(-1), {})


def _small_pcns(problem: Problem) -> NDArray[np.int64]:
    belongs = problem.pcn_of >= 0
    patients = np.zeros(len(problem.pcns))
    people = problem.people[: len(belongs)].sum(axis=1)
    np.add.at(patients, problem.pcn_of[belongs], people[belongs])
    order = np.argsort(patients, kind="stable")
    order = order[problem.span[order] == 1]
    return np.sort(order[np.cumsum(patients[order]) <= _SMALL * problem.total])


def _outlined(small: NDArray[np.int64], table: NDArray[np.int64]) -> NDArray[np.int64]:
    large = ~int(sum(1 << int(pcn) for pcn in small))
    return np.sort(table & large, axis=1)


def sift_outlines(race: Race, tolerance: float) -> None:
    """Lower the bounds of patterns above the aim outline by outline, where that is fewer."""
    shared, aim = race.shared, race.aim(tolerance)
    if shared.prices is None or not np.isfinite(aim):
        return
    outlines = _outlines_of(shared)
    if outlines is None:
        return
    size = len(outlines.of_pattern)
    above = np.flatnonzero(race.upper[:size] > aim)
    highest = np.full(len(outlines.sets), -np.inf)
    np.maximum.at(highest, outlines.of_pattern[above], race.upper[above])
    due = np.flatnonzero(highest > aim)
    if len(due) * _FEWER > len(above):
        return
    due = due[np.lexsort((due, -highest[due]))]
    for at in range(0, len(due), SIDE_BY_SIDE):
        if race.stop() or race.work <= 0:
            return
        _sift_some(race, outlines, due[at : at + SIDE_BY_SIDE], aim)


def _outlines_of(shared: Climb) -> Outlines | None:
    """Return the outlines of the patterns that have prices, made anew when these are others."""
    prices, known = shared.prices, shared.outlines
    if prices is None or len(shared.problem.pcns) > 62:  # sets are bits of a number
        return None
    if known is None or len(known.of_pattern) != len(prices.table):
        table = np.array(prices.masks, dtype=np.int64)[prices.table]
        shared.outlines = make_outlines(shared.problem, table)
        if known is not None and shared.outlines is not None:
            shared.outlines.charges = known.charges
    return shared.outlines


def _sift_some(race: Race, outlines: Outlines, which: NDArray[np.int64], aim: float) -> None:
    """Sift some outlines side by side, and lower the bounds of their patterns."""
    shared, keys = race.shared, [tuple(outlines.sets[number].tolist()) for number in which]
    freedoms = [_freedom_of(shared.problem, outlines, key, race.allowed_moves) for key in keys]
    charges = [alike_charges(key, outlines.charges) for key in keys]
    most_work = min(_SHARE * race.limits.work, race.work)
    for number, key, sifted in zip(
        which.tolist(), keys, sift_freely(race, freedoms, charges, aim, most_work), strict=True
    ):
        if sifted is None:
            continue
        race.work -= sifted.work
        remember(shared, outlines.charges, key, sifted, _KEPT)
        patterns = np.flatnonzero(outlines.of_pattern == number)
        patterns = patterns[race.upper[patterns] > aim]
        bounds = _bounds(shared, outlines, patterns, sifted, aim)
        race.upper[patterns] = np.minimum(race.upper[patterns], bounds)


def _freedom_of(
    problem: Problem, outlines: Outlines, sets: tuple[int, ...], allowed_moves: int
) -> Freedom:
    """Return what may go where under an outline."""
    freedom = freedom_of(problem, sets, allowed_moves)
    items, moves = freedom.items.copy(), freedom.moves.copy()
    loose = np.flatnonzero(np.isin(problem.pcn_of, outlines.small))
    items[loose], moves[loose] = True, 0
    return replace(freedom, items=items, moves=moves)


def _bounds(
    shared: Climb,
    outlines: Outlines,
    patterns: NDArray[np.int64],
    sifted: Sifted,
    aim: float,
) -> NDArray[np.float64]:
    """Return bounds of an outline's patterns by the sets of movers that may stand in each."""
    bounds = np.full(len(patterns), max(aim, sifted.rest))
    for left, bound in zip(sifted.left, sifted.bounds, strict=True):
        moves = _least_moves(shared, outlines, patterns, left)
        bounds = np.where(moves <= left.allowed_moves, np.maximum(bounds, bound), bounds)
    return bounds


def _least_moves(
    shared: Climb, outlines: Outlines, patterns: NDArray[np.int64], left: Freedom
) -> NDArray[np.int64]:
    """Return how many practices must move, at least, for a set of movers to stand in patterns.

    Neighbourhoods without a large PCN are alike: where there are several, any will do.
    """
    problem, prices = shared.problem, shared.prices
    assert prices is not None  # noqa: S101 - outlines are of patterns with prices
    still = np.where(left.items & (left.moves == 0), 0, 1)
    least = np.where(left.items, still, 2).min(axis=1)
    belongs = np.isin(problem.pcn_of, outlines.small)
    known = int(least[: len(belongs)][~belongs].sum())
    moves = np.full(len(patterns), known, dtype=np.int64)
    table = np.array(prices.masks, dtype=np.int64)[prices.table[patterns]]
    sets = outlines.sets[outlines.of_pattern[patterns[0]]] if len(patterns) else np.zeros(0)
    large = ~int(sum(1 << int(pcn) for pcn in outlines.small))
    for pcn in outlines.small.tolist():
        column = (table >> pcn & 1).argmax(axis=1)
        base = table[np.arange(len(table)), column] & large
        for practice in np.flatnonzero(problem.pcn_of == pcn).tolist():
            able = np.isin(base, sets[left.items[practice]])
            moves += ~able
    return moves
