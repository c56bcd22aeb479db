"""One place, in the process that it has for itself: the same functions as ``boundaries propose``.

Goes in: a `Task`, the place read, checked and built. Comes out: its run's folder, whole or not at
all, and the record of what became of it. Here and on a cluster it is this one function that runs.
Next: `boundaries.many.ledger` keeps the record.
"""

from __future__ import annotations

import os
import platform
import threading
import time
import traceback
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from boundaries.many.ledger import end_log, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from boundaries.pipeline import Ready
    from boundaries.run import Run
    from boundaries.solve import Progress

__all__ = ["CRASHED", "DONE", "FAULTS", "NO_PLAN", "Task", "failed", "peak_mib", "run_place"]

DONE, FAULTS, NO_PLAN, CRASHED = 0, 1, 3, 4
"""Exit codes of a place: fine, problems in the data, no plan within the rules, crashed."""

_EVERY: Final = 1.0  # seconds between two lines of progress
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Task:
    """A place to propose options for.

    Parameters
    ----------
    ready
        The place.
    folder
        Its run's folder.
    log
        Its log.
    stop
        A file; while it is there, the search ends with what it has.
    quick
        A quick look by the clock.
    limits
        What the process may use, for the log.
    facts
        Goes into the record as it is.
    """

    ready: Ready
    folder: Path
    log: Path
    stop: Path
    quick: bool = False
    limits: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def run_place(task: Task) -> dict[str, Any]:
    """Propose options for a place and write its folder; return the record of it.

    The record is empty where the batch was stopped before the place had begun.

    Notes
    -----
    Nothing is raised: whatever happens to one place is written down, and the others go on.
    Threads of one process take turns: drawing is not made for two at a time.
    """
    with _ONE_AT_A_TIME:
        return _run(task)


def _run(task: Task) -> dict[str, Any]:
    if task.stop.exists():  # stopped before its turn came
        return {}
    begun, worked = time.monotonic(), time.process_time()
    say(task.log, begun=platform.node(), process=os.getpid(), **task.limits)
    stopped: list[bool] = []
    try:
        _work(task, lambda: stopped.append(True))
    except Exception as error:  # noqa: BLE001 - one place never stops the others
        record, details = failed(error)
    else:
        record, details = {"exit_code": DONE, "status": "stopped" if stopped else "done"}, ""
    seconds = round(time.monotonic() - begun + sum(task.ready.clock.seconds.values()), 1)
    known = {"seconds": seconds, "core_seconds": round(time.process_time() - worked, 1)}
    record = {**task.facts, **record, **known, "memory_mib": peak_mib()}
    end_log(task.log, record, details=details)
    return record


def _work(task: Task, note_stop: Callable[[], None]) -> Run:
    from boundaries.pipeline import propose_for, save  # noqa: PLC0415 - heavy, in its own process
    from boundaries.run.record import Clock  # noqa: PLC0415

    def listen(stage: str) -> None:
        known = " " not in stage
        say(task.log, **{"stage" if known else "said": stage}, memory_mib=peak_mib())

    clock = Clock(listen, dict(task.ready.clock.seconds))
    run = propose_for(
        replace(task.ready, clock=clock),
        quick=task.quick,
        progress=_teller(task.log, counts=task.ready.study.report.suppress is None),
        stop=_asker(task.stop, note_stop),
    )
    listen("render")
    save(run, task.folder)
    return run


def _teller(log: Path, *, counts: bool) -> Callable[[Progress], None]:
    """Return what writes progress into the log, now and then; numbers of people where it may."""
    last: dict[str, float] = {}

    def tell(progress: Progress) -> None:
        now = time.monotonic()
        if now - last.get(progress.option_id, -_EVERY) < _EVERY:
            return
        last[progress.option_id] = now
        known = {"best": progress.best, "bound": progress.bound, "gap": progress.gap}
        known = known if counts else {}
        told = {key: "" if value is None else value for key, value in known.items()}
        say(log, option=progress.option_id, **told, memory_mib=peak_mib())

    return tell


def _asker(stop: Path, note_stop: Callable[[], None]) -> Callable[[], bool]:
    """Return what answers whether to stop; the file is looked for a few times a second."""
    asked: list[float] = [0.0, 0.0]

    def answer() -> bool:
        now = time.monotonic()
        if not asked[1] and now - asked[0] > 0.25:
            asked[0] = now
            if stop.exists():
                asked[1] = 1.0
                note_stop()
        return bool(asked[1])

    return answer


def failed(error: Exception) -> tuple[dict[str, Any], str]:
    """Return the record of a place that failed, and the details for its log."""
    from boundaries.errors import (  # noqa: PLC0415
        BoundariesError,
        InfeasibleError,
        InputError,
        RefereeError,
    )

    if isinstance(error, InfeasibleError):
        said = " ".join([str(error), *error.reasons])
        return {"exit_code": NO_PLAN, "status": "no plan", "reason": said}, ""
    if isinstance(error, InputError) or (
        isinstance(error, BoundariesError) and not isinstance(error, RefereeError)
    ):
        problems = "\n".join(str(problem) for problem in getattr(error, "problems", ()))
        return {"exit_code": FAULTS, "status": "problems", "reason": str(error)}, problems
    said = "it needed more memory than it may have" if isinstance(error, MemoryError) else ""
    said = said or f"{type(error).__name__}: {error}"
    details = "".join(traceback.format_exception(error))
    return {"exit_code": CRASHED, "status": "crashed", "reason": said}, details


def peak_mib() -> int | None:
    """Return the most memory that this process has used, where the system tells."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    import sys  # noqa: PLC0415

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 if sys.platform == "linux" else 1024**2))
