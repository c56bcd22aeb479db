"""The lines between neighbourhoods: what bonds they part, how long they are, and along what.

Goes in: a `Place` and a `Plan`. Comes out: S and the figures beside it.
Next: `boundaries.measure.measure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = ["measure_lines"]


def measure_lines(place: Place, plan: Plan) -> dict[str, float]:
    """Measure the lines that a plan draws inside the place.

    Returns
    -------
    dict
        bonds_parted (S: the sum of the bonds of neighbouring pairs in different neighbourhoods, in
        people), pairs_parted (their count), line_km (length of the borders between neighbourhoods,
        those of cut pairs included), barrier_line_share (the share of that length where a barrier
        runs along or the study cut the pair; missing without lines).
    """
    pairs = place.neighbours
    parted = pairs[_parts(pairs, plan)]
    cut_m = float(place.cut_pairs["border_m"][_parts(place.cut_pairs, plan)].sum())
    on_barrier = parted["why"].str.split(",").map(lambda reasons: "barrier" in reasons)
    barrier_m = cut_m + float(parted["border_m"][on_barrier.astype(bool)].sum())
    line_m = cut_m + float(parted["border_m"].sum())
    return {
        "bonds_parted": round(float(parted["bond"].sum()), 3),
        "pairs_parted": len(parted),
        "line_km": line_m / 1000,
        "barrier_line_share": barrier_m / line_m if line_m else float("nan"),
    }


def _parts(pairs: pd.DataFrame, plan: Plan) -> pd.Series[bool]:
    """Say of each pair whether a plan has its two LSOAs in different neighbourhoods."""
    one, other = (plan.lsoas.reindex(pairs[f"lsoa_code_{end}"]).to_numpy() for end in "ab")
    return pd.Series(one != other, index=pairs.index)
