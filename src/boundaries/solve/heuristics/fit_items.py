"""Practices and anchors for neighbourhoods that are given, in a millisecond: good, not proven.

Goes in: `Instance` and the neighbourhood of every LSOA. Comes out: where each PCN is anchored and
where each item goes. `boundaries.solve.heuristics.assign_items` does the same exactly, in seconds,
with locks too. Next: `boundaries.solve.heuristics.alternation` anneals the map under that pattern.

Without moves, and with one anchor for each PCN, what is left of the problem is a transport problem:
each PCN goes where most of its patients are, but each neighbourhood needs one. Which PCNs give way
for that is a linear assignment problem of what they lose (Kuhn, *Naval Research Logistics* 1955).
Who moves is chosen by gain, and anchors are chosen again without those, until neither changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import linear_sum_assignment

from boundaries.solve.heuristics.annealing import Solution, room_of, served_people
from boundaries.solve.heuristics.assign_items import ItemAssignment, assign_items
from boundaries.solve.params import ALTERNATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["fit_items"]

_TURNS = 4
"""Times that anchors and movers are chosen in turn, at most."""


def fit_items(
    instance: Instance, lsoas: NDArray[np.int64], *, allowed_moves: int
) -> ItemAssignment | None:
    """Return good practices and anchors for a map; None where the rules cannot be kept.

    Parameters
    ----------
    instance
        The place.
    lsoas
        Neighbourhood of every LSOA.
    allowed_moves
        Most practices that may move.
    """
    from boundaries.solve.heuristics.annealing_kernel import people_by_label  # noqa: PLC0415 - compiles on first use

    if instance.links or not instance.anchored or not len(instance.pcns):
        return assign_items(instance, lsoas, allowed_moves=allowed_moves, work=ALTERNATION.exact)
    count, practices = instance.neighbourhoods, len(instance.practices)
    nowhere = np.zeros(len(instance.people), dtype=np.int64)
    reach = np.ascontiguousarray(people_by_label(instance.people, lsoas, nowhere, count)[1].T)
    moved, best = np.zeros(practices, dtype=bool), None
    for _ in range(_TURNS):
        anchored_in = _anchors(instance, reach[:practices], moved)
        if anchored_in is None:
            return None
        items, now = _items(instance, reach, anchored_in, allowed_moves)
        served = float(reach[np.arange(len(items)), items].sum())
        filled = len(np.unique(items[:practices])) == count
        if filled and (best is None or served > best[0]):
            best = (served, items, anchored_in)
        if (now == moved).all():
            break
        moved = now
    if best is None:
        return assign_items(instance, lsoas, allowed_moves=allowed_moves, work=ALTERNATION.exact)
    solution = Solution(lsoas.copy(), best[1], served_people(instance, lsoas, best[1]))
    return ItemAssignment(solution, np.inf, proven=False, anchored_in=best[2])


def _anchors(
    instance: Instance, reach: NDArray[np.float64], moved: NDArray[np.bool_]
) -> NDArray[np.bool_] | None:
    """Return where each PCN is anchored (PCNs by neighbourhoods), every neighbourhood with one."""
    pcns, count = len(instance.pcns), reach.shape[1]
    staying = np.flatnonzero((instance.pcn_of >= 0) & ~moved)
    of = instance.pcn_of[staying]
    served = np.zeros((pcns, count))
    np.add.at(served, of, reach[staying])
    home = served.argmax(axis=1)
    at_home = reach[staying, home[of]]
    more = np.zeros((pcns, count))  # what a second anchor brings beside the first
    np.add.at(more, of, np.maximum(0.0, reach[staying] - at_home[:, None]))
    spare = np.repeat(np.arange(pcns), np.minimum(instance.span, count) - 1)
    profit = np.concatenate([served - served.max(axis=1, keepdims=True), more[spare]])
    owner = np.concatenate([np.arange(pcns), spare])
    if len(owner) < count:
        return None
    anchored_in = np.zeros((pcns, count), dtype=bool)
    anchored_in[owner[_matched(profit)], np.arange(count)] = True
    for pcn in range(pcns):
        if not anchored_in[pcn].any():
            anchored_in[pcn, home[pcn]] = True
        own = reach[staying[of == pcn]]
        while anchored_in[pcn].sum() < min(int(instance.span[pcn]), count):
            now = own[:, anchored_in[pcn]].max(axis=1, initial=0.0)
            gain = np.maximum(0.0, own - now[:, None]).sum(axis=0)
            gain[anchored_in[pcn]] = -1.0
            anchored_in[pcn, int(gain.argmax())] = True
    return anchored_in


def _matched(profit: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the row of each column in the best matching; there are rows enough."""
    rows, columns = profit.shape
    cost = np.zeros((rows, rows), dtype=np.int64)  # rows left over go to columns of no account
    cost[:, :columns] = np.round(-profit)
    heads, tails = np.indices(cost.shape)
    problem = linear_sum_assignment.SimpleLinearSumAssignment()
    problem.add_arcs_with_cost(heads.ravel(), tails.ravel(), cost.ravel())
    problem.solve()
    matched = np.empty(rows, dtype=np.int64)
    matched[[problem.right_mate(row) for row in range(rows)]] = np.arange(rows)
    return matched[:columns]


def _items(
    instance: Instance,
    reach: NDArray[np.float64],
    anchored_in: NDArray[np.bool_],
    allowed_moves: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where items go, the practices that gain most by it moved; and who moved."""
    practices = len(instance.practices)
    items = reach.argmax(axis=1).astype(np.int64)
    moved = np.zeros(practices, dtype=bool)
    with_pcn = np.flatnonzero(instance.pcn_of >= 0)
    own = np.where(anchored_in[instance.pcn_of[with_pcn]], reach[with_pcn], -np.inf)
    home = own.argmax(axis=1)
    gain = reach[with_pcn, items[with_pcn]] - own.max(axis=1)
    wanted = items[with_pcn]
    items[with_pcn] = home
    room = room_of(instance)
    for number in np.argsort(-gain, kind="stable")[: 4 * allowed_moves].tolist():
        practice, pcn = int(with_pcn[number]), int(instance.pcn_of[with_pcn[number]])
        list_size = int(instance.list_size[practice])
        if moved.sum() == allowed_moves or gain[number] <= 0:
            break
        if 0 <= room[pcn] < list_size:
            continue
        items[practice], moved[practice] = wanted[number], True
        if room[pcn] >= 0:
            room[pcn] -= list_size
    return items, moved
