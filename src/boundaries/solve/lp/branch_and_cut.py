"""One pattern of anchors to its proof: branch and cut with SCIP.

Goes in: `JointBound` and the people served by the best plan known. Comes out: `MipResult`: a better
plan or none, and a bound that holds with connectedness. Next:
`boundaries.solve.branch_and_bound.loop` takes the next one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.graph import PopulationRule, broken
from boundaries.solve.heuristics.annealing import Solution, keeps_rules, served_people
from boundaries.solve.lp.joint_relaxation import rows_of
from boundaries.solve.lp.model import build_model, separator_row
from boundaries.solve.lp.quiet import quiet_solver
from boundaries.solve.lp.separation import separate_fractions
from boundaries.solve.work import work_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from ortools.math_opt.python import mathopt

    from boundaries.solve.instance import Instance
    from boundaries.solve.lp.joint_relaxation import JointBound
    from boundaries.solve.lp.model import LabelModel, Row

__all__ = ["MipResult", "branch_and_cut"]

_NODE = 0.6
"""Work of a node of SCIP's, against solving its relaxation anew."""

_SETTINGS = {"separating/gomory/freq": -1, "heuristics/rens/freq": -1, "presolving/maxrestarts": 0}
"""What SCIP leaves out: half of its time went there, for a few rows (docs/decisions/0003)."""


@dataclass(frozen=True)
class MipResult:
    """The outcome of a pattern.

    Parameters
    ----------
    solution
        The best plan found that serves more than the target, if any.
    bound
        No plan under the pattern serves more than this (at least the target).
    work
        Work done (`boundaries.solve.work.work_of`).
    """

    solution: Solution | None
    bound: float
    work: float


def branch_and_cut(
    instance: Instance,
    relaxed: JointBound,
    *,
    target: float,
    most_work: float,
    stop: Callable[[], bool] = lambda: False,
) -> MipResult:
    """Look for a plan under a pattern that serves more than ``target``, or prove there is none.

    Parameters
    ----------
    instance
        The place.
    relaxed
        The pattern's relaxation: its freedom and rows are taken over. It must have been made with
        a target no higher than this one.
    target
        Only plans that serve more are looked for.
    most_work
        Work limit.
    stop
        Asked at every node; True ends the search with what is known.
    """
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    if not relaxed.domains.possible or relaxed.bound <= target:
        return MipResult(None, target, 0.01)
    step = 1.0 if instance.is_integral else 1e-6 * max(1.0, instance.total)
    built = build_model(instance, relaxed.domains)
    model = mathopt.Model()
    columns = [
        model.add_variable(lb=0.0, ub=most, is_integer=is_integer)
        for most, is_integer in zip(built.most, built.is_integer, strict=True)
    ]
    rows = [*built.rows, *rows_of(built, relaxed.cuts, relaxed.links)]
    watch = _Watch(built, columns, stop, _NODE * work_of(sum(len(row.columns) for row in rows)))
    watch.most_work = most_work
    if watch.work > most_work:  # the root alone would take more than there is
        return MipResult(None, max(relaxed.bound, target), 0.0)
    for row in rows:
        model.add_linear_constraint(lb=row.least, ub=row.most, expr=_sum(columns, row))
    objective = mathopt.LinearSum(
        gain * column for gain, column in zip(built.gain, columns, strict=True) if gain
    )
    model.maximize(objective)
    # Whole people: a target between two whole numbers must not keep out the upper one.
    least = (np.floor(target + 1e-6) if instance.is_integral else target) + 0.5 * step
    if np.isfinite(target):
        model.add_linear_constraint(lb=least, ub=np.inf, expr=objective)
    parameters = _parameters(step, least)
    result = None
    with suppress(RuntimeError), quiet_solver():  # SCIP may give up: the bound still holds
        result = mathopt.solve(
            model,
            mathopt.SolverType.GSCIP,
            params=parameters,
            model_params=mathopt.ModelSolveParameters(
                branching_priorities={columns[column]: 10 for column in built.item.values()}
            ),
            callback_reg=mathopt.CallbackRegistration(
                events={mathopt.Event.MIP_SOLUTION, mathopt.Event.MIP_NODE},
                add_cuts=True,
                add_lazy_constraints=True,
            ),
            cb=watch,
        )
    if watch.fault is not None:
        raise watch.fault
    if result is None:
        return MipResult(None, max(relaxed.bound, target), watch.work)
    return _outcome(watch, result, relaxed, target)


