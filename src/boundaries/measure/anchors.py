"""The anchor neighbourhoods of PCNs, which practices move, and which PCN they join.

Goes in: a `Place` and a `Plan`. Comes out: anchors by PCN, moved practices, PCNs joined.
Next: `boundaries.measure.disruption`.

Anchors are not part of a plan: they follow from it. Of all anchors that keep the rules (every
neighbourhood is an anchor, no PCN falls under its floor, locks hold), those with the fewest moved
practices are taken, then fewest patients moved, then fewest anchors, then most patients of the
PCN living in its anchors; last, the first neighbourhoods. A PCN may be anchored where none of its
practices sits. When the rules cannot all be met, or only with more moves than allowed, the anchors
with the fewest moves are taken and the rules that they break are reported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boundaries.measure.alignment import link_patients
from boundaries.measure.anchor_search import Anchoring, Holding, fewest_moves, search_anchors
from boundaries.measure.locks import kind_of, label_of, ties_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.measure.anchor_search import Arc, Sets
    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.study import Lock

__all__ = ["COVER_RULE", "FLOOR_RULE", "LOCK_RULE", "Anchors", "choose_anchors", "find_moves"]

COVER_RULE, FLOOR_RULE, LOCK_RULE = 6, 7, 8

Anchors = dict[str, tuple[str, ...]]
"""Neighbourhood labels by PCN code, both in their order."""


def choose_anchors(
    place: Place,
    plan: Plan,
    *,
    locks: Iterable[Lock] = (),
    waived: frozenset[int] = frozenset(),
    allowed_moves: int | None = None,
) -> Anchors:
    """Choose each PCN's anchor neighbourhoods from the plan alone.

    Parameters
    ----------
    locks
        The study's locks.
    waived
        Numbers of rules that need not hold (6, 7 and 8 bear on anchors).
    allowed_moves
        When keeping the rules needs more moved practices than this, the fewest moves win.

    Returns
    -------
    dict
        PCN code to the labels of its anchors: one, or up to its span.
    """
    plain = _problem(place, plan, waived)
    problem = plain if LOCK_RULE in waived else _with_locks(plain, place, plan, locks)
    sets = None if problem is None else search_anchors(problem)
    if sets is None or (allowed_moves is not None and _moved(plain, sets) > allowed_moves):
        sets = fewest_moves(plain)
    labels = plan.neighbourhoods
    return {
        str(pcn): tuple(labels[k] for k in sorted(chosen))
        for pcn, chosen in zip(place.pcns.index, sets, strict=True)
    }


def _problem(place: Place, plan: Plan, waived: frozenset[int]) -> Anchoring:
    pcn = place.practices["pcn_code"]
    labels = plan.neighbourhoods
    one = pd.Series(1, index=pcn.index)
    practices = _table(one, pcn, plan.practices, place.pcns.index, labels)
    lists = place.practices["list_size"]
    patients = _table(lists, pcn, plan.practices, place.pcns.index, labels)
    linked = link_patients(place, plan)
    pcn_of = pd.Series(pcn.reindex(linked["practice_code"]).to_numpy(), index=linked.index)
    living = _table(linked["patients"], pcn_of, linked["lives_in"], place.pcns.index, labels)
    floors = place.pcns["floor"] - place.pcns["list_outside"]
    if FLOOR_RULE in waived:
        floors = floors * 0
    holdings = tuple(
        Holding(tuple(practices[c]), tuple(patients[c]), tuple(living[c]), int(span), int(floor))
        for c, (span, floor) in enumerate(zip(place.pcns["span"], floors, strict=True))
    )
    return Anchoring(holdings, len(labels), cover=COVER_RULE not in waived)


def _table(
    amounts: pd.Series[int],
    rows: pd.Series[str],
    columns: pd.Series[str],
    row_codes: pd.Index[str],
    column_labels: tuple[str, ...],
) -> list[list[int]]:
    """Sum amounts by PCN and neighbourhood; amounts without a PCN are left out."""
    at_row = row_codes.get_indexer(pd.Index(rows))
    at_column = pd.Index(column_labels).get_indexer(pd.Index(columns))
    known = at_row >= 0
    sums = np.zeros((len(row_codes), len(column_labels)), dtype=np.int64)
    np.add.at(sums, (at_row[known], at_column[known]), amounts.to_numpy()[known])
    return [[int(value) for value in row] for row in sums]


def _moved(problem: Anchoring, sets: Sets) -> int:
    return sum(
        sum(holding.practices) - sum(holding.practices[k] for k in chosen)
        for holding, chosen in zip(problem.holdings, sets, strict=True)
    )


def _with_locks(
    problem: Anchoring, place: Place, plan: Plan, locks: Iterable[Lock]
) -> Anchoring | None:
    """Add what locks ask of anchors; None when a lock cannot hold whatever the anchors."""
    labels = {label: k for k, label in enumerate(plan.neighbourhoods)}
    pcns = {str(code): c for c, code in enumerate(place.pcns.index)}
    arcs: dict[bool, set[Arc]] = {True: set(), False: set()}
    pairs: dict[bool, list[Arc]] = {True: [], False: []}
    for _, tie in ties_of(locks, place):
        kinds = [kind_of(code, place) for code in tie[:2]]
        if "unknown" in kinds:
            return None
        if kinds == ["pcn", "pcn"]:
            pairs[tie.together].append((pcns[tie.one], pcns[tie.other]))
        elif "pcn" in kinds:
            pcn, sitting = (tie.one, tie.other) if kinds[0] == "pcn" else (tie.other, tie.one)
            arcs[tie.together].add((pcns[pcn], labels[label_of(sitting, plan)]))
        elif (label_of(tie.one, plan) == label_of(tie.other, plan)) != tie.together:
            return None
    return replace(
        problem,
        inside=frozenset(arcs[True]),
        outside=frozenset(arcs[False]),
        together=tuple(pairs[True]),
        apart=tuple(pairs[False]),
    )


def find_moves(place: Place, plan: Plan, anchors: Anchors) -> pd.DataFrame:
    """Say of every practice whether it moves, and the PCN it is in then.

    A practice moves when it sits where its PCN is not anchored. It joins, of the PCNs anchored
    where it sits, the one whose patients live most where its own do: the largest sum over LSOAs
    of its patients × the PCN's patients; ties by PCN code.

    Returns
    -------
    pandas.DataFrame
        Index ``practice_code``; columns pcn_code_now, pcn_code_option (missing for a practice
        without a PCN, and for one that moves where no PCN is anchored), moved (bool).
    """
    now = place.practices["pcn_code"]
    stays = [
        not isinstance(pcn, str) or label in anchors[pcn]
        for pcn, label in zip(now, plan.practices.reindex(now.index), strict=True)
    ]
    frame = pd.DataFrame({"pcn_code_now": now, "pcn_code_option": now}, index=now.index)
    frame = frame.assign(moved=[not stay for stay in stays])
    joined = _joined(place, plan, anchors, list(frame.index[frame["moved"]]))
    option = [
        joined.get(code, pcn)
        for code, pcn in zip(frame.index, frame["pcn_code_option"], strict=True)
    ]
    return frame.assign(pcn_code_option=pd.Series(option, index=frame.index, dtype=now.dtype))


def _joined(place: Place, plan: Plan, anchors: Anchors, moved: list[str]) -> dict[str, str | None]:
    """Return the PCN that each moved practice joins; None where no PCN is anchored."""
    if not moved:
        return {}
    rows = place.registrations
    pcn_of = place.practices["pcn_code"].reindex(rows["practice_code"]).to_numpy()
    by_pcn = rows.assign(pcn=pcn_of).groupby(["pcn", "lsoa_code"])["patients"].sum()
    joined: dict[str, str | None] = {}
    for practice in moved:
        own = rows.loc[rows["practice_code"] == practice].set_index("lsoa_code")["patients"]
        here = [pcn for pcn in anchors if plan.practices[practice] in anchors[pcn]]
        scores = {pcn: int((own * by_pcn[pcn].reindex(own.index, fill_value=0)).sum())
                  for pcn in here if pcn in by_pcn}  # fmt: skip
        joined[practice] = min(here, key=lambda pcn: (-scores.get(pcn, 0), pcn), default=None)
    return joined
