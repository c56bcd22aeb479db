"""Duals that make a bound low: a proximal bundle step around the stability centre.

Goes in: columns (what each uses of every row, what it is worth). Comes out: the duals to try next.
Next: `boundaries.solve.colgen.bound`.

With duals u, right sides b and K neighbourhoods the bound is b·u + K × the highest reduced profit
of any column. The columns known give a model of it from below. Its lowest point is far away and of
no use while few are known, so distance from the best duals so far costs (the proximal bundle
method: Lemaréchal and Sagastizábal, Mathematical Programming 1997). The step is a quadratic
programme over shares of the columns, solved pair by pair as in support vector machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bundle"]

_MOST = 4_000
"""Columns kept: beyond, those longest without a share go."""

_PAIRS = 20_000


@compiled
def _share_out(slope, gram, share, proximal_step, tolerance, most):
    """Move shares between pairs of columns until no pair gains more than the tolerance.

    ``slope`` is the linear part, ``gram`` the products of columns. Return the pairs taken.
    """
    count = len(slope)
    gain = slope.copy()
    for k in range(count):
        if share[k] > 0.0:
            for j in range(count):
                gain[j] -= proximal_step * gram[k, j] * share[k]
    for pair in range(most):
        to, off = 0, -1
        for k in range(count):
            if gain[k] > gain[to]:
                to = k
            if share[k] > 0.0 and (off < 0 or gain[k] < gain[off]):
                off = k
        if gain[to] - gain[off] < tolerance:
            return pair
        best = -1.0
        for k in range(count):
            ahead = gain[k] - gain[off]
            if ahead > 0.0:
                bend = gram[k, k] + gram[off, off] - 2.0 * gram[k, off]
                if ahead * ahead > best * (bend + 1e-12):
                    best, to = ahead * ahead / (bend + 1e-12), k
        bend = gram[to, to] + gram[off, off] - 2.0 * gram[to, off]
        moved = min(share[off], (gain[to] - gain[off]) / (proximal_step * bend + 1e-12))
        share[to] += moved
        share[off] -= moved
        if share[off] < 1e-12:
            share[off] = 0.0
        for k in range(count):
            gain[k] -= proximal_step * moved * (gram[to, k] - gram[off, k])
    return most


class Bundle:
    """Columns and what they say of duals.

    Parameters
    ----------
    right
        Right side of each row.
    count
        How many neighbourhoods: so many columns make a plan.
    metric
        How freely the dual of each row moves.
    """

    def __init__(self, right: NDArray[np.float64], count: int, metric: NDArray[np.float64]) -> None:
        self.right, self.count, self.metric = right, count, metric
        self.size = 0
        self._rows, self._value = np.zeros((_MOST, len(right))), np.zeros(_MOST)
        self._share, self._idle = np.zeros(_MOST), np.zeros(_MOST, dtype=np.int64)
        self._gram = np.zeros((_MOST, _MOST))
        self._known: set[bytes] = set()

    @property
    def rows(self) -> NDArray[np.float64]:
        """What each column uses of every row."""
        return self._rows[: self.size]

    @property
    def share(self) -> NDArray[np.float64]:
        """The share of each column in the last step."""
        return self._share[: self.size]

    def add(self, rows: NDArray[np.float64], value: float) -> bool:
        """Add a column; False when it is known."""
        key = rows.tobytes()
        if key in self._known:
            return False
        self._known.add(key)
        if self.size >= _MOST:
            self._thin()
        new = self.size
        self._rows[new], self._value[new], self._share[new], self._idle[new] = rows, value, 0.0, 0
        self.size += 1
        self._gram[new, : new + 1] = self.rows @ (self.metric * rows)
        self._gram[: new + 1, new] = self._gram[new, : new + 1]
        return True

    def _thin(self) -> None:
        order = np.argsort(np.where(self._share > 0, -1, self._idle), kind="stable")
        keep = np.sort(order[: _MOST * 3 // 4])
        size = self.size = len(keep)
        for part in (self._rows, self._value, self._share, self._idle):
            part[:size] = part[keep]
        self._gram[:size, :size] = self._gram[np.ix_(keep, keep)]

    def profit(self, duals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each column is worth less what it pays."""
        return self._value[: self.size] - self.rows @ duals

    def lower(self, duals: NDArray[np.float64], most: float) -> None:
        """Bring columns down to what is proven under some duals: relaxed ones promise too much."""
        self._value[: self.size] -= np.maximum(0.0, self.profit(duals) - most)

    def bound(self, duals: NDArray[np.float64], most: float | None = None) -> float:
        """Return the bound when no column is worth more than ``most`` (None: than those known)."""
        top = float(self.profit(duals).max()) if most is None else most
        return float(self.right @ duals) + self.count * top

    def floor(self, stability_centre: NDArray[np.float64]) -> float:
        """Return what the bound stays above if no dual is to double or change its sign.

        The shares of the last step are nearly a plan in parts: each row is used nearly as often as
        it may be. What they are worth together is a lower line of the bound, and what is over or
        short is all that duals can still change.
        """
        share = self.share / max(1e-12, float(self.share.sum()))
        used = self.right - self.count * (share @ self.rows)
        line = float(self.right @ stability_centre) + self.count * float(
            share @ self.profit(stability_centre)
        )
        return line - float(np.abs(used) @ np.abs(stability_centre))

    def step(
        self, stability_centre: NDArray[np.float64], proximal_step: float
    ) -> tuple[NDArray[np.float64], int]:
        """Return the duals to try next, and the work done in pairs of columns."""
        share, profit = self.share, self.profit(stability_centre)
        total = float(share.sum())
        if total < 0.5:
            share[int(np.argmax(profit))] = 1.0
        else:
            share /= total
        count = self.count
        slope = count * (profit + proximal_step * (self.rows @ (self.metric * self.right)))
        pairs = _share_out(slope, self._gram, share, proximal_step * count * count, 1.0, _PAIRS)
        self._idle += 1
        self._idle[: self.size][share > 0] = 0
        used = self.right - count * (share @ self.rows)
        return stability_centre - proximal_step * self.metric * used, (pairs + 1) * len(profit)
