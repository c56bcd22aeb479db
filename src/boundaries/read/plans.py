"""A plan that somebody else drew: the two tables of a run, a spreadsheet, or polygons.

Goes in: the files given to ``boundaries score``. Comes out: `PlanTables`: code to neighbourhood,
or a layer of polygons that the place turns into codes. Next: `boundaries.place`, then
`boundaries.plan.Plan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.codes import LSOA, PRACTICE, nearest_name
from boundaries.problems import Problem, raise_on_errors
from boundaries.read.containers import list_parts
from boundaries.read.kinds import recognise
from boundaries.read.labels import is_no_name, look_odd, one_spelling, spelled_as, strangers
from boundaries.read.layers import read_layer_table
from boundaries.read.load import load_parts, source_of
from boundaries.read.parts import UnreadableError, fault
from boundaries.read.values import clean_codes, clean_names, listed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from boundaries.read.tables import LayerTable, Source

__all__ = ["PlanTables", "read_plan"]

_ONCE: Final = 3  # rows; a neighbourhood of fewer LSOAs is no measure of the others


@dataclass(frozen=True)
class PlanTables:
    """A plan as read, not yet matched to a place.

    Parameters
    ----------
    lsoas
        Neighbourhood (text, a number or a name) by LSOA: Series, index ``lsoa_code``, sorted; None
        when the plan came as a layer.
    practices
        Neighbourhood by practice: Series, index ``practice_code``, sorted; None when not given.
    layer
        Polygons or a lookup of wards or MSOAs by neighbourhood, when the plan came as those.
    option_id
        The option taken; empty when the files name none.
    problems
        Warnings and notes; an error would have been raised.
    sources
        The files read.
    """

    lsoas: pd.Series | None
    practices: pd.Series | None
    layer: LayerTable | None = None
    option_id: str = ""
    problems: tuple[Problem, ...] = ()
    sources: tuple[Source, ...] = ()


def read_plan(
    lsoas_file: Path,
    practices_file: Path | None = None,
    *,
    option_id: str | None = None,
    name: str | None = None,
) -> PlanTables:
    """Read a plan from files.

    Parameters
    ----------
    lsoas_file
        Columns lsoa_code and neighbourhood (option_id may be absent), or a layer of polygons with
        a column of names, or any lookup by LSOA, ward or MSOA.
    practices_file
        Columns practice_code and neighbourhood.
    option_id
        Which option, where a file has several.
    name
        Heading of the neighbourhoods' names, where it is not obvious.

    Raises
    ------
    InputError
        With every fault: unreadable files, missing columns, several options and none asked for,
        codes under two neighbourhoods, rows without a neighbourhood.
    """
    problems: list[Problem] = []
    sources: list[Source] = []
    lsoas, layer, option = None, None, ""
    if _is_table(lsoas_file, name, problems):
        lsoas, option, sources = _series("plan of LSOAs", lsoas_file, option_id, problems)
    elif not problems:
        layer, sources = read_layer_table("plan", lsoas_file, problems, name=name)
        if layer is not None and layer.lookup is not None and _by_lsoa(layer.lookup):
            lsoas = layer.lookup.set_index("area_code")["name"].rename("neighbourhood").sort_index()
            lsoas.index.name, layer = "lsoa_code", None
    if layer is not None:
        known: Iterable[str] = layer.polygons.index if layer.polygons is not None else (
            layer.lookup["name"] if layer.lookup is not None else ()
        )  # fmt: skip
    else:
        known = () if lsoas is None else lsoas
    practices = None
    if practices_file is not None:
        wanted = option_id or option or None
        practices, other, more = _series("plan of practices", practices_file, wanted, problems)
        sources = [*sources, *more]
        option = option or other
        if practices is not None and (lsoas is not None or layer is not None):
            practices, found = _matched(practices, known, practices_file.name)
            problems += found
    if option_id and not option:
        said = "The files do not say which rows are of which option: they have no option_id column."
        problems.append(fault(lsoas_file.name, said, "Leave the option out.", field="option_id"))
    raise_on_errors(problems)
    return PlanTables(lsoas, practices, layer, option, tuple(problems), tuple(sources))


def _matched(
    practices: pd.Series[str], known: Iterable[str], file: str
) -> tuple[pd.Series[str], list[Problem]]:
    """Match the practices' neighbourhoods to those of the LSOAs; each that is none is an error."""
    where = {"file": file, "field": "neighbourhood"}
    names, problems = spelled_as(practices, known, **where)
    return names, problems + strangers(names, known, **where)


