"""The least separators of two parts of a map: a maximum flow through LSOAs, compiled.

Goes in: neighbours, a capacity of each LSOA, two parts. Comes out: how much can flow from one to
the other, and the LSOAs that stop it, those nearest to either. Next:
`boundaries.solve.lp.separation_kernel`.

Every LSOA is two nodes with an arc between them that carries no more than its capacity: node a is
its way in, node a + size its way out. What flows is found in rounds, each along shortest ways only
(Dinic, Soviet Mathematics Doklady 1970), wide ones before narrow ones: most pairs are joined by so
much that it is soon known. The sets nearest to either end are the same whatever the flow.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["least_separators"]

_WIDTHS = (200_000, 20_000, 1_000, 1)
"""Ways are at least so wide, in turn."""


@compiled
def _level_graph(ends, wide, first, beside, size, through, inside, along, level, queue):
    """Fill in how many arcs each node is away from the other part; −1 where no way is as wide.

    Return whether the one part is reached. Nodes further away than that are left out.
    """
    level[:] = -1
    begin, end, most = 0, 0, 4 * size
    for a in range(size):
        if ends[a] < 0:
            level[a] = 0
            queue[end] = a
            end += 1
    while begin < end:
        node = queue[begin]
        begin += 1
        further = level[node] + 1
        if further > most:
            break
        if node < size:
            if level[node + size] < 0 and inside[node] >= wide:
                level[node + size] = further
                queue[end] = node + size
                end += 1
            for edge in range(first[node], first[node + 1]):
                to = beside[edge]
                if level[to + size] < 0:
                    level[to + size] = further
                    queue[end] = to + size
                    end += 1
                    if ends[to] > 0:
                        most = further
            continue
        lsoa = node - size
        if level[lsoa] < 0 and through[lsoa] - inside[lsoa] >= wide:
            level[lsoa] = further
            queue[end] = lsoa
            end += 1
        if inside[lsoa] > 0 or ends[lsoa] > 0:  # else nothing flows that could flow back
            for edge in range(first[lsoa], first[lsoa + 1]):
                to = beside[edge]
                if level[to] < 0 and along[edge] >= wide:
                    level[to] = further
                    queue[end] = to
                    end += 1
    return most < 4 * size


@compiled
def _carry(path, begun, depth, first, back, size, through, inside, along):
    """Let flow what a way carries; return how much (−1: the parts touch) and where it is full."""
    much, full = -1, 0
    for step in range(depth):
        node, arc = path[step], begun[path[step]]
        if node < size:
            room = through[node] - inside[node]
            if arc > 0:
                room = along[back[first[node] + arc - 1]]
        elif arc == 0:
            room = inside[node - size]
        else:
            continue  # from an LSOA to its neighbour as much as may be
        if much < 0 or room < much:
            much, full = room, step
    for step in range(depth if much > 0 else 0):
        node, arc = path[step], begun[path[step]]
        if node < size:
            if arc == 0:
                inside[node] += much
            else:
                along[back[first[node] + arc - 1]] -= much
        elif arc == 0:
            inside[node - size] -= much
        else:
            along[first[node - size] + arc - 1] += much
    return much, full


@compiled
def _push(
    source, ends, wide, first, beside, back, size, through, inside, along, level, spare, enough
):  # fmt: skip
    """Let flow what can from a node along the shortest ways that are as wide; return how much."""
    path, begun = spare
    path[0] = source
    depth, total = 0, 0
    while depth >= 0:
        node = path[depth]
        if node < size and ends[node] < 0:
            much, depth = _carry(path, begun, depth, first, back, size, through, inside, along)
            total = enough if much < 0 else total + much
            if total >= enough:
                break
            continue
        nearer, found = level[node] - 1, -1
        lsoa = node if node < size else node - size
        arcs = first[lsoa + 1] - first[lsoa] + 1
        while begun[node] < arcs and found < 0:
            arc = begun[node]
            edge = first[lsoa] + arc - 1
            if node < size:
                to = lsoa + size if arc == 0 else beside[edge] + size
                if level[to] == nearer:
                    room = through[lsoa] - inside[lsoa] if arc == 0 else along[back[edge]]
                    found = to if room >= wide else -1
            else:
                to = lsoa if arc == 0 else beside[edge]
                if level[to] == nearer and (arc > 0 or inside[lsoa] >= wide):
                    found = to
            if found < 0:
                begun[node] += 1
        depth += 1 if found >= 0 else -1
        if found >= 0:
            path[depth] = found
        elif depth >= 0:
            begun[path[depth]] += 1
    return total


@compiled
def _flood(ends, first, beside, back, size, through, inside, along, near, queue):
    """Mark the nodes that more could flow to from the one part."""
    near[:] = False
    begin, end = 0, 0
    for a in range(size):
        if ends[a] > 0:
            near[a + size] = True
            queue[end] = a + size
            end += 1
    while begin < end:
        node = queue[begin]
        begin += 1
        lsoa = node if node < size else node - size
        other = node + size if node < size else lsoa
        room = through[lsoa] - inside[lsoa] if node < size else inside[lsoa]
        if room > 0 and not near[other]:
            near[other] = True
            queue[end] = other
            end += 1
        for edge in range(first[lsoa], first[lsoa + 1]):
            to = beside[edge] if node >= size else beside[edge] + size
            if not near[to] and (node >= size or along[back[edge]] > 0):
                near[to] = True
                queue[end] = to
                end += 1


@compiled
def least_separators(ends, first, beside, back, through, enough, near, last):
    """Fill in the least separators nearest to each of two parts; return what they weigh.

    Parameters
    ----------
    ends
        1 for the LSOAs of one part, −1 for those of the other, which do not touch; else 0.
    first, beside, back
        ``beside[first[a]:first[a + 1]]`` are the neighbours of LSOA a; ``back`` is where each pair
        stands the other way round.
    through
        Capacities of LSOAs, whole numbers; those of the two parts do not matter.
    enough
        Separators that weigh so much are not wanted: no more is looked for.
    near, last
        Filled: the LSOAs of the separator nearest to the one part, and to the other.
    """
    size = len(through)
    inside, along = np.zeros(size, np.int64), np.zeros(len(beside), np.int64)
    level, queue = np.zeros(2 * size, np.int64), np.zeros(2 * size, np.int64)
    spare = np.zeros(2 * size + 1, np.int64), np.zeros(2 * size, np.int64)
    reached, total = np.zeros(2 * size, np.bool_), 0
    for wide in _WIDTHS:
        while _level_graph(ends, wide, first, beside, size, through, inside, along, level, queue):
            spare[1][:] = 0
            for a in range(size):
                if ends[a] > 0 and level[a + size] > 0:
                    total += _push(
                        a + size, ends, wide, first, beside, back, size, through, inside, along,
                        level, spare, enough - total,
                    )  # fmt: skip
                if total >= enough:
                    return total
    _flood(ends, first, beside, back, size, through, inside, along, reached, queue)
    for a in range(size):
        near[a] = reached[a] and not reached[a + size]
        last[a] = level[a + size] >= 0 and level[a] < 0
    return total
