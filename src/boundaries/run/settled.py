"""Settled and contested: in how many good plans each LSOA and practice has the same company.

Goes in: the solved options and near-optimal plans of a run, under shared labels. Comes out: a
table that the map and report show. Next: `boundaries.run.folder`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.plan import Plan

__all__ = ["settled_shares"]


def settled_shares(plans: Iterable[Plan]) -> pd.DataFrame:
    """Return the share of plans in which each LSOA and practice sits with its usual partners.

    Parameters
    ----------
    plans
        Plans whose labels are aligned (`boundaries.measure.align_labels`), so that one label
        stands for the same company in each. Identical plans count once.

    Returns
    -------
    pandas.DataFrame
        Columns kind (``lsoa`` or ``practice``), code, share (0–1); sorted. Empty for fewer than two
        different plans: nothing can be said then.
    """
    different = {_fingerprint(plan): plan for plan in plans}
    tables = {
        "lsoa": [plan.lsoas for plan in different.values()],
        "practice": [plan.practices for plan in different.values()],
    }
    if len(different) < 2:
        return pd.DataFrame({"kind": [], "code": [], "share": []})
    return pd.concat(
        [_shares(kind, columns) for kind, columns in tables.items()], ignore_index=True
    )


def _fingerprint(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(plan.lsoas), tuple(plan.practices)


def _shares(kind: str, columns: list[pd.Series[str]]) -> pd.DataFrame:
    wide = pd.concat(columns, axis=1, keys=range(len(columns)))
    usual = wide.mode(axis=1)[0]
    share = wide.eq(usual, axis=0).mean(axis=1)
    return pd.DataFrame({"kind": kind, "code": share.index, "share": share.round(6).to_numpy()})
