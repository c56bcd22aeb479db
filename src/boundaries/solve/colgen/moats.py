"""What it costs one neighbourhood to hang together: islands pay for the water around them.

Goes in: LSOAs that are worth having to one neighbourhood, each with its worth, and the graph. Comes
out: changes of worth (`grow_moats`) under which every connected neighbourhood is worth at least
what it was, and one in pieces less; what can no longer be reached (`cut_off`); and the LSOA to
decide on next (`next_lsoa`). Next: `boundaries.solve.colgen.pricing_kernel`.

A neighbourhood has more residents than a small part of the map. If any LSOA of that part is in it,
so is one of those around the part. Worth may therefore be carried from the LSOAs of the part to all
of those around it. An island carries what it has to its rim until the rim is worth having, grows by
that, and goes on, as in the moats of primal and dual algorithms for Steiner trees (Goemans and
Williamson, SIAM Journal on Computing 1995), until it is worth nothing or joins the main part.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.compiled import compiled

__all__ = ["INFINITE", "cut_off", "grow_moats", "main_part", "next_lsoa"]

INFINITE = 1e18

_ALL = 1e7
"""What an island that must be in, and cannot be reached, costs."""


@compiled
def _islands(lsoas, first, beside, inside, residents, island, heads, stack):
    """Give connected parts of what is inside numbers from 0; return how many there are."""
    island[:] = -1
    count = 0
    for start in range(lsoas):
        if not inside[start] or island[start] >= 0:
            continue
        island[start] = count
        heads[count] = 0
        stack[0] = start
        top = 1
        while top > 0:
            top -= 1
            a = stack[top]
            heads[count] += residents[a]
            for number in range(first[a], first[a + 1]):
                b = beside[number]
                if inside[b] and island[b] < 0:
                    island[b] = count
                    stack[top] = b
                    top += 1
        count += 1
    return count


@compiled
def _main_part(lsoas, count, inside, fixed, island, heads):
    """Return the part with an LSOA that must be in, or that of most residents; whether it must."""
    for a in range(lsoas):
        if inside[a] and fixed[a] > 0:
            return island[a], True
    main = 0
    for number in range(count):
        if heads[number] > heads[main]:
            main = number
    return main, False


@compiled
def main_part(lsoas, first, beside, residents, fixed, inside):
    """Return the largest part of what is inside, or that with an LSOA that must be in."""
    island, heads = np.empty(lsoas, np.int64), np.empty(lsoas + 1, np.int64)
    count = _islands(
        lsoas, first, beside, inside, residents, island, heads, np.empty(lsoas + 1, np.int64)
    )
    if count == 0:
        return inside[:lsoas].copy()
    main, _ = _main_part(lsoas, count, inside, fixed, island, heads)
    return island == main


@compiled
def grow_moats(lsoas, first, beside, residents, least, fixed, profit, inside, carried):
    """Let islands carry their worth towards the main part; return how much was carried.

    A main part that is too small for the band is an island too: it grows until it is large enough.

    ``profit`` and ``carried`` are changed; ``inside`` is what is worth having, with all that must
    be in (``fixed`` 1) and without what must not (−1).
    """
    island, heads = np.empty(lsoas, np.int64), np.empty(lsoas + 1, np.int64)
    stack = np.empty(lsoas + 1, np.int64)
    count = _islands(lsoas, first, beside, inside, residents, island, heads, stack)
    if count == 0:
        return 0.0
    main, must = _main_part(lsoas, count, inside, fixed, island, heads)
    total = 0.0
    part, rim = np.zeros(lsoas, np.bool_), np.zeros(lsoas, np.bool_)
    for turn in range(count):
        number = (main + 1 + turn) % count  # the main part last
        part[:] = False
        people, forced = 0, -1
        for a in range(lsoas):
            if island[a] == number:
                part[a] = True
                people += residents[a]
                if fixed[a] > 0:
                    forced = a
        done = False
        while not done and (people < least or (must and number != main)):
            rim[:] = False
            least_loss, own = INFINITE, 0.0
            for a in range(lsoas):
                if part[a]:
                    own += max(0.0, profit[a])
                    for entry in range(first[a], first[a + 1]):
                        b = beside[entry]
                        if not part[b] and not rim[b] and fixed[b] >= 0:
                            rim[b] = True
                            least_loss = min(least_loss, max(0.0, -profit[b]))
            if forced < 0 and least_loss > own:
                least_loss, done = own, True
            elif least_loss >= INFINITE:
                least_loss, done = _ALL, True
            if least_loss > 0.0:
                total += least_loss
                _carry(lsoas, part, rim, forced, least_loss, profit, carried)
            if not done:
                people, forced, done = _grow(
                    lsoas, first, beside, residents, fixed, profit, inside, island, main,
                    part, rim, people, forced, stack,
                )  # fmt: skip
    return total


@compiled
def _carry(lsoas, part, rim, forced, amount, profit, carried):
    """Take so much from the part, and give it to each LSOA of its rim."""
    left = amount
    if forced >= 0:
        profit[forced] -= left
        carried[forced] -= left
        left = 0.0
    for a in range(lsoas):
        if part[a] and profit[a] > 0.0 and left > 0.0:
            some = min(profit[a], left)
            profit[a] -= some
            carried[a] -= some
            left -= some
        elif rim[a]:
            profit[a] += amount
            carried[a] += amount


@compiled
def _grow(
    lsoas, first, beside, residents, fixed, profit, inside, island, main, part, rim, people, forced,
    stack,
):  # fmt: skip
    """Add to the part what of its rim is worth having, and what hangs on that."""
    top = 0
    for a in range(lsoas):
        if rim[a] and profit[a] >= -1e-7:
            part[a] = True
            stack[top] = a
            top += 1
    joined = False
    while top > 0:
        top -= 1
        a = stack[top]
        people += residents[a]
        if fixed[a] > 0:
            forced = a
        if island[a] == main:
            joined = True
        for entry in range(first[a], first[a + 1]):
            b = beside[entry]
            if inside[b] and not part[b]:
                part[b] = True
                stack[top] = b
                top += 1
    return people, forced, joined


@compiled
def cut_off(lsoas, first, beside, fixed):
    """Fathom what LSOAs that must be in cannot reach; False when they cannot reach each other."""
    root = -1
    for a in range(lsoas):
        if fixed[a] > 0:
            root = a
            break
    if root < 0:
        return True
    seen, stack = np.zeros(lsoas, np.bool_), np.empty(lsoas + 1, np.int64)
    seen[root] = True
    stack[0] = root
    top = 1
    while top > 0:
        top -= 1
        a = stack[top]
        for number in range(first[a], first[a + 1]):
            b = beside[number]
            if not seen[b] and fixed[b] >= 0:
                seen[b] = True
                stack[top] = b
                top += 1
    for a in range(lsoas):
        if not seen[a]:
            if fixed[a] > 0:
                return False
            fixed[a] = -1
    return True


@compiled
def next_lsoa(lsoas, first, beside, residents, fixed, profit, inside):
    """Return the LSOA to decide on: of an island, or on its cheapest way; −1 without islands."""
    island, heads = np.empty(lsoas, np.int64), np.empty(lsoas + 1, np.int64)
    count = _islands(
        lsoas, first, beside, inside, residents, island, heads, np.empty(lsoas + 1, np.int64)
    )
    if count <= 1:
        return -1
    main, _ = _main_part(lsoas, count, inside, fixed, island, heads)
    chosen = -1
    for a in range(lsoas):
        if inside[a] and island[a] != main and fixed[a] > 0:
            return _way(lsoas, first, beside, fixed, profit, inside, island, main, island[a])
    for number in range(count):
        if number != main and (chosen < 0 or heads[number] > heads[chosen]):
            chosen = number
    best = -1
    for a in range(lsoas):
        if island[a] == chosen and fixed[a] == 0 and (best < 0 or profit[a] > profit[best]):
            best = a
    return best


@compiled
def _way(lsoas, first, beside, fixed, profit, inside, island, main, goal):
    """Return the last open LSOA on the cheapest way from the main part to an island."""
    done, before = np.zeros(lsoas, np.bool_), np.full(lsoas, -1)
    far = np.where(island == main, 0.0, INFINITE)
    while True:
        here = -1
        for a in range(lsoas):
            if not done[a] and far[a] < INFINITE and (here < 0 or far[a] < far[here]):
                here = a
        if here < 0:
            return -1
        done[here] = True
        if island[here] == goal:
            here = before[here]
            while here >= 0 and fixed[here] != 0:
                here = before[here]
            return here
        for number in range(first[here], first[here + 1]):
            b = beside[number]
            if fixed[b] < 0:
                continue
            cost = 0.0 if inside[b] else max(0.0, -profit[b]) + 1e-3
            if far[here] + cost < far[b]:
                far[b] = far[here] + cost
                before[b] = here
