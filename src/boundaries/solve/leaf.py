"""One pattern of anchors, from a first bound to a proof.

Goes in: `Problem`, `Freedom`, the people served by the best plan so far. Comes out: `Relaxed` (a
bound, shares, separators found) and `Leaf` (a plan and a bound that holds with connectedness).
Next: `boundaries.solve.ladder` chooses which pattern to take further.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.connected import broken, separate_fractions
from boundaries.solve.model import build_model
from boundaries.solve.quiet import quiet_solver
from boundaries.solve.search import Found, keeps_rules, served_people

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from ortools.math_opt.python import mathopt

    from boundaries.solve.connected import Separator
    from boundaries.solve.model import Freedom, LabelModel
    from boundaries.solve.problem import Problem

__all__ = ["Leaf", "Pool", "Relaxed", "relax", "settle"]

_BROKEN = 0.02
_LINK_BROKEN = 1.0


@dataclass
class Pool:
    """Separators found so far; valid for every neighbourhood of every pattern."""

    cuts: dict[Separator, None] = field(default_factory=dict)

    def broken_by(self, shares: NDArray[np.float64]) -> list[tuple[int, Separator]]:
        """Return the separators of the pool that relaxed shares break, and where."""
        found = []
        for cut in self.cuts:
            one, other, between = cut
            over = shares[one] + shares[other] - shares[list(between)].sum(axis=0) - 1.0
            found += [(int(label), cut) for label in np.flatnonzero(over > _BROKEN)]
        return found


@dataclass(frozen=True)
class Relaxed:
    """What the relaxation of a pattern says.

    Parameters
    ----------
    bound
        No plan under the pattern serves more people; minus infinity when there is none.
    lsoas, items
        Shares of LSOAs and items by neighbourhood.
    lsoa_loss, item_loss
        How much the bound falls, at least, when the LSOA or item is put there.
    rows
        Separators with their neighbourhoods, and links with theirs, that the model now holds.
    """

    bound: float
    lsoas: NDArray[np.float64]
    items: NDArray[np.float64]
    lsoa_loss: NDArray[np.float64]
    item_loss: NDArray[np.float64]
    rows: tuple[tuple[int, Separator], ...]
    links: tuple[tuple[int, int, bytes], ...]


@dataclass(frozen=True)
class Leaf:
    """The outcome of a pattern: the best plan (None when none beats the cutoff) and a bound."""

    found: Found | None
    bound: float
    done: bool
    nodes: int = 1


def relax(
    problem: Problem,
    freedom: Freedom,
    *,
    pool: Pool,
    cutoff: float = -np.inf,
    rounds: int = 60,
) -> Relaxed:
    """Return the relaxation's bound after rounds of separators and links.

    Parameters
    ----------
    problem, freedom
        The place, and what may go where.
    pool
        Separators to try first; new ones are added to it.
    cutoff
        Stop as soon as the bound shows that no plan serves more than this.
    rounds
        Most rounds.
    """
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    built = build_model(problem, freedom, whole=False)
    solver = mathopt.IncrementalSolver(built.model, mathopt.SolverType.GLOP)
    held: dict[tuple[int, Separator], None] = {}
    links: dict[tuple[int, int, bytes], None] = {}
    last, stalled = np.inf, 0
    now = _nothing(built)
    for _ in range(rounds):
        try:
            result = solver.solve()
        except Exception:  # noqa: BLE001 - GLOP gave up ("abnormal"): the last bound still holds
            return now
        if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            if result.termination.reason in (
                mathopt.TerminationReason.INFEASIBLE,
                mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
            ):
                return _nothing(built, bound=-np.inf)
            return now
        now = _read(built, result, tuple(held), tuple(links))
        if now.bound <= cutoff:
            break
        stalled = stalled + 1 if last - now.bound < 2e-5 * abs(now.bound) else 0
        last = now.bound
        if stalled >= 4:
            break
        new = [pair for pair in pool.broken_by(now.lsoas) if pair not in held]
        if not new:
            new = [
                pair for pair in separate_fractions(problem.graph, now.lsoas) if pair not in held
            ]
        more = _broken_links(built, now)
        if not new and not more:
            break
        _add_rows(built, new, more)
        pool.cuts.update((cut, None) for _, cut in new)
        held.update((pair, None) for pair in new)
        links.update((key, None) for key in more)
    return now


def _nothing(built: LabelModel, *, bound: float | None = None) -> Relaxed:
    lsoas, items = built.freedom.lsoas.shape, built.freedom.items.shape
    known = built.problem.total if bound is None else bound
    return Relaxed(
        known, np.zeros(lsoas), np.zeros(items), np.zeros(lsoas), np.zeros(items), (), ()
    )


def _read(
    built: LabelModel,
    result: mathopt.SolveResult,
    rows: tuple[tuple[int, Separator], ...],
    links: tuple[tuple[int, int, bytes], ...],
) -> Relaxed:
    lsoas = np.zeros(built.freedom.lsoas.shape)
    items = np.zeros(built.freedom.items.shape)
    loss_a, loss_i = np.zeros_like(lsoas), np.zeros_like(items)
    for i, k in built.fixed.items():
        items[i, k] = 1.0
    for shares, losses, variables in (
        (lsoas, loss_a, built.place),
        (items, loss_i, built.item),
    ):
        keys = np.array(list(variables), dtype=np.int64).reshape(len(variables), 2)
        if not len(keys):
            continue
        every = list(variables.values())
        shares[keys[:, 0], keys[:, 1]] = result.variable_values(every)
        losses[keys[:, 0], keys[:, 1]] = np.maximum(0.0, -np.array(result.reduced_costs(every)))
    # GLOP's own tolerance is 1e-6; a little is added so that the bound is one.
    bound = result.objective_value() + 1e-6 * max(1.0, built.problem.total) * 1e-1
    return Relaxed(bound, lsoas, items, loss_a, loss_i, rows, links)


def _broken_links(
    built: LabelModel, now: Relaxed, *, most: int = 150
) -> list[tuple[int, int, bytes]]:
    """Return the links between items and LSOAs that the relaxation breaks most."""
    found = []
    people = built.problem.people
    for i, k in built.item:
        share = now.items[i, k]
        if share < 1e-6 or share > 1 - 1e-6:
            continue
        x = now.lsoas[:, k]
        true = float((people[i] * np.minimum(x, share)).sum())
        loose = min(float(people[i] @ x), float(people[i].sum() * share))
        if loose - true > max(_LINK_BROKEN, 1e-3 * float(people[i].sum())):
            found.append((loose - true, i, k, (x < share).tobytes()))
    found.sort(key=lambda row: (-row[0], row[1], row[2]))
    return [(i, k, near) for _, i, k, near in found[:most]]


def _add_rows(
    built: LabelModel,
    rows: list[tuple[int, Separator]],
    links: list[tuple[int, int, bytes]],
) -> None:
    for label, cut in rows:
        left = built.separator(label, cut)
        if left is not None:
            built.model.add_linear_constraint(left <= 1.0)
    for i, k, near in links:
        if (i, k) in built.served:
            built.model.add_linear_constraint(
                built.link(i, k, np.frombuffer(near, dtype=bool)) <= 0.0
            )


def settle(
    problem: Problem,
    freedom: Freedom,
    relaxed: Relaxed,
    *,
    cutoff: float,
    nodes: int,
    stop: Callable[[], bool] | None = None,
) -> Leaf:
    """Solve a pattern by branch and cut: find a plan that serves more than ``cutoff``, or none.

    Parameters
    ----------
    problem, freedom
        The place, and what may go where.
    relaxed
        The pattern's relaxation: its rows are taken over, and what it rules out is fixed.
    cutoff
        People served by the best plan known; only better ones are looked for.
    nodes
        Work limit: nodes of the search tree.
    stop
        Asked now and then; True ends the search with what is known.

    Returns
    -------
    Leaf
        ``bound`` holds for the whole pattern: no plan under it serves more than
        max(cutoff, bound).
    """
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    step = 1.0 if problem.whole else 1e-6 * max(1.0, problem.total)
    least = cutoff + step if np.isfinite(cutoff) else -np.inf
    kept = _without_losers(freedom, relaxed, least)
    if not (kept.items.any(axis=1).all() and kept.lsoas.any(axis=1).all()):
        return Leaf(None, cutoff, done=True)
    built = build_model(problem, kept, whole=True)
    _add_rows(built, list(relaxed.rows), list(relaxed.links))
    watch = _Watch(built, stop)
    if np.isfinite(least):
        built.model.add_linear_constraint(built.objective >= least - 0.5 * step)
    parameters = mathopt.SolveParameters(
        node_limit=nodes, relative_gap_tolerance=0.0, absolute_gap_tolerance=0.999 * step
    )
    parameters.gscip.int_params["randomization/randomseedshift"] = 0
    events = {mathopt.Event.MIP_SOLUTION, mathopt.Event.MIP_NODE}
    with quiet_solver():
        result = mathopt.solve(
            built.model,
            mathopt.SolverType.GSCIP,
            params=parameters,
            callback_reg=mathopt.CallbackRegistration(
                events=events, add_cuts=True, add_lazy_constraints=True
            ),
            cb=watch,
        )
    return _outcome(built, freedom, result, relaxed, cutoff)


def _without_losers(freedom: Freedom, relaxed: Relaxed, least: float) -> Freedom:
    """Forbid what the relaxation shows cannot be in a plan that serves enough."""
    from dataclasses import replace  # noqa: PLC0415

    if not np.isfinite(least) or not np.isfinite(relaxed.bound):
        return freedom
    return replace(
        freedom,
        lsoas=freedom.lsoas & (relaxed.bound - relaxed.lsoa_loss >= least - 1e-3),
        items=freedom.items & (relaxed.bound - relaxed.item_loss >= least - 1e-3),
    )


class _Watch:
    """SCIP's callback: refuses broken plans, cuts broken relaxations, keeps the best plan."""

    def __init__(self, built: LabelModel, stop: Callable[[], bool] | None) -> None:
        self.built, self.stop = built, stop

    def __call__(self, data: mathopt.CallbackData) -> mathopt.CallbackResult:
        from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

        said = mathopt.CallbackResult()
        if data.solution is None:
            return said
        if self.stop is not None and self.stop():
            said.terminate = True
            return said
        built = self.built
        lsoas = _shares(built.freedom.lsoas.shape, built.place, data.solution)
        if data.event == mathopt.Event.MIP_SOLUTION:
            labels = lsoas.argmax(axis=1)
            cuts = broken(built.problem.graph, labels, built.problem.neighbourhoods)
            for cut in cuts:
                for label in range(built.problem.neighbourhoods):
                    left = built.separator(label, cut)
                    if left is not None:
                        said.add_lazy_constraint(left <= 1.0)
            return said
        for label, cut in separate_fractions(built.problem.graph, lsoas, most=4):
            left = built.separator(label, cut)
            if left is not None:
                said.add_user_cut(left <= 1.0)
        return said


