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
    from collections.abc import Iterable

    from boundaries.measure.measures import Measures
    from boundaries.place import Place
    from boundaries.problems import Problem
    from boundaries.run import Option, Run
    from boundaries.study import Rates, Study

__all__ = ["as_shown", "problems_shown", "suppress_counts", "suppress_run", "without_figures"]

_SMALLEST_SHOWN: Final = 7.5
_ROUNDED_TO: Final = 5
_NAN: Final = float("nan")

Frame = TypeVar("Frame", bound=pd.DataFrame)


def as_shown(run: Run) -> Run:
    """Return the run as it may be shown: suppressed when its study asks for it, once only."""
    asked = run.study.report.suppress == "nhs"
    return suppress_run(run) if asked and not run.suppressed else run


def problems_shown(problems: Iterable[Problem], study: Study) -> tuple[Problem, ...]:
    """Return problems as they may be shown: without figures when the study asks for suppression."""
    if study.report.suppress != "nhs":
        return tuple(problems)
    return tuple(
        replace(one, said=without_figures(one.said), fix=without_figures(one.fix))
        for one in problems
    )


def suppress_run(run: Run) -> Run:
    """Return a run in which no small number of people can be read or reckoned.

    Notes
    -----
    Hidden counts are missing values. A count stands in fields only: the reasons of moves are
    replaced, and problems and broken rules are told without figures. Shares and objectives are
    worked out again from what is shown; what cannot be (distances that patients travel, estimates
    by age, registrations by LSOA and alignment by practice) is left out.
    """
    moves = _hide(run.moves, within=["option_id"])
    by_area = ["patients_there", "patients_if_stayed", "patients_today_from", "patients_today_to"]
    moves[by_area] = _NAN  # two like options would tell an LSOA
    moves["why"] = "The figures behind this move are suppressed."
    flows = _hide(_hide(run.flows, within=["living_in"]), within=["registered_with"])
    options = tuple(_hide_option(option, run.study.rates) for option in run.options)
    return replace(
        run,
        place=_hide_place(run.place),
        options=options,
        facts=_facts_again(run, flows),
        flows=flows,
        moves=moves,
        near=_near_again(run.near, options),
        sensitivity=_sensitivity_again(run, options),
        problems=tuple(
            replace(one, said=without_figures(one.said), fix=without_figures(one.fix))
            for one in run.problems
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
    return replace(
        place,
        lsoas=_hide(place.lsoas),
        practices=_hide(place.practices),
        pcns=_hide(place.pcns),
        registrations=place.registrations.iloc[:0],
        elsewhere=place.elsewhere.iloc[:0],
        modelled_share=round(place.modelled_share, 2),
    )


def _hide_option(option: Option, rates: Rates) -> Option:
    measures, gap = _hide_measures(option.measures, rates), option.gap
    bound = None
    if option.bound is not None and gap is not None:
        bound = measures.summary["objective"] * (1 - round(gap, 3))
    return replace(option, measures=measures, bound=bound)


def _hide_measures(measures: Measures, rates: Rates) -> Measures:
    neighbourhoods = _without_distances(_hide(measures.neighbourhoods))
    quintiles = _hide(measures.quintiles)
    return replace(
        measures,
        summary=_hide_summary(measures.summary, rates),
        neighbourhoods=_aligned_again(neighbourhoods, "patients_counted"),
        practices=_hide(measures.practices).assign(aligned_patients=_NAN),
        lsoas=_hide(measures.lsoas).assign(registered=_NAN, aligned=_NAN),
        pcns=_hide(measures.pcns),
        teams=_hide(measures.teams, within=["layer"]) if len(measures.teams) else measures.teams,
        quintiles=_aligned_again(quintiles, "patients") if len(quintiles) else quintiles,
        wards=_hide(measures.wards),
        broken=tuple(replace(one, said=without_figures(one.said)) for one in measures.broken),
    )


def _aligned_again(frame: pd.DataFrame, base: str) -> pd.DataFrame:
    counted = frame[base].where(frame[base] > 0)
    return frame.assign(alignment=(1 - frame["misaligned_patients"] / counted).clip(0, 1))


def _without_distances(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out distances of patients, which give a lone practice's counts by LSOA."""
    metres = frame["resident_distance_m"].round(-2)
    return frame.assign(patient_distance_m=_NAN, resident_distance_m=metres)


def _hide_summary(summary: dict[str, float], rates: Rates) -> dict[str, float]:
    counts = pd.Series({k: v for k, v in summary.items() if counts_people(k)}, dtype="float64")
    hidden = {**summary, **{str(k): float(v) for k, v in suppress_counts(counts).items()}}
    counted = hidden.get("patients_counted", _NAN)
    misaligned = hidden["misaligned_patients"]
    hidden["alignment"] = 1 - misaligned / counted if counted > 0 else _NAN
    hidden["objective"] = _objective(summary["objective"], summary["misaligned_patients"])
    hidden["patient_distance_m"] = _NAN
    hidden["resident_distance_m"] = round(summary["resident_distance_m"], -2)
    hidden |= {key: _NAN for key in hidden if key.endswith("_estimate")}
    if "pounds_a_year" in hidden:
        hidden["pounds_a_year"] = hidden["patients_moved"] * rates.pounds_per_patient_a_year
    if "arrs_wte" in hidden and rates.arrs_wte_per_10000 is not None:
        hidden["arrs_wte"] = hidden["patients_moved"] * rates.arrs_wte_per_10000 / 10_000
    return hidden


def _objective(objective: float, misaligned: float) -> float:
    """Return an objective of the misaligned patients shown, and the rest: residents and teams."""
    shown = suppress_counts(pd.Series([objective - misaligned, misaligned], dtype="float64"))
    return float(shown.iloc[0]) + float(shown.iloc[1])


def _facts_again(run: Run, flows: pd.DataFrame) -> pd.DataFrame:
    """Work the overlap of list and catchment out again, from the flows and lists that are shown."""
    facts = _hide(run.facts)
    pairs = flows.set_index(["living_in", "registered_with"])["patients"]
    own = {code: pairs.get((code, code), 0.0) for code in facts.index}
    inside = pd.Series(own, dtype="float64")
    living = suppress_counts(run.flows.groupby("living_in")["patients"].sum())
    living = living.reindex(facts.index)
    return facts.assign(
        list_inside_share=_share(inside, facts["list_size"]),
        catchment_registered_share=_share(inside, living),
    )


def _share(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    return (part / whole.where(whole > 0)).clip(0, 1).round(2)


def _near_again(near: pd.DataFrame, options: tuple[Option, ...]) -> pd.DataFrame:
    if near.empty:
        return near
    hidden = _hide(near)
    shown = {option.option_id: option.measures.summary for option in options}
    pairs = zip(near["objective"], near["misaligned_patients"], strict=True)
    objective = [_objective(*pair) for pair in pairs]
    counted = near["option_id"].map({key: one["patients_counted"] for key, one in shown.items()})
    of_option = near["option_id"].map({key: one["objective"] for key, one in shown.items()})
    return hidden.assign(
        objective=objective,
        alignment=1 - hidden["misaligned_patients"] / counted,
        extra_share=(pd.Series(objective, index=near.index) / of_option - 1).round(2),
    )


def _sensitivity_again(run: Run, options: tuple[Option, ...]) -> pd.DataFrame:
    """Work alignment out again from misaligned patients as they would be shown; no objectives."""
    frame = run.sensitivity
    if frame.empty:
        return frame
    exact = {option.option_id: option.measures.summary for option in run.options}
    shown = {option.option_id: option.measures.summary for option in options}
    counted = frame["option_id"].map({key: one["patients_counted"] for key, one in exact.items()})
    misaligned = suppress_counts(((1 - frame["alignment"].astype(float)) * counted).round())
    base = frame["option_id"].map({key: one["patients_counted"] for key, one in shown.items()})
    before = frame["option_id"].map({key: one["alignment"] for key, one in shown.items()})
    alignment = 1 - misaligned / base
    return _hide(frame).assign(
        alignment=alignment,
        alignment_change=alignment - before,
        objective=_NAN,
        said=[without_figures(str(said)) for said in frame["said"].fillna("")],
    )


_FIGURE: Final = re.compile(r"(?<![\w.,-])[-+±£]?\d[\d,.]*(?<![,.])(?![\w-])(?:\s?%)?")


def without_figures(text: str) -> str:
    """Return a sentence with a star for every figure in it; codes and names keep their digits.

    No figure is told from another: a sentence says neither which of its figures count people, nor
    which can be worked out from others.

    Examples
    --------
    >>> without_figures("With 3 of its 1,020 patients (0.29 %) in E01000002, ward 2.")
    'With * of its * patients (*) in E01000002, ward *.'
    """
    return _FIGURE.sub("*", text)


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
