"""The change list of an option: which practice goes where, and why, in one plain sentence.

Goes in: a `Place`, a `Plan` and its `Measures`. Comes out: one row a moved practice.
Next: `boundaries.run` writes ``moves.csv``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from boundaries.measure.alignment import link_patients

if TYPE_CHECKING:
    from collections.abc import Hashable

    from boundaries.measure.measures import Measures
    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = ["Today", "list_moves"]

_COLUMNS = (
    "practice_code", "practice_name", "pcn_code_from", "pcn_name_from", "pcn_code_to",
    "pcn_name_to", "neighbourhood", "neighbourhood_if_stayed", "list_size", "patients_inside",
    "patients_there", "patients_if_stayed", "patients_gained", "patients_today_from",
    "patients_today_to", "why",
)  # fmt: skip


class Today(NamedTuple):
    """Today's areas, which no option has drawn: what a move's reason is held against.

    Parameters
    ----------
    plan, measures
        Today's areas put together into as many as the option has, else today's own.
    called
        What the areas are called in a sentence.
    """

    plan: Plan
    measures: Measures
    called: str = "today’s areas"


def list_moves(
    place: Place, plan: Plan, measures: Measures, *, today: Today | None = None
) -> pd.DataFrame:
    """List the practices that change PCN, with what each move gains.

    Parameters
    ----------
    today
        Today's areas; without them the reasons are the option's own only.

    Returns
    -------
    pandas.DataFrame
        Columns practice_code, practice_name, pcn_code_from, pcn_name_from, pcn_code_to,
        pcn_name_to (missing where no PCN is anchored), neighbourhood, neighbourhood_if_stayed,
        list_size, patients_inside, patients_there, patients_if_stayed, patients_gained,
        patients_today_from, patients_today_to and why; sorted by practice. Every figure in why
        stands in a column of its row.

    Notes
    -----
    All are people. neighbourhood_if_stayed: of the anchors of its PCN, the one where most of its
    patients live. patients_inside: those of its list who live in the place; patients_there and
    patients_if_stayed: those who live in the one neighbourhood and in the other. patients_gained
    is their difference: misaligned patients if this practice alone stayed, less those of the plan.
    LSOAs stay as they are in both, so it may be below nought for a move that lets others gain.
    patients_today_from and patients_today_to: those who live in today's area of the PCN that it
    leaves, and of the one that it joins. The option's own lines follow its moves, so its figures
    alone would be a reason that runs in a circle. Missing without today's areas.
    """
    linked = link_patients(place, plan)
    moved = measures.practices[measures.practices["moved"]]
    rows = [_move(place, measures, linked, str(code), today) for code in moved.index]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    return frame.astype({"patients_today_from": "Int64", "patients_today_to": "Int64"})


def _move(
    place: Place, measures: Measures, linked: pd.DataFrame, code: str, today: Today | None
) -> dict[str, Any]:
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
    before = _before(own, pcn_from, pcn_to, today)
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
        "patients_today_from": before.get(pcn_from),
        "patients_today_to": before.get(pcn_to),
        "why": _why(living, (here, stays), words=(place.name, str(pcn_names[pcn_from]), names))
        + ("" if isinstance(pcn_to, str) else " No PCN is based where it goes.")
        + _why_today(before, pcn_from, pcn_to, today, pcn_names),
    }


def _before(
    own: pd.DataFrame, pcn_from: str, pcn_to: object, today: Today | None
) -> dict[object, int]:
    """Return how many of a practice's patients live in today's area of each of two PCNs."""
    if today is None:
        return {}
    labels = today.plan.lsoas.reindex(own["lsoa_code"]).to_numpy()
    living = own["patients"].groupby(labels).sum()
    return {
        pcn: int(living[living.index.isin(_areas(today, pcn))].sum())
        for pcn in (pcn_from, pcn_to)
        if isinstance(pcn, str)
    }


def _areas(today: Today, pcn: str) -> list[str]:
    return str(today.measures.pcns["anchors"].get(pcn, "")).split("; ")


def _why_today(
    before: dict[object, int],
    pcn_from: str,
    pcn_to: object,
    today: Today | None,
    names: dict[Hashable, Any],
) -> str:
    """Say the same of today's areas, so that the reason does not rest on the option's own lines."""
    if today is None:
        return ""
    own = f"{before[pcn_from]:,}"
    if not isinstance(pcn_to, str):
        return f" On {today.called}, {own} live in that of {names[pcn_from]}."
    if _areas(today, pcn_from) == _areas(today, pcn_to):
        both = f"{names[pcn_from]} and {names[pcn_to]}"
        return f" On {today.called}, {both} share one, where {own} of them live."
    return (
        f" On {today.called}, {own} live in that of {names[pcn_from]} and {before[pcn_to]:,} in "
        f"that of {names[pcn_to]}."
    )


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