def _is_table(path: Path, name: str | None, problems: list[Problem]) -> bool:
    """Say whether a file is a table with the heading ``neighbourhood`` (not a named other one)."""
    try:
        kinds = {recognise(part).kind for part in list_parts(path)}
    except UnreadableError as unreadable:
        problems += unreadable.problems
        return False
    return name is None and "plan of LSOAs" in kinds


def _by_lsoa(lookup: pd.DataFrame) -> bool:
    return bool(lookup["area_code"].str[1:3].eq("01").all())


def _series(
    role: str, path: Path, option_id: str | None, problems: list[Problem]
) -> tuple[pd.Series | None, str, list[Source]]:
    loaded = load_parts([path], role, problems)
    if not loaded:
        return None, "", []
    part = loaded[0]
    key = "lsoa_code" if role == "plan of LSOAs" else "practice_code"
    frame = pd.DataFrame(
        {
            "code": clean_codes(part.frame[key]),
            "neighbourhood": clean_names(part.frame["neighbourhood"]),
        }
    )
    option = ""
    if "option_id" in part.frame:
        options = clean_names(part.frame["option_id"])
        option = _option(part.part.name, sorted(set(options)), option_id, problems)
        frame = frame[options == option]
    frame, found = _without_remarks(frame, key, part.part.name)
    problems += found
    frame["neighbourhood"], found = one_spelling(
        frame["neighbourhood"], file=part.part.name, field="neighbourhood"
    )
    problems += found + _faults(part.part.name, frame)
    named = frame.loc[~frame["neighbourhood"].map(_is_empty), "neighbourhood"]
    problems += look_odd(named, None, file=part.part.name, field="neighbourhood")
    problems += _alone(part.part.name, named) if key == "lsoa_code" else []
    sources = [source_of(role, [part.part], rows=len(frame), publisher="")]
    once = frame.drop_duplicates("code").set_index("code")["neighbourhood"].sort_index()
    once.index.name = key
    return once, option, sources


def _alone(file: str, names: pd.Series[str]) -> list[Problem]:
    """Warn of a name that stands once where every other stands often: a slip of the pen."""
    counts = names.value_counts()
    once = sorted(counts.index[counts == 1])
    often = list(counts.index[counts > _ONCE])
    if not once or not often or len(once) > len(often):
        return []
    problems = []
    for name in once:
        near = nearest_name(name, often)
        said = f"{name!r} stands in one row only."
        fix = f"Did you mean {near!r}?" if near else "Check that it is a neighbourhood of its own."
        row = int(names.index[names == name][0])
        problems.append(Problem("warning", file, row, "", "neighbourhood", said, fix))
    return problems


def _without_remarks(
    frame: pd.DataFrame, key: str, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Leave out totals and footnotes: rows whose code has no shape of one, with a note."""
    shape, what = (LSOA, "LSOA code") if key == "lsoa_code" else (PRACTICE, "practice code")
    remark = ~frame["code"].str.match(shape)
    if not remark.any() or remark.all():
        return frame.copy(), []
    rows = ", ".join(map(str, frame.index[remark][:10]))
    said = f"Left out: what stands in row {rows} has no {what}."
    note = Problem("note", file, None, "", key, said, "Nothing, if these are totals or footnotes.")
    return frame[~remark].copy(), [note]


def _option(file: str, known: list[str], asked: str | None, problems: list[Problem]) -> str:
    """Return the option asked for, or the only one."""
    if asked is not None and asked in known:
        return asked
    if asked is None and len(known) == 1:
        return known[0]
    shown = ", ".join(known)
    if asked is None:
        said = f"The file has {len(known)} options."
        fix = f"Say which one, with --option (or option= in Python): {shown}."
    else:
        near = nearest_name(asked, known)
        said = f"The file has no option {asked!r}."
        fix = f"Did you mean {near!r}?" if near else f"It has {shown}."
    problems.append(fault(file, said, fix, field="option_id"))
    return asked or ""


def _is_empty(name: str) -> bool:
    return name != "0" and is_no_name(name)


def _faults(file: str, frame: pd.DataFrame) -> list[Problem]:
    problems = []
    for row, code in frame.loc[frame["neighbourhood"].map(_is_empty), "code"].items():
        fix = "Write the number or name of its neighbourhood."
        said = "The row has no neighbourhood."
        problems.append(fault(file, said, fix, row=row, code=code, field="neighbourhood"))
    for row, code in frame.loc[frame["code"].duplicated(), "code"].items():
        said, fix = f"{code} stands twice in the plan.", "Keep one row of it."
        problems.append(fault(file, said, fix, row=row, code=code))
    return listed(problems)
