"""Plans nearly as good as a known one that differ from it as much as they can.

Goes in: `Instance`, a plan under its pattern of anchors, and how many people out of step more than
the best are still nearly as good. Comes out: plans, each of which puts something elsewhere that no
plan before it did, and for every LSOA and practice the least that leaving can cost.
Next: `boundaries.solve.explain.alternatives` turns positions into codes.

Plans are solved for, not met by chance: what has not yet been seen elsewhere is forbidden where it
is, and being elsewhere is worth something to all else that has not been seen there either. Who
cannot leave is shown by linear programmes: with the unit forbidden where it is, no plan under the
pattern is good enough.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.domains import domains_of
from boundaries.solve.heuristics.annealing import (
    Solution,
    anneal,
    round_shares,
    served_people,
    with_teams,
)
from boundaries.solve.lp.joint_relaxation import JointRelaxation, SeparatorPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from boundaries.solve.domains import AnchorPattern, Domains
    from boundaries.solve.instance import Instance
    from boundaries.solve.params import NearOptimalLimits

__all__ = ["NearOptimalSearch"]

_HOMES = 3
"""How often a better plan may become the one to look around."""

_REWARDS = 7
_RAISE = 1.7
_MARGIN = 1e-6


class NearOptimalSearch:
    """What is known of the plans around one plan.

    Parameters
    ----------
    instance, pattern, home
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
        instance: Instance,
        pattern: AnchorPattern,
        home: Solution,
        *,
        allowed_moves: int,
        tolerance: float,
        limits: NearOptimalLimits,
        generator: np.random.Generator,
        stop: Callable[[], bool],
    ) -> None:
        self.instance, self.pattern, self.home = instance, pattern, home
        self.allowed_moves, self.tolerance = allowed_moves, tolerance
        self.limits, self.generator, self.stop = limits, generator, stop
        self.free = domains_of(instance, pattern, allowed_moves)
        self.best, self.better = home.served, (home, pattern)
        self.reward = 1.0
        self.plans: list[Solution] = []
        self._known: set[bytes] = {_print(home)}
        self.lsoas_seen = np.zeros(len(instance.lsoas), dtype=bool)
        self.items_seen = np.zeros(len(instance.practices), dtype=bool)
        self.lsoas_least = np.zeros(len(instance.lsoas))
        self.items_least = np.zeros(len(instance.practices))
        self.relaxed_lsoas: NDArray[np.float64] | None = None

    @property
    def threshold(self) -> float:
        """Plans that serve fewer people than this are not nearly as good."""
        objective = self.instance.total - self.best
        return self.instance.total - objective * (1 + self.tolerance)

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

    def near(self) -> list[Solution]:
        """Return the plans within the tolerance of the best one, in the order they were found."""
        return [found for found in self.plans if found.served >= self.threshold - _MARGIN]

    def _improve(self) -> None:
        """Anneal the plan itself: what follows is measured against the best that is known."""
        for temperature in (0.3, 1.0):
            found = self._anneal(
                self.free, self.home, steps=4 * self.limits.steps, temperature=temperature
            )
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
        self.free = domains_of(self.instance, pattern, self.allowed_moves)
        self._known = {_print(better)}
        self.lsoas_seen[:] = False
        self.items_seen[:] = False
        for found in plans:
            self.offer(found, None)
        return True

    def offer(self, found: Solution | None, pattern: AnchorPattern | None) -> bool:
        """Keep a plan that is nearly as good and new; say whether it was good enough."""
        if found is None or found.served < self.threshold - _MARGIN:
            return False
        found, pattern = self._under_home_labels(found, pattern)
        if pattern is not None and found.served > self.better[0].served:
            self.better = found, pattern
        self.best = max(self.best, found.served)
        print_ = _print(found)
        lsoas = found.lsoas != self.home.lsoas
        count = len(self.instance.practices)
        items = found.items[:count] != self.home.items[:count]
        if print_ not in self._known and ((lsoas & ~self.lsoas_seen).any()
                                          or (items & ~self.items_seen).any()):  # fmt: skip
            self._known.add(print_)
            self.plans.append(found)
            self.lsoas_seen |= lsoas
            self.items_seen |= items
        return True

    def _under_home_labels(
        self, found: Solution, pattern: AnchorPattern | None
    ) -> tuple[Solution, AnchorPattern | None]:
        """Rename neighbourhoods so that most residents keep theirs: names alone are no change."""
        from ortools.graph.python import linear_sum_assignment  # noqa: PLC0415 - heavy

        count = self.instance.neighbourhoods
        shared = np.zeros((count, count), dtype=np.int64)
        np.add.at(shared, (found.lsoas, self.home.lsoas), self.instance.residents)
        solver = linear_sum_assignment.SimpleLinearSumAssignment()
        old, new = (part.ravel() for part in np.indices(shared.shape))
        solver.add_arcs_with_cost(old, new, (shared.max() - shared).ravel())
        solver.solve()
        names = np.array([solver.right_mate(label) for label in range(count)], dtype=np.int64)
        if (names == np.arange(count)).all():
            return found, pattern
        found = Solution(names[found.lsoas], names[found.items], found.served)
        if pattern is None:
            return found, None
        return found, tuple(pattern[label] for label in np.argsort(names).tolist())

    def _anneal(
        self, free: Domains, start: Solution, *, steps: int, temperature: float, reward: float = 0.0
    ) -> Solution | None:
        """Anneal, with a reward for every LSOA that is where no plan has had it yet."""
        instance = self.instance
        items = start.items[: len(instance.people)]
        if reward > 0:
            labels = np.arange(instance.neighbourhoods)
            here = self.home.lsoas[None, :] == labels[:, None]
            drawn = -reward * (here & ~self.lsoas_seen[None, :])
            total = self.instance.total
            instance = replace(instance, people=np.vstack([instance.people, drawn]))
            temperature *= total / max(1.0, instance.total)  # heat is counted against all people
            fixed = np.eye(len(labels), dtype=bool)
            still = np.zeros(fixed.shape, dtype=np.int64)
            free = replace(
                free, items=np.vstack([free.items, fixed]), moves=np.vstack([free.moves, still])
            )
            items = np.concatenate([items, labels])
        found = anneal(
            instance,
            free,
            (start.lsoas, items),
            self.generator,
            steps=steps,
            temperature=temperature,
        )
        if found is None:
            return None
        items = found.items[: len(self.instance.people)]
        served = served_people(self.instance, found.lsoas, items)
        return with_teams(self.instance, Solution(found.lsoas, items, served))

    # Who cannot leave

    def _prove(self) -> None:
        """Find, for each unit, what a plan under the pattern must cost in which it is elsewhere."""
        free = self._pinned()
        relaxation = JointRelaxation(
            self.instance, free, SeparatorPool(len(self.instance.lsoas)), self.threshold
        )
        for _ in range(self.limits.rounds):
            if (
                self.stop()
                or relaxation.programme.work > 0.5 * self.limits.work
                or not relaxation.once()
            ):
                break
        spent = self.best - self.threshold
        if relaxation.now.bound <= self.threshold:  # the plan itself is all there is
            self.lsoas_least[:] = spent
            self.items_least[self.free.items[: len(self.items_least)].sum(axis=1) > 1] = spent
            return
        self.relaxed_lsoas = relaxation.now.lsoas
        kept = relaxation.now.domains
        open_units = self._by_regret()
        for which, labels, allowed, columns in (
            (self.items_least, self.home.items, kept.items, relaxation.built.item),
            (self.lsoas_least, self.home.lsoas, kept.lsoas, relaxation.built.place),
        ):
            order = open_units if which is self.lsoas_least else range(len(which))
            for unit in order:
                here = int(labels[unit])
                if which is self.items_least and self.free.items[unit].sum() == 1:
                    continue  # the option's limit on moves holds it, not its worth
                if allowed[unit].sum() == 1 and allowed[unit, here]:
                    which[unit] = spent
                elif (unit, here) in columns and relaxation.programme.work < self.limits.work:
                    which[unit] = self._least(relaxation, columns[unit, here])

    def _by_regret(self) -> list[int]:
        """Return LSOAs, first those whose patients are tied most to where they are."""
        profit, rows = self._profits(), np.arange(len(self.home.lsoas))
        here = profit[rows, self.home.lsoas]
        profit[rows, self.home.lsoas] = -np.inf
        order: list[int] = np.lexsort((rows, profit.max(axis=1) - here)).tolist()
        return order

    def _least(self, relaxation: JointRelaxation, column: int) -> float:
        relaxation.programme.limit(column, 0.0, 0.0)
        value = relaxation.programme.solve()
        relaxation.programme.free(column)
        if value is None:
            return 0.0
        reached = max(value + _MARGIN * self.instance.total * 0.1, self.threshold)
        return max(0.0, self.best - reached)

    def _pinned(self) -> Domains:
        """Tell neighbourhoods with the same PCNs apart: the LSOA worth most to each stays."""
        lsoas = self.free.lsoas.copy()
        profit = self._profits()
        for label, pcn_set in enumerate(self.pattern):
            if self.pattern.count(pcn_set) > 1:
                members = np.flatnonzero(self.home.lsoas == label)
                heart = int(members[profit[members, label].argmax()])
                lsoas[heart] = np.arange(len(self.pattern)) == label
        return replace(self.free, lsoas=lsoas)

    def _profits(self) -> NDArray[np.float64]:
        """People of each LSOA that each neighbourhood would serve."""
        profit = np.zeros((len(self.instance.lsoas), self.instance.neighbourhoods))
        for item, label in enumerate(self.home.items.tolist()):
            profit[:, label] += self.instance.people[item]
        return profit

    def proven(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """LSOAs and practices that no plan nearly as good under the pattern has elsewhere."""
        spent = self.best - self.threshold - 1e-3
        return self.lsoas_least >= spent, self.items_least >= spent

    # Plans that differ

    def _spread(self) -> None:
        """Raise the reward for being elsewhere to where plans are hardly good enough; go on there.

        Each plan found takes the reward from what it has elsewhere: the next goes another way.
        """
        reward = 0.05 * (self.instance.total - self.best) / len(self.instance.lsoas)
        top, step = reward, _RAISE**2
        for number in range(_REWARDS + self.limits.spread):
            if self.stop():
                return
            steps = 2 * self.limits.steps
            temperature = (1.0, 0.3)[number % 2]
            found = self._anneal(
                self.free, self.home, steps=steps, temperature=temperature, reward=reward
            )
            good = self.offer(found, self.pattern)
            if number < _REWARDS:
                top = reward if good else top
                reward *= step if good else step**-0.5
                step = step if good else step**0.5
            else:
                reward = top * (1.0, 0.6, 0.35, 0.2)[number % 4]
        self.reward = 0.5 * top

    def _visit(self, pattern: AnchorPattern) -> None:
        """Look for a plan under another pattern."""
        free = domains_of(self.instance, pattern, self.allowed_moves)
        start = self._start(free, self.home.lsoas)
        self._try(free, start, pattern)

    def _try(self, free: Domains, start: Solution | None, pattern: AnchorPattern) -> None:
        if start is None:
            return
        for reward in (self.reward, 0.0):
            found = self._anneal(
                free, start, steps=self.limits.steps, temperature=0.5, reward=reward
            )
            if self.offer(found, pattern):
                return

    def _start(self, free: Domains, lsoas: NDArray[np.int64]) -> Solution | None:
        """Return LSOAs with the items put where most of their people are."""
        if not free.possible:
            return None
        inside = (lsoas[:, None] == np.arange(self.instance.neighbourhoods)[None, :]).astype(float)
        reach = self.instance.people @ inside
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
        return Solution(lsoas, wanted, 0.0)

    def _other_patterns(self) -> Iterator[AnchorPattern]:
        """Yield patterns in which one PCN, or two in exchange, is based elsewhere; likely first."""
        count, pcns = self.instance.neighbourhoods, len(self.instance.pcns)
        if not self.instance.anchored:
            return
        inside = (self.home.lsoas[:, None] == np.arange(count)[None, :]).astype(float)
        served = np.zeros((pcns, len(self.instance.lsoas)))
        belongs = np.flatnonzero(self.instance.pcn_of >= 0)
        np.add.at(served, self.instance.pcn_of[belongs], self.instance.people[belongs])
        reach = served @ inside
        moves: list[tuple[float, AnchorPattern]] = []
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

    def _open_units(self) -> Iterator[Domains]:
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
        for unit in reversed(self._by_regret()):
            if self.lsoas_seen[unit] or lsoas[unit] or tried >= self.limits.units:
                continue
            tried += 1
            forbidden = self.free.lsoas.copy()
            forbidden[unit, self.home.lsoas[unit]] = False
            yield replace(self.free, lsoas=forbidden)

    def _force(self, free: Domains) -> None:
        """Look for a plan with what is forbidden where it is now, from the nearest plan to it."""
        shares = np.where(free.lsoas, 1e-3, 0.0)
        rows = np.arange(len(shares))
        shares[rows, self.home.lsoas] += np.where(free.lsoas[rows, self.home.lsoas], 1.0, 0.0)
        for unit in np.flatnonzero(~free.lsoas[rows, self.home.lsoas]).tolist():
            near = [int(self.home.lsoas[b]) for b in self.instance.graph.beside[unit]]
            for label in near:
                if free.lsoas[unit, label]:
                    shares[unit, label] += 1.0
            if self.relaxed_lsoas is not None:
                shares[unit] += np.where(free.lsoas[unit], self.relaxed_lsoas[unit], 0.0)
        lsoas = round_shares(self.instance, shares)
        if not free.lsoas[rows, lsoas].all():
            return
        self._try(free, self._start(free, lsoas), self.pattern)


def _moved(pattern: AnchorPattern, changes: tuple[tuple[int, int, int], ...]) -> AnchorPattern:
    pcn_sets = list(pattern)
    for pcn, old, new in changes:
        pcn_sets[old] &= ~(1 << pcn)
        pcn_sets[new] |= 1 << pcn
    return tuple(pcn_sets)


def _print(found: Solution) -> bytes:
    return found.lsoas.tobytes() + found.items.tobytes()
