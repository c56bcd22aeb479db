"""Which neighbourhood of one option is which of another, so that each keeps its colour.

Goes in: the options of a run. Comes out: one identity for every (option, label): that of an earlier
option's neighbourhood where more than half the residents of the larger of the two are the same,
whatever the labels, else a new one. Next: `boundaries.pages.payload` and the report, which colour
by identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boundaries.pages.colour import PALETTE, colour_neighbours
from boundaries.plan import label_key

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.run import Run

__all__ = ["Identities", "identify"]

_MOST: Final = 0.5
"""A neighbourhood is the same in two options where more of the larger one's residents are."""


@dataclass(frozen=True)
class Identities:
    """Neighbourhoods that last through the options.

    Parameters
    ----------
    of
        Identity by option id and label.
    colours
        Colour (``#RRGGBB``) by identity.
    """

    of: dict[tuple[str, str], int]
    colours: tuple[str, ...]

    def colour(self, option_id: str, label: str) -> str:
        """Return the colour of a neighbourhood in an option."""
        return self.colours[self.of[option_id, label]]


def identify(run: Run) -> Identities:
    """Match the neighbourhoods of all options of a run and colour them.

    Returns
    -------
    Identities
        Neighbourhoods that touch in any option differ in colour as far as nine colours allow.
    """
    residents = run.place.lsoas["residents"]
    of: dict[tuple[str, str], int] = {}
    latest: dict[int, pd.Index[str]] = {}
    for option in run.options:
        labels = sorted(set(option.plan.neighbourhoods), key=label_key)
        groups = {
            str(label): lsoas
            for label, lsoas in option.plan.lsoas.groupby(option.plan.lsoas).groups.items()
        }
        here = _same(option.plan.lsoas, latest, residents)
        for label in labels:
            identity = here[label] if label in here else len(latest)
            latest[identity] = groups.get(label, option.plan.lsoas.index[:0])
            of[option.option_id, label] = identity
    names = [str(identity) for identity in range(len(latest))]
    given = colour_neighbours(names, _touching(run, of))
    return Identities(of, tuple(PALETTE[given[name]] for name in names))


def _same(
    lsoas: pd.Series[str], latest: dict[int, pd.Index[str]], residents: pd.Series[int]
) -> dict[str, int]:
    """Return the identity of each label most of whose residents are the same as when last seen."""
    whole = residents.groupby(lsoas.reindex(residents.index)).sum()
    rows = []
    for identity, codes in latest.items():
        people = residents.reindex(codes)
        for label, shared in people.groupby(lsoas.reindex(codes)).sum().items():
            larger = max(float(people.sum()), float(whole.get(str(label), 0)))
            if shared > _MOST * larger:
                rows.append((-float(shared), label_key(str(label)), identity, str(label)))
    found: dict[str, int] = {}
    for _, _, identity, label in sorted(rows):
        if label not in found and identity not in found.values():
            found[label] = identity
    return found


def _touching(run: Run, of: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    pairs = run.place.neighbours
    found: list[tuple[str, str]] = []
    for option in run.options:
        here = {label: of[option.option_id, label] for label in option.plan.neighbourhoods}
        identity = option.plan.lsoas.map(here)
        one = identity.reindex(pairs["lsoa_code_a"]).to_numpy()
        other = identity.reindex(pairs["lsoa_code_b"]).to_numpy()
        sides = {(min(a, b), max(a, b)) for a, b in zip(one, other, strict=True) if a != b}
        found += [(str(a), str(b)) for a, b in sorted(sides)]
    return found
