"""A study as the text of a file: what every run made from Python is recorded with.

Goes in: a `Study`. Comes out: TOML that reads back as the same study. Next: a run's ``run.json``,
or a file for the command line.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from boundaries.errors import InputError
from boundaries.study.frames import is_of_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.study.study import Study

__all__ = ["tables_of", "text_of", "write_study"]


def tables_of(study: Study) -> dict[str, Any]:
    """Return the tables of a study as TOML knows them; keys at their defaults are left out."""
    return study.model_dump(mode="json", exclude_defaults=True, exclude_none=True, warnings=False)


def text_of(study: Study, *, folder: Path, place: Callable[[Path], str] | None = None) -> str:
    """Write a study as TOML.

    Parameters
    ----------
    study
        The study.
    folder
        Paths below it are written relative to it; a file that holds a frame in memory by its name.
    place
        Says how a path is written; by default as above.
    """
    return tomli_w.dumps(_placed(study, place or (lambda path: _relative(path, folder))))


def _relative(path: Path, folder: Path) -> str:
    if is_of_frame(path):
        return path.name
    if path.is_absolute() and folder.is_absolute() and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return path.as_posix()


def _placed(study: Study, place: Callable[[Path], str]) -> dict[str, Any]:
    from boundaries.study.load import path_values  # noqa: PLC0415 - it makes a `Study`

    raw = tables_of(study)
    for _, table, key in path_values(raw):
        value = table[key]
        if isinstance(value, str):
            table[key] = place(Path(value))
        elif all(isinstance(item, str) for item in value):
            files = [place(Path(item)) for item in value]
            table[key] = files[0] if len(files) == 1 else files
    return raw


def write_study(study: Study, path: Path, *, replace: bool = False) -> Path:
    """Write a study to a file, and its frames into a folder beside it.

    Raises
    ------
    InputError
        When there is something of that name already and ``replace`` is not said, or it cannot be
        written.
    """
    beside = path.with_name(f"{path.stem}-data")
    folder = path.parent.resolve()
    frames: list[Path] = []

    def place(file: Path) -> str:
        if is_of_frame(file):
            frames.append(file)
            return f"{beside.name}/{file.name}"
        try:
            return Path(os.path.relpath(file.resolve(), folder)).as_posix()
        except ValueError:  # another drive
            return file.as_posix()

    text = text_of(study, folder=folder, place=place)
    if study.folder.is_absolute() and study.folder == folder and not frames:
        text = study.text
    taken = [one for one in (path, *([beside] if frames else [])) if one.exists()]
    if taken and not replace:
        raise InputError(f"{taken[0]} is there already. Say replace=True, or give another name.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for file in frames:
            beside.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, beside / file.name)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        said = f"Cannot write {path}: {error.strerror or error}. Choose another folder."
        raise InputError(said) from error
    return path
