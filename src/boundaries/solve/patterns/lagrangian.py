"""What any plan under a pattern can serve at most, for thousands of patterns at once.

Goes in: `Problem` and its patterns. Comes out: `Prices`, from which a bound for each pattern
follows without moves (`still`). Next: `boundaries.solve.patterns.move_multipliers` adds moves
(`may_go`).

A price on every LSOA replaces the rule that it is in one neighbourhood only. A neighbourhood is
then a knapsack under the residents' band, the same in every pattern in which its set of PCNs
stands. Connectedness is left out here: `boundaries.solve.lp.joint_relaxation` brings it in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.domains import Pattern
    from boundaries.solve.instance import Problem
    from boundaries.solve.patterns.move_multipliers import MovePrices

__all__ = [
    "Prices",
    "best_price",
    "find_prices",
    "knapsacks",
    "may_go",
    "price_patterns",
    "served_by_pcn",
]

_ROUNDS, _FEWER = 120, 60
_MANY = 100_000
"""Patterns from which fewer rounds do: each takes a twentieth of a second and more."""

_SAFE = 1e-7


@dataclass(frozen=True)
class Prices:
    """Prices of LSOAs, and what follows from them.

    Parameters
    ----------
    still
        For each pattern, a number of people that no plan without moves can serve more of.
    base
        The same from the final prices alone: what moves are added to.
    table
        Patterns by neighbourhoods: which set of PCNs (a row of ``worth``).
    masks
        The sets of PCNs.
    worth
        Sets by LSOAs: patients of the set's practices, less the price of the LSOA.
    value
        Of each set, most that a neighbourhood can be worth.
    """

    still: NDArray[np.float64]
    base: NDArray[np.float64]
    table: NDArray[np.int64]
    masks: tuple[int, ...]
    worth: NDArray[np.float64]
    value: NDArray[np.float64]


def find_prices(problem: Problem, patterns: list[Pattern]) -> Prices:
    """Return prices under which the best bounds of the patterns are low.

    Practices without a PCN and teams count as served.
    """
    served = served_by_pcn(problem)
    rounds = _ROUNDS if len(patterns) < _MANY else _FEWER
    price, best = _descend(problem, patterns, served.sum(axis=0) * 0.7, rounds)
    found = price_patterns(problem, patterns, price)
    free = problem.total - float(served.sum()) + _SAFE * problem.total
    best = np.minimum(best, served.sum())
    return replace(found, still=np.minimum(best + free, found.still))


def served_by_pcn(problem: Problem) -> NDArray[np.float64]:
    """Return the patients of each PCN's practices in each LSOA."""
    belongs = problem.pcn_of >= 0
    served = np.zeros((len(problem.pcns), len(problem.lsoas)))
    np.add.at(served, problem.pcn_of[belongs], problem.people[: len(belongs)][belongs])
    return served


def best_price(
    problem: Problem, patterns: list[Pattern], start: NDArray[np.float64], *, rounds: int
) -> NDArray[np.float64]:
    """Return prices under which the best of the patterns' bounds is low, from others on."""
    return _descend(problem, patterns, start, rounds)[0]


def price_patterns(problem: Problem, patterns: list[Pattern], price: NDArray[np.float64]) -> Prices:
    """Return the bounds of patterns under prices that are known."""
    masks, table, gross = _tables(problem, patterns)
    value, _ = knapsacks(problem, gross - price)
    free = problem.total - float(served_by_pcn(problem).sum())
    base = price.sum() + value[table].sum(axis=1) + free + _SAFE * problem.total
    return Prices(base, base, table, masks, gross - price, value)


def _tables(
    problem: Problem, patterns: list[Pattern]
) -> tuple[tuple[int, ...], NDArray[np.int64], NDArray[np.float64]]:
    """Return the sets of PCNs, which of them stand in each pattern, and their patients."""
    masks = tuple(sorted({mask for pattern in patterns for mask in pattern}))
    where = {mask: position for position, mask in enumerate(masks)}
    table = np.array([[where[mask] for mask in pattern] for pattern in patterns], dtype=np.int64)
    bits = np.array([[mask >> c & 1 for c in range(len(problem.pcns))] for mask in masks])
    return masks, table, bits.astype(np.float64) @ served_by_pcn(problem)


