"""The change list of an option: which practice goes where, and why, in one plain sentence.

Goes in: a `Place`, a `Plan` and its `Measures`. Comes out: one row a moved practice.
Next: `boundaries.run` writes ``moves.csv``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from boundaries.measure.alignment import link_patients

if TYPE_CHECKING:
    from collections.abc import Hashable

    from boundaries.measure.measures import Measures
    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = ["list_moves"]

_COLUMNS = (
    "practice_code", "practice_name", "pcn_code_from", "pcn_name_from", "pcn_code_to",
    "pcn_name_to", "neighbourhood", "neighbourhood_if_stayed", "list_size", "patients_inside",
    "patients_there", "patients_if_stayed", "patients_gained", "why",
)  # fmt: skip


def list_moves(place: Place, plan: Plan, measures: Measures) -> pd.DataFrame:
    """List the practices that change PCN, with what each move gains.

    Returns
    -------
    pandas.DataFrame
        Columns practice_code, practice_name, pcn_code_from, pcn_name_from, pcn_code_to,
        pcn_name_to (missing where no PCN is anchored), neighbourhood, neighbourhood_if_stayed,
        list_size, patients_inside, patients_there, patients_if_stayed, patients_gained and why;
        sorted by practice. Every figure in why stands in a column of its row.

    Notes
    -----
    All are people. neighbourhood_if_stayed: of the anchors of its PCN, the one where most of its
    patients live. patients_inside: those of its list who live in the place; patients_there and
    patients_if_stayed: those who live in the one neighbourhood and in the other. patients_gained
    is their difference: misaligned patients if this practice alone stayed, less those of the plan.
    LSOAs stay as they are in both, so it may be below nought for a move that lets others gain.
    """
    linked = link_patients(place, plan)
    moved = measures.practices[measures.practices["moved"]]
    rows = [_move(place, measures, linked, str(code)) for code in moved.index]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _move(place: Place, measures: Measures, linked: pd.DataFrame, code: str) -> dict[str, Any]:
    practice = measures.practices.loc[code].to_dict()
    pcn_names = place.pcns["pcn_name"].to_dict()
    own = linked[linked["practice_code"] == code]
    living = own.groupby("lives_in")["patients"].sum()
    pcn_from, pcn_to = practice["pcn_code_now"], practice["pcn_code_option"]
    pcns = measures.neighbourhoods["pcns"]
    anchors = [str(label) for label in pcns.index if pcn_from in pcns[label].split("; ")]
    stays = max(anchors, key=lambda label: int(living.get(label, 0)))
    here = str(practice["neighbourhood"])
    there, stayed = (int(living.get(label, 0)) for label in (here, stays))
    names = measures.neighbourhoods["name"].to_dict()
    return {
        "practice_code": code,
        "practice_name": place.practices.loc[code, "practice_name"],
        "pcn_code_from": pcn_from,
        "pcn_name_from": pcn_names[pcn_from],
        "pcn_code_to": pcn_to,
        "pcn_name_to": pcn_names.get(pcn_to),
        "neighbourhood": here,
        "neighbourhood_if_stayed": stays,
        "list_size": int(practice["list_size"]),
        "patients_inside": int(living.sum()),
        "patients_there": there,
        "patients_if_stayed": stayed,
        "patients_gained": there - stayed,
        "why": _why(living, (here, stays), words=(place.name, str(pcn_names[pcn_from]), names))
        + ("" if isinstance(pcn_to, str) else " No PCN is based where it goes."),
    }


def _why(
    living: pd.Series[int],
    where: tuple[str, str],
    *,
    words: tuple[str, str, dict[Hashable, Any]],
) -> str:
    """Say where the practice's patients live, with the figures."""
    here, there = (int(living.get(label, 0)) for label in where)
    place, pcn, names = words
    said = (
        f"{here:,} of its {int(living.sum()):,} patients living in {place} live in "
        f"{names[where[0]]}; {there:,} live in {names[where[1]]}, where {pcn} is based."
    )
    if here < there:
        said += f" Taken alone, the move aligns {there - here:,} patients fewer."
    return said
