"""How much work an effort is: counts, never seconds, so that every machine does the same.

Goes in: the study's effort. Comes out: `Limits`. Next: `boundaries.solve.rung` keeps to them.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits", "limits_for"]


@dataclass(frozen=True)
class Limits:
    """Work that one rung may take.

    Parameters
    ----------
    relaxations
        Patterns whose relaxation is solved.
    nodes
        Nodes of all branch-and-cut trees together.
    starts, steps
        Annealing runs from each promising pattern, and proposals of each.
    promising
        Patterns that annealing looks at.
    rounds
        Rounds of rows of each relaxation.
    """

    relaxations: int
    nodes: int
    starts: int
    steps: int
    promising: int
    rounds: int


_LIMITS = {
    "quick": Limits(60, 300, 2, 40_000, 3, 30),
    "standard": Limits(400, 4_000, 2, 150_000, 6, 60),
    "thorough": Limits(4_000, 60_000, 4, 400_000, 12, 100),
}


def limits_for(effort: str) -> Limits:
    """Return the work limits of an effort: ``quick``, ``standard`` or ``thorough``."""
    return _LIMITS[effort]
