"""Solve one place in a process of its own and tell each rung as it ends.

Started by `benchmarks.ladder`, never by hand: it is given a place as JSON and writes events, one
line of JSON each, to its standard output. A line on its standard input asks it to stop: it tells
what is known by then, each rung with its true gap. Its peak memory is that of the place alone.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import STOPPED
from benchmarks.places import Asked, study_of, with_band
from boundaries import pipeline
from boundaries.errors import BoundariesError, InfeasibleError
from boundaries.measure import measure_plan, referee
from boundaries.solve import ladder, solve_options
from boundaries.solve.branch_and_bound.loop import begin_ladder, solve_rung
from boundaries.solve.branch_and_bound.warm_up import warm_up
from boundaries.solve.instance import make_instance
from boundaries.solve.params import limits_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boundaries.place import Place
    from boundaries.solve import Progress, Solved
    from boundaries.study import Study

WIDEST = 0.95
_WHOLE_PERSON = 1.0


@dataclass
class Watch:
    """Turns the solver's progress into one event for each rung that has ended."""

    tell: Callable[..., None]
    seconds: float | None
    close: float
    asked: threading.Event = field(default_factory=threading.Event)
    begun: float = field(default_factory=monotonic)
    last: Progress | None = None
    near: dict[str, float] = field(default_factory=dict)

    def progress(self, now: Progress) -> None:
        if self.last is not None and self.last.option_id != now.option_id:
            self.end()
        self.last = now
        best, bound = now.best, now.bound
        if best is not None and bound is not None and best - bound <= self.close * best:
            self.near.setdefault(now.option_id, now.seconds)

    def end(self) -> None:
        """Tell the rung that has just ended, as far as progress knows it."""
        last = self.last
        if last is None or last.best is None:
            return
        proven = last.bound is not None and last.best - last.bound < _WHOLE_PERSON
        self.tell(
            "rung",
            option=last.option_id,
            objective=last.best,
            bound=last.best if proven else last.bound,
            status="optimal" if proven else "feasible",
            seconds=last.seconds,
            near_seconds=self.near.get(last.option_id),
            peak_mb=peak_mb(),
        )

    def stop(self) -> bool:
        """Whether somebody asked for an end, or the time is over."""
        if self.asked.is_set():
            return True
        return self.seconds is not None and monotonic() - self.begun > self.seconds


