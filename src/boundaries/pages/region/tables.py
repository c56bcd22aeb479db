"""The tables of a region, as people read them.

Goes in: a `Region`. Comes out: grids. Next: `boundaries.pages.region.page`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boundaries.pages import words
from boundaries.pages.grid import Cell, Grid

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.run.region import Region

__all__ = ["equality_grid", "flows_grid", "places_grid", "rung_label", "rungs_of", "without_grid"]

_FLOWS: Final = 30
_FIFTHS: Final = {1: "1 (most deprived)", 2: "2", 3: "3", 4: "4", 5: "5 (least deprived)"}


def rungs_of(region: Region) -> list[str]:
    """Return the rungs of any place, today first, then by moves."""
    found = {str(rung) for rung in region.ladder["rung"]}
    first = [rung for rung in ("as-is", "as-is-grouped") if rung in found]
    moves = sorted(found - set(first), key=lambda rung: int(rung.removeprefix("move-")))
    return [*first, *moves]


def rung_label(rung: str) -> str:
    """Return what people call a rung."""
    if rung == "as-is":
        return "Today"
    if rung == "as-is-grouped":
        return "Today, areas grouped"
    moves = int(rung.removeprefix("move-"))
    return {0: "No practice moves", 1: "At most 1 moves"}.get(moves, f"At most {moves} move")


def places_grid(region: Region) -> Grid:
    """Return one row a place, with the alignment of each rung."""
    rungs = rungs_of(region)
    shares = region.ladder.set_index(["place", "rung"])["alignment"]
    header = (
        "Place", "Residents", "Practices", "PCNs", "PCNs in one piece",
        *(rung_label(rung) for rung in rungs),
        "Patients aligned by the first move", "Widest gap", "Patients who live outside",
        "Residents registered outside",
    )  # fmt: skip
    rows = []
    for place, row in region.places.sort_values("name").iterrows():
        rows.append(
            (
                Cell(str(place)),
                Cell(row["residents"], "people"),
                Cell(row["practices"], "count"),
                Cell(row["pcns"], "count"),
                Cell(row["pcns_in_one_piece"], "count"),
                *(Cell(shares.get((place, rung)), "share") for rung in rungs),
                Cell(row["first_move_patients"], "people"),
                Cell(_gap(row), "text"),
                Cell(row["patients_living_outside"], "people"),
                Cell(row["residents_registered_outside"], "people"),
            )
        )
    return Grid(
        "Places: who lives there, and the share of patients who live in the neighbourhood of "
        "their practice, today and on each rung of the ladder",
        header,
        tuple(rows),
    )


def _gap(row: pd.Series) -> str:
    if not row["rungs"]:
        return words.DASH
    if row["rungs_proven"] == row["rungs"]:
        return "all proven"
    return words.share(row["worst_gap"])


def flows_grid(region: Region) -> Grid:
    """Return the pairs of places with most patients across their common edge."""
    names = region.places["name"].to_dict()
    sums: dict[tuple[str, str], list[int]] = {}
    for lives, registered, patients in region.flows.itertuples(index=False):
        pair = (str(min(lives, registered)), str(max(lives, registered)))
        counts = sums.setdefault(pair, [0, 0])
        counts[0 if lives == pair[0] else 1] += int(patients)
    most = sorted(sums.items(), key=lambda item: (-sum(item[1]), item[0]))
    rows = [
        (
            Cell(f"{names[one]} and {names[other]}"),
            Cell(one_way + back, "people"),
            Cell(f"{words.people(one_way)} live in {names[one]}"),
            Cell(f"{words.people(back)} live in {names[other]}"),
        )
        for (one, other), (one_way, back) in most[:_FLOWS]
    ]
    left = len(most) - len(rows)
    note = f"{left} more pairs are in region.xlsx, sheet flows." if left > 0 else ""
    return Grid(
        "Pairs of places by patients who live in one and are registered in the other",
        ("Places", "Patients", "One way", "The other way"),
        tuple(rows),
        note,
    )


def equality_grid(region: Region) -> Grid:
    """Return alignment by deprivation fifth over all places, for rungs that all places have."""
    table = region.quintiles.set_index(["rung", "imd_quintile"])
    rungs = [rung for rung in rungs_of(region) if _everywhere(region, rung)]
    fifths = sorted({int(fifth) for fifth in region.quintiles["imd_quintile"].dropna()})
    rows = []
    for fifth in fifths:
        shares = [table["alignment"].get((rung, fifth)) for rung in rungs]
        patients = table["patients"].get(("as-is", fifth))
        rows.append(
            (
                Cell(_FIFTHS.get(fifth, str(fifth))),
                Cell(patients, "people"),
                *(Cell(share, "share") for share in shares),
            )
        )
    return Grid(
        "Alignment by deprivation fifth of where patients live, all places together",
        ("Deprivation fifth", "Patients", *(rung_label(rung) for rung in rungs)),
        tuple(rows),
        "Only rungs that every place has.",
    )


def _everywhere(region: Region, rung: str) -> bool:
    having = region.ladder.loc[region.ladder["rung"] == rung, "place"].nunique()
    return having == len(region.places)


def without_grid(table: pd.DataFrame) -> Grid:
    """Return the places of the batch that have no finished run, and why."""
    rows = [
        (
            Cell(row["place"]),
            Cell(row["status"]),
            Cell(_short(str(row["reason"]))),
            Cell(row["log"]),
        )
        for _, row in table[table["folder"] == ""].iterrows()
    ]
    return Grid("Places without a result", ("Place", "What happened", "Why", "Log"), tuple(rows))


def _short(text: str) -> str:
    return text if len(text) <= 400 else f"{text[:400].rsplit(' ', 1)[0]} … (all of it in the log)"
