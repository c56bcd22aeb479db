"""What is so today: catchments of PCNs, who lives where they are registered, and cross-flows.

Goes in: a `Place`. Comes out: tables by PCN and by LSOA, from registrations alone; no plan is
needed. Next: `boundaries.measure.as_is`, and `boundaries.run`, which keeps them.

The catchment of a PCN is that of Beaney and others (BJGP Open 2022): each LSOA belongs to the PCN
with most of its registered residents, ties by PCN code. Residents registered outside the place
count where the files show them (``Place.elsewhere``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boundaries.measure.pieces import find_pieces

if TYPE_CHECKING:
    from boundaries.place import Place

__all__ = [
    "NO_PCN_LABEL",
    "find_catchments",
    "measure_flows",
    "measure_lsoa_facts",
    "measure_pcn_facts",
]

NO_PCN_LABEL = "none"
"""Stands in tables for "registered with a practice that is in no PCN" or "in no catchment"."""


def residents_by_pcn(place: Place) -> pd.DataFrame:
    """Return how many of each LSOA's residents are registered with each PCN, in or out of place.

    Returns
    -------
    pandas.DataFrame
        Columns lsoa_code, pcn_code (``none`` for practices without a PCN), patients; sorted.
    """
    rows = place.registrations
    pcn = place.practices["pcn_code"].reindex(rows["practice_code"]).to_numpy()
    inside = pd.DataFrame(
        {"lsoa_code": rows["lsoa_code"], "pcn_code": pcn, "patients": rows["patients"]}
    )
    parts = [inside, place.elsewhere[["lsoa_code", "pcn_code", "patients"]]]
    both = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    both["pcn_code"] = both["pcn_code"].fillna(NO_PCN_LABEL).replace("", NO_PCN_LABEL)
    return both.groupby(["lsoa_code", "pcn_code"], as_index=False).agg({"patients": "sum"})


def find_catchments(place: Place) -> pd.Series[str]:
    """Return the PCN of the place whose catchment each LSOA belongs to.

    Returns
    -------
    pandas.Series
        PCN code, index ``lsoa_code``, every LSOA of the place; missing where nobody is registered
        with a PCN of the place.
    """
    rows = residents_by_pcn(place)
    own = rows[rows["pcn_code"].isin(place.pcns.index)]
    return _most(own).reindex(place.lsoas.index).rename("catchment")


def _most(rows: pd.DataFrame) -> pd.Series[str]:
    """Return the PCN with most patients of each LSOA, ties by PCN code."""
    order = rows.sort_values(["lsoa_code", "patients", "pcn_code"], ascending=[True, False, True])
    return order.drop_duplicates("lsoa_code").set_index("lsoa_code")["pcn_code"]


def measure_lsoa_facts(place: Place) -> pd.DataFrame:
    """Say of every LSOA which PCNs its residents are registered with.

    Returns
    -------
    pandas.DataFrame
        Index ``lsoa_code``; columns

        - catchment: the PCN of the place with most of its residents (missing for none);
        - dominant_pcn: the PCN, of the place or not, with most of them (missing for none);
        - dominant_share: the dominant PCN's share (0–1) of the residents registered with any PCN;
        - dominated_outside: whether the dominant PCN is none of the place's (bool);
        - pcns: how many PCNs its residents are registered with;
        - registered: residents registered anywhere that the files show.

    Notes
    -----
    The denominator of dominant_share leaves out people registered with practices in no PCN. Over
    all London in July 2022 its median is 0.655; against everybody registered with a London
    practice it is 0.652, against everybody registered anywhere 0.650, and against residents
    (mid-2020 estimates, which lists exceed) 0.761.
    """
    rows = residents_by_pcn(place)
    index = place.lsoas.index
    with_pcn = rows[rows["pcn_code"] != NO_PCN_LABEL]
    groups = with_pcn.groupby("lsoa_code")["patients"]
    dominant = _most(with_pcn).reindex(index)
    return pd.DataFrame(
        {
            "catchment": find_catchments(place),
            "dominant_pcn": dominant,
            "dominant_share": (groups.max() / groups.sum()).reindex(index),
            "dominated_outside": dominant.notna() & ~dominant.isin(place.pcns.index),
            "pcns": groups.size().reindex(index, fill_value=0),
            "registered": rows.groupby("lsoa_code")["patients"].sum().reindex(index, fill_value=0),
        },
        index=index,
    )


def measure_flows(place: Place, catchment: pd.Series[str]) -> pd.DataFrame:
    """Count the people who live in each PCN's catchment by the PCN they are registered with.

    Parameters
    ----------
    catchment
        From `find_catchments`.

    Returns
    -------
    pandas.DataFrame
        Columns living_in, registered_with (PCN codes, those outside the place included; ``none``
        for no catchment and for no PCN), patients; sorted. Everybody registered is in one row.
    """
    rows = residents_by_pcn(place)
    living = catchment.fillna(NO_PCN_LABEL).reindex(rows["lsoa_code"])
    frame = pd.DataFrame(
        {
            "living_in": living.to_numpy(),
            "registered_with": rows["pcn_code"].to_numpy(),
            "patients": rows["patients"].to_numpy(),
        }
    )
    return frame.groupby(["living_in", "registered_with"], as_index=False).agg({"patients": "sum"})


def measure_pcn_facts(place: Place, catchment: pd.Series[str]) -> pd.DataFrame:
    """Describe every current PCN: size, catchment, and how far the two are the same people.

    Parameters
    ----------
    catchment
        From `find_catchments`.

    Returns
    -------
    pandas.DataFrame
        Index ``pcn_code``; columns pcn_name, practices and list_size (practices outside the place
        included), catchment_lsoas, catchment_residents, catchment_parts (pieces in the neighbour
        pairs; 1 is contiguous, 0 is no catchment), contiguous (bool), list_inside_share (share,
        0–1, of its list living in its own catchment), catchment_registered_share (share, 0–1, of
        catchment residents' registrations that are with it, of all that the files show; missing
        without a catchment), boroughs (names its practices lie in, "; " between).
    """
    pcns = place.pcns
    flows = measure_flows(place, catchment)
    living = flows.groupby("living_in")["patients"].sum().reindex(pcns.index)
    own = flows[flows["living_in"] == flows["registered_with"]]
    own_patients = own.set_index("living_in")["patients"].reindex(pcns.index, fill_value=0)
    pieces = find_pieces(catchment, place.neighbours)
    parts = [len(pieces.get(pcn, [])) for pcn in pcns.index]
    lsoas = catchment.value_counts().reindex(pcns.index, fill_value=0)
    residents = place.lsoas["residents"].groupby(catchment).sum()
    return pd.DataFrame(
        {
            "pcn_name": pcns["pcn_name"],
            "practices": pcns["practices"] + pcns["practices_outside"],
            "list_size": pcns["list_size"],
            "catchment_lsoas": lsoas,
            "catchment_residents": residents.reindex(pcns.index, fill_value=0),
            "catchment_parts": parts,
            "contiguous": np.equal(parts, 1),
            "list_inside_share": own_patients / pcns["list_size"].where(pcns["list_size"] > 0),
            "catchment_registered_share": own_patients / living,
            "boroughs": _boroughs(place).reindex(pcns.index, fill_value=""),
        },
        index=pcns.index,
    )


def _boroughs(place: Place) -> pd.Series[str]:
    """Return the names of the boroughs that each PCN's practices lie in; a code for no name."""
    codes = place.practices["borough_code"]
    names = place.boroughs["borough_name"].reindex(codes).to_numpy()
    named = pd.Series(names, index=codes.index).fillna(codes).fillna("")
    pairs = pd.DataFrame({"pcn": place.practices["pcn_code"], "borough": named})
    pairs = pairs[pairs["borough"] != ""].dropna().drop_duplicates().sort_values(["pcn", "borough"])
    return pairs.groupby("pcn")["borough"].agg("; ".join)
