"""Codes that the study names and the data do not have.

Goes in: the study's practices, locks, waivers and spans. Comes out: errors with the nearest
known code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boundaries.checks.words import code_fix
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boundaries.checks.scope import Scope
    from boundaries.study import Lock, Study

__all__ = ["named_problems"]


def named_problems(scope: Scope, study: Study) -> Iterator[Problem]:
    """Yield every code of the study that the place, or the data, does not have."""
    yield from _practices(scope, study)
    pcns = set(scope.pcn_of.dropna())
    for waiver in study.rules.waivers:
        if waiver.pcn not in pcns:
            said = f"A waiver names {waiver.pcn}, which is no PCN of the place."
            yield _unknown(waiver.pcn, "rules.waivers", said, pcns)
    spans = study.rules.spans
    for pcn in sorted(spans) if isinstance(spans, dict) else ():
        if pcn not in pcns:
            said = f"A span names {pcn}, which is no PCN of the place."
            yield _unknown(pcn, "rules.spans", said, pcns)
    for lock in study.locks:
        yield from _lock(lock, scope, pcns)


def _lock(lock: Lock, scope: Scope, pcns: set[str]) -> Iterator[Problem]:
    pcn_of = scope.pcn_of
    practices = set(pcn_of.index)
    every = practices | pcns | set(scope.lsoas.index)
    together = "locks.together" if lock.together else "locks.apart"
    named = [(code, "locks.stays", practices, "practice") for code in lock.stays]
    named += [
        (code, together, every, "LSOA, practice or PCN") for code in lock.together + lock.apart
    ]
    if lock.practice is not None:
        named.append((lock.practice, "locks.practice", practices, "practice"))
    if lock.joins is not None:
        named.append((lock.joins, "locks.joins", pcns, "PCN"))
    for code, key, known, what in named:
        if code not in known:
            said = f"A lock names {code}, which is no {what} of the place."
            yield _unknown(code, key, said, known)
        elif key == "locks.stays" and pcn_of[code] is None:
            said = f"A lock keeps {code} in its PCN, but it has none."
            yield Problem("error", "study", None, code, key, said, "Take it out of the lock.")


def _practices(scope: Scope, study: Study) -> Iterator[Problem]:
    known = scope.practices
    both = set(study.place.include_practices) & set(study.place.exclude_practices)
    for code in sorted(both):
        said = f"{code} is both included and excluded."
        fix = "Keep it in one of the two."
        yield Problem("error", "study", None, code, "place.include_practices", said, fix)
    for code in study.place.include_practices:
        if code not in known.index or known.loc[code, "list_size"] == 0:
            said = f"include_practices names {code}, which has no registered patients."
            registered = known.index[known["list_size"] > 0]
            yield _unknown(code, "place.include_practices", said, registered)
    for code in study.place.exclude_practices:
        if code not in known.index:
            said = f"exclude_practices names {code}, which no file knows."
            yield _unknown(code, "place.exclude_practices", said, known.index)
        elif not known.loc[code, "inside"]:
            said = f"exclude_practices names {code}, which does not stand in the place anyway."
            yield Problem("note", "study", None, code, "place.exclude_practices", said, "Nothing.")


def _unknown(code: str, key: str, said: str, known: Iterable[str]) -> Problem:
    return Problem("error", "study", None, code, key, said, code_fix(code, known))
