"""What is known on the way: the wire, the folder, the place, and what was found out once for all.

Goes in: what a person asks. Comes out: `Trip`, that every source is brought with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from boundaries.fetching.faults import WireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.fetching.shelf import Shelf
    from boundaries.fetching.wire import Wire

__all__ = ["News", "Trip"]

T = TypeVar("T")


@dataclass(frozen=True)
class News:
    """How an errand gets on.

    Parameters
    ----------
    source
        Name of the source that is being brought; empty: of none in particular.
    said
        A sentence, when something is done or waited for.
    done, total
        So far, and in all (None: not known).
    unit
        Of what: ``bytes`` or ``rows``.
    """

    source: str = ""
    said: str = ""
    done: int = 0
    total: int | None = None
    unit: str = "bytes"


@dataclass
class Trip:
    """One errand.

    Parameters
    ----------
    wire, shelf
        The way out, and the folder.
    place
        Names or codes as typed.
    dry
        Look, but bring nothing.
    listen
        Called as it gets on.
    """

    wire: Wire
    shelf: Shelf
    place: tuple[str, ...]
    dry: bool
    listen: Callable[[News], None]
    _known: dict[str, Any] = field(default_factory=dict)

    def progress(self, name: str, done: int, total: int | None, *, unit: str) -> None:
        """Say how many bytes or rows of a source have come."""
        self.listen(News(name, "", done, total, unit))

    def once(self, name: str, find: Callable[[], T]) -> T:
        """Find something out once; what failed once is not tried again on this errand.

        Raises
        ------
        WireError
            When it cannot be found out.
        """
        if name not in self._known:
            try:
                self._known[name] = find()
            except WireError as fault:
                self._known[name] = fault
        known = self._known[name]
        if isinstance(known, WireError):
            raise WireError(str(known)) from known
        result: T = known
        return result
