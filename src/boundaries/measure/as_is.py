"""Today as a plan: the footprints in use where the study has them, else PCN catchments.

Goes in: a `Place`. Comes out: a `Plan` in which every practice stays in its PCN.
Next: `boundaries.measure.measure`, like any other plan (with no moves allowed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boundaries.measure.facts import find_catchments
from boundaries.plan import Plan, label_key

if TYPE_CHECKING:
    from boundaries.place import Place

__all__ = ["as_is_plan"]


def as_is_plan(place: Place) -> Plan:
    """Draw today's neighbourhoods.

    With ``footprints["today"]`` the LSOAs are those of the footprints. A PCN sits in the footprint
    where most of its patients live (as many footprints as its span, each practice in the one of
    them where most of its own patients live).

    Without, each PCN's catchment is a neighbourhood, under the PCN's name (its code where two PCNs
    share a name), and its practices sit in it. An LSOA where nobody is registered with a PCN of
    the place joins the neighbouring catchment with the longest border (without any neighbour, that
    of the nearest LSOA).

    In both, a practice without a PCN sits where most of its patients live.

    Returns
    -------
    Plan
        It may break rules (a PCN that dominates nowhere has no LSOA): measured, never proposed.
    """
    footprints = place.footprints.get("today")
    if footprints is None:
        lsoas, own = _catchments(place)
    else:
        lsoas, own = footprints.reindex(place.lsoas.index).astype(str), None
    living = _living(place, lsoas)
    practices = {}
    for code, pcn in place.practices["pcn_code"].items():
        if own is not None and isinstance(pcn, str):
            practices[code] = own[pcn]
        else:
            sits = (
                None if own is not None or not isinstance(pcn, str) else _sits(place, living, pcn)
            )
            practices[code] = _most(living, [str(code)], sits)
    return Plan(lsoas, pd.Series(practices, dtype=lsoas.dtype))


def _living(place: Place, lsoas: pd.Series[str]) -> pd.DataFrame:
    """Patients by practice (rows) and neighbourhood where they live (columns, in their order)."""
    labels = sorted(set(lsoas), key=label_key)
    rows = place.registrations
    sums = np.zeros((len(place.practices), len(labels)), dtype=np.int64)
    at_practice = place.practices.index.get_indexer(pd.Index(rows["practice_code"]))
    at_label = pd.Index(labels).get_indexer(pd.Index(lsoas.reindex(rows["lsoa_code"])))
    np.add.at(sums, (at_practice, at_label), rows["patients"].to_numpy())
    return pd.DataFrame(sums, index=place.practices.index, columns=pd.Index(labels))


def _sits(place: Place, living: pd.DataFrame, pcn: str) -> list[str]:
    """Return the footprints with most of a PCN's patients, as many as its span."""
    codes = place.practices.index[(place.practices["pcn_code"] == pcn).fillna(value=False)]
    order = living.loc[codes].sum().sort_values(ascending=False, kind="stable")
    return list(order.index[: int(place.pcns.loc[pcn, "span"])])  # type: ignore[arg-type]  # pandas types a cell as any scalar


def _most(living: pd.DataFrame, codes: list[str], labels: list[str] | None) -> str:
    """Return the neighbourhood where most patients of some practices live; ties: the first."""
    counts = living.loc[codes].sum()
    if labels is not None:
        counts = counts[[label for label in living.columns if label in labels]]
    return str(counts.idxmax())


def _catchments(place: Place) -> tuple[pd.Series[str], dict[str, str]]:
    """Return each LSOA's label, and each PCN's."""
    names = place.pcns["pcn_name"]
    unique = ~names.duplicated(keep=False) & (names != "")
    own = {
        str(pcn): str(name) if good else str(pcn)
        for pcn, name, good in zip(names.index, names, unique, strict=True)
    }
    found = {str(a): own[pcn] for a, pcn in find_catchments(place).dropna().items()}
    _fill(place, found, next(iter(own.values()), "1"))
    return pd.Series({str(code): found[str(code)] for code in place.lsoas.index}), own


def _fill(place: Place, found: dict[str, str], last_resort: str) -> None:
    """Give LSOAs without a catchment to the neighbouring one with the longest border."""
    pairs = place.neighbours
    borders = [
        *zip(pairs["lsoa_code_a"], pairs["lsoa_code_b"], pairs["border_m"], strict=True),
        *zip(pairs["lsoa_code_b"], pairs["lsoa_code_a"], pairs["border_m"], strict=True),
    ]
    missing = [str(code) for code in place.lsoas.index if code not in found]
    while missing:
        length: dict[tuple[str, str], float] = {}
        for a, b, metres in borders:
            if a not in found and b in found:
                length[a, found[b]] = length.get((a, found[b]), 0.0) + metres
        if length:
            (code, label), _ = min(length.items(), key=lambda item: (-item[1], item[0]))
        else:
            code = missing[0]
            label = found.get(_nearest(place, code, list(found)), last_resort)
        found[code] = label
        missing.remove(code)


def _nearest(place: Place, code: str, others: list[str]) -> str:
    """Return the LSOA, of some, whose centre is nearest to that of another; ties by code."""
    if not others:
        return ""
    centres = place.lsoas.loc[sorted(others), ["centre_e", "centre_n"]]
    away = centres - place.lsoas.loc[code, ["centre_e", "centre_n"]].astype(float)
    return str((away**2).sum(axis=1).idxmin())
