"""How long a batch will take, said before it begins.

Goes in: how many LSOAs each place has, and how many places run at a time. Comes out: seconds, and
a sentence. docs/batch.md has the measurements that the two lines below were drawn through.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["about", "elapsed", "seconds_of"]

_QUICK: Final = (10.0, 0.25)
_STANDARD: Final = (120.0, 3.0)
"""Seconds of one core: so many for any place, and so many more for each LSOA of it."""

_BOROUGH: Final = 220
"""LSOAs above which the search is allowed more work: their size to the power of 3."""


def seconds_of(lsoas: int, *, quick: bool) -> float:
    """Return the seconds of one core that a place of so many LSOAs takes, roughly."""
    base, each = _QUICK if quick else _STANDARD
    more = 1.0 if quick else max(1.0, (lsoas / _BOROUGH) ** 2)
    return base + each * lsoas * more


def elapsed(seconds: Iterable[float], width: int) -> float:
    """Return the time until all are done, so many at a time, in the order given."""
    free = [0.0] * max(1, width)
    for one in seconds:
        heapq.heapreplace(free, free[0] + one)
    return max(free)


def about(seconds: float) -> str:
    """Write a time roughly: ``40 seconds``, ``12 minutes``, ``3.5 hours``."""
    if seconds < 90:
        return f"{max(5, round(seconds, -1)):.0f} seconds"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def told(lsoas: Sequence[int], *, width: int, quick: bool, done: int) -> str:
    """Return the sentence that says what a batch will take.

    Parameters
    ----------
    lsoas
        LSOAs of the places to be run, in their order.
    width
        Places at a time.
    quick
        Whether it is a quick look.
    done
        Places that are there already, and stay.
    """
    if not lsoas:
        return f"Nothing to do: {done} {'place is' if done == 1 else 'places are'} up to date."
    each = [seconds_of(count, quick=quick) for count in lsoas]
    stay = f"; {done} up to date" if done else ""
    return (
        f"{len(lsoas)} {'place' if len(lsoas) == 1 else 'places'} to run{stay}. Roughly "
        f"{about(elapsed(each, width))} with {width} at a time ({about(sum(each))} of one core; "
        "machines differ by a factor of two and more)."
    )
