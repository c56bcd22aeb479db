"""Place and rules in, plans with proofs out.

`solve_options` answers a whole study. The way through this room: `problem` (arrays) → `anchors`
(every way PCNs can be anchored, each with a bound) → `rung` (best bound first) → `leaf` (relax,
then branch and cut; `model`, `connected`) with plans from `search` → `ladder` (options).
Next room: `boundaries.measure`, which recomputes every figure from the plan alone.
"""

from boundaries.solve.solved import Progress, Solved

__all__ = ["Progress", "Solved", "solve_options"]


def __getattr__(name: str) -> object:
    if name == "solve_options":
        from boundaries.solve.ladder import solve_options  # noqa: PLC0415 - ortools is heavy

        return solve_options
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
