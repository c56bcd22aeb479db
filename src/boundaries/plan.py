"""A plan: every LSOA and every practice in one neighbourhood. Nothing else is needed to score it.

Goes in: two columns, from a solver, a file, or a hand. Comes out: `Plan`, which `measure` reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boundaries.codes import nearest_name
from boundaries.errors import PlanError
from boundaries.guard import Guarded

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["Plan"]


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Guarded):
    """An assignment of LSOAs and practices to neighbourhoods.

    Two plans are equal when they put every code under the same label. A plan never changes:
    `move` returns another one, and its columns are handed out as copies.

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

    Examples
    --------
    >>> option.plan
    Plan(187 LSOAs, 30 practices, 5 neighbourhoods)
    >>> option.plan.practices.head(2)
    practice_code
    Z99001    1
    Z99002    1
    Name: neighbourhood, dtype: str
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

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Plan):
            return NotImplemented
        return self.lsoas.equals(other.lsoas) and self.practices.equals(other.practices)

    def __hash__(self) -> int:
        return hash((tuple(self.lsoas), tuple(self.practices)))

    def __repr__(self) -> str:
        return (
            f"Plan({len(self.lsoas)} LSOAs, {len(self.practices)} practices, "
            f"{len(self.neighbourhoods)} neighbourhoods)"
        )

    def move(self, codes: str | Iterable[str], *, to: str) -> Plan:
        """Return the plan with practices or LSOAs in another neighbourhood.

        Parameters
        ----------
        codes
            Code of a practice or an LSOA, or several of them.
        to
            Label of the neighbourhood. Which practices then change PCN is measured
            (`boundaries.score`), not said here.

        Raises
        ------
        PlanError
            When the plan does not have a code, or the label.

        Examples
        --------
        >>> tried = option.plan.move("Z99002", to="3")
        >>> tried.practices["Z99002"], tried == option.plan
        ('3', False)
        """
        wanted = [codes] if isinstance(codes, str) else list(codes)
        known = {*self.lsoas.index, *self.practices.index}
        faults = [_unknown(code, known) for code in wanted if code not in known]
        if str(to) not in self.neighbourhoods:
            labels = ", ".join(self.neighbourhoods)
            faults.append(f"There is no neighbourhood {to!r}; the labels are {labels}.")
        if faults:
            raise PlanError(" ".join(faults))

        def moved(column: pd.Series[str]) -> pd.Series[str]:
            return column.mask(column.index.isin(wanted), str(to))

        return Plan(moved(self.lsoas), moved(self.practices))

    def relabelled(self, names: dict[str, str]) -> Plan:
        """Return the same plan under other labels (labels not named keep theirs)."""
        return Plan(
            self.lsoas.map(lambda label: names.get(label, label)),
            self.practices.map(lambda label: names.get(label, label)),
        )


def _unknown(code: str, known: set[str]) -> str:
    near = nearest_name(str(code), known)
    return f"The plan has no {code!r}." + (f" Did you mean {near!r}?" if near else "")


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
