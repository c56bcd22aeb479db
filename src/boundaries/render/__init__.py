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
    from boundaries.render.notebook import draw_ladder, draw_option
    from boundaries.render.pictures import write_pictures
    from boundaries.render.report import write_report
    from boundaries.render.suppress import suppress_run
    from boundaries.render.word import write_word
    from boundaries.render.workbook import write_workbook

__all__ = [
    "draw_ladder",
    "draw_map",
    "draw_option",
    "render_run",
    "suppress_run",
    "write_map",
    "write_pictures",
    "write_report",
    "write_word",
    "write_workbook",
]

_HOMES = {
    "draw_ladder": "boundaries.render.notebook",
    "draw_map": "boundaries.render.map",
    "draw_option": "boundaries.render.notebook",
    "render_run": "boundaries.render.folder",
    "suppress_run": "boundaries.render.suppress",
    "write_map": "boundaries.render.map",
    "write_pictures": "boundaries.render.pictures",
    "write_report": "boundaries.render.report",
    "write_word": "boundaries.render.word",
    "write_workbook": "boundaries.render.workbook",
}


def __getattr__(name: str) -> Any:
    """Import a drawing function when it is first used: folium and matplotlib are heavy."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'boundaries.render' has no attribute {name!r}")
