"""What one rung knows while patterns are taken in turn.

Goes in: `Instance`, its patterns and their multipliers. Comes out: `LadderState`, shared by the
rungs of a ladder, and `RungState`, the state of one rung. Next:
`boundaries.solve.branch_and_bound.steps` and `boundaries.solve.branch_and_bound.loop`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.domains import domains_of
from boundaries.solve.heuristics.annealing import disruption, keeps_rules, with_teams
from boundaries.solve.heuristics.tournament import Entrant, greedy_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from boundaries.solve.branch_and_bound.aggregate import AggregatePatterns
    from boundaries.solve.colgen.bound import ColumnGeneration
    from boundaries.solve.colgen.by_leader import BoundByLeader
    from boundaries.solve.domains import AnchorPattern, Domains
    from boundaries.solve.heuristics.annealing import Solution
    from boundaries.solve.instance import Instance
    from boundaries.solve.lp.fixed_assignment import WorkerContext
    from boundaries.solve.lp.joint_relaxation import JointRelaxation, SeparatorPool
    from boundaries.solve.lp.separator_rows import SeparatorRows
    from boundaries.solve.params import Limits
    from boundaries.solve.patterns.k_best import Catalogue
    from boundaries.solve.patterns.lagrangian import LagrangianBounds
    from boundaries.solve.patterns.move_multipliers import MoveBounds
    from boundaries.solve.patterns.multiplier_filter import MultiplierFilter

__all__ = ["EQUAL", "LadderState", "RungState", "entrants", "fits", "known_plans"]

EQUAL = 1e-9
"""People served by which plans of the same worth may differ, by rounding alone."""

_MULTIPLIER_SHARE = 0.4
"""Most of a rung's work that multipliers of moves may take, at each target."""


@dataclass
class LadderState:
    """What the rungs of one ladder share.

    Parameters
    ----------
    instance
        The place.
    patterns
        Anchor patterns.
    lagrangian
        Multipliers of LSOAs, from which bounds of the patterns follow; None without anchors.
    pool
        Separators found so far.
    contexts
        Where patterns are bounded side by side: each has a relaxation of maps of its own.
    rows
        Separators found so far that the benches' descents know.
    plans
        Plans known of each pattern, at any number of moves.
    incumbent_values
        People served by the best plan of each rung that has ended.
    row_duals
        What the rows of a map charge under the best multipliers found for each pattern.
    unlisted_bound
        Most people that plans under any other pattern can serve with the moves of the rung: minus
        infinity where the patterns are all there are, infinity where the others have no bound.
    catalogue
        Where there are too many patterns: lists the best for each rung.
    listed
        Moves of the rung for which it did so last.
    multiplier_filter
        What patterns are filtered with, and what it learnt; None until there is need of it.
    global_bound
        Most people that any plan can serve, with any number of moves; infinity until it is sought.
    global_target
        The lowest target that the global bound was to come under.
    aggregates
        What patterns share that differ only in small PCNs; None until there is need of it.
    by_leader
        Neighbourhoods by who leads them; None until there is need.
    colgen, free_colgen
        Whole neighbourhoods under multipliers, with anchors and without; None until there is need.
    """

    instance: Instance
    patterns: list[AnchorPattern]
    lagrangian: LagrangianBounds | None
    pool: SeparatorPool
    contexts: tuple[WorkerContext, ...]
    rows: SeparatorRows
    plans: dict[int, list[Solution]] = field(default_factory=dict)
    incumbent_values: dict[int, float] = field(default_factory=dict)
    row_duals: dict[AnchorPattern, NDArray[np.float64]] = field(default_factory=dict)
    unlisted_bound: float = -np.inf
    catalogue: Catalogue | None = None
    listed: int | None = None
    multiplier_filter: MultiplierFilter | None = None
    global_bound: float = np.inf
    global_target: float = np.inf
    aggregates: AggregatePatterns | None = None
    by_leader: BoundByLeader | None = None
    colgen: ColumnGeneration | None = None
    free_colgen: ColumnGeneration | None = None


