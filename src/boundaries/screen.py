"""What the command line shows: progress while it works, and short tables when it is done.

Goes in: stages, progress, a `Run`. Comes out: text for a terminal. Quiet when not a terminal.
"""

from __future__ import annotations

import math
import platform
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Protocol, Self

from rich.box import SIMPLE
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table

from boundaries.encodings import readable
from boundaries.problems import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.progress import TaskID

    from boundaries.problems import Problem
    from boundaries.read import FileUse
    from boundaries.run import Option, Run
    from boundaries.solve.result import Progress

    Hear = Callable[[Progress], None] | None
    Listen = Callable[[str], None] | None

__all__ = [
    "Bar",
    "NotebookBar",
    "Screen",
    "console",
    "show_facts",
    "show_files",
    "show_options",
    "show_problems",
    "showing",
    "unforeseen",
    "what_was_done",
]

_STAGES = {
    "read": "Reading files",
    "check": "Checking the data",
    "place": "Building the place",
    "solve": "Looking for options",
    "near": "Looking for other plans that are nearly as good",
    "sensitivity": "Solving again with other choices",
    "read plan": "Reading the plan",
    "measure": "Measuring",
    "render": "Drawing the map and the report",
}


_NOW = ["starting"]


def what_was_done() -> str:
    """Return the stage that was last begun, as part of a sentence."""
    words = _STAGES.get(_NOW[0], _NOW[0])
    return words[:1].lower() + words[1:]


def unforeseen(error: Exception) -> str:
    """Write down an error that nobody foresaw, and return what a person is told of it."""
    kind = type(error).__name__
    about = " ".join(str(error).split())[:200]
    said = f"Something unforeseen happened while {what_was_done()}: {kind}: {about}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="boundaries-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(f"boundaries {_version()}, {platform.platform()}, {sys.version}\n")
            log.write(f"{sys.argv}\nwhile {what_was_done()}\n\n")
            log.write("".join(traceback.format_exception(error)))
            where = f"What happened stands in {log.name}."
    except OSError:
        where = "It could not be written down: no folder for temporary files can be written to."
    return (
        f"{said}\nThis is a fault in the program; nothing of yours was changed. {where}\n"
        "Please report it where you have the program from, with that file (look through it first:"
        " it has names of files and folders)."
    )


def _version() -> str:
    try:
        return version("boundaries")
    except PackageNotFoundError:
        return "(not installed)"


class Screen:
    """One line of progress on a terminal's error stream; nothing at all elsewhere.

    Parameters
    ----------
    counts
        Whether numbers of people may be shown.
    """

    def __init__(self, *, counts: bool = True) -> None:
        self._counts = counts
        self._console = console(stderr=True)
        self._status = self._console.status("")
        self._begun = time.monotonic()

    def stage(self, name: str) -> None:
        """Say which stage has begun; a sentence that is no stage is printed and stays."""
        _NOW[0] = name
        if name not in _STAGES:
            self._console.print(readable(name), soft_wrap=True)
        elif self._console.is_terminal:
            self._status.update(f"{_STAGES[name]} …")
            self._status.start()

    def progress(self, progress: Progress) -> None:
        """Say how the search is getting on."""
        if not self._console.is_terminal:
            return
        parts = [progress.option_id]
        if self._counts and progress.best is not None:
            parts.append(f"best {progress.best:,.0f}")
        if self._counts and progress.bound is not None:
            parts.append(f"bound {progress.bound:,.0f}")
        if progress.gap is not None:
            parts.append(f"gap {_gap(progress.gap)}")
        elapsed = time.monotonic() - self._begun
        parts.append(f"{elapsed:.0f} s in all (Ctrl-C keeps the best so far)")
        self._status.update("  ".join(parts))

    def done(self) -> None:
        """Clear the line."""
        self._status.stop()

    @contextmanager
    def interruptible(self) -> Iterator[Callable[[], bool]]:
        """Give a question that answers yes after a first Ctrl-C; a second one ends at once."""
        from boundaries.run.watch import first_interrupt  # noqa: PLC0415 - pandas comes with it

        try:
            with first_interrupt() as asked:
                yield asked
        finally:
            self.done()


