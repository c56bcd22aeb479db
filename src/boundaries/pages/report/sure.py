"""What is settled and what is open: who sits with whom in good plans, and how sure that is.

Goes in: a `Run`. Comes out: sentences for the first page, and sentences and grids for the section
on sensitivity. Every number of the grids stands in the run's files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.pages import words
from boundaries.pages.grid import Cell, Grid, records
from boundaries.pages.naming import neighbourhood_names, proposals

if TYPE_CHECKING:
    from boundaries.run import Run

__all__ = [
    "sensitivity_grids",
    "sensitivity_how",
    "settled_and_open",
    "settled_grids",
    "settled_how",
]

_USUAL: Final = 0.9
"""Together in at least this share of plans: settled (docs/measures.md)."""

_LISTED: Final = 2
"""The first page names so many open practices at most."""

_ROWS: Final = 12
"""Rows of LSOAs and plans in the report; all of them are in the files."""

_PRACTICES: Final = 25
"""Rows of practices in the report."""

_SURE: Final = {
    "stays": "shown to stay",
    "not found": "no good plan found elsewhere",
    "elsewhere": "found elsewhere",
}


def settled_and_open(run: Run) -> tuple[list[str], list[str]]:
    """Say what is settled and what is open, from the plans compared or from the options shown."""
    if len(run.settled):
        return _from_shares(run)
    shown = proposals(run)
    if not shown:
        return ["Only one pattern was measured, so nothing can be said yet."], []
    names = run.place.practices["practice_name"]
    moved = {
        str(code)
        for option in shown
        for code, flag in option.measures.practices["moved"].items()
        if flag
    }
    stay = len(names) - len(moved)
    settled = [
        (
            f"{words.count_of(stay, 'practice').capitalize()} of {len(names)} "
            f"{'keeps its' if stay == 1 else 'keep their'} PCN in every option proposed here."
        )
    ]
    unsettled = [f"{names[code]} ({code}) changes PCN in some options." for code in sorted(moved)]
    unsettled.append(
        "The search for other plans nearly as good was not asked for; it would show how much of "
        "the map is really open."
    )
    return settled, unsettled


def _from_shares(run: Run) -> tuple[list[str], list[str]]:
    settled, unsettled = [_compared(run)], []
    for kind, noun in (("practice", "practice"), ("lsoa", "LSOA")):
        rows = run.settled[run.settled["kind"] == kind]
        firm = rows[rows["share"] >= _USUAL]
        settled.append(
            f"{len(firm):,} of {len(rows):,} {noun}s sit with the same partners in at least 90% of "
            f"the plans compared{_how_firm(firm)}."
        )
        loose = rows[rows["share"] < _USUAL].sort_values(["share", "code"])
        if kind == "practice":
            names = run.place.practices["practice_name"]
            shown = loose.head(_LISTED)
            unsettled += [
                f"{names.get(code, code)} ({code}): with its usual partners in "
                f"{words.share(share, digits=0)} of plans."
                for code, share in zip(shown["code"], shown["share"], strict=True)
            ]
            if len(loose) > len(shown):
                more = words.count_of(len(loose) - len(shown), "more practice")
                unsettled.append(f"{more.capitalize()}: see Sensitivity.")
        elif len(loose):
            unsettled.append(f"{len(loose):,} LSOAs change partners between plans nearly as good.")
    return settled, unsettled or ["Nothing: the plans compared agree."]


def _how_firm(firm: pd.DataFrame) -> str:
    """Say how many of the settled are shown to stay, and how many were only not found to leave."""
    if "sure" not in firm or firm["sure"].isna().all():
        return ""
    counts = firm["sure"].value_counts()
    stays, missed = int(counts.get("stays", 0)), int(counts.get("not found", 0))
    return (
        f": {words.people(stays)} shown to stay, {words.people(missed)} not found elsewhere in any"
    )


def _compared(run: Run) -> str:
    found = len(run.near)
    plans = run.settled["plans"].dropna() if "plans" in run.settled else pd.Series(dtype=float)
    if plans.empty:
        return "Compared: the different plans among the options of this run."
    every = int(plans.iloc[0])
    if not found:
        return f"{words.count_of(every, 'plan').capitalize()} compared: the options of this run."
    tolerance = words.share(run.study.options.tolerance, digits=0)
    return (
        f"{every:,} plans compared: the options, and {words.count_of(found, 'plan')} that keep "
        f"every rule, come within {tolerance} of the best objective known, and differ as much as "
        "could be found."
    )


def settled_how(run: Run) -> list[str]:
    """Say how settled and contested were found, and what they do and do not prove."""
    if not len(run.settled):
        return []
    said = [_compared(run)]
    if not len(run.near):
        return [
            *said,
            "No other plans were looked for, so that much of what looks settled here may be open.",
        ]
    tried = [str(name) for name in run.record.get("looked_at", [])]
    around = " and ".join(tried) or "the options"
    least, most = run.near["extra_share"].min(), run.near["extra_share"].max()
    said += [
        (
            f"The other plans were looked for around {around}, by asking for plans "
            "in which what has not been seen elsewhere is elsewhere. Their objective is "
            f"{words.share(max(0.0, least))} to {words.share(max(0.0, most))} above their "
            "option’s; each was counted again by code that shares nothing with the search."
        ),
        (
            "“Shown to stay”: a bound proves that no plan within the tolerance has it elsewhere, "
            "as long as every PCN is based where it is in the option. “No good plan found "
            "elsewhere”: one was looked for and not found; that is not a proof. “Found "
            "elsewhere”: at least one plan compared has it in another neighbourhood."
        ),
        (
            "The share says in how many of the plans compared something sits with its usual "
            "partners. The plans were sought because they differ, so a share is a measure of how "
            "much is open and not a probability. A share near 50% often means that the first and "
            "the last rung of the ladder themselves differ there."
        ),
    ]
    gaps = [option.gap for option in run.options if option.option_id in tried and option.gap]
    if "stays" not in set(run.settled["sure"]) and max(gaps, default=0.0) > (
        run.study.options.tolerance
    ):
        said.append(
            "Nothing is shown to stay here: that needs options whose own gap is smaller than the "
            f"tolerance, and theirs is up to {words.share(max(gaps))} of the objective."
        )
    return said


def settled_grids(run: Run) -> list[Grid]:
    """Return the tables of practices, of contested LSOAs, and of the plans nearly as good."""
    if not len(run.settled):
        return []
    practices = _units_grid(run, "practice")
    lsoas = _units_grid(run, "lsoa")
    grids = [practices, lsoas, _plans_grid(run)]
    return [grid for grid in grids if grid.rows]


def _units_grid(run: Run, kind: str) -> Grid:
    every = run.settled[run.settled["kind"] == kind].sort_values(["share", "code"])
    loose = every[every["share"] < _USUAL]
    rows = loose.head(_PRACTICES if kind == "practice" else _ROWS)
    frame = run.place.practices if kind == "practice" else run.place.lsoas
    names = frame["practice_name" if kind == "practice" else "lsoa_name"]
    noun = "Practices" if kind == "practice" else "LSOAs"
    what = f"{noun} that are contested: with their usual partners in under 90% of the plans"
    note = (
        f"{len(rows):,} of {len(loose):,} contested; the other {len(every) - len(loose):,} of "
        f"{len(every):,} are settled. "
    )
    known = "sure" in rows and not rows["sure"].isna().all()
    head = "LSOA" if kind == "lsoa" else "Practice"
    header: tuple[str, ...] = (head, "Share of plans")
    if known:
        header = (head, "Usual neighbourhood", "Share of plans", "Plans elsewhere", "How sure")
    usual = _usual_names(run)
    cells: list[tuple[Cell, ...]] = []
    for row in records(rows):
        key = f"settled.csv|{kind}/{row['code']}"
        share = Cell(row["share"], "share", f"{key}|share")
        name = Cell(f"{names.get(row['code'], row['code'])} ({row['code']})")
        if known:
            cells.append(
                (
                    name,
                    Cell(usual.get(str(row["neighbourhood"]), str(row["neighbourhood"]))),
                    share,
                    Cell(row["elsewhere"], "count", f"{key}|elsewhere"),
                    Cell(_SURE.get(row["sure"], row["sure"])),
                )
            )
        else:
            cells.append((name, share))
    return Grid(what, header, tuple(cells), f"{note}Every one is in settled.csv and on the map.")


def _usual_names(run: Run) -> dict[str, str]:
    """Return what neighbourhoods are called, as the first option that was solved calls them."""
    names: dict[str, str] = {}
    solved = [option for option in run.options if not option.family.startswith("as-is")]
    for option in (*run.options, *reversed(solved)):
        names.update(neighbourhood_names(option))
    return names


def _plans_grid(run: Run) -> Grid:
    def cell(row: dict[str, Any], column: str, kind: Any) -> Cell:
        return Cell(row[column], kind, f"near_plans.csv|{row['plan_id']}|{column}")

    shown = run.near.head(_ROWS)
    rows = tuple(
        (
            Cell(row["plan_id"], "code"),
            cell(row, "extra_share", "share"),
            cell(row, "alignment", "share"),
            cell(row, "practices_moved", "count"),
            cell(row, "lsoas_elsewhere", "count"),
            cell(row, "practices_elsewhere", "count"),
        )
        for row in records(shown)
    )
    return Grid(
        "Plans nearly as good, against the option that each was found around",
        (
            "Plan",
            "Objective above the option’s",
            "Alignment",
            "Practices that move",
            "LSOAs elsewhere",
            "Practices elsewhere",
        ),
        rows,
        f"{len(shown):,} of {len(run.near):,}; all are in near_plans.csv, what each has elsewhere "
        "in near_differences.csv. None is proposed.",
    )


def sensitivity_how(run: Run) -> list[str]:
    """Say what was varied, what holds, what does not, and how sure that is."""
    table, units = run.sensitivity, run.sensitivity_units
    if not len(table):
        untested = "This run did not test how the answer changes with the weights, the band of "
        return [f"{untested}residents or the number of neighbourhoods."]
    runs = int(units["runs"].max()) if len(units) else 0
    weights = "the weight of each team layer by half, " if run.place.teams else ""
    said = [
        (
            f"{words.count_of(table['variant'].nunique(), 'variant').capitalize()} of the study, "
            f"each with one choice changed and the rest as it is: {weights}the band of residents "
            "by 10 percentage points, one neighbourhood fewer or more. "
            "Each was solved again with no practice moving and with as many moving as the study "
            "allows, and compared with this run’s own options: "
            f"{words.count_of(runs, 'comparison')}."
        )
    ]
    for kind, noun in (("practice", "practices"), ("lsoa", "LSOAs")):
        rows = units[units["kind"] == kind]
        firm = int((rows["share"] >= _USUAL).sum())
        said.append(
            f"{firm:,} of {len(rows):,} {noun} keep their company in at least 90% of these "
            "comparisons."
        )
    said += [
        f"{row['what']}: {row['said']}"
        for row in records(table)
        if isinstance(row["said"], str) and row["said"]
    ]
    said.append(
        "The variants are searched with less work than the options and nothing is proven of them: "
        "what differs may in part be another plan that is nearly as good (above). What holds in "
        "all of them is firm evidence, what does not is a reason to ask."
    )
    return said


def sensitivity_grids(run: Run) -> list[Grid]:
    """Return a table of the variants, and of the practices and LSOAs that do not hold."""
    solved = run.sensitivity[run.sensitivity["lsoas_elsewhere"].notna()]
    if not len(solved):
        return []
    grids = [_variants_grid(solved), _loose_grid(run, "practice"), _loose_grid(run, "lsoa")]
    return [grid for grid in grids if grid.rows]


def _variants_grid(solved: pd.DataFrame) -> Grid:
    def cell(row: dict[str, Any], column: str, kind: Any) -> Cell:
        source = f"sensitivity.csv|{row['variant']}/{row['option_id']}|{column}"
        return Cell(row[column], kind, source)

    rows = tuple(
        (
            Cell(row["what"]),
            Cell(row["option_id"], "code"),
            cell(row, "objective", "people"),
            cell(row, "alignment", "share"),
            cell(row, "alignment_change", "points"),
            cell(row, "practices_moved", "count"),
            cell(row, "lsoas_elsewhere", "count"),
            cell(row, "practices_elsewhere", "count"),
        )
        for row in records(solved)
    )
    return Grid(
        "The study with one choice changed, against the option of this run with as many moves",
        (
            "What is changed",
            "Against",
            "Objective",
            "Alignment",
            "Change, percentage points",
            "Practices that move",
            "LSOAs elsewhere",
            "Practices elsewhere",
        ),
        rows,
        "The objective counts with the changed weights. With one neighbourhood fewer or more, "
        "whoever is in the one that goes or comes is elsewhere. All of it is in sensitivity.csv.",
    )


def _loose_grid(run: Run, kind: str) -> Grid:
    rows = run.sensitivity_units[run.sensitivity_units["kind"] == kind]
    loose = rows[rows["share"] < _USUAL].sort_values(["share", "code"])
    names = (
        run.place.practices["practice_name"] if kind == "practice" else run.place.lsoas["lsoa_name"]
    )
    noun = "Practices" if kind == "practice" else "LSOAs"
    most = _PRACTICES if kind == "practice" else _ROWS
    cells = tuple(
        (
            Cell(f"{names.get(row['code'], row['code'])} ({row['code']})"),
            Cell(row["share"], "share", f"sensitivity_units.csv|{kind}/{row['code']}|share"),
        )
        for row in records(loose.head(most))
    )
    return Grid(
        f"{noun} that keep their company in under 90% of the comparisons",
        (noun[:-1] if kind == "practice" else "LSOA", "Share of comparisons"),
        cells,
        f"{min(len(loose), most):,} of {len(loose):,}; the other {len(rows) - len(loose):,} of "
        f"{len(rows):,} hold. Every one is in sensitivity_units.csv.",
    )
