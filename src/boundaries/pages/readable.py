"""A run made ready for readers: small numbers suppressed if asked, names no longer in capitals.

Goes in: a `Run`. Comes out: the same run, for pages and pictures only. Tables for analysts (the
CSV files, the workbook) keep names as their publishers write them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from boundaries.pages.suppress import as_shown
from boundaries.pages.words import name_case

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.run import Option, Run

__all__ = ["for_readers"]


def for_readers(run: Run) -> Run:
    """Return the run as a page shows it."""
    run = as_shown(run)
    practices, pcns = run.place.practices, run.place.pcns
    names = {
        name: name_case(name)
        for column in (practices["practice_name"], pcns["pcn_name"])
        for name in column.dropna().astype(str)
    }
    changed = {name: cased for name, cased in names.items() if name != cased}
    if not changed:
        return run
    place = replace(
        run.place,
        practices=practices.assign(practice_name=_cased(practices["practice_name"])),
        pcns=pcns.assign(pcn_name=_cased(pcns["pcn_name"])),
    )
    moves = run.moves.copy()
    for column in ("practice_name", "pcn_name_from", "pcn_name_to"):
        moves[column] = _cased(moves[column])
    moves["why"] = moves["why"].map(lambda said: _renamed(said, changed))
    return replace(
        run,
        place=place,
        moves=moves,
        facts=run.facts.assign(pcn_name=_cased(run.facts["pcn_name"])),
        options=tuple(_option(option, changed) for option in run.options),
        problems=tuple(
            replace(problem, said=_renamed(problem.said, changed)) for problem in run.problems
        ),
    )


def _option(option: Option, changed: dict[str, str]) -> Option:
    frame = option.measures.neighbourhoods
    said = frame["name"].map(lambda name: _renamed(name, changed))
    broken = tuple(
        replace(rule, said=_renamed(rule.said, changed)) for rule in option.measures.broken
    )
    measures = replace(option.measures, neighbourhoods=frame.assign(name=said), broken=broken)
    return replace(option, measures=measures)


def _cased(names: pd.Series[str]) -> pd.Series[str]:
    return names.map(lambda name: name_case(name) if isinstance(name, str) else name)


def _renamed(text: str, changed: dict[str, str]) -> str:
    """Put the new names into a sentence, the longest first: one may be part of another."""
    for name in sorted(changed, key=len, reverse=True):
        text = text.replace(name, changed[name])
    return text
