"""Which sets of PCNs can stand in a good pattern at all, where there are too many to reckon with.

Goes in: the worth of every set of PCNs. Comes out: the sets that may, and most that any pattern
with another one is worth. Next: `boundaries.solve.patterns.listing` lists the patterns of those.

Every pattern anchors each PCN as often as its span says, in so many neighbourhoods. So when each
anchor is charged and each neighbourhood too, such that no set is worth more than its charges, all
charges together bound every pattern; and a pattern with a set that is worth less than its charges
falls short by as much. A small linear programme finds the charges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.problem import Problem

__all__ = ["good_sets"]

_TURNS = 60
_MORE = 200
_CLOSE = 1e-7


def good_sets(
    problem: Problem, masks: NDArray[np.int64], worth: NDArray[np.float64], most: int
) -> tuple[NDArray[np.int64], float]:
    """Return the positions of the best sets, and a bound of every pattern with any other set.

    Parameters
    ----------
    problem
        The place.
    masks, worth
        Every set of PCNs that may stand in a pattern, and its worth.
    most
        How many to keep.

    Returns
    -------
    tuple[NDArray, float]
        The positions, in order, and the worth that no pattern with another set is above; minus
        infinity when every set is kept.
    """
    if len(masks) <= most:
        return np.arange(len(masks)), -np.inf
    total, short = _charge(problem, masks, worth)
    order = np.argsort(short, kind="stable")
    return np.sort(order[:most]), float(total - short[order[most]])


def _charge(
    problem: Problem, masks: NDArray[np.int64], worth: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return all charges together, and by how much each set is worth less than its charges."""
    from ortools.linear_solver import pywraplp  # noqa: PLC0415 - heavy

    solver: Any = pywraplp.Solver.CreateSolver("GLOP")
    pcns, most = len(problem.pcns), float(problem.total)
    charges = [solver.NumVar(-most, most, "") for _ in range(pcns + 1)]
    objective = solver.Objective()
    objective.SetMinimization()
    times = [*problem.span.tolist(), problem.neighbourhoods]
    for column, number in zip(charges, times, strict=True):
        objective.SetCoefficient(column, float(number))

    def keep_to(sets: NDArray[np.int64]) -> None:
        for at in sets.tolist():
            row = solver.Constraint(float(worth[at]), solver.infinity())
            for pcn in range(pcns):
                if int(masks[at]) >> pcn & 1:
                    row.SetCoefficient(charges[pcn], 1.0)
            row.SetCoefficient(charges[-1], 1.0)

    keep_to(np.flatnonzero([mask.bit_count() <= 2 for mask in masks.tolist()]))
    for _ in range(_TURNS):
        solver.Solve()
        price = np.array([column.solution_value() for column in charges])
        short = price[-1] - worth
        for pcn in range(pcns):
            short += price[pcn] * (masks >> pcn & 1)
        if short.min() > -_CLOSE * most:
            break
        worst = np.argsort(short, kind="stable")[:_MORE]
        keep_to(worst[short[worst] < 0])
    over = max(0.0, -float(short.min()))  # no set may be worth more, whatever GLOP says
    return float(price @ times) + problem.neighbourhoods * over, short + over
