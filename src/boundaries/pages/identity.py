"""Which neighbourhood of one option is which of another, so that each keeps its colour.

Goes in: the options of a run. Comes out: one identity for every (option, label). The same label is
the same neighbourhood; one that only some options have (PCN catchments as they are today beside
numbered neighbourhoods, say) is matched by the residents it shares. Next:
`boundaries.pages.payload` and the report, which colour by identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.pages.colour import PALETTE, colour_neighbours
from boundaries.plan import label_key

if TYPE_CHECKING:
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
        for label, identity in _by_overlap(option.plan.lsoas, latest, residents, here):
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
    lsoas: pd.Series[str],
    latest: dict[int, pd.Index[str]],
    residents: pd.Series[int],
    known: dict[str, int],
) -> list[tuple[str, int]]:
    """Return (label, identity) pairs that share residents, the most first; known ones left out."""
    taken = set(known.values())
    free = [
        pd.DataFrame({"lsoa_code": codes, "identity": identity})
        for identity, codes in latest.items()
        if identity not in taken and len(codes)
    ]
    here = lsoas[~lsoas.isin(list(known))]
    if not free or here.empty:
        return []
    shared = pd.concat(free, ignore_index=True)
    shared = shared.assign(
        label=here.reindex(shared["lsoa_code"]).to_numpy(),
        people=residents.reindex(shared["lsoa_code"]).to_numpy(),
    ).dropna(subset="label")
    sums = shared.groupby(["label", "identity"], as_index=False).agg({"people": "sum"})
    rows = [
        (-float(people), label_key(str(label)), int(identity), str(label))
        for label, identity, people in zip(
            sums["label"], sums["identity"], sums["people"], strict=True
        )
        if people > 0
    ]
    return [(label, identity) for _, _, identity, label in sorted(rows)]


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
