"""Plans nearly as good as a known one that differ from it as much as they can.

Goes in: `Problem`, a plan under its pattern of anchors, and how many people out of step more than
the best are still nearly as good. Comes out: plans, each of which puts something elsewhere that no
plan before it did, and for every LSOA and practice the least that leaving can cost.
Next: `boundaries.solve.explain.alternatives` turns positions into codes.

Plans are solved for, not met by chance: what has not yet been seen elsewhere is forbidden where it
is, and being elsewhere is worth something to all else that has not been seen there either. Who
cannot leave is shown by linear programmes: with the unit forbidden where it is, no plan under the
pattern is good enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.domains import freedom_of
from boundaries.solve.heuristics.annealing import Found, anneal, round_shares, served_people
from boundaries.solve.lp.joint_relaxation import Pool, Relaxation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from boundaries.solve.domains import Freedom, Pattern
    from boundaries.solve.instance import Problem

__all__ = ["Around", "AroundLimits"]

_HOMES = 3
"""How often a better plan may become the one to look around."""

_REWARDS = 7
_RAISE = 1.7
_MARGIN = 1e-6


@dataclass(frozen=True)
class AroundLimits:
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


class Around:
    """What is known of the plans around one plan.

    Parameters
    ----------
    problem, pattern, home
        The place, and the plan to look around under its pattern of anchors.
    allowed_moves
        Most practices that may move.
    tolerance
        Plans whose objective is within this share of the best one's are nearly as good.
    limits, generator, stop
        Work allowed, the source of chance, and whether to end early.
    """

    def __init__(  # noqa: PLR0913 - a look around is these things
        self,
        problem: Problem,
        pattern: Pattern,
        home: Found,
        *,
        allowed_moves: int,
        tolerance: float,
        limits: AroundLimits,
        generator: np.random.Generator,
        stop: Callable[[], bool],
    ) -> None:
        self.problem, self.pattern, self.home = problem, pattern, home
        self.allowed_moves, self.tolerance = allowed_moves, tolerance
        self.limits, self.generator, self.stop = limits, generator, stop
        self.free = freedom_of(problem, pattern, allowed_moves)
        self.best, self.better = home.served, (home, pattern)
        self.reward = 1.0
        self.plans: list[Found] = []
        self._known: set[bytes] = {_print(home)}
        self.lsoas_seen = np.zeros(len(problem.lsoas), dtype=bool)
        self.items_seen = np.zeros(len(problem.practices), dtype=bool)
        self.lsoas_least = np.zeros(len(problem.lsoas))
        self.items_least = np.zeros(len(problem.practices))
        self.relaxed_lsoas: NDArray[np.float64] | None = None

    @property
    def cutoff(self) -> float:
        """Plans that serve fewer people than this are not nearly as good."""
        objective = self.problem.total - self.best
        return self.problem.total - objective * (1 + self.tolerance)

    def run(self) -> None:
        """Look around: plans that differ, then who cannot leave, then plans for the rest."""
        self._improve()
        for _ in range(_HOMES):
            self._spread()
            for pattern in self._other_patterns():
                if self.stop():
                    return
                self._visit(pattern)
            self._look_for_open_units()
            if not self._rehome():
                break
        if self.limits.rounds > 0 and not self.stop():
            self._prove()
            self._look_for_open_units()

    def _look_for_open_units(self) -> None:
        for free in self._open_units():
            if self.stop():
                return
            self._force(free)

    def near(self) -> list[Found]:
        """Return the plans within the tolerance of the best one, in the order they were found."""
        return [found for found in self.plans if found.served >= self.cutoff - _MARGIN]

    def _improve(self) -> None:
        """Anneal the plan itself: what follows is measured against the best that is known."""
        for heat in (0.3, 1.0):
            found = self._anneal(self.free, self.home, steps=4 * self.limits.steps, heat=heat)
            if found is not None and found.served > self.home.served + _MARGIN:
                self.home = found
        self.best, self.better = self.home.served, (self.home, self.pattern)
        self._known = {_print(self.home)}
        self.plans = []
        self.lsoas_seen[:] = False
        self.items_seen[:] = False

    def _rehome(self) -> bool:
        """Look around the best plan known from here on, when a better one was met on the way."""
        better, pattern = self.better
        if better.served <= self.home.served + _MARGIN:
            return False
        plans, self.plans, self.home = [self.home, *self.plans], [], better
        self.pattern = pattern
        self.free = freedom_of(self.problem, pattern, self.allowed_moves)
        self._known = {_print(better)}
        self.lsoas_seen[:] = False
        self.items_seen[:] = False
        for found in plans:
            self.offer(found, None)
        return True

    def offer(self, found: Found | None, pattern: Pattern | None) -> bool:
        """Keep a plan that is nearly as good and new; say whether it was good enough."""
        if found is None or found.served < self.cutoff - _MARGIN:
            return False
        found, pattern = self._under_home_labels(found, pattern)
        if pattern is not None and found.served > self.better[0].served:
            self.better = found, pattern
        self.best = max(self.best, found.served)
        print_ = _print(found)
        lsoas = found.lsoas != self.home.lsoas
        count = len(self.problem.practices)
        items = found.items[:count] != self.home.items[:count]
        if print_ not in self._known and ((lsoas & ~self.lsoas_seen).any()
                                          or (items & ~self.items_seen).any()):  # fmt: skip
            self._known.add(print_)
            self.plans.append(found)
            self.lsoas_seen |= lsoas
            self.items_seen |= items
        return True

    def _under_home_labels(
        self, found: Found, pattern: Pattern | None
    ) -> tuple[Found, Pattern | None]:
        """Rename neighbourhoods so that most residents keep theirs: names alone are no change."""
        from ortools.graph.python import linear_sum_assignment  # noqa: PLC0415 - heavy

        count = self.problem.neighbourhoods
        shared = np.zeros((count, count), dtype=np.int64)
        np.add.at(shared, (found.lsoas, self.home.lsoas), self.problem.residents)
        solver = linear_sum_assignment.SimpleLinearSumAssignment()
        old, new = (part.ravel() for part in np.indices(shared.shape))
        solver.add_arcs_with_cost(old, new, (shared.max() - shared).ravel())
        solver.solve()
        names = np.array([solver.right_mate(label) for label in range(count)], dtype=np.int64)
        if (names == np.arange(count)).all():
            return found, pattern
        found = Found(names[found.lsoas], names[found.items], found.served)
        if pattern is None:
            return found, None
        return found, tuple(pattern[label] for label in np.argsort(names).tolist())

    def _anneal(
        self, free: Freedom, start: Found, *, steps: int, heat: float, reward: float = 0.0
    ) -> Found | None:
        """Anneal, with a reward for every LSOA that is where no plan has had it yet."""
        problem = self.problem
        items = start.items[: len(problem.people)]
        if reward > 0:
            labels = np.arange(problem.neighbourhoods)
            here = self.home.lsoas[None, :] == labels[:, None]
            drawn = -reward * (here & ~self.lsoas_seen[None, :])
            whole = self.problem.total
            problem = replace(problem, people=np.vstack([problem.people, drawn]))
            heat *= whole / max(1.0, problem.total)  # heat is counted against all people
            fixed = np.eye(len(labels), dtype=bool)
            still = np.zeros(fixed.shape, dtype=np.int64)
            free = replace(
                free, items=np.vstack([free.items, fixed]), moves=np.vstack([free.moves, still])
            )
            items = np.concatenate([items, labels])
        found = anneal(problem, free, (start.lsoas, items), self.generator, steps=steps, heat=heat)
        if found is None:
            return None
        items = found.items[: len(self.problem.people)]
        return Found(found.lsoas, items, served_people(self.problem, found.lsoas, items))

    # Who cannot leave

    def _prove(self) -> None:
        """Find, for each unit, what a plan under the pattern must cost in which it is elsewhere."""
        free = self._pinned()
        turn = Relaxation(self.problem, free, Pool(len(self.problem.lsoas)), self.cutoff)
        for _ in range(self.limits.rounds):
            if self.stop() or turn.programme.work > 0.5 * self.limits.work or not turn.once():
                break
        spent = self.best - self.cutoff
        if turn.now.bound <= self.cutoff:  # the plan itself is all there is
            self.lsoas_least[:] = spent
            self.items_least[self.free.items[: len(self.items_least)].sum(axis=1) > 1] = spent
            return
        self.relaxed_lsoas = turn.now.lsoas
        kept = turn.now.freedom
        open_units = self._by_price()
        for which, labels, allowed, columns in (
            (self.items_least, self.home.items, kept.items, turn.built.item),
            (self.lsoas_least, self.home.lsoas, kept.lsoas, turn.built.place),
        ):
            order = open_units if which is self.lsoas_least else range(len(which))
            for unit in order:
                here = int(labels[unit])
                if which is self.items_least and self.free.items[unit].sum() == 1:
                    continue  # the option's limit on moves holds it, not its worth
                if allowed[unit].sum() == 1 and allowed[unit, here]:
                    which[unit] = spent
                elif (unit, here) in columns and turn.programme.work < self.limits.work:
                    which[unit] = self._least(turn, columns[unit, here])

    def _by_price(self) -> list[int]:
        """Return LSOAs, first those whose patients are tied most to where they are."""
        worth, rows = self._worth(), np.arange(len(self.home.lsoas))
        here = worth[rows, self.home.lsoas]
        worth[rows, self.home.lsoas] = -np.inf
        order: list[int] = np.lexsort((rows, worth.max(axis=1) - here)).tolist()
        return order

    def _least(self, turn: Relaxation, column: int) -> float:
        turn.programme.limit(column, 0.0, 0.0)
        value = turn.programme.solve()
        turn.programme.free(column)
        if value is None:
            return 0.0
        reached = max(value + _MARGIN * self.problem.total * 0.1, self.cutoff)
        return max(0.0, self.best - reached)

    def _pinned(self) -> Freedom:
        """Tell neighbourhoods with the same PCNs apart: the LSOA worth most to each stays."""
        lsoas = self.free.lsoas.copy()
        worth = self._worth()
        for label, mask in enumerate(self.pattern):
            if self.pattern.count(mask) > 1:
                members = np.flatnonzero(self.home.lsoas == label)
                heart = int(members[worth[members, label].argmax()])
                lsoas[heart] = np.arange(len(self.pattern)) == label
        return replace(self.free, lsoas=lsoas)

    def _worth(self) -> NDArray[np.float64]:
        """People of each LSOA that each neighbourhood would serve."""
        worth = np.zeros((len(self.problem.lsoas), self.problem.neighbourhoods))
        for item, label in enumerate(self.home.items.tolist()):
            worth[:, label] += self.problem.people[item]
        return worth

    def proven(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """LSOAs and practices that no plan nearly as good under the pattern has elsewhere."""
        spent = self.best - self.cutoff - 1e-3
        return self.lsoas_least >= spent, self.items_least >= spent

    # Plans that differ

    def _spread(self) -> None:
        """Raise the reward for being elsewhere to where plans are hardly good enough; go on there.

        Each plan found takes the reward from what it has elsewhere: the next goes another way.
        """
        reward = 0.05 * (self.problem.total - self.best) / len(self.problem.lsoas)
        top, step = reward, _RAISE**2
        for number in range(_REWARDS + self.limits.spread):
            if self.stop():
                return
            steps = 2 * self.limits.steps
            heat = (1.0, 0.3)[number % 2]
            found = self._anneal(self.free, self.home, steps=steps, heat=heat, reward=reward)
            good = self.offer(found, self.pattern)
            if number < _REWARDS:
                top = reward if good else top
                reward *= step if good else step**-0.5
                step = step if good else step**0.5
            else:
                reward = top * (1.0, 0.6, 0.35, 0.2)[number % 4]
        self.reward = 0.5 * top

    def _visit(self, pattern: Pattern) -> None:
        """Look for a plan under another pattern."""
        free = freedom_of(self.problem, pattern, self.allowed_moves)
        start = self._start(free, self.home.lsoas)
        self._try(free, start, pattern)

    def _try(self, free: Freedom, start: Found | None, pattern: Pattern) -> None:
        if start is None:
            return
        for reward in (self.reward, 0.0):
            found = self._anneal(free, start, steps=self.limits.steps, heat=0.5, reward=reward)
            if self.offer(found, pattern):
                return

    def _start(self, free: Freedom, lsoas: NDArray[np.int64]) -> Found | None:
        """Return LSOAs with the items put where most of their people are."""
        if not free.possible:
            return None
        inside = (lsoas[:, None] == np.arange(self.problem.neighbourhoods)[None, :]).astype(float)
        reach = self.problem.people @ inside
        rows = np.arange(len(free.items))
        stay = free.items[rows, self.home.items] & (free.moves[rows, self.home.items] == 0)
        at_home = free.items & (free.moves == 0)
        allowed = np.where(at_home.any(axis=1)[:, None], at_home, free.items)
        items = np.where(allowed, reach, -np.inf).argmax(axis=1)
        moved = free.items[rows, self.home.items]
        keep = stay | (moved & (free.moves[rows, self.home.items] > 0))
        wanted = np.where(keep, self.home.items, items)
        spent = int(free.moves[rows, wanted].sum())
        if spent > free.allowed_moves:
            wanted = np.where(stay, self.home.items, items)
            if int(free.moves[rows, wanted].sum()) > free.allowed_moves:
                return None
        return Found(lsoas, wanted, 0.0)

    def _other_patterns(self) -> Iterator[Pattern]:
        """Yield patterns in which one PCN, or two in exchange, is based elsewhere; likely first."""
        count, pcns = self.problem.neighbourhoods, len(self.problem.pcns)
        if not self.problem.anchored:
            return
        inside = (self.home.lsoas[:, None] == np.arange(count)[None, :]).astype(float)
        served = np.zeros((pcns, len(self.problem.lsoas)))
        belongs = np.flatnonzero(self.problem.pcn_of >= 0)
        np.add.at(served, self.problem.pcn_of[belongs], self.problem.people[belongs])
        reach = served @ inside
        moves: list[tuple[float, Pattern]] = []
        steps = [
            (float(reach[pcn, old] - reach[pcn, new]), pcn, old, new)
            for pcn in range(pcns)
            for old in range(count)
            for new in range(count)
            if self.pattern[old] >> pcn & 1 and not self.pattern[new] >> pcn & 1
        ]
        for loss, pcn, old, new in steps:
            moves.append((loss, _moved(self.pattern, ((pcn, old, new),))))
            for more, other, start, end in steps:
                if other > pcn and start == new and end == old:
                    both = ((pcn, old, new), (other, start, end))
                    moves.append((loss + more, _moved(self.pattern, both)))
        good = sorted((loss, pattern) for loss, pattern in moves if all(pattern))
        for _, pattern in good[: self.limits.patterns]:
            yield pattern

    def _open_units(self) -> Iterator[Freedom]:
        """Yield, for each unit neither seen elsewhere nor proven to stay, what it forbids."""
        lsoas, items = self.proven()
        tried = 0
        for unit in np.flatnonzero(self.free.items[: len(items)].sum(axis=1) > 1).tolist():
            if self.items_seen[unit] or items[unit] or tried >= self.limits.units:
                continue
            tried += 1
            forbidden = self.free.items.copy()
            forbidden[unit, self.home.items[unit]] = False
            yield replace(self.free, items=forbidden)
        for unit in reversed(self._by_price()):
            if self.lsoas_seen[unit] or lsoas[unit] or tried >= self.limits.units:
                continue
            tried += 1
            forbidden = self.free.lsoas.copy()
            forbidden[unit, self.home.lsoas[unit]] = False
            yield replace(self.free, lsoas=forbidden)

    def _force(self, free: Freedom) -> None:
        """Look for a plan with what is forbidden where it is now, from the nearest plan to it."""
        shares = np.where(free.lsoas, 1e-3, 0.0)
        rows = np.arange(len(shares))
        shares[rows, self.home.lsoas] += np.where(free.lsoas[rows, self.home.lsoas], 1.0, 0.0)
        for unit in np.flatnonzero(~free.lsoas[rows, self.home.lsoas]).tolist():
            near = [int(self.home.lsoas[b]) for b in self.problem.graph.beside[unit]]
            for label in near:
                if free.lsoas[unit, label]:
                    shares[unit, label] += 1.0
            if self.relaxed_lsoas is not None:
                shares[unit] += np.where(free.lsoas[unit], self.relaxed_lsoas[unit], 0.0)
        lsoas = round_shares(self.problem, shares)
        if not free.lsoas[rows, lsoas].all():
            return
        self._try(free, self._start(free, lsoas), self.pattern)


def _moved(pattern: Pattern, changes: tuple[tuple[int, int, int], ...]) -> Pattern:
    masks = list(pattern)
    for pcn, old, new in changes:
        masks[old] &= ~(1 << pcn)
        masks[new] |= 1 << pcn
    return tuple(masks)


def _print(found: Found) -> bytes:
    return found.lsoas.tobytes() + found.items.tobytes()
