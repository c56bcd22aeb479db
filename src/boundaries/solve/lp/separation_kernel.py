"""What hangs loose from the bodies of a neighbourhood, and the separators between: compiled.

Goes in: shares of LSOAs in one neighbourhood. Comes out: separators that they break, as arrays.
Next: `boundaries.solve.lp.separation`.

A body is a part of LSOAs that are in it by more than half. What hangs loose from one is cut off by
the least separators between the two (`boundaries.solve.lp.max_flow`), nearest to either.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled
from boundaries.solve.graph import NO_ROOT
from boundaries.solve.lp.max_flow import least_separators

__all__ = ["separate"]

_WHOLE = 0.999
_LEAST = 0.02
_FIRM = 0.99
"""Share from which on an LSOA is in no separator that is broken by more than the least."""

_SCALE = 1_000_000
_KERNELS = 3
"""Parts of a neighbourhood from which the rest is cut off."""


@compiled
def separate(x, pieces, piece, most, first, beside, back, residents, least, population_rule):
    """Return the ends of the separators that one neighbourhood breaks, and what is between them.

    Parameters
    ----------
    x
        Shares of LSOAs in the neighbourhood, 0–1.
    pieces, piece
        Which piece of the place each LSOA is in, and the one that is looked at.
    most
        At most so many loose LSOAs for each body.
    first, beside, back
        As `boundaries.solve.lp.max_flow.least_separators` wants them.
    residents, least, population_rule
        As `boundaries.solve.graph.PopulationRule` has them, and whether that is to be used.
    """
    size, met = len(x), 0
    tips = np.zeros((2 * most * _KERNELS, 2), np.int64)
    cuts = np.zeros((len(tips), size), np.bool_)
    part, sums = _kernels(x, pieces, piece, first, beside)
    for _ in range(min(_KERNELS, len(sums))):
        kernel = np.argmax(sums)  # of equals the first
        sums[kernel] = -np.inf
        root, best = -1, -np.inf
        for a in range(size):
            if part[a] == kernel:
                near = 0.0
                for edge in range(first[a], first[a + 1]):
                    near += x[beside[edge]]
                if 10 * x[a] + near > best:
                    root, best = a, 10 * x[a] + near
        met = _cut_detached(
            x,
            pieces,
            root,
            most,
            first,
            beside,
            back,
            residents,
            least,
            population_rule,
            tips,
            cuts,
            met,
        )
    return tips[:met], cuts[:met]


@compiled
def _kernels(x, pieces, piece, first, beside):
    """Return which solid part each LSOA is in (−1 for none), and the shares of each together."""
    size = len(x)
    part, queue = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    count = 0
    for start in range(size):
        if pieces[start] != piece or x[start] <= 0.5 or part[start] >= 0:
            continue
        part[start], queue[0], end = count, start, 1
        begin = 0
        while begin < end:
            for edge in range(first[queue[begin]], first[queue[begin] + 1]):
                near = beside[edge]
                if x[near] > 0.5 and part[near] < 0:
                    part[near] = count
                    queue[end] = near
                    end += 1
            begin += 1
        count += 1
    sums = np.zeros(count)
    for a in range(size):
        if part[a] >= 0:
            sums[part[a]] += x[a]
    return part, sums


@compiled
def _spread(start, wall, first, beside, seen, queue):
    """Mark what can be reached from an LSOA, walls included but not passed."""
    seen[:] = False
    seen[start] = True
    queue[0] = start
    begin, end = 0, 1
    while begin < end:
        here = queue[begin]
        begin += 1
        for edge in range(first[here], first[here + 1]):
            near = beside[edge]
            if not seen[near]:
                seen[near] = True
                if not wall[near]:
                    queue[end] = near
                    end += 1


@compiled
def _too_small(start, wall, first, beside, residents, least, seen, queue):
    """Whether what can be reached from an LSOA without passing a wall is too small."""
    _spread(start, wall, first, beside, seen, queue)
    heads = 0
    for a in range(len(wall)):
        if seen[a] and not wall[a]:
            heads += residents[a]
    return heads < least[start]


@compiled
def _cut_detached(
    x, pieces, root, most, first, beside, back, residents, least, population_rule, tips, cuts, met
):  # fmt: skip
    """Add separators between a root and what hangs loose from it; return how many there are."""
    size, tried = len(x), 0
    seen, queue = np.zeros(size, np.bool_), np.zeros(size, np.int64)
    covered, found = np.zeros(size, np.bool_), np.zeros((2, size), np.bool_)
    through = (np.maximum(x, 0.0) * _SCALE).astype(np.int64) + 1
    detached = np.zeros(size, np.bool_)
    seen[root] = True
    if x[root] > _WHOLE:
        _spread(root, x <= _WHOLE, first, beside, seen, queue)
    for a in range(size):
        detached[a] = pieces[a] == pieces[root] and x[a] > 2 * _LEAST and not seen[a]
    for edge in range(first[root], first[root + 1]):
        detached[beside[edge]] = False
    soft, ends = x < _FIRM, np.zeros(size, np.int8)
    _spread(root, soft, first, beside, seen, queue)
    kernel = seen & ~soft
    kernel[root] = True
    for a in np.argsort(-x, kind="mergesort"):
        if not detached[a] or covered[a]:
            continue
        best = max(x[a], x[root]) if population_rule else x[a] + x[root] - 1
        if best <= _LEAST:
            continue
        enough = np.ceil((best - _LEAST) * _SCALE)
        _spread(a, soft, first, beside, seen, queue)
        for b in range(size):
            ends[b] = -1 if kernel[b] else int(seen[b] and not soft[b])
        ends[a] = 1
        weight = least_separators(ends, first, beside, back, through, enough, found[0], found[1])
        if weight >= enough:
            continue
        before = met
        for side in range(1 if np.array_equal(found[0], found[1]) else 2):
            _make_minimal(a, root, found[side], first, beside, seen, queue)
            met = _add_sharpest(
                x, a, root, found[side], first, beside, residents, least, population_rule, tips,
                cuts, met, seen, queue,
            )  # fmt: skip
        if met > before:
            _spread(a, found[0], first, beside, seen, queue)
            covered |= seen
            tried += 1
            if tried >= most:
                break
    return met


@compiled
def _make_minimal(one, other, cut, first, beside, seen, queue):
    """Leave in a separator only what can be reached from both sides."""
    for end in (one, other):
        _spread(end, cut, first, beside, seen, queue)
        cut &= seen


@compiled
def _add_sharpest(
    x, one, other, cut, first, beside, residents, least, population_rule, tips, cuts, met, seen,
    queue
):  # fmt: skip
    """Add the separator that is broken, of one LSOA only where that holds; return how many."""
    between = 0.0
    for a in range(len(x)):
        if cut[a]:
            between += x[a]
    if population_rule:
        for end in (one, other):
            small = x[end] - between > _LEAST and _too_small(
                end, cut, first, beside, residents, least, seen, queue
            )
            if small:
                tips[met, 0], tips[met, 1] = end, NO_ROOT
                cuts[met] = cut
                return met + 1
    if x[one] + x[other] - 1 - between <= _LEAST:
        return met
    tips[met, 0], tips[met, 1] = min(one, other), max(one, other)
    cuts[met] = cut
    return met + 1
