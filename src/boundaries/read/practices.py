"""Practices, the PCNs they belong to, and published list sizes (NHS England, ODS, any vintage).

Goes in: epraccur, the practice mapping file, the ePCN workbook, list sizes, or tidy tables.
Comes out: three tidy tables, nothing joined and nobody dropped: a closed practice and an ended
membership are still rows. Next: `boundaries.checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.codes import NO_PCN, PCN, normalise_postcode
from boundaries.read.dates import clean_dates
from boundaries.read.load import Loaded, date_of, load_parts, source_of
from boundaries.read.parts import fault
from boundaries.read.values import (
    by_unique,
    clean_codes,
    clean_names,
    clean_numbers,
    listed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from boundaries.problems import Problem
    from boundaries.read.tables import Source

__all__ = ["empty_memberships", "read_list_sizes", "read_memberships", "read_practices"]

_PRACTICES: Final = [
    "practice_code", "practice_name", "postcode", "status", "prescribing_setting", "close_date",
    "pcn_code", "pcn_name", "easting", "northing", "row", "file",
]  # fmt: skip
_MEMBERSHIPS: Final = ["practice_code", "pcn_code", "pcn_name", "start", "end", "row", "file"]
_STATUS: Final = {"I": "C"}  # ODS says Inactive where epraccur says C


def read_practices(
    paths: Iterable[Path], problems: list[Problem]
) -> tuple[pd.DataFrame, list[Source]]:
    """Read practices: columns as in `Tables.practices`; empty when there is no file."""
    return _read(paths, "practices", problems, (_tidy_practices, _PRACTICES))


def read_memberships(
    paths: Iterable[Path], problems: list[Problem]
) -> tuple[pd.DataFrame, list[Source]]:
    """Read which PCN each practice is or was in: columns as in `Tables.memberships`."""
    return _read(paths, "memberships", problems, (_tidy_memberships, _MEMBERSHIPS))


def read_list_sizes(
    paths: Iterable[Path], problems: list[Problem]
) -> tuple[pd.DataFrame, list[Source]]:
    """Read published list sizes: columns as in `Tables.list_sizes`."""
    columns = ["practice_code", "list_size", "row", "file"]
    return _read(paths, "list_sizes", problems, (_tidy_list_sizes, columns))


def empty_memberships() -> pd.DataFrame:
    """Return a table of memberships without rows."""
    frame = pd.DataFrame({name: pd.Series(dtype="str") for name in _MEMBERSHIPS})
    return frame.astype({"start": "datetime64[s]", "end": "datetime64[s]", "row": "int64"})


def memberships_of(practices: pd.DataFrame) -> pd.DataFrame:
    """Return the memberships that a table of practices states, without dates."""
    frame = practices[["practice_code", "pcn_code", "pcn_name", "row", "file"]].copy()
    frame["start"] = frame["end"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    return frame[_MEMBERSHIPS]


def _read(
    paths: Iterable[Path],
    role: str,
    problems: list[Problem],
    how: tuple[Callable[[Loaded, list[Problem]], pd.DataFrame], list[str]],
) -> tuple[pd.DataFrame, list[Source]]:
    tidy, columns = how
    tables, sources = [], []
    for part in load_parts(paths, role, problems):
        table = tidy(part, problems)
        table["row"] = table.index
        table["file"] = part.part.name
        tables.append(table[columns])
        date = date_of(part.frame) or _newest(table)
        sources.append(
            source_of(role, [part.part], rows=len(table), publisher=part.publisher, date=date)
        )
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns}), sources
    return pd.concat(tables, ignore_index=True), sources


def _newest(table: pd.DataFrame) -> str:
    """Return the newest start of a membership: a day that the issue certainly knows."""
    newest = table["start"].max() if "start" in table else pd.NaT
    return "" if pd.isna(newest) else str(newest.date())


def _text(part: Loaded, name: str) -> pd.Series:
    if name in part.frame:
        return clean_names(part.frame[name])
    return pd.Series("", index=part.frame.index, dtype="str")


def _tidy_practices(part: Loaded, problems: list[Problem]) -> pd.DataFrame:
    frame, file = part.frame, part.part.name
    table = pd.DataFrame({"practice_code": clean_codes(frame["practice_code"])})
    table["practice_name"] = _text(part, "practice_name")
    table["postcode"] = _mapped(_text(part, "postcode"), normalise_postcode)
    table["status"] = _mapped(_text(part, "status"), _status)
    table["prescribing_setting"] = clean_codes(_text(part, "prescribing_setting"))
    table["close_date"] = _day(part, "close_date", problems)
    table["pcn_code"], table["pcn_name"] = _pcn(part, problems)
    for name in ("easting", "northing"):
        values = _number(part, name, problems)
        known = values.fillna(0) > 0  # publishers write 0 for "not known"
        table[name] = values.where(known).astype("float64")
    problems += _no_code(table, part)
    return table[table["practice_code"] != ""].assign(file=file)


def _tidy_memberships(part: Loaded, problems: list[Problem]) -> pd.DataFrame:
    table = pd.DataFrame({"practice_code": clean_codes(part.frame["practice_code"])})
    table["pcn_code"], table["pcn_name"] = _pcn(part, problems)
    for name in ("start", "end"):
        table[name] = _day(part, name, problems)
    problems += _no_code(table, part)
    return table[table["practice_code"] != ""]


def _tidy_list_sizes(part: Loaded, problems: list[Problem]) -> pd.DataFrame:
    frame = part.frame
    for name, kept in (("type", {"GP", ""}), ("sex", {"ALL", ""}), ("age", {"ALL", ""})):
        if name in frame:
            frame = frame[clean_codes(frame[name]).isin(kept)]
    number = "patients" if "patients" in frame else "list_size"
    cells = frame[number].rename(part.match.heading(number))
    sizes, faults = clean_numbers(cells, file=part.part.name)
    problems += faults
    table = pd.DataFrame({"practice_code": clean_codes(frame["practice_code"]), "list_size": sizes})
    problems += _no_code(table, part)
    table = table[table["list_size"].notna() & (table["practice_code"] != "")]
    return table.astype({"list_size": "int64"})


def _pcn(part: Loaded, problems: list[Problem]) -> tuple[pd.Series, pd.Series]:
    """Return PCN codes and names; both empty for a practice without one."""
    if "pcn_code" not in part.frame:
        return _text(part, "pcn_code"), _text(part, "pcn_name")
    codes = _mapped(
        clean_codes(part.frame["pcn_code"]), lambda text: "" if text in NO_PCN else text
    )
    strange = codes[(codes != "") & ~codes.str.match(PCN)]
    fix = "Write the ODS code of the PCN; leave it empty for a practice without one."
    problems += listed(
        [
            fault(
                part.part.name, f"{code!r} is not a PCN code such as U00070.", fix,
                row=row, code=code, field=part.match.heading("pcn_code"),
            )
            for row, code in strange.items()
        ]
    )  # fmt: skip
    names = _text(part, "pcn_name")
    return codes, names.where(codes != "", "")


def _day(part: Loaded, name: str, problems: list[Problem]) -> pd.Series:
    if name not in part.frame:
        return pd.Series(pd.NaT, index=part.frame.index, dtype="datetime64[s]")
    cells = part.frame[name].rename(part.match.heading(name))
    values, faults = clean_dates(cells, file=part.part.name)
    problems += faults
    return values


def _number(part: Loaded, name: str, problems: list[Problem]) -> pd.Series:
    if name not in part.frame:
        return pd.Series(pd.NA, index=part.frame.index, dtype="Float64")
    cells = part.frame[name].rename(part.match.heading(name))
    values, faults = clean_numbers(cells, file=part.part.name, whole=False, required=False)
    problems += faults
    return values


def _status(text: str) -> str:
    letter = text[:1].upper()
    letter = _STATUS.get(letter, letter)
    return letter if letter in "ACDP" else ""


def _mapped(column: pd.Series, rule: Callable[[str], str]) -> pd.Series:
    places, answers = by_unique(column, rule)
    return pd.Series(pd.array(answers, dtype="str").take(places), index=column.index)


def _no_code(table: pd.DataFrame, part: Loaded) -> list[Problem]:
    field = part.match.heading("practice_code")
    rows = table.index[table["practice_code"] == ""]
    said, fix = f"The code in {field} is empty.", "Fill it in, or delete the row."
    return listed([fault(part.part.name, said, fix, row=row, field=field) for row in rows])
