"""What is known on the way: the wire, the folder, the place, and what was found out once for all.

Goes in: what a person asks. Comes out: `Trip`, that every source is brought with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from boundaries.fetching.faults import WireError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from boundaries.fetching.shelf import Shelf
    from boundaries.fetching.wire import Wire

__all__ = ["Trip"]

T = TypeVar("T")


@dataclass
class Trip:
    """One errand.

    Parameters
    ----------
    wire, shelf
        The way out, and the folder.
    place
        Names or codes as typed.
    today
        The day that months are counted back from.
    dry
        Look, but bring nothing.
    progress
        Called with a source's name, bytes so far, and bytes in all (None: not known).
    """

    wire: Wire
    shelf: Shelf
    place: tuple[str, ...]
    today: date
    dry: bool
    progress: Callable[[str, int, int | None], None]
    _known: dict[str, Any] = field(default_factory=dict)

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
