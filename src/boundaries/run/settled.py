"""Settled and contested: in how many good plans each LSOA and practice has the same company.

Goes in: the solved options of a run and the plans nearly as good, under shared labels. Comes out:
a table that the map and report show. Next: `boundaries.run.folder`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from boundaries.run.near import NearPlans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boundaries.plan import Plan

__all__ = ["SETTLED_COLUMNS", "settled_shares"]

SETTLED_COLUMNS = (
    "kind", "code", "neighbourhood", "share", "plans", "elsewhere", "sure", "at_least_share",
)  # fmt: skip
"""Columns of ``settled.csv``."""


def settled_shares(plans: Sequence[Plan], near: NearPlans | None = None) -> pd.DataFrame:
    """Return the share of plans in which each LSOA and practice sits with its usual partners.

    Parameters
    ----------
    plans
        The options' plans, whose labels are aligned (`boundaries.measure.align_labels`), so that
        one label stands for the same company in each. Identical plans count once.
    near
        Plans nearly as good, and who was shown to stay.

    Returns
    -------
    pandas.DataFrame
        Columns kind (``lsoa`` or ``practice``), code, neighbourhood (the usual one), share (0–1),
        plans (how many were compared), elsewhere (in how many it sits with others), sure
        (``stays``: shown that no plan nearly as good has it elsewhere while PCNs are based where
        they are; ``elsewhere``: a plan has it elsewhere; ``not found``: none was found),
        at_least_share (what being elsewhere costs more at least, as a share of the objective;
        missing where it was not looked at); sorted. Empty for fewer than two different plans:
        nothing can be said then.
    """
    near = near or NearPlans()
    different = {_fingerprint(plan): plan for plan in (*plans, *near.plans)}
    if len(different) < 2:
        return pd.DataFrame({name: [] for name in SETTLED_COLUMNS})
    tables = {
        "lsoa": [plan.lsoas for plan in different.values()],
        "practice": [plan.practices for plan in different.values()],
    }
    frame = pd.concat(
        [_shares(kind, columns) for kind, columns in tables.items()], ignore_index=True
    )
    stays = frame["code"].isin(near.stays) & (frame["elsewhere"] == 0)
    sure = pd.Series("not found", index=frame.index).mask(frame["elsewhere"] > 0, "elsewhere")
    least = frame["code"].map(near.at_least).astype("float64").round(6)
    frame = frame.assign(sure=sure.mask(stays, "stays"), at_least_share=least)
    return frame[list(SETTLED_COLUMNS)]


def _fingerprint(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(plan.lsoas), tuple(plan.practices)


def _shares(kind: str, columns: list[pd.Series[str]]) -> pd.DataFrame:
    wide = pd.concat(columns, axis=1, keys=range(len(columns)))
    usual = wide.mode(axis=1)[0]
    same = wide.eq(usual, axis=0)
    return pd.DataFrame(
        {
            "kind": kind,
            "code": wide.index,
            "neighbourhood": usual.to_numpy(),
            "share": same.mean(axis=1).round(6).to_numpy(),
            "plans": len(columns),
            "elsewhere": (~same).sum(axis=1).to_numpy(),
        }
    )
