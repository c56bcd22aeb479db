"""Keys of a study as columns of a CSV: which key a heading means, and how it gets into a study.

Goes in: headings, cells, the text of a study. Comes out: keys by path (``rules.neighbourhoods``),
values as TOML has them, the text with them in it. Next: `boundaries.many.studies`.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from boundaries.study import Study

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["key_of_heading", "value_of", "with_keys"]

_LAYER: Final = ("file", "name", "label", "weight", "points")


def key_of_heading(heading: str) -> str | None:
    """Return the path of the study's key that a heading means, or None.

    A key may stand by itself where only one table has it; a layer by itself is its file.

    Examples
    --------
    >>> key_of_heading("neighbourhoods"), key_of_heading("teams.nursing"), key_of_heading("color")
    ('rules.neighbourhoods', 'teams.nursing.file', None)
    """
    tables = _tables()
    table, _, rest = heading.partition(".")
    if not rest:
        having = [name for name, keys in tables.items() if keys and heading in keys]
        return f"{having[0]}.{heading}" if len(having) == 1 else None
    if table not in tables:
        return None
    keys, parts = tables[table], rest.split(".")
    if keys and parts[0] in keys and len(parts) == 1 and table != "footprints":
        return heading
    if (keys and parts[0] not in keys) or len(parts) > 2:
        return None
    if keys and table != "footprints":
        return None
    last = parts[1] if len(parts) == 2 else "file"
    return f"{table}.{parts[0]}.{last}" if last in _LAYER else None


def value_of(cell: str, key: str, *, folder: Path) -> Any:
    """Return a cell as TOML would have it (numbers, lists, true), else as text.

    Parameters
    ----------
    cell, key
        The cell, and the key that it is for.
    folder
        What relative paths of files are relative to; they come back absolute.
    """
    try:
        value = tomllib.loads(f"value = {cell}")["value"]
    except tomllib.TOMLDecodeError:
        value = cell
    if not _names_files(key):
        return value
    given = value if isinstance(value, list) else [value]
    files = [Path(os.path.normpath(folder / str(one))) for one in given]
    return files if isinstance(value, list) else files[0]


def with_keys(text: str, keys: Mapping[str, Any], *, folder: Path) -> str:
    """Return the text of a study with keys set: in place where they stand, else added.

    Parameters
    ----------
    text
        TOML, one key a line.
    keys
        Values by path.
    folder
        The study's folder: files are written relative to it.
    """
    lines = text.rstrip("\n").split("\n")
    for key, value in keys.items():
        table, _, last = key.rpartition(".")
        line = f"{_bare(last)} = {_toml(value, folder)}"
        head = f"[{'.'.join(map(_bare, table.split('.')))}]"
        if not any(_is_head(one, head) for one in lines):
            lines += ["", head, line]
            continue
        start = next(at for at, one in enumerate(lines) if _is_head(one, head)) + 1
        end = next((at for at in range(start, len(lines)) if lines[at].startswith("[")), len(lines))
        found = [at for at in range(start, end) if re.match(rf"{re.escape(last)}\s*=", lines[at])]
        if found:
            lines[found[0]] = line
        else:
            lines.insert(start, line)
    return "\n".join(lines) + "\n"


def _is_head(line: str, head: str) -> bool:
    return line.split("#", maxsplit=1)[0].strip() == head


def _tables() -> dict[str, frozenset[str]]:
    """Return the study's tables and their keys; none where the keys are the user's own names."""
    found = {}
    for name, field in Study.model_fields.items():
        kind: Any = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found[name] = frozenset(kind.model_fields)
        elif str(kind).startswith("dict"):
            found[name] = frozenset()
    return found


def _names_files(key: str) -> bool:
    table, *rest = key.split(".")
    if len(rest) == 2:
        return rest[1] in ("file", "points")
    kind: Any = Study.model_fields[table].annotation
    return "Path" in str(kind.model_fields[rest[0]].annotation)


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _toml(value: Any, folder: Path) -> str:
    """Write a value as TOML; what TOML shares with JSON is written as JSON."""
    if isinstance(value, list):
        return f"[{', '.join(_toml(one, folder) for one in value)}]"
    if isinstance(value, Path):
        return json.dumps(Path(os.path.relpath(value, folder)).as_posix(), ensure_ascii=False)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
