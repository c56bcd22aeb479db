"""Today's areas put together: against trying every grouping."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.conftest import lsoa, make_small_place, make_small_study

from boundaries.measure import as_is_plan
from boundaries.measure.referee import count_objective
from boundaries.place.neighbours import find_pieces
from boundaries.plan import Plan
from boundaries.solve.grouping import group_areas


def drawn(seed: int):
    """The small place with bonds, and five footprints of today grown from LSOAs at random."""
    draw, place = np.random.default_rng(seed), make_small_place()
    spots = draw.choice(30, 5, replace=False)
    names = {
        lsoa(n): f"Area {min(spots, key=lambda s: (abs(s % 6 - n % 6) + abs(s // 6 - n // 6), s))}"
        for n in range(30)
    }
    pairs = place.neighbours.assign(bond=draw.integers(0, 300, 49) + 0.125)
    return replace(place, neighbours=pairs, footprints={"today": pd.Series(names)})


def by_trying(place, today, study, count):
    """Least excess and, with it, least objective of all groupings whose areas hang together."""
    names = sorted(set(today.lsoas))
    low, high = study.rules.residents_limits(int(place.lsoas["residents"].sum()), count)
    found = []
    for groups in product(range(count), repeat=len(names)):
        firsts = list(dict.fromkeys(groups))
        if firsts != list(range(count)):
            continue
        of = {name: str(group) for name, group in zip(names, groups, strict=True)}
        lsoas = today.lsoas.map(of)
        heads = place.lsoas["residents"].groupby(lsoas).sum()
        inside = place.neighbours[
            lsoas.reindex(place.neighbours["lsoa_code_a"]).to_numpy()
            == lsoas.reindex(place.neighbours["lsoa_code_b"]).to_numpy()
        ]
        if len(find_pieces(inside, lsoas.index)) > count:
            continue
        excess = int((heads - high).clip(lower=0).sum() + (low - heads).clip(lower=0).sum())
        for free in map(str, range(count)):
            practices = today.practices.map(of).where(today.practices.index != "A00006", free)
            plan = Plan(lsoas, practices)
            found.append((excess, count_objective(place, plan)))
    return min(found, default=None)


@pytest.mark.parametrize("seed", range(6))
def test_the_best_grouping_is_that_of_trying_all(seed):
    place, count = drawn(seed), 2 + seed % 2
    study = make_small_study(
        rules={"neighbourhoods": count, "residents_band": 0.05 + 0.1 * (seed % 3)}
    )
    today = as_is_plan(place)
    found = group_areas(place, today, study.rules, neighbourhoods=count)
    best = by_trying(place, today, study, count)
    if best is None:
        assert found is None
        return
    assert found.proven
    objective = count_objective(place, found.plan)
    assert (found.excess, objective) == (best[0], pytest.approx(best[1], abs=0.01))
    assert len({*zip(today.lsoas, found.plan.lsoas, strict=True)}) == len(set(today.lsoas))


def test_a_pcn_that_leads_nowhere_stays_together(small_place, small_study):
    """Cedar's patients are few: its practices go, together, where most of them live."""
    rows = small_place.registrations
    cedar = rows["practice_code"] == "A00005"
    few = rows.assign(patients=rows["patients"].mask(cedar, 1))
    today = as_is_plan(replace(small_place, registrations=few))
    assert "Cedar PCN" not in set(today.lsoas)
    four = today.lsoas.mask(today.lsoas.index > lsoa(17), "North")
    found = group_areas(
        small_place, Plan(four, today.practices), small_study.rules, neighbourhoods=2
    )
    assert set(found.plan.practices) <= set(found.plan.lsoas) == {"1", "2"}


def test_there_is_nothing_to_group_where_today_has_so_many_areas(small_place, small_study):
    today = as_is_plan(small_place)
    areas = len(set(today.lsoas))
    assert group_areas(small_place, today, small_study.rules, neighbourhoods=areas) is None
