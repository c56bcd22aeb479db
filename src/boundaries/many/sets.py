"""Folders of data, each whole enough for a place: what batch finds places in.

Goes in: what ``--data`` names. Comes out: `DataSet`, files that go together, chosen as
``boundaries init`` does but once for all places. Next: `boundaries.many.asked`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from boundaries.problems import raise_on_errors
from boundaries.read import choose_files, find_files, list_boroughs, match_boroughs
from boundaries.study import DataTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pandas as pd

    from boundaries.read import Choice, Found, ReadData

__all__ = ["DataSet", "choice_for", "find_sets"]

_NEEDED: Final = frozenset({"registrations", "LSOA polygons"})


@dataclass(frozen=True)
class DataSet:
    """Files that go together, for any place of theirs.

    Parameters
    ----------
    paths
        What was searched.
    found
        What lies there.
    choice
        The files chosen when no borough is asked for: best for every borough that they know.
    boroughs
        The boroughs they know: index ``borough_code``, column borough_name; empty where the
        files are not enough.
    """

    paths: tuple[Path, ...]
    found: tuple[Found, ...]
    choice: Choice
    boroughs: pd.DataFrame


def find_sets(
    paths: Iterable[Path],
    read: Callable[[DataTable], ReadData],
    *,
    listen: Callable[[str], None],
) -> tuple[DataSet, ...]:
    """Search files and folders, and say which of them are enough for a place by themselves.

    Parameters
    ----------
    paths
        Files and folders. A folder with registrations and LSOA polygons in it is a set; one whose
        subfolders each have both is a set for each. What is no set goes to every set; where there
        is none, all of it together is one, as in ``boundaries init``.
    read
        Reads the files of a study's ``[data]``, once.
    listen
        Called with what begins.

    Returns
    -------
    tuple[DataSet, ...]
        In the order of paths, then of folders.
    """
    listen("Searching for files")
    whole: list[tuple[Path, tuple[Found, ...]]] = []
    rest: list[tuple[Path, tuple[Found, ...]]] = []
    for path in paths:
        found = find_files([path])
        parts = _parts(path, found)
        enough = [part for part in parts if _is_enough(part[1])]
        if len(enough) > 1 and len(enough) == len(parts):
            whole += enough
        else:
            (whole if _is_enough(found) else rest).append((path, found))
    others = tuple(item for _, found in rest for item in found)
    groups: list[tuple[tuple[Path, ...], tuple[Found, ...]]]
    groups = [((path,), found) for path, found in whole]
    groups = groups or [(tuple(path for path, _ in rest), ())]
    listen("Choosing files that go together, and reading them once")
    return tuple(_set(folders, (*found, *others), read) for folders, found in groups)


def choice_for(wanted: tuple[str, ...], sets: Iterable[DataSet]) -> Choice:
    """Return the files for a place: of the first set that knows all its boroughs.

    Parameters
    ----------
    wanted
        Names or codes of boroughs.
    sets
        What `find_sets` returned.

    Raises
    ------
    InputError
        When no set knows them, or files are missing: as ``boundaries init`` says it.
    """
    faults: list[Choice] = []
    for one in sets:
        codes, unknown = match_boroughs(wanted, one.boroughs)
        if codes and not unknown:
            names = one.boroughs["borough_name"]
            return replace(one.choice, boroughs={code: str(names[code]) for code in codes})
    for one in sorted(sets, key=lambda one: -len(one.boroughs)):
        choice = choose_files(one.found, boroughs=wanted)  # files of fewer boroughs may know it
        if not choice.problems:
            return choice
        faults.append(choice)
    raise_on_errors(faults[0].problems)
    return faults[0]


def _parts(path: Path, found: tuple[Found, ...]) -> list[tuple[Path, tuple[Found, ...]]]:
    """Return what was found by the folder of the path that it lies in; none when beside them."""
    groups: dict[Path, list[Found]] = defaultdict(list)
    for item in found:
        inside = item.path.relative_to(path).parts if item.path != path else ()
        if len(inside) < 2:
            return []
        groups[path / inside[0]].append(item)
    return [(folder, tuple(items)) for folder, items in sorted(groups.items())]


def _is_enough(found: Iterable[Found]) -> bool:
    return {item.kind for item in found} >= _NEEDED


def _set(
    paths: tuple[Path, ...], found: tuple[Found, ...], read: Callable[[DataTable], ReadData]
) -> DataSet:
    choice = choose_files(found)
    boroughs = list_boroughs(_no_areas())
    if not choice.problems:
        areas = read(DataTable(**choice.files)).parts["lsoas"]  # type: ignore[arg-type]
        boroughs = boroughs if areas is None else list_boroughs(areas)
    return DataSet(paths, found, choice, boroughs)


def _no_areas() -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - annotations only, elsewhere

    return pd.DataFrame({"borough_code": [], "borough_name": []}, dtype="str")
