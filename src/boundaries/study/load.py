"""The one TOML file that says everything a run needs, read with every fault at once.

Goes in: the path of a study. Comes out: `Study`, whose file paths are absolute. Faults are unknown
keys (with the nearest known one), wrong types, missing files. Next: `boundaries.read`.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boundaries.codes import nearest_name
from boundaries.encodings import decoded, readable
from boundaries.errors import InputError
from boundaries.limits import how_to_raise, limit
from boundaries.problems import raise_on_errors
from boundaries.study.faults import fault
from boundaries.study.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boundaries.problems import Problem

__all__ = ["load_study", "parse_study", "path_values", "study_of"]


def load_study(path: str | Path) -> Study:
    """Read a study file; paths in it are relative to the file.

    Raises
    ------
    InputError
        With every fault: not TOML, unknown keys, wrong types, missing files.
    """
    file = Path(path)
    _refuse_what_is_no_text(file)
    try:
        text = decoded(file.read_bytes()).replace("\r\n", "\n")
    except OSError as error:
        said = f"The study cannot be read: {error.strerror or error}."
        raise_on_errors(
            [fault(str(path), "", said, "Give the path of a study; `boundaries init` makes one.")]
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
    except RecursionError:
        said = "The study is nested too deeply."
        raise_on_errors([fault(name, "", said, "Write it as docs/study.md shows.")])
        raise  # pragma: no cover - the line above always raises
    except ValueError as error:  # not TOML, or a number of thousands of digits
        raise_on_errors([fault(name, "", f"Not valid TOML: {error}.", "Mend that line.")])
        raise  # pragma: no cover - the line above always raises
    raw = {key: value for key, value in raw.items() if key not in ("text", "sha256", "folder")}
    study = study_of(raw, folder=folder, name=name, must_exist=must_exist)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return study.model_copy(update={"text": text, "sha256": digest})


def study_of(
    raw: dict[str, Any],
    *,
    folder: Path,
    name: str,
    must_exist: bool = True,
    known: frozenset[Path] = frozenset(),
) -> Study:
    """Turn the tables of a study into a `Study`.

    Parameters
    ----------
    raw
        The tables, as TOML gives them.
    folder
        What relative paths in them are relative to.
    name
        File name for messages.
    must_exist
        Whether files that are not there are faults.
    known
        Files that need not be there: those of the study that this one is a change of.

    Raises
    ------
    InputError
        With every fault.
    """
    problems: list[Problem] = []
    study: Study | None = None
    raw = _with_absolute_paths(_readable(raw), folder)
    try:
        study = Study(**raw, folder=folder)
    except InputError as error:
        problems += [replace(problem, file=name) for problem in error.problems]
    problems += _too_large(raw, name)
    if must_exist:
        problems += _missing_files(raw, folder, name, known)
    if study is not None:
        problems += _cross_checks(study, name)
    raise_on_errors(problems)
    assert study is not None  # noqa: S101 - every fault of the model is a problem above
    return study


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
    "reply": {"engagement"},
    "layer": {"file", "points"},
}  # fmt: skip


def path_values(raw: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield key path, table and key of everything in the study that names files."""

    def table(parent: object, key: str) -> dict[str, Any]:
        value = parent.get(key) if isinstance(parent, dict) else None
        return value if isinstance(value, dict) else {}

    for part in ("data", "neighbours", "reply"):
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
    for _, table, key in path_values(raw):
        value = table[key]
        if isinstance(value, str):
            table[key] = _absolute(folder, value)
        elif isinstance(value, list):
            table[key] = [
                _absolute(folder, item) if isinstance(item, str) else item for item in value
            ]
    return raw


def _refuse_what_is_no_text(file: Path) -> None:
    """Refuse a pipe, which may never end, and a file that is no study by its size."""
    if not file.exists() or file.is_dir():
        return
    if not file.is_file():
        said = "The study is a device, a pipe or a socket, not a file."
        raise_on_errors([fault(file.name, "", said, "Save it as a file.")])
    if file.stat().st_size > limit("study_kb") * 1_000:
        said = f"The study is over {limit('study_kb'):,} kB."
        raise_on_errors([fault(file.name, "", said, how_to_raise("study_kb"))])


_MOST: Final = 10**12  # larger numbers mean nothing in a study


def _too_large(raw: object, name: str, key: str = "") -> list[Problem]:
    """Name the numbers that are too large to be of a place in England."""
    if isinstance(raw, dict):
        return [
            one
            for part, value in raw.items()
            for one in _too_large(value, name, f"{key}.{part}" if key else str(part))
        ]
    if isinstance(raw, list):
        return [one for value in raw for one in _too_large(value, name, key)]
    if isinstance(raw, (int, float)) and not abs(raw) <= _MOST:
        return [fault(name, key, f"{key}: the number is too large, or none.", "Correct it.")]
    return []


def _missing_files(
    raw: dict[str, Any], folder: Path, name: str, known: frozenset[Path]
) -> list[Problem]:
    problems = []
    for key, table, last in path_values(raw):
        given = table[last] if isinstance(table[last], list) else [table[last]]
        for item in given:
            if isinstance(item, str) and Path(item) not in known and not Path(item).exists():
                shown = (
                    Path(item).relative_to(folder) if Path(item).is_relative_to(folder) else item
                )
                problems.append(
                    fault(name, key, f"{key}: there is no file {shown}.", _similar(Path(item)))
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
        problems.append(fault(name, "options.teams_stay", said, fix))
    naming = [key for key, layer in study.communities.items() if layer.names]
    if len(naming) > 1:
        said = f"Neighbourhoods cannot be named after {' and '.join(naming)} at once."
        problems.append(fault(name, "communities", said, "Set names = true in one of them."))
    return problems
