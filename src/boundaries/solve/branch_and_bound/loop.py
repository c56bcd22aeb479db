"""One rung of the ladder: the best plan with at most so many moves, and what is proven of it.

Goes in: `Problem`, the patterns with their bounds, the plans of earlier rungs. Comes out: `Rung`.
Patterns are taken best bound first (`boundaries.solve.branch_and_bound.steps`), until no bound is
above the best plan. Next: `boundaries.solve.ladder` turns rungs into options.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.branch_and_bound.aggregate import sift_outlines
from boundaries.solve.branch_and_bound.global_bound import AIMS, lower_ceiling, says_little
from boundaries.solve.branch_and_bound.state import EQUAL, Climb, Race, known_plans, runners
from boundaries.solve.branch_and_bound.steps import (
    MANY,
    SIDE_BY_SIDE,
    SIFTS,
    relax_pattern,
    screen_patterns,
    search_pattern,
    settle_pattern,
    sift_patterns,
    walk_highest,
)
from boundaries.solve.heuristics.annealing import Found, disruption, keeps_rules, served_people
from boundaries.solve.heuristics.assign_items import match_practices
from boundaries.solve.heuristics.construct import first_plans, under_pattern
from boundaries.solve.heuristics.tournament import hunt
from boundaries.solve.lp.fixed_assignment import Maps
from boundaries.solve.lp.joint_relaxation import Pool
from boundaries.solve.lp.separator_rows import Rows
from boundaries.solve.patterns.enumerate import likely_patterns, list_patterns
from boundaries.solve.patterns.k_best import make_catalogue
from boundaries.solve.patterns.lagrangian import find_prices

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.solve.domains import Freedom
    from boundaries.solve.instance import Problem
    from boundaries.solve.params import Limits

__all__ = ["Climb", "Rung", "best_known", "climb", "solve_rung", "take_back"]

_FIRST_AIM = AIMS[1]
"""A rung is first brought under 1 %, then to a proof."""

_FIRST_SCREEN = 4
"""Turns after which there are separators enough to screen with; later screens wait longer."""

_KNOWN_ROWS = 50
"""Separators with which a rung screens at once."""

_MORE = 0.7
"""Share of the work that a rung may take beyond it as long as it is not within 1 %."""

_LAST = 0.3
"""Share of the work, beyond it, for a ceiling over all patterns where these stay open."""

_LITTLE = 0.1
"""Share of the work for patterns that say little, once a ceiling is within 1 %."""

_DEAR = 3
"""Moves from which screening is dearer than prices."""

_HOPELESS = 50_000
"""Patterns left by prices that are too many to screen then."""

_FEW = 240
"""Patterns that are walked at most where they say little: there is more in walking them longer."""

_LISTED = 150_000
"""Patterns that are listed for a rung, where not all are."""

_LIST_SHARE = 0.6
"""Work that finding them may take beside the rung's, in parts of that."""


@dataclass(frozen=True)
class Rung:
    """The outcome of a rung; ``bound`` is in people served, None where nothing is proven."""

    found: Found | None
    bound: float | None
    proven: bool


def climb(problem: Problem) -> Climb:
    """Return the start of a ladder: the patterns, or what lists the best where there are many."""
    patterns, catalogue, rest = list_patterns(problem), None, -np.inf
    if patterns is None:
        catalogue = make_catalogue(problem)
        if catalogue is None:
            patterns, rest = likely_patterns(problem), np.inf
        else:
            patterns, rest = catalogue.list_for(0, _LISTED)
    anchored = problem.anchored and bool(patterns)
    prices = None
    if anchored:
        prices = find_prices(problem, patterns) if not catalogue else catalogue.prices_of(patterns)
    size, rows = len(problem.lsoas), Rows()
    benches = tuple(Maps(problem, Pool(size), rows) for _ in range(SIDE_BY_SIDE))
    return Climb(
        problem, patterns, prices, Pool(size), benches, rows, rest=rest, catalogue=catalogue,
        listed=None if catalogue is None else 0,
    )  # fmt: skip


def _list_more(shared: Climb, allowed_moves: int, limits: Limits, stop: Callable[[], bool]) -> None:
    """Add the patterns that are best with so many moves, where not all are listed."""
    if shared.catalogue is None or shared.listed == allowed_moves:
        return
    known_plans = [found.served for plans in shared.plans.values() for found in plans]
    listed, shared.rest = shared.catalogue.list_for(
        allowed_moves,
        _LISTED,
        aim=max(known_plans, default=-np.inf),
        out=lambda work: work > _LIST_SHARE * limits.work or stop(),
    )
    shared.listed = allowed_moves
    known = set(shared.patterns)
    shared.patterns += [pattern for pattern in listed if pattern not in known]
    if shared.patterns:
        shared.prices = shared.catalogue.prices_of(shared.patterns)


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
    _list_more(shared, allowed_moves, limits, stop)
    if says_little(shared.problem):
        limits = limits.for_few(_FEW)
    race = Race(shared, allowed_moves, limits, generator, tell, stop)
    if not shared.patterns:
        unknown = shared.rest == np.inf
        return Rung(None, None if unknown else shared.rest, proven=shared.rest == -np.inf)
    _take_over(race)
    _first_search(race)
    if not (first and race.best is not None):
        _prove(race, first=first)
    take_back(race)
    bound = race.bound
    if race.best is None:
        return Rung(None, bound, proven=bound == -np.inf)
    shared.best[allowed_moves] = race.best.served
    if bound == np.inf:
        return Rung(race.best, None, proven=False)
    proven = bound < race.best.served + shared.problem.step
    return Rung(race.best, race.best.served if proven else bound, proven)


