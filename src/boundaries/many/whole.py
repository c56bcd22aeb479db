"""Every place of a region in one go: asked for, told what it costs, run, and drawn together.

Goes in: names, studies or a CSV, and data. Comes out: a folder with a run's folder for each place,
``batch.csv``, ``region.html`` and ``region.xlsx``. One place never stops another.
"""

from __future__ import annotations

import os
import uuid
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boundaries.errors import InputError
from boundaries.many.asked import ask
from boundaries.many.claims import Claims, claims, one_writer
from boundaries.many.cost import seconds_of, told
from boundaries.many.engines import END_NOW, cluster, died, processes, tool_version
from boundaries.many.ledger import begin_log, end_log, log_of, read_entries, read_entry
from boundaries.many.once import Once
from boundaries.many.prepared import task_for
from boundaries.many.sets import find_sets
from boundaries.many.studies import Wanted, find_study
from boundaries.many.table import BATCH_FILE, exit_code_of, write_table
from boundaries.many.task import CRASHED, DONE, NO_PLAN, failed
from boundaries.run.drafts import recover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

    import pandas as pd

    from boundaries.many.asked import Asked
    from boundaries.many.engines import Engine
    from boundaries.many.task import Task

__all__ = ["Batch", "How", "batch"]

WRITTEN: Final = (BATCH_FILE, "region.html", "region.xlsx")
"""What a batch writes beside the folders, studies and logs of its places."""

_MIB_A_PLACE: Final = (
    1_500  # what most places need; decides how many run at a time where nobody says
)


@dataclass(frozen=True)
class How:
    """How a batch is to be run.

    Parameters
    ----------
    jobs
        Places at a time; None for as many as the cores and the memory of the machine allow.
    scheduler
        Address of a dask scheduler whose workers do the work.
    shard
        ``i/n``: only every n-th place, from the i-th.
    quick
        A quick look by the clock.
    resume
        Whether to leave what is there and up to date, and run the rest.
    memory_gb
        Memory of each place; None for an equal part of the machine's.
    """

    jobs: int | None = None
    scheduler: str | None = None
    shard: str | None = None
    quick: bool = False
    resume: bool = False
    memory_gb: float | None = None


@dataclass(frozen=True)
class Batch:
    """What became of a batch.

    Parameters
    ----------
    folder
        Where everything lies.
    table
        The rows of ``batch.csv`` that are of the places asked for.
    exit_code
        0 when every place is done; else the worst of 1 (problems in the data), 3 (no plan) and 4
        (crashed); 130 when some were not run to their end.
    """

    folder: Path
    table: pd.DataFrame
    exit_code: int

    def _repr_html_(self) -> str:
        """Show the places in a notebook."""
        shown = self.table[["place", "status", "reason", "seconds"]]
        return str(shown.to_html(index=False))


@dataclass
class _State:
    """What is going on: the places in hand, and how to tell of them."""

    folder: Path
    stop_file: Path
    listen: Callable[[str], None]
    stop: Callable[[], bool]
    running: dict[Future[dict[str, Any]], Task] = field(default_factory=dict)
    unwritten: dict[str, dict[str, Any]] = field(default_factory=dict)


def batch(
    places: str | Iterable[str | Path] = (),
    data: str | Path | Iterable[str | Path] = (),
    output: str | Path = "batch",
    *,
    all_boroughs: bool = False,
    listen: Callable[[str], None] | None = None,
    stop: Callable[[], bool] | None = None,
    **how: Any,
) -> Batch:
    """Propose options for many places, each in a process of its own, and draw them together.

    Parameters
    ----------
    places
        Borough names as for `init`, studies (``.toml``), or CSV files with the columns name and
        boroughs and any keys of a study.
    data
        Files or folders that names are looked for in.
    output
        The folder for all of it; each place's run is a folder in it.
    all_boroughs
        Whether every borough of the data is a place.
    listen
        Called with sentences for people, and with each place as it ends.
    stop
        Asked often; when it answers yes, all places end with what they have.
    how
        ``jobs``, ``scheduler``, ``shard``, ``quick``, ``resume``, ``memory_gb``: see
        `boundaries.many.whole.How`.

    Returns
    -------
    Batch
        The rows of ``batch.csv`` and the exit code.

    Raises
    ------
    InputError
        When nothing is asked for, the folder cannot be used, or the scheduler does not answer.
        What is wrong with one place is no error: it stands in its row.
    """
    choices = How(**how)
    words = [places] if isinstance(places, (str, Path)) else list(places)
    paths = [data] if isinstance(data, (str, Path)) else list(data)
    folder = Path(output)
    tell, once = listen or (lambda _: None), Once()
    words = [str(word) for word in words]
    _make(folder, words)
    sets = find_sets([Path(path) for path in paths], once.read, listen=tell) if paths else ()
    asked = ask(words, sets=sets, all_boroughs=all_boroughs)
    asked = _shard(asked, choices.shard)
    stop_file = folder / f".stop-{uuid.uuid4().hex}"
    state = _State(folder, stop_file, tell, stop or (lambda: False))
    with claims(folder) as held:
        mine = _claim(asked, held, folder, resume=choices.resume)
        for one in mine:
            recover(folder / one.slug)
        wanted = [find_study(one, sets, once, folder=folder) for one in mine]
        try:
            with _engine(choices) as engine, _ending_at_once(state):
                _run_all(wanted, engine, state, once=once, how=choices)
        finally:
            stop_file.unlink(missing_ok=True)
    return _close(state, asked)