class RungState:
    """The state of one rung while patterns are taken in turn."""

    def __init__(
        self,
        ladder: LadderState,
        allowed_moves: int,
        limits: Limits,
        generator: np.random.Generator,
        tell: Callable[[float | None, float | None], None],
        stop: Callable[[], bool],
    ) -> None:
        self.ladder, self.allowed_moves, self.limits = ladder, allowed_moves, limits
        self.generator, self.tell, self.stop = generator, tell, stop
        self.incumbent: Solution | None = None
        self.incumbent_pattern, self._ties = -1, (0, 0)
        self.move_bounds: MoveBounds | None = None
        listed = ladder.unlisted_bound < np.inf  # else those of good plans only: annealed
        self.dual_bounds = np.full(
            len(ladder.patterns), ladder.instance.total if listed else -np.inf
        )
        if ladder.lagrangian is not None:
            from boundaries.solve.patterns.move_multipliers import bound_with_moves  # noqa: PLC0415 - compiles on first use

            self.move_bounds = bound_with_moves(ladder.instance, ladder.lagrangian, allowed_moves)
            without_moves = self.move_bounds.dual_bounds
            self.dual_bounds[: len(without_moves)] = np.minimum(
                self.dual_bounds[: len(without_moves)], without_moves
            )
            self.dual_bounds[len(without_moves) :] = -np.inf  # joined later: annealed only
        self.relaxations: dict[int, JointRelaxation] = {}
        self.searched: set[int] = set()
        self.tree_runs: dict[int, int] = {}
        self.annealings = 0
        self.numbers: dict[AnchorPattern, int] | None = None
        self.work = limits.work
        self.global_bound = np.inf
        self.led = False

    @property
    def incumbent_value(self) -> float:
        """People served by the best plan, minus infinity without one."""
        return -np.inf if self.incumbent is None else self.incumbent.served

    @property
    def gain(self) -> float:
        """People whom a move brought here at least, by the best plans of the rungs before."""
        gains = [
            (self.incumbent_value - served) / (self.allowed_moves - moves)
            for moves, served in self.ladder.incumbent_values.items()
            if moves < self.allowed_moves
        ]
        return max(0.0, min(gains, default=0.0))

    @property
    def bound(self) -> float:
        """People served that no plan can have more of, as far as is known."""
        return float(
            max(
                min(
                    max(self.dual_bounds.max(initial=-np.inf), self.ladder.unlisted_bound),
                    self.global_bound,
                ),
                self.incumbent_value,
            )
        )

    def cap_at(self, global_bound: float) -> None:
        """Let no bound be above what plans of all patterns can serve at most."""
        self.global_bound = min(self.global_bound, global_bound)
        self.dual_bounds = np.minimum(self.dual_bounds, self.global_bound)

    def above_incumbent(self, target_gap: float) -> float:
        """People served by the best plan, and so much of the others."""
        if self.incumbent is None:
            return -np.inf
        return self.incumbent.served + target_gap * (
            self.ladder.instance.total - self.incumbent.served
        )

    def target(self, target_gap: float) -> float:
        """People served that bounds must come under, where patterns can do it."""
        if self.incumbent is None:
            return -np.inf
        target = self.above_incumbent(target_gap)
        rest = min(
            self.ladder.unlisted_bound, self.global_bound
        )  # what no pattern here can bring down
        return max(target, rest) if np.isfinite(rest) else target

    def tighten_with_moves(self, target_gap: float) -> None:
        """Lower the bounds of patterns above the target by multipliers of moves."""
        from boundaries.solve.patterns.move_multipliers import tighten_bounds  # noqa: PLC0415 - compiles on first use

        ladder, move_bounds, target = self.ladder, self.move_bounds, self.target(target_gap)
        if ladder.lagrangian is None or move_bounds is None or not np.isfinite(target):
            return
        self.dual_bounds, multipliers, work = tighten_bounds(
            ladder.instance,
            ladder.lagrangian,
            move_bounds,
            self.dual_bounds,
            target=target,
            most_work=min(self.work, _MULTIPLIER_SHARE * self.limits.work),
            stop=self.stop,
        )
        self.move_bounds = replace(move_bounds, multipliers=multipliers)
        self.work -= work

    def domains(self, pattern: int) -> Domains:
        """Return what may go where under a pattern."""
        return domains_of(self.ladder.instance, self.ladder.patterns[pattern], self.allowed_moves)

    def best_value(self, pattern: int) -> float:
        """People served by the best plan known of a pattern."""
        return max((f.served for f in self.ladder.plans.get(pattern, [])), default=-np.inf)

    def offer(self, pattern: int, solution: Solution | None) -> None:
        """Keep a plan if it is new and good."""
        if solution is None:
            return
        solution = with_teams(self.ladder.instance, solution)
        plans = self.ladder.plans.setdefault(pattern, [])
        if all(one.served != solution.served for one in plans):
            plans.append(solution)
        if self.take(pattern, solution):
            self.report()

    def take(self, pattern: int, solution: Solution) -> bool:
        """Make a plan the best one if it is, and say so; of equals, the one that disrupts least."""
        ahead = np.inf if self.incumbent is None else solution.served - self.incumbent.served
        if ahead < -EQUAL:
            return False
        ties = disruption(self.ladder.instance, self.domains(pattern), solution)
        if ahead <= EQUAL and ties >= self._ties:
            return False
        self.incumbent, self.incumbent_pattern, self._ties = solution, pattern, ties
        return True

    def number_of(self, pattern: AnchorPattern) -> int | None:
        """Return the number of a pattern; one that is new joins where not all are listed."""
        ladder = self.ladder
        if self.numbers is None:
            self.numbers = {known: number for number, known in enumerate(ladder.patterns)}
        if pattern not in self.numbers and ladder.unlisted_bound > -np.inf:
            self.numbers[pattern] = len(ladder.patterns)
            ladder.patterns.append(pattern)
            self.dual_bounds = np.append(
                self.dual_bounds, -np.inf
            )  # annealed only: it has no multipliers
        return self.numbers.get(pattern)

    def report(self) -> None:
        """Tell the best objective and the bound."""
        total = self.ladder.instance.total
        best = None if self.incumbent is None else total - self.incumbent.served
        bound = max(0.0, total - self.bound)
        self.tell(best, bound if self.bound < np.inf else None)


