"""Options side by side: the ladder, every measure, alignment by deprivation.

Goes in: a `Run`. Comes out: grids whose first column of figures is always today, with the change
from today under each figure. Next: `boundaries.pages.report` and `boundaries.pages.word`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boundaries.pages import words
from boundaries.pages.grid import Cell, Grid, Kind, cell_text
from boundaries.pages.naming import team_labels, today

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boundaries.run import Option, Run

__all__ = ["equality_grid", "ladder_grid", "measure_rows", "option_blocks", "side_by_side_grid"]

_MEASURES: Final[tuple[tuple[str, str, Kind], ...]] = (
    ("neighbourhoods", "Neighbourhoods", "count"),
    ("alignment", "Patients who live in the neighbourhood of their practice", "share"),
    (
        "misaligned_patients",
        "Patients who live in one neighbourhood and are registered in another",
        "people",
    ),
    ("misaligned_65_plus_estimate", "of them, aged 65 or over (estimated)", "people"),
    ("practices_moved", "Practices that change PCN", "count"),
    ("patients_moved", "Patients on the lists of those practices", "people"),
    (
        "patients_internal",
        "Patients of practices that stay in their PCN but sit in another of its neighbourhoods",
        "people",
    ),
    ("pairs_parted", "Pairs of neighbouring LSOAs parted by a line", "count"),
    ("bonds_parted", "Bonds of those pairs, in people", "people"),
    ("line_km", "Length of the lines inside the place, km", "decimal"),
    ("barrier_line_share", "Share of that length along barriers", "share"),
    ("*teams", "", "people"),
    ("team_interfaces", "Extra neighbourhoods that teams reach into", "count"),
    ("pcns_dissolved", "PCNs that end", "count"),
    ("pcns_under_floor", "PCNs newly under their least list size", "count"),
    ("pcns_single_practice", "PCNs newly left with one practice", "count"),
    ("pounds_a_year", "PCN money a year that follows patients (order of magnitude)", "pounds"),
    ("arrs_wte", "Staff (whole-time equivalents) that follow patients", "decimal"),
    ("wards_split", "Wards split between neighbourhoods", "count"),
    ("residents_in_split_wards", "Residents of split wards", "people"),
    ("residents_min", "Residents of the smallest neighbourhood", "people"),
    ("residents_max", "Residents of the largest neighbourhood", "people"),
    ("registered_min", "Smallest list of a neighbourhood's practices", "people"),
    ("registered_max", "Largest list of a neighbourhood's practices", "people"),
    (
        "resident_distance_m",
        "Average distance of residents to the middle of their neighbourhood",
        "distance",
    ),
    ("patient_distance_m", "Average distance of patients to their practice", "distance"),
    ("polsby_popper_mean", "Compactness (1 is a circle)", "decimal"),
)

_CHANGES: Final[dict[Kind, Kind]] = {"people": "change", "count": "change", "share": "points"}
_OWN_COLUMN: Final = frozenset(
    {
        "neighbourhoods", "practices_moved", "patients_moved", "misaligned_patients", "alignment",
        "bonds_parted", "pairs_parted",
    }
)  # fmt: skip
"""Measures that options.csv has a column for; the others stand in measures.csv."""


def measure_rows(run: Run) -> list[tuple[str, str, Kind]]:
    """Return key, words and kind of the measures that this run has, layers of teams in place."""
    known = set().union(*(option.measures.summary for option in run.options))
    known -= set() if run.place.teams else {"team_interfaces"}
    known -= set() if len(run.place.barriers) else {"barrier_line_share"}
    rows: list[tuple[str, str, Kind]] = []
    for key, label, kind in _MEASURES:
        if key == "*teams":
            rows += [
                (f"residents_changing_{name}", f"Residents whose team changes: {words_}", kind)
                for name, words_ in team_labels(run).items()
            ]
        elif key in known:
            rows.append((key, label, kind))
    return rows


def option_blocks(run: Run, *, at_most: int = 9) -> list[tuple[Option, ...]]:
    """Return the options in blocks of like size that fit a page, today first in every block."""
    now = today(run)
    others = [option for option in run.options if option is not now]
    first = () if now is None else (now,)
    blocks = -(-len(others) // (at_most - len(first)))
    if blocks == 0:
        return [first]
    size = -(-len(others) // blocks)
    return [(*first, *others[start : start + size]) for start in range(0, len(others), size)]


def side_by_side_grid(run: Run, options: Sequence[Option]) -> Grid:
    """Return every measure of some options, one column an option."""
    now = today(run)
    rows = []
    for key, label, kind in measure_rows(run):
        cells = [_measure_cell(option, now, key, kind) for option in options]
        rows.append((Cell(label), *cells))
    rows.append((Cell("Hard rules not kept"), *(_broken_cell(option) for option in options)))
    rows.append((Cell("How sure"), *(Cell(words.proof_mark(option)) for option in options)))
    return Grid(
        "Options side by side; a smaller figure is the change from today, where there is any",
        ("Measure", *(option.title for option in options)),
        tuple(rows),
    )


def _measure_cell(option: Option, now: Option | None, key: str, kind: Kind) -> Cell:
    value = option.measures.summary.get(key)
    of_teams = key.startswith("residents_changing_") or key == "team_interfaces"
    if of_teams and option is now:
        return Cell(None, kind)  # nothing changes today
    if key in _OWN_COLUMN or key.startswith("residents_changing_"):
        source = f"options.csv|{option.option_id}|{key}"
    else:
        source = f"measures.csv|{option.option_id}/{key}|value"
    if value is None:
        return Cell(None, kind)
    base = None if of_teams else now
    note = _change(option, base, lambda one: one.measures.summary.get(key), kind)
    unit = " points" if kind == "share" else ""
    return Cell(value, kind, source, f"{note}{unit}" if note[:1] in ("+", "−") else "")


def _change(
    option: Option, now: Option | None, read: Callable[[Option], float | None], kind: Kind
) -> str:
    """Return the change of a figure from today; nothing for today itself or a missing one."""
    if now is None or now is option or kind not in _CHANGES:
        return ""
    value, before = read(option), read(now)
    if value is None or before is None:
        return ""
    return cell_text(Cell(value - before, _CHANGES[kind]))


def _broken_cell(option: Option) -> Cell:
    return Cell(len(option.measures.broken), "count")


def ladder_grid(run: Run, options: Sequence[Option]) -> Grid:
    """Return the ladder: what each rung costs, what it buys over the rung before, how sure."""
    now, teams = today(run), team_labels(run)
    count = {option.measures.summary["neighbourhoods"] for option in options}
    grouped = [
        option
        for option in run.options
        if option.family == "as-is-grouped" and option.measures.summary["neighbourhoods"] in count
    ]
    header = (
        "Option", "Practices that change PCN", "Their patients", "Aligned with their practice",
        "More patients aligned than above", "Pairs of LSOAs parted",
        *(f"{t}: team changes" for t in teams.values()), "Sum made small", "How sure",
    )  # fmt: skip
    shown = [*([now] if now else []), *grouped, *options]
    befores = [None, *shown[:-1]]
    rows = [
        _rung(option, before, now, teams) for option, before in zip(shown, befores, strict=True)
    ]
    sums = f"The sum that the search makes small is {words.sum_words(options[-1])}. "
    return Grid(
        "What each practice move buys",
        header,
        tuple(rows),
        "“Aligned” means that a patient lives in the same neighbourhood as their practice. "
        "“Parted” are two neighbouring LSOAs with a line between them. "
        + (
            "“Team changes” counts residents who live in another neighbourhood than the one that "
            "their team would serve; nothing changes today. "
            if teams
            else ""
        )
        + sums
        + "All of it is in options.csv; how many more are aligned is the difference of its column "
        "misaligned_patients between two rows.",
    )


def _rung(
    option: Option, before: Option | None, now: Option | None, teams: dict[str, str]
) -> tuple[Cell, ...]:
    summary, key = option.measures.summary, f"options.csv|{option.option_id}"
    gained = None
    if before is not None:
        gained = before.measures.summary["misaligned_patients"] - summary["misaligned_patients"]

    def of_decided(column: str) -> Cell:
        """Return a figure that today, where nothing was decided, does not have."""
        if option is now:
            return Cell(None, "people")
        return Cell(summary[column], "people", f"{key}|{column}")

    return (
        Cell(option.title),
        Cell(summary["practices_moved"], "count", f"{key}|practices_moved"),
        Cell(summary["patients_moved"], "people", f"{key}|patients_moved"),
        Cell(summary["alignment"], "share", f"{key}|alignment"),
        Cell(gained, "change"),
        Cell(summary["pairs_parted"], "count", f"{key}|pairs_parted"),
        *(of_decided(f"residents_changing_{team}") for team in teams),
        of_decided("objective"),
        Cell(words.proof_mark(option)),
    )


def equality_grid(run: Run, options: Sequence[Option]) -> Grid:
    """Return alignment by deprivation fifth, with the change from today in percentage points."""
    now = today(run)
    rows = []
    for quintile in sorted({q for option in options for q in option.measures.quintiles.index}):
        label = {1: "1 (most deprived fifth)", 5: "5 (least deprived fifth)"}.get(
            int(quintile), str(quintile)
        )
        cells = [_quintile_cell(option, now, quintile) for option in options]
        patients = options[0].measures.quintiles["patients"].get(quintile)
        source = f"quintiles.csv|{options[0].option_id}/{quintile}|patients"
        rows.append((Cell(label), Cell(patients, "people", source), *cells))
    everyone = [
        Cell(
            option.measures.summary["alignment"], "share",
            f"options.csv|{option.option_id}|alignment",
            _change(option, now, lambda one: one.measures.summary["alignment"], "share"),
        )
        for option in options
    ]  # fmt: skip
    counted = options[0].measures.summary.get("patients_counted")
    source = f"measures.csv|{options[0].option_id}/patients_counted|value"
    rows.append((Cell("Everyone"), Cell(counted, "people", source), *everyone))
    return Grid(
        "Share of patients who live in the neighbourhood of their practice, by deprivation of "
        "the area where they live",
        ("Fifth of areas in England", "Patients", *(option.title for option in options)),
        tuple(rows),
        "The smaller figure is the change from today in percentage points.",
    )


def _quintile_cell(option: Option, now: Option | None, quintile: int) -> Cell:
    def read(one: Option) -> float | None:
        return one.measures.quintiles["alignment"].get(quintile)

    source = f"quintiles.csv|{option.option_id}/{quintile}|alignment"
    return Cell(read(option), "share", source, _change(option, now, read, "share"))
