"""Good plans fast: annealing on LSOAs and items, always connected, under one pattern of anchors.

Goes in: `Instance`, `Domains`, a plan to start from, and a generator. Comes out: the best plan
found that keeps every rule, or None. Next: `boundaries.solve.lp.branch_and_cut` proves how good it
is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.graph import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.domains import Domains
    from boundaries.solve.instance import Instance

__all__ = [
    "Solution",
    "anneal",
    "disruption",
    "keeps_rules",
    "room_of",
    "round_shares",
    "served_people",
    "with_teams",
]


@dataclass(frozen=True)
class Solution:
    """A plan as arrays: neighbourhood of every LSOA and item, and the people it serves."""

    lsoas: NDArray[np.int64]
    items: NDArray[np.int64]
    served: float


def served_people(instance: Instance, lsoas: NDArray[np.int64], items: NDArray[np.int64]) -> float:
    """Return how many people are in the same neighbourhood as their item, less bonds parted."""
    together = float((instance.people * (items[:, None] == lsoas[None, :])).sum())
    return together - instance.graph.parted(lsoas)


_TOUCHED = 0.05
"""Share of a team's residents from which a neighbourhood counts as an interface of the team."""


def disruption(instance: Instance, domains: Domains, found: Solution) -> tuple[int, int]:
    """Return what settles a tie: patients of practices that move, and interfaces of teams."""
    practices = len(instance.practices)
    moved = domains.moves[np.arange(practices), found.items[:practices]] == 1
    inside = found.lsoas[:, None] == np.arange(instance.neighbourhoods)[None, :]
    teams = instance.people[practices:]
    held = teams @ inside.astype(float) >= _TOUCHED * teams.sum(axis=1, keepdims=True)
    return int(instance.list_size[moved].sum()), int(held.sum()) - len(teams)


def with_teams(instance: Instance, found: Solution) -> Solution:
    """Return a plan with every team where most of its people are (the first of equals)."""
    practices = len(instance.practices)
    if practices == len(found.items):
        return found
    inside = (found.lsoas[:, None] == np.arange(instance.neighbourhoods)[None, :]).astype(float)
    items = found.items.copy()
    items[practices:] = (instance.people[practices:] @ inside).argmax(axis=1)
    return Solution(found.lsoas, items, served_people(instance, found.lsoas, items))


def keeps_rules(
    instance: Instance, domains: Domains, lsoas: NDArray[np.int64], items: NDArray[np.int64]
) -> bool:
    """Whether a plan keeps every rule under the anchors of a pattern."""
    count = instance.neighbourhoods
    practices = items[: len(instance.practices)]
    heads = np.bincount(lsoas, weights=instance.residents, minlength=count)
    everyone = len(np.unique(lsoas)) == count == len(np.unique(practices))
    allowed = (
        domains.lsoas[np.arange(len(lsoas)), lsoas].all()
        and domains.items[np.arange(len(items)), items].all()
    )
    if heads.min() < instance.least or heads.max() > instance.most or not (everyone and allowed):
        return False
    moved = domains.moves[np.arange(len(items)), items][: len(practices)] == 1
    if moved.sum() > domains.allowed_moves or not _keeps_floors(instance, moved):
        return False
    where = np.concatenate([lsoas, practices])
    if any((where[a] == where[b]) != together for a, b, together in instance.links.points):
        return False
    return _keeps_shape(instance, lsoas)


def room_of(instance: Instance) -> NDArray[np.int64]:
    """Return the list size that may leave each PCN before it is under its floor; −1 for any."""
    if not instance.anchored:
        return np.full(len(instance.pcns), -1, dtype=np.int64)
    today = instance.outside + _lists_of(instance, instance.pcn_of >= 0)
    return np.where(instance.floor > 0, np.maximum(0, today - instance.floor), -1)


def _lists_of(instance: Instance, some: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the list size of some practices by PCN; each of them has one."""
    lists = np.zeros(len(instance.pcns), dtype=np.int64)
    np.add.at(lists, instance.pcn_of[some], instance.list_size[some])
    return lists


def _keeps_floors(instance: Instance, moved: NDArray[np.bool_]) -> bool:
    room = room_of(instance)
    return not bool(((room >= 0) & (_lists_of(instance, moved) > room)).any())


def _keeps_shape(instance: Instance, lsoas: NDArray[np.int64]) -> bool:
    graph = instance.graph
    for label in range(instance.neighbourhoods):
        members = np.flatnonzero(lsoas == label)
        if instance.nest is not None and len(np.unique(instance.nest[members])) > 1:
            return False
        found = components(graph.beside, members.tolist())
        pieces = {int(graph.piece[part[0]]) for part in found}
        if len(found) > len(pieces):
            return False
    return True


def round_shares(instance: Instance, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole LSOAs from relaxed ones: the largest share, loose parts given to neighbours."""
    labels = np.asarray(shares.argmax(axis=1), dtype=np.int64)
    graph = instance.graph
    for _ in range(len(labels)):
        detached: list[int] = []
        for label in range(shares.shape[1]):
            members = np.flatnonzero(labels == label).tolist()
            by_piece: dict[int, list[list[int]]] = {}
            for part in components(graph.beside, members):
                by_piece.setdefault(int(graph.piece[part[0]]), []).append(part)
            for several in by_piece.values():
                several.sort(key=lambda part: (-float(shares[part, label].sum()), part[0]))
                for part in several[1:]:
                    detached += part
        if not detached:
            break
        labels = _absorb(instance, labels, shares, detached)
    return labels


def _absorb(
    instance: Instance,
    labels: NDArray[np.int64],
    shares: NDArray[np.float64],
    detached: list[int],
) -> NDArray[np.int64]:
    """Give loose LSOAs, rim first, to the adjacent neighbourhood that they like most."""
    labels = labels.copy()
    left = set(detached)
    while left:
        rim = [
            (a, {int(labels[b]) for b in instance.graph.beside[a] if b not in left})
            for a in sorted(left)
        ]
        ready = [(a, near) for a, near in rim if near]
        if not ready:
            break
        for a, near in ready:
            labels[a] = max(sorted(near), key=lambda k: shares[a, k])
            left.discard(a)
    return labels


def anneal(
    instance: Instance,
    domains: Domains,
    start: tuple[NDArray[np.int64], NDArray[np.int64]],
    generator: np.random.Generator,
    *,
    steps: int,
    temperature: float = 1.0,
) -> Solution | None:
    """Search around a plan; return the best one found that keeps every rule, or None.

    Parameters
    ----------
    instance, domains
        The place, and what may go where.
    start
        Neighbourhood of every LSOA (connected) and of every item (allowed).
    generator
        Source of chance.
    steps
        Proposals to try.
    temperature
        Temperature at the start, against the people of a typical LSOA.
    """
    from boundaries.solve.heuristics.annealing_kernel import run_annealing  # noqa: PLC0415 - compiles on first use

    seed = int(generator.integers(2**62))
    met = run_annealing(instance, domains, start, seed=seed, steps=steps, temperature=temperature)
    if met is None or not keeps_rules(instance, domains, *met):
        return None
    return Solution(*met, served_people(instance, *met))
