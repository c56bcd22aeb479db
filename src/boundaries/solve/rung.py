"""One rung of the ladder: the best plan with at most so many moves, and what is proven of it.

Goes in: `Problem`, the patterns with their bounds, the plans of earlier rungs. Comes out: `Rung`.
Patterns are taken best bound first: relaxed, searched, then solved, until no bound is above the
best plan. Next: `boundaries.solve.ladder` turns rungs into options.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.anchors import likely_patterns, list_patterns
from boundaries.solve.hunt import Runner, crude_start, hunt
from boundaries.solve.model import freedom_of
from boundaries.solve.prices import MovePrices, Prices, find_prices, may_go, with_moves
from boundaries.solve.relax import Pool, Relaxation
from boundaries.solve.search import Found, keeps_rules, round_shares
from boundaries.solve.starts import first_plans
from boundaries.solve.tree import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from boundaries.solve.anchors import Pattern
    from boundaries.solve.effort import Limits
    from boundaries.solve.model import Freedom
    from boundaries.solve.problem import Problem
    from boundaries.solve.relax import Relaxed

__all__ = ["Climb", "Rung", "climb", "solve_rung"]

_FIRST_AIM = 0.009
"""A rung is first brought under 1 %, then to a proof."""


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
    plans
        Plans known of each pattern, at any number of moves.
    complete
        Whether the patterns are all there are; without that nothing is proven.
    """

    problem: Problem
    patterns: list[Pattern]
    prices: Prices | None
    pool: Pool
    plans: dict[int, list[Found]] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True)
class Rung:
    """The outcome of a rung; ``bound`` is in people served, None where nothing is proven."""

    found: Found | None
    bound: float | None
    proven: bool


def climb(problem: Problem) -> Climb:
    """Return the start of a ladder: the patterns, or the likeliest where there are too many."""
    patterns = list_patterns(problem)
    complete = patterns is not None
    if patterns is None:
        patterns = likely_patterns(problem)
    anchored = problem.anchored and bool(patterns)
    prices = find_prices(problem, patterns) if anchored else None
    return Climb(problem, patterns, prices, Pool(len(problem.lsoas)), complete=complete)


class _Race:
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
        self.priced: MovePrices | None = None
        self.upper = np.full(len(shared.patterns), shared.problem.total)
        if shared.prices is not None:
            self.priced = with_moves(shared.problem, shared.prices, allowed_moves)
            self.upper = np.minimum(self.upper, self.priced.upper)
        self.turns: dict[int, Relaxation] = {}
        self.searched: set[int] = set()
        self.work = limits.work

    @property
    def cutoff(self) -> float:
        return -np.inf if self.best is None else self.best.served

    def aim(self, tolerance: float) -> float:
        """People served that bounds must come under."""
        if self.best is None:
            return -np.inf
        return self.best.served + tolerance * (self.shared.problem.total - self.best.served)

    def freedom(self, pattern: int) -> Freedom:
        return freedom_of(self.shared.problem, self.shared.patterns[pattern], self.allowed_moves)

    def best_of(self, pattern: int) -> float:
        """People served by the best plan known of a pattern."""
        return max((f.served for f in self.shared.plans.get(pattern, [])), default=-np.inf)

    def offer(self, pattern: int, found: Found | None) -> None:
        """Keep a plan if it is new and good."""
        if found is None:
            return
        plans = self.shared.plans.setdefault(pattern, [])
        if all(one.served != found.served for one in plans):
            plans.append(found)
        if self.best is None or found.served > self.best.served + 1e-9:
            self.best = found
            self.report()

    def report(self) -> None:
        total = self.shared.problem.total
        best = None if self.best is None else total - self.best.served
        bound = max(0.0, total - float(max(self.upper.max(), self.cutoff)))
        self.tell(best, bound if self.shared.complete else None)


def solve_rung(  # noqa: PLR0913 - one door for ladder and clash
    shared: Climb,
    allowed_moves: int,
    *,
    limits: Limits,
    generator: np.random.Generator,
    tell: Callable[[float | None, float | None], None] = lambda _best, _bound: None,
    stop: Callable[[], bool] = lambda: False,
    first: bool = False,
) -> Rung:
    """Return the best plan with at most so many moves.

    Parameters
    ----------
    shared
        What the rungs share; plans and separators are added to it.
    allowed_moves
        Most practices that may move.
    limits
        Work that may be done.
    generator
        Source of chance for the search.
    tell
        Told the best objective and the bound (both in misaligned people) when either changes.
    stop
        Asked between steps; True ends the rung with what is known.
    first
        Whether any plan at all is enough.
    """
    race = _Race(shared, allowed_moves, limits, generator, tell, stop)
    if not shared.patterns:
        return Rung(None, -np.inf, proven=shared.complete)
    _take_over(race)
    _first_search(race)
    for tolerance in (_FIRST_AIM, 0.0):
        if first and race.best is not None:
            break
        _run(race, tolerance)
        race.report()
    bound = float(max(race.upper.max(), race.cutoff))
    if race.best is None:
        return Rung(None, bound, proven=shared.complete and not np.isfinite(bound))
    if not shared.complete:
        return Rung(race.best, None, proven=False)
    step = 0.999 if shared.problem.whole else 1e-6 * shared.problem.total
    proven = bound < race.best.served + step
    return Rung(race.best, race.best.served if proven else bound, proven)


def _take_over(race: _Race) -> None:
    """Plans of earlier rungs keep the rules of this one."""
    for pattern, plans in sorted(race.shared.plans.items()):
        free = race.freedom(pattern)
        for found in plans:
            if (race.best is None or found.served > race.best.served) and keeps_rules(
                race.shared.problem, free, found.lsoas, found.items
            ):
                race.best = found


