"""Draws a run: maps, reports, charts, workbooks. It computes nothing that a run does not say.

Goes in: a `Run`. Comes out: files that open anywhere, with the network off. Nothing comes next:
these files are for people. WGS 84 exists only here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundaries.pages.changes import write_changes
    from boundaries.pages.folder import render_run
    from boundaries.pages.map import draw_map, write_map
    from boundaries.pages.notebook import draw_ladder, draw_option
    from boundaries.pages.pictures import write_pictures
    from boundaries.pages.report import write_report
    from boundaries.pages.suppress import suppress_run
    from boundaries.pages.word import write_word
    from boundaries.pages.workbook import write_workbook

__all__ = [
    "draw_ladder",
    "draw_map",
    "draw_option",
    "render_run",
    "suppress_run",
    "write_changes",
    "write_map",
    "write_pictures",
    "write_report",
    "write_word",
    "write_workbook",
]

_HOMES = {
    "draw_ladder": "boundaries.pages.notebook",
    "draw_map": "boundaries.pages.map",
    "draw_option": "boundaries.pages.notebook",
    "render_run": "boundaries.pages.folder",
    "suppress_run": "boundaries.pages.suppress",
    "write_changes": "boundaries.pages.changes",
    "write_map": "boundaries.pages.map",
    "write_pictures": "boundaries.pages.pictures",
    "write_report": "boundaries.pages.report",
    "write_word": "boundaries.pages.word",
    "write_workbook": "boundaries.pages.workbook",
}


def __getattr__(name: str) -> Any:
    """Import a drawing function when it is first used: folium and matplotlib are heavy."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'boundaries.pages' has no attribute {name!r}")
