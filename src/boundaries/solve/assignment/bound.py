"""Which practices may move, under one pattern of anchors, in a plan that is good enough.

Goes in: `Problem`, the pattern's `Freedom`, charges found before. Comes out: the few sets of movers
that no price list rules out, each with its bound. Next: `boundaries.solve.branch_and_bound.steps`
settles each of them with `boundaries.solve.lp.branch_and_cut`: with the practices still, only the
map is left.

Half a move is what makes the joint relaxation weak, so moves are never relaxed here, and nor is
where a team is, or a practice that may choose among the anchors of its PCN. With every item still,
the map's prices bound all other sets too (`boundaries.solve.lp.fixed_assignment`);
`boundaries.solve.assignment.tree` makes one choice after another and rules out what it can.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.assignment.tree import Still
    from boundaries.solve.domains import Freedom
    from boundaries.solve.graph import Separator
    from boundaries.solve.instance import Problem
    from boundaries.solve.lp.fixed_assignment import Maps

__all__ = ["Sifted", "can_sift", "sift"]


@dataclass(frozen=True)
class Sifted:
    """What is left of a pattern.

    Parameters
    ----------
    left
        What may still be where, for each set of movers that may serve more than the aim; items
        that have several homes may have several left.
    bounds
        Their bounds, largest first.
    rest
        Bound of everything that is neither in ``left`` nor under the aim; minus infinity when
        there is no such thing.
    cuts
        Separators that the relaxations hold.
    charges
        What the rows charge under the best prices for all sets at once.
    work
        Work done.
    """

    left: tuple[Freedom, ...]
    bounds: tuple[float, ...]
    rest: float
    cuts: tuple[tuple[int, Separator], ...]
    charges: NDArray[np.float64]
    work: float


def can_sift(problem: Problem, freedom: Freedom) -> bool:
    """Whether choices can be listed: every item has somewhere to be without a move."""
    at_home = (freedom.items & (freedom.moves == 0)).sum(axis=1)
    return bool(problem.anchored and at_home.min(initial=1) > 0)


def sift(  # noqa: PLR0913 - one door
    problem: Problem,
    freedom: Freedom,
    charges: NDArray[np.float64],
    maps: Maps,
    *,
    aim: float,
    most_work: float,
    stop: Callable[[], bool] = lambda: False,
    apart: int = 0,
) -> Sifted:
    """Return the sets of movers that may serve more than the aim.

    Parameters
    ----------
    problem, freedom
        The place, and what may go where (`can_sift` says whether it is simple enough).
    charges
        What the rows of the map charge to begin with: of this pattern or of one that is alike,
        or an array without rows.
    maps
        The relaxation that patterns share.
    aim
        Only sets that may serve more people are of interest.
    most_work
        Work limit.
    stop
        Asked between relaxations.
    apart
        Sets that differ only in the homes that items choose are left as one, if they are more.
    """
    from boundaries.solve.assignment.tree import Tree  # noqa: PLC0415 - compiles on first use

    tree = Tree(
        problem, freedom, charges, maps, aim=aim, out=lambda work: work > most_work or stop()
    )
    rest = tree.grow()
    alike: dict[bytes, list[Still]] = {}
    for still in sorted(tree.left, key=lambda one: (-one.bound, one.items.tolist())):
        moved = freedom.moves[np.arange(len(still.items)), still.items] == 1
        alike.setdefault(np.where(moved, still.items, -1).tobytes(), []).append(still)
    groups = [
        some
        for stills in alike.values()
        for some in ([stills] if len(stills) > apart else [[one] for one in stills])
    ]
    return Sifted(
        left=tuple(_together(freedom, stills) for stills in groups),
        bounds=tuple(stills[0].bound for stills in groups),
        rest=rest,
        cuts=() if tree.map is None else tree.map.cuts,
        charges=tree.charges,
        work=tree.work,
    )


def _together(freedom: Freedom, stills: list[Still]) -> Freedom:
    """Return what may be where in sets that differ only in the homes that items choose."""
    items, lsoas = np.zeros_like(freedom.items), np.zeros_like(freedom.lsoas)
    for still in stills:
        items[np.arange(len(items)), still.items] = True
        lsoas |= still.lsoas
    return replace(freedom, items=items, lsoas=lsoas)
