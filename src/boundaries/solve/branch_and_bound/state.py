"""What one rung knows while patterns are taken in turn.

Goes in: `Problem`, its patterns and their prices. Comes out: `Climb`, shared by the rungs of a
ladder, and `Race`, the state of one rung. Next: `boundaries.solve.branch_and_bound.steps` and
`boundaries.solve.branch_and_bound.loop`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.domains import freedom_of
from boundaries.solve.heuristics.annealing import disruption, keeps_rules, with_teams
from boundaries.solve.heuristics.tournament import Runner, crude_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from boundaries.solve.branch_and_bound.aggregate import Outlines
    from boundaries.solve.colgen.bound import Wholes
    from boundaries.solve.domains import Freedom, Pattern
    from boundaries.solve.heuristics.annealing import Found
    from boundaries.solve.instance import Problem
    from boundaries.solve.lp.fixed_assignment import Maps
    from boundaries.solve.lp.joint_relaxation import Pool, Relaxation
    from boundaries.solve.lp.separator_rows import Rows
    from boundaries.solve.params import Limits
    from boundaries.solve.patterns.k_best import Catalogue
    from boundaries.solve.patterns.lagrangian import Prices
    from boundaries.solve.patterns.move_multipliers import MovePrices
    from boundaries.solve.patterns.multiplier_filter import Screen

__all__ = ["EQUAL", "Climb", "Race", "fits", "known_plans", "runners"]

EQUAL = 1e-9
"""People served by which plans of the same worth may differ, by rounding alone."""

_PRICE_SHARE = 0.4
"""Most of a rung's work that prices of moves may take, at each aim."""


@dataclass
class Climb:
    """What the rungs of one ladder share.

    Parameters
    ----------
    problem
        The place.
    patterns
        Anchor patterns.
    prices
        Prices of LSOAs, from which bounds of the patterns follow; None without anchors.
    pool
        Separators found so far.
    benches
        Where patterns are sifted side by side: each has a relaxation of maps of its own.
    rows
        Separators found so far that the benches' descents know.
    plans
        Plans known of each pattern, at any number of moves.
    best
        People served by the best plan of each rung that has ended.
    charges
        What the rows of a map charge under the best prices found for each pattern.
    rest
        Most people that plans under any other pattern can serve with the moves of the rung: minus
        infinity where the patterns are all there are, infinity where the others have no bound.
    catalogue
        Where there are too many patterns: lists the best for each rung.
    listed
        Moves of the rung for which it did so last.
    screen
        What patterns are screened with, and what it learnt; None until there is need of it.
    ceiling
        Most people that any plan can serve, with any number of moves; infinity until it is sought.
    sought
        The lowest aim that the ceiling was to come under.
    outlines
        What patterns share that differ only in small PCNs; None until there is need of it.
    wholes, free
        Whole neighbourhoods under prices, with anchors and without; None until there is need.
    """

    problem: Problem
    patterns: list[Pattern]
    prices: Prices | None
    pool: Pool
    benches: tuple[Maps, ...]
    rows: Rows
    plans: dict[int, list[Found]] = field(default_factory=dict)
    best: dict[int, float] = field(default_factory=dict)
    charges: dict[Pattern, NDArray[np.float64]] = field(default_factory=dict)
    rest: float = -np.inf
    catalogue: Catalogue | None = None
    listed: int | None = None
    screen: Screen | None = None
    ceiling: float = np.inf
    sought: float = np.inf
    outlines: Outlines | None = None
    wholes: Wholes | None = None
    free: Wholes | None = None


