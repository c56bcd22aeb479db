"""Frames in memory where a study, or a plan, names a file: written as files, then read as such.

Goes in: a pandas or geopandas object. Comes out: the path of a file that holds the same, in a
folder that lasts as long as this process. Next: `boundaries.read` finds what it is and checks it.

One way in for everything: a frame is recognised, checked and recorded by its content like any
file, and the same frame has the same name and SHA-256 wherever it is used. In messages row 1 is
the heading and row 2 the frame's first row.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationInfo

__all__ = ["as_file", "as_files", "file_of", "is_of_frame", "is_table"]

_CODE = 12


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="boundaries-frames-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def is_table(value: object) -> bool:
    """Say whether something is a pandas or geopandas Series or DataFrame."""
    return hasattr(value, "to_csv") and hasattr(value, "index")


def is_of_frame(path: Path) -> bool:
    """Say whether a file holds a frame in memory."""
    return _folder.cache_info().currsize > 0 and path.parent == _folder()


def file_of(table: Any, role: str) -> Path:
    """Return a file with the content of a table: CSV, or GeoJSON where it has geometry.

    Parameters
    ----------
    table
        Series, DataFrame, GeoSeries or GeoDataFrame; an index that has a name is a column.
    role
        What it is used for: the file's name begins with it.
    """
    frame: Any = table.to_frame() if table.ndim == 1 else table
    nameless = all(name is None or name in frame.columns for name in frame.index.names)
    frame = frame.reset_index(drop=nameless)
    if hasattr(frame, "to_wkb"):
        text, ending = frame.to_json(to_wgs84=False, drop_id=True), "geojson"
    else:
        text, ending = frame.to_csv(index=False, lineterminator="\n"), "csv"
    content = text.encode()
    code = hashlib.sha256(content).hexdigest()[:_CODE]
    path = _folder() / f"{role}-{code}.{ending}"
    if not path.exists():
        path.write_bytes(content)
    return path


def as_file(value: object, info: ValidationInfo) -> object:
    """Put a file where a frame stands; leave all else as it is."""
    return file_of(value, info.field_name or "frame") if is_table(value) else value


def as_files(value: object, info: ValidationInfo) -> object:
    """Return a list of files; one by itself is a list of one."""
    one = isinstance(value, (str, Path)) or is_table(value)
    given = [value] if one else value
    if isinstance(given, (list, tuple)):
        return [as_file(item, info) for item in given]
    return given
