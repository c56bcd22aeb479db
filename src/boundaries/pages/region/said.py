"""What a region's page says in sentences, true in plain words.

Goes in: a `Region`. Comes out: cards and sentences. Next: `boundaries.pages.region.page`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from boundaries.pages import words

if TYPE_CHECKING:
    from boundaries.run.region import Region

__all__ = ["cards", "edges_said", "headline", "map_said", "today_said"]


def headline(region: Region) -> str:
    """Return a name for the region: its places, when they are few."""
    names = sorted(map(str, region.places["name"]))
    if len(names) <= 4:
        return f"PCNs and neighbourhoods: {words.join_names(names)}"
    return f"PCNs and neighbourhoods in {len(names)} places"


def cards(region: Region) -> list[tuple[str, str]]:
    """Return figures of the whole region with their words."""
    places = region.places
    return [
        (words.people(len(places)), "places with a result"),
        (words.people(places["residents"].sum()), "residents"),
        (words.people(places["practices"].sum()), "practices"),
        (words.people(places["pcns"].sum()), "PCNs (one in two places counts in both)"),
    ]


def today_said(region: Region) -> list[str]:
    """Say how the places compare today and without moves."""
    today, still = _shares(region, "as-is"), _shares(region, "move-0")
    said = []
    if len(today):
        said.append(
            "Today, measured on the areas where each PCN has most of its patients or on the "
            f"footprints given, between {_ends(region, today)} of patients live in the area of "
            "their practice."
        )
    if len(still):
        said.append(
            f"With new neighbourhoods and no practice moved, it is between {_ends(region, still)}."
        )
        said.append(
            "Today's areas and the new neighbourhoods differ in number and size, and fewer, larger "
            "areas align more patients by themselves: the two shares of one place are no measure "
            "of progress, and places are no league table."
        )
    together = [
        f"{words.share(share)} {label}"
        for rung, label in (("as-is", "today"), ("move-0", "with no move"), ("move-1", "with one"))
        if (share := _together(region, rung)) is not None
    ]
    if together:
        said.append(f"All places together: {', '.join(together)} at most in each place.")
    gains = region.places["first_move_patients"].dropna().sort_values(kind="stable")
    if len(gains):
        most = gains.index[-1]
        none = words.count_of(int((gains <= 0).sum()), "place")
        said.append(
            f"The first practice move aligns most patients in {_name(region, most)}: "
            f"{words.people(gains.iloc[-1])}. In {none} it aligns none."
        )
    return said


def edges_said(region: Region) -> list[str]:
    """Say how many patients are registered across an edge, and what is not known."""
    places = region.places
    outside = words.people(places["patients_living_outside"].sum())
    away = words.people(places["residents_registered_outside"].sum())
    first = (
        f"{outside} patients of the places' practices live outside their practice's place, or have "
        f"no LSOA on record; {away} residents are registered with a practice outside their place, "
        "as far as the registration files show."
    )
    said = [first]
    if len(region.flows):
        said.append(
            f"{words.people(region.flows['patients'].sum())} of them live in one of these places "
            "and are registered in another of them. Where many patients cross an edge, the edge "
            "of the place may be the question, not the lines within it."
        )
    if places["suppressed"].any():
        said.append("Small numbers are suppressed in some places: sums are rough there.")
    return said


def map_said(region: Region) -> str:
    """Say what the fills mean, and what they do not."""
    quick = int(region.places["quick"].sum())
    text = "Darker means that more patients live in the neighbourhood of their practice."
    if quick:
        which = "All places are" if quick == len(region.places) else f"{quick} places are"
        text += (
            f" {which} quick looks, stopped by the clock: better plans may well exist. Run them in "
            "full before anybody decides."
        )
    return text


def _shares(region: Region, rung: str) -> pd.Series[Any]:
    rows = region.ladder[region.ladder["rung"] == rung].set_index("place")["alignment"]
    return rows.dropna().sort_values(kind="stable")


def _ends(region: Region, shares: pd.Series[Any]) -> str:
    """Write the smallest and the largest share, each with its place."""
    low, high = (words.share(shares.iloc[at]) for at in (0, -1))
    return (
        f"{low} ({_name(region, shares.index[0])}) and {high} ({_name(region, shares.index[-1])})"
    )


def _together(region: Region, rung: str) -> float | None:
    """Return the alignment of all places together; None where one of them lacks the rung."""
    rows = region.ladder[region.ladder["rung"] == rung].set_index("place")["misaligned_patients"]
    misaligned = rows.reindex(region.places.index)
    patients = pd.to_numeric(region.places["patients_inside"], errors="coerce")
    if misaligned.isna().any() or patients.isna().any():
        return None
    return float(1 - misaligned.sum() / patients.sum())


def _name(region: Region, place: object) -> str:
    return str(region.places["name"].to_dict()[place])
