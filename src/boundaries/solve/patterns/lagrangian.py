"""Lagrangian bounds of thousands of anchor patterns at once, without moves.

Goes in: `Instance` and its patterns. Comes out: `LagrangianBounds`: a dual bound of each pattern
without moves (`no_move_bounds`). Next: `boundaries.solve.patterns.move_multipliers` adds moves
(`may_go`).

A multiplier on every LSOA (``lam_lsoa``) dualises the rule that it is in one neighbourhood only. A
neighbourhood is then a knapsack under the residents' band, the same in every pattern in which its
PCN set stands; the band itself is dualised by ``mu_population``, one for each knapsack. Multipliers
follow subgradients (Held and Karp, Mathematical Programming 1971; Fisher, Management Science 1981).
Connectedness is left out here: `boundaries.solve.lp.joint_relaxation` brings it in.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.domains import AnchorPattern
    from boundaries.solve.instance import Instance
    from boundaries.solve.patterns.move_multipliers import MoveBounds

__all__ = [
    "LagrangianBounds",
    "bond_duals_of",
    "bounds_at",
    "improve_multipliers",
    "knapsacks",
    "may_go",
    "moved_by_bonds",
    "served_by_pcn",
    "solve_lagrangian_dual",
]

_ROUNDS, _FEWER = 120, 60
_MANY = 100_000
"""Patterns from which fewer rounds do: each takes a twentieth of a second and more."""

_SAFE = 1e-7

_BOND_ROUNDS = 2
"""Times that multipliers of LSOAs are sought anew under the last duals of bonds."""

_MOST_BOND_DUALS = 20_000_000
"""PCN sets times pairs of neighbours, beyond which bonds are left out: the bound is higher then."""

_SLICES = 8
"""Parts of the PCN sets that are reckoned side by side, whatever the number of cores."""


@dataclass(frozen=True)
class LagrangianBounds:
    """Multipliers of LSOAs, and what follows from them.

    Parameters
    ----------
    no_move_bounds
        For each pattern, a number of people that no plan without moves can serve more of.
    final_bounds
        The same from the final multipliers alone: what moves are added to.
    table
        Patterns by neighbourhoods: which PCN set (a row of ``profit``).
    pcn_sets
        The PCN sets.
    profit
        Sets by LSOAs: patients of the set's practices, less what bonds take and the multiplier of
        the LSOA.
    bond_duals
        Sets by pairs of neighbours (`bond_duals_of`).
    value
        Of each set, most that a neighbourhood can be worth.
    """

    no_move_bounds: NDArray[np.float64]
    final_bounds: NDArray[np.float64]
    table: NDArray[np.int64]
    pcn_sets: tuple[int, ...]
    profit: NDArray[np.float64]
    bond_duals: NDArray[np.float64]
    value: NDArray[np.float64]


def solve_lagrangian_dual(instance: Instance, patterns: list[AnchorPattern]) -> LagrangianBounds:
    """Return multipliers under which the best bounds of the patterns are low.

    Practices without a PCN and teams count as served.
    """
    served = served_by_pcn(instance)
    rounds = _ROUNDS if len(patterns) < _MANY else _FEWER
    _, table, gross = _tables(instance, patterns)
    lam_lsoa, best = _subgradient(instance, table, gross, served.sum(axis=0) * 0.7, rounds)
    for _ in range(_BOND_ROUNDS if instance.graph.bond.any() else 0):
        taken = moved_by_bonds(instance, bond_duals_of(instance, gross - lam_lsoa))
        lam_lsoa, lower = _subgradient(instance, table, gross - taken, lam_lsoa, rounds // 2)
        best = np.minimum(best, lower)
    found = bounds_at(instance, patterns, lam_lsoa)
    free = instance.total - float(served.sum()) + _SAFE * instance.total
    best = np.minimum(best, served.sum())
    return replace(found, no_move_bounds=np.minimum(best + free, found.no_move_bounds))


def served_by_pcn(instance: Instance) -> NDArray[np.float64]:
    """Return the patients of each PCN's practices in each LSOA."""
    belongs = instance.pcn_of >= 0
    served = np.zeros((len(instance.pcns), len(instance.lsoas)))
    np.add.at(served, instance.pcn_of[belongs], instance.people[: len(belongs)][belongs])
    return served


