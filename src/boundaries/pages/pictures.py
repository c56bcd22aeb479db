"""Static maps of the options, for the report, for slides and for mail that strips pages.

Goes in: a `Run`. Comes out: matplotlib figures, and a folder of PNG files (`write_pictures`).
A neighbourhood keeps its colour and its hatching through every option; borders, hatching and names
carry the map in greyscale. Polygons are simplified as one coverage, so no gaps open between them.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from boundaries.pages import words
from boundaries.pages.baseline import neighbourhood_flows
from boundaries.pages.charts import flows_chart, ladder_chart, residents_chart
from boundaries.pages.colour import PALETTE
from boundaries.pages.figures import GREY, INK, drawing, save_png
from boundaries.pages.identity import identify
from boundaries.pages.naming import (
    NO_PCN,
    ladders,
    neighbourhood_name,
    neighbourhood_names,
    pcn_names,
    pcn_signs,
    short_name,
    standing,
)
from boundaries.pages.readable import for_readers
from boundaries.plan import label_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as DrawnPath

    from boundaries.pages.identity import Identities
    from boundaries.run import Option, Run

__all__ = ["HATCHES", "draw_on", "map_figure", "outlines", "write_pictures"]

HATCHES: Final = ("", "///", "\\\\\\", "---", "xx", "|||", "++", "//", "\\\\")
"""One a colour of the palette, so that two colours alike in grey still differ.

Lines only: matplotlib writes every dot of a dotted hatching as a path of its own, 200 kB a map."""


_SHIELD: Final = ((-9.5, 10), (9.5, 10), (9.5, -1), (7, -7.5), (0, -11.5), (-7, -7.5), (-9.5, -1))

_MARKERS: Final[dict[str, tuple[Any, float]]] = {
    "circle": ("o", 7.5), "square": ("s", 6.8), "diamond": ("D", 6.8), "triangle": ("^", 9.0),
    "hexagon": ("H", 8.2), "shield": (_SHIELD, 8.0),
}  # fmt: skip
"""Marker and size (points) of each shape of a PCN's sign; the map page draws the same shapes."""


