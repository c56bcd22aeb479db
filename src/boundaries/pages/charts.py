"""Charts of a run: the ladder, residents against the band, and patients between neighbourhoods.

Goes in: a `Run`. Comes out: matplotlib figures, which `boundaries.pages.figures` turns into SVG
for the report and PNG for slides. Every chart reads in greyscale: hatching, markers and labels
carry what the colours say. Matplotlib is imported when a chart is drawn, never before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from boundaries.pages import words
from boundaries.pages.figures import BLUE, DARK, GREY, INK, PALE, drawing
from boundaries.pages.naming import allowed_moves, neighbourhood_name, team_labels
from boundaries.plan import label_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from boundaries.run import Option, Run

__all__ = ["flows_chart", "ladder_chart", "residents_chart", "shape_chart"]

_FILLS: Final = (BLUE, "#aeb7bd", "#f0f4f5", "#ffb81c", "#7c2855")
_HATCHES: Final = ("", "////", "----", "xxxx", "\\\\\\\\")


def ladder_chart(run: Run, options: Sequence[Option]) -> Figure:
    """Draw what each further practice move buys.

    Left: the share of patients who live in the neighbourhood of their practice, by practices
    moved, under the ceiling found. Right: the sum that the search minimises, with a
    line at the least that any plan can reach.

    Parameters
    ----------
    run
        The run: today's plan and the ceiling are taken from it.
    options
        Rungs of one ladder, fewest moves first.
    """
    from matplotlib.figure import Figure

    with drawing():
        figure = Figure(figsize=(7.2, 3.3), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=[1, 1])
        _draw_alignment(left, run, options)
        _draw_objective(right, run, options)
    return figure


def _draw_alignment(axes: Axes, run: Run, options: Sequence[Option]) -> None:
    moved = [allowed_moves(option) for option in options]
    aligned = [option.measures.summary["alignment"] * 100 for option in options]
    axes.plot(moved, aligned, "o-", color=BLUE, markersize=6, linewidth=1.8, zorder=3)
    for x, y in zip(moved, aligned, strict=True):
        axes.annotate(words.share(y / 100), (x, y), (0, 7), textcoords="offset points", ha="center")
    tops = list(aligned)
    for family, dashes, word in (
        ("best-fit", "--", "best fit found, any number of moves"),
        ("as-is", ":", "today"),
    ):
        for option in [option for option in run.options if option.family == family][:1]:
            height = option.measures.summary["alignment"] * 100
            tops.append(height)
            axes.axhline(
                height,
                color=GREY,
                linestyle=dashes,
                linewidth=1.4,
                label=f"{word}: {words.share(height / 100)}",
            )
    room = max(2.0, (max(tops) - min(tops)) * 0.25)
    axes.set_ylim(max(0, min(tops) - room), max(tops) + 2.2 * room)
    axes.legend(fontsize=7.5, frameon=False, loc="upper left", borderpad=0, handlelength=2.6)
    axes.set_xlim(min(moved) - 0.4, max(moved) + 0.6)
    axes.set_xticks(sorted(set(moved)))
    axes.set_xlabel("most practices that may change PCN")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    axes.set_title("Patients aligned with their practice", loc="left")


def _draw_objective(axes: Axes, run: Run, options: Sequence[Option]) -> None:
    labels = {name: f"{label}: team changes" for name, label in team_labels(run).items()}
    parts = {"misaligned_patients": "live and registered apart"}
    weights = {"misaligned_patients": 1.0}
    for name, layer in run.place.teams.items():
        parts[f"residents_changing_{name}"] = labels[name]
        weights[f"residents_changing_{name}"] = layer.weight
    if any(option.measures.summary["bonds_parted"] for option in options):
        parts["bonds_parted"], weights["bonds_parted"] = "bonds of neighbours parted", 1.0
    places = range(len(options))
    bottom = [0.0] * len(options)
    for position, (key, label) in enumerate(parts.items()):
        heights = [option.measures.summary[key] * weights[key] for option in options]
        axes.bar(
            places, heights, 0.62, bottom, label=label, edgecolor=INK, linewidth=0.6,
            color=_FILLS[position % len(_FILLS)], hatch=_HATCHES[position % len(_HATCHES)],
        )  # fmt: skip
        bottom = [low + high for low, high in zip(bottom, heights, strict=True)]
    for x, option in zip(places, options, strict=True):
        if option.bound is not None:
            axes.hlines(option.bound, x - 0.4, x + 0.4, color=INK, linewidth=2.4, zorder=4)
    if any(option.bound is not None for option in options):
        axes.plot([], [], "-", color=INK, linewidth=2.4, label="no plan can go below")
    axes.set_xticks(list(places), [str(allowed_moves(option)) for option in options])
    axes.set_xlabel("most practices that may change PCN")
    axes.set_ylim(0, max(bottom, default=1) * 1.45 or 1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.legend(fontsize=7.5, frameon=False, loc="upper left", ncols=1, borderpad=0)
    axes.set_title("The sum that is minimised", loc="left")


def shape_chart(rung: Option, closest: Option) -> Figure:
    """Draw what the shape costs: alignment, and pairs parted, with bonds and without."""
    from matplotlib.figure import Figure

    names = (rung.title, closest.title)
    with drawing():
        figure = Figure(figsize=(7.2, 1.3), layout="constrained")
        charts = (
            ("alignment", "Patients aligned with their practice", words.share),
            ("pairs_parted", "Pairs of neighbouring LSOAs parted", words.people),
        )
        for axes, (key, title, written) in zip(
            figure.subplots(1, 2, sharey=True), charts, strict=True
        ):
            values = [option.measures.summary[key] for option in (rung, closest)]
            bars = axes.barh(
                range(2), values, 0.6, color=(BLUE, "white"), edgecolor=INK, linewidth=0.8,
                hatch=("", "////"),
            )  # fmt: skip
            axes.bar_label(bars, [written(value) for value in values], padding=3, fontsize=8)
            axes.set_yticks(range(2), names, fontsize=7.5)
            axes.set_xlim(0, max(values) * 1.2 or 1)
            axes.set_xticks([])
            axes.set_title(title, loc="left", fontsize=9)
        axes.invert_yaxis()
    return figure


def residents_chart(run: Run, option: Option) -> Figure:
    """Draw residents and registered patients of each neighbourhood against the study's band."""
    from matplotlib.figure import Figure

    frame = option.measures.neighbourhoods
    labels = sorted(frame.index, key=label_key)
    least, most = run.study.rules.residents_limits(
        int(run.place.lsoas["residents"].sum()), len(labels)
    )
    with drawing():
        figure = Figure(figsize=(7.2, 0.9 + 0.36 * len(labels)), layout="constrained")
        axes = figure.subplots()
        rows = range(len(labels))
        asked_least, asked_most = run.study.rules.counts
        many = "" if asked_least <= len(labels) <= asked_most else f", if there were {len(labels)}"
        axes.axvspan(least, most, color=PALE, zorder=0)
        axes.axvline(least, color=GREY, linewidth=0.8)
        axes.axvline(most, color=GREY, linewidth=0.8)
        residents = [frame.loc[label, "residents"] for label in labels]
        registered = [frame.loc[label, "registered"] for label in labels]
        for y, pair in enumerate(zip(residents, registered, strict=True)):
            axes.hlines(y, min(pair), max(pair), color=GREY, linewidth=0.8)
        axes.plot(residents, rows, "o", color=BLUE, markersize=8, label="residents")
        axes.plot(
            registered, rows, "D", color=INK, markerfacecolor="white", markersize=6,
            label="patients on the lists of its practices",
        )  # fmt: skip
        axes.set_yticks(list(rows), [neighbourhood_name(option, label) for label in labels])
        axes.invert_yaxis()
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        band = f"{words.people(least)} to {words.people(most)} residents{many}"
        axes.set_xlabel(f"people; the shaded band is {band}")
        figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=8)
    return figure


