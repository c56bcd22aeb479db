"""How much work an effort is: counts, never seconds, so that every machine does the same.

Goes in: the study's effort. Comes out: `Limits`. Next: `boundaries.solve.rung` keeps to them.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits", "limits_for", "work_of"]


@dataclass(frozen=True)
class Limits:
    """Work that one rung may take.

    Parameters
    ----------
    work
        Linear programmes solved, each counted by its size (`work_of`); about seconds of one core.
    starts, steps
        Annealing runs from each promising pattern, and proposals of each.
    promising
        Patterns that annealing looks at.
    """

    work: float
    starts: int
    steps: int
    promising: int


_LIMITS = {
    "quick": Limits(8.0, 1, 30_000, 3),
    "standard": Limits(100.0, 2, 120_000, 6),
    "thorough": Limits(900.0, 4, 400_000, 12),
}


def work_of(weights: int) -> float:
    """Return the work of solving a linear programme with so many non-zero weights, warm."""
    return 0.012 + 1.2 * float((weights / 100_000) ** 1.5)


def limits_for(effort: str) -> Limits:
    """Return the work limits of an effort: ``quick``, ``standard`` or ``thorough``."""
    return _LIMITS[effort]
