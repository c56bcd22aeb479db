"""Which LSOAs hang together through neighbouring pairs.

Goes in: a label for each LSOA, and pairs. Comes out: the connected pieces of each label.
Next: the rules and the facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Piece", "find_pieces"]

Piece = tuple[str, ...]
"""Sorted codes of LSOAs that hang together."""


def find_pieces(labels: pd.Series[str], neighbours: pd.DataFrame) -> dict[str, list[Piece]]:
    """Return the connected pieces of the LSOAs of each label, the largest first (ties by code).

    Parameters
    ----------
    labels
        Label by LSOA, index ``lsoa_code``; LSOAs without a label belong to no piece.
    neighbours
        Columns lsoa_code_a, lsoa_code_b; only pairs of one label connect.
    """
    known = {str(code): label for code, label in labels.dropna().items()}
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(known)
    graph.add_edges_from(
        (a, b)
        for a, b in zip(neighbours["lsoa_code_a"], neighbours["lsoa_code_b"], strict=True)
        if a in known and known[a] == known.get(b)
    )
    pieces: dict[str, list[Piece]] = {}
    for component in nx.connected_components(graph):
        piece = tuple(sorted(component))
        pieces.setdefault(known[piece[0]], []).append(piece)
    return {
        label: sorted(found, key=lambda piece: (-len(piece), piece))
        for label, found in sorted(pieces.items())
    }
