"""What may go where under one pattern of anchors, locks with PCNs included.

Goes in: `Instance` and a pattern. Comes out: `Domains`, which every room of the solver reads.
Next: `boundaries.solve.assignment`, `boundaries.solve.lp` and `boundaries.solve.heuristics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["AnchorPattern", "Domains", "domains_of"]

AnchorPattern = tuple[int, ...]
"""For each neighbourhood the PCNs anchored in it, as bits; neighbourhoods are sorted."""


@dataclass(frozen=True)
class Domains:
    """What may go where under a pattern.

    Parameters
    ----------
    lsoas
        LSOAs by neighbourhoods: allowed or not.
    items
        Practices, then teams, by neighbourhoods: allowed or not.
    moves
        The same shape: 1 where the practice would count as moved.
    anchors
        PCNs by neighbourhoods: anchored or not.
    allowed_moves
        Most practices that may move.
    """

    lsoas: NDArray[np.bool_]
    items: NDArray[np.bool_]
    moves: NDArray[np.int64]
    anchors: NDArray[np.bool_]
    allowed_moves: int

    @property
    def possible(self) -> bool:
        """Whether everything has somewhere to go."""
        return bool(self.items.any(axis=1).all() and self.lsoas.any(axis=1).all())


def domains_of(instance: Instance, pattern: AnchorPattern, allowed_moves: int) -> Domains:
    """Return what may go where under a pattern, locks with PCNs included."""
    count = instance.neighbourhoods
    anchors = np.array(
        [[pcn_set >> c & 1 for pcn_set in pattern] for c in range(len(instance.pcns))], dtype=bool
    ).reshape(len(instance.pcns), count)
    lsoas = np.ones((len(instance.lsoas), count), dtype=bool)
    items = np.ones((len(instance.people), count), dtype=bool)
    moves = np.zeros((len(instance.people), count), dtype=np.int64)
    if instance.anchored:
        for practice, pcn in enumerate(instance.pcn_of.tolist()):
            if pcn >= 0:
                moves[practice] = ~anchors[pcn]
        if allowed_moves == 0:
            items &= moves == 0
        for point, pcn, together in instance.links.anchored:
            table, row = (
                (lsoas, point)
                if point < len(instance.lsoas)
                else (items, point - len(instance.lsoas))
            )
            table[row] &= anchors[pcn] if together else ~anchors[pcn]
    return Domains(lsoas, items, moves, anchors, allowed_moves)
