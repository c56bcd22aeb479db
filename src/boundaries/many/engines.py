"""Who does the work: processes of this machine, or dask workers. The tasks are the same.

Goes in: `Task`. Comes out: a future of its record. Next: `boundaries.many.whole` keeps them busy.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import connection, parent_process, resource_tracker
from typing import TYPE_CHECKING, Any, Final, Protocol

from boundaries.errors import InputError
from boundaries.many.ledger import read_entry, say
from boundaries.many.task import CRASHED, peak_mib, run_place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boundaries.many.task import Task

__all__ = ["END_NOW", "Engine", "cluster", "processes"]

END_NOW: Final = "now"
"""Content of the stop file that ends a process at once."""

ATTEMPTS: Final = 3
"""A place whose process dies is begun again so often in all."""

_THREADS: Final = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR", "NUMBA")


class Engine(Protocol):
    """Something that runs tasks."""

    said: str
    """How the work is done, for people."""

    def width(self) -> int:
        """Return how many places run at a time."""

    def submit(self, task: Task) -> Future[dict[str, Any]]:
        """Run a task; the future gives its record."""


class _Processes:
    def __init__(self, jobs: int, memory_mib: int, slots: ThreadPoolExecutor) -> None:
        self._jobs, self._memory_mib, self._slots = jobs, memory_mib, slots
        self.said = (
            f"{jobs} {'place' if jobs == 1 else 'places'} at a time, each in a process of its own "
            f"with one thread and at most {memory_mib:,} MiB"
        )

    def width(self) -> int:
        return self._jobs

    def submit(self, task: Task) -> Future[dict[str, Any]]:
        return self._slots.submit(_in_own_process, task, self._memory_mib)


@contextmanager
def processes(jobs: int, memory_mib: int) -> Iterator[Engine]:
    """Give an engine of this machine: the standard library's process pool, a new one a place.

    Parameters
    ----------
    jobs
        Places at a time.
    memory_mib
        Memory that each may use; one that takes more ends itself (not on Windows).
    """
    resource_tracker.ensure_running()  # it would open the ears that `_deaf` closes
    with ThreadPoolExecutor(jobs, initializer=_deaf) as slots:
        yield _Processes(jobs, memory_mib, slots)


def _deaf() -> None:
    """Keep Ctrl-C from this thread and from the processes it starts: the batch hears it for all."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _in_own_process(task: Task, memory_mib: int) -> dict[str, Any]:
    """Run a task in a new process, and again when the process dies under it."""
    for attempt in range(1, ATTEMPTS + 1):
        with ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_settle_in,
            initargs=(memory_mib, task.log, task.stop),
        ) as pool:
            try:
                return pool.submit(run_place, task).result()
            except BrokenProcessPool:
                say(task.log, died=f"attempt {attempt}")
        if task.stop.exists() or _reason(task):
            break
    return died(task)


def died(task: Task) -> dict[str, Any]:
    """Return the record of a place whose process did not live to tell."""
    said = _reason(task) or (
        "its process was ended from outside, or used more memory than the machine has"
    )
    return {**task.facts, "exit_code": CRASHED, "status": "crashed", "reason": said}


def _reason(task: Task) -> str:
    """Return why a process ended itself; empty where it did not."""
    entry = read_entry(task.log)
    return entry.news.get("ended_itself", "") if entry else ""


def _settle_in(memory_mib: int, log: Path, stop: Path) -> None:
    """Prepare a process for its place: one thread, its memory, and an end with its parent's."""
    for name in _THREADS:
        os.environ[f"{name}_NUM_THREADS"] = "1"
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_keep_watch, args=(memory_mib, log, stop), daemon=True).start()


def _keep_watch(memory_mib: int, log: Path, stop: Path) -> None:
    """End this process when its parent ends, when it is told to, or when it takes too much memory.

    Memory is what the process really holds: a limit of the system would count what compilers and
    solvers only reserve, three times as much.
    """
    parent = parent_process()
    assert parent is not None  # noqa: S101 - only called in a child
    while not connection.wait([parent.sentinel], timeout=0.5):
        with suppress(OSError):
            if stop.read_text(encoding="utf-8") == END_NOW:
                break
        if (peak_mib() or 0) > memory_mib:
            said = f"it needed more than the {memory_mib:,} MiB of memory that a place may have"
            say(log, ended_itself=said)
            break
    os._exit(CRASHED)


class _Cluster:
    def __init__(self, client: Any, address: str) -> None:
        self._client, self._executor = client, client.get_executor(pure=False)
        self.said = f"{self.width()} dask workers at {address}, a place at a time on each"

    def width(self) -> int:
        return max(1, len(self._client.nthreads()))

    def submit(self, task: Task) -> Future[dict[str, Any]]:
        future: Future[dict[str, Any]] = self._executor.submit(run_place, task)
        return future


@contextmanager
def cluster(address: str) -> Iterator[Engine]:
    """Give an engine of the dask workers of a scheduler.

    Parameters
    ----------
    address
        The scheduler, ``tcp://HOST:PORT``.

    Raises
    ------
    InputError
        When dask.distributed is not installed, nobody answers, there is no worker, or a worker
        has another version of this tool.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        said = "--scheduler needs dask.distributed."
        raise InputError(f"{said} Install it: pip install 'boundaries[cluster]'.") from error
    try:
        client = Client(address, timeout="10s", set_as_default=False)  # type: ignore[no-untyped-call] # distributed has no types here
    except (OSError, ValueError, TypeError) as error:
        said = f"No dask scheduler answers at {address} ({error})."
        raise InputError(f"{said} Start one: dask scheduler; docs/batch.md shows how.") from error
    with client:
        _require_workers(client, address)
        yield _Cluster(client, address)


def _require_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=30)
    except TimeoutError as error:
        said = f"The scheduler at {address} has no workers."
        raise InputError(f"{said} Start one: dask worker {address} --nthreads 1.") from error
    own = tool_version()
    try:
        others = set(client.run(tool_version).values()) - {own}
    except Exception as error:
        said = f"A worker cannot run this tool ({error})."
        raise InputError(f"{said} Install boundaries {own} there.") from error
    if others:
        said = f"Workers have another version of boundaries ({', '.join(sorted(others))})."
        raise InputError(f"{said} Install {own} there: results would not be the same.")


def tool_version() -> str:
    """Return the version of this tool."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - sent to workers

    try:
        return version("boundaries")
    except PackageNotFoundError:
        return "not installed"