class NotebookBar:
    """A progress bar below a notebook's cell: it needs no widgets and no network.

    Parameters
    ----------
    expected
        Ids of the options that will be looked for, in order.
    counts
        Whether numbers of people may be shown.
    """

    def __init__(self, expected: list[str], *, counts: bool) -> None:
        self._expected, self._counts = expected, counts
        self._begun = self._shown = time.monotonic()
        self._stage, self._said = "", ""
        self._handle: Any = None

    def stage(self, name: str) -> None:
        """Say which stage has begun, or a sentence."""
        self._stage, self._said = _STAGES.get(name, name), ""
        self._show(0 if name in _STAGES else None)

    def progress(self, progress: Progress) -> None:
        """Say how the search is getting on, twice a second at most."""
        now = time.monotonic()
        if now - self._shown < _EVERY_SECONDS:
            return
        self._shown = now
        parts = [progress.option_id]
        if self._counts and progress.best is not None:
            parts.append(f"best {progress.best:,.0f}")
        if progress.gap is not None:
            parts.append(f"gap {_gap(progress.gap)}")
        self._said = ", ".join(parts)
        known = progress.option_id in self._expected
        self._show(self._expected.index(progress.option_id) if known else None)

    def done(self) -> None:
        """Leave one line: how long it took."""
        seconds = time.monotonic() - self._begun
        self._put(f"<small>Done in {seconds:.0f} seconds.</small>")

    def _show(self, reached: int | None) -> None:
        seconds = time.monotonic() - self._begun
        value = "" if reached is None else f' value="{reached}"'
        text = " · ".join(part for part in (self._stage, self._said, f"{seconds:.0f} s") if part)
        self._put(
            f'<progress max="{max(1, len(self._expected))}"{value}></progress> {escape(text)}'
            "<br><small>The stop button keeps the best so far; a second time it ends at once."
            "</small>"
        )

    def _put(self, html: str) -> None:
        import IPython.display as shown  # noqa: PLC0415 - only in a notebook

        page: Any = shown.HTML  # untyped

        if self._handle is None:
            self._handle = shown.display(page(html), display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(page(html))


_EVERY_SECONDS = 0.5


def in_notebook() -> bool:
    """Say whether this is a notebook's kernel."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


@contextmanager
def showing(
    expected: list[str], *, listen: Listen, progress: Hear | bool | None, counts: bool
) -> Iterator[tuple[Listen, Hear]]:
    """Give whom to tell of stages and of progress: the caller, or a bar where there is one.

    Parameters
    ----------
    expected, counts
        As in `NotebookBar`.
    listen
        The caller's own ear for stages, or None.
    progress
        The caller's own for progress; or True: a bar wherever it can be shown; None: a bar in a
        notebook; False: nothing.
    """
    bar: Screen | NotebookBar | None = None
    if callable(progress) or listen is not None or progress is False:
        yield listen, progress if callable(progress) else None
        return
    if in_notebook():
        bar = NotebookBar(expected, counts=counts)
    elif progress:
        bar = Screen(counts=counts)
    if bar is None:
        yield None, None
        return
    try:
        yield bar.stage, bar.progress
    finally:
        bar.done()


class _News(Protocol):
    """What `boundaries.fetching` says as it gets on."""

    @property
    def source(self) -> str: ...
    @property
    def said(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int | None: ...
    @property
    def unit(self) -> str: ...


class Bar:
    """A bar for each download on a terminal's error stream; elsewhere sentences alone."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[so_far]}", markup=False),
        )
        self._bars = Bars(*columns, console=console(stderr=True), transient=True)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._bars.console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def hear(self, news: _News) -> None:
        """Print what is said, and clear the bars: what they counted is done; else move a bar."""
        if news.said:
            for task in self._tasks.values():
                self._bars.remove_task(task)
            self._tasks.clear()
            live = self._bars.console.is_terminal  # above the bars, or into a file
            screen = self._bars.console if live else console()
            screen.print(readable(news.said), soft_wrap=True)
            return
        if news.source not in self._tasks:
            task = self._bars.add_task(news.source, total=news.total, so_far="")
            self._tasks[news.source] = task
        self._bars.update(
            self._tasks[news.source], completed=news.done, total=news.total, so_far=_so_far(news)
        )


def _so_far(news: _News) -> str:
    """Say how much has come: "3.1 MB of 14.0 MB", "300 of 482 rows"."""
    if news.unit == "bytes":
        return decimal(news.done) + (f" of {decimal(news.total)}" if news.total else "")
    return f"{news.done:,} of {news.total:,} rows" if news.total else f"{news.done:,} rows"


