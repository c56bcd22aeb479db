"""Barriers: lines or polygons along which a neighbourhood's edge comes naturally.

Goes in: a `Barrier` of the study (rivers, canals, railways, motorways, main roads). Comes out: its
shapes in EPSG:27700. Next: `boundaries.place.bonds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.codes import nearest_name
from boundaries.problems import Problem
from boundaries.read.columns import tidy_heading
from boundaries.read.containers import list_parts
from boundaries.read.kinds import recognise
from boundaries.read.load import source_of
from boundaries.read.parts import UnreadableError, fault
from boundaries.read.polygons import read_layer

if TYPE_CHECKING:
    from boundaries.read.kinds import Recognised
    from boundaries.read.tables import Source
    from boundaries.study import Barrier

__all__ = ["read_barrier"]

_SHOWN = 10


def read_barrier(
    role: str, barrier: Barrier, problems: list[Problem]
) -> tuple[gpd.GeoSeries | None, list[Source]]:
    """Read the lines and polygons of one barrier: every layer of its file that has them.

    Parameters
    ----------
    role
        Key of the barrier in the study, e.g. ``barriers.railways``.
    barrier
        The file, and the classes that count.
    problems
        Grows by every fault: no lines or polygons, no such column, a class that no feature has.

    Returns
    -------
    tuple[geopandas.GeoSeries | None, list[Source]]
        The shapes in EPSG:27700, None when they could not be read; the file read.
    """
    try:
        layers = _layers(role, barrier)
        frames = [_read(known, headings, problems) for known, headings in layers]
    except UnreadableError as unreadable:
        problems += unreadable.problems
        return None, []
    chosen = []
    for (_, headings), frame in zip(layers, frames, strict=True):
        keep = np.ones(len(frame), dtype=bool)
        for key, heading in headings.items():
            wanted = {_plain(value) for value in barrier.where[key]}
            keep &= frame[heading].map(_plain).isin(wanted).to_numpy()
        chosen.append(frame.geometry[keep])
    problems += _unmet(role, barrier, layers, frames)
    shapes = pd.concat(chosen, ignore_index=True)
    parts = [known.part for known, _ in layers]
    return gpd.GeoSeries(shapes, crs=27700), [
        source_of(role, parts, rows=len(shapes), publisher="")
    ]


def _layers(role: str, barrier: Barrier) -> list[tuple[Recognised, dict[str, str]]]:
    """Return the layers that count, each with its headings of the columns that the study names."""
    file = barrier.file.name
    drawn = [
        known
        for known in map(recognise, list_parts(barrier.file))
        if known.part.form == "layer" and known.kind.lower().endswith(("lines", "polygons"))
    ]
    if not drawn:
        said = "The file has no lines and no polygons."
        fix = "Give the rivers, railways or roads as a layer of lines or polygons."
        raise UnreadableError(fault(file, said, fix, field=role))
    found = []
    for known in drawn:
        tidy = {tidy_heading(text): text for text in known.match.headings}
        headings = {key: tidy.get(tidy_heading(key), "") for key in barrier.where}
        if all(headings.values()):
            found.append((known, headings))
    if found:
        return found
    there = sorted({text for one in drawn for text in one.match.headings if text.strip()})
    tidied = {tidy_heading(text) for text in there}
    missing = next((key for key in barrier.where if tidy_heading(key) not in tidied), "")
    near = nearest_name(missing, there)
    fix = f"Did you mean {near!r}?" if near else f"Columns found: {', '.join(there) or 'none'}."
    said = f"There is no column {missing!r}." if missing else "No layer has all the columns named."
    raise UnreadableError(fault(file, said, fix, field=f"{role}.where"))


def _read(known: Recognised, headings: dict[str, str], problems: list[Problem]) -> gpd.GeoDataFrame:
    return read_layer(known.part, list(dict.fromkeys(headings.values())), problems)


def _unmet(
    role: str,
    barrier: Barrier,
    layers: list[tuple[Recognised, dict[str, str]]],
    frames: list[gpd.GeoDataFrame],
) -> list[Problem]:
    """Name the classes that the study picks and no feature has."""
    found = []
    for key, values in barrier.where.items():
        cells = pd.concat(
            [frame[headings[key]] for (_, headings), frame in zip(layers, frames, strict=True)]
        )
        there = {_plain(cell): str(cell) for cell in cells.dropna().unique()}
        for value in values:
            if _plain(value) not in there:
                known = sorted(there.values())
                more = " …" if len(known) > _SHOWN else ""
                fix = f"It has: {', '.join(known[:_SHOWN])}{more}."
                said = f"No feature has {key} = {value!r}."
                field = f"{role}.where"
                found.append(Problem("warning", barrier.file.name, None, "", field, said, fix))
    return found


def _plain(cell: object) -> str:
    return str(cell).strip().removesuffix(".0").casefold()
