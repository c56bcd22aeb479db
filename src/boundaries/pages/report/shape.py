"""What the shape costs: the last rung of a ladder beside the same rung with bonds left out.

Goes in: a `Run`. Comes out: one sentence, one small chart, one table and both maps, for the first
page of the report and for Word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from boundaries.pages import words
from boundaries.pages.charts import shape_chart
from boundaries.pages.figures import drawing
from boundaries.pages.grid import Cell, Grid, Kind
from boundaries.pages.identity import identify
from boundaries.pages.naming import ladders
from boundaries.pages.pictures import draw_on, outlines
from boundaries.pages.report.pictured import Picture, pictured

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

    from boundaries.pages.identity import Identities
    from boundaries.run import Option, Run

__all__ = ["ShapeCost", "pair_figure", "shape_costs", "shape_pairs"]

_FIGURES: Final[tuple[tuple[str, str, Kind, str], ...]] = (
    ("alignment", "Patients who live in the neighbourhood of their practice", "share", "options"),
    ("pairs_parted", "Pairs of neighbouring LSOAs parted by a line", "count", "options"),
    ("bonds_parted", "Bonds of those pairs, in people", "people", "options"),
    ("line_km", "Length of the lines inside the place, km", "decimal", "measures"),
    ("polsby_popper_mean", "Compactness (1 is a circle)", "decimal", "measures"),
)


@dataclass(frozen=True)
class ShapeCost:
    """What one ladder's shape costs; without pictures where both are the same plan."""

    said: str
    chart: Picture | None
    maps: Picture | None
    grid: Grid | None


def shape_pairs(run: Run) -> list[tuple[Option, Option]]:
    """Return the last rung of each ladder with its ``closest``, where the run has one."""
    closest = {
        int(option.measures.summary["neighbourhoods"]): option
        for option in run.options
        if option.family == "closest"
    }
    return [(rungs[-1], closest[k]) for k, rungs in ladders(run).items() if k in closest]


def shape_costs(run: Run) -> list[ShapeCost]:
    """Return what the shape costs, ladder by ladder."""
    pairs = shape_pairs(run)
    if not pairs:
        return []
    shapes, identities = outlines(run.place.lsoas), identify(run)
    return [_cost(run, *pair, shapes, identities) for pair in pairs]


def _cost(
    run: Run, rung: Option, closest: Option, shapes: gpd.GeoSeries, identities: Identities
) -> ShapeCost:
    said, key = shape_said(rung, closest), closest.option_id
    if rung.plan == closest.plan:
        return ShapeCost(said, None, None, None)
    titles = f"{rung.title}; {closest.title}"
    return ShapeCost(
        said,
        pictured(
            shape_chart(rung, closest),
            f"shape-{key}",
            label=f"Two small charts, {titles}: patients aligned, and pairs of neighbouring LSOAs "
            "parted; the table below has the figures.",
            caption="What the shape costs in alignment, and what it spares.",
        ),
        pictured(
            pair_figure(run, rung, closest, shapes=shapes, identities=identities),
            f"shapes-{key}",
            label=f"Two maps of {run.place.name} side by side: {titles}. The table below says how "
            "they differ.",
            caption=f"Left: {rung.title}. Right: {closest.title}.",
            is_map=True,
        ),
        _grid(rung, closest),
    )


def shape_said(rung: Option, closest: Option) -> str:
    """Say what the last rung gives up in alignment for its shape, and how many pairs it spares."""
    if rung.plan == closest.plan:
        return (
            f"The shape costs nothing here: with bonds left out, the plan found is that of "
            f"“{rung.title}”."
        )
    one, other = rung.measures.summary, closest.measures.summary
    shares = [words.share(summary["alignment"], missing="*") for summary in (one, other)]
    pairs = words.more_or_fewer(one["pairs_parted"] - other["pairs_parted"], "pairs")
    change = words.points_change(one["alignment"] - other["alignment"], missing="*")
    better = ""
    if one["objective"] - one["bonds_parted"] < other["objective"]:
        better = " The search with bonds left out was not long enough to find a plan as good."
    return (
        f"“{rung.title}” aligns {shares[0]} of patients and parts {one['pairs_parted']:,.0f} pairs "
        f"of neighbouring LSOAs; with bonds left out {shares[1]} and "
        f"{other['pairs_parted']:,.0f}. For {pairs} parted its alignment is {change}.{better}"
    )


def _grid(rung: Option, closest: Option) -> Grid:
    rows = []
    for name, label, kind, file in _FIGURES:
        cells = []
        for option in (rung, closest):
            key = option.option_id
            source = f"options.csv|{key}|{name}"
            if file == "measures":
                source = f"measures.csv|{key}/{name}|value"
            cells.append(Cell(option.measures.summary[name], kind, source))
        rows.append((Cell(label), *cells))
    return Grid("What the shape costs", ("Measure", rung.title, closest.title), tuple(rows))


def pair_figure(
    run: Run, left: Option, right: Option, *, shapes: gpd.GeoSeries, identities: Identities
) -> Figure:
    """Draw two options side by side, without practices: their lines and names alone."""
    from matplotlib.figure import Figure

    west, south, east, north = shapes.total_bounds
    tall = float(np.clip((north - south) / (east - west), 0.6, 1.4)) * 3.5 + 0.4
    with drawing():
        figure = Figure(figsize=(7.2, tall), layout="constrained")
        for axes, option in zip(figure.subplots(1, 2), (left, right), strict=True):
            draw_on(axes, run, option, shapes=shapes, identities=identities, practices=False)
            axes.set_title(option.title, fontsize=8)
    return figure