def _prove(race: Race, *, first: bool) -> None:
    """Bring bounds down to the best plan, aim by aim; at the ``first`` plan there is an end."""
    open_, more = says_little(race.shared.problem), _MORE * race.limits.work
    race.work += more
    for tolerance in AIMS if open_ or race.shared.catalogue is not None else AIMS[1:]:
        if first and race.best is not None:
            return
        if tolerance == 0:
            race.work -= more
        if open_:
            for wider in AIMS[: AIMS.index(tolerance) + 1]:  # none is left for a nearer one
                lower_ceiling(race, wider, race.work)
            if tolerance == 0 and race.bound <= race.aim(_FIRST_AIM):
                race.work = min(race.work, _LITTLE * race.limits.work)
        goes_on = _run(race, tolerance)  # what work it leaves is for a ceiling
        race.report()
        if not goes_on:
            break
    if not (first or open_):
        _lower_last(race, _LAST * race.limits.work + max(0.0, race.work))


def _lower_last(race: Race, most_work: float) -> None:
    """Bring the bound of all patterns down where these are still open, with some more work."""
    race.work = most_work
    for tolerance in AIMS[:2]:
        if race.best is not None and race.bound > race.best_and(tolerance):
            lower_ceiling(race, tolerance, race.work)


def _take_over(race: Race) -> None:
    """Plans of earlier rungs keep the rules of this one."""
    for pattern, _, found in known_plans(race.shared, race.allowed_moves):
        if not race.take(pattern, found) and found.served < race.cutoff - EQUAL:
            return


def take_back(race: Race) -> None:
    """Let practices of the best plan stay whose move brings nothing."""
    if race.best is None:
        return
    pattern = race.best_pattern
    kept = _kept_back(race.shared.problem, race.freedom(pattern), race.best)
    if kept is not race.best:
        race.shared.plans.setdefault(pattern, []).append(kept)
        race.take(pattern, kept)
        race.report()


def _kept_back(problem: Problem, free: Freedom, best: Found) -> Found:
    for practice in range(len(problem.practices)):
        if not free.moves[practice, best.items[practice]]:
            continue
        staying = []
        for home in np.flatnonzero(free.items[practice] & (free.moves[practice] == 0)).tolist():
            items = best.items.copy()
            items[practice] = home
            served = served_people(problem, best.lsoas, items)
            if served >= best.served and keeps_rules(problem, free, best.lsoas, items):
                staying.append(Found(best.lsoas, items, served))
        best = max(staying, key=lambda found: found.served, default=best)
    return best


def best_known(shared: Climb, allowed_moves: int) -> Found | None:
    """Return the best plan with at most so many moves that any rung found; None without one.

    Of equals it is the one that disrupts least.
    """
    best, least = None, (0, 0)
    for _, free, found in known_plans(shared, allowed_moves):
        if best is not None and found.served < best.served - EQUAL:
            break
        ties = disruption(shared.problem, free, found)
        if best is None or ties < least:
            best, least = found, ties
    return best


