"""What a reader sees where scripts do not run: a picture of today and a table of the options.

Goes in: a `Run`. Comes out: a small SVG and rows of text. Mail programs and viewers that show
HTML without its scripts show this. Next: `boundaries.pages.map`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import shapely
from markupsafe import Markup, escape

from boundaries.pages import words
from boundaries.pages.arcs import simplified_coverage
from boundaries.pages.naming import team_labels

if TYPE_CHECKING:
    from boundaries.pages.identity import Identities
    from boundaries.run import Option, Run

__all__ = ["ladder_table", "still_picture"]

_WIDTH = 900
_PIXEL = 1.5  # the picture is simplified to this
_NAMES = 40  # names are written up to so many neighbourhoods


def still_picture(run: Run, identities: Identities) -> Markup:
    """Draw the run's first option as SVG: neighbourhoods, their names, practices as dots."""
    option = run.options[0]
    lsoas = run.place.lsoas
    west, south, east, north = lsoas.total_bounds
    metres = max(east - west, north - south) / _WIDTH
    shapes = simplified_coverage(lsoas.geometry)
    labels = option.plan.lsoas.reindex(lsoas.index)
    areas, texts = [], []
    for label in option.plan.neighbourhoods:
        mine = shapes.to_numpy()[(labels == label).to_numpy()]
        if not len(mine):
            continue
        whole = shapely.simplify(shapely.union_all(mine), metres * _PIXEL)
        colour = identities.colour(option.option_id, label)
        areas.append(f'<path d="{_trace(whole, west, north, metres)}" fill="{colour}"/>')
        texts.append(_name(option, label, whole, (west, north, metres)))
    if len(texts) > _NAMES:
        texts = []
    dots = [
        f'<circle cx="{(x - west) / metres:.0f}" cy="{(north - y) / metres:.0f}" r="4"/>'
        for x, y in shapely.get_coordinates(run.place.practices.geometry.to_numpy())
        if math.isfinite(x)
    ]
    size = f"{(east - west) / metres + 20:.0f} {(north - south) / metres + 20:.0f}"
    about = f"{run.place.name}: {option.title}. Each option's figures are in the table below."
    return Markup(  # noqa: S704 - numbers and colours of ours; every text is escaped
        f'<svg viewBox="-10 -10 {size}" role="img" aria-label="{escape(about)}">'
        '<g fill-opacity="0.62" stroke="#212b32" stroke-width="2.5" fill-rule="evenodd">'
        + "".join(areas)
        + '</g><g fill="#fff" stroke="#212b32" stroke-width="1.5">'
        + "".join(dots)
        + '</g><g font-family="Arial, Helvetica, sans-serif" font-size="18" font-weight="bold" '
        'text-anchor="middle" stroke="#fff" stroke-width="5" paint-order="stroke">'
        + "".join(texts)
        + "</g></svg>"
    )


def _name(
    option: Option, label: str, shape: shapely.Geometry, frame: tuple[float, float, float]
) -> str:
    west, north, metres = frame
    ((east_m, north_m),) = shapely.get_coordinates(shapely.point_on_surface(shape))
    names = option.measures.neighbourhoods["name"]
    text = str(names.get(label, label))
    x, y = (east_m - west) / metres, (north - north_m) / metres
    return f'<text x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'


def _trace(shape: shapely.Geometry, west: float, north: float, metres: float) -> str:
    parts = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            points = [
                f"{(x - west) / metres:.0f} {(north - y) / metres:.0f}" for x, y in ring.coords
            ]
            parts.append("M" + "L".join(points) + "Z")
    return "".join(parts)


def ladder_table(run: Run) -> dict[str, list[Any]]:
    """Return heads, and the options as rows of text: services apart, none for today."""
    teams, missing = team_labels(run), "*" if run.suppressed else words.DASH
    heads = [
        "Option", "Practices moved", "Patients moved", "Aligned", "Pairs of LSOAs parted",
        *(f"Residents changing team: {label}" for label in teams.values()), "Proof",
    ]  # fmt: skip
    rows = []
    for option in run.options:
        summary = option.measures.summary
        changing = [
            words.DASH
            if option.family == "as-is"
            else words.people(summary[f"residents_changing_{name}"], missing=missing)
            for name in teams
        ]
        rows.append(
            [
                option.title,
                words.people(summary["practices_moved"], missing=missing),
                words.people(summary["patients_moved"], missing=missing),
                words.share(summary["alignment"], missing=missing),
                words.people(summary["pairs_parted"]),
                *changing,
                words.proof_words(option),
            ]
        )
    return {"heads": heads, "rows": rows}
