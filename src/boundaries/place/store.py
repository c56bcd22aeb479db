"""A place in one file, and back: a run's folder alone is enough to draw it again.

Goes in: `Place`. Comes out: ``place.gpkg``, whole or not there, which any GIS opens.
Next: `boundaries.run`, which keeps it beside the run's tables.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries import gdal
from boundaries.errors import InputError
from boundaries.place.coverage import single_parts
from boundaries.place.place import Place, TeamLayer, no_barriers, no_context
from boundaries.read.parts import unreadable
from boundaries.read.tables import Source

__all__ = ["PLACE_FILE", "read_place", "sound", "write_place"]

PLACE_FILE: Final = "place.gpkg"
_FORMAT: Final = 2
_MOST: Final = 1e12  # larger numbers are in no table of a run

_KINDS: Final[dict[str, dict[str, str]]] = {
    "lsoas": {
        "lsoa_name": "str", "borough_code": "str", "borough_name": "str", "residents": "int64",
        "residents_65_plus": "Int64", "imd_decile": "Int64", "imd_quintile": "Int64",
        "ward_code": "str", "ward_name": "str", "centre_e": "float64", "centre_n": "float64",
    },
    "practices": {
        "practice_name": "str", "postcode": "str", "list_size": "int64",
        "patients_inside": "int64", "patients_outside": "int64", "pcn_code": "str",
        "borough_code": "str",
    },
    "boroughs": {"borough_name": "str"},
    "pcns": {
        "pcn_name": "str", "list_size": "int64", "list_outside": "int64", "practices": "int64",
        "practices_outside": "int64", "span": "int64", "floor": "int64", "waiver": "str",
    },
    "registrations": {"practice_code": "str", "lsoa_code": "str", "patients": "int64"},
    "elsewhere": {"lsoa_code": "str", "pcn_code": "str", "patients": "int64"},
    "neighbours": {
        "lsoa_code_a": "str", "lsoa_code_b": "str", "border_m": "float64", "bond": "float64",
        "why": "str",
    },
    "cut_pairs": {"lsoa_code_a": "str", "lsoa_code_b": "str", "border_m": "float64"},
    "shares": {"layer": "str", "lsoa_code": "str", "team": "str", "share": "float64"},
    "patches": {"layer": "str", "team": "str"},
    "footprints": {"footprint": "str", "lsoa_code": "str", "name": "str"},
    "barriers": {"layer": "str", "label": "str"},
    "context": {"layer": "str", "kind": "str", "label": "str"},
    "communities": {"layer": "str", "lsoa_code": "str", "area": "str", "share": "float64"},
}  # fmt: skip
_INDEX: Final = {
    "lsoas": "lsoa_code", "practices": "practice_code", "boroughs": "borough_code",
    "pcns": "pcn_code",
}  # fmt: skip
_MAY_MISS: Final = {("practices", "pcn_code"), ("elsewhere", "pcn_code")}


def write_place(place: Place, folder: str | Path) -> Path:
    """Write a place as ``place.gpkg``.

    Parameters
    ----------
    place
        The place.
    folder
        Where to put the file; made when missing. An older file there is replaced only when the
        new one is whole.

    Returns
    -------
    pathlib.Path
        The file: layers lsoas, practices, boroughs, patches (EPSG:27700), and tables without
        geometry. The same place makes the same bytes.

    Raises
    ------
    OSError
        When the folder cannot be written to.
    """
    target = Path(folder) / PLACE_FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{PLACE_FILE}.part.gpkg")
    part.unlink(missing_ok=True)
    try:
        for name, frame in _layers(place).items():
            gdal.write_frame(frame, part, name, **_options(frame))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def read_place(folder: str | Path) -> Place:
    """Read a place back from the folder that `write_place` wrote to.

    Raises
    ------
    InputError
        When there is no such file, or it is not one of ours.
    """
    path = Path(folder) / PLACE_FILE
    if not path.is_file():
        raise InputError(f"There is no {PLACE_FILE} in {path.parent}. Give the folder of a run.")
    with unreadable(PLACE_FILE):
        return _read_place(path)


def _read_place(path: Path) -> Place:
    layers = set(gdal.list_layers(path))
    if "about" not in layers:
        raise InputError(f"{path.name} in {path.parent} was not written by this tool.")
    about = json.loads(gdal.read_frame(path, "about")["text"][0], parse_constant=_refuse)
    if about["format"] != _FORMAT:
        raise InputError(
            f"{path.name} has format {about['format']}; this version reads {_FORMAT}."
            " Run the study again."
        )
    frames = {name: _read(path, name, layers) for name in _KINDS}
    return Place(
        name=about["name"],
        lsoa_year=about["lsoa_year"],
        lsoas=frames["lsoas"],
        practices=frames["practices"],
        pcns=frames["pcns"],
        registrations=frames["registrations"],
        elsewhere=frames["elsewhere"],
        neighbours=frames["neighbours"],
        cut_pairs=frames["cut_pairs"],
        teams={layer["name"]: _team_layer(layer, frames) for layer in about["teams"]},
        boroughs=frames["boroughs"],
        footprints={name: _footprint(name, frames) for name in about["footprints"]},
        barriers=frames["barriers"] if len(frames["barriers"]) else no_barriers(),
        communities=frames["communities"],
        context=frames["context"] if len(frames["context"]) else no_context(),
        sources=tuple(Source(**source) for source in about["sources"]),
        modelled_share=about["modelled_share"],
        named_after=about["named_after"],
    )


def _layers(place: Place) -> dict[str, pd.DataFrame]:
    shares = [layer.shares.assign(layer=name) for name, layer in place.teams.items()]
    patches = [
        layer.patches[["geometry"]].rename_axis("team").reset_index().assign(layer=name)
        for name, layer in place.teams.items()
    ]
    footprints = [
        pd.DataFrame({"footprint": key, "lsoa_code": names.index, "name": names.to_numpy()})
        for key, names in place.footprints.items()
    ]
    layers: dict[str, pd.DataFrame] = {
        "lsoas": place.lsoas.reset_index(),
        "practices": place.practices.reset_index(),
        "boroughs": place.boroughs.reset_index(),
        "pcns": place.pcns.reset_index(),
        "registrations": place.registrations,
        "elsewhere": place.elsewhere,
        "neighbours": place.neighbours,
        "cut_pairs": place.cut_pairs,
        "barriers": place.barriers,
        "communities": place.communities,
        "context": place.context,
        "about": pd.DataFrame({"text": [json.dumps(_about(place), ensure_ascii=False)]}),
    }
    if patches:
        layers["patches"] = pd.concat(patches, ignore_index=True)
        layers["shares"] = pd.concat(shares, ignore_index=True)
    if footprints:
        layers["footprints"] = pd.concat(footprints, ignore_index=True)
    return {name: frame for name, frame in layers.items() if len(frame)}


def _about(place: Place) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "name": place.name,
        "lsoa_year": place.lsoa_year,
        "modelled_share": place.modelled_share,
        "named_after": place.named_after,
        "teams": [
            {"name": layer.name, "label": layer.label, "weight": layer.weight}
            for layer in place.teams.values()
        ],
        "footprints": list(place.footprints),
        "sources": [source.record() for source in place.sources],
    }


def _options(frame: pd.DataFrame) -> dict[str, Any]:
    """Give a layer one geometry type where it has one: polygons may have parts."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return {}
    kinds = set(frame.geometry.geom_type.dropna())
    if kinds == {"Point"}:
        return {"geometry_type": "Point", "promote_to_multi": False}
    if kinds <= {"Polygon", "MultiPolygon"}:
        return {"geometry_type": "MultiPolygon", "promote_to_multi": True}
    return {"geometry_type": "Unknown", "promote_to_multi": False}


