"""Compile a function with Numba, and keep the result where that is possible.

Goes in: a function on arrays and numbers. Comes out: the same, compiled when it first runs (some
seconds, once on a machine) and free of Python's lock. Next:
`boundaries.solve.heuristics.annealing_kernel` and `boundaries.solve.assignment.enumeration`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled"]


def compiled(function: Callable[..., Any]) -> Any:
    """Return the compiled function; where no folder can be written to, it is compiled each time."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # Numba found nowhere to keep it
        return njit(nogil=True)(function)
