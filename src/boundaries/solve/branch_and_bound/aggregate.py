"""Patterns ruled out together: where the large PCNs are anchored, wherever the small ones are.

Goes in: `Race`, with a plan. Comes out: lower bounds of its patterns. Next:
`boundaries.solve.branch_and_bound.loop` takes what is left pattern by pattern.

Patterns that differ only in where small PCNs are anchored are much the same. An *outline* is what
they share: practices of small PCNs are where they like, each on its own, which costs no move. So an
outline serves no less than any of its patterns, and one tree of choices
(`boundaries.solve.assignment.tree`) rules out hundreds of them. Sets of movers that are left say
which of the patterns they may stand in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.branch_and_bound.steps import (
    SIDE_BY_SIDE,
    alike_charges,
    remember,
    sift_side_by_side,
)
from boundaries.solve.domains import freedom_of
from boundaries.solve.patterns.enumerate import MOST_PCNS
from boundaries.solve.patterns.lagrangian import served_by_pcn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.assignment.bound import Sifted
    from boundaries.solve.branch_and_bound.state import Climb, Race
    from boundaries.solve.domains import Freedom
    from boundaries.solve.instance import Problem
    from boundaries.solve.patterns.lagrangian import Prices

__all__ = ["Outlines", "make_outlines", "sift_outlines"]

_SMALL = 0.06
"""Share of all people, teams' people counted, that small PCNs' patients may be together."""

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
    prices
        Whose patterns they are of.
    small
        PCNs whose practices are where they like.
    sets
        Outlines by neighbourhoods: the other PCNs that are anchored there, in rising order.
    of_pattern
        Which outline each pattern has.
    charges
        Of outlines, by their sets: what the rows charge under the best prices found.
    """

    prices: Prices
    small: NDArray[np.int64]
    sets: NDArray[np.int64]
    of_pattern: NDArray[np.int64]
    charges: dict[tuple[int, ...], NDArray[np.float64]]

    def patterns(self, which: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sets of PCNs of some patterns, by neighbourhoods."""
        return np.array(self.prices.masks, dtype=np.int64)[self.prices.table[which]]

    def without_small(self, sets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return sets of PCNs without the small ones."""
        return np.asarray(sets & ~int(sum(1 << int(pcn) for pcn in self.small)))


def make_outlines(problem: Problem, prices: Prices) -> Outlines | None:
    """Return the outlines of the patterns that have prices; None where all PCNs are large.

    A PCN with several anchors is never small.
    """
    small, none = _small_pcns(problem), np.zeros(0, dtype=np.int64)
    if not len(small) or len(problem.pcns) > MOST_PCNS:
        return None
    outlines = Outlines(prices, small, none, none, {})
    outlined = np.sort(outlines.without_small(outlines.patterns(np.arange(len(prices.table)))))
    sets, of_pattern = np.unique(outlined, axis=0, return_inverse=True)
    return replace(outlines, sets=sets, of_pattern=of_pattern.reshape(-1))


def _small_pcns(problem: Problem) -> NDArray[np.int64]:
    patients = served_by_pcn(problem).sum(axis=1)
    order = np.argsort(patients, kind="stable")
    order = order[problem.span[order] == 1]
    return np.sort(order[np.cumsum(patients[order]) <= _SMALL * problem.total])


def sift_outlines(race: Race, tolerance: float) -> None:
    """Lower the bounds of patterns above the aim outline by outline, where that is fewer."""
    shared, aim = race.shared, race.aim(tolerance)
    outlines = _outlines_of(shared) if np.isfinite(aim) else None
    if outlines is None:
        return
    above = np.flatnonzero(race.upper[: len(outlines.of_pattern)] > aim)
    above = above[np.argsort(outlines.of_pattern[above], kind="stable")]
    groups = np.split(above, np.flatnonzero(np.diff(outlines.of_pattern[above])) + 1)
    if not len(above) or len(groups) * _FEWER > len(above):
        return
    groups.sort(key=lambda patterns: -race.upper[patterns].max())
    for at in range(0, len(groups), SIDE_BY_SIDE):
        if race.stop() or race.work <= 0:
            return
        _sift_some(race, outlines, groups[at : at + SIDE_BY_SIDE], aim)


def _outlines_of(shared: Climb) -> Outlines | None:
    """Return the outlines of the patterns that have prices, made anew when these are others."""
    known = shared.outlines
    if shared.prices is not None and (known is None or known.prices is not shared.prices):
        made = make_outlines(shared.problem, shared.prices)
        if made is not None and known is not None:
            made.charges.update(known.charges)
        shared.outlines = made
    return shared.outlines


def _sift_some(race: Race, outlines: Outlines, groups: list[NDArray[np.int64]], aim: float) -> None:
    """Sift some outlines side by side, each given by its patterns; lower the bounds of these."""
    shared = race.shared
    keys = [tuple(outlines.sets[outlines.of_pattern[patterns[0]]].tolist()) for patterns in groups]
    freedoms = [_freedom_of(shared.problem, outlines, key, race.allowed_moves) for key in keys]
    charges = [alike_charges(key, outlines.charges) for key in keys]
    most_work = min(_SHARE * race.limits.work, race.work)
    for patterns, key, sifted in zip(
        groups, keys, sift_side_by_side(race, freedoms, charges, aim, most_work), strict=True
    ):
        if sifted is None:
            continue
        race.work -= sifted.work
        remember(shared, outlines.charges, key, sifted, _KEPT)
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
    problem = shared.problem
    still = np.where(left.items & (left.moves == 0), 0, 1)
    least = np.where(left.items, still, 2).min(axis=1)
    open_ = np.isin(problem.pcn_of, outlines.small)
    moves = np.full(len(patterns), least[: len(open_)][~open_].sum(), dtype=np.int64)
    table, sets = outlines.patterns(patterns), outlines.sets[outlines.of_pattern[patterns[0]]]
    for pcn in outlines.small.tolist():
        column = (table >> pcn & 1).argmax(axis=1)
        base = outlines.without_small(table[np.arange(len(table)), column])
        for practice in np.flatnonzero(problem.pcn_of == pcn).tolist():
            moves += ~np.isin(base, sets[left.items[practice]])
    return moves
