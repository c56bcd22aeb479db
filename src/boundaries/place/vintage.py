"""Registrations by 2011 LSOAs, carried over to 2021 LSOAs.

Goes in: registration rows, the ONS lookup, residents of the 2021 LSOAs. Comes out: rows by 2021
LSOAs, each marked where its LSOA was modelled. Next: `boundaries.place.people`.

Unchanged (U) and merged (M) LSOAs carry over exactly. Patients of a split LSOA (S) are shared out
by the residents of its parts, those of an irregular one (X) likewise over what the lookup names:
that is modelling, and the share so modelled goes into the place and the report.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["to_2021"]


def to_2021(
    registrations: pd.DataFrame, lookup: pd.DataFrame, residents: pd.Series[float]
) -> pd.DataFrame:
    """Carry registrations from 2011 LSOA codes to 2021 codes.

    Parameters
    ----------
    registrations
        Columns practice_code, lsoa_code (2011, 2021, mixed or special codes), patients.
    lookup
        Columns lsoa11, lsoa21, change (``U``, ``S``, ``M`` or ``X``).
    residents
        Residents by 2021 LSOA code; where a split LSOA's parts have none, they share equally.

    Returns
    -------
    pandas.DataFrame
        Columns practice_code, lsoa_code, patients (int64), modelled (bool); sorted, one row a
        practice and LSOA and kind. Patients are whole people: every practice keeps its exact
        total, and every new LSOA its share of the old one to within one person.
    """
    rows = registrations.groupby(["practice_code", "lsoa_code"])["patients"].sum().reset_index()
    pairs = lookup[["lsoa11", "lsoa21", "change"]].drop_duplicates(["lsoa11", "lsoa21"])
    pairs = pairs[(pairs["lsoa11"] != pairs["lsoa21"]) & ~pairs["lsoa11"].isin(lookup["lsoa21"])]
    pairs = pairs.sort_values(["lsoa11", "lsoa21"])
    moving = rows["lsoa_code"].isin(pairs["lsoa11"])
    done = [rows[~moving].assign(modelled=False)]
    parts = {str(old): group for old, group in pairs.groupby("lsoa11")}
    for old, group in rows[moving].groupby("lsoa_code"):
        into = parts[str(old)]
        codes = into["lsoa21"].tolist()
        weights = [_whole(residents.get(code)) for code in codes]
        shares = share_out(group["patients"].to_numpy(), weights)
        modelled = len(codes) > 1 or bool((into["change"] == "X").any())
        for code, patients in zip(codes, shares.T, strict=True):
            done.append(group.assign(lsoa_code=code, patients=patients, modelled=modelled))
    every = pd.concat(done, ignore_index=True)
    every = every[every["patients"] > 0]
    keys = ["practice_code", "lsoa_code", "modelled"]
    counts = every.groupby(keys)["patients"].sum().reset_index()
    return counts[[*keys[:2], "patients", "modelled"]]


def share_out(patients: np.ndarray, weights: list[int]) -> np.ndarray:
    """Share whole people out over parts in proportion to weights.

    Rows are rounded in a running sum, so that single patients (two in five rows of the published
    files) do not all fall to the largest part.

    Parameters
    ----------
    patients
        Whole people of each row.
    weights
        Of each part; all 0 means equal parts.

    Returns
    -------
    numpy.ndarray
        One row a row, one column a part. Rows sum to ``patients``; columns are within one person
        of the exact share for each part split off.
    """
    left = np.asarray(patients, dtype=np.int64)
    if not sum(weights):
        weights = [1] * len(weights)
    columns = []
    for at, weight in enumerate(weights):
        total = sum(weights[at:])
        if not total:
            columns.append(np.zeros_like(left))
            continue
        running = np.concatenate(([0], np.cumsum(left)))
        rounded = (2 * running * weight + total) // (2 * total)
        columns.append(np.diff(rounded))
        left = left - columns[-1]
    return np.stack(columns, axis=1)


def _whole(value: float | None) -> int:
    return 0 if value is None or pd.isna(value) else max(0, round(value))
