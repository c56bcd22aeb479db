"""Patterns fathomed by the thousand, by row duals of patterns that share their PCN sets.

Goes in: `Instance`, the patterns with their multipliers, row duals of PCN sets. Comes out: dual
bounds of patterns that hold for connected maps, with the practices of a PCN with two anchors in one
of two neighbourhoods each (`boundaries.solve.patterns.split_assignment`). Next:
`boundaries.solve.branch_and_bound.steps` bounds what is left by the assignment tree.

Patterns are taken in parts, side by side, each with row duals of its own: the same on any number of
cores.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from boundaries.solve.heuristics.annealing import room_of
from boundaries.solve.instance import entries_of
from boundaries.solve.patterns.enumerate import MOST_PCNS
from boundaries.solve.patterns.lagrangian import served_by_pcn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance
    from boundaries.solve.lp.separator_rows import SeparatorRows
    from boundaries.solve.patterns.lagrangian import LagrangianBounds

__all__ = ["MultiplierFilter", "make_multiplier_filter"]

_PARTS = 4
"""Patterns are taken in so many parts at a time."""

_CHUNK = 500
"""Patterns of a part after which work is counted and `stop` asked."""

_SHALLOW, _DEEP = (20, 0), (20, 12)
"""Steps of a descent, descents of a pattern: for a first look at all patterns, and for what that
does not fathom."""

_MOST_SPLIT = 9
"""Practices whose splits are told apart."""

_SAFE = 1e-7
_SPLIT_WORK = 2.5e-10
_GAIN_WORK = 1e-7
_DESCENT_WORK = 1.5e-6
"""Work of a split and an LSOA, of an LSOA's gains, and of an LSOA in a descent."""


@dataclass
class MultiplierFilter:
    """What patterns of a place are filtered with.

    Parameters
    ----------
    instance
        The place.
    lagrangian
        Whose PCN sets the patterns have.
    profit
        People of each set in each LSOA, without those of the PCN with seats.
    split_pcn
        As `boundaries.solve.patterns.split_assignment` wants them.
    row_duals
        Of each part: the duals of the rows each set.
    """

    instance: Instance
    lagrangian: LagrangianBounds
    profit: NDArray[np.float64]
    split_pcn: tuple[int, NDArray[np.int64], NDArray[np.float64]]
    row_duals: list[NDArray[np.float64]] = field(default_factory=list)

    def bound(
        self,
        rows: SeparatorRows,
        which: NDArray[np.int64],
        dual_bounds: NDArray[np.float64],
        *,
        moves: int,
        target: float,
        out: Callable[[float], bool],
    ) -> float:
        """Lower the bounds of patterns, of all a little, then of the highest; return the work done.

        Parameters
        ----------
        rows
            Separators that are known.
        which
            Numbers of the patterns.
        dual_bounds
            Bounds of all patterns: lowered.
        moves
            Most practices that may move.
        target
            Bounds need not come below it.
        out
            Asked now and then, told the work done: True ends it.
        """
        from boundaries.solve.patterns.split_assignment import bound_patterns  # noqa: PLC0415 - compiles on first use

        instance, work = self.instance, 0.0
        free = instance.total - float(served_by_pcn(instance).sum()) + _SAFE * instance.total
        movers, entries = _movers_of(instance, moves)
        band = (instance.residents.astype(np.float64), float(instance.least), float(instance.most))
        arrays = (rows.first, rows.where, rows.weight, rows.limit, rows.cap)
        pcn_sets = np.array(self.lagrangian.pcn_sets, dtype=np.int64)
        self._grow(len(rows.limit))

        def one(part: int, chunk: NDArray[np.int64], limits: tuple[int, int]) -> tuple[Any, Any]:
            found: tuple[Any, Any] = bound_patterns(
                self.lagrangian.table[chunk], pcn_sets, self.profit, self.split_pcn, band, arrays,
                self.row_duals[part], movers, entries, moves, target - free, limits,
            )  # fmt: skip
            return found

        with ThreadPoolExecutor(max(1, min(_PARTS, os.cpu_count() or 1))) as pool:
            for limits in (_SHALLOW, _DEEP):
                above = which[dual_bounds[which] > target]
                order = above[np.lexsort((above, -dual_bounds[above]))]
                for begin in range(0, len(order), _PARTS * _CHUNK):
                    if out(work):
                        return work
                    now = np.sort(order[begin : begin + _PARTS * _CHUNK])
                    chunks = np.array_split(now, _PARTS)
                    found = pool.map(one, range(_PARTS), chunks, [limits] * _PARTS)
                    for chunk, (bounds, reckoned) in zip(chunks, found, strict=True):
                        dual_bounds[chunk] = np.minimum(dual_bounds[chunk], bounds + free)
                        work += self._work_of(reckoned)
        return work

    def _grow(self, rows: int) -> None:
        """Make room for the multipliers of rows that are new."""
        sets = len(self.lagrangian.pcn_sets)
        if not self.row_duals:
            self.row_duals = [np.zeros((sets, 1)) for _ in range(_PARTS)]
        more = rows + 1 - self.row_duals[0].shape[1]
        if more > 0:
            self.row_duals = [np.hstack([old, np.zeros((sets, more))]) for old in self.row_duals]

    def _work_of(self, reckoned: NDArray[np.int64]) -> float:
        lsoas, splits = self.split_pcn[2].shape
        weights = (_SPLIT_WORK * (splits + 200), _GAIN_WORK, _DESCENT_WORK)
        return float(lsoas * (reckoned @ np.array(weights)))


