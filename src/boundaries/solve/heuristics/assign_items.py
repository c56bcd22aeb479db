"""Practices and anchors for neighbourhoods that are given: exact, in seconds.

Goes in: `Instance` and the neighbourhood of every LSOA. Comes out: the best practices and anchors
with at most so many moves, proven, or None when there are none. Used for ``footprint`` (a map that
somebody else drew) and ``teams-stay``. Rules 2 and 3 are the map's own business.
Next: `boundaries.solve.ladder`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.heuristics.annealing import Solution, served_people

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["ItemAssignment", "assign_items"]

_WORK = 60.0
_SCALE = 1000


@dataclass(frozen=True)
class ItemAssignment:
    """The best practices for given neighbourhoods, and the most people any could serve.

    ``anchored_in`` says which PCN is anchored in which neighbourhood (PCNs by neighbourhoods).
    """

    solution: Solution
    bound: float
    proven: bool
    anchored_in: NDArray[np.bool_]


def assign_items(
    instance: Instance,
    lsoas: NDArray[np.int64],
    *,
    allowed_moves: int | None,
    seed: int = 1,
    work: float = _WORK,
    known: NDArray[np.int64] | None = None,
) -> ItemAssignment | None:
    """Put practices and teams into given neighbourhoods.

    Parameters
    ----------
    instance
        The place; its count of neighbourhoods is that of the map.
    lsoas
        Neighbourhood of every LSOA.
    allowed_moves
        Most practices that may move; None for any number.
    seed
        Seed of the solver.
    work
        Most deterministic time of CP-SAT, about seconds.
    known
        Neighbourhood of each practice in a plan that is known: the solver begins there.

    Returns
    -------
    Matched | None
        None when the rules cannot be kept with so few moves.
    """
    from ortools.sat.python import cp_model  # noqa: PLC0415 - heavy

    count = instance.neighbourhoods
    inside = (lsoas[:, None] == np.arange(count)[None, :]).astype(float)
    reach = instance.people @ inside
    model = cp_model.CpModel()
    goes = [[model.new_bool_var("") for _ in range(count)] for _ in instance.people]
    anchored_in = [[model.new_bool_var("") for _ in range(count)] for _ in instance.pcns]
    _add_rules(instance, model, goes, anchored_in, allowed_moves)
    _add_links(instance, model, goes, anchored_in, lsoas)
    for row, home in zip(goes, [] if known is None else known.tolist(), strict=False):
        for label, goes_there in enumerate(row):
            model.add_hint(goes_there, label == home)
    scale = 1 if bool(np.all(instance.people == np.round(instance.people))) else _SCALE
    profit = np.round(reach * scale).astype(np.int64)
    model.maximize(
        sum(
            int(profit[i, k]) * goes[i][k]
            for i in range(len(instance.people))
            for k in range(count)
            if profit[i, k]
        )
    )
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = work
    solver.parameters.catch_sigint_signal = False  # Ctrl-C is the command line's to answer
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    items = np.array([[solver.value(v) for v in row] for row in goes]).argmax(axis=1)
    found = Solution(lsoas.copy(), items, served_people(instance, lsoas, items))
    bound = solver.best_objective_bound / scale + (0 if scale == 1 else len(items) / scale)
    bound -= instance.graph.parted(lsoas)
    anchors = np.array([[solver.value(v) for v in row] for row in anchored_in], dtype=bool)
    anchors = anchors.reshape(len(instance.pcns), count)
    return ItemAssignment(found, max(bound, found.served), status == cp_model.OPTIMAL, anchors)


def _add_rules(
    instance: Instance,
    model: Any,
    goes: list[Any],
    anchored_in: list[Any],
    allowed_moves: int | None,
) -> None:
    practices = range(len(instance.practices))
    for row in goes:
        model.add_exactly_one(row)
    for label in range(instance.neighbourhoods):
        model.add_bool_or([goes[i][label] for i in practices])
    if not instance.anchored:
        return
    for pcn, row in enumerate(anchored_in):
        model.add_bool_or(row)
        model.add(sum(row) <= int(instance.span[pcn]))
    for label in range(instance.neighbourhoods):
        model.add_bool_or([row[label] for row in anchored_in])
    moved = {i: model.new_bool_var("") for i in practices if instance.pcn_of[i] >= 0}
    for i, is_moved in moved.items():
        for label in range(instance.neighbourhoods):
            model.add_bool_or(
                [goes[i][label].negated(), anchored_in[instance.pcn_of[i]][label], is_moved]
            )
    if allowed_moves is not None:
        model.add(sum(moved.values()) <= allowed_moves)
    for pcn in np.flatnonzero(instance.floor > 0).tolist():
        own = [i for i in moved if instance.pcn_of[i] == pcn]
        today = int(instance.list_size[own].sum() + instance.outside[pcn])
        leaving = sum(int(instance.list_size[i]) * moved[i] for i in own)
        model.add(leaving <= max(0, today - int(instance.floor[pcn])))


def _add_links(
    instance: Instance,
    model: Any,
    goes: list[Any],
    anchored_in: list[Any],
    lsoas: NDArray[np.int64],
) -> None:
    size = len(instance.lsoas)

    def at(point: int, label: int) -> Any:
        return int(lsoas[point] == label) if point < size else goes[point - size][label]

    for label in range(instance.neighbourhoods):
        for one, other, together in instance.links.points:
            if one < size and other < size:
                continue
            if together:
                model.add(at(one, label) == at(other, label))
            else:
                model.add(at(one, label) + at(other, label) <= 1)
        if not instance.anchored:
            continue
        for point, pcn, together in instance.links.anchored:
            limit = anchored_in[pcn][label] if together else 1 - anchored_in[pcn][label]
            model.add(at(point, label) <= limit)
    if instance.anchored:
        _add_shared(instance, model, anchored_in)


def _add_shared(instance: Instance, model: Any, anchored_in: list[Any]) -> None:
    labels = range(instance.neighbourhoods)
    for one, other, together in instance.links.pcns:
        if not together:
            for label in labels:
                model.add(anchored_in[one][label] + anchored_in[other][label] <= 1)
        else:
            shared = []
            for label in labels:
                both = model.new_bool_var("")
                model.add_implication(both, anchored_in[one][label])
                model.add_implication(both, anchored_in[other][label])
                shared.append(both)
            model.add_bool_or(shared)