def _first_search(race: _Race) -> None:
    """Walk under the patterns with the best bounds and the best plans, before any relaxation."""
    limits = race.limits
    known = sorted(race.shared.plans, key=lambda pattern: (-race.best_of(pattern), pattern))
    prices = race.shared.prices
    still = race.upper if prices is None else prices.still
    order = np.argsort(-still, kind="stable")[: limits.wide].tolist()
    chosen = dict.fromkeys([*known[: limits.wide // 4], *order])
    hunt(
        race.shared.problem,
        [runner for pattern in chosen for runner in _runners(race, pattern)],
        limits,
        race.generator,
        offer=race.offer,
        stop=lambda: race.stop() and race.best is not None,
    )
    if race.best is None:
        _seed(race)


def _runners(race: _Race, pattern: int) -> Iterator[Runner]:
    """Yield the starts of a pattern: where patients are, and the best plan that is known."""
    problem, free = race.shared.problem, race.freedom(pattern)
    if not free.possible:
        return
    yield Runner(pattern, free, crude_start(problem, free))
    known = [found for found in race.shared.plans.get(pattern, []) if _fits(free, found)]
    if known:
        best = max(known, key=lambda found: found.served)
        yield Runner(pattern, free, (best.lsoas, best.items), best)


def _seed(race: _Race) -> None:
    """Offer plans drawn from balanced maps, and anneal the best few of them."""
    problem, patterns = race.shared.problem, race.shared.patterns
    drawn = first_plans(
        problem,
        patterns,
        race.generator,
        allowed_moves=race.allowed_moves,
        maps=8 * race.limits.promising,
    )
    for pattern, found in drawn:
        if keeps_rules(problem, race.freedom(pattern), found.lsoas, found.items):
            race.offer(pattern, found)
    hunt(
        problem,
        [one for pattern, _ in drawn[: race.limits.wide] for one in _runners(race, pattern)],
        race.limits,
        race.generator,
        offer=race.offer,
        stop=lambda: race.stop() and race.best is not None,
    )


def _run(race: _Race, tolerance: float) -> None:
    """Take patterns, best bound first, until none is above the aim or the work is done."""
    above = np.flatnonzero(race.upper > race.aim(tolerance)).tolist()
    heap = [(-float(race.upper[number]), number) for number in above]
    heapify(heap)
    tried: set[int] = set()
    while heap and not race.stop():
        bound, pattern = -heap[0][0], heap[0][1]
        heappop(heap)
        if bound <= race.aim(tolerance):
            break
        turn = race.turns.get(pattern)
        if race.work <= 0:
            break
        if turn is None or not turn.over or turn.cutoff > race.aim(tolerance):
            _relax(race, pattern, tolerance)
        elif pattern not in race.searched and len(race.searched) < race.limits.promising:
            _search(race, pattern)
        elif pattern not in tried:
            tried.add(pattern)
            _settle(race, pattern, tolerance, 0.7 * race.work)
        else:
            break
        heappush(heap, (-float(race.upper[pattern]), pattern))


def _relax(race: _Race, pattern: int, tolerance: float) -> None:
    """Take the relaxation of a pattern a turn further."""
    shared = race.shared
    aim = race.aim(tolerance)
    turn = race.turns.get(pattern)
    if turn is None or turn.cutoff > aim:
        free = race.freedom(pattern)
        if shared.prices is not None and race.priced is not None and race.priced.moves:
            kept = may_go(shared.problem, shared.prices, race.priced, pattern, aim)
            free = replace(free, items=free.items & kept)
        turn = Relaxation(shared.problem, free, shared.pool, aim)
        race.turns[pattern] = turn
    before = turn.work
    turn.advance(race.stop)
    race.work -= turn.work - before
    # What was ruled out on the way was ruled out for plans above the aim only.
    race.upper[pattern] = min(race.upper[pattern], max(turn.now.bound, turn.cutoff))
    if turn.now.bound <= turn.cutoff:
        del race.turns[pattern]


def _search(race: _Race, pattern: int) -> None:
    """Walk from the relaxation and from the plans known."""
    race.searched.add(pattern)
    problem, relaxed, free = race.shared.problem, race.turns[pattern].now, race.freedom(pattern)
    rounded = Runner(pattern, free, (round_shares(problem, relaxed.lsoas), _stay(free, relaxed)))
    hunt(
        problem,
        [rounded, *_runners(race, pattern)],
        race.limits,
        race.generator,
        offer=race.offer,
        stop=race.stop,
    )


def _fits(free: Freedom, found: Found) -> bool:
    rows = np.arange(len(found.items))
    moves = free.moves[rows, found.items].sum()
    return bool(free.items[rows, found.items].all() and moves <= free.allowed_moves)


def _stay(free: Freedom, relaxed: Relaxed) -> NDArray[np.int64]:
    """Return items where the relaxation has most of them, without any move."""
    shares = np.where(free.items, relaxed.items + 1.0, 0.0) - 10.0 * free.moves
    return np.asarray(shares.argmax(axis=1), dtype=np.int64)


def _settle(race: _Race, pattern: int, tolerance: float, most_work: float) -> None:
    leaf = settle(
        race.shared.problem,
        race.turns[pattern].now,
        cutoff=race.aim(tolerance),
        most_work=most_work,
        stop=race.stop,
    )
    race.work -= leaf.work
    race.upper[pattern] = min(race.upper[pattern], leaf.bound)
    race.offer(pattern, leaf.found)
