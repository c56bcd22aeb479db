"""The one door to GDAL: every layer that is read or written passes here, and nothing else does.

Goes in: the path of a file on this machine. Comes out: the names of its layers, their fields, a
frame. The file's first bytes prove which driver may open it, and while it is open GDAL has no
other: GDAL tells formats by itself, and some of those (VRT) name further files and addresses to
read. Nothing in a file may make GDAL ask the network. Next: `boundaries.read.parts`.
"""

from __future__ import annotations

import mmap
import os
import re
import shutil
import sqlite3
import threading
import warnings
from contextlib import closing, contextmanager
from functools import lru_cache
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pyogrio
import pyogrio._ogr as _pyogrio_drivers  # drivers can be counted and registered only there

from boundaries.errors import RefusedFileError
from boundaries.limits import how_to_raise, limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

__all__ = [
    "BROKEN_LAYER",
    "SHAPEFILE",
    "SQLITE",
    "driver_of",
    "is_json",
    "is_kml",
    "layer_facts",
    "list_layers",
    "read_frame",
    "write_frame",
]

BROKEN_LAYER: Final = (RuntimeError, ValueError, OSError)
"""What GDAL and pyogrio raise on a damaged layer (their own errors are RuntimeErrors)."""

SQLITE: Final = b"SQLite format 3\x00"
SHAPEFILE: Final = b"\x00\x00\x27\x0a"
_NO_NETWORK: Final = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",  # the file system of web addresses opens only this
    "GDAL_HTTP_PROXY": "127.0.0.1:9",  # and whoever fetches otherwise asks a port that is closed
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "PROJ_NETWORK": "OFF",
    "GDAL_DRIVER_PATH": "disable",
    "LIBKML_RESOLVE_STYLE": "NO",  # the styles of a KML may stand in other files
    "LIBKML_EXTERNAL_STYLE": "NO",
}
_DIRECT: Final = ("no_proxy", "NO_PROXY")  # addresses that would be asked without the proxy
_KML: Final = re.compile(rb"<(?:\w+:)?kml[\s>]")
_STAMP: Final = "2000-01-01T00:00:00Z"
"""GeoPackages carry a date of last change: fixed, so that the same frames make the same file."""
_LOCK: Final = threading.RLock()


def is_json(start: bytes) -> bool:
    """Say whether a file's first bytes begin an object of JSON."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def is_kml(start: bytes) -> bool:
    """Say whether a file's first bytes begin a KML, as Google My Maps and Google Earth write."""
    return (
        start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
        and _KML.search(start) is not None
    )


def driver_of(start: bytes) -> str | None:
    """Return the one driver that may open a file with such first bytes; None when none may."""
    if start.startswith(SQLITE):
        return "GPKG"
    if start.startswith(SHAPEFILE):
        return "ESRI Shapefile"
    if is_kml(start):
        return "LIBKML"
    if not is_json(start):
        return None
    return "ESRIJSON" if b'"esriGeometry' in start else "GeoJSON"


def list_layers(path: Path) -> list[str]:
    """Return the names of a file's layers.

    Raises
    ------
    RefusedFileError
        When the content is of no kind that may be opened, or asks for what it must not.
    RuntimeError, ValueError, OSError
        When the file is damaged.
    """
    with _opened(path) as where:
        names = [str(name) for name in pyogrio.list_layers(where)[:, 0]]
    if not names:
        raise RefusedFileError("The file holds no layer.", "Save the layer as GeoPackage.")
    if len(names) > limit("layers"):
        said = f"The file holds {len(names):,} layers."
        raise RefusedFileError(said, how_to_raise("layers"))
    return names


def layer_facts(path: Path, layer: str | None = None) -> tuple[list[str], str]:
    """Return the headings of a layer's attributes, and its kind of geometry (empty: none).

    Raises
    ------
    RefusedFileError, RuntimeError, ValueError, OSError
        As `list_layers`.
    """
    with _opened(path) as where:
        about = pyogrio.read_info(where, layer=layer)
    return [str(name) for name in about["fields"]], str(about["geometry_type"] or "")


