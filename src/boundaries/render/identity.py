"""Which neighbourhood of one option is which of another, so that each keeps its colour.

Goes in: the options of a run. Comes out: one identity for every (option, label). The same label is
the same neighbourhood; one that only some options have (PCN catchments as they are today beside
numbered neighbourhoods, say) is matched by the residents it shares. Next:
`boundaries.render.payload` and the report, which colour by identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boundaries.plan import label_key
from boundaries.render.colour import PALETTE, colour_neighbours

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.run import Run

__all__ = ["Identities", "identify"]


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
        here = _by_label(of, labels)
        taken = set(here.values())
        for label, identity in _by_overlap(labels, groups, latest, residents, here):
            if identity not in taken and label not in here:
                here[label] = identity
                taken.add(identity)
        for label in labels:
            identity = here.setdefault(label, len(latest))
            latest[identity] = groups.get(label, option.plan.lsoas.index[:0])
            of[option.option_id, label] = identity
    names = [str(identity) for identity in range(len(latest))]
    given = colour_neighbours(names, _touching(run, of))
    return Identities(of, tuple(PALETTE[given[name]] for name in names))


def _by_label(of: dict[tuple[str, str], int], labels: list[str]) -> dict[str, int]:
    seen = {label: identity for (_, label), identity in of.items()}
    return {label: seen[label] for label in labels if label in seen}


def _by_overlap(
    labels: list[str],
    groups: dict[str, pd.Index[str]],
    latest: dict[int, pd.Index[str]],
    residents: pd.Series[int],
    known: dict[str, int],
) -> list[tuple[str, int]]:
    """Return (label, identity) pairs that share residents, the most first."""
    taken = set(known.values())
    shared = []
    for label in labels:
        if label in known or label not in groups:
            continue
        for identity, lsoas in latest.items():
            if identity not in taken:
                people = int(residents.loc[groups[label].intersection(lsoas)].sum())
                if people:
                    shared.append((-people, label_key(label), identity, label))
    return [(label, identity) for _, _, identity, label in sorted(shared)]


def _touching(run: Run, of: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    pairs = run.place.neighbours[["lsoa_code_a", "lsoa_code_b"]]
    found: list[tuple[str, str]] = []
    for option in run.options:
        lookup = option.plan.lsoas.map(lambda label, o=option.option_id: of[o, label])
        sides = {
            (min(a, b), max(a, b))
            for a, b in zip(
                lookup.reindex(pairs["lsoa_code_a"]),
                lookup.reindex(pairs["lsoa_code_b"]),
                strict=True,
            )
            if a != b
        }
        found += [(str(a), str(b)) for a, b in sorted(sides)]
    return found