def outlines(lsoas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return LSOA polygons with no more detail than a page can show, without gaps between them.

    Notes
    -----
    The tolerance is a five-hundredth of the place's longer side, in metres (EPSG:27700).
    """
    left, bottom, right, top = lsoas.total_bounds
    geometry = lsoas.geometry
    if shapely.coverage_is_valid(geometry.to_numpy()):
        tolerance = max(right - left, top - bottom) / 500
        return type(geometry)(
            shapely.coverage_simplify(geometry.to_numpy(), tolerance),
            index=geometry.index,
            crs=geometry.crs,
        )
    return geometry


def map_figure(
    run: Run, option: Option, *, shapes: gpd.GeoSeries, identities: Identities, credit: bool
) -> Figure:
    """Draw one option: its neighbourhoods, the practices, and which of them change PCN.

    Parameters
    ----------
    run, option
        What to draw.
    shapes
        LSOA polygons as `outlines` returns them.
    identities
        As `boundaries.pages.identity.identify` returns them: the map page has the same colours.
    credit
        Whether to print the attribution under the map (a picture that stands alone needs it).
    """
    from matplotlib.figure import Figure

    left, bottom, right, top = shapes.total_bounds
    tall = float(np.clip((top - bottom) / (right - left), 0.6, 1.15)) * 5.4 + 0.3
    with drawing():
        figure = Figure(figsize=(7.2, tall), layout="constrained")
        axes = figure.subplots()
        draw_on(axes, run, option, shapes=shapes, identities=identities)
        figure.legend(
            handles=_key(run, option), loc="outside right upper", frameon=False, fontsize=7,
            handlelength=0.9, handletextpad=0.4, borderaxespad=0,
        )  # fmt: skip
        if credit:
            lines = [f"{run.place.name}: {option.title}. {standing(option)}."]
            lines += words.attribution_lines(run.place.sources)
            figure.supxlabel(
                fill(" ".join(lines), 130), fontsize=5.5, color=GREY, x=0.02, ha="left"
            )
    return figure


def draw_on(  # noqa: PLR0913 - a drawing is these things
    axes: Axes,
    run: Run,
    option: Option,
    *,
    shapes: gpd.GeoSeries,
    identities: Identities,
    practices: bool = True,
    names: bool = True,
) -> None:
    """Draw an option on axes, in metres (EPSG:27700): areas, practices, names and a scale.

    Parameters
    ----------
    axes
        What to draw on.
    run, option, shapes, identities
        As in `map_figure`.
    practices, names
        Whether to draw the practices, and to write the names of neighbourhoods.
    """
    left, _, right, _ = shapes.total_bounds
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.margins(0.01)
    _draw_areas(axes, option, shapes, identities)
    places = _spread(run.place.practices, step=(right - left) / 45)
    if practices:
        _draw_practices(axes, run, option, places)
    if names:
        _draw_names(axes, option, shapes, places)
    _draw_scale(axes, shapes)


def _draw_areas(axes: Axes, option: Option, shapes: gpd.GeoSeries, identities: Identities) -> None:
    from matplotlib.patches import PathPatch

    for label, shape in _dissolved(shapes, option.plan.lsoas).items():
        colour = identities.colour(option.option_id, label)
        axes.add_patch(
            PathPatch(
                _path(shape), facecolor=_paler(colour), linewidth=0,
                hatch=HATCHES[PALETTE.index(colour)], edgecolor="#5a6570", zorder=1,
            )
        )  # fmt: skip
        axes.add_patch(PathPatch(_path(shape), fill=False, edgecolor=INK, linewidth=1.7, zorder=3))
    borders = shapely.union_all(shapely.boundary(shapes.to_numpy()))
    axes.add_patch(
        PathPatch(
            _path(shapely.line_merge(borders)), fill=False, edgecolor="white", linewidth=0.6,
            zorder=2,
        )
    )  # fmt: skip
    axes.autoscale_view()


def _dissolved(shapes: gpd.GeoSeries, labels: pd.Series[str]) -> dict[str, Any]:
    clean = shapely.coverage_is_valid(np.asarray(shapes))
    union = shapely.coverage_union_all if clean else shapely.union_all
    return {
        label: union(np.asarray(shapes.loc[labels.index[labels == label]]))
        for label in sorted(set(labels), key=label_key)
    }


def _path(shape: Any) -> DrawnPath:
    """Return polygons with their holes, or lines, as one drawable path."""
    from matplotlib.path import Path as DrawnPath

    rings = shapely.get_parts(shapely.get_parts(shapely.boundary(shape)))
    if shapely.get_dimensions(shape) == 1:
        rings = shapely.get_parts(shape)
    points, codes = [], []
    for ring in rings:
        line = shapely.get_coordinates(ring)
        points.append(line)
        codes += [DrawnPath.MOVETO, *[DrawnPath.LINETO] * (len(line) - 1)]
    return DrawnPath(np.concatenate(points), codes)


def _paler(colour: str, keep: float = 0.6) -> str:
    """Mix a colour with white, so that black labels read on it."""
    channels = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - channel) * keep):02x}" for channel in channels)


def _draw_practices(
    axes: Axes, run: Run, option: Option, places: dict[str, tuple[float, float]]
) -> None:
    signs = pcn_signs(run)
    frame = option.measures.practices
    for code, (east, north) in places.items():
        moved = bool(frame.loc[code, "moved"])
        letter, shape = signs.get(str(run.place.practices.loc[code, "pcn_code"]), NO_PCN)
        marker, size = _MARKERS[shape]
        axes.plot(
            east, north, marker=marker, markersize=size + moved, markeredgewidth=1.0, zorder=5,
            color=INK if moved else "white", markeredgecolor="white" if moved else INK,
        )  # fmt: skip
        axes.annotate(
            letter, (east, north), ha="center", va="center_baseline", zorder=6,
            fontsize=5.5 if len(letter) == 1 else 4.5, fontweight="bold",
            color="white" if moved else INK,
        )  # fmt: skip


def _spread(practices: gpd.GeoDataFrame, *, step: float) -> dict[str, tuple[float, float]]:
    """Return where to draw each practice; those at one address stand side by side."""
    missing = practices.geometry.isna() | practices.geometry.is_empty
    known = practices.loc[~missing]
    eastings, northings = np.asarray(known.geometry.x), np.asarray(known.geometry.y)
    groups: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for row, (east, north) in enumerate(zip(eastings, northings, strict=True)):
        groups[round(east / step), round(north / step)].append(row)
    places = {}
    for rows in groups.values():
        middle = float(eastings[rows].mean())
        for position, row in enumerate(rows):
            shift = (position - (len(rows) - 1) / 2) * step
            places[str(known.index[row])] = (middle + shift, float(northings[rows].mean()))
    return dict(sorted(places.items()))


def _draw_names(
    axes: Axes, option: Option, shapes: gpd.GeoSeries, places: dict[str, tuple[float, float]]
) -> None:
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    practices = shapely.points(list(places.values())) if places else np.array([])
    for label, shape in _dissolved(shapes, option.plan.lsoas).items():
        axes.annotate(
            fill(neighbourhood_name(option, label), 18), _roomy_point(shape, practices),
            ha="center", va="center", fontsize=7.5, fontweight="bold", bbox=box, zorder=4,
        )  # fmt: skip


def _roomy_point(shape: Any, practices: Any) -> tuple[float, float]:
    """Return a point well inside a polygon and away from the practices drawn on it."""
    left, bottom, right, top = shape.bounds
    east, north = np.meshgrid(np.linspace(left, right, 25), np.linspace(bottom, top, 25))
    points = np.asarray(shapely.points(east.ravel(), north.ravel()))
    points = points[shapely.contains(shape, points)]
    if len(points) == 0:
        return float(shape.representative_point().x), float(shape.representative_point().y)
    room = shapely.distance(shapely.boundary(shape), points)
    if len(practices):
        nearest = shapely.distance(points[:, None], practices[None, :]).min(axis=1)
        room = np.minimum(room, nearest)
    best = points[int(room.argmax())]
    return float(best.x), float(best.y)


def _draw_scale(axes: Axes, shapes: gpd.GeoSeries) -> None:
    left, bottom, right, top = shapes.total_bounds
    bottom -= (top - bottom) * 0.025
    lengths = [metres for metres in (500, 1000, 2000, 5000, 10_000) if metres < (right - left) / 3]
    metres = max(lengths, default=100)
    axes.plot([left, left + metres], [bottom, bottom], "-", color=INK, linewidth=2, zorder=8)
    axes.annotate(
        words.distance(metres).replace(".0", ""), (left + metres / 2, bottom), (0, 3),
        textcoords="offset points", ha="center", fontsize=7, zorder=8,
    )  # fmt: skip


def _key(run: Run, option: Option) -> list[Any]:
    from matplotlib.lines import Line2D

    names, practices = pcn_names(run), run.place.practices["pcn_code"]
    entries = [
        Line2D([], [], linestyle="", label="practice, with the sign\nand letter of its PCN today")
    ]
    if option.measures.practices["moved"].astype(bool).any():
        entries.append(_mark("circle", "practice that would\nchange PCN", moved=True))
    entries += [
        _mark(shape, fill(f"{letter}  {short_name(names[code])}", 26))
        for code, (letter, shape) in pcn_signs(run).items()
    ]
    if practices.isna().any():
        entries.append(_mark(NO_PCN[1], f"{NO_PCN[0]}  no PCN"))
    return entries


def _mark(shape: str, label: str, *, moved: bool = False) -> Any:
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], linestyle="", marker=_MARKERS[shape][0], markersize=6, label=label,
        color=INK if moved else "white", markeredgecolor="white" if moved else INK,
    )  # fmt: skip


def write_pictures(run: Run, folder: str | Path) -> list[Path]:
    """Write a PNG of every option's map, and of the charts, into a folder.

    Parameters
    ----------
    run
        The run to draw; figures are suppressed first when its study asks for it.
    folder
        Made when it does not exist. Files of the same names are replaced, each whole or not.

    Returns
    -------
    list[Path]
        The files written.
    """
    run = for_readers(run)
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    written = []
    for name, figure in _figures(run):
        save_png(figure, home / f"{name}.png")
        written.append(home / f"{name}.png")
    return written


def _figures(run: Run) -> Iterable[tuple[str, Figure]]:
    shapes, identities = outlines(run.place.lsoas), identify(run)
    for option in run.options:
        key = option.option_id
        drawn = map_figure(run, option, shapes=shapes, identities=identities, credit=True)
        yield f"map-{key}", drawn
        yield f"residents-{key}", residents_chart(run, option)
        if not run.suppressed:
            flows = neighbourhood_flows(run, option.plan.lsoas, option.plan.practices)
            yield f"flows-{key}", flows_chart(flows, neighbourhood_names(option))
    rungs = ladders(run)
    for count, options in rungs.items():
        yield "ladder" if len(rungs) == 1 else f"ladder-k{count}", ladder_chart(run, options)
