"""What of a layer does not fit the place: overlaps, gaps, strays; and shares written tidily.

Goes in: shares as they were found. Comes out: problems with the residents concerned, and shares
that sum to at most 1. `boundaries.place.shares` and `boundaries.place.lookups` call it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boundaries.checks.words import counted, listing
from boundaries.problems import Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["alike_names", "left_aside", "overlaps_and_gaps", "tidy_shares", "without_points"]


def overlaps_and_gaps(
    total: pd.Series[float], residents: pd.Series[int], file: str
) -> list[Problem]:
    """Say how many residents are in several patches, and how many in none.

    Parameters
    ----------
    total
        Sum of an LSOA's shares as drawn, index ``lsoa_code``: over 1 where patches overlap.
    residents
        Residents by ``lsoa_code``.
    file
        File name for messages.
    """
    problems = []
    twice = total[total > 1 + 1e-6]
    if len(twice):
        people = ((twice - 1) * residents.reindex(twice.index)).sum()
        said = (
            f"Patches overlap in {counted(len(twice), 'LSOA')}: about {people:,.0f} residents are"
            f" in more than one ({listing(twice.index)}). They are shared out in proportion."
        )
        fix = "Mend the patches so that each home has one team."
        problems.append(Problem("warning", file, None, "", "geometry", said, fix))
    short = total[total < 1 - 1e-6]
    if len(short):
        people = ((1 - short) * residents.reindex(short.index)).sum()
        said = (
            f"No team for about {people:,.0f} residents of {counted(len(short), 'LSOA')}"
            f" ({listing(short.index)}): counted as having none."
        )
        fix = "Nothing, if that is so; else extend the patches."
        problems.append(Problem("warning", file, None, "", "geometry", said, fix))
    return problems


def left_aside(names: list[str], noun: str, plural: str, file: str) -> list[Problem]:
    """Note patches, or areas of a lookup, that have nothing to do with the place."""
    if not names:
        return []
    said = f"Outside the place: {counted(len(names), noun, plural)}: {listing(names)}."
    return [Problem("note", file, None, "", "name", said, "Nothing: left aside.")]


def alike_names(names: pd.Series[str], file: str) -> list[Problem]:
    """Warn of team names that differ in letter case or spaces only: they are two teams."""
    plain: dict[str, set[str]] = {}
    for name in names.astype(str):
        plain.setdefault(" ".join(name.casefold().split()), set()).add(name)
    fix = "Write it one way, if it is one team."
    return [
        Problem(
            "warning", file, None, min(same), "name",
            f"{' and '.join(repr(name) for name in sorted(same))} are taken for different teams.",
            fix,
        )
        for _, same in sorted(plain.items())
        if len(same) > 1
    ]  # fmt: skip


def without_points(codes: pd.Index[str], file: str) -> list[Problem]:
    """Warn of LSOAs that had to be weighted by area because no point lies in them."""
    if codes.empty:
        return []
    said = f"No point of where people live in {counted(len(codes), 'LSOA')}: {listing(codes)}."
    fix = "Use points that cover the place; these LSOAs are weighted by area."
    return [Problem("warning", file, None, "", "points", said, fix)]


def tidy_shares(rows: pd.DataFrame, total: pd.Series[float]) -> pd.DataFrame:
    """Scale overlaps down to 1 an LSOA, round to 6 decimals, sort."""
    rows = rows.groupby(["lsoa_code", "team"])["share"].sum().reset_index()
    over = rows["lsoa_code"].map(total.clip(lower=1.0))
    rows["share"] = (rows["share"] / over).round(6)
    rows = rows[rows["share"] > 0].sort_values(["lsoa_code", "team"], ignore_index=True)
    excess = (rows.groupby("lsoa_code")["share"].transform("sum") - 1).round(6).clip(lower=0.0)
    first = ~rows["lsoa_code"].duplicated()
    rows.loc[first, "share"] = (rows["share"] - excess)[first].round(6)
    return rows.astype({"lsoa_code": "str", "team": "str", "share": "float64"})
