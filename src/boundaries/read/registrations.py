"""Patients registered at each practice by the LSOA they live in (NHS England, any vintage).

Goes in: files with practice, LSOA and number of patients. Comes out: one tidy table, special LSOA
codes (NO2011, CLOSED …) kept as published. Next: `boundaries.checks`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.codes import LSOA, PRACTICE, SPECIAL_LSOAS
from boundaries.problems import Problem
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
    from collections.abc import Iterable
    from pathlib import Path

    from boundaries.read.tables import Source

__all__ = ["read_registrations"]

_COLUMNS: Final = ["practice_code", "lsoa_code", "patients", "practice_name", "row", "file"]
_AREA: Final = re.compile(r"^[A-Z]\d{8}$")
_SEXES: Final = {
    "A": "ALL",
    "P": "ALL",
    "T": "ALL",
    "M": "MALE",
    "1": "MALE",
    "F": "FEMALE",
    "2": "FEMALE",
}


def read_registrations(
    paths: Iterable[Path], problems: list[Problem]
) -> tuple[pd.DataFrame | None, str, list[Source]]:
    """Read patients by practice and LSOA.

    Only rows for all sexes count. Files that give males and females apart are added up, and both
    must be there.

    Returns
    -------
    tuple[pandas.DataFrame | None, str, list[Source]]
        Columns practice_code, lsoa_code, patients, practice_name, row, file; the extract date (ISO
        8601, empty when the files do not say); the files read. None when nothing could be read.
    """
    loaded = load_parts(paths, "registrations", problems)
    if not loaded:
        return None, "", []
    chosen = _all_sexes(loaded, problems)
    tables = [_tidy(part, problems) for part in chosen]
    dates = sorted({date for part in chosen if (date := date_of(part.frame))})
    if len(dates) > 1:
        said = f"The registrations are of different dates: {', '.join(dates)}."
        fix = "Give files of one date, or be sure that no practice is in both."
        problems.append(Problem("warning", chosen[0].part.name, None, "", "date", said, fix))
    sources = [
        source_of(
            "registrations", [part.part], rows=len(table), publisher=part.publisher,
            date=date_of(part.frame),
        )
        for part, table in zip(chosen, tables, strict=True)
    ]  # fmt: skip
    whole = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    return whole, dates[-1] if dates else "", sources


def _all_sexes(loaded: list[Loaded], problems: list[Problem]) -> list[Loaded]:
    """Keep the rows of all sexes; else add up males and females."""
    whole, apart, sexes = [], [], set()
    for part in loaded:
        if "sex" not in part.frame:
            whole.append(part)
            continue
        places, answers = by_unique(
            part.frame["sex"], lambda text: _SEXES.get(text.strip()[:1].upper(), text)
        )
        if "ALL" in answers:
            # an empty cell is a broken row, kept so that its number is found wrong
            keep = pd.Series(answers).isin(["ALL", ""]).to_numpy()[places]
            whole.append(_with(part, part.frame[keep]))
        else:
            apart.append(part)
            sexes |= set(answers)
    if whole:
        return whole
    if not {"MALE", "FEMALE"} <= sexes:
        known = ", ".join(sorted(sexes))
        said = f"Only the sex {known} is in the file: a practice's patients are not all counted."
        fix = "Give the file of all patients, or the files of males and of females together."
        problems.append(fault(apart[0].part.name, said, fix, field="sex"))
        return apart
    return _added_up(apart)


def _added_up(apart: list[Loaded]) -> list[Loaded]:
    """Put males and females of the same practice and LSOA into one row (the first one's)."""
    numbered = [part.frame.assign(row=part.frame.index).astype(object) for part in apart]
    frame = pd.concat(numbered, ignore_index=True)
    frame["patients"] = pd.to_numeric(frame["patients"], errors="coerce")
    if frame["patients"].isna().any():  # leave the fault for the check of numbers
        return apart
    keys = ["practice_code", "lsoa_code"]
    rest = {name: (name, "first") for name in frame.columns if name not in {*keys, "patients"}}
    added = frame.groupby(keys, sort=False, as_index=False).agg(
        patients=("patients", "sum"), **rest
    )
    return [_with(apart[0], added.set_index("row"))]


def _with(part: Loaded, frame: pd.DataFrame) -> Loaded:
    return Loaded(part.part, part.kind, part.match, frame, part.publisher)


def _tidy(part: Loaded, problems: list[Problem]) -> pd.DataFrame:
    frame, name = part.frame, part.part.name
    patients, faults = clean_numbers(
        frame["patients"].rename(part.match.heading("patients")), file=name
    )
    problems += faults
    tidy = pd.DataFrame(
        {
            "practice_code": clean_codes(frame["practice_code"]),
            "lsoa_code": clean_codes(frame["lsoa_code"]),
            "patients": patients,
        }
    )
    tidy["practice_name"] = clean_names(frame["practice_name"]) if "practice_name" in frame else ""
    tidy["row"] = frame.index
    problems += _strange_practices(tidy, part) + _strange_lsoas(tidy, part)
    tidy = tidy[tidy["patients"].notna()].astype({"patients": "int64", "practice_name": "str"})
    tidy["file"] = pd.Categorical([name]).repeat(len(tidy))  # a million equal names, kept once
    return tidy[_COLUMNS].reset_index(drop=True)


def _strange_practices(tidy: pd.DataFrame, part: Loaded) -> list[Problem]:
    strange = [code for code in tidy["practice_code"].unique() if not PRACTICE.match(code)]
    return _strange(tidy, part, ("practice_code", strange), "a practice code such as E84001")


def _strange_lsoas(tidy: pd.DataFrame, part: Loaded) -> list[Problem]:
    """Errors for mangled codes; one warning for each word that stands for "no LSOA known"."""
    unknown = [
        code
        for code in tidy["lsoa_code"].unique()
        if not LSOA.match(code) and code not in SPECIAL_LSOAS and not _AREA.match(code)
    ]
    words = [code for code in unknown if code.isalpha()]
    strange = [code for code in unknown if not code.isalpha()]
    problems = _strange(tidy, part, ("lsoa_code", strange), "an LSOA code such as E01000001")
    for code in words:
        count = int(tidy.loc[tidy["lsoa_code"] == code, "patients"].sum())
        said = f"{code} is no LSOA; its {count:,} patients count as having no known LSOA."
        fix = "Check with the publisher what the code stands for."
        problems.append(Problem("warning", part.part.name, None, code, "lsoa_code", said, fix))
    return problems


def _strange(
    tidy: pd.DataFrame, part: Loaded, which: tuple[str, list[str]], wanted: str
) -> list[Problem]:
    name, codes = which
    if not codes:
        return []
    heading = part.match.heading(name)
    found = tidy.loc[tidy[name].isin(codes), [name, "row"]]
    problems = []
    for code, row in found.head(10_000).itertuples(index=False):
        said = f"The code in {heading} is empty." if not code else f"{code!r} is not {wanted}."
        fix = "A spreadsheet may have changed it: use the file as downloaded."
        problems.append(fault(part.part.name, said, fix, row=row, code=code, field=heading))
    return listed(problems)
