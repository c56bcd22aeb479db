"""The back of the report: rules, locks, data, versions. What an assessor checks first.

Goes in: a `Run`. Comes out: sentences and grids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundaries.pages import words
from boundaries.pages.grid import Cell, Grid
from boundaries.pages.naming import pcn_names
from boundaries.pages.report.sure import (
    sensitivity_grids,
    sensitivity_how,
    settled_grids,
    settled_how,
)

if TYPE_CHECKING:
    from boundaries.run import Run
    from boundaries.study import Lock

__all__ = [
    "data_notes",
    "engagement_grid",
    "locks_grid",
    "problems_grid",
    "reply_lines",
    "rules_said",
    "sensitivity_part",
    "sources_grid",
    "versions_grid",
]


def rules_said(run: Run) -> list[str]:
    """Say the hard rules with this study's numbers."""
    rules = run.study.rules
    least, most = rules.counts
    residents = int(run.place.lsoas["residents"].sum())
    bands = []
    for count in range(least, most + 1):
        low, high = rules.residents_limits(residents, count)
        bands.append(
            f"{words.people(low)} to {words.people(high)}"
            + (f" (with {count})" if most > least else "")
        )
    counts = str(least) if least == most else f"{least} to {most}"
    edge = (
        "no neighbourhood crosses a borough’s edge"
        if rules.nest_in
        else ("no neighbourhood crosses the edge of the place")
    )
    band = "; ".join(bands)
    return [
        (
            "1. Every LSOA and every practice is in exactly one neighbourhood, and no "
            "neighbourhood is without either."
        ),
        (
            "2. Every neighbourhood is in one piece: its LSOAs share borders, with rivers and "
            "railways cut and crossings added where the study says so."
        ),
        f"3. Residents of every neighbourhood: {band}.",
        f"4. Neighbourhoods: {counts}.",
        f"5. {edge[0].upper()}{edge[1:]}.",
        "6. Every neighbourhood is the base of at least one PCN.",
        (
            f"7. The list of the practices that stay in a PCN is at least {rules.pcn_floor:,}, or "
            "its list today if that is less, unless waived by name with a reason."
        ),
        "8. The requests of the study about what stays together or apart are kept.",
    ]


def locks_grid(run: Run) -> Grid:
    """Return the study's locks, with their reasons."""
    rows = tuple(
        (Cell(_lock_said(run, lock)), Cell(lock.reason or "–")) for lock in run.study.locks
    )
    return Grid("Requests kept in every option proposed", ("Request", "Reason given"), rows)


def reply_lines(run: Run) -> list[str]:
    """Say whom to answer, until when, and what is asked, as far as the study says."""
    reply = run.study.reply
    to = ", ".join(part for part in (reply.contact, reply.email) if part)
    said = [f"Replies go to {to}."] if to else []
    if reply.closes:
        said.append(f"The last day for replies is {words.day(reply.closes.isoformat())}.")
    return [*said, *(f"Asked: {question}" for question in reply.questions)]


def engagement_grid(run: Run) -> Grid:
    """Return the log of engagement, as the people who keep it wrote it."""
    keys = ("when", "who", "for_whom", "asked", "done")
    return Grid(
        "Who was asked",
        ("When", "Who", "For whom", "What was asked", "What was done"),
        tuple(
            tuple(Cell(str(row[key])) for key in keys) for row in run.record.get("engagement", [])
        ),
    )


def _lock_said(run: Run, lock: Lock) -> str:
    names = {
        **pcn_names(run),
        **{str(c): str(n) for c, n in run.place.practices["practice_name"].items()},
    }

    def named(codes: tuple[str, ...]) -> str:
        return words.join_names(
            f"{names[code]} ({code})" if code in names else code for code in codes
        )

    if lock.stays:
        return f"{named(lock.stays)} stays in its PCN"
    if lock.joins and lock.practice:
        return f"{named((lock.practice,))} joins {named((lock.joins,))}"
    return f"{named(lock.together)} together" if lock.together else f"{named(lock.apart)} apart"