def read_frame(path: Path, layer: str | None = None, **wanted: Any) -> gpd.GeoDataFrame:
    """Read a layer, or the first rows or some columns of it.

    A shape that no outline can be made of, such as one that is not closed, comes as none.

    Parameters
    ----------
    path
        A file on this machine.
    layer
        Name of the layer, where the file has several.
    wanted
        ``columns``, ``read_geometry``, ``max_features``, ``force_2d``: as pyogrio takes them.

    Raises
    ------
    RefusedFileError, RuntimeError, ValueError, OSError
        As `list_layers`.
    """
    with _opened(path) as where:
        frame: gpd.GeoDataFrame = pyogrio.read_dataframe(
            where, layer=layer, on_invalid="ignore", **wanted
        )
    return frame


def write_frame(frame: pd.DataFrame, path: Path, layer: str, **more: Any) -> None:
    """Write a frame as a layer of a GeoPackage, beside the layers that it has.

    Parameters
    ----------
    more
        ``geometry_type``, ``promote_to_multi``: as pyogrio takes them.
    """
    with _only("GPKG", OGR_CURRENT_DATE=_STAMP):
        pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", append=False, **more)


@contextmanager
def _opened(path: Path) -> Iterator[str]:
    """Prove a file, and give its path while GDAL has only the driver for it."""
    about = path.stat()
    driver, where = _proved(str(path.absolute()), about.st_mtime_ns, about.st_size)
    with _only(driver), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield where


@contextmanager
def _only(driver: str, **more: str) -> Iterator[None]:
    """Take every other driver and the network from GDAL, and give them back afterwards."""
    with _LOCK:
        others = [name for name in pyogrio.list_drivers() if name != driver]
        wanted = {**_NO_NETWORK, **more, "GDAL_SKIP": ",".join(others)}
        kept = {name: pyogrio.get_gdal_config_option(name) for name in wanted}
        pyogrio.set_gdal_config_options(wanted)
        direct = {name: os.environ.pop(name) for name in _DIRECT if name in os.environ}
        try:
            _pyogrio_drivers._register_drivers()  # noqa: SLF001 - takes away what is to be skipped
            left = set(pyogrio.list_drivers())
            if left != {driver}:
                raise RefusedFileError(
                    f"GDAL cannot be kept to {driver}: it also has {', '.join(sorted(left))}.",
                    "Install the versions of constraints.txt.",
                )
            yield
        finally:
            os.environ.update(direct)
            pyogrio.set_gdal_config_options(kept)
            _pyogrio_drivers._register_drivers()  # noqa: SLF001 - brings the others back


@lru_cache(maxsize=256)
def _proved(path: str, _changed: int, size: int) -> tuple[str, str]:
    """Return the driver that a file's content proves, and the file under a name of our own.

    Neither GDAL nor pyogrio sees the file's own name: to both a name can mean an archive to be
    opened (``x.zip``, ``a!b``), an address, or another driver.
    """
    with Path(path).open("rb") as stream:
        driver = driver_of(stream.read(4096))
        if driver is None:
            said = "This is no GeoPackage, GeoJSON, KML or shapefile."
            raise RefusedFileError(said, "Save the layer as GeoPackage.")
        if driver.endswith("JSON"):
            with mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_READ) as content:
                _refuse_linked_crs(content)
        elif driver == "LIBKML":
            with mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_READ) as content:
                _refuse_linked_kml(content)
        elif driver == "GPKG":
            _refuse_programs(Path(path))
    return driver, _under_our_name(Path(path), _ENDINGS[driver])


_ENDINGS: Final = {
    "GPKG": (".gpkg",), "LIBKML": (".kml",), "GeoJSON": (".geojson",), "ESRIJSON": (".json",),
    "ESRI Shapefile": (".shp", ".shx", ".dbf", ".prj", ".cpg"),
}  # fmt: skip


@lru_cache(maxsize=1)
def _home() -> TemporaryDirectory[str]:
    """Return the folder of this process for the names that GDAL sees; it goes when we do."""
    return TemporaryDirectory(prefix="boundaries-")


def _under_our_name(path: Path, endings: tuple[str, ...]) -> str:
    """Link a file, and the parts of a shapefile beside it, under a plain name."""
    folder = Path(_home().name) / f"{len(list(Path(_home().name).iterdir()))}"
    folder.mkdir()
    parts = {endings[0]: path}
    if len(endings) > 1:
        beside = path.parent.glob(f"{escape(path.stem)}.*")
        parts |= {other.suffix.lower(): other for other in beside if other != path}
    for ending in endings:
        if ending in parts and parts[ending].is_file():
            try:
                (folder / f"layer{ending}").symlink_to(parts[ending].absolute())
            except OSError:  # Windows gives links to some only
                shutil.copyfile(parts[ending], folder / f"layer{ending}")
    return str(folder / f"layer{endings[0]}")


