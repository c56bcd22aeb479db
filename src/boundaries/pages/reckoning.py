"""Hides what would give a hidden count away, when everything shown is taken together.

Goes in: an exact `Run`. Comes out: which of its counts must be hidden besides the small ones, by
table, row and column. Next: `boundaries.pages.suppress` hides them.

First the second smallest count of a sum is hidden where one alone is small. Then, as every
published count is a sum of unknowns, a linear programme asks for each count that is not shown how
small and how large it could be, given all that is shown. Where the two are too near, the smallest
of the shown counts that hold it there is hidden too, and so on until nothing is left to hide. Small
counts may still hold each other (seven small counts in a sum that is small, too). A programme lets
unknowns be fractions, so it may think a count a little freer than it is:
`tests/hostile/disclosure.py` looks with whole numbers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from boundaries.pages.published import systems_of
from boundaries.run.tables import ROUNDED_TO, SMALLEST_SHOWN, counts_people

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from boundaries.pages.published import Count, System, Where
    from boundaries.run import Run

__all__ = ["Hidden", "hidden_besides"]

_ENOUGH: Final = 5
"""How far apart the least and the most must be that a hidden count could be."""

Hidden = dict[str, list[tuple["Hashable", str]]]
"""By table: the key of the row, and the column."""

_NOUGHT: Final = 1e-9
_EVERYBODY: Final = 1e8


def hidden_besides(run: Run) -> Hidden:
    """Return the counts to hide besides small ones, so that no small one can be reckoned.

    Examples
    --------
    >>> hidden_besides(run).get("flows", [])
    []
    """
    seconds = _seconds(run)
    hidden: dict[str, set[tuple[Hashable, str]]] = defaultdict(set)
    for table, row, column in seconds:
        hidden[table].add((row, column))
    for system in systems_of(run):
        for count in _hidden(system, seconds):
            for table, row, column in count.where:
                hidden[table].add((row, column))
    return {table: list(cells) for table, cells in hidden.items()}


def _seconds(run: Run) -> set[Where]:
    """Return the next smallest count of every column, or group of rows, in which one is small."""
    tables: list[tuple[str, pd.DataFrame, str | None]] = [
        ("practices", run.place.practices, None), ("pcns", run.place.pcns, None),
        ("flows", run.flows, "living_in"), ("flows", run.flows, "registered_with"),
        ("moves", run.moves, "option_id"),
    ]  # fmt: skip
    for option in run.options:
        tables += [
            (f"{option.option_id}/{name}", getattr(option.measures, name), None)
            for name in ("neighbourhoods", "practices", "pcns", "quintiles")
        ]
    found: set[Where] = set()
    for table, frame, within in tables:
        groups = frame.groupby(within).groups.values() if within else [frame.index]
        for column in filter(counts_people, frame.select_dtypes("number").columns):
            size = frame[column].astype("float64").abs().fillna(0).to_dict()
            for rows in groups:
                shown = [
                    row for row in rows
                    if size[row] >= SMALLEST_SHOWN and (table, row, column) not in found
                ]  # fmt: skip
                if sum(size[row] > 0 for row in rows) == len(shown) + 1 and shown:
                    found.add((table, min(shown, key=lambda row: size[row]), column))
    return found


def _hidden(system: System, seconds: Iterable[Where] = ()) -> list[Count]:
    unknown = [count for count in system.counts if count.sums is None]
    counts = [count for count in system.counts if count.sums is not None]
    if not any(count.whole and _is_small(count) for count in counts):
        return unknown
    return unknown + _Attack(counts).hide(set(seconds))


def _is_small(count: Count) -> bool:
    return _NOUGHT < abs(count.exact / count.times) < SMALLEST_SHOWN


def _limits(count: Count, *, hidden: bool) -> tuple[float, float]:
    """Return between what a count must be, by what is published of it."""
    size = abs(count.exact / count.times)
    whole = count.whole and count.times == 1
    if size < _NOUGHT:
        return 0.0, 0.0
    if _is_small(count):
        low, high = (1.0, 7.0) if whole else (0.0, SMALLEST_SHOWN)
    elif hidden:
        low, high = math.ceil(SMALLEST_SHOWN), math.inf
    else:
        shown = (size / ROUNDED_TO + 0.5) // 1 * ROUNDED_TO
        off = (ROUNDED_TO - 1) / 2 if whole else ROUNDED_TO / 2
        low, high = max(SMALLEST_SHOWN if not whole else 8.0, shown - off), shown + off
    low, high = low * count.times, high * count.times
    return (low, high) if count.exact > 0 else (-high, -low)


def _alike(counts: list[Count]) -> NDArray[Any]:
    """Return one unknown of each kind: those in the same counts are one to an attacker."""
    chance = np.random.default_rng(0)
    key = np.zeros(len(counts[0].sums))  # type: ignore[arg-type]  # those without were left out
    for count in counts:
        key += chance.standard_normal() * count.sums  # type: ignore[operator]  # as above
    _, first = np.unique(key, return_index=True)
    kinds: NDArray[Any] = first[key[first] != 0]
    return kinds


class _Attack:
    """The linear programme of one system, and what is hidden of it."""

    def __init__(self, counts: list[Count]) -> None:
        from ortools.linear_solver import pywraplp

        self.counts = counts
        self._solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._optimal = pywraplp.Solver.OPTIMAL
        kinds = _alike(counts)
        self.sums = np.stack([np.asarray(count.sums, float)[kinds] for count in counts])
        self.unknowns = [self._solver.NumVar(0.0, _EVERYBODY, "") for _ in kinds]
        self.rows = []
        for count, sums in zip(counts, self.sums, strict=True):
            row = self._solver.Constraint(*_limits(count, hidden=False))
            for at in np.flatnonzero(sums):
                row.SetCoefficient(self.unknowns[at], float(sums[at]))
            self.rows.append(row)
        self.least = np.array([count.exact for count in counts])
        self.most = self.least.copy()

    def hide(self, seconds: set[Where]) -> list[Count]:
        """Hide counts until none that is hidden can be told; return those besides small ones."""
        hidden = dict.fromkeys(
            at for at, count in enumerate(self.counts)
            if _is_small(count) or not seconds.isdisjoint(count.where)
        )  # fmt: skip
        for at in hidden:
            self.rows[at].SetBounds(*_limits(self.counts[at], hidden=True))
        waiting = [at for at in hidden if self.counts[at].whole]
        while waiting:
            at = waiting[0]
            holding = self._reach(at)
            if self.most[at] - self.least[at] >= _ENOUGH * self.counts[at].times:
                waiting.pop(0)
                continue
            free = [other for other in holding if other not in hidden and self.counts[other].exact]
            if not free:  # what is hidden holds it, being small: nothing shown does
                waiting.pop(0)
                continue
            other = min(free, key=lambda one: (abs(self.counts[one].exact), one))
            hidden[other] = None
            self.rows[other].SetBounds(*_limits(self.counts[other], hidden=True))
            if self.counts[other].whole:
                waiting.append(other)
        return [self.counts[at] for at in hidden if not _is_small(self.counts[at])]

    def _reach(self, at: int) -> set[int]:
        """Look how small and large a count can be; return the counts that hold it there."""
        holding: set[int] = set()
        objective = self._solver.Objective()
        for larger in (True, False):
            if self.most[at] - self.least[at] >= _ENOUGH * self.counts[at].times:
                break
            objective.Clear()
            for unknown in np.flatnonzero(self.sums[at]):
                objective.SetCoefficient(self.unknowns[unknown], float(self.sums[at][unknown]))
            objective.SetOptimizationDirection(larger)
            if self._solver.Solve() == self._optimal:
                found = self.sums @ np.array([one.solution_value() for one in self.unknowns])
                self.least, self.most = np.minimum(self.least, found), np.maximum(self.most, found)
                holding |= {
                    other for other, row in enumerate(self.rows)
                    if other != at and abs(row.dual_value()) > _NOUGHT
                }  # fmt: skip
            else:  # given up: whatever has to do with it may hold it
                holding |= set(np.flatnonzero(self.sums @ np.abs(self.sums[at])).tolist()) - {at}
        return holding
