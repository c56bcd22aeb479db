"""Have the kernels of the assignment tree compiled before the clock of a rung runs.

Goes in: nothing. Comes out: nothing. Next: `boundaries.solve.branch_and_bound.steps` asks for it.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.assignment.dual_descent import dual_descent, most_alike
from boundaries.solve.assignment.enumeration import (
    after,
    below,
    enumerate_mover_sets,
    splitting_weights,
    tighten_bounds,
    values,
)

__all__ = ["compile_kernels"]


def compile_kernels() -> None:
    """Have every kernel of a tree compiled, on next to nothing."""
    profit, constants, none = np.zeros((1, 1, 2)), np.zeros(1), np.zeros(1, dtype=np.int64)
    entries = (np.array([0, 1]), none, np.ones(1))
    home, mover, label, cost = none, none, none + 1, none + 1
    split_weights = splitting_weights(*entries, home, none, 1, 1)
    values(profit[0], profit, constants, none)
    after(none, constants, mover, cost, 0)
    below(
        profit, constants, *entries, home, mover, label, cost, none, constants, 0,
        split_weights, split_weights, 0.0,
    )  # fmt: skip
    sets, bounds, _, _ = enumerate_mover_sets(
        profit, constants, *entries, home, mover, label, (none, none, none), -1.0, (1, 4)
    )
    tighten_bounds(profit[0], 0.0, *entries, home, mover, label, sets, bounds)
    dual_descent(
        profit[0], np.ones(1), 0.0, 1.0, none, none[:0], *([constants[:0]] * 3),
        np.zeros((1, 2)), *entries, home, mover, label, cost, none, constants, 1, split_weights,
        0.0, 1,
    )  # fmt: skip
    most_alike(none, none[:, None])