def show_files(uses: Iterable[FileUse]) -> None:
    """Print one line a file: what it is used as, or why it is not used."""
    screen = console(soft_wrap=True)
    for use in uses:
        screen.print(str(use))


def show_problems(problems: Iterable[Problem]) -> None:
    """Print every problem, errors first, and how many of each there are."""
    every = in_order(problems)
    screen = console(soft_wrap=True)
    for problem in every:
        screen.print(str(problem))
    levels = ("error", "warning", "note")
    counts = {level: sum(problem.level == level for problem in every) for level in levels}
    words = [f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items()]
    screen.print(", ".join(words))


def show_options(run: Run) -> None:
    """Print the options side by side."""
    table = _table(f"{run.place.name}: options for discussion")
    table.add_column("option")
    layers = list(run.place.teams.values())
    heads = ["practices move", "patients move", "alignment", "misaligned"]
    heads += [f"{layer.label}: residents change team" for layer in layers]
    for head in [*heads, "gap", "rules broken"]:
        table.add_column(head, justify="right")
    for option in run.options:
        table.add_row(*_cells(option, [layer.name for layer in layers]))
    _wide().print(table)


def _cells(option: Option, layers: list[str]) -> list[str]:
    from boundaries.run.shown import share_words  # noqa: PLC0415 - pandas loads only with a run

    summary = option.measures.summary
    gap = option.gap
    proof = (
        ("best on given lines" if option.given else "proven best")
        if option.status == "optimal"
        else _gap(gap)
        if gap is not None
        else "-"
    )
    return [
        option.option_id,
        _count(summary["practices_moved"]),
        _count(summary["patients_moved"]),
        share_words(summary["alignment"], missing="*"),
        _count(summary["misaligned_patients"]),
        *(_count(summary[f"residents_changing_{layer}"]) for layer in layers),
        "-" if option.status == "measured" else proof,
        str(len(option.measures.broken) or "-"),
    ]


def _gap(gap: float) -> str:
    from boundaries.run.shown import gap_words  # noqa: PLC0415 - pandas loads only with a run

    return gap_words(gap)


def _count(value: float) -> str:
    return "*" if math.isnan(value) else f"{value:,.0f}"


def show_facts(run: Run) -> None:
    """Print today's PCNs."""
    from boundaries.run.shown import share_words  # noqa: PLC0415 - pandas loads only with a run

    place, today = run.place, run.options[0]
    screen = _wide()
    inside = int(place.practices["patients_inside"].sum())
    screen.print(
        f"{place.name}: {len(place.lsoas):,} LSOAs ({place.lsoa_year}), "
        f"{len(place.practices):,} practices, {int(place.practices['list_size'].sum()):,} patients "
        f"({inside:,} living in the place), {len(place.pcns):,} PCNs, "
        f"practices without a PCN: {int(place.practices['pcn_code'].isna().sum()):,}"
    )
    shown = share_words(today.measures.summary["alignment"], missing="*")
    screen.print(f"Alignment today ({today.title}): {shown}")
    table = _table("PCNs today")
    heads = {
        "pcn_name": "PCN", "practices": "practices", "list_size": "list",
        "contiguous": "in one piece", "list_inside_share": "live in its catchment",
        "catchment_registered_share": "catchment is with it", "boroughs": "boroughs",
    }  # fmt: skip
    for head in heads.values():
        table.add_column(head, justify="left" if head in ("PCN", "boroughs") else "right")
    for row in run.facts.reset_index()[list(heads)].itertuples(index=False):
        table.add_row(*(_fact(value) for value in row))
    screen.print(table)


def console(**how: Any) -> Console:
    """Give a console on which text is text: a name in brackets is no colour and no link."""
    return Console(markup=False, highlight=False, emoji=False, **how)


def _wide() -> Console:
    """Give a console of the terminal's width, or one wide enough for tables sent to a file."""
    return console() if Console().is_terminal else console(width=140)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False, show_edge=False)


def _fact(value: object) -> str:
    from boundaries.run.shown import share_words  # noqa: PLC0415 - pandas loads only with a run

    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "yes" if value else "no"
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - not a number
        return "-"
    if isinstance(value, float):
        return share_words(value) if 0 <= value <= 1 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
