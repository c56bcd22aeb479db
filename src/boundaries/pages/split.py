"""PCNs that sit in several neighbourhoods: which, and how many of their patients sit apart (D1b).

Goes in: a `Run` and one of its options. Comes out: what stands where, and the sentence that says
so. Next: `boundaries.pages.report` says it on the first page and on the PCN's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boundaries.pages import words
from boundaries.pages.naming import neighbourhood_name, pcn_names
from boundaries.plan import label_key

if TYPE_CHECKING:
    from boundaries.run import Option, Run

__all__ = ["Split", "split_of", "split_sentence", "splits"]


@dataclass(frozen=True)
class Split:
    """A PCN whose staying practices sit in several neighbourhoods of an option.

    Parameters
    ----------
    pcn_code
        The PCN.
    parts
        Neighbourhood and number of practices that sit there, most patients first.
    apart
        Patients on the lists of those that do not sit with most of it; NaN when suppressed.
    """

    pcn_code: str
    parts: tuple[tuple[str, int], ...]
    apart: float


def split_of(option: Option, pcn_code: str) -> Split | None:
    """Return how a PCN is split in an option; None where those that stay sit in one place."""
    frame = option.measures.practices
    mine = frame[(frame["pcn_code_now"] == pcn_code) & ~frame["moved"].astype(bool)]
    if mine["neighbourhood"].nunique() < 2:
        return None
    internal = mine["internal"].astype(bool)
    counts = mine["neighbourhood"].value_counts()
    main = mine["neighbourhood"][~internal].iloc[0]
    order = sorted(counts.index, key=lambda label: (label != main, label_key(str(label))))
    apart = mine["list_size"][internal].sum(min_count=int(internal.sum()))
    return Split(pcn_code, tuple((str(label), int(counts[label])) for label in order), apart)


def splits(run: Run, option: Option) -> list[Split]:
    """Return every PCN that an option splits, by name."""
    names = pcn_names(run)
    found = (split_of(option, code) for code in sorted(names, key=lambda code: (names[code], code)))
    return [split for split in found if split is not None]


def split_sentence(run: Run, option: Option, split: Split) -> str:
    """Say where a PCN sits in an option, and how many of its patients sit apart."""
    where = [
        f"{neighbourhood_name(option, label)} ({words.count_of(practices, 'practice')})"
        for label, practices in split.parts
    ]
    apart = words.people(split.apart, missing="a suppressed number of")
    return (
        f"{pcn_names(run)[split.pcn_code]} sits in {words.count_of(len(where), 'neighbourhood')}: "
        f"{words.join_names(where)}; {apart} of its patients are on lists that sit apart from "
        "most of it."
    )