def make_multiplier_filter(
    instance: Instance, lagrangian: LagrangianBounds
) -> MultiplierFilter | None:
    """Return what a place's patterns are filtered with; None where there are too many PCNs.

    Of PCNs with two anchors, the seats of one are told apart: the one with most people whose
    practices are few enough. Practices of any other count in each of their neighbourhoods.
    """
    if len(instance.pcns) > MOST_PCNS:
        return None
    pcn_sets = np.array(lagrangian.pcn_sets, dtype=np.int64)
    bits = (pcn_sets[:, None] >> np.arange(len(instance.pcns))[None, :] & 1).astype(np.float64)
    served = served_by_pcn(instance)
    chosen, most = -1, 0.0
    for pcn in np.flatnonzero(instance.span == 2).tolist():
        twice = bool((bits[lagrangian.table, pcn].sum(axis=1) == 2).all())
        few = 0 < int((instance.pcn_of == pcn).sum()) <= _MOST_SPLIT
        if twice and few and served[pcn].sum() > most:
            chosen, most = pcn, float(served[pcn].sum())
    practices = np.flatnonzero((instance.pcn_of == chosen) & (instance.pcn_of >= 0))
    size = instance.people[practices].sum(axis=1)
    practices = practices[np.argsort(size, kind="stable")]  # the largest is seated first
    splits = np.arange(1 << len(practices))[:, None] >> np.arange(len(practices))[None, :] & 1
    split_people = (splits.astype(np.float64) @ instance.people[practices]).T
    if chosen >= 0:
        served[chosen] = 0.0
    return MultiplierFilter(
        instance, lagrangian, bits @ served, (chosen, practices, np.ascontiguousarray(split_people))
    )


def _movers_of(instance: Instance, moves: int) -> tuple[Any, Any]:
    """Return the practices that may move, and the entries of all items, as the kernel wants."""
    from boundaries.solve.assignment.enumeration import splitting_weights  # noqa: PLC0415 - compiles on first use
    from boundaries.solve.patterns.split_assignment import BLOCK  # noqa: PLC0415 - compiles on first use

    room, pcn_of = room_of(instance), instance.pcn_of
    able = (pcn_of >= 0) & ((room[pcn_of] < 0) | (instance.list_size <= room[pcn_of]))
    items = np.flatnonzero(able) if moves else np.zeros(0, dtype=np.int64)
    entries = entries_of(instance)
    first, where, _ = entries
    home = np.zeros(len(instance.people), dtype=np.int64)
    split_weights = splitting_weights(*entries, home, items, len(instance.lsoas), moves)
    size = instance.people.sum(axis=1)
    items = items[np.argsort(-size[items], kind="stable")]
    some = np.zeros_like(instance.people)
    some[np.repeat(np.arange(len(home)), np.diff(first)), where] = split_weights
    nobody = np.full(-len(items) % BLOCK, -1, dtype=np.int64)

    def blocks(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        padded = np.vstack([rows[items], np.zeros((len(nobody), rows.shape[1]))])
        shaped = padded.reshape(-1, BLOCK, rows.shape[1]).transpose(0, 2, 1)
        return np.ascontiguousarray(shaped)

    movers = (
        np.concatenate([pcn_of[items], nobody]),
        np.concatenate([items, nobody]),
        np.concatenate([size[items], np.zeros(len(nobody))]),
        blocks(instance.people),
        blocks(some),
    )
    return movers, (*entries, split_weights)
