"""Who lives in one neighbourhood and is registered in another (M1, alignment, M2).

Goes in: a `Place` and a `Plan`. Comes out: patients counted and misaligned, in all and by
practice, LSOA, neighbourhood and deprivation quintile. Next: `boundaries.measure.measure`.

Patients who live outside the place are not counted: they are the same in every plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = [
    "alignment_by_lsoa",
    "alignment_by_neighbourhood",
    "alignment_by_practice",
    "alignment_by_quintile",
    "count_65_plus",
    "link_patients",
]


def link_patients(place: Place, plan: Plan) -> pd.DataFrame:
    """Put the neighbourhoods of home and of practice beside every registration.

    Returns
    -------
    pandas.DataFrame
        The registrations' own rows, with lives_in and sits_in (neighbourhood labels), aligned
        (patients where the two are the same, else 0) and misaligned (the rest).
    """
    linked = place.registrations.reset_index(drop=True)
    lives_in = _look_up(plan.lsoas, linked["lsoa_code"])
    sits_in = _look_up(plan.practices, linked["practice_code"])
    aligned = linked["patients"].where(lives_in == sits_in, 0)
    return linked.assign(
        lives_in=lives_in,
        sits_in=sits_in,
        aligned=aligned,
        misaligned=linked["patients"] - aligned,
    )


def _look_up(labels: pd.Series[str], codes: pd.Series[str]) -> pd.Series[str]:
    found = labels.reindex(codes)
    return pd.Series(found.to_numpy(), index=codes.index)


def alignment_by_practice(place: Place, linked: pd.DataFrame) -> pd.DataFrame:
    """Return each practice's patients living in the place, and those who live where it sits.

    Returns
    -------
    pandas.DataFrame
        Index ``practice_code``; columns patients_counted, aligned_patients (people).
    """
    sums = linked.groupby("practice_code")[["patients", "aligned"]].sum()
    sums = sums.reindex(place.practices.index, fill_value=0)
    return sums.rename(columns={"patients": "patients_counted", "aligned": "aligned_patients"})


def alignment_by_lsoa(place: Place, linked: pd.DataFrame) -> pd.DataFrame:
    """Return each LSOA's registered residents, and those whose practice sits where they live.

    Returns
    -------
    pandas.DataFrame
        Index ``lsoa_code``; columns registered, aligned (people; registered with practices of
        the place only).
    """
    sums = linked.groupby("lsoa_code")[["patients", "aligned"]].sum()
    sums = sums.reindex(place.lsoas.index, fill_value=0)
    return sums.rename(columns={"patients": "registered"})


def alignment_by_neighbourhood(linked: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
    """Return alignment seen from each neighbourhood's practices and from its residents.

    Returns
    -------
    pandas.DataFrame
        Index ``neighbourhood`` in the order of the labels; columns patients_counted and
        misaligned_patients (of its practices), alignment (0–1, missing where nobody is counted),
        residents_registered (patients who live in it) and residents_registered_inside (those
        registered with its practices).
    """
    index = pd.Index(labels, name="neighbourhood")
    sits = linked.groupby("sits_in")[["patients", "misaligned"]].sum().reindex(index, fill_value=0)
    lives = linked.groupby("lives_in")[["patients", "aligned"]].sum().reindex(index, fill_value=0)
    return pd.DataFrame(
        {
            "patients_counted": sits["patients"],
            "misaligned_patients": sits["misaligned"],
            "alignment": share_aligned(sits["misaligned"], sits["patients"]),
            "residents_registered": lives["patients"],
            "residents_registered_inside": lives["aligned"],
        },
        index=index,
    )


def share_aligned(misaligned: pd.Series[int], counted: pd.Series[int]) -> pd.Series[float]:
    """Return 1 − misaligned / counted, missing where nobody is counted."""
    return 1 - misaligned / counted.where(counted > 0)


def alignment_by_quintile(place: Place, linked: pd.DataFrame) -> pd.DataFrame:
    """Return misaligned patients by the deprivation of the LSOA where they live (M2).

    Returns
    -------
    pandas.DataFrame
        Index ``imd_quintile`` (1 is the most deprived fifth); columns patients,
        misaligned_patients, alignment. Empty when no deprivation was given; LSOAs without a
        quintile are left out.
    """
    quintile = place.lsoas["imd_quintile"].reindex(linked["lsoa_code"])
    keys = pd.Series(quintile.to_numpy(), index=linked.index, name="imd_quintile", dtype="Int64")
    sums = linked[["patients", "misaligned"]].groupby(keys).sum()
    sums = sums.rename(columns={"misaligned": "misaligned_patients"})
    return sums.assign(alignment=share_aligned(sums["misaligned_patients"], sums["patients"]))


def count_65_plus(place: Place, linked: pd.DataFrame) -> dict[str, float]:
    """Estimate patients of 65 and over, and those of them who are misaligned (M2), where known.

    Counts of patients by practice and LSOA have no ages. Where residents of 65 and over are known
    by LSOA each practice's patients in an LSOA are taken to be as old as the LSOA's residents, and
    the figures are named estimates. A practice for students, or one that serves care homes, is not.

    Returns
    -------
    dict
        patients_65_plus_estimate and misaligned_65_plus_estimate; nothing where no ages are known.
    """
    known = place.lsoas[place.lsoas["residents"] > 0]
    share = (known["residents_65_plus"] / known["residents"]).reindex(linked["lsoa_code"])
    if share.isna().all():
        return {}
    people = linked["patients"] * share.fillna(0).to_numpy(dtype=float)
    return {
        "patients_65_plus_estimate": float(people.sum()),
        "misaligned_65_plus_estimate": float(people[linked["misaligned"] > 0].sum()),
    }
