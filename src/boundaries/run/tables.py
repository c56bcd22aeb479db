"""The tables of a run, as frames: what the CSV files hold, and what the report and workbook show.

Goes in: a `Run`. Comes out: one tidy frame a file, sorted by its keys, codes as text.
Next: `boundaries.run.folder` writes them.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.plan import label_key
from boundaries.problems import frame_of
from boundaries.run.gains import gains_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from boundaries.run.run import Option, Run

__all__ = [
    "ROUNDED_TO",
    "SMALLEST_SHOWN",
    "TABLES",
    "counts_people",
    "lsoas_table",
    "neighbourhoods_table",
    "options_table",
    "practices_table",
    "problems_table",
    "read_table",
    "starred",
    "suppress_counts",
    "write_table",
]

_PEOPLE_DIGITS = 3  # team shares are fractions, so people can be; a thousandth of one is noise


SMALLEST_SHOWN: Final = 7.5
ROUNDED_TO: Final = 5
"""Counts of people of a suppressed run: smaller ones are hidden, others rounded."""

_FORMULA: Final = re.compile(r"'*[=+@\t\r-].")
_MADE_INERT: Final = re.compile(r"''*[=+@\t\r-].")
_NUMBER: Final = re.compile(r"[+-]?(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_PEOPLE: Final = re.compile(r"patients|residents|registered|^list_|^(residents_)?changing_")
_ALSO_PEOPLE: Final = frozenset(
    {
        "floor", "objective", "best", "bound", "aligned",
        "misaligned_65_plus_estimate",
    }
)  # fmt: skip


def counts_people(name: str) -> bool:
    """Say whether a column or measure of this name counts people."""
    if name.endswith(("_share", "_m", "_code", "_name")):
        return False
    return name in _ALSO_PEOPLE or _PEOPLE.search(name) is not None


def suppress_counts(counts: pd.Series[Any]) -> pd.Series[float]:
    """Hide 1–7 and round the rest to the nearest 5; signs are kept, missing stays missing.

    Examples
    --------
    >>> suppress_counts(pd.Series([0, 1, 7, 8, -6, -13])).tolist()
    [0.0, nan, nan, 10.0, nan, -15.0]
    """
    values = pd.to_numeric(counts).astype("float64")
    size = values.abs()
    rounded = (size / ROUNDED_TO + 0.5) // 1 * ROUNDED_TO
    signed = rounded.where(values >= 0, -rounded)
    return signed.mask((size > 0) & (size < SMALLEST_SHOWN))


def starred(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of a suppressed run as its file shows it: ``*`` for a count not shown."""
    hidden = {
        name: frame[name].map(lambda count: "*" if pd.isna(count) else f"{count:.0f}")
        for name in frame.select_dtypes("number").columns
        if counts_people(str(name)) and name != "bound"
    }
    return frame.assign(**hidden)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as every CSV file of a run is written: UTF-8, one line end, no index.

    Text that a spreadsheet would take for a formula gets a single quote before it (OWASP, "CSV
    injection"); `read_table` takes it off again.
    """
    frame = frame.assign(
        **{
            str(name): frame[name].map(_inert)
            for name in frame.columns
            if frame[name].dtype.kind not in "iufbM"
        }
    )
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def read_table(path: Path, **how: Any) -> pd.DataFrame:
    """Read a table that `write_table` wrote; further arguments go to `pandas.read_csv`."""
    frame: pd.DataFrame = pd.read_csv(path, **how)
    return frame.assign(
        **{
            str(name): frame[name].map(_as_it_was)
            for name in frame.columns
            if frame[name].dtype.kind not in "iufbM"
        }
    )


def _inert(cell: object) -> object:
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _as_it_was(cell: object) -> object:
    return cell[1:] if isinstance(cell, str) and _MADE_INERT.match(cell) else cell


def options_table(run: Run) -> pd.DataFrame:
    """Return one row an option: what it costs, what it buys, and how sure that is.

    Notes
    -----
    ``seconds`` is left empty here, so that two runs of one study and seed give byte-identical
    files; the times are in ``run.json`` (docs/decisions/0002).
    """
    return pd.DataFrame([_option_row(option) for option in run.options])


def _option_row(option: Option) -> dict[str, object]:
    summary = option.measures.summary
    changing = {
        name: round(value, _PEOPLE_DIGITS)
        for name, value in summary.items()
        if name.startswith("residents_changing_")
    }
    gap = option.gap
    return {
        "option_id": option.option_id,
        "family": option.family,
        "neighbourhoods": int(summary["neighbourhoods"]),
        "practices_moved": int(summary["practices_moved"]),
        "patients_moved": _whole(summary["patients_moved"]),
        "misaligned_patients": _whole(summary["misaligned_patients"]),
        "alignment": round(summary["alignment"], 6),
        **changing,
        "bonds_parted": round(summary["bonds_parted"], _PEOPLE_DIGITS),
        "pairs_parted": int(summary["pairs_parted"]),
        "objective": round(summary["objective"], _PEOPLE_DIGITS),
        "bound": None if option.bound is None else round(option.bound, _PEOPLE_DIGITS),
        "gap": None if gap is None else round(gap, 6),
        "status": option.status,
        "seconds": None,
    }


def _whole(count: float) -> float:
    """Return people as a whole number; a count that is not shown stays missing."""
    return count if math.isnan(count) else int(count)


def lsoas_table(run: Run) -> pd.DataFrame:
    """Return option_id, lsoa_code, neighbourhood: the plans, LSOA by LSOA."""
    return _stack(
        run,
        lambda option: option.plan.lsoas.rename_axis("lsoa_code").reset_index(name="neighbourhood"),
    )


def practices_table(run: Run) -> pd.DataFrame:
    """Return the plans practice by practice, with the PCN now and in the option."""

    def rows(option: Option) -> pd.DataFrame:
        columns = ["neighbourhood", "pcn_code_now", "pcn_code_option", "moved"]
        frame = option.measures.practices[columns].reset_index()
        return frame.assign(moved=frame["moved"].astype(int))

    return _stack(run, rows)


def neighbourhoods_table(run: Run) -> pd.DataFrame:
    """Return one row an option and neighbourhood, with every measure of it."""

    def rows(option: Option) -> pd.DataFrame:
        frame = option.measures.neighbourhoods
        frame = frame.loc[sorted(frame.index, key=label_key)]
        first = ["name", "residents", "registered", "practices", "pcns", "alignment"]
        rest = [column for column in frame.columns if column not in first]
        return frame[first + rest].round(6).reset_index()

    return _stack(run, rows)


def measures_table(run: Run) -> pd.DataFrame:
    """Return every summary measure of every option: option_id, measure, value."""
    rows = [
        (option.option_id, name, round(float(value), 6))
        for option in run.options
        for name, value in sorted(option.measures.summary.items())
    ]
    return pd.DataFrame(rows, columns=["option_id", "measure", "value"])


def pcns_table(run: Run) -> pd.DataFrame:
    """Return what becomes of each PCN in each option (D2 and the floors)."""
    return _stack(run, lambda option: _flags_as_numbers(option.measures.pcns.reset_index()))


def teams_table(run: Run) -> pd.DataFrame:
    """Return what becomes of each team in each option."""
    return _stack(run, lambda option: option.measures.teams.round(_PEOPLE_DIGITS))


def quintiles_table(run: Run) -> pd.DataFrame:
    """Return misaligned patients by deprivation quintile in each option (M2)."""
    return _stack(run, lambda option: option.measures.quintiles.round(6).reset_index())


def wards_table(run: Run) -> pd.DataFrame:
    """Return the wards and how many neighbourhoods each lies in, in each option."""
    return _stack(run, lambda option: _flags_as_numbers(option.measures.wards.reset_index()))


def rules_table(run: Run) -> pd.DataFrame:
    """Return the hard rules that an option does not keep: option_id, rule, subject, said."""
    rows = [
        (option.option_id, broken.rule, broken.subject, broken.said)
        for option in run.options
        for broken in option.measures.broken
    ]
    return pd.DataFrame(rows, columns=["option_id", "rule", "subject", "said"])


def problems_table(run: Run) -> pd.DataFrame:
    """Return every data problem found."""
    return frame_of(run.problems)


def facts_table(run: Run) -> pd.DataFrame:
    """Return the facts of today's PCNs."""
    return _flags_as_numbers(run.facts.round(6).reset_index())


def neighbours_table(run: Run) -> pd.DataFrame:
    """Return the neighbouring pairs as they were used, with what parting each one costs."""
    columns = ["lsoa_code_a", "lsoa_code_b", "border_m", "bond", "why"]
    return run.place.neighbours[columns]


def _gains_table(run: Run) -> pd.DataFrame:
    """Return what a gain is made of; a change of a suppressed run is under its rule, too."""
    gains, name = gains_table(run.options), "misaligned_patients_change"
    return gains.assign(**{name: suppress_counts(gains[name])}) if run.suppressed else gains


TABLES: dict[str, Callable[[Run], pd.DataFrame]] = {
    "options": options_table,
    "lsoas": lsoas_table,
    "practices": practices_table,
    "neighbourhoods": neighbourhoods_table,
    "gains": _gains_table,
    "moves": lambda run: run.moves,
    "neighbours": neighbours_table,
    "problems": problems_table,
    "measures": measures_table,
    "pcns": pcns_table,
    "teams": teams_table,
    "quintiles": quintiles_table,
    "wards": wards_table,
    "rules_broken": rules_table,
    "pcn_facts": facts_table,
    "flows": lambda run: run.flows,
    "settled": lambda run: run.settled,
    "near_plans": lambda run: run.near,
    "near_differences": lambda run: run.near_differences,
    "sensitivity": lambda run: run.sensitivity,
    "sensitivity_units": lambda run: run.sensitivity_units,
}
"""Every table of a run by the name of its file, without ``.csv``."""


def _stack(run: Run, rows: Callable[[Option], pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for option in run.options:
        frame = rows(option)
        frame.insert(0, "option_id", option.option_id)
        parts.append(frame)
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True)


def _flags_as_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    flags = frame.select_dtypes("bool").columns
    return frame.astype(dict.fromkeys(flags, int))