@contextmanager
def _ending_at_once(state: _State) -> Iterator[None]:
    """End every process at once when Ctrl-C is pressed for the second time."""
    try:
        yield
    except KeyboardInterrupt:
        state.stop_file.write_text(END_NOW, encoding="utf-8")
        with suppress(OSError), one_writer(state.folder):
            write_table(state.folder)
        raise


def _make(folder: Path, words: Iterable[str]) -> None:
    """Make the batch's folder; refuse one in which something of somebody else would be lost."""
    if folder.is_file():
        raise InputError(f"{folder} is a file. Give the name of a folder for the results.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = f"Cannot make {folder}: {error.strerror}. Choose another folder with -o."
        raise InputError(said) from error
    links = [path.name for path in folder.iterdir() if path.is_symlink()]
    if links:
        said = f"{', '.join(links[:5])} in {folder} leads elsewhere, and a batch writes only there."
        raise InputError(f"{said} Delete it, or choose another folder with -o.")
    ours = any(read_entries(folder))
    given = {Path(word).resolve() for word in words}
    lost = [name for name in WRITTEN if (folder / name).exists()]
    lost = [name for name in lost if not ours or (folder / name).resolve() in given]
    lost += [log.name for log in folder.glob("*.log") if read_entry(log) is None]
    if lost:
        raise InputError(
            f"{', '.join(lost)} in {folder} may be written over, and no batch wrote "
            f"{'it' if len(lost) == 1 else 'them'}. Choose another folder with -o."
        )


def _shard(asked: tuple[Asked, ...], shard: str | None) -> tuple[Asked, ...]:
    if shard is None:
        return asked
    number, _, count = shard.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise InputError(f"--shard {shard} is not i/n, such as 1/4, with i from 1 to n.")
    return asked[int(number) - 1 :: int(count)]


def _claim(
    asked: Sequence[Asked], held: Claims, folder: Path, *, resume: bool
) -> tuple[Asked, ...]:
    """Claim the places; refuse to run again what another batch has done, or is doing."""
    free = held.take(one.slug for one in asked)
    there = [one.name for one in asked if one.slug not in free or log_of(folder, one.slug).exists()]
    if there and not resume:
        more = f" and {len(there) - 5} more" if len(there) > 5 else ""
        raise InputError(
            f"{folder} holds a batch of {', '.join(there[:5])}{more} already. --resume takes up "
            "what is missing or changed; or choose another folder with -o."
        )
    return tuple(one for one in asked if one.slug in free)


def _engine(how: How) -> AbstractContextManager[Engine]:
    if how.scheduler is not None:
        return cluster(how.scheduler)
    cores, memory = _cores(), _machine_mib()
    jobs = how.jobs or max(1, min(cores, memory // _MIB_A_PLACE))
    given = int(how.memory_gb * 1024) if how.memory_gb else memory // jobs
    return processes(jobs, given)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _machine_mib() -> int:
    """Return the machine's memory; where the system does not tell, what most have."""
    with suppress(AttributeError, ValueError, OSError):
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**2)
    return 8 * 1024


def _run_all(
    wanted: Sequence[Wanted], engine: Engine, state: _State, *, once: Once, how: How
) -> None:
    """Run what is to be run, the largest places first, as many at a time as the engine can."""
    mode = "quick" if how.quick else "as the study says"
    keys = {
        one.asked.slug: once.key_of(one.study, version=tool_version(), mode=mode)
        for one in wanted
        if one.study is not None
    }
    to_run = [one for one in wanted if not _is_done(one, state.folder, keys)]
    to_run.sort(key=lambda one: -seconds_of(one.lsoas, quick=how.quick))
    for one in to_run:
        with suppress(OSError):  # told again when its place ends
            begin_log(log_of(state.folder, one.asked.slug), one.asked.name)
    sizes = [one.lsoas for one in to_run if one.study is not None]
    times = "once" if once.reads == 1 else f"{once.reads} times (for different files)"
    state.listen(f"Files read {times}, in {once.seconds:.1f} s, for {len(wanted)} places.")
    state.listen(told(sizes, width=engine.width(), quick=how.quick, done=len(wanted) - len(to_run)))
    if sizes:
        state.listen(f"{engine.said[0].upper()}{engine.said[1:]}.")
    queue = deque(to_run)
    while queue or state.running:
        if state.stop() and not state.stop_file.exists():
            queue.clear()
            state.stop_file.touch()
            state.listen("Stopping: every place ends with what it has.")
        if queue and len(state.running) <= engine.width():  # one waits, so that none is idle
            _begin(queue.popleft(), engine, state, once=once, how=how, key=keys)
            continue
        _await(state)


def _is_done(one: Wanted, folder: Path, keys: dict[str, str]) -> bool:
    """Say whether a place has its result already, from the same study, data and version."""
    entry = read_entry(log_of(folder, one.asked.slug))
    if entry is None or entry.record.get("key") != keys.get(one.asked.slug, "none"):
        return False
    if entry.record.get("exit_code") == NO_PLAN:
        return True
    whole = (folder / one.asked.slug / "run.json").is_file()
    return whole and entry.record.get("status") == "done"


def _begin(
    one: Wanted, engine: Engine, state: _State, *, once: Once, how: How, key: dict[str, str]
) -> None:
    """Cut a place out of the data and send it to be run; one that is wrong ends here."""
    facts = {
        "place": one.asked.name,
        "study": os.path.relpath(one.path, state.folder),
        "lsoas": one.lsoas,
        "key": key.get(one.asked.slug, ""),
    }
    slug = one.asked.slug
    try:
        task = task_for(
            one, once, slug=slug, folder=state.folder, stop=state.stop_file,
            quick=how.quick, facts=facts,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - one place never stops the others
        record, details = failed(error)
        _end(state, slug, {**facts, **record}, details)
        return
    state.running[engine.submit(task)] = task


def _await(state: _State) -> None:
    """Wait a moment for places to end."""
    ended, _ = wait(state.running, timeout=0.5, return_when=FIRST_COMPLETED)
    for future in ended:
        task = state.running.pop(future)
        error = future.exception()
        record = died(task) if error is not None else future.result()
        if not record:
            continue
        _end(state, task.folder.name, record, str(error or ""))


def _end(state: _State, slug: str, record: dict[str, Any], details: str) -> None:
    """Write down what became of a place, if it has not done so itself, and tell it."""
    log = log_of(state.folder, slug)
    entry = read_entry(log)
    if (entry is None or not entry.record) and not end_log(log, record, details=details):
        state.unwritten[slug] = record
    with suppress(OSError), one_writer(state.folder):
        write_table(state.folder)
    said = record["status"] if record["exit_code"] == DONE else f"{record['status']}: "
    reason = " ".join(str(record.get("reason", "")).split())
    state.listen(f"{record['place']}: {said}{reason} ({record.get('seconds', 0)} s)")


def _close(state: _State, asked: Sequence[Asked]) -> Batch:
    """Write down what a full disk kept from being written, and draw the region."""
    for slug, record in state.unwritten.items():
        end_log(log_of(state.folder, slug), record)
    code = DONE
    with one_writer(state.folder):
        table = write_table(state.folder)
        try:
            draw(state.folder, table)
        except Exception as error:  # noqa: BLE001 - the places are there, and are told of
            state.listen(f"The region's page could not be drawn: {error}")
            code = CRASHED
    mine = {f"{one.slug}.log" for one in asked}
    table = table[table["log"].isin(mine)].reset_index(drop=True)
    return Batch(state.folder, table, max(exit_code_of(table), code))


def draw(folder: Path, table: pd.DataFrame) -> None:
    """Draw the region of a batch's folder: every place that has a run.

    Raises
    ------
    OSError
        When a page cannot be written.
    """
    from boundaries.pages.region import (  # noqa: PLC0415 - drawn once, at the end
        write_region_book,
        write_region_page,
    )
    from boundaries.run.region import Found, read_region  # noqa: PLC0415

    known = {entry.slug: entry for entry in read_entries(folder)}
    runs = [
        Found(folder / slug, known[slug].name, known[slug].record.get("elsewhere", {}))
        for slug in table["folder"]
        if slug
    ]
    if not runs:
        return
    region = read_region(runs)
    generator = f"boundaries {tool_version()}"
    write_region_page(region, table, folder / "region.html", generator=generator)
    write_region_book(region, table, folder / "region.xlsx")