def _descend(
    problem: Problem, patterns: list[Pattern], price: NDArray[np.float64], rounds: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best prices met going downhill, and the least worth of each pattern on the way."""
    _, table, gross = _tables(problem, patterns)
    best = np.full(len(patterns), np.inf)
    least, at_least, step = np.inf, price, 0.5
    for number in range(rounds):
        value, inside = knapsacks(problem, gross - price)
        bounds = price.sum() + value[table].sum(axis=1)
        best = np.minimum(best, bounds)
        if bounds.max() < least - 1e-9 * abs(least if np.isfinite(least) else 1.0):
            least, at_least = float(bounds.max()), price
        elif number % 4 == 3:
            step *= 0.85
        slope = _slope(bounds, table, inside)
        size = float(slope @ slope)
        if size < 1e-9:
            break
        price = price - step * 0.02 * bounds.max() * slope / size
    return at_least, best


def _homes(problem: Problem, prices: Prices, practice: int) -> NDArray[np.bool_]:
    pcn = int(problem.pcn_of[practice])
    return np.array([mask >> pcn & 1 for mask in prices.masks], dtype=bool)


def may_go(
    problem: Problem, prices: Prices, priced: MovePrices, pattern: int, cutoff: float
) -> NDArray[np.bool_]:
    """Return which items may be where in a plan of the pattern that serves more than the cutoff.

    A practice's move is kept only if the bound with it, and with the best moves of others, is
    above the cutoff.
    """
    columns = prices.table[pattern]
    allowed = np.ones((len(problem.people), problem.neighbourhoods), dtype=bool)
    gain = np.full((len(problem.practices), problem.neighbourhoods), -np.inf)
    for practice in np.flatnonzero(problem.pcn_of >= 0).tolist():
        home = _homes(problem, prices, practice)[columns]
        change = priced.change[columns, practice]
        leave = np.minimum(change[home], 0.0).sum()
        gain[practice] = np.where(home, -np.inf, leave + change)
    best = np.maximum(0.0, gain.max(axis=1))
    order = np.argsort(-best, kind="stable")
    top = best[order[: priced.moves]]
    for practice in np.flatnonzero(problem.pcn_of >= 0).tolist():
        among = practice in order[: priced.moves]
        others = top.sum() - best[practice] if among else top[: priced.moves - 1].sum()
        reach = prices.base[pattern] + others + gain[practice]
        allowed[practice] = ~np.isfinite(gain[practice]) | (reach > cutoff)
    return np.asarray(allowed)


def _slope(
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
    problem: Problem, gain: NDArray[np.float64], *, steps: int = 24
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best relaxed neighbourhood of every set of PCNs: its value, and who is in it.

    The band is kept by one price a head, found by bisection; any such price gives a valid bound.
    """
    residents = problem.residents.astype(np.float64)
    top = float(np.abs(gain).max() / max(1.0, residents[residents > 0].min())) + 1.0
    low, high = np.full(len(gain), -top), np.full(len(gain), top)
    best = np.full(len(gain), np.inf)
    inside = np.zeros_like(gain)
    for _ in range(steps):
        price = (low + high) / 2
        reduced = gain - price[:, None] * residents
        chosen = reduced > 0
        heads = chosen @ residents
        value = np.where(chosen, reduced, 0.0).sum(axis=1)
        value += np.where(price > 0, price * problem.most, price * problem.least)
        better = value < best
        best = np.where(better, value, best)
        inside = np.where(better[:, None], chosen, inside)
        limit = np.where(price > 0, problem.most, problem.least)
        low = np.where(heads > limit, price, low)
        high = np.where(heads > limit, high, price)
    return best, inside