# The key "crs", however its letters are escaped, and what stands behind it: GDAL fetches the
# address that a `crs` of type link or URL gives (GeoJSON 2008), in a layer or in any shape of it.
_CRS: Final = re.compile(
    rb"[\"'](?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)[\"']\s*(?=(.{0,400}))",
    re.DOTALL | re.IGNORECASE,
)
_NAME: Final = (
    rb"\"(?:urn:(?:x-)?ogc:def:crs:[A-Za-z]+:[\d.]*:\w+|(?:EPSG|OGC|ESRI|CRS):\w+"
    rb"|https?://www\.opengis\.net/def/crs/[A-Za-z]+/[\d.]+/\w+)\""
)
_PLAIN: Final = re.compile(
    rb":\s*(?:null|[\"'\d\-tf]"
    rb"|\{\s*\"type\"\s*:\s*\"name\"\s*,\s*\"properties\"\s*:\s*\{\s*\"name\"\s*:\s*" + _NAME +
    rb"\s*\}\s*\}"
    rb"|\{\s*\"properties\"\s*:\s*\{\s*\"name\"\s*:\s*" + _NAME +
    rb"\s*\}\s*,\s*\"type\"\s*:\s*\"name\"\s*\})"
    rb"|[,}\]]"
)  # fmt: skip
"""A reference system by its name, nothing, or an attribute that happens to be called so."""


def _refuse_linked_crs(content: Any) -> None:
    for found in _CRS.finditer(content):
        if not _PLAIN.match(found[1]):
            raise RefusedFileError(
                'Its reference system ("crs") is not given by a name but by something else, such '
                "as an address to be fetched.",
                "Open it in QGIS, set the reference system, and save it as GeoPackage.",
            )


_LINK: Final = re.compile(rb"<(?:\w+:)?NetworkLink[\s>]")
_ENTITIES: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def _refuse_linked_kml(content: Any) -> None:
    """Refuse a KML that only points at a map on the web, or that declares entities of its own."""
    if _ENTITIES.search(content):
        said = "The KML declares entities of its own (DOCTYPE), which are not read."
        raise RefusedFileError(said, "Save the layer as GeoPackage.")
    if _LINK.search(content):
        raise RefusedFileError(
            "The KML holds a link to a map on the web instead of its shapes.",
            'Export it again without "Keep data up to date with network link".',
        )


_STEPS: Final = 20_000_000  # of SQLite's machine, for the list of tables: far more than it takes


_HARMLESS: Final = re.compile(
    r"create\s+virtual\s+table\s+(?:\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|\w+)\s+using\s+[\"']?(rtree|fts[345])\b",
    re.IGNORECASE,
)
"""The name of a layer, and so of its index, may have spaces, within quotes."""


def _refuse_programs(path: Path) -> None:
    """Refuse a GeoPackage that holds anything but stored rows and indexes of them.

    A view, a virtual table or a computed column is a program of the file's maker: it can run
    without end, use all memory, or read other files.
    """
    listing = "SELECT name, type, coalesce(sql, '') FROM sqlite_master WHERE type <> 'index'"
    computed = "SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden > 1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
            base.set_progress_handler(lambda: 1, _STEPS)
            base.execute("PRAGMA trusted_schema = OFF")
            rows = base.execute(listing).fetchall()
            if "gpkg_contents" not in {str(name).lower() for name, _, _ in rows}:
                said = "This is an SQLite database but no GeoPackage."
                raise RefusedFileError(said, "Save the layer as GeoPackage.")
            for name, kind, sql in rows:
                virtual = str(sql).lstrip().lower().startswith("create virtual")
                if kind == "view" or (virtual and not _HARMLESS.match(str(sql).lstrip())):
                    _refuse_program("the view", name)
                if (
                    kind == "table"
                    and not virtual
                    and base.execute(computed, (name,)).fetchone()[0]
                ):
                    _refuse_program("a computed column of", name)
    except sqlite3.DatabaseError as error:
        raise RuntimeError(str(error)) from error


def _refuse_program(what: str, name: object) -> None:
    said = f"The GeoPackage holds {what} {name}, a program of its maker, which is not run."
    raise RefusedFileError(said, "Save the layer that is meant as a GeoPackage of its own.")
