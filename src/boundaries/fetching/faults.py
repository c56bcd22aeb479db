"""What can go wrong on the wire, in words.

Goes in: what a publisher answered. Comes out: `WireError`. `boundaries.fetching.errand` adds the page
to go to by hand.
"""

from __future__ import annotations

__all__ = ["AgainError", "WireError"]


class WireError(Exception):
    """A source cannot be had now; the text says what the publisher answered."""


class AgainError(WireError):
    """A fault that may pass: it is worth asking again.

    Parameters
    ----------
    said
        What happened.
    wait_s
        Seconds that the publisher asked to wait, or None.
    """

    def __init__(self, said: str, *, wait_s: float | None = None) -> None:
        super().__init__(said)
        self.wait_s = wait_s
