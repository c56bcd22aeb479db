"""A finished run: the place, its options with their measures, and where every number came from.

Goes in: a `Place`, plans, measures. Comes out: a folder (`write_run`) that is whole or not there,
and the same run again from the folder alone (`read_run`). Next: `boundaries.pages` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from boundaries.run.claims import OPTION_ID
from boundaries.run.shown import option_html, run_html

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.measure.measures import Measures
    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.problems import Problem
    from boundaries.study import Study

__all__ = [
    "NEAR_COLUMNS",
    "NEAR_DIFFERENCES",
    "SENSITIVITY_COLUMNS",
    "SENSITIVITY_UNITS",
    "Option",
    "Run",
]

NEAR_COLUMNS: Final = (
    "plan_id", "option_id", "practices_moved", "patients_moved", "misaligned_patients",
    "alignment", "objective", "extra_share", "lsoas_elsewhere", "practices_elsewhere",
)  # fmt: skip
"""Columns of ``near_plans.csv``."""

NEAR_DIFFERENCES: Final = ("plan_id", "kind", "code", "neighbourhood")
"""Columns of ``near_differences.csv``."""

SENSITIVITY_COLUMNS: Final = (
    "variant", "what", "option_id", "status", "objective", "gap", "alignment", "alignment_change",
    "practices_moved", "patients_moved", "lsoas_elsewhere", "practices_elsewhere", "said",
)  # fmt: skip
"""Columns of ``sensitivity.csv``."""

SENSITIVITY_UNITS: Final = ("kind", "code", "runs", "same", "share")
"""Columns of ``sensitivity_units.csv``."""


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class Option:
    """One option of a run: a plan, its measures, and what is known of its optimum.

    Parameters
    ----------
    option_id
        ``as-is``, ``move-0`` …, ``teams-stay``, ``best-fit``, ``footprint`` (with ``-k5`` behind
        it where a range of neighbourhood counts was asked for), or a scored plan's own name.
    family
        ``as-is``, ``ladder``, ``teams-stay``, ``best-fit``, ``footprint`` or ``scored``.
    title
        A few words for people, e.g. "2 practices move".
    plan, measures
        The plan and every measure of it, recomputed from the plan alone.
    status
        ``measured`` (nothing was decided), ``optimal`` (proven for the whole problem) or
        ``feasible``.
    bound
        No plan can have a smaller objective; None when nothing was decided or proven.
    seconds
        Time taken to find it.
    allowed_moves
        Most practices that were allowed to move (0 for today); None for any number.
    """

    option_id: str
    family: str
    title: str
    plan: Plan
    measures: Measures
    status: Literal["measured", "optimal", "feasible"]
    bound: float | None = None
    seconds: float = 0.0
    allowed_moves: int | None = None

    def __post_init__(self) -> None:
        """Refuse an id that could name a file elsewhere."""
        if not OPTION_ID.fullmatch(self.option_id):
            raise ValueError(f"{self.option_id!r} is no id of an option: a-z, 0-9 and - only")

    def _repr_html_(self) -> str:
        """Show the option in a notebook."""
        return option_html(self)

    @property
    def given(self) -> bool:
        """Whether the lines of the option are given: only where practices sit was decided."""
        return self.family in {"teams-stay", "footprint"}

    @property
    def gap(self) -> float | None:
        """(objective − bound) / objective, or None where no bound is proven."""
        objective = self.measures.summary["objective"]
        if self.bound is None:
            return None
        return 0.0 if objective == 0 else max(0.0, (objective - self.bound) / objective)


@dataclass(frozen=True)
class Run:
    """A finished run, as `boundaries.pages` draws it.

    Parameters
    ----------
    place
        The checked place.
    study
        The study of the run; its file paths may no longer exist.
    options
        ``as-is`` first, then the ladder in order of moves, then the other families.
    facts
        Per current PCN, index ``pcn_code``: pcn_name, practices, list_size, catchment_lsoas,
        catchment_parts (1 is contiguous), contiguous (bool), list_inside_share (share of its list
        living in its own catchment), catchment_registered_share (share of catchment residents'
        registrations that are with it), boroughs (names its practices lie in, "; " between).
    flows
        Cross-flows: columns living_in (PCN catchment), registered_with (PCN, or "none"), patients.
    catchment
        PCN of each LSOA's catchment: Series, index ``lsoa_code``.
    moves
        The change list of each option: columns option_id, practice_code, practice_name,
        pcn_code_from, pcn_name_from, pcn_code_to, pcn_name_to, neighbourhood,
        neighbourhood_if_stayed, list_size, patients_inside, patients_there, patients_if_stayed,
        patients_gained, why (`boundaries.measure.list_moves`).
    settled
        Share of solved and near-optimal plans in which each LSOA and practice sits with its most
        usual partners, and how sure that is: columns as `boundaries.run.settled.settled_shares`
        says; empty when there were fewer than two different plans.
    problems
        Every data problem found.
    record
        The content of ``run.json``.
    near, near_differences
        Plans nearly as good as the options, and what each puts elsewhere than its option does:
        columns as in `boundaries.run.near`; empty when none were looked for.
    sensitivity, sensitivity_units
        The study solved again with one choice changed, and in how many of these runs each LSOA and
        practice keeps its company: as in `boundaries.run.sensitivity`; empty when not asked for.
    suppressed
        Small numbers have been hidden in this very object (`boundaries.pages.suppress`). Never
        believed of a file: a run read from a folder is not suppressed, whatever is written there.
    """

    place: Place
    study: Study
    options: tuple[Option, ...]
    facts: pd.DataFrame
    flows: pd.DataFrame
    catchment: pd.Series
    moves: pd.DataFrame
    settled: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)
    near: pd.DataFrame = field(default_factory=lambda: _empty(NEAR_COLUMNS))
    near_differences: pd.DataFrame = field(default_factory=lambda: _empty(NEAR_DIFFERENCES))
    sensitivity: pd.DataFrame = field(default_factory=lambda: _empty(SENSITIVITY_COLUMNS))
    sensitivity_units: pd.DataFrame = field(default_factory=lambda: _empty(SENSITIVITY_UNITS))
    suppressed: bool = False

    def _repr_html_(self) -> str:
        """Show the run in a notebook."""
        return run_html(self)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that the run was made from: nothing may be written over them."""
        read = (source.path for source in self.place.sources)
        return tuple(dict.fromkeys(path for path in read if path is not None))

    def option(self, option_id: str) -> Option:
        """Return an option by its id.

        Raises
        ------
        KeyError
            When the run has no such option; the message lists those it has.
        """
        for option in self.options:
            if option.option_id == option_id:
                return option
        known = ", ".join(option.option_id for option in self.options)
        raise KeyError(f"no option {option_id!r}; this run has {known}")
