"""Colours of neighbourhoods: apart for colour-blind readers, and the same through every option.

Goes in: which neighbourhoods touch, in any option. Comes out: a colour for each. Next:
`boundaries.pages.payload` and the report's charts. The palette is Paul Tol's "muted" scheme,
whose smallest distance under simulated colour blindness is the largest of those compared
(docs/how-it-works.md); colour is never the only sign: borders, labels and letters stand beside it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["DECILES", "NOT_ASSIGNED", "PALETTE", "SHARES", "colour_neighbours"]

PALETTE: Final = (
    "#88CCEE", "#CC6677", "#DDCC77", "#44AA99", "#AA4499",
    "#117733", "#999933", "#332288", "#882255",
)  # fmt: skip
"""Tol's muted colours, the light ones first: most places need five or six."""

NOT_ASSIGNED: Final = "#DDDDDD"
"""Pale grey of the same scheme: no neighbourhood."""

DECILES: Final = (
    "#4B0B4F", "#6A176E", "#86286F", "#A13B69", "#B8525F",
    "#CC6E57", "#DD8D57", "#EAAE66", "#F3CF86", "#FAEFB4",
)  # fmt: skip
"""Deprivation, from the most deprived tenth (dark) to the least (light); ordered in lightness."""

SHARES: Final = ("#F7FBFF", "#DBE9F6", "#BAD6EB", "#89BEDC", "#539ECD", "#2B7BBA", "#0B559F")
"""Shares from low to high: one hue, ordered in lightness."""


def colour_neighbours(
    names: Sequence[str], touching: Iterable[tuple[str, str]], *, colours: int = len(PALETTE)
) -> dict[str, int]:
    """Give every neighbourhood a colour so that those that touch differ.

    Colours are given to the neighbourhood with fewest choices left (DSATUR). While there are no
    more neighbourhoods than colours, each has its own. Where the colours do not suffice, the two
    that touch least often share one.

    Parameters
    ----------
    names
        Neighbourhoods, in the order of the legend.
    touching
        Pairs that share a border, once for every option (or border) in which they do.
    colours
        How many colours there are.

    Returns
    -------
    dict[str, int]
        Position in `PALETTE` by name, in the order given.

    Examples
    --------
    >>> colour_neighbours(["North", "South"], [("North", "South")])
    {'North': 0, 'South': 1}
    """
    if len(names) <= colours:
        return {name: position for position, name in enumerate(names)}
    weight: dict[str, Counter[str]] = {name: Counter() for name in names}
    for one, other in touching:
        if one != other:
            weight[one][other] += 1
            weight[other][one] += 1
    rank = {name: position for position, name in enumerate(names)}
    given: dict[str, int] = {}
    while len(given) < len(names):
        name = min(
            (name for name in names if name not in given),
            key=lambda n: (-_choices_lost(weight[n], given), -len(weight[n]), rank[n]),
        )
        given[name] = _cheapest(weight[name], given, colours)
    return {name: given[name] for name in names}


def _choices_lost(neighbours: Counter[str], given: dict[str, int]) -> int:
    return len({given[other] for other in neighbours if other in given})


def _cheapest(neighbours: Counter[str], given: dict[str, int], colours: int) -> int:
    cost = [0] * colours
    used = Counter(given.values())
    for other, times in neighbours.items():
        if other in given:
            cost[given[other]] += times
    return min(range(colours), key=lambda colour: (cost[colour], used[colour], colour))
