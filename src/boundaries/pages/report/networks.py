"""A page for each PCN's clinical director: evidence, every option, what keeping whole would cost.

Goes in: a `Run`. Comes out: what the template of the page names, as plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundaries.pages import words
from boundaries.pages.baseline import evidence_sentence
from boundaries.pages.care import odd_lists
from boundaries.pages.detail import moves_of
from boundaries.pages.grid import Cell, Grid
from boundaries.pages.naming import (
    ladders,
    neighbourhood_name,
    pcn_letters,
    pcn_names,
    proposals,
    team_labels,
)
from boundaries.pages.report.options import anchor
from boundaries.pages.split import split_of, split_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boundaries.run import Option, Run

__all__ = ["network_pages"]


def network_pages(run: Run) -> list[dict[str, Any]]:
    """Return the values of every PCN's page, by name."""
    names, letters, odd = pcn_names(run), pcn_letters(run), odd_lists(run)
    return [
        {
            "id": anchor("pcn", code),
            "name": f"{letters[code]}  {names[code]} ({code})",
            "evidence": evidence_sentence(run, code),
            "practices": _practices(run, code),
            "care": [odd[p] for p in _own(run, code) if p in odd],
            "grid": _options_grid(run, code),
            "whole": _whole(run, code),
        }
        for code in sorted(names, key=lambda code: (names[code], code))
        if code in run.facts.index
    ]


def _leaving(run: Run, option: Option, code: str) -> list[str]:
    moves = moves_of(run, option)
    return [str(p) for p in moves.loc[moves["pcn_code_from"] == code, "practice_code"]]


def _own(run: Run, code: str) -> list[str]:
    """Return the practices of a PCN that are in the place."""
    pcn = run.place.practices["pcn_code"]
    return [str(practice) for practice in pcn.index[(pcn == code).fillna(value=False)]]


def _practices(run: Run, code: str) -> list[str]:
    names, shown = run.place.practices["practice_name"], proposals(run)
    said = []
    steady = []
    for practice in _own(run, code):
        where = [f"“{o.title}”" for o in shown if practice in _leaving(run, o, code)]
        if where:
            said.append(f"{names[practice]} ({practice}) would leave in: {', '.join(where)}.")
        else:
            steady.append(f"{names[practice]} ({practice})")
    if steady:
        said.insert(0, f"Stay in every option proposed: {'; '.join(steady)}.")
    apart: dict[str, list[str]] = {}
    for option in shown:
        split = split_of(option, code)
        if split is not None:
            apart.setdefault(split_sentence(run, option, split), []).append(f"“{option.title}”")
    said += [f"In {words.join_names(titles)}: {text}" for text, titles in apart.items()]
    outside = int(run.place.pcns.loc[code, "practices_outside"])  # type: ignore[arg-type] # a count
    if outside:
        said.append(
            f"{words.count_of(outside, 'practice').capitalize()} of this PCN "
            f"{'lies' if outside == 1 else 'lie'} outside the place and cannot move here."
        )
    return said


def _options_grid(run: Run, code: str) -> Grid:
    rows = []
    for option in run.options:
        moves = moves_of(run, option)
        leaving = moves[moves["pcn_code_from"] == code]
        joining = moves[moves["pcn_code_to"] == code]
        pcn = option.measures.pcns.loc[code]
        key = f"pcns.csv|{option.option_id}/{code}"
        anchors = [label for label in str(pcn["anchors"]).split("; ") if label]
        rate = run.study.rates.pounds_per_patient_a_year
        rows.append(
            (
                Cell(option.title),
                Cell(
                    words.join_names(neighbourhood_name(option, label) for label in anchors)
                    or "none"
                ),
                Cell("; ".join(leaving["practice_name"]) or "none"),
                Cell("; ".join(joining["practice_name"]) or "none"),
                Cell(pcn["list_option"], "people", f"{key}|list_option"),
                Cell(pcn["list_staying"], "people", f"{key}|list_staying"),
                Cell(pcn["floor"], "people", f"{key}|floor"),
                Cell(
                    (joining["list_size"].sum() - leaving["list_size"].sum()) * rate
                    if len(leaving) + len(joining)
                    else 0,
                    "pounds",
                ),
            )
        )
    return Grid(
        "What each option would mean for this PCN",
        (
            "Option", "Based in", "Practices leaving", "Practices joining", "List",
            "Of those that stay", "Least it may keep", "PCN money a year, about",
        ),
        tuple(rows),
    )  # fmt: skip


def _whole(run: Run, code: str) -> list[str]:
    """Say what keeps a PCN whole, beside the next step of the ladder, which does not."""
    if not proposals(run):
        return ["No option was proposed in this run."]
    ladder = next(iter(ladders(run).values()), proposals(run))
    kept = [not _leaving(run, option, code) for option in ladder]
    apart = [split_of(option, code) for option in ladder]
    if all(kept):
        last = "every option proposed" if len(ladder) > 1 else f"“{ladder[0].title}”"
        said = [f"All its practices stay with it in {last}."]
    elif not any(kept):
        said = ["Every option proposed moves a practice of this PCN. Ask for one that does not."]
    else:
        said = _beside_next(run, ladder, kept)
    if any(apart):
        said.append(
            "Keeping its practices in the PCN does not put them in one neighbourhood: see above "
            "where they sit. Ask for a span of one if it should be based in one neighbourhood."
        )
    return said


def _beside_next(run: Run, ladder: Sequence[Option], kept: list[bool]) -> list[str]:
    """Compare the last step that moves none of a PCN's practices with the step after it."""
    at = max(step for step, whole in enumerate(kept) if whole)
    other = at + 1 if at + 1 < len(ladder) else at - 1
    whole, beside = ladder[at], ladder[other]
    said = [
        (
            f"Of the steps of the ladder, “{whole.title}” is the last that moves none of its "
            f"practices; the step {'after' if other > at else 'before'} it, “{beside.title}”, does."
        ),
        (
            f"Against that step, {_more(whole, beside, 'misaligned_patients', 'patients')} across "
            "the place would live in one neighbourhood and be registered in another."
        ),
    ]
    said += [
        f"{label}: {_more(whole, beside, f'residents_changing_{name}', 'residents')} whose team "
        "would change."
        for name, label in team_labels(run).items()
    ]
    return said


def _more(one: Option, other: Option, key: str, who: str) -> str:
    """Say how many more, or fewer, people an option touches than another."""
    return words.more_or_fewer(one.measures.summary[key] - other.measures.summary[key], who)
