"""The study of every place asked for: loaded, or drafted as ``boundaries init`` drafts it.

Goes in: `Asked` places, and the data. Comes out: `Wanted`, each with its study, or with what is
wrong with it. Next: `boundaries.many.whole`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boundaries.draft import Wishes, write_study
from boundaries.errors import InputError
from boundaries.many.keys import with_keys
from boundaries.many.sets import choice_for
from boundaries.read import match_boroughs
from boundaries.read.boroughs import list_boroughs
from boundaries.study import Study, load_study

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from boundaries.many.asked import Asked
    from boundaries.many.once import Once
    from boundaries.many.sets import DataSet

__all__ = ["Wanted", "find_study"]

_MARK: Final = "# Drafted by a batch, which writes it anew; change anything and it is yours: "


@dataclass(frozen=True)
class Wanted:
    """A place with its study.

    Parameters
    ----------
    asked
        What was asked.
    study
        Its study; None when something is wrong.
    path
        Where the study lies.
    lsoas
        How many LSOAs the place has: how long it takes depends on it; 0 where it is not known.
    wrong
        What is wrong, for people.
    """

    asked: Asked
    study: Study | None
    path: Path
    lsoas: int = 0
    wrong: str = ""


def find_study(asked: Asked, sets: Sequence[DataSet], once: Once, *, folder: Path) -> Wanted:
    """Return the study of a place, written into the batch's folder when it is not there yet.

    Parameters
    ----------
    asked
        The place.
    sets
        The data that places are found in.
    once
        Reads files once.
    folder
        The batch's folder; the study is ``SLUG.toml`` in it.

    Notes
    -----
    Nothing is raised: what is wrong with one place is no fault of the others.
    """
    path = asked.study or folder / f"{asked.slug}.toml"
    try:
        if asked.study is None:
            _draft(asked, sets, once, path)
        study = load_study(path)
        return Wanted(asked, study, path, _count_lsoas(study, once))
    except InputError as error:
        return Wanted(asked, None, path, wrong=str(error))


def _draft(asked: Asked, sets: Sequence[DataSet], once: Once, path: Path) -> None:
    """Write a study, unless one lies there that somebody has changed by hand: that one counts."""
    if path.exists() and not _is_draft(path):
        return
    if not sets:
        said = f"Where the data of {asked.name} lies is not said."
        raise InputError(f"{said} Give --data FOLDER, or studies only.")
    choice = choice_for(asked.boroughs, sets)
    part = path.with_name(f".{path.name}")
    try:
        text = write_study(
            Wishes(asked.boroughs, ()), choice, part, data=lambda study: once.read(study.data)
        )
        text = with_keys(text, asked.keys, folder=path.resolve().parent)
        part.write_text(text + _MARK + _hash(text) + "\n", encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


def _is_draft(path: Path) -> bool:
    """Say whether a study is as a batch wrote it: its last line is the hash of the others."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    above, mark, given = text.rpartition(_MARK)
    return bool(mark) and given.strip() == _hash(above)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _count_lsoas(study: Study, once: Once) -> int:
    lsoas = once.read(study.data).parts["lsoas"]
    if lsoas is None:
        return 0
    codes, _ = match_boroughs(study.place.boroughs, list_boroughs(lsoas))
    named = lsoas["borough_code"].where(lsoas["borough_code"] != "", lsoas["borough_name"])
    return int(named.isin(codes).sum())
