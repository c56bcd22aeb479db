"""A page for each PCN's clinical director: evidence, every option, what keeping whole would cost.

Goes in: a `Run`. Comes out: what the template of the page names, as plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundaries.pages import words
from boundaries.pages.baseline import evidence_sentence
from boundaries.pages.detail import moves_of
from boundaries.pages.grid import Cell, Grid
from boundaries.pages.naming import neighbourhood_name, pcn_names, proposals, team_labels
from boundaries.pages.report.options import anchor

if TYPE_CHECKING:
    from boundaries.run import Option, Run

__all__ = ["network_pages"]


def network_pages(run: Run) -> list[dict[str, Any]]:
    """Return the values of every PCN's page, by name."""
    names = pcn_names(run)
    return [
        {
            "id": anchor("pcn", code),
            "name": f"{names[code]} ({code})",
            "evidence": evidence_sentence(run, code),
            "practices": _practices(run, code),
            "grid": _options_grid(run, code),
            "whole": _whole(run, code),
        }
        for code in sorted(names, key=lambda code: (names[code], code))
        if code in run.facts.index
    ]


def _leaving(run: Run, option: Option, code: str) -> list[str]:
    moves = moves_of(run, option)
    return [str(p) for p in moves.loc[moves["pcn_code_from"] == code, "practice_code"]]


def _practices(run: Run, code: str) -> list[str]:
    mine = run.place.practices[run.place.practices["pcn_code"] == code]
    shown = proposals(run)
    said = []
    steady = []
    for practice, name in mine["practice_name"].items():
        where = [o.option_id for o in shown if str(practice) in _leaving(run, o, code)]
        if where:
            said.append(f"{name} ({practice}) would leave in: {', '.join(where)}.")
        else:
            steady.append(f"{name} ({practice})")
    if steady:
        said.insert(0, f"Stay in every option proposed: {'; '.join(steady)}.")
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
    shown = proposals(run)
    if not shown:
        return ["No option was proposed in this run."]
    best = min(shown, key=lambda option: option.measures.summary["objective"])
    keeping = [option for option in shown if not _leaving(run, option, code)]
    if not keeping:
        return ["Every option proposed moves a practice of this PCN. Ask for one that does not."]
    if best in keeping:
        return [f"The option with the smallest sum (“{best.title}”) already keeps it whole."]
    whole = min(keeping, key=lambda option: option.measures.summary["objective"])
    said = [
        f"Of the options proposed, “{whole.title}” keeps it whole with the smallest sum.",
        (
            f"Against “{best.title}”, "
            f"{_more(whole, best, 'misaligned_patients', 'patients across the place')} would be "
            "misaligned."
        ),
    ]
    said += [
        f"{label}: {_more(whole, best, f'residents_changing_{name}', 'residents')} whose team "
        "would change."
        for name, label in team_labels(run).items()
    ]
    return said


def _more(one: Option, other: Option, key: str, who: str) -> str:
    """Say how many more, or fewer, people an option touches than another."""
    return words.more_or_fewer(one.measures.summary[key] - other.measures.summary[key], who)