def known_plans(ladder: LadderState, allowed_moves: int) -> Iterator[tuple[int, Domains, Solution]]:
    """Yield the plans with at most so many moves, whichever rung found them, best first.

    Each comes with the number of its pattern and what may go where under it.
    """
    everything = [(pattern, one) for pattern, plans in ladder.plans.items() for one in plans]
    frees: dict[int, Domains] = {}
    for pattern, solution in sorted(everything, key=lambda known: (-known[1].served, known[0])):
        if pattern not in frees:
            frees[pattern] = domains_of(ladder.instance, ladder.patterns[pattern], allowed_moves)
        if keeps_rules(ladder.instance, frees[pattern], solution.lsoas, solution.items):
            yield pattern, frees[pattern], solution


def fits(free: Domains, solution: Solution) -> bool:
    """Whether a plan keeps to what items may do."""
    rows = np.arange(len(solution.items))
    moves = free.moves[rows, solution.items].sum()
    return bool(free.items[rows, solution.items].all() and moves <= free.allowed_moves)


def entrants(state: RungState, pattern: int) -> Iterator[Entrant]:
    """Yield the starts of a pattern: where patients are, and the best plan that is known."""
    instance, free = state.ladder.instance, state.domains(pattern)
    if not free.possible:
        return
    yield Entrant(pattern, free, greedy_start(instance, free))
    known = [solution for solution in state.ladder.plans.get(pattern, []) if fits(free, solution)]
    if known:
        best = max(known, key=lambda solution: solution.served)
        yield Entrant(pattern, free, (best.lsoas, best.items), best)
