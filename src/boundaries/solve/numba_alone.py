"""Numba, imported so that the working folder cannot configure it.

Numba reads ``.numba_config.yaml`` of whatever folder somebody works in, when it is imported and
before each function that it compiles; that file can name a folder of compiled code to be run. A
folder of data may come from somebody else, so the file is never read here. The user's own
``NUMBA_…`` variables count as ever. Next: `boundaries.solve.compiled`.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module

__all__ = ["CompileResultCacheImpl", "FunctionCache", "_CacheLocator", "njit"]


def _without_its_file() -> None:
    """Import Numba's configuration as if the file could not be read, and keep it from the file."""
    if "numba.core.config" not in sys.modules and os.path.lexists(".numba_config.yaml"):
        before = sys.modules.get("yaml")
        sys.modules["yaml"] = None  # type: ignore[assignment]  # importing it fails so
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import_module("numba.core.config")
        finally:
            del sys.modules["yaml"]
            if before is not None:
                sys.modules["yaml"] = before
    config = import_module("numba.core.config")
    config._config_fname = os.devnull  # type: ignore[attr-defined]  # noqa: SLF001 - no regular file: it is passed over


_without_its_file()

from numba import njit  # noqa: E402 - only after the guard
from numba.core.caching import (  # noqa: E402
    CompileResultCacheImpl,
    FunctionCache,
    _CacheLocator,
)