def improve_multipliers(
    instance: Instance, patterns: list[AnchorPattern], start: NDArray[np.float64], *, rounds: int
) -> NDArray[np.float64]:
    """Return multipliers under which the best of the patterns' bounds is low, from others on."""
    _, table, gross = _tables(instance, patterns)
    return _subgradient(instance, table, gross, start, rounds)[0]


def bond_duals_of(instance: Instance, profit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the duals of bonds under which neighbourhoods of so much profit are worth least.

    A neighbourhood loses half of the bond of each pair of which it holds only one. Any duals ``p``
    with |p| at most half of the bond, taken from the profit of one LSOA of the pair and given to
    the other, bound that loss. The best are a maximum flow (`boundaries.solve.patterns.bonds`).

    Parameters
    ----------
    instance
        The place.
    profit
        PCN sets by LSOAs, in people.

    Returns
    -------
    NDArray[np.float64]
        PCN sets by pairs, as in ``instance.graph``; without columns where that would be too many,
        or where no bond costs anything.
    """
    from boundaries.solve.patterns.bonds import rim_duals  # noqa: PLC0415 - compiles on first use

    graph = instance.graph
    if not graph.bond.any() or len(profit) * len(graph.bond) > _MOST_BOND_DUALS:
        return np.zeros((len(profit), 0))
    duals = np.zeros((len(profit), len(graph.bond)))
    residents, half = instance.residents.astype(np.float64), graph.bond / 2

    def some(at: int) -> None:
        part = duals[at::_SLICES].copy()
        rim_duals(
            np.ascontiguousarray(profit[at::_SLICES]), residents, float(instance.least),
            float(instance.most), graph.first, graph.tails, graph.back, half, part,
        )  # fmt: skip
        duals[at::_SLICES] = part

    with ThreadPoolExecutor(max(1, min(_SLICES, os.cpu_count() or 1))) as pool:
        list(pool.map(some, range(_SLICES)))
    return duals


def moved_by_bonds(instance: Instance, bond_duals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what duals of bonds take from the profit of each LSOA: PCN sets by LSOAs."""
    if not bond_duals.shape[1]:
        return np.zeros((len(bond_duals), len(instance.lsoas)))
    first = instance.graph.first
    sums = np.hstack([np.zeros((len(bond_duals), 1)), np.cumsum(bond_duals, axis=1)])
    return np.asarray(sums[:, first[1:]] - sums[:, first[:-1]])


def bounds_at(
    instance: Instance, patterns: list[AnchorPattern], lam_lsoa: NDArray[np.float64]
) -> LagrangianBounds:
    """Return the bounds of patterns under multipliers that are known."""
    pcn_sets, table, gross = _tables(instance, patterns)
    duals = bond_duals_of(instance, gross - lam_lsoa)
    profit = gross - moved_by_bonds(instance, duals) - lam_lsoa
    value, _ = knapsacks(instance, profit)
    free = instance.total - float(served_by_pcn(instance).sum())
    final_bounds = lam_lsoa.sum() + value[table].sum(axis=1) + free + _SAFE * instance.total
    return LagrangianBounds(final_bounds, final_bounds, table, pcn_sets, profit, duals, value)


def _tables(
    instance: Instance, patterns: list[AnchorPattern]
) -> tuple[tuple[int, ...], NDArray[np.int64], NDArray[np.float64]]:
    """Return the PCN sets, which of them stand in each pattern, and their patients."""
    pcn_sets = tuple(sorted({pcn_set for pattern in patterns for pcn_set in pattern}))
    where = {pcn_set: position for position, pcn_set in enumerate(pcn_sets)}
    table = np.array(
        [[where[pcn_set] for pcn_set in pattern] for pattern in patterns], dtype=np.int64
    )
    bits = np.array([[pcn_set >> c & 1 for c in range(len(instance.pcns))] for pcn_set in pcn_sets])
    return pcn_sets, table, bits.astype(np.float64) @ served_by_pcn(instance)


def _subgradient(
    instance: Instance,
    table: NDArray[np.int64],
    gross: NDArray[np.float64],
    lam_lsoa: NDArray[np.float64],
    rounds: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best multipliers of a subgradient descent, and each pattern's least bound."""
    best = np.full(len(table), np.inf)
    least, at_least, step = np.inf, lam_lsoa, 0.5
    for number in range(rounds):
        value, inside = knapsacks(instance, gross - lam_lsoa)
        bounds = lam_lsoa.sum() + value[table].sum(axis=1)
        best = np.minimum(best, bounds)
        if bounds.max() < least - 1e-9 * abs(least if np.isfinite(least) else 1.0):
            least, at_least = float(bounds.max()), lam_lsoa
        elif number % 4 == 3:
            step *= 0.85
        slope = _direction(bounds, table, inside)
        size = float(slope @ slope)
        if size < 1e-9:
            break
        lam_lsoa = lam_lsoa - step * 0.02 * bounds.max() * slope / size
    return at_least, best


def _homes(instance: Instance, lagrangian: LagrangianBounds, practice: int) -> NDArray[np.bool_]:
    pcn = int(instance.pcn_of[practice])
    return np.array([pcn_set >> pcn & 1 for pcn_set in lagrangian.pcn_sets], dtype=bool)


def may_go(
    instance: Instance,
    lagrangian: LagrangianBounds,
    move_bounds: MoveBounds,
    pattern: int,
    target: float,
) -> NDArray[np.bool_]:
    """Return which items may be where in a plan of the pattern that serves more than the target.

    A practice's move is kept only if the bound with it, and with the best moves of others, is
    above the target.
    """
    columns = lagrangian.table[pattern]
    allowed = np.ones((len(instance.people), instance.neighbourhoods), dtype=bool)
    gain = np.full((len(instance.practices), instance.neighbourhoods), -np.inf)
    for practice in np.flatnonzero(instance.pcn_of >= 0).tolist():
        home = _homes(instance, lagrangian, practice)[columns]
        change = move_bounds.change[columns, practice]
        leave = np.minimum(change[home], 0.0).sum()
        gain[practice] = np.where(home, -np.inf, leave + change)
    best = np.maximum(0.0, gain.max(axis=1))
    order = np.argsort(-best, kind="stable")
    top = best[order[: move_bounds.moves]]
    for practice in np.flatnonzero(instance.pcn_of >= 0).tolist():
        among = practice in order[: move_bounds.moves]
        others = top.sum() - best[practice] if among else top[: move_bounds.moves - 1].sum()
        reach = lagrangian.final_bounds[pattern] + others + gain[practice]
        allowed[practice] = ~np.isfinite(gain[practice]) | (reach > target)
    return np.asarray(allowed)


def _direction(
    bounds: NDArray[np.float64], table: NDArray[np.int64], inside: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean direction over the patterns that are close to the best: a smoother step."""
    close = np.argpartition(-bounds, 11)[:12] if len(bounds) > 12 else np.arange(len(bounds))
    close = close[np.lexsort((close, -bounds[close]))]
    weight = np.exp((bounds[close] - bounds[close[0]]) / (0.002 * abs(bounds[close[0]]) + 1e-9))
    weight /= weight.sum()
    cover = np.einsum("g,gka->a", weight, inside[table[close]])
    return np.asarray(1.0 - cover)


def knapsacks(
    instance: Instance, gain: NDArray[np.float64], *, steps: int = 24
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best relaxed neighbourhood of every PCN set: its value, and who is in it.

    The band is kept by one band multiplier, found by bisection; any such multiplier gives a valid
    bound.
    """
    residents = instance.residents.astype(np.float64)
    top = float(np.abs(gain).max() / max(1.0, residents[residents > 0].min())) + 1.0
    low, high = np.full(len(gain), -top), np.full(len(gain), top)
    best = np.full(len(gain), np.inf)
    inside = np.zeros_like(gain)
    for _ in range(steps):
        mu_population = (low + high) / 2
        reduced = gain - mu_population[:, None] * residents
        chosen = reduced > 0
        heads = chosen @ residents
        value = np.where(chosen, reduced, 0.0).sum(axis=1)
        value += np.where(
            mu_population > 0, mu_population * instance.most, mu_population * instance.least
        )
        better = value < best
        best = np.where(better, value, best)
        inside = np.where(better[:, None], chosen, inside)
        limit = np.where(mu_population > 0, instance.most, instance.least)
        low = np.where(heads > limit, mu_population, low)
        high = np.where(heads > limit, high, mu_population)
    return best, inside
