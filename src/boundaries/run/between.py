"""What differs between two options, or two runs: neighbourhoods matched by residents first.

Goes in: options or runs of one place. Comes out: frames. The labels of two runs are two people's
numbering: they are never compared as they stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from boundaries.errors import PlanError
from boundaries.measure import align_labels

if TYPE_CHECKING:
    from boundaries.plan import Plan
    from boundaries.run.run import Option, Run

__all__ = ["changed", "compare", "matched_labels"]

_COMPARED = ("alignment", "misaligned_patients", "practices_moved", "patients_moved")


def changed(option_a: Option, option_b: Option) -> pd.DataFrame:
    """Return the LSOAs and practices that are elsewhere in one option than in another.

    Parameters
    ----------
    option_a, option_b
        Options of one run, or of two runs of the same place.

    Returns
    -------
    pandas.DataFrame
        Columns kind (``lsoa`` or ``practice``), code, name, residents (of the LSOA), list_size (of
        the practice), neighbourhood_a, name_a, neighbourhood_b, name_b: as each option calls
        it. A neighbourhood of one option is that of the other with which it shares most
        residents, one to one; who stays in it is not in the table, whatever its label.

    Raises
    ------
    PlanError
        When the options are of two places, or of no run.

    Examples
    --------
    >>> boundaries.changed(run["move-0"], run["move-1"])["kind"].value_counts()["practice"]
    np.int64(1)
    """
    run_a, run_b = option_a.home, option_b.home
    ours, theirs = option_a.plan, option_b.plan
    if not ours.lsoas.index.equals(theirs.lsoas.index):
        one, other = set(ours.lsoas.index), set(theirs.lsoas.index)
        raise PlanError(
            f"These are options of two places: {len(one - other)} LSOAs are only in the first "
            f"({run_a.place.name}), {len(other - one)} only in the second ({run_b.place.name})."
        )
    matched = matched_labels(theirs, ours, residents=run_a.place.lsoas["residents"])
    parts = [
        _elsewhere("lsoa", ours.lsoas, theirs.lsoas, matched.lsoas),
        _elsewhere("practice", ours.practices, theirs.practices, matched.practices),
    ]
    table = pd.concat(parts, ignore_index=True)
    lsoas = run_a.place.lsoas
    practices = pd.concat([run_a.place.practices, run_b.place.practices])
    practices = practices[~practices.index.duplicated()]
    code = table["code"]
    names = code.map({**lsoas["lsoa_name"], **practices["practice_name"]})
    table.insert(2, "name", names)
    for place, (column, of) in enumerate((("residents", lsoas), ("list_size", practices)), start=3):
        table.insert(place, column, pd.to_numeric(code.map(of[column])))
    table.insert(
        6, "name_a", table["neighbourhood_a"].map(option_a.measures.neighbourhoods["name"])
    )
    table["name_b"] = table["neighbourhood_b"].map(option_b.measures.neighbourhoods["name"])
    return table


def matched_labels(plan: Plan, reference: Plan, *, residents: pd.Series[int]) -> Plan:
    """Relabel a plan after another: by residents, and where nobody lives by practices.

    A PCN may have practices in the place and no LSOA where it has most of the patients: such a
    neighbourhood of today's has no residents to be told by.

    Parameters
    ----------
    plan, reference
        Plans of the same place.
    residents
        Residents by LSOA; index ``lsoa_code``.
    """
    matched = align_labels(plan, reference, residents=residents)
    empty = [set(one.practices) - set(one.lsoas) for one in (matched, reference)]
    both = pd.DataFrame({"own": matched.practices, "other": reference.practices}).dropna()
    both = both[both["own"].isin(empty[0]) & both["other"].isin(empty[1])]
    names: dict[str, str] = {}
    for own, other in both.value_counts().sort_index().sort_values(ascending=False).index:
        if own not in names and other not in names.values():
            names[own] = other
    return matched.relabelled(names)


def _elsewhere(
    kind: str, ours: pd.Series[str], theirs: pd.Series[str], matched: pd.Series[str]
) -> pd.DataFrame:
    codes = ours.index.union(theirs.index)
    one, other = ours.reindex(codes), matched.reindex(codes)
    moved = one.ne(other)
    return pd.DataFrame(
        {
            "kind": kind,
            "code": codes[moved],
            "neighbourhood_a": one[moved].to_numpy(),
            "neighbourhood_b": theirs.reindex(codes)[moved].to_numpy(),
        }
    )


def compare(run_a: Run, run_b: Run) -> pd.DataFrame:
    """Compare two runs of the same place, option by option.

    Parameters
    ----------
    run_a, run_b
        Runs whose studies differ, in a lock or a weight, say.

    Returns
    -------
    pandas.DataFrame
        Index ``option_id``: every option of either run. Columns status_a, status_b (missing where
        a run does not have it); alignment, misaligned_patients, practices_moved and patients_moved
        with ``_a``, ``_b`` and ``_change`` behind them; lsoas_elsewhere, residents_elsewhere and
        practices_elsewhere, neighbourhoods matched by residents (`changed`).

    Raises
    ------
    PlanError
        When the runs are of two places.

    Examples
    --------
    >>> boundaries.compare(run, run)["residents_elsewhere"].sum()
    np.int64(0)
    """
    ids = dict.fromkeys(option.option_id for run in (run_a, run_b) for option in run.options)
    rows = [_row(option_id, run_a, run_b) for option_id in ids]
    return pd.DataFrame(rows).set_index("option_id")


def _row(option_id: str, run_a: Run, run_b: Run) -> dict[str, object]:
    row: dict[str, object] = {"option_id": option_id}
    found = [run[option_id] if option_id in run else None for run in (run_a, run_b)]  # noqa: SIM401
    one, other = found
    for end, option in zip("ab", found, strict=True):
        row[f"status_{end}"] = None if option is None else option.status
    for name in _COMPARED:
        values = [None if option is None else option.measures.summary[name] for option in found]
        row |= {f"{name}_a": values[0], f"{name}_b": values[1]}
        row[f"{name}_change"] = None if None in values else values[1] - values[0]  # type: ignore[operator]
    if one is not None and other is not None:
        table = changed(one, other)
        lsoas = table[table["kind"] == "lsoa"]
        row["lsoas_elsewhere"] = len(lsoas)
        row["residents_elsewhere"] = int(lsoas["residents"].sum())
        row["practices_elsewhere"] = len(table) - len(lsoas)
    return row
