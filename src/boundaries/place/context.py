"""The ground around a place: context cut to what its maps show. Drawn, never measured.

Goes in: the layers as read, and the LSOAs. Comes out: one frame near the place, as fine as a page
can show. Next: `boundaries.pages.ground`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.place.place import no_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boundaries.study import Study

__all__ = ["MARGIN", "context_near"]

MARGIN: Final = 0.06
"""What is shown around a place, as a share of its longer side."""

_FINENESS: Final = 800
"""Shapes are simplified to the place's longer side over this: a pixel of a large screen."""


def context_near(
    lsoas: gpd.GeoDataFrame, context: Mapping[str, gpd.GeoDataFrame], *, study: Study
) -> gpd.GeoDataFrame:
    """Return what of the context lies in the place's box or a little around it, simplified.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns layer (the study's key), kind, label, geometry in EPSG:27700. Stations and places
        are points, one a name and place, and lie in the place itself or near its edge.
    """
    low_e, low_n, high_e, high_n = lsoas.total_bounds
    longer = max(high_e - low_e, high_n - low_n)
    room, fine = longer * MARGIN, longer / _FINENESS
    around = shapely.box(low_e - room, low_n - room, high_e + room, high_n + room)
    found = [no_context()]
    for key, frame in context.items():
        kind = study.context[key].kind
        near = frame[frame.intersects(around)]
        named = kind in {"station", "place"}
        shapes = near.geometry.representative_point() if named else near.geometry
        shapes = (
            shapes.intersection(around) if named else shapes.simplify(fine).intersection(around)
        )
        cut = gpd.GeoDataFrame(
            {"layer": key, "kind": kind, "label": near["label"].astype("str")},
            geometry=shapes, crs=lsoas.crs,
        )  # fmt: skip
        cut = cut[~cut.geometry.is_empty & (cut["label"].ne("") | (not named))]
        found.append(_drawn(cut, fine, named=named))
    joined = pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)
    return gpd.GeoDataFrame(joined, crs=lsoas.crs)


def _drawn(frame: gpd.GeoDataFrame, fine: float, *, named: bool) -> gpd.GeoDataFrame:
    """Leave out what is smaller than a few pixels, and the second of two names at one place."""
    if named:
        grid = (shapely.get_coordinates(frame.geometry.to_numpy()) / (40 * fine)).round()
        again = pd.DataFrame({"label": frame["label"].to_numpy(), "x": grid[:, 0], "y": grid[:, 1]})
        return frame[~again.duplicated().to_numpy()]
    shapes = frame.geometry.to_numpy()
    areas = shapely.get_dimensions(shapes) == 2
    enough = np.where(
        areas, shapely.area(shapes) > (4 * fine) ** 2, shapely.length(shapes) > 2 * fine
    )
    return frame[enough]
