"""Place and rules in, plans with proofs out.

`solve_options` answers a whole study. The way through this room: `problem` (arrays) → `anchors`
(every way PCNs can be anchored, each with a bound) → `rung` (best bound first) → `leaf` (relax,
then branch and cut; `model`, `connected`) with plans from `search` → `ladder` (options).
Next room: `boundaries.measure`, which recomputes every figure from the plan alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from boundaries.solve.solved import Progress, Solved

if TYPE_CHECKING:
    from boundaries.solve.ladder import solve_options

__all__ = ["Progress", "Solved", "solve_options"]


def __getattr__(name: str) -> Any:
    """Import the solver when it is first used: OR-Tools is heavy."""
    if name == "solve_options":
        return import_module("boundaries.solve.ladder").solve_options
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
