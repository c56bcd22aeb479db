"""Small numbers: hidden in the run itself, before anything is written, drawn or embedded.

Goes in: a `Run`. Comes out: the same run with every count of people under the rule: 1–7 hidden,
all others rounded to the nearest 5, the second smallest of a sum hidden where one alone would be
given away by the total, and every share worked out again from rounded counts. Off for open data;
``suppress = "nhs"`` in the study turns it on. The rule is NHS England's for hospital data below
national level; published registrations need none, local caseloads do.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pandas as pd

from boundaries.run.tables import counts_people

if TYPE_CHECKING:
    from boundaries.measure.measures import Measures
    from boundaries.place import Place
    from boundaries.run import Option, Run
    from boundaries.study import Rates

__all__ = ["as_shown", "hide_in_text", "suppress_counts", "suppress_run"]

_SMALLEST_SHOWN: Final = 7.5
_ROUNDED_TO: Final = 5
_NAN: Final = float("nan")

Frame = TypeVar("Frame", bound=pd.DataFrame)


def as_shown(run: Run) -> Run:
    """Return the run as it may be shown: suppressed when its study asks for it, once only."""
    asked = run.study.report.suppress == "nhs"
    return suppress_run(run) if asked and not run.suppressed else run


def suppress_run(run: Run) -> Run:
    """Return a run in which no small number of people can be read.

    Notes
    -----
    Hidden counts are missing values. The reasons of moves, which are sentences with counts in
    them, are replaced. Registrations keep only rounded pairs: what is summed from them is rough.
    """
    moves = _hide(run.moves, within=["option_id"])
    moves[["patients_there", "patients_if_stayed"]] = _NAN  # two like options would tell an LSOA
    moves["why"] = "The figures behind this move are suppressed."
    return replace(
        run,
        place=_hide_place(run.place),
        options=tuple(_hide_option(option, run.study.rates) for option in run.options),
        facts=_rough_shares(_hide(run.facts)),
        flows=_hide(_hide(run.flows, within=["living_in"]), within=["registered_with"]),
        moves=moves,
        near=_rough_shares(_hide(run.near)),
        sensitivity=_rough_shares(_hide(run.sensitivity)).assign(
            said=[hide_in_text(str(said)) for said in run.sensitivity["said"].fillna("")],
            what=[hide_in_text(str(what)) for what in run.sensitivity["what"]],
        ),
        problems=tuple(
            replace(problem, said=hide_in_text(problem.said), fix=hide_in_text(problem.fix))
            for problem in run.problems
        ),
        record={**_hide_record(run.record), "suppressed": "nhs"},
        suppressed=True,
    )


def suppress_counts(counts: pd.Series[Any]) -> pd.Series[float]:
    """Hide 1–7 and round the rest to the nearest 5; signs are kept, missing stays missing.

    Examples
    --------
    >>> suppress_counts(pd.Series([0, 1, 7, 8, -6, -13])).tolist()
    [0.0, nan, nan, 10.0, nan, -15.0]
    """
    values = pd.to_numeric(counts).astype("float64")
    size = values.abs()
    rounded = (size / _ROUNDED_TO + 0.5) // 1 * _ROUNDED_TO
    signed = rounded.where(values >= 0, -rounded)
    return signed.mask((size > 0) & (size < _SMALLEST_SHOWN))


def _hide(frame: Frame, *, within: list[str] | None = None) -> Frame:
    """Suppress every column of counts; within groups of rows that add up, hide a second one."""
    hidden = frame.copy()
    numbers = frame.select_dtypes("number").columns
    names = [str(name) for name in numbers if counts_people(str(name))]
    for name in names:
        hidden[name] = suppress_counts(frame[name])
    for name in names:
        hidden[name] = _hide_second(hidden, name, within)
    return hidden


def _hide_second(frame: pd.DataFrame, name: str, within: list[str] | None) -> pd.Series[float]:
    """Hide the next smallest count of a sum of which exactly one is hidden."""
    group = frame.groupby(within, sort=True).ngroup() if within else pd.Series(0, frame.index)
    values, groups = frame[name].to_numpy(dtype=float, copy=True), group.to_numpy()
    for number in np.unique(groups):
        mine = groups == number
        shown = mine & (np.abs(values) > 0)
        if np.isnan(values[mine]).sum() == 1 and shown.any():
            values[np.where(shown, np.abs(values), np.inf).argmin()] = _NAN
    return pd.Series(values, index=frame.index, name=name)


def _hide_place(place: Place) -> Place:
    pairs = _hide(place.registrations).dropna(subset="patients")
    return replace(
        place,
        lsoas=_hide(place.lsoas),
        practices=_hide(place.practices),
        pcns=_hide(place.pcns),
        registrations=pairs.reset_index(drop=True),
        elsewhere=_hide(place.elsewhere).dropna(subset="patients").reset_index(drop=True),
    )


def _hide_option(option: Option, rates: Rates) -> Option:
    measures = _hide_measures(option.measures, rates)
    bound = None if option.bound is None else _hide_number(option.bound)
    if option.status == "optimal":
        bound = measures.summary["objective"]
    return replace(option, measures=measures, bound=bound)


def _hide_measures(measures: Measures, rates: Rates) -> Measures:
    neighbourhoods = _hide(measures.neighbourhoods)
    quintiles = _hide(measures.quintiles)
    return replace(
        measures,
        summary=_hide_summary(measures.summary, rates),
        neighbourhoods=_aligned_again(neighbourhoods, "patients_counted"),
        practices=_hide(measures.practices),
        lsoas=_hide(measures.lsoas),
        pcns=_hide(measures.pcns),
        teams=_hide(measures.teams, within=["layer"]) if len(measures.teams) else measures.teams,
        quintiles=_aligned_again(quintiles, "patients") if len(quintiles) else quintiles,
        wards=_hide(measures.wards),
        broken=tuple(replace(broken, said=hide_in_text(broken.said)) for broken in measures.broken),
    )


def _aligned_again(frame: pd.DataFrame, base: str) -> pd.DataFrame:
    counted = frame[base].where(frame[base] > 0)
    return frame.assign(alignment=(1 - frame["misaligned_patients"] / counted).clip(0, 1))


def _hide_summary(summary: dict[str, float], rates: Rates) -> dict[str, float]:
    counts = pd.Series({k: v for k, v in summary.items() if counts_people(k)}, dtype="float64")
    hidden = {**summary, **{str(k): float(v) for k, v in suppress_counts(counts).items()}}
    counted = hidden.get("patients_counted", _NAN)
    misaligned = hidden["misaligned_patients"]
    hidden["alignment"] = 1 - misaligned / counted if counted > 0 else _NAN
    if "pounds_a_year" in hidden:
        hidden["pounds_a_year"] = hidden["patients_moved"] * rates.pounds_per_patient_a_year
    if "arrs_wte" in hidden and rates.arrs_wte_per_10000 is not None:
        hidden["arrs_wte"] = hidden["patients_moved"] * rates.arrs_wte_per_10000 / 10_000
    return hidden


def _rough_shares(facts: pd.DataFrame) -> pd.DataFrame:
    """Round shares of a PCN to whole per cents: with a list beside it, more would give counts."""
    names = [
        name
        for name in facts.select_dtypes("number").columns
        if str(name).endswith("_share") or str(name).startswith("alignment")
    ]
    return facts.assign(**{name: facts[name].round(2) for name in names})


_GROUPED: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.,]*\d)")
_BEFORE_PEOPLE: Final = re.compile(
    r"(?<![\d.,])(\d+)(?=\s+(?:registered\s+|more\s+|fewer\s+|of\s+its\s+)?"
    r"(?:patients?|people|residents?|under\s+the|over\s+the)\b)"
)


def hide_in_text(text: str) -> str:
    """Suppress the counts of people in a sentence.

    Numbers with a thousands comma, and whole numbers before patients, people or residents, count
    as people.

    Examples
    --------
    >>> hide_in_text("3 patients of 1,234 live in Ward 2.")
    '* patients of 1,235 live in Ward 2.'
    """
    return _BEFORE_PEOPLE.sub(_hide_match, _GROUPED.sub(_hide_match, text))


def _hide_match(found: re.Match[str]) -> str:
    count = _hide_number(int(found[0].replace(",", "")))
    return "*" if count is None else f"{count:,.0f}"


def _hide_record(value: Any) -> Any:
    """Suppress the counts of people anywhere in the run's record."""
    if isinstance(value, dict):
        return {
            key: _hide_number(item)
            if counts_people(str(key)) and isinstance(item, (int, float))
            else _hide_record(item)
            for key, item in value.items()
        }
    return [_hide_record(item) for item in value] if isinstance(value, list) else value


def _hide_number(value: float) -> float | None:
    count = float(suppress_counts(pd.Series([value])).iloc[0])
    return None if math.isnan(count) else count
