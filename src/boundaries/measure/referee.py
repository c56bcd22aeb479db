"""Whether a solver's claims survive being counted again.

Goes in: a `Place`, a `Plan`, its `Measures` and what the solver said of it. Comes out: nothing, or
one error that names every disagreement. Next: `boundaries.run` keeps the option.

The objective is counted a second time here, row by row in plain Python, so that one slip in the
measures cannot pass unseen.
"""

from __future__ import annotations

from collections import defaultdict
from math import isclose
from typing import TYPE_CHECKING

from boundaries.errors import RefereeError

if TYPE_CHECKING:
    from boundaries.measure.measures import Measures
    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = ["referee"]

_SHOWN = 20


def referee(  # noqa: PLR0913 - a claim is these things
    place: Place,
    plan: Plan,
    measures: Measures,
    *,
    objective: float | None,
    bound: float | None = None,
    allowed_moves: int | None = None,
    given: frozenset[int] = frozenset(),
) -> None:
    """Compare what a solver said of a plan with what the plan is.

    Parameters
    ----------
    measures
        From `boundaries.measure.measure_plan`, with the rules waived that the option waives.
    objective
        The solver's objective (people), or None when it claims none.
    bound
        No plan can have a smaller objective, the solver says; or None.
    allowed_moves
        Most practices that the option may move, or None for any number.
    given
        Rules that a map which nobody solved for may break: shown with the option, not a fault.

    Raises
    ------
    RefereeError
        With every disagreement: objective or bound, count of moves, rules broken.
    """
    faults = []
    counted = count_objective(place, plan, left_out=measures.left_out)
    measured = measures.summary["objective"]
    if not _same(counted, measured):
        faults.append(
            f"the objective is measured as {measured:,.3f} and counts up to {counted:,.3f}"
        )
    if objective is not None and not _same(objective, counted):
        faults.append(f"the solver's objective is {objective:,.3f}, the plan's is {counted:,.3f}")
    if bound is not None and bound > counted and not _same(bound, counted):
        faults.append(f"the bound, {bound:,.3f}, is above the plan's objective, {counted:,.3f}")
    moved = int(measures.summary["practices_moved"])
    if allowed_moves is not None and moved > allowed_moves:
        codes = ", ".join(measures.practices.index[measures.practices["moved"]])
        faults.append(f"{moved} practices move ({codes}), {allowed_moves} may")
    faults += [
        f"rule {broken.rule}: {broken.said}"
        for broken in measures.broken
        if broken.rule not in given
    ]
    if faults:
        more = [f"… and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        lines = "\n".join(f"  {fault}" for fault in [*faults[:_SHOWN], *more])
        raise RefereeError(
            f"The option does not survive being recomputed:\n{lines}\n"
            "This is a fault in the program, not in the data: please report it with the study."
        )


def _same(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)


def count_objective(place: Place, plan: Plan, *, left_out: frozenset[str] = frozenset()) -> float:
    """Count misaligned patients, weighted changes of team and bonds parted, row by row."""
    home, surgery = dict(plan.lsoas), dict(plan.practices)
    rows = place.registrations
    total = 0.0
    for practice, lsoa, patients in zip(
        rows["practice_code"], rows["lsoa_code"], rows["patients"], strict=True
    ):
        if home[lsoa] != surgery[practice]:
            total += patients
    residents = dict(place.lsoas["residents"])
    for layer in place.teams.values() if "teams" not in left_out else ():
        held: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        shares = layer.shares
        for lsoa, team, share in zip(
            shares["lsoa_code"], shares["team"], shares["share"], strict=True
        ):
            held[team][home[lsoa]] += residents[lsoa] * share
        for by_label in held.values():
            total += layer.weight * (sum(by_label.values()) - max(by_label.values()))
    pairs = place.neighbours if "bonds" not in left_out else place.neighbours[:0]
    for one, other, bond in zip(
        pairs["lsoa_code_a"], pairs["lsoa_code_b"], pairs["bond"], strict=True
    ):
        if home[one] != home[other]:
            total += bond
    return total
