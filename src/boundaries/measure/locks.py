"""What the study's locks ask of a plan and of its anchors (rule 8).

Goes in: locks, a `Place`, a `Plan`. Comes out: which anchors they ask for, and which locks do not
hold. Next: `boundaries.measure.anchors` and `boundaries.measure.rules`.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boundaries.measure.anchors import Anchors
    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.study import Lock

__all__ = ["Tie", "broken_locks", "ties_of"]

Kind = Literal["sits", "pcn", "unknown"]


class Tie(NamedTuple):
    """Two codes that must be together, or apart."""

    one: str
    other: str
    together: bool


def ties_of(locks: Iterable[Lock], place: Place) -> Iterator[tuple[Lock, Tie]]:
    """Yield every pair that the locks tie; ``stays`` is a practice together with its own PCN."""
    for lock in locks:
        if lock.joins and lock.practice:
            yield lock, Tie(lock.practice, lock.joins, together=True)
        for practice in lock.stays:
            yield lock, Tie(practice, _own_pcn(place, practice), together=True)
        for one, other in combinations(lock.together, 2):
            yield lock, Tie(one, other, together=True)
        for one, other in combinations(lock.apart, 2):
            yield lock, Tie(one, other, together=False)


def _own_pcn(place: Place, practice: str) -> str:
    """Return its PCN's code, or an empty text (which is no PCN) when it has none."""
    code = place.practices["pcn_code"].get(practice)
    return code if isinstance(code, str) else ""


def kind_of(code: str, place: Place) -> Kind:
    """Say whether a code sits in a neighbourhood (LSOA, practice), is a PCN, or is unknown."""
    if code in place.lsoas.index or code in place.practices.index:
        return "sits"
    return "pcn" if code in place.pcns.index else "unknown"


def label_of(code: str, plan: Plan) -> str:
    """Return the neighbourhood of an LSOA or a practice."""
    series = plan.lsoas if code in plan.lsoas.index else plan.practices
    return str(series.loc[code])


def broken_locks(
    place: Place, plan: Plan, *, locks: Iterable[Lock], anchors: Anchors
) -> list[tuple[str, str]]:
    """Return the subject and the sentence of every tie that does not hold."""
    broken = []
    for lock, tie in ties_of(locks, place):
        said = _fault(place, plan, tie, anchors)
        if said:
            reason = f" Reason for the lock: {lock.reason}" if lock.reason else ""
            broken.append((tie.one, said + reason))
    return broken


def _fault(place: Place, plan: Plan, tie: Tie, anchors: Anchors) -> str:
    if not tie.other:
        return f"{tie.one} must stay in its PCN, but the place has no PCN for it."
    unknown = [code for code in tie[:2] if kind_of(code, place) == "unknown"]
    if unknown:
        return f"A lock names {' and '.join(unknown)}, not in {place.name}."
    places = [_neighbourhoods(code, place, plan, anchors) for code in tie[:2]]
    shared = sorted(places[0] & places[1])
    if bool(shared) == tie.together:
        return ""
    wish = "together" if tie.together else "apart"
    sits = [f"{code} in {', '.join(sorted(where)) or 'none'}"
            for code, where in zip(tie[:2], places, strict=True)]  # fmt: skip
    return f"{tie.one} and {tie.other} must be {wish}: {sits[0]}; {sits[1]}."


def _neighbourhoods(code: str, place: Place, plan: Plan, anchors: Anchors) -> set[str]:
    if kind_of(code, place) == "pcn":
        return set(anchors.get(code, ()))
    return {label_of(code, plan)}
