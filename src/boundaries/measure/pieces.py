"""Which LSOAs hang together through neighbouring pairs.

Goes in: a label for each LSOA, and pairs. Comes out: the connected pieces of each label.
Next: the rules and the facts.
"""

from __future__ import annotations

import pandas as pd

from boundaries.place.neighbours import find_pieces as pieces_of_place

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
    known = labels.dropna()
    one, other = (known.reindex(neighbours[f"lsoa_code_{end}"]).to_numpy() for end in "ab")
    inside = neighbours[pd.notna(one) & (one == other)]
    pieces: dict[str, list[Piece]] = {}
    for piece in pieces_of_place(inside, known.index):
        pieces.setdefault(str(known[piece[0]]), []).append(piece)
    return dict(sorted(pieces.items()))
