"""What the command line shows of a batch: one live table, and a line for each place that ends.

Goes in: the logs of the places. Comes out: text for a terminal; only the lines where there is none.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from boundaries.encodings import readable
from boundaries.many.cost import about, elapsed
from boundaries.many.ledger import read_entries
from boundaries.run.shown import gap_words
from boundaries.screen import console

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from boundaries.many.ledger import Entry

__all__ = ["Watch"]

_COLUMNS: Final = ("place", "stage", "option", "best", "bound", "gap", "time", "memory")


class Watch:
    """A table of the places that are running, drawn anew twice a second.

    Parameters
    ----------
    folder
        The batch's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._first_seen = folder, dict[str, float]()  # drawn from at once
        self._console = console(stderr=True, soft_wrap=True)
        self._live = Live(
            get_renderable=self._drawn, console=self._console, refresh_per_second=2, transient=True
        )

    def __enter__(self) -> Self:
        """Begin to draw, on a terminal."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the table away."""
        self._live.stop()

    def tell(self, said: str) -> None:
        """Print a sentence that stays."""
        self._console.print(readable(said))

    def _drawn(self) -> Group:
        entries = list(read_entries(self._folder))
        running = [entry for entry in entries if entry.attempts and not entry.record]
        table = Table(box=None, pad_edge=False)
        for name in _COLUMNS:
            numeric = name not in ("place", "stage", "option")
            table.add_column(name, justify="right" if numeric else "left", no_wrap=True)
        for entry in running:
            table.add_row(*self._cells(entry))
        ended = sum(bool(entry.record) for entry in entries)
        said = f"{ended} of {len(entries)} places have ended{self._left(entries, len(running))}"
        return Group(table, Text(f"{said}. Ctrl-C keeps the best so far."))

    def _cells(self, entry: Entry) -> list[str]:
        news = entry.news
        begun = self._first_seen.setdefault(f"{entry.slug} {entry.attempts}", time.monotonic())
        gap, memory = news.get("gap", ""), news.get("memory_mib", "")
        return [
            entry.name,
            news.get("stage", "starting"),
            news.get("option", ""),
            *(f"{float(news[key]):,.0f}" if news.get(key) else "" for key in ("best", "bound")),
            gap_words(float(gap)) if gap else "",
            f"{time.monotonic() - begun:.0f} s",
            f"{memory} MiB" if memory and memory != "None" else "",
        ]

    def _left(self, entries: list[Entry], running: int) -> str:
        """Estimate the end: the others take as long as those that have ended, on average."""
        took = [float(e.record["seconds"]) for e in entries if e.record.get("seconds")]
        waiting = sum(not entry.record for entry in entries)
        if not took or not waiting:
            return ""
        left = elapsed([sum(took) / len(took)] * waiting, max(1, running))
        return f", about {about(left)} left"
