"""A first study for a place: the files found, chosen, and written down with the reasons.

Goes in: the names of boroughs, and files or folders. Comes out: the text of a commented study of
at most some twenty lines. Next: `boundaries.pipeline` runs it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boundaries.errors import InputError
from boundaries.problems import raise_on_errors
from boundaries.read import choose_files, find_files, read_tables
from boundaries.run import require_file
from boundaries.study import parse_study

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.read import Choice, ReadData
    from boundaries.study import Study

__all__ = ["RESIDENTS_A_NEIGHBOURHOOD", "Draft", "Wishes", "draft_study", "init", "write_study"]

RESIDENTS_A_NEIGHBOURHOOD = 60_000
"""One neighbourhood for every so many residents where the user names no count: about the middle
of what places have chosen (30,000 to 100,000; docs/study.md)."""


@dataclass(frozen=True)
class Wishes:
    """What a person asks of a first study.

    Parameters
    ----------
    boroughs
        Names or codes; one text may hold several, commas between.
    data
        Files and folders to search.
    neighbourhoods
        How many, or None for one for every 60,000 residents.
    band
        Residents of each within this share of the mean.
    max_moves
        Length of the ladder.
    residents_column
        Heading of the residents, where there are several.
    name
        What people call the place; None for the names of its boroughs.
    """

    boroughs: tuple[str, ...]
    data: tuple[Path, ...]
    neighbourhoods: int | None = None
    band: float = 0.25
    max_moves: int = 3
    residents_column: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Draft:
    """A first study as written, and the files it was chosen from.

    Parameters
    ----------
    text
        The study.
    choice
        What was chosen and why, what became of every file, and notes on the place.
    """

    text: str
    choice: Choice


_NEEDED = ("memberships", "practices", "postcodes")


def init(place: str, data: str | Path, output: str | Path, **wishes: Any) -> Path:
    """Find the files that a place needs and write a commented study for it.

    Parameters
    ----------
    place
        Borough names or codes, commas between: "Brent", "Bristol, City of", "Brent, Ealing".
    data
        A file, or a folder to search.
    output
        The study to write; one that is there is replaced.
    wishes
        ``neighbourhoods``, ``band``, ``max_moves``, ``residents_column``, ``name``: see
        `Wishes`.

    Returns
    -------
    pathlib.Path
        The study.

    Raises
    ------
    InputError
        When registrations, LSOAs, residents or a borough were not found.
    """
    draft_study(Wishes((place,), (Path(data),), **wishes), Path(output))
    return Path(output)


def draft_study(
    wishes: Wishes, path: Path, *, listen: Callable[[str], None] | None = None
) -> Draft:
    """Find the files, choose those that go together, and write the study.

    Parameters
    ----------
    wishes
        What is asked.
    path
        The study to write; paths in it are relative to its folder.
    listen
        Called with the name of each stage as it begins.

    Returns
    -------
    Draft
        The text written, and what was chosen.

    Raises
    ------
    InputError
        When registrations, LSOAs, residents or a borough were not found: with what to download, or
        the nearest known name; or when the study cannot be written there.
    """
    require_file(path)
    absent = [str(one) for one in wishes.data if not one.exists()]
    if absent:
        raise InputError(f"There is no file or folder {' nor '.join(absent)}. Check the path.")
    tell = listen or (lambda _: None)
    tell("Searching for files")
    found = find_files(wishes.data)
    tell("Choosing files that go together")
    choice = choose_files(found, boroughs=wishes.boroughs, residents_column=wishes.residents_column)
    raise_on_errors(choice.problems)
    return Draft(write_study(wishes, choice, path, listen=listen), choice)


def write_study(
    wishes: Wishes,
    choice: Choice,
    path: Path,
    *,
    listen: Callable[[str], None] | None = None,
    data: Callable[[Study], ReadData] | None = None,
) -> str:
    """Write the study of a place whose files are chosen.

    Parameters
    ----------
    wishes
        What is asked.
    choice
        Files that go together, and the place's boroughs.
    path
        The study to write; paths in it are relative to its folder.
    listen
        Called with the name of each stage as it begins.
    data
        Gives the files of a study as read, where they were read already.

    Returns
    -------
    str
        The text written.

    Raises
    ------
    InputError
        When the files cannot be read.
    """
    count, said = wishes.neighbourhoods, "as asked"
    if count is None:
        if listen is not None:
            listen("Counting residents")
        count, said = _count_for(wishes, choice, path, data)
    text = _text(wishes, choice, path, count=count, said=said)
    parse_study(text, folder=path.resolve().parent, name=path.name)
    draft = path.with_name(f".{path.name}.part")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return text


def _count_for(
    wishes: Wishes, choice: Choice, path: Path, data: Callable[[Study], ReadData] | None
) -> tuple[int, str]:
    """Return how many neighbourhoods the residents call for, and the sentence that says so."""
    study = parse_study(_text(wishes, choice, path, count=1, said=""), folder=path.resolve().parent)
    tables, _ = read_tables(study, data=None if data is None else data(study))
    lsoas = tables.lsoas[tables.lsoas["borough_code"].isin(list(choice.boroughs))]
    if tables.residents is not None:
        known = tables.residents.set_index("lsoa_code")["residents"]
        residents = int(known.reindex(lsoas["lsoa_code"]).sum())
    else:
        residents = int(lsoas["residents"].sum())
    count = max(2, round(residents / RESIDENTS_A_NEIGHBOURHOOD))
    return count, f"{residents:,} residents, one for every {RESIDENTS_A_NEIGHBOURHOOD:,}"


def _text(wishes: Wishes, choice: Choice, path: Path, *, count: int, said: str) -> str:
    names = [choice.boroughs[code] for code in choice.boroughs]
    place = wishes.name or choice.place
    lines = [
        f"# A study of {place or ' and '.join(names)}. Every key is explained in docs/study.md.",
        "[place]",
        f"boroughs = {_list(names)}",
        *([f"name = {_quoted(place)}"] if place else []),
        "",
        "[data]  # paths are relative to this file",
    ]
    for role, files in choice.files.items():
        given = [_relative(file, path) for file in files]
        value = _list(given) if len(given) > 1 else _quoted(given[0])
        lines.append(f"{role} = {value}  # {choice.reasons.get(role, '')}".rstrip(" #"))
    lacking = [role for role in _NEEDED if role not in choice.files and role in choice.reasons]
    lines += [f"# {role}: {choice.reasons[role]}" for role in lacking]
    if wishes.residents_column is not None:
        lines.append(f"residents_column = {_quoted(wishes.residents_column)}")
    lines += [
        "",
        "[rules]",
        f"neighbourhoods = {count}  # {said}",
        f"residents_band = {wishes.band:g}  # residents of each within this share of the mean",
        "",
        "[options]",
        f"max_moves = {wishes.max_moves}  # the ladder: at most 0, 1, 2 … practices move",
    ]
    return "\n".join([*lines, *_shape_lines(choice, path)]) + "\n"


def _shape_lines(choice: Choice, path: Path) -> list[str]:
    """Offer the barriers and communities found, commented out: the place says which count."""
    if not choice.shape:
        return []
    lines = ["", "# Found too: take the # away where people see a line, or a place that is one."]
    for one in choice.shape:
        lines += [
            f"# [{one.section}]  # {one.reason}",
            f"# file = {_quoted(_relative(one.path, path))}",
            *(f"# {key} = {value}" for key, value in one.keys),
        ]
    return lines


def _relative(file: Path, study: Path) -> str:
    folder = study.resolve().parent
    try:
        return Path(os.path.relpath(file.resolve(), folder)).as_posix()
    except ValueError:  # another drive on Windows
        return file.resolve().as_posix()


def _list(texts: list[str]) -> str:
    return f"[{', '.join(_quoted(text) for text in texts)}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
