"""Separators that a relaxed map breaks.

Goes in: shares of LSOAs by neighbourhoods. Comes out: separators, each with the neighbourhood that
breaks it. Next: rows of the relaxation (`boundaries.solve.lp.joint_relaxation`,
`boundaries.solve.lp.fixed_assignment`) and of SCIP (`boundaries.solve.lp.branch_and_cut`).

All of it is compiled (`boundaries.solve.lp.separation_kernel`): it is asked thousands of times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.lp.separation_kernel import separate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.graph import Graph, PopulationRule, Separator

__all__ = ["separate_fractions"]


def separate_fractions(
    graph: Graph,
    shares: NDArray[np.float64],
    *,
    most: int = 8,
    population_rule: PopulationRule | None = None,
) -> list[tuple[int, Separator]]:
    """Return separators that a relaxed plan breaks, with the neighbourhood that breaks each.

    Parameters
    ----------
    graph
        Neighbouring LSOAs.
    shares
        LSOAs by neighbourhoods: how much of the LSOA is in it, 0–1.
    most
        At most so many loose LSOAs for each body of each neighbourhood.
    population_rule
        Which parts are too small by themselves, if that is to be used.

    Returns
    -------
    list[tuple[int, Separator]]
        Neighbourhood and separator, in a fixed order.
    """
    nobody = np.zeros(graph.size, dtype=np.int64)
    residents, least = (
        (nobody, nobody)
        if population_rule is None
        else (population_rule.residents, population_rule.least)
    )
    pieces = int(graph.piece.max(initial=0)) + 1
    found: dict[tuple[int, Separator], None] = {}
    for label, x in enumerate(np.ascontiguousarray(shares.T)):
        for piece in range(pieces):
            ends, cuts = separate(
                x, graph.piece, piece, most, graph.first, graph.tails, graph.back,
                residents, least, population_rule is not None,
            )  # fmt: skip
            for (one, other), cut in zip(ends.tolist(), cuts, strict=True):
                between = tuple(np.flatnonzero(cut).tolist())
                found[label, (one, other, between)] = None
    return list(found)