def _read(path: Path, name: str, layers: set[str]) -> Any:
    kinds = _KINDS[name]
    index = _INDEX.get(name)
    if name not in layers:
        frame = pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in kinds.items()})
        return frame if index is None else frame.set_index(index)
    frame = sound(gdal.read_frame(path, name), f"{PLACE_FILE}, layer {name}")
    for column, kind in kinds.items():
        if kind == "str" and (name, column) not in _MAY_MISS:
            frame[column] = frame[column].fillna("")
    frame = frame.astype(kinds)
    if isinstance(frame, gpd.GeoDataFrame):
        frame = _as_built(frame)
        frame = frame[[*([index] if index else []), *kinds, "geometry"]]
    if index is None:
        return frame
    return frame.astype({index: "str"}).set_index(index)


def sound(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table of a run's folder, which has no number that no run can have.

    Raises
    ------
    ValueError
        When a number or a coordinate is infinite, or too large to be of a place in England.
    """
    numbers = frame.select_dtypes("number")
    for column in numbers.columns[(numbers.abs() > _MOST).any()]:
        raise ValueError(f"{name}: a number of {column} is infinite or too large")
    if isinstance(frame, gpd.GeoDataFrame):
        bounds = frame.geometry.bounds.to_numpy()
        if (np.isinf(bounds) | (np.abs(bounds) > _MOST)).any():
            raise ValueError(f"{name}: a coordinate is infinite or too large")
    return frame


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _as_built(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn multipolygons of one part back into polygons, and missing points into empty ones."""
    shapes = frame.geometry.to_numpy().copy()
    shapes[shapely.is_missing(shapes)] = shapely.Point()
    return frame.set_geometry(gpd.GeoSeries(single_parts(shapes), frame.index, frame.crs))


def _team_layer(layer: dict[str, Any], frames: dict[str, Any]) -> TeamLayer:
    shares, patches = frames["shares"], frames["patches"]
    shares = shares[shares["layer"] == layer["name"]].drop(columns="layer")
    patches = patches[patches["layer"] == layer["name"]].drop(columns="layer")
    return TeamLayer(
        layer["name"],
        layer["label"],
        layer["weight"],
        shares.reset_index(drop=True),
        patches.set_index("team"),
    )


def _footprint(name: str, frames: dict[str, Any]) -> pd.Series[str]:
    rows = frames["footprints"]
    rows = rows[rows["footprint"] == name].set_index("lsoa_code")
    names: pd.Series[str] = rows["name"].astype("str").rename("footprint")
    return names
