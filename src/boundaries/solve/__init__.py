"""Place and rules in, plans with proofs out.

`solve_options` answers a whole study. The way through: `problem` (arrays) → `ladder` (options) →
`rungs` (each the best with so many moves) → `patterns` (where PCNs are anchored: a bound for each)
and `columns` (a bound for all) → `moving` (who moves) → `linear` (a proof) → `plans` (good plans,
fast). `connected` knows what hangs together, `freedom` what may go where, `effort` how much work
may be done. Beside the ladder, `near` and `around` look for other plans that are nearly as good,
`variants` solves a changed study again, and `clash` says why there is no plan at all. Next room:
`boundaries.measure`, which recomputes every figure from the plan alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from boundaries.solve.solved import Progress, Solved

if TYPE_CHECKING:
    from boundaries.solve.ladder import solve_options
    from boundaries.solve.near import better_options, find_near_plans
    from boundaries.solve.variants import solve_variant

__all__ = [
    "Progress",
    "Solved",
    "better_options",
    "find_near_plans",
    "solve_options",
    "solve_variant",
]

_ROOMS = {
    "solve_options": "boundaries.solve.ladder",
    "better_options": "boundaries.solve.near",
    "find_near_plans": "boundaries.solve.near",
    "solve_variant": "boundaries.solve.variants",
}


def __getattr__(name: str) -> Any:
    """Import the solver when it is first used: OR-Tools is heavy."""
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
