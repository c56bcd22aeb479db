"""Today: facts of the PCNs as evidence, and who is registered with whom.

Goes in: a `Run`. Comes out: grids. Wording follows the 2026/27 contract's two tests (contiguous;
reflects its community) as evidence only: nothing here says that a PCN is in or out of scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boundaries.pages import words
from boundaries.pages.grid import Cell, Grid, records
from boundaries.pages.naming import pcn_letters, pcn_names, short_name

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.run import Run

__all__ = ["evidence_sentence", "facts_grid", "neighbourhood_flows", "today_flows_grid"]


def facts_grid(run: Run) -> Grid:
    """Return the facts of each PCN today: size, catchment in one piece or not, overlap."""
    names, letters = pcn_names(run), pcn_letters(run)
    rows = []
    for row in records(run.facts):
        code = row["pcn_code"]
        key = f"pcn_facts.csv|{code}"
        rows.append(
            (
                Cell(f"{letters[code]}  {names.get(code, row['pcn_name'] or code)} ({code})"),
                Cell(row["practices"], "count", f"{key}|practices"),
                Cell(row["list_size"], "people", f"{key}|list_size"),
                Cell(row["catchment_lsoas"], "count", f"{key}|catchment_lsoas"),
                Cell(_pieces(int(row["catchment_parts"]))),
                *(
                    Cell(row[column], "share", f"{key}|{column}")
                    for column in ("list_inside_share", "catchment_registered_share")
                ),
                Cell(row["boroughs"]),
            )
        )
    return Grid(
        "Primary Care Networks today",
        (
            "PCN", "Practices", "List size", "LSOAs in its catchment", "Catchment in one piece",
            "Of its whole list, living in its catchment",
            "Of the patients living in its catchment, registered with it",
            "Boroughs of its practices",
        ),
        tuple(rows),
        "A PCN’s catchment is every LSOA (a census area of 1,000 to 3,000 people) where more "
        "patients are registered with it than with any other PCN. Its practices and list count "
        "those outside the place too; the whole list counts every patient, wherever they live.",
    )  # fmt: skip


def _pieces(count: int) -> str:
    if count == 0:
        return "has none here"
    return "yes" if count == 1 else f"no: {words.count_of(count, 'piece')}"


def evidence_sentence(run: Run, code: str) -> str:
    """Say in one sentence what the open data shows of a PCN today, without a verdict."""
    (row,) = records(run.facts.loc[[code]])
    parts = int(row["catchment_parts"])
    where = {0: "has no catchment in this place", 1: "has a catchment in one piece"}.get(
        parts, f"has a catchment in {words.count_of(parts, 'piece')}"
    )
    star = "a suppressed share"
    return (
        f"{pcn_names(run).get(code, code)} has {words.people(row['list_size'], missing='*')} "
        f"patients on the lists of {words.count_of(int(row['practices']), 'practice')}"
        f"{_outside(run, code)}, {where}, and of all its patients, wherever they live, "
        f"{words.share(row['list_inside_share'], missing=star)} live in that catchment."
    )


def _outside(run: Run, code: str) -> str:
    outside = int(run.place.pcns["practices_outside"].get(code, 0))
    return f" ({outside} of them outside the place)" if outside else ""


def today_flows_grid(run: Run) -> Grid:
    """Return who is registered with whom today: catchment of residence by PCN.

    Notes
    -----
    Columns are the place's PCNs by their letter on the maps, then everybody else's together.
    """
    names, letters = pcn_names(run), pcn_letters(run)
    own = sorted(names, key=lambda code: (names[code], code))
    flows = run.flows.astype({"living_in": str, "registered_with": str})
    table = {(row["living_in"], row["registered_with"]): row["patients"] for row in records(flows)}
    rows = []
    for living in sorted(set(flows["living_in"]), key=lambda code: (names.get(code, "~"), code)):
        cells = [
            Cell(
                table.get((living, code), 0), "people",
                f"flows.csv|{living}/{code}|patients" if (living, code) in table else "",
            )
            for code in own
        ]  # fmt: skip
        rest = flows[(flows["living_in"] == living) & ~flows["registered_with"].isin(own)]
        others = rest["patients"].sum(min_count=len(rest)) if len(rest) else 0
        rows.append((Cell(_lettered(names, letters, living)), *cells, Cell(others, "people")))
    return Grid(
        "Patients by where they live and the PCN they are registered with, today",
        (
            "Living in the catchment of",
            *(letters[code] for code in own),
            "Any other",
        ),
        tuple(rows),
        "Read along a row: of the people who live in a PCN’s catchment, how many are registered "
        "with each PCN. “Any other” is a PCN without practices in this place, or none.",
    )


def _lettered(names: dict[str, str], letters: dict[str, str], code: str) -> str:
    name = short_name(names[code]) if code in names else code
    return f"{letters[code]}  {name}" if code in letters else name


def neighbourhood_flows(run: Run, lsoas: pd.Series[str], practices: pd.Series[str]) -> pd.DataFrame:
    """Return patients by the neighbourhood they live in and that of their practice.

    Parameters
    ----------
    run
        The run whose place holds the registrations.
    lsoas, practices
        Neighbourhood labels of a plan, by code.

    Returns
    -------
    pandas.DataFrame
        Columns living_in, registered_with, patients; sorted.
    """
    pairs = run.place.registrations
    labelled = pairs.assign(
        living_in=pairs["lsoa_code"].map(lsoas),
        registered_with=pairs["practice_code"].map(practices),
    )
    grouped = labelled.groupby(["living_in", "registered_with"])["patients"].sum()
    return grouped.reset_index()
