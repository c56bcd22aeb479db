"""Tables that cannot be changed by accident: whoever asks for one gets a copy.

Goes in: a frozen dataclass with pandas objects in it. Comes out: the same, but what is read from it
is a copy: pandas copies nothing until somebody writes, so this costs microseconds.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Guarded"]


class Guarded:
    """A value whose frames, series and dictionaries are handed out as copies."""

    def __getattribute__(self, name: str) -> Any:
        value = object.__getattribute__(self, name)
        if name.startswith("_"):
            return value
        if hasattr(type(value), "iloc"):
            return value.copy(deep=False)
        return dict(value) if type(value) is dict else value
