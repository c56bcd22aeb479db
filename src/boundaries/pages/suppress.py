"""Small numbers: hidden in the run itself, before anything is written, drawn or embedded.

Goes in: a `Run`. Comes out: the same run with every count of people under the rule: 1–7 hidden,
all others rounded to the nearest 5, more hidden where a hidden one could be reckoned
(`boundaries.pages.reckoning`), and every share worked out again from what is shown. Off for open
data; ``suppress = "nhs"`` in the study turns it on. The rule is NHS England's for hospital data
below national level; published registrations need none, local caseloads do.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pandas as pd

from boundaries.errors import InfeasibleError, RefereeError
from boundaries.pages.reckoning import hidden_besides
from boundaries.run.tables import ROUNDED_TO, counts_people, suppress_counts

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from boundaries.measure.measures import Measures
    from boundaries.pages.reckoning import Hidden
    from boundaries.place import Place
    from boundaries.problems import Problem
    from boundaries.run import Option, Run
    from boundaries.study import Rates, Study

__all__ = [
    "as_shown",
    "problems_shown",
    "suppress_counts",
    "suppress_run",
    "told_as_shown",
    "without_figures",
]

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


@contextmanager
def told_as_shown(study: Study) -> Iterator[None]:
    """Tell why there is no plan as it may be told: without figures when the study asks for it."""
    try:
        yield
    except InfeasibleError as error:
        if study.report.suppress != "nhs":
            raise
        reasons = tuple(without_figures(reason) for reason in error.reasons)
        raise InfeasibleError(without_figures(str(error)), reasons) from None
    except RefereeError as error:
        if study.report.suppress != "nhs":
            raise
        raise RefereeError(without_figures(str(error))) from None


def suppress_run(run: Run) -> Run:
    """Return a run in which no small number of people can be read or reckoned.

    Notes
    -----
    Hidden counts are missing values. A count stands in fields only: the reasons of moves are
    replaced, and problems and broken rules are told without figures. Shares and objectives are
    worked out again from what is shown; what cannot be (distances that patients travel, estimates
    by age, registrations by LSOA and alignment by practice) is left out.
    """
    hidden = hidden_besides(run)
    moves = _hide(run.moves, hidden.get("moves"))
    by_area = ["patients_there", "patients_if_stayed", "patients_today_from", "patients_today_to"]
    moves[by_area] = _NAN  # two like options would tell an LSOA
    moves["why"] = "The figures behind this move are suppressed."
    flows = _hide(run.flows, hidden.get("flows"))
    bond = _bond_as_shown(run.place)
    options = tuple(_hide_option(option, run.study.rates, hidden, bond) for option in run.options)
    return replace(
        run,
        place=_hide_place(run.place, hidden, bond),
        options=options,
        facts=_facts_again(run, flows, hidden),
        flows=flows,
        moves=moves,
        near=_near_again(run.near, options, hidden),
        sensitivity=_sensitivity_again(run, options),
        problems=tuple(
            replace(one, said=without_figures(one.said), fix=without_figures(one.fix))
            for one in run.problems
        ),
        record=_hide_record(run.record, hidden),
        suppressed=True,
    )


def _hide(frame: Frame, besides: Iterable[tuple[Hashable, str]] | None = None) -> Frame:
    """Suppress every column of counts, and hide some besides: the row's key, the column."""
    hidden = frame.copy()
    numbers = frame.select_dtypes("number").columns
    for name in [str(name) for name in numbers if counts_people(str(name))]:
        hidden[name] = suppress_counts(frame[name])
    for row, name in besides or ():
        hidden.loc[row, name] = _NAN
    return hidden


def _hide_second(frame: pd.DataFrame, name: str, within: str) -> pd.Series[float]:
    """Hide the next smallest estimate of a sum of which exactly one is hidden."""
    values, groups = frame[name].to_numpy(dtype=float, copy=True), frame[within].to_numpy()
    for one in pd.unique(frame[within]):
        mine = groups == one
        shown = mine & (np.abs(values) > 0)
        if np.isnan(values[mine]).sum() == 1 and shown.any():
            values[np.where(shown, np.abs(values), np.inf).argmin()] = _NAN
    return pd.Series(values, index=frame.index, name=name)


