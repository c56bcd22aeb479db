"""What is measured of a plan: every figure of the model, with the rows behind it.

Goes in: a `Place` and a `Plan` (`boundaries.measure.measure_plan`). Comes out: `Measures`.
Next: `boundaries.run`, which writes them. Nothing here knows how the plan was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boundaries.guard import Guarded

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BrokenRule", "Measures"]


@dataclass(frozen=True)
class BrokenRule:
    """A hard rule that a plan does not keep.

    Parameters
    ----------
    rule
        Number of the rule in docs/rules.md (1–8).
    subject
        Neighbourhood, PCN, practice or LSOA concerned.
    said
        The sentence a person reads, with names and numbers.
    """

    rule: int
    subject: str
    said: str


@dataclass(frozen=True, eq=False, repr=False)
class Measures(Guarded):
    """Every measure of one plan.

    Parameters
    ----------
    summary
        By name: neighbourhoods, practices_moved, patients_moved (D1), patients_internal (D1b),
        patients_counted (patients of the place's practices who live in the place),
        misaligned_patients (M1), alignment (0–1), residents_changing_<layer> (Dτ, one a layer),
        bonds_parted (S, in people), pairs_parted (neighbouring pairs in different neighbourhoods),
        line_km (length of the lines between neighbourhoods inside the place), barrier_line_share
        (of that length, along barriers or cut pairs; missing without lines), objective
        (M1 + Σ w Dτ + S), team_interfaces (D6), pcns_dissolved, pcns_under_floor,
        pcns_single_practice (D2; counts of PCNs that are so in the plan and not today),
        pounds_a_year and, when a rate is given, arrs_wte (D3), wards_split,
        residents_in_split_wards, residents_min/_mean/_max, registered_min/_mean/_max,
        resident_distance_m, patient_distance_m, practices_without_point (whose patients are not in
        patient_distance_m), polsby_popper_mean; patients_65_plus and misaligned_65_plus when the
        registrations have ages, or the two with ``_estimate`` behind them when only residents do.
    neighbourhoods
        Index ``neighbourhood``: name, residents, registered (lists of its practices), practices,
        pcns (codes of PCNs anchored in it, "; " between), lsoas, patients_counted,
        misaligned_patients (patients of its practices who live elsewhere in the place), alignment
        (1 − misaligned_patients / patients_counted), residents_registered (patients in the table
        who live in it), residents_registered_inside (those registered with its practices),
        area_km2, polsby_popper (0–1), resident_distance_m, patient_distance_m.
    practices
        Index ``practice_code``: neighbourhood, pcn_code_now, pcn_code_option, moved (bool),
        internal (bool: counted in D1b), list_size, patients_counted, aligned_patients.
    lsoas
        Index ``lsoa_code``: neighbourhood, residents, registered, aligned (registered patients
        whose practice is in the same neighbourhood), changing_<layer> (residents whose team
        changes).
    pcns
        Index ``pcn_code``: anchors ("; " between), practices_now, practices_option, list_now,
        list_option, list_staying, floor, dissolved, under_floor, single_practice (bools),
        internal_neighbourhoods (count that hold a practice of it).
    teams
        Columns layer, team, anchor, residents, residents_changing, neighbourhoods_touched
        (holding 5 % or more of the team's residents).
    quintiles
        Index ``imd_quintile`` (1 is the most deprived fifth): patients, misaligned_patients,
        alignment. Empty when no deprivation was given.
    wards
        Index ``ward_code``: ward_name, residents, neighbourhoods (count), split (bool).
    left_out
        What the objective leaves out: ``teams``, ``bonds``; empty for M1 + Σ w Dτ + S.
    broken
        Hard rules that the plan does not keep; empty for a plan that keeps them all.
    """

    summary: dict[str, float]
    neighbourhoods: pd.DataFrame
    practices: pd.DataFrame
    lsoas: pd.DataFrame
    pcns: pd.DataFrame
    teams: pd.DataFrame
    quintiles: pd.DataFrame
    wards: pd.DataFrame
    broken: tuple[BrokenRule, ...] = ()
    left_out: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        share = self.summary["alignment"]
        return f"Measures({len(self.neighbourhoods)} neighbourhoods, alignment {share:.1%})"