def _parameters(step: float, least: float) -> mathopt.SolveParameters:
    """Return what SCIP is told: plans differ by ``step`` at least, and must serve ``least``."""
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    parameters = mathopt.SolveParameters(
        relative_gap_tolerance=0.0, absolute_gap_tolerance=0.999 * step
    )
    if np.isfinite(least):  # SCIP drops the row and does not cut off by it: it must be told
        parameters.gscip.objective_limit = least
    parameters.gscip.bool_params["misc/catchctrlc"] = False  # the command line's to answer
    for name, value in _SETTINGS.items():
        parameters.gscip.int_params[name] = value
    return parameters


def _sum(columns: list[mathopt.Variable], row: Row) -> mathopt.LinearBase:
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    return mathopt.LinearSum(
        weight * columns[column] for column, weight in zip(row.columns, row.weights, strict=True)
    )


class _Watch:
    """SCIP's callback: refuses plans in pieces, and cuts relaxations that are."""

    def __init__(
        self,
        built: LabelModel,
        columns: list[mathopt.Variable],
        stop: Callable[[], bool],
        each: float,
    ) -> None:
        self.built, self.columns, self.stop = built, columns, stop
        self.each, self.work, self.most_work = each, 0.02 + 5 * each, np.inf
        self.fault: BaseException | None = None
        instance = built.instance
        self.population_rule = PopulationRule.of(instance.graph, instance.residents, instance.least)

    def __call__(self, data: mathopt.CallbackData) -> mathopt.CallbackResult:
        """Answer SCIP; a fault of our own ends it, to be raised when SCIP has returned."""
        from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

        try:
            return self._answer(data)
        except BaseException as fault:  # noqa: BLE001 - must not fly through SCIP: raised after it
            self.fault = fault
            return mathopt.CallbackResult(terminate=True)

    def _answer(self, data: mathopt.CallbackData) -> mathopt.CallbackResult:
        """Answer SCIP about a plan or a relaxation."""
        from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

        said = mathopt.CallbackResult()
        if data.solution is None:
            return said
        self.work += self.each
        if self.work > self.most_work or self.stop():
            said.terminate = True
            return said
        built, graph = self.built, self.built.instance.graph
        shares = _shares(built.domains.lsoas.shape, built.place, self.columns, data.solution)
        if data.event == mathopt.Event.MIP_SOLUTION:
            count = built.instance.neighbourhoods
            for cut in broken(graph, shares.argmax(axis=1), count, self.population_rule):
                for label in range(count):
                    row = separator_row(built, label, cut)
                    if row is not None:
                        said.add_lazy_constraint(_sum(self.columns, row) <= row.most)
            return said
        for label, cut in separate_fractions(graph, shares, population_rule=self.population_rule):
            row = separator_row(built, label, cut)
            if row is not None:
                said.add_user_cut(_sum(self.columns, row) <= row.most)
        return said


def _shares(
    shape: tuple[int, ...],
    variables: dict[tuple[int, int], int],
    columns: list[mathopt.Variable],
    solution: dict[mathopt.Variable, float],
) -> NDArray[np.float64]:
    shares = np.zeros(shape)
    for key, column in variables.items():
        shares[key] = solution[columns[column]]
    return shares


def _outcome(
    watch: _Watch, result: mathopt.SolveResult, relaxed: JointBound, target: float
) -> MipResult:
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    built, columns, instance = watch.built, watch.columns, watch.built.instance
    reason = result.termination.reason
    if reason in (
        mathopt.TerminationReason.INFEASIBLE,
        mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
    ):
        return MipResult(None, target, watch.work)
    bound = min(relaxed.bound, float(result.termination.objective_bounds.dual_bound))
    if instance.is_integral:
        bound = float(np.floor(bound + 1e-3))
    solution = None
    if result.has_primal_feasible_solution():
        values, domains = result.variable_values(), built.domains
        lsoas = _shares(domains.lsoas.shape, built.place, columns, values).argmax(axis=1)
        items = _shares(domains.items.shape, built.item, columns, values).argmax(axis=1)
        for i, k in built.fixed.items():
            items[i] = k
        if keeps_rules(instance, domains, lsoas, items):
            solution = Solution(lsoas, items, served_people(instance, lsoas, items))
            bound = max(bound, solution.served)
    return MipResult(solution, max(bound, target), watch.work)