def _bond_as_shown(place: Place) -> float:
    """Return what bonds are multiplied by: as if LSOAs had, on average, so many hundred residents.

    A bond is a share of the mean residents of an LSOA: exact, it would give their exact sum.
    """
    mean = float(place.lsoas["residents"].mean())
    if not mean > 0:
        return 1.0
    return float(f"{mean:.1e}") / mean


def _hide_place(place: Place, hidden: Hidden, bond: float) -> Place:
    bonds = (place.neighbours["bond"] * bond).round(3)
    return replace(
        place,
        lsoas=_hide(place.lsoas, hidden.get("lsoas")),
        practices=_hide(place.practices, hidden.get("practices")),
        pcns=_hide(place.pcns, hidden.get("pcns")),
        registrations=place.registrations.iloc[:0],
        elsewhere=place.elsewhere.iloc[:0],
        neighbours=place.neighbours.assign(bond=bonds),
        modelled_share=round(place.modelled_share, 2),
    )


def _hide_option(option: Option, rates: Rates, hidden: Hidden, bond: float) -> Option:
    """Hide the counts of an option; its bound is as far below its objective, rounded up."""
    mine = {
        table.removeprefix(f"{option.option_id}/"): cells
        for table, cells in hidden.items()
        if table.startswith(f"{option.option_id}/")
    }
    measures = _hide_measures(option.measures, rates, mine, bond)
    bound, objective = option.bound, measures.summary["objective"]
    if bound is not None:
        off = max(0.0, option.measures.summary["objective"] - bound)
        off = math.ceil(round(off / ROUNDED_TO, 6)) * ROUNDED_TO
        proven = option.status == "optimal"
        bound = None if math.isnan(objective) else objective if proven else objective - off
    return replace(option, measures=measures, bound=bound)


def _hide_measures(measures: Measures, rates: Rates, hidden: Hidden, bond: float) -> Measures:
    def hide(name: str) -> pd.DataFrame:
        frame: pd.DataFrame = getattr(measures, name)
        return _hide(frame, hidden.get(name))

    neighbourhoods, quintiles = _without_distances(hide("neighbourhoods")), hide("quintiles")
    teams, lsoas = hide("teams"), hide("lsoas").assign(registered=_NAN, aligned=_NAN)
    for name in ("residents", "residents_changing"):
        teams[name] = _hide_second(teams, name, "layer")
    changing = [name for name in lsoas.columns if name.startswith("changing_")]
    lsoas.loc[lsoas["residents"].isna(), changing] = _NAN
    return replace(
        measures,
        summary=_hide_summary(measures.summary, rates, hidden.get("summary", []), bond),
        neighbourhoods=_aligned_again(neighbourhoods, "patients_counted"),
        practices=hide("practices").assign(aligned_patients=_NAN),
        lsoas=lsoas,
        pcns=hide("pcns"),
        teams=teams,
        quintiles=_aligned_again(quintiles, "patients") if len(quintiles) else quintiles,
        wards=hide("wards"),
        broken=tuple(replace(one, said=without_figures(one.said)) for one in measures.broken),
    )


def _aligned_again(frame: pd.DataFrame, base: str) -> pd.DataFrame:
    counted = frame[base].where(frame[base] > 0)
    return frame.assign(alignment=(1 - frame["misaligned_patients"] / counted).clip(0, 1))


