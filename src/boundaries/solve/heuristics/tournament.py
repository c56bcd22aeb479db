"""Good plans of a rung by successive halving: short annealing runs of many patterns, longer of few.

Goes in: an `Instance`, its patterns in order of promise, plans known. Comes out: plans that keep
the rules, each under its pattern. Next: `boundaries.solve.branch_and_bound.loop` proves how good
the best one is.

Every promising pattern gets a short run, the best ones a longer one, the best of these the longest
(successive halving, Karnin, Koren and Somekh, ICML 2013). Runs go side by side on the machine's
cores; each has its own seed, so the plans are the same however many cores there are.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.heuristics.annealing import Solution, anneal, round_shares
from boundaries.solve.params import TOURNAMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from boundaries.solve.domains import Domains
    from boundaries.solve.instance import Instance
    from boundaries.solve.params import Limits

__all__ = ["Entrant", "greedy_start", "run_tournament"]


@dataclass(frozen=True)
class Entrant:
    """A pattern in the tournament: where its runs start, and the best plan that they met."""

    pattern: int
    domains: Domains
    start: tuple[NDArray[np.int64], NDArray[np.int64]]
    solution: Solution | None = None

    @property
    def served(self) -> float:
        """People served by the best plan, below zero without one."""
        return -np.inf if self.solution is None else self.solution.served


def run_tournament(  # noqa: PLR0913 - one door
    instance: Instance,
    entrants: Iterable[Entrant],
    limits: Limits,
    generator: np.random.Generator,
    *,
    offer: Callable[[int, Solution | None], None],
    stop: Callable[[], bool],
    extra_round: bool = False,
) -> None:
    """Hold the tournament; offer every plan that is met.

    Parameters
    ----------
    instance
        The place.
    entrants
        Patterns with a plan to start from each; several starts of one pattern may stand there.
    limits
        How many annealing runs, and how long.
    generator
        Source of the seeds.
    offer
        Told the pattern and the plan of every annealing run.
    stop
        Asked between annealing runs.
    extra_round
        Whether there is one more round: what little is left is worth it.
    """
    field = list(entrants)
    if not field:
        return
    rounds = [(*one, limits.promising) for one in TOURNAMENT.rounds]
    if extra_round:
        rounds.append(
            (0.0, TOURNAMENT.last_round, max(1, round(TOURNAMENT.last_share * limits.promising)))
        )
    workers = max(1, min(4, os.cpu_count() or 1))
    with ThreadPoolExecutor(workers) as pool:
        for share, times, least in rounds:
            keep = max(least, round(share * len(field)))
            ranked = sorted(field, key=lambda one: -one.served)[:keep]
            entries = [ranked[turn % len(ranked)] for turn in range(max(keep, len(ranked)))]
            seeds = generator.integers(2**62, size=len(entries)).tolist()
            steps = limits.steps * times

            def go(entry: tuple[Entrant, int], steps: int = steps) -> Solution | None:
                one, seed = entry
                if stop():
                    return None
                chance = np.random.default_rng(seed)
                return anneal(
                    instance,
                    one.domains,
                    one.start,
                    chance,
                    steps=steps,
                    temperature=TOURNAMENT.temperature,
                )

            field = []
            for one, found in zip(
                entries, pool.map(go, zip(entries, seeds, strict=True)), strict=True
            ):
                offer(one.pattern, found)
                better = found if found is not None and found.served > one.served else one.solution
                field.append(Entrant(one.pattern, one.domains, one.start, better))


def greedy_start(instance: Instance, free: Domains) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Put every LSOA where most of its patients' practices are, then mend what is loose.

    A neighbourhood that comes out next to empty (its PCNs are anchored elsewhere too, or are
    everywhere outnumbered) takes a share of a large one: an annealing run never fills an empty one.
    """
    still = free.items & (free.moves == 0)
    settled = np.where(still.any(axis=1)[:, None], still, free.items).astype(float)
    settled /= settled.sum(axis=1, keepdims=True)
    practices = len(instance.practices)
    profit = instance.people[:practices].T @ settled[:practices]
    shares = np.where(free.lsoas, (profit + 1e-3) / (profit.sum(axis=1, keepdims=True) + 1.0), 0.0)
    lsoas = round_shares(instance, shares)
    labels = np.arange(instance.neighbourhoods)
    few = 0.1 * (instance.least + instance.most) / 2
    for label in labels.tolist():
        heads = np.bincount(lsoas, weights=instance.residents, minlength=len(labels))
        if heads[label] < few:
            taken = _share_for(instance, free, shares, lsoas, label)
            lsoas[taken] = label
            lsoas = round_shares(instance, (lsoas[:, None] == labels[None, :]) + 0.01 * shares)
    inside = (lsoas[:, None] == labels[None, :]).astype(float)
    reach = instance.people @ inside
    items = np.where(settled > 0, reach, -np.inf).argmax(axis=1)
    return lsoas, np.asarray(items, dtype=np.int64)


def _share_for(
    instance: Instance,
    free: Domains,
    shares: NDArray[np.float64],
    lsoas: NDArray[np.int64],
    label: int,
) -> list[int]:
    """Return connected LSOAs of a large neighbourhood that suit another one best."""
    heads = np.bincount(lsoas, weights=instance.residents, minlength=instance.neighbourhoods)
    fit = np.zeros(instance.neighbourhoods)  # how well its people are served by the other
    np.add.at(fit, lsoas, np.minimum(shares[:, label], shares[np.arange(len(lsoas)), lsoas]))
    fit[heads < instance.least] *= 0.01
    donor = int(np.argmax(fit + 1e-6 * heads / heads.sum()))
    inside = np.flatnonzero((lsoas == donor) & free.lsoas[:, label])
    if not len(inside):
        return []
    loss = shares[inside, donor] - shares[inside, label]
    liked = inside[loss <= loss.min() + 0.05]
    centre = int(inside[np.argmax(shares[inside, donor])])
    order = _outwards(instance, centre, set(inside.tolist()))
    place = {a: number for number, a in enumerate(order)}
    seed = max(liked.tolist(), key=lambda a: (place.get(a, -1), a))
    taken, people, wanted = [], 0, heads[donor] / 2
    for a in _outwards(instance, seed, set(inside.tolist())):
        if people >= wanted:
            break
        taken.append(a)
        people += int(instance.residents[a])
    return taken


def _outwards(instance: Instance, start: int, inside: set[int]) -> list[int]:
    """Return the LSOAs that hang together with one, by how many borders away they are."""
    order, seen, rim = [start], {start}, [start]
    while rim:
        near = sorted({b for a in rim for b in instance.graph.beside[a] if b in inside} - seen)
        seen.update(near)
        order += near
        rim = near
    return order
