"""Keep a solver's own chatter off the filter.

OR-Tools 9.15 has SCIP write two lines of a harmless fault to the process's standard error
whenever a callback is registered ("SCIPcatchEvent does not support variable or row change
events"). They come from C, so Python's `sys.stderr` cannot hold them back.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["quiet_solver"]

_ERROR_STREAM = 2


@contextmanager
def quiet_solver() -> Iterator[None]:
    """Send what the process writes to standard error nowhere while a solver runs."""
    try:
        kept = os.dup(_ERROR_STREAM)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _ERROR_STREAM)
        yield
    finally:
        os.dup2(kept, _ERROR_STREAM)
        os.close(kept)
        os.close(nowhere)
