"""Place and rules in, plans with proofs out. The relaxations are in README.md beside this file.

`solve_options` answers a whole study. The way through: `instance` (arrays) → `ladder` (options) →
`branch_and_bound` (each the best with so many moves) → `patterns` (where PCNs are anchored: a bound
for each) and `colgen` (a bound for all) → `assignment` (who moves) → `lp` (a proof) → `heuristics`
(good plans, fast). `graph` knows what hangs together, `domains` what may go where, `params` how
much work may be done. Beside the ladder, `explain` looks for other plans that are nearly as good
and solves a changed study again, and `infeasibility` says why there is no plan at all. Next room:
`boundaries.measure`, which recomputes every figure from the plan alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from boundaries.solve.result import Progress, Solved

if TYPE_CHECKING:
    from boundaries.solve.explain.alternatives import better_options, find_near_plans
    from boundaries.solve.explain.variants import solve_variant
    from boundaries.solve.grouping import group_areas
    from boundaries.solve.ladder import solve_options

__all__ = [
    "Progress",
    "Solved",
    "better_options",
    "find_near_plans",
    "group_areas",
    "solve_options",
    "solve_variant",
]

_ROOMS = {
    "solve_options": "boundaries.solve.ladder",
    "better_options": "boundaries.solve.explain.alternatives",
    "find_near_plans": "boundaries.solve.explain.alternatives",
    "group_areas": "boundaries.solve.grouping",
    "solve_variant": "boundaries.solve.explain.variants",
}


def __getattr__(name: str) -> Any:
    """Import the solver when it is first used: OR-Tools is heavy."""
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
