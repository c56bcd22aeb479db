"""What does not change between options, as small as JSON allows: LSOAs, practices, who lives where.

Goes in: a `Place`, already as it may be shown. Comes out: dictionaries of
plain lists, in the order of the codes; one thing refers to another by its position. Next:
`boundaries.pages.payload`, which puts the options beside them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from boundaries.pages.arcs import SCALE, arcs_of, simplified_coverage, to_grid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from boundaries.place import Place, TeamLayer

__all__ = ["HIDDEN", "counts", "place_payload", "positions", "whole"]

HIDDEN: Final = -1
"""Stands for a count that is not shown; the page prints an asterisk."""

_PATCH_TOLERANCE_M = 15.0
_EAST, _NORTH = 0, 1


def place_payload(place: Place) -> dict[str, Any]:
    """Return everything of a place that its map needs.

    Parameters
    ----------
    place
        The checked place, small numbers hidden where the study asks for it.

    Returns
    -------
    dict
        geo, boroughs, lsoas, wards, practices, pcns, registrations, elsewhere, neighbours, teams,
        barriers.
    """
    shapes = simplified_coverage(place.lsoas.geometry)
    corner = to_grid(shapes).min(axis=0)
    return {
        "geo": _geometry(shapes, corner),
        "boroughs": {
            "code": list(place.boroughs.index),
            "name": place.boroughs["borough_name"].tolist(),
        },
        "lsoas": _lsoas(place, corner),
        "wards": _wards(place),
        "practices": _practices(place, corner),
        "pcns": _pcns(place),
        "registrations": _registrations(place),
        "elsewhere": _elsewhere(place),
        "neighbours": {
            "border": _pairs(place, place.neighbours[place.neighbours["why"] != "added"]),
            "added": _pairs(place, place.neighbours[place.neighbours["why"] == "added"]),
            "bond": _bonds(place),
            "along": _along(place),
            "cut": _pairs(place, place.cut_pairs),
        },
        "teams": [_team_layer(place, key, corner) for key in place.teams],
        "barriers": _barriers(place, corner),
    }


def positions(codes: Iterable[object], index: pd.Index[str]) -> list[int]:
    """Return the position of each code in an index, −1 for none."""
    return [int(at) for at in index.get_indexer(pd.Index(list(codes), dtype=object))]


def counts(values: Iterable[object]) -> list[int]:
    """Return counts of people; those not shown become `HIDDEN`."""
    return [HIDDEN if pd.isna(value) else round(float(value)) for value in values]  # type: ignore[arg-type,call-overload]  # frames hold numbers or NA here


def whole(values: Iterable[object]) -> list[int]:
    """Return whole numbers; what is not known becomes 0."""
    return [0 if pd.isna(value) else round(float(value)) for value in values]  # type: ignore[arg-type,call-overload]  # frames hold numbers or NA here


def _flat(points: NDArray[Any], corner: NDArray[Any]) -> list[int]:
    return [int(value) for value in (points - corner).ravel()]


def _deltas(points: Iterable[tuple[int, int]], corner: NDArray[Any]) -> list[int]:
    flat: list[int] = []
    last = (int(corner[_EAST]), int(corner[_NORTH]))
    for point in points:
        flat += [point[0] - last[0], point[1] - last[1]]
        last = point
    return flat


def _geometry(shapes: gpd.GeoSeries, corner: NDArray[Any]) -> dict[str, Any]:
    lines = arcs_of(shapes)
    return {
        "corner": [int(value) for value in corner],
        "arcs": [_deltas(arc, corner) for arc in lines.arcs],
        "sides": [side for pair in lines.sides for side in pair],
        "rings": lines.rings,
    }


def _grid_points(points: gpd.GeoSeries, corner: NDArray[Any]) -> list[list[int] | None]:
    """Return [x, y] from the corner for each point, None where it is empty."""
    degrees = points.to_crs(4326).to_numpy()
    coordinates, owners = shapely.get_coordinates(degrees, return_index=True)
    found: list[list[int] | None] = [None] * len(points)
    for at, (x, y) in zip(owners.tolist(), coordinates.tolist(), strict=True):
        if math.isfinite(x):
            found[at] = [
                round(x * SCALE) - int(corner[_EAST]),
                round(y * SCALE) - int(corner[_NORTH]),
            ]
    return found


def _called(place: Place) -> list[str]:
    """Call LSOAs by the area that people know, where the study says which: "Kenton West, 015C"."""
    rows = place.communities[place.communities["layer"] == place.named_after]
    most = rows.sort_values(["share", "area"], ascending=[False, True]).drop_duplicates("lsoa_code")
    area = most.set_index("lsoa_code")["area"].reindex(place.lsoas.index)
    return [
        f"{known}, {name.rsplit(' ', 1)[-1]}" if isinstance(known, str) else name
        for known, name in zip(area, place.lsoas["lsoa_name"].astype(str), strict=True)
    ]


def _lsoas(place: Place, corner: NDArray[Any]) -> dict[str, Any]:
    lsoas = place.lsoas
    centres = shapely.points(lsoas["centre_e"].to_numpy(), lsoas["centre_n"].to_numpy())
    grid = to_grid(gpd.GeoSeries(centres, crs=lsoas.crs))
    return {
        "code": list(lsoas.index),
        "name": _called(place),
        "borough": positions(lsoas["borough_code"], place.boroughs.index),
        "residents": counts(lsoas["residents"]),
        "decile": whole(lsoas["imd_decile"]),
        "ward": positions(lsoas["ward_code"], _ward_names(place).index),
        "centre": _flat(grid, corner),
    }


def _ward_names(place: Place) -> pd.Series[str]:
    known = place.lsoas.loc[place.lsoas["ward_code"] != "", ["ward_code", "ward_name"]]
    return known.drop_duplicates("ward_code").set_index("ward_code")["ward_name"].sort_index()


def _wards(place: Place) -> dict[str, Any]:
    names = _ward_names(place)
    return {"code": list(names.index), "name": names.tolist()}


def _practices(place: Place, corner: NDArray[Any]) -> dict[str, Any]:
    practices = place.practices
    return {
        "code": list(practices.index),
        "name": practices["practice_name"].tolist(),
        "postcode": practices["postcode"].tolist(),
        "list": counts(practices["list_size"]),
        "outside": counts(practices["patients_outside"]),
        "pcn": positions(practices["pcn_code"], place.pcns.index),
        "at": _grid_points(practices.geometry, corner),
        "stands": _standing(place),
    }


def _standing(place: Place) -> list[int]:
    """Return the position of the LSOA that each practice stands in, −1 outside them all."""
    points, areas = place.practices.geometry.to_numpy(), place.lsoas.geometry.to_numpy()
    found = [-1] * len(points)
    hits = shapely.STRtree(areas).query(points, predicate="intersects")
    for practice, lsoa in zip(*hits.tolist(), strict=True):
        found[practice] = lsoa if found[practice] < 0 else min(lsoa, found[practice])
    return found


def _pcns(place: Place) -> dict[str, Any]:
    pcns = place.pcns
    return {
        "code": list(pcns.index),
        "name": pcns["pcn_name"].tolist(),
        "list": counts(pcns["list_size"]),
        "listOutside": counts(pcns["list_outside"]),
        "practicesOutside": whole(pcns["practices_outside"]),
        "span": whole(pcns["span"]),
        "floor": whole(pcns["floor"]),
        "waiver": pcns["waiver"].tolist(),
    }


def _registrations(place: Place) -> list[list[int]]:
    """Return for each practice: step to the next LSOA, patients, and so on."""
    frame = place.registrations.assign(
        lsoa=positions(place.registrations["lsoa_code"], place.lsoas.index),
        shown=counts(place.registrations["patients"]),
    )
    found: list[list[int]] = []
    groups = {str(code): rows for code, rows in frame.groupby("practice_code")}
    for code in place.practices.index:
        flat: list[int] = []
        last = 0
        if code in groups:
            rows = groups[code].sort_values("lsoa")
            for lsoa, patients in zip(rows["lsoa"].tolist(), rows["shown"].tolist(), strict=True):
                flat += [lsoa - last, patients]
                last = lsoa
        found.append(flat)
    return found


def _elsewhere(place: Place) -> dict[str, Any]:
    """Return residents registered outside the place: PCN codes, and (LSOA, PCN, patients) rows."""
    frame = place.elsewhere
    known = sorted(set(frame["pcn_code"].dropna()))
    rows = zip(
        positions(frame["lsoa_code"], place.lsoas.index),
        positions(frame["pcn_code"], pd.Index(known, dtype=object)),
        counts(frame["patients"]),
        strict=True,
    )
    return {"pcns": known, "rows": [value for row in rows for value in row]}


def _bonds(place: Place) -> list[float]:
    """Return the bond of every pair, in people, in the order of `_ordered`."""
    return [round(float(bond), 3) for bond in _ordered(place)["bond"]]


def _along(place: Place) -> list[int]:
    """Return the positions of the pairs along whose border a barrier runs, as bonds are ordered."""
    reasons = _ordered(place)["why"].str.split(",")
    return [at for at, why in enumerate(reasons) if "barrier" in why]


def _ordered(place: Place) -> pd.DataFrame:
    """Return the neighbouring pairs: those with a border first, then those added."""
    added = place.neighbours["why"] == "added"
    return pd.concat([place.neighbours[~added], place.neighbours[added]])


def _pairs(place: Place, frame: pd.DataFrame) -> list[int]:
    one = positions(frame["lsoa_code_a"], place.lsoas.index)
    other = positions(frame["lsoa_code_b"], place.lsoas.index)
    return [value for pair in zip(one, other, strict=True) for value in pair]


def _team_layer(place: Place, key: str, corner: NDArray[Any]) -> dict[str, Any]:
    layer = place.teams[key]
    names = sorted(set(layer.shares["team"]) | set(map(str, layer.patches.index)))
    rows = zip(
        positions(layer.shares["lsoa_code"], place.lsoas.index),
        positions(layer.shares["team"], pd.Index(names)),
        [_short(share) for share in layer.shares["share"]],
        strict=True,
    )
    return {
        "key": key,
        "label": layer.label or layer.name,
        "weight": layer.weight,
        "names": names,
        "shares": [value for row in rows for value in row],
        "lines": _patch_lines(layer, corner),
    }


def _short(share: float) -> float | int:
    rounded = round(float(share), 6)
    return int(rounded) if rounded in {0.0, 1.0} else rounded


def _patch_lines(layer: TeamLayer, corner: NDArray[Any]) -> list[list[int]]:
    """Return the borders of the patches, simplified, each as steps from the corner."""
    edges = layer.patches.geometry.simplify(_PATCH_TOLERANCE_M).boundary
    return _steps(edges, corner)


def _barriers(place: Place, corner: NDArray[Any]) -> list[dict[str, Any]]:
    """Return the lines of each barrier layer near the place, and the edges of its polygons."""
    left, bottom, right, top = place.lsoas.total_bounds
    near = place.barriers.clip_by_rect(left, bottom, right, top)
    shapes = near.simplify(_PATCH_TOLERANCE_M)
    flat = shapely.get_dimensions(shapes.to_numpy()) < 2
    lines = shapes.where(flat, shapes.boundary)
    known = place.barriers.drop_duplicates("layer")
    return [
        {
            "key": key,
            "label": label,
            "lines": _steps(lines[place.barriers["layer"] == key], corner),
        }
        for key, label in zip(known["layer"], known["label"], strict=True)
    ]


def _steps(edges: gpd.GeoSeries, corner: NDArray[Any]) -> list[list[int]]:
    """Return lines, joined where they meet, each as steps from the corner."""
    merged = shapely.line_merge(shapely.union_all(edges.to_numpy()))
    parts = [part for part in shapely.get_parts(merged) if part.geom_type == "LineString"]
    lines = gpd.GeoSeries(parts, crs=edges.crs)
    return [
        _deltas([(int(x), int(y)) for x, y in to_grid(gpd.GeoSeries(lines.iloc[[at]]))], corner)
        for at in range(len(lines))
    ]