def flows_chart(flows: pd.DataFrame, names: dict[str, str]) -> Figure:
    """Draw how many patients of each neighbourhood's practices live in which neighbourhood.

    Parameters
    ----------
    flows
        Columns living_in, registered_with (neighbourhoods), patients.
    names
        Words for people by neighbourhood, in the order to draw.
    """
    from matplotlib.figure import Figure

    table = flows.pivot_table(
        index="living_in", columns="registered_with", values="patients", aggfunc="sum"
    ).reindex(index=list(names), columns=list(names))
    cells = table.to_numpy(dtype=float)
    top = max(1.0, float(np.nanmax(cells)))
    count = len(names)
    with drawing():
        figure = Figure(figsize=(7.2, 1.5 + 0.5 * count), layout="constrained")
        axes = figure.subplots()
        for row in range(count):
            for column in range(count):
                patients = cells[row, column]
                if not patients > 0:
                    continue
                home = row == column
                size = 640 * patients / top
                axes.scatter(
                    column, row, s=size, linewidths=0.8, edgecolors=INK,
                    c="white" if home else BLUE, hatch="////" if home else None, zorder=2,
                )  # fmt: skip
                axes.annotate(
                    words.people(patients), (column, row), (0, -(size**0.5) / 2 - 9), ha="center",
                    textcoords="offset points", zorder=3, fontsize=7,
                )  # fmt: skip
        if all(label.isdigit() for label in names):
            axes.set_xticks(range(count), list(names))
        else:
            axes.set_xticks(range(count), list(names.values()), rotation=25, ha="left")
        axes.xaxis.tick_top()
        axes.set_yticks(range(count), list(names.values()))
        axes.set_xlim(-0.6, count - 0.4)
        axes.set_ylim(count - 0.3, -0.6)
        axes.set_xlabel("registered with a practice in", color=DARK)
        axes.xaxis.set_label_position("top")
        axes.set_ylabel("living in", color=DARK)
        axes.grid(color=PALE, linewidth=0.6, zorder=0)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
    return figure
