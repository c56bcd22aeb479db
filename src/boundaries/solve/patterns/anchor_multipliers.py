"""Which PCN sets can stand in a good pattern at all, where there are too many to reckon with.

Goes in: the profit of every PCN set. Comes out: the sets that may, and the most that any pattern
with another one is worth. Next: `boundaries.solve.patterns.k_best` lists the patterns of those.

Every pattern anchors each PCN as often as its span says, in so many neighbourhoods. The linear
programme over PCN sets has a dual for each anchor and one for the number of neighbourhoods
(``nu_anchor``): where no PCN set's profit is above its duals, all duals together bound every
pattern, and a pattern with a set whose reduced profit is negative falls short by as much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.params import ANCHOR_DUALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["AnchorMultipliers", "best_pcn_sets"]


def best_pcn_sets(
    instance: Instance, pcn_sets: NDArray[np.int64], profit: NDArray[np.float64], most: int
) -> tuple[NDArray[np.int64], float]:
    """Return the positions of the best sets, and a bound of every pattern with any other set.

    Parameters
    ----------
    instance
        The place.
    pcn_sets, profit
        Every PCN set that may stand in a pattern, and its worth.
    most
        How many to keep.

    Returns
    -------
    tuple[NDArray, float]
        The positions, in order, and the worth that no pattern with another set is above; minus
        infinity when every set is kept.
    """
    if len(pcn_sets) <= most:
        return np.arange(len(pcn_sets)), -np.inf
    total, short = _solve_multipliers(instance, pcn_sets, profit)
    order = np.argsort(short, kind="stable")
    return np.sort(order[:most]), float(total - short[order[most]])


def _solve_multipliers(
    instance: Instance, pcn_sets: NDArray[np.int64], profit: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return all multipliers together, and how far each set's profit is below its own."""
    bits = (pcn_sets[:, None] >> np.arange(len(instance.pcns))[None, :] & 1).astype(np.float64)
    times = np.array([*instance.span.tolist(), instance.neighbourhoods], dtype=np.float64)
    total, nu_anchor, _ = AnchorMultipliers(bits, times, float(instance.total)).solve(profit)
    return total, bits @ nu_anchor[:-1] + nu_anchor[-1] - profit


class AnchorMultipliers:
    """Multipliers for anchors and neighbourhoods that no set is worth more than.

    Parameters
    ----------
    bits
        Sets by PCNs: 1 where the set has it.
    times
        How often each PCN is anchored, then how many neighbourhoods there are.
    most
        No charge is above it or below its negative.
    """

    def __init__(self, bits: NDArray[np.float64], times: NDArray[np.float64], most: float) -> None:
        from ortools.linear_solver import pywraplp  # noqa: PLC0415 - heavy

        self.bits, self.times, self.most = bits, times, most
        self.rounds = 0
        self._solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._plain = pywraplp.MPSolverParameters()
        self._plain.SetIntegerParam(self._plain.PRESOLVE, self._plain.PRESOLVE_OFF)
        self._optimal = pywraplp.Solver.OPTIMAL
        self._nu_anchor = np.zeros(len(times))
        self._columns = [self._solver.NumVar(-most, most, "") for _ in times]
        objective = self._solver.Objective()
        objective.SetMinimization()
        for column, number in zip(self._columns, times.tolist(), strict=True):
            objective.SetCoefficient(column, number)
        self._rows: dict[int, Any] = {}

    def solve(
        self, profit: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64], dict[int, float]]:
        """Return the sum of multipliers, the multipliers, and the tight sets with their shares.

        The last charge is that of a neighbourhood. Sets may be worth less each time.
        """
        for at, row in self._rows.items():
            row.SetLb(float(profit[at]))
        if not self._rows:
            self._keep_to(np.flatnonzero(self.bits.sum(axis=1) <= 2), profit)
        self.rounds = 0
        for _ in range(ANCHOR_DUALS.turns):
            self.rounds += 1
            solved = self._solve()
            nu_anchor = self._nu_anchor.copy()
            short = self.bits @ nu_anchor[:-1] + nu_anchor[-1] - profit
            if not solved or short.min() > -ANCHOR_DUALS.close * self.most:
                break
            worst = np.argsort(short, kind="stable")[: ANCHOR_DUALS.more]
            self._keep_to(worst[short[worst] < 0], profit)
        over = max(0.0, -float(short.min()))  # no set may be worth more, whatever GLOP says
        tight = {at: float(row.dual_value()) for at, row in sorted(self._rows.items())}
        nu_anchor[-1] += over
        return (
            float(nu_anchor @ self.times),
            nu_anchor,
            {a: d for a, d in tight.items() if d > ANCHOR_DUALS.tight},
        )

    def _solve(self) -> bool:
        """Find the multipliers of the rows so far; False where GLOP gives up: those before stay."""
        for parameters in ((), (self._plain,)):
            if self._solver.Solve(*parameters) == self._optimal:
                self._nu_anchor = np.array([column.solution_value() for column in self._columns])
                return True
        return False

    def _keep_to(self, sets: NDArray[np.int64], profit: NDArray[np.float64]) -> None:
        for at in sets.tolist():
            if at in self._rows:
                continue  # short by a rounding
            row = self._rows[at] = self._solver.Constraint(
                float(profit[at]), self._solver.infinity()
            )
            for pcn in np.flatnonzero(self.bits[at]).tolist():
                row.SetCoefficient(self._columns[pcn], 1.0)
            row.SetCoefficient(self._columns[-1], 1.0)
