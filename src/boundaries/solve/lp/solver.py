"""A linear programme that grows: columns and rows in, optimum, values and reduced costs out.

Goes in: `LabelModel`. Comes out: `Programme`, a thin coat over OR-Tools' GLOP that starts each
solve from the last basis. Next: `boundaries.solve.lp.joint_relaxation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.work import work_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from boundaries.solve.lp.model import LabelModel, Row

__all__ = ["Programme", "ways_to_solve"]


def ways_to_solve() -> tuple[tuple[Any, ...], ...]:
    """Return what GLOP is told, in turn, until it does not give up.

    Rows are added all the time, so the last basis is nearly right for the dual simplex; presolve
    would throw it away.
    """
    from ortools.linear_solver import pywraplp  # noqa: PLC0415 - heavy

    dual = pywraplp.MPSolverParameters()
    dual.SetIntegerParam(dual.PRESOLVE, dual.PRESOLVE_OFF)
    dual.SetIntegerParam(dual.LP_ALGORITHM, dual.DUAL)
    return (dual,), ()


class Programme:
    """A relaxation being solved again and again.

    Parameters
    ----------
    built
        The model; whole columns are relaxed.
    """

    def __init__(self, built: LabelModel) -> None:
        from ortools.linear_solver import pywraplp  # noqa: PLC0415 - heavy

        self._solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._infinity = self._solver.infinity()
        self._optimal, self._infeasible = pywraplp.Solver.OPTIMAL, pywraplp.Solver.INFEASIBLE
        self._ways = ways_to_solve()
        self._most = list(built.most)
        self.columns = [self._solver.NumVar(0.0, most, "") for most in built.most]
        objective = self._solver.Objective()
        for column, gain in zip(self.columns, built.gain, strict=True):
            if gain:
                objective.SetCoefficient(column, gain)
        objective.SetMaximization()
        self._objective = objective
        self.weights = 0
        self.work = 0.0
        self.add(built.rows)

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows."""
        for row in rows:
            made = self._solver.Constraint(
                max(row.least, -self._infinity), min(row.most, self._infinity)
            )
            self.weights += len(row.columns)
            for column, weight in zip(row.columns, row.weights, strict=True):
                made.SetCoefficient(self.columns[column], weight)

    def limit(self, column: int, least: float, most: float) -> None:
        """Change the bounds of a column."""
        self.columns[column].SetBounds(least, most)

    def free(self, column: int) -> None:
        """Give a column its own bounds back."""
        self.columns[column].SetBounds(0.0, self._most[column])

    def solve(self) -> float | None:
        """Return the optimum; minus infinity when there is none, None when GLOP gave up."""
        for way in self._ways:
            self.work += work_of(self.weights)
            status = self._solver.Solve(*way)
            if status == self._optimal:
                return float(self._objective.Value())
            if status == self._infeasible:
                return -np.inf
        return None

    def values(self) -> NDArray[np.float64]:
        """Values of the columns in the optimum."""
        return np.array([column.solution_value() for column in self.columns])

    def reduced_costs(self) -> NDArray[np.float64]:
        """How much the optimum falls, at least, for a column at 0 to go to 1."""
        return np.maximum(0.0, [-column.reduced_cost() for column in self.columns])
