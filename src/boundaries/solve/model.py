"""One pattern of anchors as a linear model: LSOAs, practices, teams, and every rule.

Goes in: `Problem`, which items may go where, and how many practices may move. Comes out:
`LabelModel`, which GLOP solves relaxed and SCIP solves whole. Connectedness and the finer links
between items and LSOAs are added as they are broken. Next: `boundaries.solve.leaf` drives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from ortools.math_opt.python import mathopt

    from boundaries.solve.anchors import Pattern
    from boundaries.solve.connected import Separator
    from boundaries.solve.problem import Problem

__all__ = ["Freedom", "LabelModel", "build_model", "freedom_of"]


@dataclass(frozen=True)
class Freedom:
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


def freedom_of(problem: Problem, pattern: Pattern, allowed_moves: int) -> Freedom:
    """Return what may go where under a pattern, locks with PCNs included."""
    count = problem.neighbourhoods
    anchors = np.array(
        [[mask >> c & 1 for mask in pattern] for c in range(len(problem.pcns))], dtype=bool
    ).reshape(len(problem.pcns), count)
    lsoas = np.ones((len(problem.lsoas), count), dtype=bool)
    items = np.ones((len(problem.people), count), dtype=bool)
    moves = np.zeros((len(problem.people), count), dtype=np.int64)
    if problem.anchored:
        for practice, pcn in enumerate(problem.pcn_of.tolist()):
            if pcn >= 0:
                moves[practice] = ~anchors[pcn]
        if allowed_moves == 0:
            items &= moves == 0
        for point, pcn, together in problem.links.anchored:
            table, row = (
                (lsoas, point)
                if point < len(problem.lsoas)
                else (items, point - len(problem.lsoas))
            )
            table[row] &= anchors[pcn] if together else ~anchors[pcn]
    return Freedom(lsoas, items, moves, anchors, allowed_moves)


@dataclass
class LabelModel:
    """A linear model of one pattern; ``place``, ``item`` and ``served`` are its variables.

    ``served[i, k]`` is how many people of a free item are served in neighbourhood k: those of its
    own who live there if the item is there too.
    """

    problem: Problem
    freedom: Freedom
    model: mathopt.Model
    place: dict[tuple[int, int], mathopt.Variable]
    item: dict[tuple[int, int], mathopt.Variable]
    served: dict[tuple[int, int], mathopt.Variable]
    fixed: dict[int, int]
    worth: NDArray[np.float64]

    def separator(self, label: int, cut: Separator) -> mathopt.LinearBase | None:
        """Left-hand side (≤ 1) of: both LSOAs only with one of their separator."""
        from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

        one, other, between = cut
        if (one, label) not in self.place or (other, label) not in self.place:
            return None
        wall = [self.place[a, label] for a in between if (a, label) in self.place]
        return self.place[one, label] + self.place[other, label] - mathopt.fast_sum(wall)

    def link(self, item: int, label: int, near: NDArray[np.bool_]) -> mathopt.LinearBase:
        """Left-hand side (≤ 0): served there ≤ people of near LSOAs + the rest if it is there."""
        from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

        people = self.problem.people[item]
        rest = float(people[~near].sum())
        columns = np.flatnonzero(near & (people > 0)).tolist()
        return (
            self.served[item, label]
            - mathopt.LinearSum(
                float(people[a]) * self.place[a, label] for a in columns if (a, label) in self.place
            )
            - rest * self.item[item, label]
        )

    @property
    def objective(self) -> mathopt.LinearBase:
        """People served."""
        from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

        return mathopt.LinearSum(
            float(self.worth[a, k]) * x for (a, k), x in self.place.items() if self.worth[a, k]
        ) + mathopt.fast_sum(list(self.served.values()))


def build_model(problem: Problem, freedom: Freedom, *, whole: bool) -> LabelModel:
    """Return the linear model of one pattern.

    Parameters
    ----------
    problem, freedom
        The place, and what may go where.
    whole
        True: LSOAs and items are whole (a MIP). False: the relaxation.
    """
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    model = mathopt.Model()
    ways = freedom.items.sum(axis=1)
    fixed = {int(i): int(np.argmax(freedom.items[i])) for i in np.flatnonzero(ways == 1)}
    worth = np.zeros(freedom.lsoas.shape)
    for i, label in fixed.items():
        worth[:, label] += problem.people[i]
    labels = range(problem.neighbourhoods)
    free = [i for i in range(len(problem.people)) if i not in fixed]
    place = {
        (a, k): model.add_variable(lb=0.0, ub=1.0, is_integer=whole)
        for a in range(len(problem.lsoas))
        for k in labels
        if freedom.lsoas[a, k]
    }
    item = {
        (i, k): model.add_variable(lb=0.0, ub=1.0, is_integer=whole)
        for i in free
        for k in labels
        if freedom.items[i, k]
    }
    served = {
        key: model.add_variable(lb=0.0, ub=float(problem.people[key[0]].sum())) for key in item
    }
    built = LabelModel(problem, freedom, model, place, item, served, fixed, worth)
    _add_once(built)
    _add_residents(built)
    _add_practices(built)
    _add_points(built)
    _add_nest(built, whole=whole)
    everyone = np.ones(len(problem.lsoas), dtype=bool)
    for i, k in item:
        model.add_linear_constraint(built.link(i, k, everyone) <= 0.0)
        model.add_linear_constraint(built.link(i, k, ~everyone) <= 0.0)
    model.maximize(built.objective)
    return built


def _add_once(built: LabelModel) -> None:
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    for variables in (built.place, built.item):
        rows: dict[int, list[mathopt.Variable]] = {}
        for (row, _), x in variables.items():
            rows.setdefault(row, []).append(x)
        for every in rows.values():
            built.model.add_linear_constraint(mathopt.fast_sum(every) == 1.0)
    items = built.freedom.items
    if not items.any(axis=1).all() or not built.freedom.lsoas.any(axis=1).all():
        never = built.model.add_variable(lb=0.0, ub=0.0)
        built.model.add_linear_constraint(never >= 1.0)


def _add_residents(built: LabelModel) -> None:
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    problem = built.problem
    for label in range(problem.neighbourhoods):
        inside = [
            (float(problem.residents[a]), x) for (a, k), x in built.place.items() if k == label
        ]
        heads = mathopt.LinearSum(people * x for people, x in inside)
        built.model.add_linear_constraint(
            lb=float(problem.least), ub=float(problem.most), expr=heads
        )
        if problem.least <= 0:
            built.model.add_linear_constraint(mathopt.fast_sum([x for _, x in inside]) >= 1.0)


def _add_practices(built: LabelModel) -> None:
    """At least one practice each; the limit on moves; the floors of PCNs."""
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    problem, freedom = built.problem, built.freedom
    practices = len(problem.practices)
    for label in range(problem.neighbourhoods):
        if not any(i < practices and k == label for i, k in built.fixed.items()):
            here = [y for (i, k), y in built.item.items() if k == label and i < practices]
            built.model.add_linear_constraint(mathopt.fast_sum([*here, 0.0]) >= 1.0)
    moved = [y for (i, k), y in built.item.items() if freedom.moves[i, k]]
    forced = sum(int(freedom.moves[i, k]) for i, k in built.fixed.items())
    if moved or forced:
        built.model.add_linear_constraint(
            mathopt.fast_sum([*moved, float(forced)]) <= float(freedom.allowed_moves)
        )
    if not problem.anchored:
        return
    for pcn in np.flatnonzero(problem.floor > 0).tolist():
        going = [
            (float(problem.list_size[i]), y)
            for (i, k), y in built.item.items()
            if i < practices and problem.pcn_of[i] == pcn and freedom.moves[i, k]
        ]
        gone = sum(
            int(problem.list_size[i])
            for i, k in built.fixed.items()
            if i < practices and problem.pcn_of[i] == pcn and freedom.moves[i, k]
        )
        today = int(problem.list_size[problem.pcn_of == pcn].sum() + problem.outside[pcn])
        spare = float(today - problem.floor[pcn] - gone)
        if going or spare < 0:
            leaving = mathopt.LinearSum(people * y for people, y in going)
            built.model.add_linear_constraint(lb=-np.inf, ub=spare, expr=leaving)


def _add_points(built: LabelModel) -> None:
    """Locks between LSOAs and practices."""
    lsoas = len(built.problem.lsoas)

    def at(point: int, label: int) -> mathopt.Variable | float:
        if point < lsoas:
            return built.place.get((point, label), 0.0)
        if point - lsoas in built.fixed:
            return float(built.fixed[point - lsoas] == label)
        return built.item.get((point - lsoas, label), 0.0)

    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    for one, other, together in built.problem.links.points:
        for label in range(built.problem.neighbourhoods):
            if together:
                difference = mathopt.LinearSum([at(one, label), -1.0 * at(other, label)])
                built.model.add_linear_constraint(lb=0.0, ub=0.0, expr=difference)
            else:
                both = mathopt.LinearSum([at(one, label), at(other, label)])
                built.model.add_linear_constraint(lb=-np.inf, ub=1.0, expr=both)


def _add_nest(built: LabelModel, *, whole: bool) -> None:
    """Each neighbourhood lies in one borough."""
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    nest = built.problem.nest
    if nest is None or nest.max(initial=0) == 0:
        return
    for label in range(built.problem.neighbourhoods):
        inside = [
            built.model.add_variable(lb=0.0, ub=1.0, is_integer=whole)
            for _ in range(int(nest.max()) + 1)
        ]
        built.model.add_linear_constraint(mathopt.fast_sum(inside) == 1.0)
        for (a, k), x in built.place.items():
            if k == label:
                built.model.add_linear_constraint(x - inside[int(nest[a])] <= 0.0)
