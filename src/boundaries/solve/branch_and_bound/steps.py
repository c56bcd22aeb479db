"""A pattern's turn in a rung: sift its movers, relax it, walk it, settle it.

Goes in: `Race` and the number of a pattern. Comes out: nothing; plans are offered to the race and
the pattern's bound falls. Next: `boundaries.solve.branch_and_bound.loop` gives the turns.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.assignment.bound import Sifted, can_sift, sift
from boundaries.solve.branch_and_bound.state import runners
from boundaries.solve.domains import freedom_of
from boundaries.solve.heuristics.annealing import Found, anneal, round_shares
from boundaries.solve.heuristics.tournament import Runner, crude_start, hunt
from boundaries.solve.lp.branch_and_cut import settle
from boundaries.solve.lp.joint_relaxation import Relaxation, Relaxed
from boundaries.solve.lp.separation import separate_fractions
from boundaries.solve.patterns.enumerate import MOST_PCNS
from boundaries.solve.patterns.lagrangian import may_go
from boundaries.solve.patterns.multiplier_filter import make_screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from boundaries.solve.branch_and_bound.state import Climb, Race
    from boundaries.solve.domains import Freedom, Pattern
    from boundaries.solve.graph import Separator

__all__ = [
    "MANY",
    "SIDE_BY_SIDE",
    "SIFTS",
    "alike_charges",
    "relax_pattern",
    "remember",
    "screen_patterns",
    "search_pattern",
    "settle_pattern",
    "sift_patterns",
    "sift_side_by_side",
    "walk_highest",
    "warm_up",
]

_SIFT_SHARE = 0.25
"""Most of a rung's work that sifting one pattern may take."""

MANY = 200
"""Patterns above the aim that are worth screening before they are sifted."""

_SCREEN_SHARE = 0.6
"""Most of a rung's work left that screening its patterns may take."""

_WALKED = 2
"""Times in a rung that the patterns left by screening are walked."""

_STILL_SHARES = (0.08, 0.4)
"""Most of a rung's work that settling one set of movers may take, the first and second time."""

SIDE_BY_SIDE = 8
"""Patterns that are sifted at a time, whatever the number of cores."""

_NO_CHARGES = np.zeros((0, 0))
_LENDERS = 60
"""Patterns that may lend charges to another."""

_PATTERNS = 2_000
"""Patterns whose charges are kept."""

_APART = 8
"""Sets with the same movers that are settled one by one the second time."""

SIFTS = len(_STILL_SHARES)
"""Turns of sifting that a pattern gets."""


def warm_up(shared: Climb) -> None:
    """Have everything compiled that the turns of a ladder need."""
    from boundaries.solve.assignment.tree import compile_kernels  # noqa: PLC0415 - compiles on first use
    from boundaries.solve.colgen.bound import compile_whole  # noqa: PLC0415 - compiles on first use
    from boundaries.solve.patterns import move_multipliers as moved  # noqa: PLC0415 - compiles on first use

    compile_kernels()
    moved.compile_kernels()
    separate_fractions(shared.problem.graph, np.zeros((len(shared.problem.lsoas), 1)))
    if shared.catalogue is not None or len(shared.patterns) >= MANY:
        from boundaries.solve.patterns import split_assignment as seats  # noqa: PLC0415 - compiles on first use

        seats.compile_kernels()
    problem = shared.problem
    for pattern in shared.patterns[:1]:
        free = freedom_of(problem, pattern, 1)
        if free.possible:
            start = crude_start(problem, free)
            anneal(problem, free, start, np.random.default_rng(0), steps=1)
            compile_whole(problem, Found(*start, 0.0))


