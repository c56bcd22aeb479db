"""Why no plan can keep the rules: the smallest set of rules and locks that clash, in words.

Goes in: `Place` and the study's rules and locks, for a count of neighbourhoods without any plan.
Comes out: sentences with names and numbers, and the smallest band of residents that works where
the band is part of the clash. Next: `boundaries.solve.ladder` raises them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.branch_and_bound.loop import begin_ladder, solve_rung
from boundaries.solve.instance import make_instance
from boundaries.solve.params import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.place import Place
    from boundaries.solve.instance import Instance
    from boundaries.study import Lock, Study

__all__ = ["explain_infeasibility"]

_LIMITS = Limits(work=6.0, steps=5_000, wide=30, promising=3, maps=1.0)
_BANDS = (0.30, 0.35, 0.40, 0.50, 0.60, 0.75, 0.90)


@dataclass(frozen=True)
class _Held:
    """Which rules and locks are held."""

    band: bool
    floors: bool
    nest: bool
    still: bool
    locks: tuple[Lock, ...]


def explain_infeasibility(
    place: Place, study: Study, *, neighbourhoods: int, stop: Callable[[], bool]
) -> tuple[str, ...]:
    """Return sentences that say which rules and locks cannot hold together.

    Parameters
    ----------
    place, study
        The place, and the study whose rules nothing can keep.
    neighbourhoods
        How many neighbourhoods were asked for.
    stop
        Asked between trials; True ends them with what is known.
    """
    instance = make_instance(place, study.rules, neighbourhoods=neighbourhoods, locks=study.locks)
    simple = _too_few_anchors(instance)
    if simple:
        return (simple,)
    held = _Held(
        band=True,
        floors=bool((instance.floor > 0).any()) and study.options.max_moves > 0,
        nest=study.rules.nest_in is not None,
        still=True,
        locks=tuple(study.locks),
    )
    if not _impossible(place, study, neighbourhoods, held, stop):
        said = "no plan was found in the work allowed, but none is proven impossible"
        return (f"{neighbourhoods} neighbourhoods: {said}. Ask for more effort.",)
    for part in _wishes(held):
        fewer = _without(held, part)
        if fewer != held and _impossible(place, study, neighbourhoods, fewer, stop):
            held = fewer
    sentences = [_sentence(instance, study, held)]
    if held.band:
        sentences.append(_smallest_band(place, study, neighbourhoods, held, stop))
    return tuple(text for text in sentences if text)


def _too_few_anchors(instance: Instance) -> str:
    most = int(instance.span.sum())
    if most >= instance.neighbourhoods:
        return ""
    return (
        f"{instance.neighbourhoods} neighbourhoods are asked for, but the {len(instance.pcns)} "
        f"PCNs may be anchored in {most} at most, and every neighbourhood needs one: ask for "
        f"{most} or fewer, or give a large PCN a wider span."
    )


def _wishes(held: _Held) -> list[str | Lock]:
    return ["floors", "nest", *held.locks, "still", "band"]


def _without(held: _Held, part: str | Lock) -> _Held:
    return _Held(
        band=held.band and part != "band",
        floors=held.floors and part != "floors",
        nest=held.nest and part != "nest",
        still=held.still and part != "still",
        locks=tuple(lock for lock in held.locks if lock is not part),
    )


def _impossible(
    place: Place,
    study: Study,
    neighbourhoods: int,
    held: _Held,
    stop: Callable[[], bool],
    band: float | None = None,
) -> bool:
    """Whether it is proven that no plan keeps the rules held."""
    rules = study.rules
    if band is not None:
        rules = rules.model_copy(update={"residents_band": band, "residents": None})
    if not held.nest:
        rules = rules.model_copy(update={"nest_in": None})
    instance = make_instance(place, rules, neighbourhoods=neighbourhoods, locks=held.locks)
    if not held.band:
        instance = replace(instance, least=1, most=int(instance.residents.sum()))
    if not held.floors:
        instance = replace(instance, floor=np.zeros_like(instance.floor))
    shared = begin_ladder(instance)
    moves = study.options.max_moves if held.still else len(instance.practices)
    rung = solve_rung(
        shared, moves, limits=_LIMITS, generator=np.random.default_rng(1), stop=stop, first=True
    )
    return rung.solution is None and rung.proven


def _sentence(instance: Instance, study: Study, held: _Held) -> str:
    clashing = []
    if held.band:
        clashing.append(
            f"{instance.least:,} to {instance.most:,} residents in each of "
            f"{instance.neighbourhoods} neighbourhoods"
        )
    if held.still:
        moves = study.options.max_moves
        clashing.append(f"at most {moves} practices moving" if moves else "no practice moving")
    if held.floors:
        clashing.append("no PCN under its floor")
    if held.nest:
        clashing.append("no neighbourhood across a borough's edge")
    clashing += [_lock_words(lock) for lock in held.locks]
    pieces = int(instance.graph.piece.max(initial=0)) + 1
    if pieces > 1:
        clashing.append(f"no neighbourhood in two of the {pieces} pieces that the place is in")
    if not clashing:
        return "No plan exists: the place cannot be cut into connected neighbourhoods like this."
    if len(clashing) == 1:
        return f"This cannot be kept: {clashing[0]}."
    return f"These cannot all be kept: {'; '.join(clashing)}. Let go of any one of them."


def _lock_words(lock: Lock) -> str:
    reason = f" ({lock.reason})" if lock.reason else ""
    if lock.stays:
        return f"the lock that {', '.join(lock.stays)} stays{reason}"
    if lock.joins:
        return f"the lock that {lock.practice} joins {lock.joins}{reason}"
    if lock.together:
        return f"the lock that {', '.join(lock.together)} are together{reason}"
    return f"the lock that {', '.join(lock.apart)} are apart{reason}"


def _smallest_band(
    place: Place, study: Study, neighbourhoods: int, held: _Held, stop: Callable[[], bool]
) -> str:
    """Return the first wider band that is not proven impossible."""
    for band in _BANDS:
        if study.rules.residents is None and band <= study.rules.residents_band:
            continue
        if not _impossible(place, study, neighbourhoods, held, stop, band=band):
            mean = int(place.lsoas["residents"].sum()) / neighbourhoods
            return (
                f"With the rest kept, a band of ±{band:.0%} is the first tried that may work: "
                f"{mean * (1 - band):,.0f} to {mean * (1 + band):,.0f} residents."
            )
    return ""