def _shares(
    shape: tuple[int, int],
    variables: dict[tuple[int, int], mathopt.Variable],
    solution: dict[mathopt.Variable, float],
) -> NDArray[np.float64]:
    shares = np.zeros(shape)
    for key, variable in variables.items():
        shares[key] = solution[variable]
    return shares


def _outcome(
    built: LabelModel,
    freedom: Freedom,
    result: mathopt.SolveResult,
    relaxed: Relaxed,
    cutoff: float,
) -> Leaf:
    from ortools.math_opt.python import mathopt  # noqa: PLC0415 - heavy

    problem = built.problem
    nodes = max(1, int(result.solve_stats.node_count))
    reason = result.termination.reason
    if reason in (
        mathopt.TerminationReason.INFEASIBLE,
        mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
    ):
        return Leaf(None, cutoff, done=True, nodes=nodes)
    bound = min(relaxed.bound, float(result.termination.objective_bounds.dual_bound))
    found = None
    if result.has_primal_feasible_solution():
        values = result.variable_values()
        lsoas = _shares(built.freedom.lsoas.shape, built.place, values).argmax(axis=1)
        items = _shares(built.freedom.items.shape, built.item, values).argmax(axis=1)
        for i, k in built.fixed.items():
            items[i] = k
        if keeps_rules(problem, freedom, lsoas, items):
            found = Found(lsoas, items, served_people(problem, lsoas, items))
    done = reason == mathopt.TerminationReason.OPTIMAL and found is not None
    if problem.whole:
        bound = float(np.floor(bound + 1e-3))
    if found is not None:
        bound = max(bound, found.served)
    return Leaf(found, max(bound, cutoff), done=done, nodes=nodes)
