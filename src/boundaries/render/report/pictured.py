"""Pictures inside the report: SVG with its caption.

Goes in: matplotlib figures of `boundaries.render.charts` and `boundaries.render.pictures`.
Comes out: `Picture`, set in the page by a template.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from boundaries.render.figures import svg_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Picture", "pictured"]


@dataclass(frozen=True)
class Picture:
    """One picture of the page: its SVG, and the words under it."""

    svg: Markup
    caption: str


def pictured(figure: Figure, name: str, *, label: str, caption: str) -> Picture:
    """Return a figure as part of a page.

    Parameters
    ----------
    figure
        Drawn in the house's style.
    name
        Unlike any other picture's on the page; letters, digits and dashes.
    label
        What it shows, read aloud instead of it.
    caption
        Words under it, for everybody.
    """
    svg = svg_of(figure, name, label=label)
    return Picture(Markup(svg), caption)  # noqa: S704 - matplotlib escapes all text in its SVG
