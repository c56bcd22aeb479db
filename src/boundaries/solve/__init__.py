"""Place and rules in, plans with proofs out.

`solve_options` answers a whole study. The way through this room: `problem` (arrays) → `anchors`
(every way PCNs can be anchored) → `prices` (a bound for each) → `hunt` (good plans, by `walk`) →
`rung` (best bound first), where each pattern has its `turns`: its sets of `movers` (a tree:
`grow`), else its relaxation (`relax`), then branch and cut (`tree`) → `ladder` (options); `near`
and `around` look for other plans that are nearly as good; `variants` solves a changed study again.
Next room: `boundaries.measure`, which recomputes every figure from the plan alone.
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
