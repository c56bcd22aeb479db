"""A rival from redistricting: GerryChain's short bursts of ReCom steps within the band.

The score of a map is our own objective, practices and anchors placed at best for it, so the chain
looks for exactly what we look for. Connectedness and the band are kept by ReCom itself.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["short_bursts"]

BURST = 10


def short_bursts(
    instance: Instance, score: Callable[[NDArray[np.int64]], float], *, over: Callable[[], bool]
) -> None:
    """Walk until the time is over; ``score`` keeps the best map that it has seen."""
    import networkx as nx  # noqa: PLC0415 - only where peers are run
    from gerrychain import Graph, Partition, proposals, updaters  # noqa: PLC0415
    from gerrychain.optimization import SingleMetricOptimizer  # noqa: PLC0415

    pairs: nx.Graph[int] = nx.Graph()
    for a, residents in enumerate(instance.residents.tolist()):
        pairs.add_node(a, residents=residents)
    pairs.add_edges_from(
        zip(instance.graph.heads.tolist(), instance.graph.tails.tolist(), strict=True)
    )
    mean = float(instance.residents.sum()) / instance.neighbourhoods
    band = min(instance.most / mean - 1, 1 - instance.least / mean)
    chance = random.Random(1)  # noqa: S311 - no secret
    heads = {"residents": updaters.Tally("residents", alias="residents")}
    start = Partition.from_random_assignment(
        Graph.from_networkx(pairs), instance.neighbourhoods, band, "residents", heads, rng=chance
    )

    def step(partition: Any, *, rng: random.Random) -> Any:
        return proposals.recom(partition, "residents", mean, band, rng=rng)

    def objective(partition: Any) -> float:
        named = partition.assignment.to_dict()
        labels = np.array([named[a] for a in range(len(instance.lsoas))])
        return score(np.unique(labels, return_inverse=True)[1].astype(np.int64))

    walk = SingleMetricOptimizer(step, [], start, objective, maximize=False, rng=chance)
    for _ in walk.short_bursts(BURST, 1_000_000):
        if over():
            return
