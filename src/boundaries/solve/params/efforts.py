"""How much work an effort is: counts, never seconds, so that every machine does the same.

Goes in: the study's effort. Comes out: `Limits`. Next: `boundaries.solve.branch_and_bound.loop`
keeps to them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = [
    "Limits",
    "NearOptimalLimits",
    "limits_for",
]


@dataclass(frozen=True)
class Limits:
    """Work that one rung may take.

    Parameters
    ----------
    work
        Linear programmes solved, each counted by its size (`boundaries.solve.work.work_of`); about
        seconds of one core. A rung that is not within 1 % may take more
        (`boundaries.solve.branch_and_bound.loop`).
    steps
        Steps of the shortest annealing runs (`boundaries.solve.heuristics.tournament`).
    wide
        Patterns that are annealed.
    promising
        Patterns that are annealed longest, and those that are annealed again after relaxing.
    maps
        Work of drawing maps where not all patterns are listed (`heuristics.alternation`).
    """

    work: float
    steps: int
    wide: int
    promising: int
    maps: float = 0.0

    def for_few(self, patterns: int) -> Limits:
        """Return the same with so many patterns annealed at most, each for longer."""
        wide = min(self.wide, patterns)
        return replace(self, wide=wide, steps=self.steps * self.wide // wide)


@dataclass(frozen=True)
class NearOptimalLimits:
    """Work that looking around one plan may take: counts, never seconds.

    Parameters
    ----------
    rounds
        Rounds of the relaxation that shows who cannot leave; 0 leaves it out.
    work
        Linear programmes solved for that, each counted by its size.
    spread
        Plans looked for that put as much elsewhere as they can.
    patterns
        Other ways of basing PCNs that are tried.
    units
        LSOAs and practices for which a plan is looked for in which they are elsewhere.
    steps
        Proposals of each annealing run.
    """

    rounds: int
    work: float
    spread: int
    patterns: int
    units: int
    steps: int


_LIMITS = {
    "quick": Limits(8.0, 20_000, 60, 4, 2.0),
    "standard": Limits(60.0, 60_000, 240, 8, 10.0),
    "thorough": Limits(600.0, 200_000, 1_000, 16, 100.0),
}


_BOROUGH = 220
"""LSOAs of a large borough."""


def limits_for(effort: str, lsoas: int = 0) -> Limits:
    """Return the work limits of an effort: ``quick``, ``standard`` or ``thorough``.

    Places with more LSOAs than a large borough may take more work, and have more patterns annealed:
    their size to the power of 3. Maps are drawn for longer as well, but a quick look is over when
    its seconds are.
    """
    limits, size = _LIMITS[effort], max(1.0, lsoas / _BOROUGH)
    return replace(
        limits,
        work=limits.work * size**3,
        wide=round(limits.wide * size**3),
        maps=limits.maps * size**2,
    )
