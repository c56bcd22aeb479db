"""The map for practices that sit still: a relaxation whose prices bound other sets of movers too.

Goes in: `Problem`, which LSOAs may be where, separators known. Comes out: `FixedMap`, which is
solved again and again for other places of the practices: only its objective changes, its rows
stay. Next: `boundaries.solve.assignment.tree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.graph import Alone, terms_of
from boundaries.solve.instance import entries_of
from boundaries.solve.lp.separation import separate_fractions
from boundaries.solve.lp.solver import ways_to_solve
from boundaries.solve.work import work_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.graph import Separator
    from boundaries.solve.instance import Problem
    from boundaries.solve.lp.joint_relaxation import Pool
    from boundaries.solve.lp.separator_rows import Rows

__all__ = ["FixedMap", "Maps"]

_ROUNDS = 200
_LOOK_BACK = 5
_PACE = 0.03
"""Rounds that bring the bound down by less than this share of its way to the aim are the last."""

_WARM = 0.25
"""Work of solving again after a few changes, against that of a relaxation that has grown."""

_MOST_CUTS = 400
"""Separators with which a relaxation is begun anew."""


class FixedMap:
    """LSOAs to neighbourhoods, relaxed: once each, within the band, with separators.

    Parameters
    ----------
    problem
        The place.
    allowed
        LSOAs by neighbourhoods: may it be there?
    pool
        Separators to try first; new ones are added.
    """

    def __init__(self, problem: Problem, allowed: NDArray[np.bool_], pool: Pool) -> None:
        from ortools.linear_solver import pywraplp  # noqa: PLC0415 - heavy

        self.problem, self.allowed, self.pool = problem, allowed, pool
        self._solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._optimal, self._infeasible = pywraplp.Solver.OPTIMAL, pywraplp.Solver.INFEASIBLE
        self._ways = ways_to_solve()
        self._columns = [
            self._solver.NumVar(0.0, float(open_), "") for open_ in allowed.ravel().tolist()
        ]
        self._objective: Any = self._solver.Objective()
        self._objective.SetMaximization()
        self._rows: list[tuple[Any, NDArray[np.int64], NDArray[np.float64], float, float]] = []
        self._cuts: dict[tuple[int, Separator], None] = {}
        self._gains = np.zeros(allowed.size)
        self._weights = 0
        self._alone = Alone.of(problem.graph, problem.residents, problem.least)
        self.work = 0.0
        lsoas, count = allowed.shape
        ones = np.ones(count)
        for a in range(lsoas):
            self._row(np.arange(count) + a * count, ones, 1.0, 1.0, priced=False)
        heads = problem.residents.astype(np.float64)
        for label in range(count):
            inside = np.arange(lsoas) * count + label
            self._row(inside, heads, float(problem.least), float(problem.most))

    def _row(
        self,
        columns: NDArray[np.int64],
        weights: NDArray[np.float64],
        least: float,
        most: float,
        *,
        priced: bool = True,
    ) -> None:
        made = self._solver.Constraint(
            max(least, -self._solver.infinity()), min(most, self._solver.infinity())
        )
        for column, weight in zip(columns.tolist(), weights.tolist(), strict=True):
            made.SetCoefficient(self._columns[column], weight)
        self._weights += len(columns)
        if priced:
            self._rows.append((made, columns, weights, least, most))

    def solve(
        self,
        worth: NDArray[np.float64],
        aim: float,
        *,
        stop: Callable[[], bool] = lambda: False,
    ) -> tuple[float, NDArray[np.float64], float] | None:
        """Bound the plans of a worth (LSOAs by neighbourhoods), until the bound is under the aim.

        Returns
        -------
        tuple | None
            The bound (minus infinity when there is no such map), the prices of LSOAs in
            neighbourhoods, and their constant: for any worth w,  constant + Σ max (w − prices)
            bounds its plans. None when GLOP gave up.
        """
        for column in np.flatnonzero(worth.ravel() != self._gains).tolist():
            self._objective.SetCoefficient(self._columns[column], float(worth.flat[column]))
        self._gains = worth.ravel().copy()
        values: list[float] = []
        for _ in range(_ROUNDS):
            status = self._solve()
            if status == self._infeasible:
                return -np.inf, np.zeros(worth.shape), -np.inf
            if status != self._optimal:
                return None
            values.append(float(self._objective.Value()))
            if values[-1] <= aim or len(values) == _ROUNDS or _slow(values, aim) or stop():
                break
            shares = np.array([column.solution_value() for column in self._columns])
            if not self._separate(shares.reshape(worth.shape)):
                break
        return self._bound(worth, self._prices())

    def _solve(self) -> int:
        """Solve; once more another way where GLOP gives up on the way from the last basis."""
        for way in self._ways:
            self.work += _WARM * work_of(self._weights)
            status = int(self._solver.Solve(*way))
            if status in (self._optimal, self._infeasible):
                break
        return status

    def _bound(
        self, worth: NDArray[np.float64], prices: tuple[NDArray[np.float64], float]
    ) -> tuple[float, NDArray[np.float64], float]:
        price, constant = prices
        reduced = np.where(self.allowed, worth - price, -np.inf)
        return float(reduced.max(axis=1).sum() + constant), price, constant

    def _prices(self) -> tuple[NDArray[np.float64], float]:
        """Return what the rows charge for each LSOA, and the constant; valid whatever GLOP says."""
        prices, constant = np.zeros(self.allowed.size), 0.0
        for made, columns, weights, least, most in self._rows:
            dual = float(made.dual_value())
            limit = most if dual > 0 else least
            if abs(dual) > 1e-9 and np.isfinite(limit):
                constant += dual * limit
                prices[columns] += dual * weights
        return prices.reshape(self.allowed.shape), constant

    def _separate(self, shares: NDArray[np.float64]) -> bool:
        new = [pair for pair in self.pool.broken_by(shares) if pair not in self._cuts]
        if not new:
            found = separate_fractions(self.problem.graph, shares, alone=self._alone)
            new = [pair for pair in found if pair not in self._cuts]
        self.pool.add(cut for _, cut in new)
        count = self.allowed.shape[1]
        for label, cut in new:
            self._cuts[label, cut] = None
            lsoas, weights, limit = terms_of(cut)
            columns = np.array(lsoas, dtype=np.int64) * count + label
            self._row(columns, np.array(weights), -np.inf, limit)
        return bool(new)

    @property
    def cuts(self) -> tuple[tuple[int, Separator], ...]:
        """Separators, with their neighbourhoods, that the relaxation holds."""
        return tuple(self._cuts)


def _slow(values: list[float], aim: float) -> bool:
    """Whether the last rounds brought so little that the aim is out of reach."""
    if len(values) <= _LOOK_BACK:
        return False
    way = values[-1] - aim if np.isfinite(aim) else 0.01 * abs(values[-1])
    return values[-1 - _LOOK_BACK] - values[-1] < _PACE * way


class Maps:
    """The relaxation that patterns share: the rows of a map are the same whatever the pattern.

    Parameters
    ----------
    problem
        The place.
    pool
        Separators to try first; new ones are added.
    rows
        Separators that descents know (`boundaries.solve.assignment.dual_descent`); only read.
    """

    def __init__(self, problem: Problem, pool: Pool, rows: Rows) -> None:
        self.problem, self.pool, self.rows = problem, pool, rows
        self.entries = entries_of(problem)
        self._map: FixedMap | None = None

    def of(self, allowed: NDArray[np.bool_]) -> FixedMap:
        """Return a relaxation for what LSOAs may do; a new one where the old one has grown."""
        old = self._map
        if old is None or len(old.cuts) > _MOST_CUTS or not np.array_equal(old.allowed, allowed):
            old = self._map = FixedMap(self.problem, allowed, self.pool)
        return old
