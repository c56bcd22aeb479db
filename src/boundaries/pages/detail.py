"""One option in detail: neighbourhoods, who moves and why, teams, wards, PCN floors, money.

Goes in: a `Run` and one of its options. Comes out: grids and sentences, every figure with the
file, row and column it comes from. Next: `boundaries.pages.report`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from boundaries.pages import words
from boundaries.pages.care import odd_lists
from boundaries.pages.grid import Cell, Grid, Kind, records
from boundaries.pages.naming import (
    neighbourhood_name,
    pcn_names,
    short_name,
    team_labels,
)
from boundaries.pages.split import split_of
from boundaries.plan import label_key

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.run import Option, Run

__all__ = [
    "floors_grid",
    "money_grid",
    "move_sentences",
    "moves_grid",
    "moves_of",
    "neighbourhoods_grid",
    "placed_sentences",
    "teams_grid",
    "wards_grid",
]


_FIGURES: Final[tuple[tuple[str, Kind], ...]] = (
    ("list_size", "people"), ("patients_inside", "people"), ("patients_there", "people"),
    ("patients_if_stayed", "people"), ("patients_gained", "change"),
    ("patients_today_from", "people"), ("patients_today_to", "people"),
)  # fmt: skip
"""Columns of ``moves.csv`` with the figures of a move's sentence."""


def neighbourhoods_grid(run: Run, option: Option) -> Grid:
    """Return the neighbourhoods of an option: people, PCNs, alignment, size."""
    frame = option.measures.neighbourhoods
    names = pcn_names(run)
    rows = []
    for row in records(frame.loc[sorted(frame.index, key=label_key)]):
        label = str(row["neighbourhood"])
        key = f"{option.option_id}/{label}"
        anchored = [names.get(code, code) for code in str(row["pcns"]).split("; ") if code]
        rows.append(
            (
                Cell(neighbourhood_name(option, label)),
                _cell(row, "residents", "people", key),
                _cell(row, "registered", "people", key),
                _cell(row, "practices", "count", key),
                Cell(words.join_names(map(short_name, anchored)) or "none"),
                _cell(row, "alignment", "share", key),
                _cell(row, "misaligned_patients", "people", key),
                _cell(row, "area_km2", "decimal", key),
                _cell(row, "resident_distance_m", "distance", key),
            )
        )
    return Grid(
        "Neighbourhoods",
        (
            "Neighbourhood", "Residents", "On its practices’ lists", "Practices", "PCNs based here",
            "Its practices’ patients who live in it", "Those who live in another", "Area, km²",
            "Residents’ average distance to its middle",
        ),
        tuple(rows),
        "Lists count every registered patient wherever they live, so they differ from residents.",
    )  # fmt: skip


def _cell(row: dict[str, Any], column: str, kind: Kind, key: str) -> Cell:
    return Cell(row[column], kind, f"neighbourhoods.csv|{key}|{column}")


def moves_of(run: Run, option: Option) -> pd.DataFrame:
    """Return the change list of one option, by practice code."""
    return run.moves[run.moves["option_id"] == option.option_id].sort_values("practice_code")


def moves_grid(run: Run, option: Option) -> Grid:
    """Return the practices that change PCN, with the figures behind each sentence."""
    rows = []
    for move in records(moves_of(run, option)):
        key = f"{option.option_id}/{move['practice_code']}"
        rows.append(
            (
                Cell(f"{move['practice_name']} ({move['practice_code']})"),
                Cell(_pcn_words(move, "from")),
                Cell(_pcn_words(move, "to")),
                Cell(neighbourhood_name(option, str(move["neighbourhood"]))),
                *(Cell(move[name], kind, f"moves.csv|{key}|{name}") for name, kind in _FIGURES),
            )
        )
    return Grid(
        "Practices that change PCN, and the figures behind the sentences above",
        (
            "Practice", "From PCN", "To PCN", "Neighbourhood", "List size", "Living in the place",
            "Living there", "Living where its PCN is based", "More patients aligned",
            "Living in its PCN’s area today", "Living in the other PCN’s area today",
        ),
        tuple(rows),
        f"The figures stand in moves.csv, row {option.option_id} and the practice’s code, columns "
        f"{words.join_names([name for name, _ in _FIGURES])}. They are counted from the patients "
        f"of each practice and LSOA in {_counted_from(run)}.",
    )  # fmt: skip


def _counted_from(run: Run) -> str:
    """Name the files that say where each practice's patients live."""
    files = [source.file for source in run.place.sources if source.role == "registrations"]
    return words.join_names(dict.fromkeys(files)) or "the registrations"


def _pcn_words(move: dict[str, Any], side: str) -> str:
    """Return a PCN's name and code, or say that there is none to join (in ``best-fit`` only)."""
    code, name = move[f"pcn_code_{side}"], move[f"pcn_name_{side}"]
    return f"{name} ({code})" if isinstance(code, str) and code else "no PCN is based there"


def move_sentences(run: Run, option: Option) -> list[str]:
    """Say who moves and why, a practice at a time; every figure stands in `moves_grid`."""
    said, odd = [], odd_lists(run)
    for move in records(moves_of(run, option)):
        where = neighbourhood_name(option, str(move["neighbourhood"]))
        size = words.people(move["list_size"], missing="a suppressed number of")
        goes = (
            f"for {move['pcn_name_to']}, in {where}"
            if isinstance(move["pcn_name_to"], str)
            else f"and sit in {where}, where no PCN is based"
        )
        care = odd.get(str(move["practice_code"]), "")
        said.append(
            f"{move['practice_name']} ({move['practice_code']}, {size} patients) would leave "
            f"{move['pcn_name_from']} {goes}. {move['why']}{care and f' Read with care: {care}'}"
        )
    return said


