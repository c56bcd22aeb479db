"""Which LSOAs hang together through neighbouring pairs.

Goes in: LSOA codes and pairs. Comes out: connected pieces. Next: the rules and the facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["find_pieces"]


def find_pieces(codes: Iterable[str], neighbours: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the connected pieces of some LSOAs, the largest first (ties by code).

    Parameters
    ----------
    codes
        LSOA codes; pairs that lead out of them are not used.
    neighbours
        Columns lsoa_code_a, lsoa_code_b.

    Returns
    -------
    list of tuple
        Sorted LSOA codes of each piece.
    """
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(codes)
    inside = set(graph)
    graph.add_edges_from(
        (a, b)
        for a, b in zip(neighbours["lsoa_code_a"], neighbours["lsoa_code_b"], strict=True)
        if a in inside and b in inside
    )
    pieces = [tuple(sorted(piece)) for piece in nx.connected_components(graph)]
    return sorted(pieces, key=lambda piece: (-len(piece), piece))
