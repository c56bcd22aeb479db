"""How many neighbourhoods each PCN may be anchored in.

Goes in: PCNs' patients who live in the place, and the study's rules. Comes out: the span of each.
Next: `boundaries.place.people`; `boundaries.run.sensitivity` for another count of neighbourhoods.

Patients in the place count, not the list: a practice with patients from all over the country made
one PCN count as two. (NHS England, 2019, lets a very large PCN have internal neighbourhoods.)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.checks.words import counted
from boundaries.problems import Problem

if TYPE_CHECKING:
    from boundaries.place.place import Place
    from boundaries.study import Rules

__all__ = ["find_spans", "span_notes", "with_spans"]


def find_spans(living: pd.Series[int], rules: Rules, *, neighbourhoods: int) -> pd.Series[int]:
    """Return the most neighbourhoods that each PCN may be anchored in.

    Parameters
    ----------
    living
        Patients of each PCN's practices of the place who live in the place, index ``pcn_code``.
    rules
        Its spans hold where it gives any; else one anchor for every ``span_patients``.
    neighbourhoods
        How many are asked for. Where the spans add up to fewer, that of the PCN with most such
        patients an anchor is raised by one (ties by code), and again; not those the study sets.
    """
    given = rules.spans
    if isinstance(given, int):
        return pd.Series(max(1, given), living.index, dtype="int64")
    named = {str(code): max(1, span) for code, span in (given or {}).items()}
    spans = {
        str(code): named.get(str(code), max(1, int(people) // rules.span_patients))
        for code, people in living.items()
    }
    free = sorted(spans.keys() - named.keys())
    while free and sum(spans.values()) < neighbourhoods:
        widest = max(free, key=lambda code: int(living[code]) / spans[code])
        spans[widest] += 1
    return pd.Series(spans, living.index, dtype="int64")


def count_living(practices: pd.DataFrame, pcns: pd.Index[str]) -> pd.Series[int]:
    """Count the patients of each PCN's practices of the place who live in the place.

    Parameters
    ----------
    practices
        As ``Place.practices``.
    pcns
        Codes of the PCNs.
    """
    living = practices["patients_inside"].groupby(practices["pcn_code"]).sum()
    return living.reindex(pcns, fill_value=0).astype("int64")


def span_notes(place: Place, rules: Rules) -> list[Problem]:
    """Note each PCN whose span was raised so that every neighbourhood can have one."""
    pcns, most = place.pcns, rules.counts[1]
    living = count_living(place.practices, pcns.index)
    usual = find_spans(living, rules, neighbourhoods=0)
    notes = []
    for code in pcns.index[pcns["span"] > usual]:
        said = (
            f"{pcns.loc[code, 'pcn_name']} may be based in {pcns.loc[code, 'span']} neighbourhoods"
            f" ({int(living[code]):,} of its patients live in the place): {most} neighbourhoods are"
            f" asked for, and the {counted(len(pcns), 'PCN')} would be based in"
            f" {int(usual.sum())} at most."
        )
        fix = "Nothing; [rules] spans sets it."
        notes.append(Problem("note", "study", None, str(code), "rules.spans", said, fix))
    return notes


def with_spans(place: Place, rules: Rules, *, neighbourhoods: int) -> Place:
    """Return the place with the spans for another count of neighbourhoods."""
    living = count_living(place.practices, place.pcns.index)
    spans = find_spans(living, rules, neighbourhoods=neighbourhoods)
    return replace(place, pcns=place.pcns.assign(span=spans))
