"""Rivals from spopt: AZP, SKATER, RegionKMeans and Ward, on whose patients people are.

Each LSOA is described by the share of its people in every PCN and in every team. None of the four
can be told the band (SKATER can be told a least number of LSOAs), so their regions are mended by
`benchmarks.repair`. Programs with chance in them are started again, with the next seed, until the
time is over; the best map counts.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

    Program = Callable[[Instance], Iterator[NDArray[np.int64]]]

__all__ = ["PROGRAMS"]


def features(instance: Instance) -> NDArray[np.float64]:
    """Return the share of each LSOA's people in each PCN, in none, and in each team.

    People are those of the objective: registered patients, and weighted residents of teams.
    """
    practices = len(instance.practices)
    table = np.zeros((len(instance.pcns) + 1, len(instance.lsoas)))
    np.add.at(table, instance.pcn_of, instance.people[:practices])  # −1, no PCN, is the last row
    table = np.vstack([table, instance.people[practices:]])
    return np.asarray((table / np.maximum(1.0, table.sum(axis=0))).T)


def _inputs(instance: Instance) -> tuple[pd.DataFrame, list[str], Any]:
    import libpysal  # noqa: PLC0415 - only where peers are run

    values = features(instance)
    names = [f"share_{number}" for number in range(values.shape[1])]
    beside = {a: list(near) for a, near in enumerate(instance.graph.beside)}
    return pd.DataFrame(values, columns=names), names, libpysal.weights.W(beside)


def _azp(instance: Instance) -> Iterator[NDArray[np.int64]]:
    from spopt.region import AZP  # noqa: PLC0415

    frame, names, near = _inputs(instance)
    seed = 0
    while True:
        model = AZP(frame, near, names, instance.neighbourhoods, random_state=seed)
        model.solve()
        yield np.asarray(model.labels_)
        seed += 1


def _skater(instance: Instance) -> Iterator[NDArray[np.int64]]:
    from spopt.region import Skater  # noqa: PLC0415

    frame, names, near = _inputs(instance)
    even = len(instance.lsoas) / instance.neighbourhoods
    for share in (0.75, 0.6, 0.45, 0.0):
        floor = share * even if share else -np.inf
        model = Skater(frame, near, names, instance.neighbourhoods, floor=floor)
        model.solve()
        yield np.asarray(model.labels_)


def _region_k_means(instance: Instance) -> Iterator[NDArray[np.int64]]:
    from spopt.region import RegionKMeansHeuristic  # noqa: PLC0415

    frame, _, near = _inputs(instance)
    seed = 0
    while True:
        model = RegionKMeansHeuristic(frame.to_numpy(), instance.neighbourhoods, near, seed=seed)
        model.solve()
        yield np.asarray(model.labels_)
        seed += 1


def _ward(instance: Instance) -> Iterator[NDArray[np.int64]]:
    from spopt.region import WardSpatial  # noqa: PLC0415

    frame, names, near = _inputs(instance)
    model = WardSpatial(frame, near, names, instance.neighbourhoods)
    model.solve()
    yield np.asarray(model.labels_)


def _quietly(make: Program) -> Program:
    def maps(instance: Instance) -> Iterator[NDArray[np.int64]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from make(instance)

    return maps


PROGRAMS: dict[str, Program] = {
    "spopt AZP": _quietly(_azp),
    "spopt SKATER": _quietly(_skater),
    "spopt RegionKMeans": _quietly(_region_k_means),
    "spopt Ward": _quietly(_ward),
}
