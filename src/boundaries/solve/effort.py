"""How much work an effort is: counts, never seconds, so that every machine does the same.

Goes in: the study's effort. Comes out: `Limits`. Next: `boundaries.solve.rungs.rung` keeps to them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Limits", "limits_for", "work_of"]


@dataclass(frozen=True)
class Limits:
    """Work that one rung may take.

    Parameters
    ----------
    work
        Linear programmes solved, each counted by its size (`work_of`); about seconds of one core.
        A rung that is not within 1 % may take more (`boundaries.solve.rungs.rung`).
    steps
        Steps of the shortest walks (`boundaries.solve.plans.hunt`).
    wide
        Patterns that are walked.
    promising
        Patterns that are walked longest, and those that are walked again after relaxing.
    """

    work: float
    steps: int
    wide: int
    promising: int

    def for_few(self, patterns: int) -> Limits:
        """Return the same with so many patterns walked at most, each for longer."""
        wide = min(self.wide, patterns)
        return replace(self, wide=wide, steps=self.steps * self.wide // wide)


_LIMITS = {
    "quick": Limits(8.0, 20_000, 60, 4),
    "standard": Limits(60.0, 60_000, 240, 8),
    "thorough": Limits(600.0, 200_000, 1_000, 16),
}


_BOROUGH = 220
"""LSOAs of a large borough."""


def work_of(weights: int) -> float:
    """Return the work of solving a linear programme with so many non-zero weights, warm."""
    return 0.012 + 1.2 * float((weights / 100_000) ** 1.5)


def limits_for(effort: str, lsoas: int = 0) -> Limits:
    """Return the work limits of an effort: ``quick``, ``standard`` or ``thorough``.

    Places with more LSOAs than a large borough may take more work, and have more patterns walked:
    their size to the power of 3.
    """
    limits, times = _LIMITS[effort], max(1.0, (lsoas / _BOROUGH) ** 3)
    return replace(limits, work=limits.work * times, wide=round(limits.wide * times))
