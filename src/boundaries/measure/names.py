"""Names that people know for neighbourhoods, and labels that stay the same through every option.

Goes in: a `Place` and plans. Comes out: names by label, or a plan under another plan's labels.
Next: `boundaries.measure.moves` and `boundaries.pages`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import networkx as nx
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = ["align_labels", "name_neighbourhoods"]

_MOST: Final = 0.5
"""A name is true where more than this share of the residents of the area it names are inside."""

_BESIDE: Final = 0.5
"""A further area is named when at least this many live in it for each one in the first."""

_MIDDLE: Final = 0.3
"""Within this share of the residents' spread around the middle, a neighbourhood lies there."""

_COMPASS: Final = (
    "east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east",
)  # fmt: skip


def name_neighbourhoods(place: Place, plan: Plan) -> dict[str, str]:
    """Name every neighbourhood of a plan after areas most of whose residents live in it.

    The areas are those of the community layer that the study names (localities, MSOA names), else
    wards; the one with most residents in the neighbourhood comes first. A label that is no number
    is a name already and is kept. Where no area is mostly inside, a neighbourhood is called by its
    number and where in the place it lies: the name of a PCN would make "PCN X belongs
    to PCN Y" of a plain fact. Names are unique within a plan: where two would be the same, further
    wards and last the number tell them apart.

    Returns
    -------
    dict
        Label to name, in the order of the labels.
    """
    words, lies = _words(place, plan), _directions(place, plan)
    names: dict[str, str] = {}
    taken = {label for label in plan.neighbourhoods if not label.isdigit()}
    for label in plan.neighbourhoods:
        name = label
        if label.isdigit():
            tried = _candidates(label, words.get(label, []), lies.get(label, ""))
            name = next(text for text in tried if text not in taken)
            taken.add(name)
        names[label] = name
    return names


def _candidates(label: str, words: list[str], lies: str) -> list[str]:
    """Return names to try, the best first; the last is taken by nobody else."""
    number = f"Neighbourhood {label}{lies and f' ({lies})'}"
    if not words:
        return [number]
    joined = [words[0]] if len(words) == 1 else [f"{words[0]} and {words[1]}"]
    if len(words) > 2:
        joined.append(f"{words[0]}, {words[1]} and {words[2]}")
    return [*joined, f"{joined[0]} ({label})", number]


def _words(place: Place, plan: Plan) -> dict[str, list[str]]:
    """Return the areas most of whose residents are in each neighbourhood, most people first."""
    frame = _areas(place)
    if frame.empty:
        return {}
    whole = frame.groupby("word")["people"].sum()
    frame = frame.assign(label=plan.lsoas.reindex(frame["lsoa_code"]).to_numpy())
    sums = frame.groupby(["label", "word"], as_index=False).agg({"people": "sum"})
    sums = sums[sums["people"] > _MOST * sums["word"].map(whole)]
    sums = sums.sort_values(["label", "people", "word"], ascending=[True, False, True])
    words: dict[str, list[str]] = {}
    for label, group in sums.groupby("label"):
        enough = group["people"] >= _BESIDE * group["people"].max()
        words[str(label)] = [str(word) for word in group["word"][enough][:3]]
    return words


def _areas(place: Place) -> pd.DataFrame:
    """Return the residents of each LSOA by the area that people know: lsoa_code, word, people."""
    residents = place.lsoas["residents"]
    if place.named_after:
        rows = place.communities[place.communities["layer"] == place.named_after]
        people = rows["share"].to_numpy() * residents.reindex(rows["lsoa_code"]).to_numpy()
        return pd.DataFrame(
            {"lsoa_code": rows["lsoa_code"], "word": rows["area"], "people": people}
        )
    wards = place.lsoas["ward_name"].fillna("")
    frame = pd.DataFrame({"lsoa_code": wards.index, "word": wards, "people": residents})
    return frame[frame["word"] != ""].reset_index(drop=True)


def _directions(place: Place, plan: Plan) -> dict[str, str]:
    """Return where the residents of each neighbourhood live, seen from the place's middle."""
    points = place.lsoas[["centre_e", "centre_n"]].astype("float64")
    people = place.lsoas["residents"].astype("float64").clip(lower=1)
    labels = plan.lsoas.reindex(points.index)
    middle = points.mul(people, axis=0).sum() / people.sum()
    spread = float((points - middle).pow(2).sum(axis=1).mul(people).sum() / people.sum()) ** 0.5
    sums = points.mul(people, axis=0).groupby(labels).sum()
    offs = sums.div(people.groupby(labels).sum(), axis=0) - middle
    return {
        str(label): _direction(float(east), float(north), near=_MIDDLE * spread)
        for label, east, north in offs.itertuples()
    }


def _direction(east: float, north: float, *, near: float) -> str:
    if math.hypot(east, north) <= near:
        return "centre"
    return _COMPASS[round(math.degrees(math.atan2(north, east)) / 45) % 8]


def align_labels(
    plan: Plan, reference: Plan, *, residents: pd.Series[int], least_share: float = 0.0
) -> Plan:
    """Relabel a plan so that its neighbourhoods keep the labels of another plan's.

    The labels are matched one to one so that as many residents as possible keep theirs (an exact
    maximum-weight matching). A neighbourhood without a partner gets the smallest number that
    the other plan does not use.

    Parameters
    ----------
    plan, reference
        Plans of the same place.
    residents
        Residents by LSOA; index ``lsoa_code``.
    least_share
        A neighbourhood takes the other's label only where more than this share of the residents of
        the larger of the two are the same.

    Returns
    -------
    Plan
        The same plan under other labels.
    """
    frame = pd.DataFrame(
        {"old": plan.lsoas, "new": reference.lsoas.reindex(plan.lsoas.index), "people": residents}
    ).dropna()
    shared = frame.groupby(["old", "new"], as_index=False).agg({"people": "sum"})
    larger = np.maximum(
        shared["old"].map(frame.groupby("old")["people"].sum()),
        shared["new"].map(frame.groupby("new")["people"].sum()),
    )
    shared = shared[shared["people"] > least_share * larger]
    graph: nx.Graph[tuple[int, str]] = nx.Graph()
    for old, new, people in zip(shared["old"], shared["new"], shared["people"], strict=True):
        graph.add_edge((0, old), (1, new), weight=int(people))
    names: dict[str, str] = {}
    for one, other in sorted(map(sorted, nx.max_weight_matching(graph))):
        names[one[1]] = other[1]
    used = {*reference.neighbourhoods}
    number = 1
    for label in plan.neighbourhoods:
        if label in names:
            continue
        while str(number) in used:
            number += 1
        names[label] = str(number)
        used.add(str(number))
    return plan.relabelled(names)
