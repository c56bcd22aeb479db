"""Have everything compiled before the clock of a rung runs.

Goes in: nothing. Comes out: nothing. Next: `boundaries.solve.ladder` begins the first rung.

What Numba compiles depends on the types of arrays, not on their sizes, so a place of four LSOAs
will do: it takes seconds the first time on a machine, and none later.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.domains import domains_of
from boundaries.solve.graph import make_graph
from boundaries.solve.heuristics.annealing import Solution, anneal
from boundaries.solve.heuristics.construct import balanced_map
from boundaries.solve.heuristics.tournament import greedy_start
from boundaries.solve.instance import Instance

__all__ = ["four_lsoas", "warm_up"]


def four_lsoas() -> Instance:
    """Return the smallest place in which there is something to choose."""
    return Instance(
        lsoas=("1", "2", "3", "4"), practices=("A", "B", "C"), pcns=("U", "V"), teams=(),
        residents=np.full(4, 100), people=np.eye(3, 4) * 50 + 1, list_size=np.full(3, 60),
        pcn_of=np.array([0, 1, 1]), span=np.ones(2, dtype=np.int64),
        floor=np.zeros(2, dtype=np.int64), outside=np.zeros(2, dtype=np.int64),
        graph=make_graph(4, [(0, 1), (1, 2), (2, 3)], [1.0] * 3), neighbourhoods=2,
        least=100, most=300,
    )  # fmt: skip


def warm_up() -> None:
    """Compile what the turns of a ladder need."""
    from boundaries.solve.assignment.warm_up import compile_kernels  # noqa: PLC0415 - compiles on first use
    from boundaries.solve.colgen.bound import compile_colgen  # noqa: PLC0415 - compiles on first use
    from boundaries.solve.colgen.by_leader import BoundByLeader  # noqa: PLC0415 - compiles on first use
    from boundaries.solve.lp.separation import separate_fractions  # noqa: PLC0415 - compiles on first use
    from boundaries.solve.patterns import move_multipliers, split_assignment  # noqa: PLC0415 - compiles on first use

    compile_kernels()
    move_multipliers.compile_kernels()
    split_assignment.compile_kernels()
    place, chance = four_lsoas(), np.random.default_rng(0)
    separate_fractions(place.graph, np.zeros((4, 1)))
    balanced_map(place, chance)
    domains = domains_of(place, (2, 1), 1)
    start = greedy_start(place, domains)
    anneal(place, domains, start, chance, steps=1)
    plan = Solution(*start, 0.0)
    compile_colgen(place, plan)
    BoundByLeader(place).bound(1, plan, target=0.0, most_work=0.0, move_dual=0.0, stop=lambda: True)
