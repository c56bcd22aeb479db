"""A finished run: the place, its options with their measures, and where every number came from.

Goes in: a `Place`, plans, measures. Comes out: a folder (`write_run`) that is whole or not there,
and the same run again from the folder alone (`read_run`). Next: `boundaries.pages` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.codes import nearest_name
from boundaries.guard import Guarded
from boundaries.run import views
from boundaries.run.option import Option
from boundaries.run.shown import run_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boundaries.place import Place
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


@dataclass(frozen=True, eq=False, repr=False)
class Run(Guarded):
    """A finished run: the place, its options, and where every number came from.

    ``run["move-1"]`` is an option (the tab key lists them), ``for option in run`` goes through
    all. Two runs are equal when they are of the same study, data and plans.

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

    def __post_init__(self) -> None:
        options = tuple(replace(option, run=self) for option in self.options)
        object.__setattr__(self, "options", options)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Run):
            return NotImplemented
        mine, theirs = (run.record.get("inputs") for run in (self, other))
        return (
            self.study.sha256 == other.study.sha256
            and mine == theirs
            and self.options == other.options
        )

    def __hash__(self) -> int:
        return hash((self.study.sha256, self.options))

    def __repr__(self) -> str:
        ids = ", ".join(option.option_id for option in self.options)
        stopped = ", stopped" if self.stopped else ""
        return f"Run({self.place.name!r}: {ids}{stopped})"

    def _repr_html_(self) -> str:
        """Show the run in a notebook."""
        return run_html(self)

    def __getitem__(self, option_id: str) -> Option:
        return self.option(option_id)

    def __contains__(self, option_id: object) -> bool:
        return any(option.option_id == option_id for option in self.options)

    def __iter__(self) -> Iterator[Option]:
        return iter(self.options)

    def __len__(self) -> int:
        return len(self.options)

    def _ipython_key_completions_(self) -> list[str]:
        return [option.option_id for option in self.options]

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that the run was made from: nothing may be written over them."""
        read = (source.path for source in self.place.sources)
        return tuple(dict.fromkeys(path for path in read if path is not None))

    def option(self, option_id: str) -> Option:
        """Return an option by its id; ``run[option_id]`` is the same.

        Raises
        ------
        KeyError
            When the run has no such option; the message lists those it has.

        Examples
        --------
        >>> run.option("move-1") == run["move-1"]
        True
        """
        for option in self.options:
            if option.option_id == option_id:
                return option
        known = [option.option_id for option in self.options]
        near = nearest_name(str(option_id), known)
        hint = f" Did you mean {near!r}?" if near else ""
        raise KeyError(f"no option {option_id!r}; this run has {', '.join(known)}.{hint}")

    @property
    def table(self) -> pd.DataFrame:
        """The options side by side: what each costs, what it buys, how sure that is.

        Returns
        -------
        pandas.DataFrame
            Index ``option_id``; columns title, then those of ``options.csv`` (docs/files.md), and
            seconds.

        Examples
        --------
        >>> run.table.loc["move-1", "practices_moved"]
        np.int64(1)
        """
        from boundaries.run.tables import options_table  # noqa: PLC0415 - it reads runs

        table = options_table(self).set_index("option_id")
        table.insert(0, "title", [option.title for option in self.options])
        return table.assign(seconds=[round(option.seconds, 1) for option in self.options])

    @property
    def stopped(self) -> bool:
        """Whether the run was stopped before it had looked at everything that was asked for."""
        return bool(self.record.get("stopped"))

    @property
    def not_reached(self) -> tuple[str, ...]:
        """Ids of options that were asked for and not reached, because the run was stopped."""
        return tuple(self.record.get("not_reached", ()))

    @property
    def history(self) -> pd.DataFrame:
        """How the search got on: each time a best plan or a bound got better.

        Returns
        -------
        pandas.DataFrame
            Columns option_id, seconds (since the search began), best and bound (people: objective
            of the best plan, and the least that any can have), gap (0–1). Empty for a run that
            looked for nothing.

        Examples
        --------
        >>> list(run.history)
        ['option_id', 'seconds', 'best', 'bound', 'gap']
        """
        columns = ["option_id", "seconds", "best", "bound"]
        frame = pd.DataFrame(self.record.get("history", []), columns=columns)
        best, bound = (pd.to_numeric(frame[name]) for name in ("best", "bound"))
        gap = ((best - bound) / best.where(best > 0)).clip(lower=0)
        return frame.assign(best=best, bound=bound, gap=gap)

    def catchment_parts(self) -> pd.DataFrame:
        """Return the connected parts of every PCN's catchment today, with their people.

        Returns
        -------
        pandas.DataFrame
            One row a part: pcn_code, pcn_name, part (1 is the largest by LSOAs), parts (how many
            the PCN's catchment has), lsoas, residents, patients (of the PCN, living there),
            lsoa_codes ("; " between). Rows with part 2 and above are detached.

        Examples
        --------
        >>> parts = run.catchment_parts()
        >>> int(parts["lsoas"].sum()) == len(run.place.lsoas)
        True
        """
        return views.catchment_parts(self)
