"""Draws a run: maps, reports, charts, workbooks. It computes nothing that a run does not say.

Goes in: a `Run`. Comes out: files that open anywhere, with the network off. Nothing comes next:
these files are for people. WGS 84 exists only here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundaries.render.folder import render_run
    from boundaries.render.map import draw_map, write_map

__all__ = ["draw_map", "render_run", "write_map"]

_HOMES = {
    "draw_map": "boundaries.render.map",
    "render_run": "boundaries.render.folder",
    "write_map": "boundaries.render.map",
}


def __getattr__(name: str) -> Any:
    """Import a drawing function when it is first used: folium and matplotlib are heavy."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'boundaries.render' has no attribute {name!r}")
