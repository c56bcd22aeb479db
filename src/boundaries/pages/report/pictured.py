"""Pictures inside the report: SVG with its caption.

Goes in: matplotlib figures of `boundaries.pages.charts` and `boundaries.pages.pictures`.
Comes out: `Picture`, set in the page by a template.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup, escape

from boundaries.pages.figures import svg_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Picture", "pictured"]


@dataclass(frozen=True, repr=False)
class Picture:
    """One picture of the page: its SVG, and the words under it."""

    svg: Markup
    caption: str
    kind: Literal["map", "chart"] = "chart"

    def __repr__(self) -> str:
        return f"Picture({self.caption!r})"

    def _repr_html_(self) -> str:
        """Show the picture in a notebook, with its caption."""
        return (
            f'<figure style="max-width:60rem;margin:0">{self.svg}'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )


def pictured(
    figure: Figure, name: str, *, label: str, caption: str, is_map: bool = False
) -> Picture:
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
    is_map
        Whether it may take most of a printed page.
    """
    svg = svg_of(figure, name, label=label)
    kind: Literal["map", "chart"] = "map" if is_map else "chart"
    return Picture(Markup(svg), caption, kind)  # noqa: S704 - matplotlib escapes all text in its SVG
