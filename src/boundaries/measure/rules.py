"""The hard rules of a plan, checked from the plan alone.

Goes in: a `Place`, a `Plan`, its anchors, the study's rules and locks. Comes out: every rule that
does not hold, in words with names and numbers. Next: `boundaries.measure.referee`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from boundaries.measure.locks import broken_locks
from boundaries.measure.measures import BrokenRule
from boundaries.measure.names import name_neighbourhoods
from boundaries.measure.pieces import find_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boundaries.measure.anchors import Anchors
    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.study import Study

__all__ = ["find_broken_rules"]


def find_broken_rules(
    place: Place,
    plan: Plan,
    *,
    study: Study,
    anchors: Anchors,
    waived: frozenset[int] = frozenset(),
    names: Mapping[str, str] | None = None,
) -> tuple[BrokenRule, ...]:
    """Return every hard rule that a plan does not keep, in the order of the rules.

    Rules and their numbers are those of docs/rules.md. A plan that leaves out codes of the place,
    or names others, cannot be measured at all (see `boundaries.measure.cover`).

    Parameters
    ----------
    study
        Its rules and locks count.
    anchors
        Anchors of the PCNs, from `boundaries.measure.anchors.choose_anchors`.
    waived
        Numbers of rules that need not hold.
    names
        What people call the neighbourhoods, by label; by default names of wards.
    """
    given = {**name_neighbourhoods(place, plan), **(names or {})}
    names = {
        label: label if given[label] == label else f"Neighbourhood {label} ({given[label]})"
        for label in plan.neighbourhoods
    }
    found = [
        *_empty(plan, names),
        *_in_pieces(place, plan, names),
        *_sizes(place, plan, study, names),
        *_counts(plan, study),
        *_crossing(place, plan, study, names),
        *_without_anchor(anchors, names),
        *_under_floor(place, plan, anchors),
        *(
            BrokenRule(8, subject, said)
            for subject, said in broken_locks(place, plan, locks=study.locks, anchors=anchors)
        ),
    ]
    return tuple(broken for broken in found if broken.rule not in waived)


def _empty(plan: Plan, names: dict[str, str]) -> Iterator[BrokenRule]:
    with_lsoas, with_practices = set(plan.lsoas), set(plan.practices)
    for label, name in names.items():
        if label not in with_lsoas:
            yield BrokenRule(1, label, f"{name} has no LSOA.")
        if label not in with_practices:
            yield BrokenRule(1, label, f"{name} has no practice.")


def _in_pieces(place: Place, plan: Plan, names: dict[str, str]) -> Iterator[BrokenRule]:
    """Look for neighbourhoods in several pieces, whether or not the place is in pieces itself."""
    found = find_pieces(plan.lsoas, place.neighbours)
    for label, name in names.items():
        pieces = found.get(label, [])
        if len(pieces) > 1:
            sizes = ", ".join(str(len(part)) for part in pieces)
            loose = ", ".join(part[0] for part in pieces[1:4])
            yield BrokenRule(
                2,
                label,
                f"{name} is in {len(pieces)} pieces: {sizes} LSOAs; "
                f"apart from the largest lie e.g. {loose}.",
            )


def _sizes(place: Place, plan: Plan, study: Study, names: dict[str, str]) -> Iterator[BrokenRule]:
    people = place.lsoas["residents"]
    low, high = study.rules.residents_limits(int(people.sum()), len(names))
    least, most = study.rules.counts
    when = "" if least == len(names) == most else f" with {len(names)} neighbourhoods"
    sums = people.groupby(plan.lsoas.reindex(people.index)).sum()
    for label, name in names.items():
        count = int(sums.get(label, 0))
        if not low <= count <= high:
            side = (
                f"{low - count:,} under the least{when}, {low:,}"
                if count < low
                else f"{count - high:,} over the most{when}, {high:,}"
            )
            yield BrokenRule(3, label, f"{name} has {count:,} residents: {side}.")


def _counts(plan: Plan, study: Study) -> Iterator[BrokenRule]:
    least, most = study.rules.counts
    count = len(plan.neighbourhoods)
    if not least <= count <= most:
        wish = f"{least}" if least == most else f"{least} to {most}"
        yield BrokenRule(4, "", f"The plan has {count} neighbourhoods; the study asks for {wish}.")


def _crossing(
    place: Place, plan: Plan, study: Study, names: dict[str, str]
) -> Iterator[BrokenRule]:
    if study.rules.nest_in != "borough":
        return
    labels, known = plan.lsoas.reindex(place.lsoas.index), place.boroughs["borough_name"]
    for label, codes in place.lsoas["borough_code"].groupby(labels):
        boroughs = [f"{known.get(code, code)} ({code})" for code in sorted(set(codes))]
        if len(boroughs) > 1:
            said = f"{names[str(label)]} crosses boroughs: {', '.join(boroughs)}."
            yield BrokenRule(5, str(label), said)


def _without_anchor(anchors: Anchors, names: dict[str, str]) -> Iterator[BrokenRule]:
    anchored = {label for labels in anchors.values() for label in labels}
    for label, name in names.items():
        if label not in anchored:
            yield BrokenRule(6, label, f"No PCN is based in {name}.")


def _under_floor(place: Place, plan: Plan, anchors: Anchors) -> Iterator[BrokenRule]:
    pcn_of = place.practices["pcn_code"]
    label_of = plan.practices.reindex(pcn_of.index)
    staying = pd.Series(
        [isinstance(pcn, str) and label in anchors[pcn]
         for pcn, label in zip(pcn_of, label_of, strict=True)],
        index=pcn_of.index, dtype=bool,
    )  # fmt: skip
    lists = place.practices["list_size"][staying].groupby(pcn_of[staying]).sum()
    for pcn, row in place.pcns.iterrows():
        left = int(lists.get(str(pcn), 0)) + int(row["list_outside"])
        if left < int(row["floor"]):
            yield BrokenRule(
                7,
                str(pcn),
                f"The practices that stay in {row['pcn_name']} have {left:,} patients: "
                f"under its floor, {int(row['floor']):,}.",
            )
