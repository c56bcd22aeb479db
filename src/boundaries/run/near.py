"""Plans nearly as good as an option: measured, refereed, and under the labels of the run.

Goes in: what `boundaries.solve.explain.alternatives` found. Comes out: `NearPlans`, of plans that
all kept every rule and were as good as claimed, or better, when they were counted again. Next:
`boundaries.run.settled` counts who sits with whom.

No near plan ends a run: none is proposed. One that is worse than was claimed of it, or breaks a
rule, is left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.errors import RefereeError
from boundaries.measure import align_labels, referee
from boundaries.run.options import measure_named
from boundaries.run.run import NEAR_COLUMNS, NEAR_DIFFERENCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boundaries.measure import Measures
    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.run.options import Labels
    from boundaries.run.run import Option
    from boundaries.solve.explain.alternatives import Near
    from boundaries.study import Study

__all__ = ["NearPlans", "measured_near"]


@dataclass(frozen=True)
class NearPlans:
    """Plans nearly as good as the options, and what was shown about who can leave.

    Parameters
    ----------
    plans
        The plans, under the labels of the run.
    table, differences
        Rows of ``near_plans.csv`` and ``near_differences.csv`` (docs/files.md).
    at_least
        By code: share of the best objective that being elsewhere costs more at least, over the
        rungs looked at, while the PCNs are based where they are.
    stays
        Codes shown to stay, in every rung looked at.
    looked_at
        The options around which plans were looked for.
    dropped
        How many plans were left out because they measured worse than the search claimed, or broke
        a rule; 0 unless there is a fault in the search.
    """

    plans: tuple[Plan, ...] = ()
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(NEAR_COLUMNS)))
    differences: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(NEAR_DIFFERENCES))
    )
    at_least: dict[str, float] = field(default_factory=dict)
    stays: frozenset[str] = frozenset()
    looked_at: tuple[str, ...] = ()
    dropped: int = 0


def measured_near(
    place: Place,
    study: Study,
    nears: Sequence[Near],
    *,
    options: Sequence[Option],
    labels: Labels,
) -> NearPlans:
    """Measure every plan again from the plan alone; leave out what is not as good as claimed.

    Parameters
    ----------
    place, study
        The place and its rules.
    nears
        What was found around the options.
    options
        The options of the run, as measured.
    labels
        The labels that every plan of the run shares.
    """
    if not nears:
        return NearPlans()
    known = {option.option_id: option for option in options}
    dropped = 0
    plans: list[Plan] = []
    rows: list[dict[str, object]] = []
    differences: list[pd.DataFrame] = []
    for near in nears:
        option = known[near.option_id]
        for found, objective in zip(near.plans, near.objectives, strict=True):
            plan = align_labels(found, labels.reference, residents=place.lsoas["residents"])
            apart = _apart(plan, option.plan)
            if apart.empty:
                continue
            measures = _refereed(place, study, plan, near, objective, labels)
            if measures is None:
                dropped += 1
                continue
            plan_id = f"{near.option_id}-near-{len(plans) + 1:03d}"
            plans.append(plan)
            rows.append(_row(plan_id, option, measures, apart))
            differences.append(apart.assign(plan_id=plan_id))
    every = pd.concat(differences, ignore_index=True) if differences else pd.DataFrame()
    return NearPlans(
        plans=tuple(plans),
        table=pd.DataFrame(rows, columns=list(NEAR_COLUMNS)),
        differences=every.reindex(columns=list(NEAR_DIFFERENCES)),
        at_least=_at_least(nears),
        stays=frozenset.intersection(*(near.stays for near in nears)),
        looked_at=tuple(near.option_id for near in nears),
        dropped=dropped,
    )


def _refereed(
    place: Place, study: Study, plan: Plan, near: Near, objective: float, labels: Labels
) -> Measures | None:
    """Measure a plan; None when it is worse than claimed, or breaks a rule."""
    measures = measure_named(
        place, study, plan, family="ladder", names=labels.names, allowed_moves=near.allowed_moves
    )
    best_claim = min(objective, measures.summary["objective"])
    try:
        referee(place, plan, measures, objective=best_claim, allowed_moves=near.allowed_moves)
    except RefereeError:
        return None
    return measures


def _apart(plan: Plan, other: Plan) -> pd.DataFrame:
    """Return what is elsewhere in a plan than in another one: kind, code, neighbourhood."""
    parts = []
    for kind, series, usual in (
        ("lsoa", plan.lsoas, other.lsoas),
        ("practice", plan.practices, other.practices),
    ):
        changed = series[series != usual.reindex(series.index)]
        parts.append(
            pd.DataFrame({"kind": kind, "code": changed.index, "neighbourhood": changed.to_numpy()})
        )
    return pd.concat(parts, ignore_index=True)


def _row(
    plan_id: str, option: Option, measures: Measures, apart: pd.DataFrame
) -> dict[str, object]:
    summary, best = measures.summary, option.measures.summary["objective"]
    counts = apart["kind"].value_counts()
    return {
        "plan_id": plan_id,
        "option_id": option.option_id,
        "practices_moved": int(summary["practices_moved"]),
        "patients_moved": int(summary["patients_moved"]),
        "misaligned_patients": int(summary["misaligned_patients"]),
        "alignment": round(summary["alignment"], 6),
        "objective": round(summary["objective"], 3),
        "extra_share": round(summary["objective"] / best - 1, 6) if best else 0.0,
        "lsoas_elsewhere": int(counts.get("lsoa", 0)),
        "practices_elsewhere": int(counts.get("practice", 0)),
    }


def _at_least(nears: Sequence[Near]) -> dict[str, float]:
    least: dict[str, float] = {}
    for near in nears:
        for code, people in near.at_least.items():
            share = people / near.best if near.best else 0.0
            least[code] = min(least.get(code, share), share)
    return least