def placed_sentences(run: Run, option: Option) -> list[str]:
    """Say where practices without a PCN are placed; they are never counted as moved."""
    frame = option.measures.practices
    loose = frame[frame["pcn_code_now"].isna() | (frame["pcn_code_now"] == "")]
    names = run.place.practices["practice_name"]
    return [
        f"{names[row['practice_code']]} ({row['practice_code']}) has no PCN today; this option "
        f"places it in {neighbourhood_name(option, row['neighbourhood'])}."
        for row in records(loose)
    ]


def teams_grid(run: Run, option: Option) -> Grid:
    """Return what becomes of each team: where it is based, whose team would change."""
    labels = team_labels(run)
    frame = option.measures.teams
    columns: tuple[tuple[str, Kind], ...] = (
        ("residents", "people"),
        ("residents_changing", "people"),
        ("neighbourhoods_touched", "count"),
    )
    rows = []
    for row in records(frame):
        key = f"teams.csv|{option.option_id}/{row['layer']}/{row['team']}"
        rows.append(
            (
                Cell(row["team"]),
                Cell(labels.get(row["layer"], row["layer"])),
                Cell(neighbourhood_name(option, str(row["anchor"]))),
                *(Cell(row[column], kind, f"{key}|{column}") for column, kind in columns),
            )
        )
    return Grid(
        "Community and social care teams",
        (
            "Team", "Service", "Neighbourhood it would serve", "Residents of its patch today",
            "Of them, in another neighbourhood", "Neighbourhoods its patch reaches into",
        ),
        tuple(rows),
        "A patch reaches into a neighbourhood when 5% or more of its residents live there.",
    )  # fmt: skip


def wards_grid(option: Option) -> Grid:
    """Return the wards that an option splits."""
    frame = option.measures.wards
    split = frame[frame["split"].astype(bool)]
    rows = []
    for row in records(split):
        key = f"wards.csv|{option.option_id}/{row['ward_code']}"
        rows.append(
            (
                Cell(row["ward_name"] or row["ward_code"]),
                Cell(row["residents"], "people", f"{key}|residents"),
                Cell(row["neighbourhoods"], "count", f"{key}|neighbourhoods"),
            )
        )
    return Grid(
        "Wards split between neighbourhoods",
        ("Ward", "Residents", "Neighbourhoods"),
        tuple(rows),
    )


def floors_grid(run: Run, option: Option) -> Grid:
    """Return each PCN's list today and in the option, against the least it may keep."""
    names = pcn_names(run)
    waivers = run.place.pcns["waiver"]
    columns: tuple[tuple[str, Kind], ...] = (
        ("list_now", "people"), ("list_option", "people"), ("list_staying", "people"),
        ("floor", "people"), ("practices_now", "count"), ("practices_option", "count"),
    )  # fmt: skip
    rows = []
    for row in records(option.measures.pcns):
        code = row["pcn_code"]
        key = f"pcns.csv|{option.option_id}/{code}"
        rows.append(
            (
                Cell(f"{names.get(code, code)} ({code})"),
                *(Cell(row[column], kind, f"{key}|{column}") for column, kind in columns),
                Cell(_standing(row, str(waivers.get(code) or ""), option)),
            )
        )
    return Grid(
        "PCN list sizes against their floor",
        (
            "PCN", "List today", "List in this option", "Of practices that stay",
            "Least it may keep", "Practices today", "Practices in this option", "Standing",
        ),
        tuple(rows),
        "The floor is the smaller of 30,000 (or the study’s figure) and the PCN’s list today; "
        "practices that join do not count towards it.",
    )  # fmt: skip


def _standing(row: dict[str, Any], waiver: str, option: Option) -> str:
    flags = {
        "dissolved": "ends",
        "under_floor": "under its least list size",
        "single_practice": "left with one practice",
    }
    said = [text for flag, text in flags.items() if row[flag]]
    split = split_of(option, str(row["pcn_code"]))
    if split is not None:
        said.append(f"sits in {words.count_of(len(split.parts), 'neighbourhood')}")
    if waiver:
        said.append(f"waived: {waiver}")
    return "; ".join(said) or "no change"


def money_grid(run: Run, option: Option) -> Grid:
    """Return patients and money that follow, by the PCN that loses and the PCN that gains."""
    rate = run.study.rates.pounds_per_patient_a_year
    moves = moves_of(run, option)
    rows = []
    named = moves.fillna({"pcn_name_to": "no PCN based there"})
    for (old, new), group in named.groupby(["pcn_name_from", "pcn_name_to"], sort=True):
        patients = group["list_size"].sum(min_count=len(group))
        rows.append(
            (
                Cell(f"{old} to {new}"),
                Cell(len(group), "count"),
                Cell(patients, "people"),
                Cell(patients * rate, "pounds"),
            )
        )
    if rows:
        summary, key = option.measures.summary, option.option_id
        rows.append(
            (
                Cell("All"),
                Cell(summary["practices_moved"], "count", f"options.csv|{key}|practices_moved"),
                Cell(summary["patients_moved"], "people", f"options.csv|{key}|patients_moved"),
                Cell(summary["pounds_a_year"], "pounds", f"measures.csv|{key}/pounds_a_year|value"),
            )
        )
    return Grid(
        "Patients and PCN money that would follow",
        ("From and to", "Practices", "Patients", "PCN money a year, about"),
        tuple(rows),
        f"£{rate:.2f} a registered patient a year. {run.study.rates.source}. Staff contracts, "
        "TUPE and network agreements are for the PCNs concerned to settle.",
    )