def sources_grid(run: Run) -> Grid:
    """Return the files used: what for, publisher, date, rows, SHA-256."""
    rows = tuple(
        (
            Cell(source.role.replace("_", " ")),
            Cell(source.file),
            Cell(source.publisher or None),
            Cell(words.day(source.date) if source.date else None),
            Cell(source.rows, "count"),
            Cell(f"{source.sha256[:16]}…" if len(source.sha256) > 16 else source.sha256, "code"),
        )
        for source in run.place.sources
    )
    return Grid(
        "Files used",
        ("Used for", "File", "Publisher", "Date of the data", "Rows", "SHA-256 (first 16)"),
        rows,
        "run.json has every hash in full.",
    )


def data_notes(run: Run) -> list[str]:
    """Say what else a reader should know about the data of this run."""
    place = run.place
    notes = []
    if place.modelled_share:
        notes.append(
            f"{words.share(place.modelled_share)} of registered patients live in LSOAs that were "
            "split between censuses; where they live is apportioned, not counted."
        )
    outside = place.practices["patients_outside"].sum()
    total = place.practices["list_size"].sum()
    if total:
        notes.append(
            f"{words.people(outside)} of the {words.people(total)} patients of the place’s "
            "practices live outside it or have no known LSOA; they are the same in every option."
        )
    cut = len(place.cut_pairs)
    added = int((place.neighbours["why"] == "added").sum())
    if cut or added:
        notes.append(
            f"Neighbouring LSOAs: {words.count_of(cut, 'pair')} cut and "
            f"{words.count_of(added, 'pair')} added by the study."
        )
    if run.suppressed:
        notes.append(
            "Small numbers are suppressed: counts of 1 to 7 people are shown as *, all other "
            "counts are rounded to the nearest 5, and shares are worked out from rounded counts."
        )
    return notes


def problems_grid(run: Run, *, at_most: int = 40) -> Grid:
    """Return the problems found in the data, the gravest first; the rest stand in the CSV."""
    order = {"error": 0, "warning": 1, "note": 2}
    found = sorted(run.problems, key=lambda p: (order[p.level], p.file, p.row or 0, p.code))
    rows = tuple(
        (
            Cell(problem.level),
            Cell(problem.file if problem.row is None else f"{problem.file}, row {problem.row}"),
            Cell(problem.code or None, "code"),
            Cell(problem.said),
            Cell(problem.fix),
        )
        for problem in found[:at_most]
    )
    left = len(found) - len(rows)
    return Grid(
        "Problems found in the data",
        ("Level", "Where", "Code", "What was found", "What to do"),
        rows,
        f"{left} more are in problems.csv." if left > 0 else "",
    )


def versions_grid(run: Run) -> Grid:
    """Return what made this report: versions, seed, limits, and the study's hash."""
    record = run.record
    study = record.get("study")
    named: dict[str, Any] = {
        **{f"Version of {name}": value for name, value in record.get("versions", {}).items()},
        "Seed": record.get("seed", run.study.options.seed),
        "Effort": record.get("effort", run.study.options.effort),
        "Study, SHA-256": (study or {}).get("sha256") if isinstance(study, dict) else None,
    }
    named["Study, SHA-256"] = named["Study, SHA-256"] or run.study.sha256 or None
    for layer in run.place.teams.values():
        named[f"Weight of {layer.label or layer.name}"] = f"{layer.weight:g}"
    rows = tuple((Cell(key), Cell(str(value))) for key, value in named.items() if value is not None)
    return Grid("What made this report", ("What", "Value"), rows)


def sensitivity_part(run: Run) -> dict[str, Any]:
    """Return the sensitivity section: settled and contested, then the study's choices changed."""
    return {
        "sentences": sensitivity_how(run),
        "grids": sensitivity_grids(run),
        "settled": settled_how(run),
        "settled_grids": settled_grids(run),
    }
