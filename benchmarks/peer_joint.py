"""A rival that proves: the whole problem as one CP-SAT model, with separators added in rounds.

LSOAs, practices, teams and anchors are all variables of one model; people served in a neighbourhood
are at most those who live there, and none unless their practice is there. Connectedness is left
out, and added back as the separators that plans found so far break; the model is solved anew, with
no hint, in longer and longer rounds until the time is over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.graph import broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.graph import Separator
    from boundaries.solve.instance import Instance

__all__ = ["Joint", "solve_joint"]

_FIRST_ROUND = 0.1
_MOST_PLANS = 12


@dataclass
class Joint:
    """The model: LSOAs, items and anchors by neighbourhoods; whether each practice moves."""

    model: Any
    place: list[list[Any]]
    goes: list[list[Any]]
    holds: list[list[Any]]
    scale: int
    cuts: set[Separator] = field(default_factory=set)


def solve_joint(
    instance: Instance,
    allowed_moves: int,
    offer: Callable[[NDArray[np.int64]], object],
    *,
    seconds: float,
    workers: int,
) -> float:
    """Solve in rounds; every map found is offered, in pieces or not. Return the bound."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - heavy

    joint = build_joint(instance, allowed_moves)
    ends, bound, share = monotonic() + seconds, 0.0, _FIRST_ROUND
    while (left := ends - monotonic()) > 0:
        plans: list[NDArray[np.int64]] = []
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = workers
        solver.parameters.max_time_in_seconds = max(0.2, min(left, share * seconds))
        solver.parameters.random_seed = 1
        status = solver.solve(joint.model, _keeper(joint, plans))
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            bound = max(bound, instance.total - solver.best_objective_bound / joint.scale)
        for labels in plans[-_MOST_PLANS:]:
            _refuse(instance, joint, labels)
        if plans:
            offer(plans[-1])
        if status == cp_model.INFEASIBLE or (
            status == cp_model.OPTIMAL and not broken_at(instance, plans[-1])
        ):
            break
        share *= 1.5
    return bound


def broken_at(instance: Instance, labels: NDArray[np.int64]) -> list[Separator]:
    """Return the separators that a map breaks; none when it is connected."""
    return broken(instance.graph, labels, instance.neighbourhoods)


def _keeper(joint: Joint, plans: list[NDArray[np.int64]]) -> Any:
    from ortools.sat.python import cp_model  # noqa: PLC0415

    class Keeper(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            shares = [[self.value(v) for v in row] for row in joint.place]
            plans.append(np.array(shares).argmax(axis=1).astype(np.int64))

    return Keeper()


def _refuse(instance: Instance, joint: Joint, labels: NDArray[np.int64]) -> None:
    for cut in broken_at(instance, labels):
        if cut in joint.cuts:
            continue
        joint.cuts.add(cut)
        one, other, between = cut
        for label in range(instance.neighbourhoods):
            wall = sum(joint.place[a][label] for a in between)
            joint.model.add(joint.place[one][label] + joint.place[other][label] <= 1 + wall)


def build_joint(instance: Instance, allowed_moves: int) -> Joint:
    """Return the model without connectedness."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    model, labels = cp_model.CpModel(), range(instance.neighbourhoods)
    place = [[model.new_bool_var("") for _ in labels] for _ in instance.lsoas]
    goes = [[model.new_bool_var("") for _ in labels] for _ in instance.people]
    holds = [[model.new_bool_var("") for _ in labels] for _ in instance.pcns]
    joint = Joint(model, place, goes, holds, 1 if instance.is_integral else 100)
    for row in (*place, *goes):
        model.add_exactly_one(row)
    for label in labels:
        residents = sum(
            int(heads) * row[label] for heads, row in zip(instance.residents, place, strict=True)
        )
        model.add_linear_constraint(residents, instance.least, instance.most)
        model.add_bool_or([row[label] for row in goes[: len(instance.practices)]])
    _add_anchors(instance, joint, allowed_moves)
    people = np.round(instance.people * joint.scale).astype(np.int64)
    served = []
    for i, row in enumerate(goes):
        most = int(people[i].sum())
        for label in labels:
            here = model.new_int_var(0, most, "")
            near = [(int(people[i, a]), place[a][label]) for a in np.flatnonzero(people[i])]
            model.add(here <= sum(count * there for count, there in near))
            model.add(here <= most * row[label])
            served.append(here)
    model.maximize(sum(served) - sum(_parted(instance, joint)))
    return joint


def _parted(instance: Instance, joint: Joint) -> list[Any]:
    """Return what each pair of neighbours costs where it is parted."""
    graph, model, costs = instance.graph, joint.model, []
    for pair in graph.bonded_pairs.tolist():
        one, other = joint.place[graph.heads[pair]], joint.place[graph.tails[pair]]
        parted = model.new_bool_var("")
        for here, there in zip(one, other, strict=True):
            model.add(here - there <= parted)
        costs.append(round(float(graph.bond[pair]) * joint.scale) * parted)
    return costs


def _add_anchors(instance: Instance, joint: Joint, allowed_moves: int) -> None:
    """Add spans, an anchor for every neighbourhood, moves and floors."""
    model, labels = joint.model, range(instance.neighbourhoods)
    for label in labels:
        model.add_bool_or([row[label] for row in joint.holds])
    for row, span in zip(joint.holds, instance.span.tolist(), strict=True):
        model.add_linear_constraint(sum(row), 1, span)
    moved = {i: model.new_bool_var("") for i in np.flatnonzero(instance.pcn_of >= 0).tolist()}
    for i, moves in moved.items():
        for label in labels:
            anchored = joint.holds[instance.pcn_of[i]][label]
            model.add_bool_or([joint.goes[i][label].negated(), anchored, moves])
    model.add(sum(moved.values()) <= allowed_moves)
    for pcn in np.flatnonzero(instance.floor > 0).tolist():
        own = [i for i in moved if instance.pcn_of[i] == pcn]
        today = int(instance.list_size[own].sum() + instance.outside[pcn])
        leaving = sum(int(instance.list_size[i]) * moved[i] for i in own)
        model.add(leaving <= max(0, today - int(instance.floor[pcn])))