def _first_search(race: Race) -> None:
    """Walk under the patterns with the best bounds and the best plans, before any relaxation."""
    limits = race.limits
    known = sorted(race.shared.plans, key=lambda pattern: (-race.best_of(pattern), pattern))
    prices = race.shared.prices
    still = race.upper if prices is None else prices.still
    order = np.argsort(-still, kind="stable")[: limits.wide].tolist()
    chosen = dict.fromkeys([*known[: limits.wide // 4], *order])
    hunt(
        race.shared.problem,
        [runner for pattern in chosen for runner in runners(race, pattern)],
        limits,
        race.generator,
        offer=race.offer,
        stop=lambda: race.stop() and race.best is not None,
        at_length=len(race.shared.patterns) >= MANY,
    )
    if race.best is None:
        _seed(race)
    elif race.shared.rest > -np.inf:
        _reseat(race)


def _reseat(race: Race) -> None:
    """Fit practices and anchors to the maps of the best plans anew, and walk on from there.

    Where not all patterns are listed, the best one for a good map may not be among them.
    """
    problem, numbers = race.shared.problem, {}
    best: dict[int, Found] = {}
    for pattern, _, found in known_plans(race.shared, race.allowed_moves):
        best.setdefault(pattern, found)
        if len(best) == race.limits.promising:
            break
    for pattern, found in best.items():
        matched = match_practices(problem, found.lsoas, allowed_moves=race.allowed_moves)
        if matched is None or race.stop():
            continue
        better, plan = under_pattern(problem, matched)
        number = race.number_of(better)
        if number is None or (number == pattern and plan.served <= found.served):
            continue
        if keeps_rules(problem, race.freedom(number), plan.lsoas, plan.items):
            race.offer(number, plan)
            numbers[number] = True
    hunt(
        problem,
        [runner for number in numbers for runner in runners(race, number)],
        race.limits,
        race.generator,
        offer=race.offer,
        stop=race.stop,
    )


def _seed(race: Race) -> None:
    """Offer plans drawn from balanced maps, and anneal the best few of them."""
    problem = race.shared.problem
    drawn = first_plans(
        problem,
        race.generator,
        allowed_moves=race.allowed_moves,
        maps=8 * race.limits.promising,
    )
    numbered = [
        (number, found)
        for pattern, found in drawn
        if (number := race.number_of(pattern)) is not None
    ]
    for number, found in numbered:
        if keeps_rules(problem, race.freedom(number), found.lsoas, found.items):
            race.offer(number, found)
    hunt(
        problem,
        [one for number, _ in numbered[: race.limits.wide] for one in runners(race, number)],
        race.limits,
        race.generator,
        offer=race.offer,
        stop=lambda: race.stop() and race.best is not None,
    )


def _above(race: Race, tolerance: float) -> list[tuple[float, int]]:
    """Return a heap of the patterns above the aim, best bound first."""
    above = np.flatnonzero(race.upper > race.aim(tolerance)).tolist()
    heap = [(-float(race.upper[number]), number) for number in above]
    heapify(heap)
    return heap


def _more_to_sift(race: Race, heap: list[tuple[float, int]], tolerance: float) -> list[int]:
    """Take the next patterns from the heap that are to be sifted beside the first one."""
    more: list[int] = []
    while heap and len(more) < SIDE_BY_SIDE - 1 and race.sifts.get(heap[0][1], 0) < SIFTS:
        if -heap[0][0] <= race.aim(tolerance):
            break
        more.append(heappop(heap)[1])
    return more


def _rule_out(race: Race, tolerance: float, *, first: bool) -> None:
    """Rule out what is above the aim by the hundred: by outlines, prices of moves, and screens.

    The first time moves are priced too, before patterns are screened where that pays. Then what is
    left is walked: it is not what looked best before.
    """
    sift_outlines(race, tolerance)
    if np.count_nonzero(race.upper > race.aim(tolerance)) >= MANY and race.work > 0:
        dear = race.allowed_moves >= _DEAR
        if first and dear:
            race.price_moves(tolerance)
        if _hopeless(race, tolerance):
            return
        screen_patterns(race, tolerance)
        if first and not dear:
            race.price_moves(tolerance)
    walk_highest(race, tolerance)


def _hopeless(race: Race, tolerance: float) -> bool:
    """Whether there are more patterns above the aim than work to screen them."""
    above = np.count_nonzero(race.upper > race.aim(tolerance))
    return race.allowed_moves >= _DEAR and bool(above > _HOPELESS)


def _run(race: Race, tolerance: float) -> bool:
    """Take patterns, best bound first, until none is above the aim or the work is done.

    Return False where there are so many that another aim is of no use either.
    """
    heap = _above(race, tolerance)
    tried: set[int] = set()
    race.sifts.clear()
    batches, screens, due = 0, 0, 0 if len(race.shared.rows.limit) >= _KNOWN_ROWS else _FIRST_SCREEN
    while heap and not race.stop() and race.work > 0:
        if len(heap) >= MANY and batches >= due:
            _rule_out(race, tolerance, first=not screens)
            screens += 1
            if _hopeless(race, tolerance):
                return False
            heap, due = _above(race, tolerance), 3 * max(due, _FIRST_SCREEN)
            continue
        pattern = heappop(heap)[1]
        if race.upper[pattern] <= race.aim(tolerance):
            break
        batches += 1
        turn, done = race.turns.get(pattern), [pattern]
        if race.sifts.get(pattern, 0) < SIFTS:
            done += _more_to_sift(race, heap, tolerance)
            sift_patterns(race, done, tolerance)
        elif turn is None or not turn.over or turn.cutoff > race.aim(tolerance):
            relax_pattern(race, pattern, tolerance)
        elif pattern not in race.searched and len(race.searched) < race.limits.promising:
            search_pattern(race, pattern)
        elif pattern not in tried:
            tried.add(pattern)
            settle_pattern(race, pattern, tolerance, 0.7 * race.work)
        else:
            break
        for number in done:
            heappush(heap, (-float(race.upper[number]), number))
    return True
