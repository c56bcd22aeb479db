"""boundaries: match PCNs to neighbourhoods with the least disruption, and prove it.

The way through the house: read → check → place → solve → measure → render
(`boundaries.pipeline` is that sentence as code).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundaries.plan import Plan
    from boundaries.study import Study, load_study

__all__ = ["Plan", "Study", "load_study"]

_HOMES = {
    "Plan": "boundaries.plan",
    "Study": "boundaries.study",
    "load_study": "boundaries.study",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that `import boundaries` is instant."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'boundaries' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
