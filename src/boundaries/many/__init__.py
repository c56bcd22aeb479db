"""Every place of a region in one go: each runs `boundaries.pipeline`, in a process of its own.

`batch` answers for all of it. The way through: `asked` (names, a CSV, studies → studies, from the
files of `sets`) → `once` (files read once, cut by place) → `ledger` (who runs what, and what became
of it: a log a place) → `engines` (processes here, or dask workers) → `task` (one place, in its
process) → `whole`. Beside them `cost` says before how long it takes, and `watch` shows it. Next
room: `boundaries.pages.region` draws the places together, from their folders alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundaries.many.whole import Batch, batch

__all__ = ["Batch", "batch"]


def __getattr__(name: str) -> Any:
    """Import the batch when it is first used: a place's process sets itself up before numpy."""
    if name in __all__:
        return getattr(import_module("boundaries.many.whole"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
