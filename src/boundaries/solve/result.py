"""What the solver says: plans with proofs, and how it is getting on.

Goes in: nothing. Comes out: `Solved` and `Progress`, the two values that leave this package.
Next: `boundaries.run.options` has every claim measured and refereed by code that shares nothing
with the solver.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from boundaries.plan import Plan

__all__ = ["Progress", "Solved", "propagate_bounds"]


@dataclass(frozen=True)
class Solved:
    """One option as the solver leaves it.

    Parameters
    ----------
    option_id
        ``move-0``, ``best-fit``, ``teams-stay``, ``footprint`` …; with ``-k5`` behind it where the
        study asked for a range of neighbourhood counts.
    family
        ``ladder``, ``best-fit``, ``closest``, ``teams-stay`` or ``footprint``.
    plan
        The best plan found.
    objective
        Misaligned patients plus weighted residents whose team changes plus bonds parted, without
        what is left out (model, section 5).
    bound
        No plan that keeps the rules can have a smaller objective; None when nothing is proven.
    status
        ``optimal`` only when the bound proves it for the whole problem, else ``feasible``.
    allowed_moves
        Most practices that may move, or None for any number.
    neighbourhoods
        How many neighbourhoods the plan has.
    seconds
        Time taken.
    left_out
        What the objective leaves out: ``teams``, ``bonds`` (``best-fit``, ``closest``).
    """

    option_id: str
    family: Literal["ladder", "best-fit", "closest", "teams-stay", "footprint"]
    plan: Plan
    objective: float
    bound: float | None
    status: Literal["optimal", "feasible"]
    allowed_moves: int | None
    neighbourhoods: int
    seconds: float
    left_out: frozenset[str] = frozenset()

    def with_bound(self, bound: float | None, step: float = 0.0) -> Solved:
        """Return the option with a bound where that is better than its own.

        Parameters
        ----------
        bound
            No plan that keeps the rules can have a smaller objective; None where nothing is known.
        step
            Objectives differ by as much at least: the plan is optimal when the bound is nearer.
        """
        if bound is None or (self.bound is not None and bound <= self.bound):
            return self
        proven = bound >= self.objective or self.objective - bound < step
        return replace(
            self,
            bound=self.objective if proven else bound,
            status="optimal" if proven else self.status,
        )


@dataclass(frozen=True)
class Progress:
    """How the search for one option is getting on.

    Parameters
    ----------
    option_id
        The option being solved.
    best
        Objective of the best plan so far; None before the first.
    bound
        The best bound so far; None before the first.
    seconds
        Time since this option was begun.
    """

    option_id: str
    best: float | None
    bound: float | None
    seconds: float

    @property
    def gap(self) -> float | None:
        """(best − bound) / best, or None while either is missing."""
        if self.best is None or self.bound is None:
            return None
        return 0.0 if self.best == 0 else max(0.0, (self.best - self.bound) / self.best)


def propagate_bounds(rungs: list[Solved]) -> list[Solved]:
    """Return a ladder in which no rung has a weaker bound than the rungs above it.

    What no plan with more moves can do better than, no plan with fewer can.

    Parameters
    ----------
    rungs
        Options of one count of neighbourhoods, fewest moves first.
    """
    known: float | None = None
    better: list[Solved] = []
    for rung in reversed(rungs):
        better.append(rung.with_bound(known))
        known = max((one for one in (rung.bound, known) if one is not None), default=None)
    return better[::-1]
