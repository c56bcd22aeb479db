"""Which practices may move, under one pattern of anchors, in a plan that is good enough.

Goes in: `Instance`, the pattern's `Domains`, duals found before. Comes out: the few sets of
movers that no dual vector fathoms, each with its bound. Next:
`boundaries.solve.branch_and_bound.steps` solves each of them with
`boundaries.solve.lp.branch_and_cut`: with the practices still, only the map is left.

Half a move is what makes the joint relaxation weak, so moves are never relaxed here, and nor is
where a team is, or a practice that may choose among the anchors of its PCN. With every item still,
the map's multipliers bound all other sets too (`boundaries.solve.lp.fixed_assignment`);
`boundaries.solve.assignment.tree` takes one candidate after another and fathoms what it can.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.assignment.tree import Leaf
    from boundaries.solve.domains import Domains
    from boundaries.solve.graph import Separator
    from boundaries.solve.instance import Instance
    from boundaries.solve.lp.fixed_assignment import WorkerContext

__all__ = ["AssignmentBound", "bound_assignments", "every_item_has_a_home"]


@dataclass(frozen=True)
class AssignmentBound:
    """What is left of a pattern.

    Parameters
    ----------
    leaves
        What may still be where, for each set of movers that may serve more than the target; items
        that have several homes may have several left.
    bounds
        Their bounds, largest first.
    unexplored_bound
        Bound of everything that is neither in ``leaves`` nor under the target; minus infinity when
        there is no such thing.
    cuts
        Separators that the relaxations hold.
    row_duals
        The duals of the rows under the best multipliers for all sets at once.
    work
        Work done.
    """

    leaves: tuple[Domains, ...]
    bounds: tuple[float, ...]
    unexplored_bound: float
    cuts: tuple[tuple[int, Separator], ...]
    row_duals: NDArray[np.float64]
    work: float


def every_item_has_a_home(instance: Instance, domains: Domains) -> bool:
    """Whether candidates can be listed: every item has somewhere to be without a move."""
    at_home = (domains.items & (domains.moves == 0)).sum(axis=1)
    return bool(instance.anchored and at_home.min(initial=1) > 0)


def bound_assignments(  # noqa: PLR0913 - one door
    instance: Instance,
    domains: Domains,
    row_duals: NDArray[np.float64],
    context: WorkerContext,
    *,
    target: float,
    most_work: float,
    stop: Callable[[], bool] = lambda: False,
    apart: int = 0,
) -> AssignmentBound:
    """Return the sets of movers that may serve more than the target.

    Parameters
    ----------
    instance, domains
        The place, and what may go where (`every_item_has_a_home` says whether it is simple enough).
    row_duals
        What the rows of the map charge to begin with: of this pattern or of one that is alike,
        or an array without rows.
    context
        The relaxation that patterns share.
    target
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
        instance,
        domains,
        row_duals,
        context,
        target=target,
        out=lambda work: work > most_work or stop(),
    )
    unexplored_bound = tree.search()
    alike: dict[bytes, list[Leaf]] = {}
    for leaf in sorted(tree.leaves, key=lambda one: (-one.bound, one.items.tolist())):
        moved = domains.moves[np.arange(len(leaf.items)), leaf.items] == 1
        alike.setdefault(np.where(moved, leaf.items, -1).tobytes(), []).append(leaf)
    groups = [
        some
        for leaves in alike.values()
        for some in ([leaves] if len(leaves) > apart else [[one] for one in leaves])
    ]
    return AssignmentBound(
        leaves=tuple(_together(domains, leaves) for leaves in groups),
        bounds=tuple(leaves[0].bound for leaves in groups),
        unexplored_bound=unexplored_bound,
        cuts=() if tree.map is None else tree.map.cuts,
        row_duals=tree.row_duals,
        work=tree.work,
    )


def _together(domains: Domains, leaves: list[Leaf]) -> Domains:
    """Return what may be where in sets that differ only in the homes that items choose."""
    items, lsoas = np.zeros_like(domains.items), np.zeros_like(domains.lsoas)
    for leaf in leaves:
        items[np.arange(len(items)), leaf.items] = True
        lsoas |= leaf.lsoas
    return replace(domains, items=items, lsoas=lsoas)
