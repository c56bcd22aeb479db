"""The map of a region: every place filled by its alignment, with its name and figure written in it.

Goes in: a `Region`. Comes out: SVG, one picture for each group of places that lie together, and
the fills of every rung for the script that changes them. Next: `boundaries.pages.region.page`.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from markupsafe import Markup, escape

from boundaries.pages import words
from boundaries.pages.colour import NOT_ASSIGNED, SHARES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from boundaries.run.region import Region

__all__ = ["CLASSES", "Panel", "fill_of", "panels", "rung_fills"]

CLASSES: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares at which the fill changes: the same on every page, so that pages can be compared."""

_WIDE, _SMALL = 960, 340  # pixels of the first picture, and of each other
_TOGETHER_M: Final = 3_000.0  # places no further apart share a picture
_LINE: Final = 13  # pixels from one line of a name to the next


@dataclass(frozen=True)
class Panel:
    """One picture.

    Parameters
    ----------
    svg
        The picture.
    caption
        What it shows.
    """

    svg: Markup
    caption: str


def fill_of(share: float) -> str:
    """Return the colour of a share; grey for one that is not known."""
    if share != share:  # noqa: PLR0124 - not a number
        return NOT_ASSIGNED
    return SHARES[1 + sum(share >= limit for limit in CLASSES)]


def rung_fills(region: Region) -> dict[str, dict[str, tuple[str, str]]]:
    """Return colour and figure of every place by rung, then place."""
    shares = region.ladder.pivot_table(
        index="place", columns="rung", values="alignment", dropna=False
    )
    return {
        str(rung): {
            str(place): (fill_of(share), words.share(share))
            for place, share in shares[rung].reindex(region.places.index).items()
        }
        for rung in shares.columns
    }


def panels(region: Region) -> list[Panel]:
    """Draw the places as they are today, those that lie together in one picture."""
    today = rung_fills(region).get("as-is", {})
    names = {str(place): str(name) for place, name in region.places["name"].items()}
    drawn = []
    for number, group in enumerate(_groups(region.outlines)):
        width = _WIDE if number == 0 else _SMALL
        shown = words.join_names(names[place] for place in group)
        few = shown if len(group) <= 3 else f"{len(group)} places"
        svg = _svg(
            region.outlines[region.outlines.index.isin(group)], names, today, width=width, label=few
        )
        drawn.append(Panel(svg, few))
    return drawn


def _groups(outlines: gpd.GeoSeries) -> list[list[str]]:
    """Return places that lie together, the largest group first."""
    near = outlines.buffer(_TOGETHER_M / 2)
    blobs = shapely.get_parts(shapely.union_all(near.to_numpy()))
    groups = [
        [str(place) for place, shape in outlines.items() if blob.intersects(shape)]
        for blob in blobs
    ]
    seen: set[str] = set()
    apart = []
    for group in sorted(groups, key=lambda group: (-len(group), group)):
        left = [place for place in group if place not in seen]
        seen |= set(left)
        if left:
            apart.append(left)
    return apart


def _svg(
    outlines: Any,
    names: dict[str, str],
    fills: dict[str, tuple[str, str]],
    *,
    width: int,
    label: str,
) -> Markup:
    west, south, east, north = map(float, outlines.total_bounds)
    metres = (east - west) / width
    height = (north - south) / metres
    if height > width:  # a tall place is no taller than a wide one is wide
        metres, height = metres * height / width, float(width)
    areas, texts = [], []
    for place, shape in outlines.items():
        colour, figure = fills.get(str(place), (NOT_ASSIGNED, words.DASH))
        name = names[str(place)]
        path = _trace(shape, west, north, metres)
        title = f"<title>{escape(name)}</title>"
        areas.append(
            f'<path d="{path}" fill="{colour}" data-place="{escape(str(place))}">{title}</path>'
        )
        texts.append(_text(str(place), name, figure, shape, (west, north, metres)))
    about = f"Alignment today, by place: {label}. The figures are in the table below."
    size = f"{(east - west) / metres + 16:.0f} {height + 16:.0f}"
    return Markup(  # noqa: S704 - numbers and colours of ours; every text is escaped
        f'<svg viewBox="-8 -8 {size}" style="max-width:{width}px" role="img" '
        f'aria-label="{escape(about)}">'
        f'<g stroke="#212b32" stroke-width="1.2" fill-rule="evenodd">{"".join(areas)}</g>'
        '<g font-family="Arial, Helvetica, sans-serif" font-size="12" text-anchor="middle" '
        'stroke="#fff" stroke-width="3" paint-order="stroke" fill="#212b32">'
        f"{''.join(texts)}</g></svg>"
    )


def _text(place: str, name: str, figure: str, shape: Any, frame: tuple[float, float, float]) -> str:
    west, north, metres = frame
    line = shapely.maximum_inscribed_circle(shape, tolerance=50.0)
    (centre_e, centre_n), edge = shapely.get_coordinates(line)
    radius = float(np.hypot(edge[0] - centre_e, edge[1] - centre_n)) / metres
    x, y = (centre_e - west) / metres, (north - centre_n) / metres
    lines = wrap(name, max(9, int(radius / 2.6)), break_long_words=False)
    top = y - _LINE * len(lines) / 2 + 4
    rows = [
        f'<tspan x="{x:.0f}" y="{top + number * _LINE:.0f}">{escape(text)}</tspan>'
        for number, text in enumerate(lines)
    ]
    last = f'<tspan x="{x:.0f}" y="{top + len(lines) * _LINE:.0f}" font-weight="bold" data-share='
    return f'<text>{"".join(rows)}{last}"{escape(place)}">{escape(figure)}</tspan></text>'


def _trace(shape: shapely.Geometry, west: float, north: float, metres: float) -> str:
    parts: list[str] = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            points: Iterable[str] = dict.fromkeys(
                f"{(x - west) / metres:.1f} {(north - y) / metres:.1f}" for x, y in ring.coords
            )
            parts.append(f"M{'L'.join(points)}Z")
    return "".join(parts)