def _without_distances(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out distances of patients, which give a lone practice's counts by LSOA."""
    metres = frame["resident_distance_m"].round(-2)
    return frame.assign(patient_distance_m=_NAN, resident_distance_m=metres)


def _hide_summary(
    summary: dict[str, float], rates: Rates, besides: list[tuple[Hashable, str]], bond: float
) -> dict[str, float]:
    counts = pd.Series({k: v for k, v in summary.items() if counts_people(k)}, dtype="float64")
    hidden = {**summary, **{str(k): float(v) for k, v in suppress_counts(counts).items()}}
    hidden |= {str(name): _NAN for name, _ in besides}
    counted = hidden.get("patients_counted", _NAN)
    misaligned = hidden["misaligned_patients"]
    hidden["alignment"] = 1 - misaligned / counted if counted > 0 else _NAN
    hidden["bonds_parted"] = round(summary["bonds_parted"] * bond, 3)
    rest = summary["objective"] - summary["misaligned_patients"]
    hidden["objective"] = _rounded(rest) + misaligned
    hidden["patient_distance_m"] = _NAN
    hidden["resident_distance_m"] = round(summary["resident_distance_m"], -2)
    hidden |= {key: _NAN for key in hidden if key.endswith("_estimate")}
    if "pounds_a_year" in hidden:
        hidden["pounds_a_year"] = hidden["patients_moved"] * rates.pounds_per_patient_a_year
    if "arrs_wte" in hidden and rates.arrs_wte_per_10000 is not None:
        hidden["arrs_wte"] = hidden["patients_moved"] * rates.arrs_wte_per_10000 / 10_000
    return hidden


def _rounded(people: float) -> float:
    """Round what is no count of patients: the residents and bonds of an objective."""
    return float(round(people / ROUNDED_TO) * ROUNDED_TO)


def _facts_again(run: Run, flows: pd.DataFrame, hidden: Hidden) -> pd.DataFrame:
    """Work the overlap of list and catchment out again, from the flows and lists that are shown."""
    facts = _hide(run.facts, hidden.get("facts"))
    pairs = flows.set_index(["living_in", "registered_with"])["patients"]
    own = {code: pairs.get((code, code), 0.0) for code in facts.index}
    inside = pd.Series(own, dtype="float64")
    living = suppress_counts(run.flows.groupby("living_in")["patients"].sum())
    given_away = {code for code, _ in hidden.get("living", [])}
    living = living.mask(living.index.isin(given_away)).reindex(facts.index)
    return facts.assign(
        list_inside_share=_share(inside, facts["list_size"]),
        catchment_registered_share=_share(inside, living),
    )


def _share(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    return (part / whole.where(whole > 0)).clip(0, 1).round(2)


def _near_again(near: pd.DataFrame, options: tuple[Option, ...], hidden: Hidden) -> pd.DataFrame:
    """Work near plans out again from what is shown; who of their practices move is in no table."""
    if near.empty:
        return near
    shown = _hide(near, hidden.get("near"))
    summaries = {option.option_id: option.measures.summary for option in options}
    rest = (near["objective"] - near["misaligned_patients"]).map(_rounded)
    counted, best = (
        near["option_id"].map({key: one[name] for key, one in summaries.items()})
        for name in ("patients_counted", "objective")
    )
    objective = rest + shown["misaligned_patients"]
    return shown.assign(
        patients_moved=_NAN,
        objective=objective,
        alignment=1 - shown["misaligned_patients"] / counted,
        extra_share=(objective / best - 1).round(2),
    )


def _sensitivity_again(run: Run, options: tuple[Option, ...]) -> pd.DataFrame:
    """Work alignment out again from misaligned patients as they would be shown, in whole percent.

    The plans of variants are in no table: their objectives and patients moved are left out.
    """
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
        alignment=alignment.round(2),
        alignment_change=(alignment - before).round(2),
        objective=_NAN,
        patients_moved=_NAN,
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


def _hide_record(record: dict[str, Any], hidden: Hidden) -> dict[str, Any]:
    """Suppress the counts of people of the run's record; how the search got on is left out.

    The search tells its best objective again and again, each rounded from another exact one.
    """
    shown: dict[str, Any] = _suppressed(record)
    for _, name in hidden.get("record", []):
        shown["place"][name] = None
    return shown | {"history": [], "suppressed": "nhs"}


def _suppressed(value: Any) -> Any:
    """Suppress the counts of people anywhere in a record."""
    if isinstance(value, dict):
        return {
            key: _hide_number(item)
            if counts_people(str(key)) and isinstance(item, (int, float))
            else _suppressed(item)
            for key, item in value.items()
        }
    return [_suppressed(item) for item in value] if isinstance(value, list) else value


def _hide_number(value: float) -> float | None:
    count = float(suppress_counts(pd.Series([value])).iloc[0])
    return None if math.isnan(count) else count
