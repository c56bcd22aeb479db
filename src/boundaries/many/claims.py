"""Whose place is whose: a place is run by one batch at a time, and ``batch.csv`` written by one.

Goes in: a folder and the names of places. Comes out: locks that the system takes away when the
process ends, however it does.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Claims", "claims", "one_writer"]


class Claims:
    """Places that this process holds.

    Parameters
    ----------
    folder
        The batch's folder.
    held
        The stack that gives all back in the end.
    """

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self._folder, self._held = folder, held

    def take(self, slugs: Iterable[str]) -> set[str]:
        """Claim places; return those that nobody else holds."""
        return {slug for slug in slugs if self._take(slug)}

    def _take(self, slug: str) -> bool:
        path = self._folder / f".{slug}.lock"
        lock = FileLock(path, blocking=False)
        try:
            lock.acquire()
        except Timeout:
            return False
        self._held.callback(_give_back, lock, path)
        return True


def _give_back(lock: FileLock, path: Path) -> None:
    path.unlink(missing_ok=True)  # while it is still held
    lock.release()


@contextmanager
def claims(folder: Path) -> Iterator[Claims]:
    """Give claims on the places of a folder, and take them all back in the end."""
    with ExitStack() as held:
        yield Claims(folder, held)


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Wait until nobody else writes what all batches of a folder write together."""
    path = folder / ".batch.lock"
    with FileLock(path):
        yield
