"""A plan: every LSOA and every practice in one neighbourhood. Nothing else is needed to score it.

Goes in: two columns, from a solver, a file, or a hand. Comes out: `Plan`, which `measure` reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boundaries.errors import PlanError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """An assignment of LSOAs and practices to neighbourhoods.

    Parameters
    ----------
    lsoas
        Neighbourhood label (text) of every LSOA; index ``lsoa_code``, sorted.
    practices
        Neighbourhood label (text) of every practice; index ``practice_code``, sorted.

    Raises
    ------
    PlanError
        When a code stands twice or has no neighbourhood.
    """

    lsoas: pd.Series[str]
    practices: pd.Series[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "lsoas", _tidy(self.lsoas, "lsoa_code"))
        object.__setattr__(self, "practices", _tidy(self.practices, "practice_code"))

    @property
    def neighbourhoods(self) -> tuple[str, ...]:
        """Labels of the neighbourhoods, numbers in their own order before names."""
        labels = set(self.lsoas) | set(self.practices)
        return tuple(sorted(labels, key=label_key))

    def relabelled(self, names: dict[str, str]) -> Plan:
        """Return the same plan under other labels (labels not named keep theirs)."""
        return Plan(
            self.lsoas.map(lambda label: names.get(label, label)),
            self.practices.map(lambda label: names.get(label, label)),
        )


def label_key(label: str) -> tuple[int, int, str]:
    """Sort key that puts "2" before "10" and numbers before names."""
    return (0, int(label), "") if label.isdigit() else (1, 0, label)


def _tidy(series: pd.Series[str], index_name: str) -> pd.Series[str]:
    what = index_name.removesuffix("_code")
    if series.isna().any():
        codes = ", ".join(map(str, series.index[series.isna()][:10]))
        raise PlanError(
            f"{int(series.isna().sum())} {what}s have no neighbourhood: {codes}. "
            "Give each one a neighbourhood."
        )
    if not series.index.is_unique:
        codes = ", ".join(sorted(set(map(str, series.index[series.index.duplicated()])))[:10])
        raise PlanError(f"{what} codes stand twice in the plan: {codes}. Keep one row of each.")
    tidy = series.astype(str).sort_index()
    tidy.index = tidy.index.astype(str).rename(index_name)
    return tidy.rename("neighbourhood")
