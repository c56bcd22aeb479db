"""The one TOML file that says everything a run needs, read with every fault at once.

Goes in: the path of a study. Comes out: `Study`, whose file paths are absolute. Faults are unknown
keys (with the nearest known one), wrong types, missing files. Next: `boundaries.read`.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from boundaries.codes import nearest_name
from boundaries.encodings import decoded, readable
from boundaries.problems import Problem, raise_on_errors
from boundaries.study.model import TABLES, Study

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["load_study", "parse_study"]


def load_study(path: str | Path) -> Study:
    """Read a study file; paths in it are relative to the file.

    Raises
    ------
    InputError
        With every fault: not TOML, unknown keys, wrong types, missing files.
    """
    file = Path(path)
    try:
        text = decoded(file.read_bytes()).replace("\r\n", "\n")
    except OSError as error:
        said = f"The study cannot be read: {error.strerror or error}."
        raise_on_errors(
            [_fault(str(path), "", said, "Give the path of a study; `boundaries init` makes one.")]
        )
        raise  # pragma: no cover - the line above always raises
    return parse_study(text, folder=file.resolve().parent, name=file.name)


def parse_study(text: str, *, folder: Path, name: str = "study", must_exist: bool = True) -> Study:
    """Turn the text of a study into a `Study`.

    Parameters
    ----------
    text
        TOML.
    folder
        What relative paths in it are relative to.
    name
        File name for messages.
    must_exist
        Whether files that are not there are faults; a finished run is read without its inputs.

    Raises
    ------
    InputError
        With every fault: not TOML, unknown keys, wrong types, missing files.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise_on_errors([_fault(name, "", f"Not valid TOML: {error}.", "Mend that line.")])
        raise  # pragma: no cover - the line above always raises
    problems: list[Problem] = []
    study: Study | None = None
    raw = _readable(raw)
    raw.pop("text", None)
    raw.pop("sha256", None)
    try:
        study = Study.model_validate(_with_absolute_paths(raw, folder))
    except ValidationError as error:
        problems += [_explain(dict(fault), name) for fault in error.errors()]
    if must_exist:
        problems += _missing_files(raw, folder, name)
    if study is not None:
        problems += _cross_checks(study, name)
    raise_on_errors(problems)
    assert study is not None  # noqa: S101 - every validation error is a problem above
    digest = hashlib.sha256(text.encode()).hexdigest()
    return study.model_copy(update={"text": text, "sha256": digest})


def _readable(value: Any) -> Any:
    """Drop characters that cannot be seen from every text of a study."""
    if isinstance(value, dict):
        return {key: _readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return readable(value) if isinstance(value, str) else value


_PATHS = {
    "data": {
        "registrations", "lsoas", "practices", "memberships", "postcodes", "list_sizes",
        "residents", "centroids", "deprivation", "lsoa_lookup", "boroughs", "wards",
    },
    "neighbours": {"cut", "add"},
    "layer": {"file", "points"},
}  # fmt: skip


def _path_values(raw: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield key path, table and key of everything in the study that names files."""

    def table(parent: object, key: str) -> dict[str, Any]:
        value = parent.get(key) if isinstance(parent, dict) else None
        return value if isinstance(value, dict) else {}

    for part in ("data", "neighbours"):
        for key in sorted(_PATHS[part] & table(raw, part).keys()):
            yield f"{part}.{key}", raw[part], key
    for part in ("teams", "footprints", "barriers", "communities"):
        for layer in table(raw, part):
            for key in sorted(_PATHS["layer"] & table(raw[part], layer).keys()):
                yield f"{part}.{layer}.{key}", raw[part][layer], key


def _absolute(folder: Path, value: str) -> str:
    """Return a path from the study's folder, which need not be there yet."""
    path = folder / value
    return str(path if path.exists() else Path(os.path.normpath(path)))


def _with_absolute_paths(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    for _, table, key in _path_values(raw):
        value = table[key]
        if isinstance(value, str):
            table[key] = _absolute(folder, value)
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            table[key] = [_absolute(folder, item) for item in value]
    return raw


def _missing_files(raw: dict[str, Any], folder: Path, name: str) -> list[Problem]:
    problems = []
    for key, table, last in _path_values(raw):
        given = table[last] if isinstance(table[last], list) else [table[last]]
        for item in given:
            if isinstance(item, str) and not Path(item).exists():
                shown = (
                    Path(item).relative_to(folder) if Path(item).is_relative_to(folder) else item
                )
                problems.append(
                    _fault(name, key, f"{key}: there is no file {shown}.", _similar(Path(item)))
                )
    return problems


def _similar(path: Path) -> str:
    if path.parent.is_dir():
        near = nearest_name(path.name, (entry.name for entry in path.parent.iterdir()))
        return (
            f"Did you mean {near}?" if near else f"The folder {path.parent.name} has no such file."
        )
    return "Paths are relative to the study file."


def _cross_checks(study: Study, name: str) -> list[Problem]:
    problems = []
    stay = study.options.teams_stay
    if stay is not None and stay not in study.teams:
        near = nearest_name(stay, study.teams)
        said = f"options.teams_stay names the layer {stay!r}, which [teams] does not have."
        fix = f"Did you mean {near!r}?" if near else "Add the layer under [teams]."
        problems.append(_fault(name, "options.teams_stay", said, fix))
    naming = [key for key, layer in study.communities.items() if layer.names]
    if len(naming) > 1:
        said = f"Neighbourhoods cannot be named after {' and '.join(naming)} at once."
        problems.append(_fault(name, "communities", said, "Set names = true in one of them."))
    return problems


def _explain(fault: dict[str, Any], name: str) -> Problem:
    """Turn one pydantic fault into a problem with the key's path and the nearest known key."""
    location = [str(part) for part in fault["loc"] if "[" not in str(part)]
    key = ".".join(location)
    if fault["type"] == "extra_forbidden":
        known = _known_keys(location[:-1])
        near = nearest_name(location[-1], known)
        fix = f"Did you mean {near}?" if near else f"Known keys here: {', '.join(sorted(known))}."
        return _fault(name, key, f"Unknown key {key}.", fix)
    if fault["type"] == "missing":
        return _fault(name, key, f"{key} is missing.", "Add it; docs/study.md shows how.")
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    shown = f" (given: {given!r})" if isinstance(given, (str, int, float, bool)) else ""
    return _fault(name, key, f"{key}: {message}{shown}.", "Correct the value.")


def _known_keys(location: list[str]) -> set[str]:
    """Return the keys that the table at a path may have."""
    model: Any = Study
    for part in location:
        if part.isdigit():
            continue
        field = getattr(model, "model_fields", {}).get(part)
        if field is not None:
            model = TABLES.get(part, model)
    return set(model.model_fields) - {"text", "sha256"}


def _fault(file: str, key: str, said: str, fix: str) -> Problem:
    return Problem("error", file, None, "", key, said, fix)