def screen_patterns(race: Race, tolerance: float) -> None:
    """Rule patterns out with the charges that are known, all that are above the aim."""
    shared, aim = race.shared, race.aim(tolerance)
    if shared.prices is None or not np.isfinite(aim):
        return
    screen = shared.screen
    known = screen is not None and screen.problem is shared.problem
    if screen is None or not known or screen.prices is not shared.prices:
        screen = shared.screen = make_screen(shared.problem, shared.prices)
    if screen is None:
        return
    above = np.flatnonzero(race.upper[: len(shared.prices.table)] > aim)
    most_work = _SCREEN_SHARE * race.work
    race.work -= screen.bound(
        shared.rows,
        above,
        race.upper,
        moves=race.allowed_moves,
        aim=aim,
        out=lambda work: work > most_work or race.stop(),
    )


def walk_highest(race: Race, tolerance: float) -> None:
    """Walk under the patterns above the aim that may serve most: they are others than before."""
    if race.walks >= _WALKED:
        return
    race.walks += 1
    above = np.flatnonzero(race.upper > race.aim(tolerance))
    order = above[np.argsort(-race.upper[above], kind="stable")][: race.limits.wide]
    starts = (one for pattern in order.tolist() for one in runners(race, pattern))
    hunt(
        race.shared.problem,
        starts,
        race.limits,
        race.generator,
        offer=race.offer,
        stop=race.stop,
        at_length=True,
    )


def sift_patterns(race: Race, patterns: list[int], tolerance: float) -> None:
    """Rule out sets of movers of some patterns, side by side; walk and settle what is left."""
    shared, aim = race.shared, race.aim(tolerance)
    shares = [_STILL_SHARES[race.sifts.get(pattern, 0)] for pattern in patterns]
    most_work = min(_SIFT_SHARE * race.limits.work, race.work)
    able = race.priced is not None and np.isfinite(aim)
    freedoms = [race.freedom(pattern) if able else None for pattern in patterns]
    charges = [alike_charges(shared.patterns[pattern], shared.charges) for pattern in patterns]
    apart = [0 if share == _STILL_SHARES[0] else _APART for share in shares]
    sifted = sift_side_by_side(race, freedoms, charges, aim, most_work, apart)
    for pattern, what in zip(patterns, sifted, strict=True):
        race.sifts[pattern] = SIFTS if what is None else race.sifts.get(pattern, 0) + 1
        if what is not None:
            remember(shared, shared.charges, shared.patterns[pattern], what, _PATTERNS)
            race.work -= what.work
    for pattern, what, share in zip(patterns, sifted, shares, strict=True):
        if what is not None:
            _settle_sifted(race, pattern, what, (tolerance, share), aim)


def sift_side_by_side(
    race: Race,
    freedoms: Sequence[Freedom | None],
    charges: Sequence[NDArray[np.float64]],
    aim: float,
    most_work: float,
    apart: Sequence[int] | None = None,
) -> list[Sifted | None]:
    """Sift what may go where, several side by side; None for what cannot be sifted.

    Each has a bench of its own, and what is found on one is told to the others afterwards
    (`remember`): so it does not matter which is done first, or on how many cores.
    """
    shared = race.shared

    def one(at: int) -> Sifted | None:
        free = freedoms[at]
        if free is None or not free.possible or not can_sift(shared.problem, free):
            return None
        return sift(
            shared.problem,
            free,
            charges[at],
            shared.benches[at],
            aim=aim,
            most_work=most_work,
            stop=race.stop,
            apart=0 if apart is None else apart[at],
        )

    workers = max(1, min(SIDE_BY_SIDE, os.cpu_count() or 1))
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(len(freedoms))))


def remember(
    shared: Climb,
    charges: dict[Pattern, NDArray[np.float64]],
    key: Pattern,
    sifted: Sifted,
    most: int,
) -> None:
    """Tell every bench, and those that come later, what was found; keep so many charges."""
    charges.pop(key, None)
    charges[key] = sifted.charges
    for old in list(charges)[:-most]:
        del charges[old]
    cuts = [cut for _, cut in sifted.cuts]
    shared.rows.add(cuts)
    for maps in shared.benches:
        maps.pool.add(cuts)


