"""An option as a GeoPackage that QGIS opens in the colours of the map.

Goes in: an `Option`. Comes out: one file with the layers neighbourhoods, lsoas and practices, and
the table ``layer_styles``, in which QGIS keeps the style that a layer has when it is opened.
Nothing comes next.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pandas as pd

from boundaries.errors import InputError
from boundaries.gdal import write_frame
from boundaries.pages.identity import identify
from boundaries.pages.naming import neighbourhood_names, standing
from boundaries.run.views import LAYERS, layer_of

if TYPE_CHECKING:
    from boundaries.run import Option

__all__ = ["write_option"]

_GEOMETRY: Final = "geom"  # as pyogrio names the column of a GeoPackage
_FILL: Final = {
    "lsoas": ("0.75", "255,255,255,255", "0.1"),
    "neighbourhoods": ("0.5", "29,35,39,255", "0.6"),
}
"""Opacity, colour and width (mm) of the outline."""


def write_option(option: Option, path: str | Path, *, replace: bool = False) -> Path:
    """Write an option's layers with a style each, whole or not at all.

    Raises
    ------
    InputError
        When the name does not end with ``.gpkg``, there is such a file, or it cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() != ".gpkg":
        raise InputError(f"{target.name} is no GeoPackage. Give a name that ends with .gpkg.")
    if target.exists() and not replace:
        raise InputError(f"{target} is there already. Say replace=True, or give another name.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{target.stem}-", dir=target.parent) as draft:
            part = Path(draft) / "option.gpkg"  # GDAL goes by the name
            _write(option, part)
            part.replace(target)
    except OSError as error:
        said = f"Cannot write {target}: {error.strerror or error}. Choose another folder."
        raise InputError(said) from error
    return target


def _write(option: Option, part: Path) -> None:
    run, names = option.home, neighbourhood_names(option)
    identities = identify(run)
    colours = {label: identities.colour(option.option_id, label) for label in names}
    styles = []
    for layer in LAYERS:
        frame = layer_of(run, option, layer).reset_index()
        write_frame(frame, part, layer)
        styles.append(
            {
                "f_table_catalog": "",
                "f_table_schema": "",
                "f_table_name": layer,
                "f_geometry_column": _GEOMETRY,
                "styleName": option.option_id,
                "styleQML": _qml(layer, names, colours),
                "styleSLD": "",
                "useAsDefault": True,
                "description": f"{run.place.name}: {option.title}. {standing(option)}.",
                "owner": "",
                "ui": None,
                "update_time": "1970-01-01T00:00:00Z",
            }
        )
    table = pd.DataFrame(styles)
    write_frame(table, part, "layer_styles")


def _qml(layer: str, names: dict[str, str], colours: dict[str, str]) -> str:
    """Return QGIS's own description of a style: one colour a neighbourhood."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology")
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr="neighbourhood",
        symbollevels="0", enableorderby="0", forceraster="0",
    )  # fmt: skip
    categories, symbols = (ET.SubElement(renderer, name) for name in ("categories", "symbols"))
    for number, (label, name) in enumerate(names.items()):
        ET.SubElement(
            categories, "category", render="true", symbol=str(number), value=label, label=name
        )
        _symbol(symbols, layer, str(number), colours[label])
    return ET.tostring(root, encoding="unicode")


def _symbol(symbols: ET.Element, layer: str, number: str, colour: str) -> None:
    rgb = ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"
    alpha, line, width = _FILL.get(layer, ("1", "29,35,39,255", "0.4"))
    kind, drawn = ("marker", "SimpleMarker") if layer == "practices" else ("fill", "SimpleFill")
    symbol = ET.SubElement(
        symbols, "symbol", type=kind, name=number, alpha=alpha, clip_to_extent="1", force_rhr="0"
    )
    how = {"color": rgb, "outline_color": line, "outline_width": width, "outline_style": "solid"}
    how |= {"name": "circle", "size": "3"} if kind == "marker" else {"style": "solid"}
    drawing = {"class": drawn, "pass": "0", "locked": "0", "enabled": "1"}
    inside = ET.SubElement(symbol, "layer", drawing)
    options = ET.SubElement(inside, "Option", type="Map")
    for key, value in how.items():
        ET.SubElement(options, "Option", type="QString", name=key, value=value)
