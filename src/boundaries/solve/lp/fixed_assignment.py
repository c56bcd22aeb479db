"""The map for practices that sit still: a relaxation whose duals bound other sets of movers too.

Goes in: `Instance`, which LSOAs may be where, separators known. Comes out: `FixedAssignmentLP`,
which is solved again and again for other places of the practices: only its objective changes, its
rows stay. Next: `boundaries.solve.assignment.tree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.graph import PopulationRule, terms_of
from boundaries.solve.instance import entries_of
from boundaries.solve.lp.separation import separate_fractions
from boundaries.solve.lp.solver import ways_to_solve
from boundaries.solve.work import work_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.graph import Separator
    from boundaries.solve.instance import Instance
    from boundaries.solve.lp.joint_relaxation import SeparatorPool
    from boundaries.solve.lp.separator_rows import SeparatorRows

__all__ = ["FixedAssignmentLP", "WorkerContext"]

_ROUNDS = 200
_LOOK_BACK = 5
_SLOW = 0.03
"""A round that brings the bound down by less than this share of its way is the last."""

_WARM = 0.25
"""Work of solving again after a few changes, against that of a relaxation that has grown."""

_PARTED = 1e-3
"""Share by which two neighbours differ in a neighbourhood for their bond to count."""

_MOST_CUTS = 400
"""Separators with which a relaxation is begun anew."""


class FixedAssignmentLP:
    """LSOAs to neighbourhoods, relaxed: once each, within the band, with separators.

    Parameters
    ----------
    instance
        The place.
    allowed
        LSOAs by neighbourhoods: may it be there?
    pool
        Separators to try first; new ones are added.
    """

    def __init__(self, instance: Instance, allowed: NDArray[np.bool_], pool: SeparatorPool) -> None:
        from ortools.linear_solver import pywraplp  # noqa: PLC0415 - heavy

        self.instance, self.allowed, self.pool = instance, allowed, pool
        self._solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._optimal, self._infeasible = pywraplp.Solver.OPTIMAL, pywraplp.Solver.INFEASIBLE
        self._ways = ways_to_solve()
        self._columns = [
            self._solver.NumVar(0.0, float(open_), "") for open_ in allowed.ravel().tolist()
        ]
        self._objective: Any = self._solver.Objective()
        self._objective.SetMaximization()
        self._rows: list[
            tuple[Any, NDArray[np.int64], NDArray[np.float64], float, float, float]
        ] = []
        self._cuts: dict[tuple[int, Separator], None] = {}
        self._parted = np.zeros((len(instance.graph.bonded_pairs), allowed.shape[1]), dtype=bool)
        self._gains = np.zeros(allowed.size)
        self._weights = 0
        self._rule = PopulationRule.of(instance.graph, instance.residents, instance.least)
        self.work = 0.0
        lsoas, count = allowed.shape
        ones = np.ones(count)
        for a in range(lsoas):
            self._row(np.arange(count) + a * count, ones, 1.0, 1.0, has_dual=False)
        heads = instance.residents.astype(np.float64)
        for label in range(count):
            inside = np.arange(lsoas) * count + label
            self._row(inside, heads, float(instance.least), float(instance.most))

    def _row(
        self,
        columns: NDArray[np.int64],
        weights: NDArray[np.float64],
        least: float,
        most: float,
        *,
        has_dual: bool = True,
        cap: float = np.inf,
    ) -> None:
        """Add a row; with a cap it may be broken, which costs so much for each one it is above."""
        made = self._solver.Constraint(
            max(least, -self._solver.infinity()), min(most, self._solver.infinity())
        )
        for column, weight in zip(columns.tolist(), weights.tolist(), strict=True):
            made.SetCoefficient(self._columns[column], weight)
        if cap < np.inf:
            over = self._solver.NumVar(0.0, 1.0, "")
            made.SetCoefficient(over, -1.0)
            self._objective.SetCoefficient(over, -cap)
        self._weights += len(columns)
        if has_dual:
            self._rows.append((made, columns, weights, least, most, cap))

    def solve(
        self,
        profit: NDArray[np.float64],
        target: float,
        *,
        stop: Callable[[], bool] = lambda: False,
    ) -> tuple[float, NDArray[np.float64], float] | None:
        """Bound the plans of a profit (LSOAs by neighbourhoods) until that is under the target.

        Returns
        -------
        tuple | None
            The bound (minus infinity when there is no such map), the duals of LSOAs in
            neighbourhoods, and their constant: for any worth w,  constant + Σ max (w − duals)
            bounds its plans. None when GLOP gave up.
        """
        for column in np.flatnonzero(profit.ravel() != self._gains).tolist():
            self._objective.SetCoefficient(self._columns[column], float(profit.flat[column]))
        self._gains = profit.ravel().copy()
        values: list[float] = []
        for _ in range(_ROUNDS):
            status = self._solve()
            if status == self._infeasible:
                return -np.inf, np.zeros(profit.shape), -np.inf
            if status != self._optimal:
                return None
            values.append(float(self._objective.Value()))
            if values[-1] <= target or len(values) == _ROUNDS or _slow(values, target) or stop():
                break
            shares = np.array([column.solution_value() for column in self._columns])
            if not self._separate(shares.reshape(profit.shape)):
                break
        return self._bound(profit, self._dual_vector())

    def _solve(self) -> int:
        """Solve; once more another way where GLOP gives up on the way from the last basis."""
        for way in self._ways:
            self.work += _WARM * work_of(self._weights)
            status = int(self._solver.Solve(*way))
            if status in (self._optimal, self._infeasible):
                break
        return status

    def _bound(
        self, profit: NDArray[np.float64], dual_vector: tuple[NDArray[np.float64], float]
    ) -> tuple[float, NDArray[np.float64], float]:
        vector, constant = dual_vector
        reduced = np.where(self.allowed, profit - vector, -np.inf)
        return float(reduced.max(axis=1).sum() + constant), vector, constant

    def _dual_vector(self) -> tuple[NDArray[np.float64], float]:
        """Return the duals of the rows for each LSOA, and the constant.

        Valid whatever GLOP says.
        """
        dual_vector, constant = np.zeros(self.allowed.size), 0.0
        for made, columns, weights, least, most, cap in self._rows:
            dual = min(float(made.dual_value()), cap)
            limit = most if dual > 0 else least
            if abs(dual) > 1e-9 and np.isfinite(limit):
                constant += dual * limit
                dual_vector[columns] += dual * weights
        return dual_vector.reshape(self.allowed.shape), constant

    def _separate(self, shares: NDArray[np.float64]) -> bool:
        parted = self._add_parted(shares)
        new = [pair for pair in self.pool.broken_by(shares) if pair not in self._cuts]
        if not new:
            found = separate_fractions(self.instance.graph, shares, population_rule=self._rule)
            new = [pair for pair in found if pair not in self._cuts]
        self.pool.add(cut for _, cut in new)
        count = self.allowed.shape[1]
        for label, cut in new:
            self._cuts[label, cut] = None
            lsoas, weights, limit = terms_of(cut)
            columns = np.array(lsoas, dtype=np.int64) * count + label
            self._row(columns, np.array(weights), -np.inf, limit)
        return bool(new) or parted

    def _add_parted(self, shares: NDArray[np.float64]) -> bool:
        """Add the rows of bonds that the relaxed map parts; return whether there are any."""
        graph, count = self.instance.graph, self.allowed.shape[1]
        pairs = graph.bonded_pairs
        heads, tails, bonds = graph.heads[pairs], graph.tails[pairs], graph.bond[pairs]
        parted = (shares[heads] - shares[tails] > _PARTED) & ~self._parted
        for pair, label in np.argwhere(parted).tolist():
            columns = np.array([heads[pair], tails[pair]]) * count + label
            self._row(columns, np.array([1.0, -1.0]), -np.inf, 0.0, cap=float(bonds[pair]))
        self._parted |= parted
        return bool(parted.any())

    @property
    def cuts(self) -> tuple[tuple[int, Separator], ...]:
        """Separators, with their neighbourhoods, that the relaxation holds."""
        return tuple(self._cuts)


def _slow(values: list[float], target: float) -> bool:
    """Whether the last rounds brought so little that the target is out of reach."""
    if len(values) <= _LOOK_BACK:
        return False
    way = values[-1] - target if np.isfinite(target) else 0.01 * abs(values[-1])
    return values[-1 - _LOOK_BACK] - values[-1] < _SLOW * way


class WorkerContext:
    """The relaxation that patterns share: the rows of a map are the same whatever the pattern.

    Parameters
    ----------
    instance
        The place.
    pool
        Separators to try first; new ones are added.
    rows
        Separators that descents know (`boundaries.solve.assignment.dual_descent`); only read.
    """

    def __init__(self, instance: Instance, pool: SeparatorPool, rows: SeparatorRows) -> None:
        self.instance, self.pool, self.rows = instance, pool, rows
        self.entries = entries_of(instance)
        self._map: FixedAssignmentLP | None = None

    def of(self, allowed: NDArray[np.bool_]) -> FixedAssignmentLP:
        """Return a relaxation for what LSOAs may do; a new one where the old one has grown."""
        old = self._map
        if old is None or len(old.cuts) > _MOST_CUTS or not np.array_equal(old.allowed, allowed):
            old = self._map = FixedAssignmentLP(self.instance, allowed, self.pool)
        return old