def _settle_sifted(
    race: Race, pattern: int, sifted: Sifted, effort: tuple[float, float], aim: float
) -> None:
    """Walk and settle the sets of movers that are left of a pattern."""
    before = race.cutoff
    bound = max(aim, sifted.rest)
    for left, reach in zip(sifted.left, sifted.bounds, strict=True):
        now = max(reach, aim)
        if now > bound and race.work > 0 and not race.stop():
            now = _settle_left(race, pattern, left, now, sifted.cuts, effort)
        bound = max(bound, now)
    race.upper[pattern] = min(race.upper[pattern], bound)
    if race.cutoff > before:
        race.sifts[pattern] -= 1  # a better plan is a new turn


def _walk_shortly(race: Race, starts: Iterable[Runner]) -> None:
    small = replace(race.limits, steps=race.limits.steps // 8, promising=2)
    hunt(race.shared.problem, starts, small, race.generator, offer=race.offer, stop=race.stop)


def alike_charges(
    key: Pattern, known: Mapping[Pattern, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the charges of a pattern, or of the one most alike of the last that have any."""
    from boundaries.solve.assignment.dual_descent import most_alike  # noqa: PLC0415 - compiles on first use

    if key in known:
        return known[key]
    lenders = list(known)[-_LENDERS:]
    if not lenders or max(key).bit_length() > MOST_PCNS:
        return _NO_CHARGES
    at, order = most_alike(np.array(key, dtype=np.int64), np.array(lenders, dtype=np.int64))
    return known[lenders[at]][:, order]


def _settle_left(
    race: Race,
    pattern: int,
    left: Freedom,
    bound: float,
    cuts: tuple[tuple[int, Separator], ...],
    effort: tuple[float, float],
) -> float:
    """Walk, then solve, with the practices where they are; return a bound."""
    problem = race.shared.problem
    lsoas, items = crude_start(problem, left)
    known = max(race.shared.plans.get(pattern, []), key=lambda f: f.served, default=None)
    if known is not None:
        lsoas = known.lsoas
    free = replace(left, lsoas=race.freedom(pattern).lsoas)
    tolerance, share = effort
    _walk_shortly(race, [Runner(pattern, free, (lsoas, items))])
    aim = race.aim(tolerance)
    if bound <= aim:
        return aim
    relaxed = Relaxed(
        freedom=left,
        bound=bound,
        cutoff=aim,
        lsoas=np.zeros(left.lsoas.shape),
        items=np.zeros(left.items.shape),
        cuts=cuts,
    )
    leaf = settle(
        problem,
        relaxed,
        cutoff=aim,
        most_work=min(race.work, share * race.limits.work),
        stop=race.stop,
    )
    race.work -= leaf.work
    race.offer(pattern, leaf.found)
    return max(leaf.bound, aim)


def relax_pattern(race: Race, pattern: int, tolerance: float) -> None:
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


def search_pattern(race: Race, pattern: int) -> None:
    """Walk from the relaxation and from the plans known."""
    race.searched.add(pattern)
    problem, relaxed, free = race.shared.problem, race.turns[pattern].now, race.freedom(pattern)
    rounded = Runner(pattern, free, (round_shares(problem, relaxed.lsoas), _stay(free, relaxed)))
    hunt(
        problem,
        [rounded, *runners(race, pattern)],
        race.limits,
        race.generator,
        offer=race.offer,
        stop=race.stop,
    )


def _stay(free: Freedom, relaxed: Relaxed) -> NDArray[np.int64]:
    """Return items where the relaxation has most of them, without any move."""
    shares = np.where(free.items, relaxed.items + 1.0, 0.0) - 10.0 * free.moves
    return np.asarray(shares.argmax(axis=1), dtype=np.int64)


def settle_pattern(race: Race, pattern: int, tolerance: float, most_work: float) -> None:
    """Solve a pattern from its relaxation on."""
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
