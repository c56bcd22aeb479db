"""What a plan changes: practices' PCNs, PCNs themselves, money, and residents' teams (D).

Goes in: a `Place`, a `Plan`, its anchors and moves. Comes out: D1, D1b, D2, D3, Dτ and D6, in all
and by PCN, team and LSOA. Next: `boundaries.measure.measure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from boundaries.measure.anchors import Anchors
    from boundaries.place import Place, TeamLayer
    from boundaries.plan import Plan
    from boundaries.study import Rates

__all__ = ["TOUCHES", "follow_the_money", "measure_pcns", "measure_team_layer", "sits_off_main"]

TOUCHES = 0.05
"""A neighbourhood counts as one of a team's when it holds this share of the team's residents."""


def sits_off_main(place: Place, plan: Plan, moves: pd.DataFrame) -> pd.Series[bool]:
    """Say which practices stay in their PCN but sit away from most of it (D1b).

    Of the neighbourhoods where a PCN's staying practices sit, the main one holds most of their
    list (ties: the first).

    Returns
    -------
    pandas.Series
        Index ``practice_code``, bool.
    """
    labels = {label: k for k, label in enumerate(plan.neighbourhoods)}
    frame = pd.DataFrame(
        {
            "pcn": moves["pcn_code_now"],
            "label": plan.practices.reindex(moves.index),
            "patients": place.practices["list_size"],
        }
    )
    stays = frame["pcn"].notna() & ~moves["moved"]
    lists = frame[stays].groupby(["pcn", "label"], as_index=False)["patients"].sum()
    lists = lists.assign(order=[labels[label] for label in lists["label"]])
    lists = lists.sort_values(["pcn", "patients", "order"], ascending=[True, False, True])
    main = lists.drop_duplicates("pcn").set_index("pcn")["label"]
    main_of = pd.Series(main.reindex(frame["pcn"]).to_numpy(), index=frame.index)
    return stays & (main_of != frame["label"])


def measure_pcns(
    place: Place, plan: Plan, *, anchors: Anchors, moves: pd.DataFrame
) -> pd.DataFrame:
    """Say what becomes of each PCN (D2).

    Practices outside the place stay in their PCN and count in its practices and lists. A PCN none
    of whose practices stays is dissolved, whoever joins it. A PCN is under its floor when the
    list of the practices that stay is; joiners are not counted there.

    Returns
    -------
    pandas.DataFrame
        Index ``pcn_code``; columns as in `boundaries.measure.measures.Measures.pcns`.
    """
    pcns = place.pcns
    lists = place.practices["list_size"]

    def by_pcn(amount: pd.Series[int], key: pd.Series[str]) -> pd.Series[int]:
        return amount.groupby(key).sum().reindex(pcns.index, fill_value=0).astype(np.int64)

    one = pd.Series(1, index=lists.index)
    stay = moves.index[~moves["moved"]]
    staying = by_pcn(one[stay], moves.loc[stay, "pcn_code_now"]) + pcns["practices_outside"]
    list_staying = by_pcn(lists[stay], moves.loc[stay, "pcn_code_now"]) + pcns["list_outside"]
    now = pcns["practices"] + pcns["practices_outside"]
    option = by_pcn(one, moves["pcn_code_option"]) + pcns["practices_outside"]
    internal = plan.practices.reindex(stay).groupby(moves.loc[stay, "pcn_code_now"]).nunique()
    return pd.DataFrame(
        {
            "anchors": ["; ".join(anchors[pcn]) for pcn in pcns.index],
            "practices_now": now,
            "practices_option": option,
            "list_now": pcns["list_size"],
            "list_option": by_pcn(lists, moves["pcn_code_option"]) + pcns["list_outside"],
            "list_staying": list_staying,
            "floor": pcns["floor"],
            "dissolved": staying == 0,
            "under_floor": list_staying < pcns["floor"],
            "single_practice": (option == 1) & (now > 1),
            "internal_neighbourhoods": internal.reindex(pcns.index, fill_value=0).astype(np.int64),
        },
        index=pcns.index,
    )


def follow_the_money(patients_moved: int, rates: Rates) -> dict[str, float]:
    """Return the money a year, and staff where a rate is given, that follow moved patients (D3)."""
    money = {"pounds_a_year": patients_moved * rates.pounds_per_patient_a_year}
    if rates.arrs_wte_per_10000 is not None:
        money["arrs_wte"] = patients_moved / 10_000 * rates.arrs_wte_per_10000
    return money


def measure_team_layer(
    place: Place, plan: Plan, layer: TeamLayer
) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Measure one layer of teams: each team's anchor, and residents whose team changes (Dτ, D6).

    A team's anchor is the neighbourhood with most of its residents (ties: the first). Residents of
    its patch outside the anchor change team.

    Returns
    -------
    teams : pandas.DataFrame
        Columns layer, team, anchor, residents, residents_changing (people, from shares of LSOAs)
        and neighbourhoods_touched (holding at least 5 % of the team's residents), by team.
    changing : pandas.Series
        Residents whose team changes by LSOA; index ``lsoa_code``.
    """
    labels = plan.neighbourhoods
    shares = layer.shares
    teams = pd.Index(sorted(set(shares["team"])), name="team")
    at_team = teams.get_indexer(pd.Index(shares["team"]))
    at_lsoa = place.lsoas.index.get_indexer(pd.Index(shares["lsoa_code"]))
    at_label = pd.Index(labels).get_indexer(pd.Index(plan.lsoas.reindex(place.lsoas.index)))
    people = place.lsoas["residents"].to_numpy(dtype=float)[at_lsoa] * shares["share"].to_numpy()
    held = np.zeros((len(teams), len(labels)))
    np.add.at(held, (at_team, at_label[at_lsoa]), people)
    anchor = held.argmax(axis=1) if len(teams) else np.zeros(0, dtype=int)
    off = at_label[at_lsoa] != anchor[at_team]
    totals = held.sum(axis=1)
    changing = np.bincount(at_lsoa, weights=people * off, minlength=len(place.lsoas))
    table = pd.DataFrame(
        {
            "layer": layer.name,
            "team": teams,
            "anchor": [labels[k] for k in anchor],
            "residents": totals,
            "residents_changing": np.bincount(at_team, weights=people * off, minlength=len(teams)),
            "neighbourhoods_touched": _touched(held, totals),
        }
    )
    return table, pd.Series(changing, index=place.lsoas.index, name=f"changing_{layer.name}")


def _touched(held: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Count neighbourhoods with enough of each team; a team with residents has one at least."""
    enough = (held >= TOUCHES * totals[:, None]) & (held > 0)
    counts: np.ndarray = np.maximum(enough.sum(axis=1), (totals > 0).astype(int))
    return counts
