"""A search watched: what it found when, whether it was stopped, and what it did not reach then.

Goes in: whoever wants to hear of the search or may stop it. Comes out: `Watch`, whose record goes
into ``run.json``. Next: `boundaries.run.run` shows it as `Run.history`, `Run.stopped` and
`Run.not_reached`.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from boundaries.solve.result import Progress
    from boundaries.study import Study

__all__ = ["Watch", "asked_for", "first_interrupt"]


class Watch:
    """Passes on how a search gets on and whether to stop, and remembers both.

    Parameters
    ----------
    progress
        Told as the search gets on, or None.
    stop
        Asked whether to stop, or None.
    """

    def __init__(
        self, progress: Callable[[Progress], None] | None, stop: Callable[[], bool] | None
    ) -> None:
        self._progress, self._ask = progress, stop
        self._begun = time.monotonic()
        self._history: list[dict[str, Any]] = []
        self.stopped = False

    def tell(self, news: Progress) -> None:
        """Note what is new and pass it on."""
        now = {
            "option_id": news.option_id,
            "best": _known(news.best),
            "bound": _known(news.bound),
        }
        last = self._history[-1] if self._history else {}
        if any(last.get(key) != value for key, value in now.items()):
            seconds = round(time.monotonic() - self._begun, 2)
            self._history.append({**now, "seconds": seconds})
        if self._progress is not None:
            self._progress(news)

    def stop(self) -> bool:
        """Say whether somebody has asked to stop."""
        if not self.stopped and self._ask is not None and self._ask():
            self.stopped = True
        return self.stopped

    def record(self, study: Study, found: Iterable[str]) -> dict[str, Any]:
        """Return what ``run.json`` says of the search, whose options are given by their ids."""
        known = set(found)
        missing = [one for one in asked_for(study) if one not in known] if self.stopped else []
        return {"history": self._history, "stopped": self.stopped, "not_reached": missing}


def _known(people: float | None) -> float | None:
    """Return a number, or None where nothing is known yet."""
    return people if people is not None and math.isfinite(people) else None


def asked_for(study: Study) -> list[str]:
    """Return the ids of the options that a study asks for, in the order in which they come."""
    options, (least, most) = study.options, study.rules.counts
    ids = []
    for count in range(least, most + 1):
        suffix = f"-k{count}" if most > least else ""
        ids += [f"move-{moves}{suffix}" for moves in range(options.max_moves + 1)]
        ids += [f"closest{suffix}"] if study.shape.bond > 0 else []
        ids += [f"best-fit{suffix}"] if options.best_fit else []
    ids += ["footprint"] if study.footprints.given is not None else []
    ids += ["teams-stay"] if options.teams_stay in study.teams else []
    return ids


@contextmanager
def first_interrupt(*, only_by_default: bool = False) -> Iterator[Callable[[], bool]]:
    """Give a question that answers yes after a first Ctrl-C; a second one ends at once.

    In a notebook the stop button is a Ctrl-C.

    Parameters
    ----------
    only_by_default
        Leave Ctrl-C alone where somebody else answers it, and in a thread, where it never comes.
    """
    asked: list[bool] = []

    def note(_signal: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(True)

    mine = threading.current_thread() is threading.main_thread()
    free = signal.getsignal(signal.SIGINT) is signal.default_int_handler if mine else False
    if only_by_default and not free:
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)
