"""Make a rival's map keep the rules of a map, changing as little as it can.

Goes in: `Instance` and labels of LSOAs from a program that cannot be told our rules. Comes out:
labels with the right number of connected neighbourhoods within the band, or None, and which rules
had to be mended. Next: `benchmarks.peers` scores them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.graph import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["Repaired", "repair"]

_STEPS = 2_000
_TABU = 12


@dataclass(frozen=True)
class Repaired:
    """Labels that keep the rules of a map, and the rules that were broken before."""

    labels: NDArray[np.int64]
    broke: tuple[str, ...]


def repair(
    instance: Instance, labels: NDArray[np.int64], chance: np.random.Generator
) -> Repaired | None:
    """Return the labels mended; None when the band was not reached.

    Loose parts go to the neighbour whose patients are most alike, missing neighbourhoods are cut
    off the largest, and then LSOAs on the rim change hands, each time the one that brings the
    residents nearest to the band (of equal ones, the one whose patients fit best).
    """
    _, labels = np.unique(labels, return_inverse=True)
    labels = labels.astype(np.int64)
    broke = []
    found = [part for k in range(labels.max() + 1) for part in _split_weights(instance, labels, k)]
    if len(found) > labels.max() + 1:
        broke.append("contiguity")
    if labels.max() + 1 != instance.neighbourhoods:
        broke.append("number")
    elif _excess(instance, _heads(instance, labels)).any():
        broke.append("band")
    mended = _into_band(instance, _right_number(instance, labels, chance), chance)
    return None if mended is None else Repaired(mended, tuple(broke))


def _split_weights(instance: Instance, labels: NDArray[np.int64], label: int) -> list[list[int]]:
    return components(instance.graph.beside, np.flatnonzero(labels == label).tolist())


def _heads(instance: Instance, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    weights = instance.residents.astype(float)
    heads = np.bincount(labels, weights=weights, minlength=instance.neighbourhoods)
    return heads.astype(np.int64)


def _excess(instance: Instance, heads: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.maximum(0, np.maximum(instance.least - heads, heads - instance.most))


def _right_number(
    instance: Instance, labels: NDArray[np.int64], chance: np.random.Generator
) -> NDArray[np.int64]:
    """Return labels of connected neighbourhoods, as many as asked for."""
    bodies = sorted(
        (part for k in range(labels.max() + 1) for part in _split_weights(instance, labels, k)),
        key=lambda part: (-int(instance.residents[part].sum()), part[0]),
    )
    bodies = bodies[: instance.neighbourhoods]
    while len(bodies) < instance.neighbourhoods:  # cut the largest in two, from a far corner
        bodies.sort(key=lambda part: (len(part) == 1, -int(instance.residents[part].sum())))
        bodies[:1] = _halves(instance, bodies[0], chance)
    new = np.full(len(labels), -1, dtype=np.int64)
    for number, part in enumerate(bodies):
        new[part] = number
    while (new < 0).any():
        rim = [
            a for a in np.flatnonzero(new < 0) if (new[list(instance.graph.beside[a])] >= 0).any()
        ]
        for a in rim:
            near = sorted({int(new[b]) for b in instance.graph.beside[a] if new[b] >= 0})
            alike = [
                float(instance.people[:, a] @ instance.people[:, new == k].sum(1)) for k in near
            ]
            new[a] = near[int(np.argmax(alike))]
    return new


def _halves(instance: Instance, part: list[int], chance: np.random.Generator) -> list[list[int]]:
    """Return two connected halves: one grown from a random LSOA, and the largest part of the rest.

    LSOAs of neither are picked up afterwards.
    """
    left, half = set(part), int(instance.residents[part].sum()) / 2
    grown = [int(chance.choice(part))]
    for a in grown:
        if instance.residents[grown].sum() >= half or len(grown) == len(part) - 1:
            break
        for b in instance.graph.beside[a]:
            room = instance.residents[grown].sum() < half and len(grown) < len(part) - 1
            if b in left and b not in grown and room:
                grown.append(b)
    rest = components(instance.graph.beside, left - set(grown))
    return [grown, max(rest, key=len)]


def _into_band(
    instance: Instance, labels: NDArray[np.int64], chance: np.random.Generator
) -> NDArray[np.int64] | None:
    labels, beside = labels.copy(), instance.graph.beside
    heads = _heads(instance, labels)
    likes = instance.people.T @ instance.people
    tabu: list[int] = []
    for _ in range(_STEPS):
        over = _excess(instance, heads)
        if not over.any():
            return labels
        ways = []
        for a in range(len(labels)):
            if a in tabu:
                continue
            old, residents = int(labels[a]), int(instance.residents[a])
            for new in sorted({int(labels[b]) for b in beside[a]} - {old}):
                after = heads[[old, new]] + np.array([-residents, residents])
                gain = int(_excess_of(instance, after) - over[old] - over[new])
                fit = float(likes[a] @ ((labels == old).astype(float) - (labels == new)))
                ways.append((gain, fit, a, new))
        ways.sort()
        if ways and ways[0][0] >= 0 and chance.random() < 0.3:
            ways = [ways[i] for i in chance.permutation(len(ways))]
        for _, _, a, new in ways:
            old = int(labels[a])
            rest = np.flatnonzero(labels == old)
            if len(rest) > 1 and len(components(beside, set(rest.tolist()) - {a})) == 1:
                labels[a] = new
                heads[old] -= instance.residents[a]
                heads[new] += instance.residents[a]
                tabu = [*tabu[1 - _TABU :], a]
                break
        else:
            return None
    return None


def _excess_of(instance: Instance, heads: NDArray[np.int64]) -> int:
    return int(_excess(instance, heads).sum())
