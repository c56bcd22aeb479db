"""Files read once for all places that share them.

Goes in: the ``[data]`` of studies. Comes out: tables, read when first asked for. Next:
`boundaries.pipeline.prepare` cuts them by place.
"""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boundaries.read import read_data
from boundaries.read.parts import file_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.read import ReadData
    from boundaries.study import DataTable, Study

__all__ = ["Once"]


class Once:
    """The files of a batch: tables by what a ``[data]`` names, hashes by file.

    Parameters
    ----------
    seconds
        Seconds spent on reading so far.
    reads
        How often files were read: once for every ``[data]`` that differs.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.reads = 0
        self._known: dict[str, ReadData] = {}
        self._hashes: dict[Path, str] = {}

    def read(self, data: DataTable) -> ReadData:
        """Return the tables of a ``[data]``; read them when nobody has asked before."""
        key = json.dumps(_plain(data.model_dump()), sort_keys=True)
        if key not in self._known:
            begun = time.perf_counter()
            self._known[key] = read_data(data)
            self.seconds += time.perf_counter() - begun
            self.reads += 1
        return self._known[key]

    def key_of(self, study: Study, *, version: str, mode: str) -> str:
        """Return what a run's result hangs on: study, content of its files, version, mode.

        Returns
        -------
        str
            A SHA-256; two runs with the same one have nothing to differ by.
        """
        parts = [study.sha256, version, mode]
        parts += [self._hash(path) for path in sorted(set(_files(study.model_dump())))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _hash(self, path: Path) -> str:
        if path not in self._hashes:
            self._hashes[path] = file_sha256(path)
        return self._hashes[path]


def _plain(value: Any) -> Any:
    """Return what a ``[data]`` says in a form that is the same however its paths are written."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return str(value.resolve() if isinstance(value, Path) else value)


def _files(value: object) -> Iterator[Path]:
    """Yield every file that a study names, and those that belong to it (shapefiles are several)."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _files(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _files(part)
    elif isinstance(value, Path):
        beside = value.parent.glob(f"{value.stem}.*") if value.suffix.lower() == ".shp" else [value]
        inside = value.rglob("*") if value.is_dir() else beside
        yield from (path for path in inside if path.is_file())
