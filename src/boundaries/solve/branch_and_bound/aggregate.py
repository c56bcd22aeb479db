"""Aggregate patterns: many anchor patterns fathomed by one tree, the small PCNs left free.

Goes in: `RungState`, with an incumbent. Comes out: lower dual bounds of its patterns. Next:
`boundaries.solve.branch_and_bound.loop` takes what is left pattern by pattern.

Patterns that differ only in where small PCNs are anchored are much the same. An *aggregate pattern*
is what they share: practices of small PCNs are where they like, each on its own, which costs no
move. So an aggregate serves no less than any of its patterns, and one assignment tree
(`boundaries.solve.assignment.tree`) fathoms hundreds of them. Leaves that are left say which of the
patterns they may stand in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.branch_and_bound.steps import (
    SIDE_BY_SIDE,
    borrowed_multipliers,
    bound_in_parallel,
    remember,
)
from boundaries.solve.domains import domains_of
from boundaries.solve.params import AGGREGATION
from boundaries.solve.patterns.enumerate import MOST_PCNS
from boundaries.solve.patterns.lagrangian import served_by_pcn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.assignment.bound import AssignmentBound
    from boundaries.solve.branch_and_bound.state import LadderState, RungState
    from boundaries.solve.domains import Domains
    from boundaries.solve.instance import Instance
    from boundaries.solve.patterns.lagrangian import LagrangianBounds

__all__ = ["AggregatePatterns", "bound_aggregates", "make_aggregates"]


@dataclass
class AggregatePatterns:
    """The aggregates of a place.

    Parameters
    ----------
    lagrangian
        Whose patterns they are of.
    small
        PCNs whose practices are where they like.
    sets
        Aggregates by neighbourhoods: the other PCNs that are anchored there, in rising order.
    of_pattern
        Which aggregate each pattern has.
    row_duals
        Of aggregates, by their sets: the duals of the rows under the best multipliers found.
    """

    lagrangian: LagrangianBounds
    small: NDArray[np.int64]
    sets: NDArray[np.int64]
    of_pattern: NDArray[np.int64]
    row_duals: dict[tuple[int, ...], NDArray[np.float64]]

    def patterns(self, which: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the PCN sets of some patterns, by neighbourhoods."""
        return np.array(self.lagrangian.pcn_sets, dtype=np.int64)[self.lagrangian.table[which]]

    def without_small(self, sets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return PCN sets without the small ones."""
        return np.asarray(sets & ~int(sum(1 << int(pcn) for pcn in self.small)))


def make_aggregates(instance: Instance, lagrangian: LagrangianBounds) -> AggregatePatterns | None:
    """Return the aggregates of the patterns that have multipliers; None where all PCNs are large.

    A PCN with several anchors is never small.
    """
    small, none = _small_pcns(instance), np.zeros(0, dtype=np.int64)
    if not len(small) or len(instance.pcns) > MOST_PCNS:
        return None
    aggregates = AggregatePatterns(lagrangian, small, none, none, {})
    aggregated = np.sort(
        aggregates.without_small(aggregates.patterns(np.arange(len(lagrangian.table))))
    )
    sets, of_pattern = np.unique(aggregated, axis=0, return_inverse=True)
    return replace(aggregates, sets=sets, of_pattern=of_pattern.reshape(-1))


def _small_pcns(instance: Instance) -> NDArray[np.int64]:
    patients = served_by_pcn(instance).sum(axis=1)
    order = np.argsort(patients, kind="stable")
    order = order[instance.span[order] == 1]
    return np.sort(order[np.cumsum(patients[order]) <= AGGREGATION.small * instance.total])


def bound_aggregates(state: RungState, target_gap: float) -> None:
    """Lower the bounds of patterns above the target aggregate by aggregate, where that is fewer."""
    ladder, target = state.ladder, state.target(target_gap)
    aggregates = _aggregates_of(ladder) if np.isfinite(target) else None
    if aggregates is None:
        return
    above = np.flatnonzero(state.dual_bounds[: len(aggregates.of_pattern)] > target)
    above = above[np.argsort(aggregates.of_pattern[above], kind="stable")]
    groups = np.split(above, np.flatnonzero(np.diff(aggregates.of_pattern[above])) + 1)
    if not len(above) or len(groups) * AGGREGATION.fewer > len(above):
        return
    groups.sort(key=lambda patterns: -state.dual_bounds[patterns].max())
    for at in range(0, len(groups), SIDE_BY_SIDE):
        if state.stop() or state.work <= 0:
            return
        _bound_some(state, aggregates, groups[at : at + SIDE_BY_SIDE], target)


def _aggregates_of(ladder: LadderState) -> AggregatePatterns | None:
    """Return the aggregates of the bounded patterns, made anew when these are others."""
    known = ladder.aggregates
    if ladder.lagrangian is not None and (
        known is None or known.lagrangian is not ladder.lagrangian
    ):
        made = make_aggregates(ladder.instance, ladder.lagrangian)
        if made is not None and known is not None:
            made.row_duals.update(known.row_duals)
        ladder.aggregates = made
    return ladder.aggregates


def _bound_some(
    state: RungState, aggregates: AggregatePatterns, groups: list[NDArray[np.int64]], target: float
) -> None:
    """Bound some aggregates side by side, each given by its patterns; lower the bounds of these."""
    ladder = state.ladder
    keys = [
        tuple(aggregates.sets[aggregates.of_pattern[patterns[0]]].tolist()) for patterns in groups
    ]
    all_domains = [
        _domains_of(ladder.instance, aggregates, key, state.allowed_moves) for key in keys
    ]
    row_duals = [borrowed_multipliers(key, aggregates.row_duals) for key in keys]
    most_work = min(AGGREGATION.share * state.limits.work, state.work)
    for patterns, key, bounded in zip(
        groups,
        keys,
        bound_in_parallel(state, all_domains, row_duals, target, most_work),
        strict=True,
    ):
        if bounded is None:
            continue
        state.work -= bounded.work
        remember(ladder, aggregates.row_duals, key, bounded, AGGREGATION.kept)
        bounds = _bounds(ladder, aggregates, patterns, bounded, target)
        state.dual_bounds[patterns] = np.minimum(state.dual_bounds[patterns], bounds)


def _domains_of(
    instance: Instance, aggregates: AggregatePatterns, sets: tuple[int, ...], allowed_moves: int
) -> Domains:
    """Return what may go where under an aggregate."""
    domains = domains_of(instance, sets, allowed_moves)
    items, moves = domains.items.copy(), domains.moves.copy()
    loose = np.flatnonzero(np.isin(instance.pcn_of, aggregates.small))
    items[loose], moves[loose] = True, 0
    return replace(domains, items=items, moves=moves)


def _bounds(
    ladder: LadderState,
    aggregates: AggregatePatterns,
    patterns: NDArray[np.int64],
    bounded: AssignmentBound,
    target: float,
) -> NDArray[np.float64]:
    """Return bounds of an aggregate's patterns by the sets of movers that may stand in each."""
    bounds = np.full(len(patterns), max(target, bounded.unexplored_bound))
    for leaf, bound in zip(bounded.leaves, bounded.bounds, strict=True):
        moves = _least_moves(ladder, aggregates, patterns, leaf)
        bounds = np.where(moves <= leaf.allowed_moves, np.maximum(bounds, bound), bounds)
    return bounds


def _least_moves(
    ladder: LadderState, aggregates: AggregatePatterns, patterns: NDArray[np.int64], leaf: Domains
) -> NDArray[np.int64]:
    """Return how many practices must move, at least, for a set of movers to stand in patterns.

    Neighbourhoods without a large PCN are alike: where there are several, any will do.
    """
    instance = ladder.instance
    still = np.where(leaf.items & (leaf.moves == 0), 0, 1)
    least = np.where(leaf.items, still, 2).min(axis=1)
    open_ = np.isin(instance.pcn_of, aggregates.small)
    moves = np.full(len(patterns), least[: len(open_)][~open_].sum(), dtype=np.int64)
    table, sets = aggregates.patterns(patterns), aggregates.sets[aggregates.of_pattern[patterns[0]]]
    for pcn in aggregates.small.tolist():
        column = (table >> pcn & 1).argmax(axis=1)
        base = aggregates.without_small(table[np.arange(len(table)), column])
        for practice in np.flatnonzero(instance.pcn_of == pcn).tolist():
            moves += ~np.isin(base, sets[leaf.items[practice]])
    return moves