def peak_mb() -> int:
    """Return the most memory that this process has had, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak // (1024 if sys.platform == "linux" else 1024**2))


@contextmanager
def timed_climb() -> Iterator[list[float]]:
    """Add up the seconds of the work done once for all rungs: patterns and prices."""
    seconds: list[float] = []

    def climb_timed(*given: Any, **named: Any) -> Any:
        begun = monotonic()
        try:
            return begin_ladder(*given, **named)
        finally:
            seconds.append(monotonic() - begun)

    own = vars(ladder)["begin_ladder"]
    vars(ladder)["begin_ladder"] = climb_timed
    try:
        yield seconds
    finally:
        vars(ladder)["begin_ladder"] = own


def timed_warm_up() -> float:
    """Have everything compiled that is compiled once on a machine; return the seconds."""
    begun = monotonic()
    warm_up()
    return monotonic() - begun


def smallest_band(place: Place, study: Study, stop: Callable[[], bool]) -> float | None:
    """Return the least band, in whole per cents, at which a plan is found; None when none is.

    Bands are widened by 1, 2, 4 … per cent of the mean until one has a plan, then halved in
    between: a wider band allows every plan of a narrower one.
    """
    low = round(study.rules.residents_band * 100)
    step, high = 1, low
    while high < round(WIDEST * 100) and not stop():
        high = min(low + step, round(WIDEST * 100))
        if _has_plan(place, with_band(study, high / 100), stop):
            break
        low, step = high, 2 * step
    else:
        return None
    while high - low > 1 and not stop():
        middle = (low + high) // 2
        if _has_plan(place, with_band(study, middle / 100), stop):
            high = middle
        else:
            low = middle
    return high / 100


def _has_plan(place: Place, study: Study, stop: Callable[[], bool]) -> bool:
    """Whether a plan is found with as many moves as the longest rung, in a quick search."""
    least, most = study.rules.counts
    for count in range(least, most + 1):
        instance = make_instance(place, study.rules, neighbourhoods=count, locks=study.locks)
        rung = solve_rung(
            begin_ladder(instance),
            study.options.max_moves,
            limits=limits_for("quick"),
            generator=np.random.default_rng(1),
            stop=stop,
            first=True,
        )
        if rung.solution is not None:
            return True
    return False


def solve_watched(place: Place, study: Study, watch: Watch) -> tuple[Solved, ...]:
    """Solve, tell each rung as it ends, then tell them all again as the solver returned them."""
    tell = watch.tell
    with timed_climb() as once:
        solved = solve_options(place, study, progress=watch.progress, stop=watch.stop)
    watch.end()
    for one in solved:
        status = str(one.status)
        waived = frozenset({6, 7}) if one.family == "best-fit" else frozenset[int]()
        try:
            measures = measure_plan(
                place, one.plan, study=study, allowed_moves=one.allowed_moves, waived=waived
            )
            referee(
                place, one.plan, measures,
                objective=one.objective, bound=one.bound, allowed_moves=one.allowed_moves,
            )  # fmt: skip
        except BoundariesError as error:
            tell("note", said=str(error))
            status = "WRONG"
        tell(
            "rung",
            option=one.option_id,
            objective=one.objective,
            bound=one.bound,
            status=status,
            seconds=one.seconds,
            near_seconds=watch.near.get(one.option_id),
            peak_mb=peak_mb(),
            neighbourhoods=one.neighbourhoods,
            final=True,
        )
    known = {(one.allowed_moves, one.neighbourhoods) for one in solved}
    least, most = study.rules.counts
    for count in range(least, most + 1):
        for moves in range(study.options.max_moves + 1):
            if (moves, count) not in known:
                suffix = f"-k{count}" if most > least else ""
                status = "not run" if watch.stop() else "no plan"
                tell("rung", option=f"move-{moves}{suffix}", status=status, peak_mb=peak_mb())
    tell("once", prices_seconds=sum(once))
    return solved


def compare(
    place: Place, study: Study, solved: tuple[Solved, ...], tell: Callable[..., None]
) -> None:
    """Tell what other programs reach at the first rung and at the last, in our own time."""
    from benchmarks.peers import enter_peers, why_not  # noqa: PLC0415 - only with --peers

    rungs = [one for one in solved if one.family == "ladder"]
    spent = list(accumulate(one.seconds for one in rungs))
    for number in sorted({0, len(rungs) - 1}):
        ours = rungs[number]
        instance = make_instance(
            place, study.rules, neighbourhoods=ours.neighbourhoods, locks=study.locks
        )
        reason = why_not(instance)
        if reason:
            tell("note", said=f"no other program is asked: {reason}")
            return
        for entry in enter_peers(instance, ours.allowed_moves or 0, spent[number]):
            tell(
                "peer", option=ours.option_id, ours=ours.objective, our_seconds=spent[number],
                **asdict(entry),
            )  # fmt: skip


def run(asked: Asked, watch: Callable[[], Watch], *, peers: bool) -> None:
    """Read, solve and tell one place; at the smallest band that works where its own does not."""
    tell = watch().tell
    with tempfile.TemporaryDirectory() as scratch:
        begun = monotonic()
        study = study_of(asked, Path(scratch))
        place = pipeline.prepare(study).place
        reading = monotonic() - begun
        teams = sum(layer.shares["team"].nunique() for layer in place.teams.values())
        least, most = study.rules.counts
        tell(
            "place",
            lsoas=len(place.lsoas), practices=len(place.practices), pcns=len(place.pcns),
            teams=teams, neighbourhoods=str(least) if least == most else f"{least}–{most}",
            band=study.rules.residents_band, read_seconds=reading, compile_seconds=timed_warm_up(),
        )  # fmt: skip
        try:
            solved = solve_watched(place, study, watch())
        except InfeasibleError as error:
            tell("note", said=f"at ±{100 * study.rules.residents_band:g}%: {error}")
            band = smallest_band(place, study, watch().stop)
            if band is None and watch().stop():
                return
            if band is None:
                tell("note", said=f"no plan was found at a wider band either, up to ±{WIDEST:.0%}")
                tell("rung", option="none", status="infeasible", seconds=monotonic() - begun,
                     peak_mb=peak_mb(), final=True)  # fmt: skip
                return
            tell("note", said=f"±{band:.0%} is the smallest band in whole per cents with a plan "
                 "(widened by 1, 2, 4 … per cent, then halved; quick searches)")  # fmt: skip
            tell("place", band=band)
            study = with_band(study, band)
            solved = solve_watched(place, study, watch())
        if peers and not watch().stop():
            compare(place, study, solved, tell)


def listen(asked: threading.Event) -> None:
    """Ask for an end when the program that started this one says so; end when it is gone."""
    for _ in sys.stdin:
        asked.set()
    os._exit(STOPPED)


def main() -> None:
    asked = threading.Event()
    threading.Thread(target=listen, args=(asked,), daemon=True).start()
    given = json.loads(sys.argv[1])
    seconds, close, peers = (given.pop(key) for key in ("seconds", "near", "peers"))
    given["path"], given["boroughs"] = Path(given["path"]), tuple(given["boroughs"])
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as events:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # solvers may print: not among events

        def tell(kind: str, **figures: object) -> None:
            events.write(json.dumps({"kind": kind, **figures}) + "\n")
            events.flush()

        try:
            run(Asked(**given), lambda: Watch(tell, seconds, close, asked), peers=peers)
        except BoundariesError as error:
            tell("note", said=str(error))
            sys.exit(3)
        if asked.is_set():
            tell("note", said="stopped")
            sys.exit(STOPPED)


if __name__ == "__main__":
    main()
