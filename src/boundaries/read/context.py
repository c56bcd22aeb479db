"""What people know the ground by: water, parks, railways, roads, stations, names of places.

Goes in: a `ContextLayer` of the study. Comes out: its shapes and names in EPSG:27700, to be drawn
and never measured. Next: `boundaries.place.context`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from boundaries.codes import nearest_name
from boundaries.read.columns import tidy_heading
from boundaries.read.containers import list_parts
from boundaries.read.kinds import recognise
from boundaries.read.load import source_of
from boundaries.read.parts import UnreadableError, fault
from boundaries.read.polygons import read_layer

if TYPE_CHECKING:
    from boundaries.problems import Problem
    from boundaries.read.kinds import Recognised
    from boundaries.read.tables import Source
    from boundaries.study import ContextLayer

__all__ = ["read_context"]

_DIMENSIONS: Final = {
    "water": {1, 2}, "park": {2}, "rail": {1}, "road": {1}, "station": {0, 2}, "place": {0, 2},
}  # fmt: skip
_WORDS: Final = {0: "points", 1: "lines", 2: "polygons"}


def read_context(
    role: str, layer: ContextLayer, problems: list[Problem]
) -> tuple[gpd.GeoDataFrame | None, list[Source]]:
    """Read what a layer of context draws: every layer of its file.

    Parameters
    ----------
    role
        Key of the layer in the study, e.g. ``context.parks``.
    layer
        The file, its kind, and the heading of the names.
    problems
        Grows by every fault: no shapes of that kind, no such column.

    Returns
    -------
    tuple[geopandas.GeoDataFrame | None, list[Source]]
        Column label (empty where there is none) and geometry in EPSG:27700, None when it could not
        be read; the file read, with the credit that the study gives.
    """
    try:
        known = _layers(role, layer)
        frames = [_read(one, layer.label, problems) for one in known]
        frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=27700)
        frame = frame[frame.geometry.map(_dimension).isin(_DIMENSIONS[layer.kind])]
        _require_some(role, layer, frame)
    except UnreadableError as unreadable:
        problems += unreadable.problems
        return None, []
    source = source_of(role, [one.part for one in known], rows=len(frame), publisher="")
    return frame.reset_index(drop=True), [replace(source, attribution=layer.credit)]


def _require_some(role: str, layer: ContextLayer, frame: gpd.GeoDataFrame) -> None:
    if frame.empty:
        wanted = " or ".join(_WORDS[one] for one in sorted(_DIMENSIONS[layer.kind]))
        said = f"The file has no {wanted}, which kind = {layer.kind!r} draws."
        fix = "Give another file, or the kind that it is."
        raise UnreadableError(fault(layer.file.name, said, fix, field=role))


def _layers(role: str, layer: ContextLayer) -> list[Recognised]:
    drawn = [
        known for known in map(recognise, list_parts(layer.file)) if known.part.form == "layer"
    ]
    if not drawn:
        said, fix = "The file has no layer of shapes.", "Give points, lines or polygons."
        raise UnreadableError(fault(layer.file.name, said, fix, field=role))
    there = sorted({text for one in drawn for text in one.match.headings if text.strip()})
    if layer.label and tidy_heading(layer.label) not in {tidy_heading(text) for text in there}:
        near = nearest_name(layer.label, there)
        fix = f"Did you mean {near!r}?" if near else f"Columns found: {', '.join(there) or 'none'}."
        said = f"There is no column {layer.label!r}."
        raise UnreadableError(fault(layer.file.name, said, fix, field=f"{role}.label"))
    return drawn


def _read(known: Recognised, label: str, problems: list[Problem]) -> gpd.GeoDataFrame:
    wanted = [
        text for text in known.match.headings if label and tidy_heading(text) == tidy_heading(label)
    ]
    frame = read_layer(known.part, wanted[:1], problems)
    names = frame[wanted[0]].fillna("").astype("str").str.strip() if wanted else ""
    return gpd.GeoDataFrame({"label": names}, geometry=frame.geometry, index=frame.index, crs=27700)


def _dimension(shape: object) -> int:
    return {"Point": 0, "MultiPoint": 0, "LineString": 1, "MultiLineString": 1}.get(
        getattr(shape, "geom_type", ""), 2
    )
