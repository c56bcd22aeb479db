"""Who is in which PCN on the study's date.

Goes in: every membership row, in force or not. Comes out: one PCN a practice.
Next: `boundaries.checks.scope`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from boundaries.codes import NO_PCN

if TYPE_CHECKING:
    from boundaries.read.tables import Tables

__all__ = ["members_in_force"]

_COLUMNS = ["practice_code", "pcn_code", "pcn_name", "start", "row", "file"]


def members_in_force(tables: Tables) -> pd.DataFrame:
    """Return the PCN of every practice that has one on ``tables.memberships_on``.

    A row is in force when start ≤ date and (end blank or end ≥ date); a blank start counts as
    always. The latest start is kept where a practice has several. The membership file is used
    when there is one, else the PCN columns of the practice file.

    Returns
    -------
    pandas.DataFrame
        Index ``practice_code``, sorted. Columns pcn_code, pcn_name, row, file, and others: the
        codes of further PCNs in force on the date, "; " between, usually empty.
    """
    rows = _from_memberships(tables) if len(tables.memberships) else _from_practices(tables)
    rows = rows[~rows["pcn_code"].str.upper().isin(NO_PCN)]
    rows = rows.sort_values(
        ["practice_code", "start", "pcn_code"], ascending=[True, False, True], na_position="last"
    )
    others = (
        rows[rows.duplicated("practice_code")].groupby("practice_code")["pcn_code"].agg(list)
        if rows["practice_code"].duplicated().any()
        else pd.Series(dtype=object)
    )
    kept = rows.drop_duplicates("practice_code").set_index("practice_code").sort_index()
    kept["others"] = [
        "; ".join(sorted(set(others.get(code, [])) - {kept.loc[code, "pcn_code"]}))
        for code in kept.index
    ]
    blank = kept["pcn_name"] == ""
    names = kept[~blank].drop_duplicates("pcn_code").set_index("pcn_code")["pcn_name"]
    codes = kept.loc[blank, "pcn_code"]
    kept.loc[blank, "pcn_name"] = codes.map(names).fillna(codes)
    return kept[["pcn_code", "pcn_name", "row", "file", "others"]]


def _from_memberships(tables: Tables) -> pd.DataFrame:
    on = pd.Timestamp(tables.memberships_on)
    rows = tables.memberships
    in_force = (rows["start"].isna() | (rows["start"] <= on)) & (
        rows["end"].isna() | (rows["end"] >= on)
    )
    return _tidy(rows[in_force])


def _from_practices(tables: Tables) -> pd.DataFrame:
    return _tidy(tables.practices.assign(start=pd.Series(pd.NaT, index=tables.practices.index)))


def _tidy(rows: pd.DataFrame) -> pd.DataFrame:
    tidy = rows.reindex(columns=_COLUMNS)
    texts = {name: tidy[name].fillna("").astype(str).str.strip() for name in _COLUMNS[:3]}
    return tidy.assign(**texts, start=pd.to_datetime(tidy["start"]))