class Race:
    """The state of one rung while patterns are taken in turn."""

    def __init__(
        self,
        shared: Climb,
        allowed_moves: int,
        limits: Limits,
        generator: np.random.Generator,
        tell: Callable[[float | None, float | None], None],
        stop: Callable[[], bool],
    ) -> None:
        self.shared, self.allowed_moves, self.limits = shared, allowed_moves, limits
        self.generator, self.tell, self.stop = generator, tell, stop
        self.best: Found | None = None
        self.best_pattern, self._ties = -1, (0, 0)
        self.priced: MovePrices | None = None
        self.upper = np.full(len(shared.patterns), shared.problem.total)
        if shared.prices is not None:
            from boundaries.solve.patterns.move_multipliers import with_moves  # noqa: PLC0415 - compiles on first use

            self.priced = with_moves(shared.problem, shared.prices, allowed_moves)
            priced = self.priced.upper
            self.upper[: len(priced)] = np.minimum(self.upper[: len(priced)], priced)
            self.upper[len(priced) :] = -np.inf  # joined later: walked only
        self.turns: dict[int, Relaxation] = {}
        self.searched: set[int] = set()
        self.sifts: dict[int, int] = {}
        self.walks = 0
        self.numbers: dict[Pattern, int] | None = None
        self.work = limits.work
        self.cap = np.inf

    @property
    def cutoff(self) -> float:
        """People served by the best plan, minus infinity without one."""
        return -np.inf if self.best is None else self.best.served

    @property
    def gain(self) -> float:
        """People whom a move brought here at least, by the best plans of the rungs before."""
        gains = [
            (self.cutoff - served) / (self.allowed_moves - moves)
            for moves, served in self.shared.best.items()
            if moves < self.allowed_moves
        ]
        return max(0.0, min(gains, default=0.0))

    @property
    def bound(self) -> float:
        """People served that no plan can have more of, as far as is known."""
        return float(max(min(max(self.upper.max(), self.shared.rest), self.cap), self.cutoff))

    def lower(self, cap: float) -> None:
        """Let no bound be above what plans of all patterns can serve at most."""
        self.cap = min(self.cap, cap)
        self.upper = np.minimum(self.upper, self.cap)

    def best_and(self, tolerance: float) -> float:
        """People served by the best plan, and so much of the others."""
        if self.best is None:
            return -np.inf
        return self.best.served + tolerance * (self.shared.problem.total - self.best.served)

    def aim(self, tolerance: float) -> float:
        """People served that bounds must come under, where patterns can do it."""
        if self.best is None:
            return -np.inf
        aim = self.best_and(tolerance)
        rest = min(self.shared.rest, self.cap)  # what no pattern here can bring down
        return max(aim, rest) if np.isfinite(rest) else aim

    def price_moves(self, tolerance: float) -> None:
        """Lower the bounds of patterns above the aim by prices of moves."""
        from boundaries.solve.patterns.move_multipliers import lower_bounds  # noqa: PLC0415 - compiles on first use

        shared, priced, aim = self.shared, self.priced, self.aim(tolerance)
        if shared.prices is None or priced is None or not np.isfinite(aim):
            return
        self.upper, tolls, work = lower_bounds(
            shared.problem,
            shared.prices,
            priced,
            self.upper,
            aim=aim,
            most_work=min(self.work, _PRICE_SHARE * self.limits.work),
            stop=self.stop,
        )
        self.priced = replace(priced, tolls=tolls)
        self.work -= work

    def freedom(self, pattern: int) -> Freedom:
        """Return what may go where under a pattern."""
        return freedom_of(self.shared.problem, self.shared.patterns[pattern], self.allowed_moves)

    def best_of(self, pattern: int) -> float:
        """People served by the best plan known of a pattern."""
        return max((f.served for f in self.shared.plans.get(pattern, [])), default=-np.inf)

    def offer(self, pattern: int, found: Found | None) -> None:
        """Keep a plan if it is new and good."""
        if found is None:
            return
        found = with_teams(self.shared.problem, found)
        plans = self.shared.plans.setdefault(pattern, [])
        if all(one.served != found.served for one in plans):
            plans.append(found)
        if self.take(pattern, found):
            self.report()

    def take(self, pattern: int, found: Found) -> bool:
        """Make a plan the best one if it is, and say so; of equals, the one that disrupts least."""
        ahead = np.inf if self.best is None else found.served - self.best.served
        if ahead < -EQUAL:
            return False
        ties = disruption(self.shared.problem, self.freedom(pattern), found)
        if ahead <= EQUAL and ties >= self._ties:
            return False
        self.best, self.best_pattern, self._ties = found, pattern, ties
        return True

    def number_of(self, pattern: Pattern) -> int | None:
        """Return the number of a pattern; one that is new joins where not all are listed."""
        shared = self.shared
        if self.numbers is None:
            self.numbers = {known: number for number, known in enumerate(shared.patterns)}
        if pattern not in self.numbers and shared.rest > -np.inf:
            self.numbers[pattern] = len(shared.patterns)
            shared.patterns.append(pattern)
            self.upper = np.append(self.upper, -np.inf)  # walked only: it has no prices
        return self.numbers.get(pattern)

    def report(self) -> None:
        """Tell the best objective and the bound."""
        total = self.shared.problem.total
        best = None if self.best is None else total - self.best.served
        bound = max(0.0, total - self.bound)
        self.tell(best, bound if self.bound < np.inf else None)


def known_plans(shared: Climb, allowed_moves: int) -> Iterator[tuple[int, Freedom, Found]]:
    """Yield the plans with at most so many moves, whichever rung found them, best first.

    Each comes with the number of its pattern and what may go where under it.
    """
    everything = [(pattern, one) for pattern, plans in shared.plans.items() for one in plans]
    frees: dict[int, Freedom] = {}
    for pattern, found in sorted(everything, key=lambda known: (-known[1].served, known[0])):
        if pattern not in frees:
            frees[pattern] = freedom_of(shared.problem, shared.patterns[pattern], allowed_moves)
        if keeps_rules(shared.problem, frees[pattern], found.lsoas, found.items):
            yield pattern, frees[pattern], found


def fits(free: Freedom, found: Found) -> bool:
    """Whether a plan keeps to what items may do."""
    rows = np.arange(len(found.items))
    moves = free.moves[rows, found.items].sum()
    return bool(free.items[rows, found.items].all() and moves <= free.allowed_moves)


def runners(race: Race, pattern: int) -> Iterator[Runner]:
    """Yield the starts of a pattern: where patients are, and the best plan that is known."""
    problem, free = race.shared.problem, race.freedom(pattern)
    if not free.possible:
        return
    yield Runner(pattern, free, crude_start(problem, free))
    known = [found for found in race.shared.plans.get(pattern, []) if fits(free, found)]
    if known:
        best = max(known, key=lambda found: found.served)
        yield Runner(pattern, free, (best.lsoas, best.items), best)
