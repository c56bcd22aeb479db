"""The change list, names, labels and the referee."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.errors import RefereeError
from boundaries.measure import (
    Today,
    align_labels,
    as_is_plan,
    list_moves,
    measure_plan,
    name_neighbourhoods,
    referee,
)
from boundaries.plan import Plan

SOME = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def code(number):
    return f"E010000{number:02d}"


def test_no_moves_make_an_empty_list_with_its_columns(small_place, halves, study):
    moves = list_moves(small_place, halves, measure_plan(small_place, halves, study=study))
    assert moves.empty
    assert "why" in moves.columns


def test_a_move_says_why_with_figures(small_place, make_plan, study):
    plan = make_plan(A00004="1")
    measured = measure_plan(small_place, plan, study=study)
    stayed = measure_plan(small_place, make_plan(), study=study)
    (move,) = list_moves(small_place, plan, measured).to_dict("records")
    gained = stayed.summary["misaligned_patients"] - measured.summary["misaligned_patients"]
    assert move["patients_gained"] == gained == -1700
    assert move["pcn_name_from"] == "Birch PCN"
    assert move["pcn_name_to"] == "Alder PCN"
    assert move["neighbourhood"] == "1"
    assert move["why"] == (
        "440 of its 2,580 patients living in Squareborough (made up) live in Ward 0 and Ward 3; "
        "2,140 live in Ward 2 and Ward 5, where Birch PCN is based. "
        "Taken alone, the move aligns 1,700 patients fewer."
    )


def test_a_reason_stands_on_todays_areas_too(small_place, make_plan, study):
    plan = make_plan(A00004="1")
    now = as_is_plan(small_place)
    today = Today(now, measure_plan(small_place, now, study=study, allowed_moves=0))
    measured = measure_plan(small_place, plan, study=study)
    (move,) = list_moves(small_place, plan, measured, today=today).to_dict("records")
    rows = small_place.registrations
    rows = rows[rows["practice_code"] == "A00004"]
    living = rows["patients"].groupby(now.lsoas.reindex(rows["lsoa_code"]).to_numpy()).sum()
    assert move["patients_today_from"] == living["Birch PCN"]
    assert move["patients_today_to"] == living["Alder PCN"]
    assert move["why"].endswith(
        f" On today’s areas, {living['Birch PCN']:,} live in that of Birch PCN and "
        f"{living['Alder PCN']:,} in that of Alder PCN."
    )
    one = Plan(pd.Series("1", now.lsoas.index), pd.Series("1", now.practices.index))
    whole = Today(one, measure_plan(small_place, one, study=study), "today’s areas")
    (move,) = list_moves(small_place, plan, measured, today=whole).to_dict("records")
    assert move["why"].endswith(
        "On today’s areas, Birch PCN and Alder PCN share one, where 2,580 of them live."
    )


def test_a_move_to_where_no_pcn_is_anchored_says_so(small_place, make_plan, study):
    west = make_plan(A00001="2", A00002="2", A00004="1")
    measured = measure_plan(small_place, west, study=study, waived=frozenset({6, 7}))
    (move,) = list_moves(small_place, west, measured).to_dict("records")
    assert not isinstance(move["pcn_code_to"], str)
    assert move["why"].endswith("No PCN is based where it goes.")


def test_names_come_from_wards_and_are_unique(small_place, make_plan):
    assert name_neighbourhoods(small_place, make_plan()) == {
        "1": "Ward 0 and Ward 3",
        "2": "Ward 2 and Ward 5",
    }
    # Rows in turn: each of the first three neighbourhoods has a third of each of three wards.
    rows = make_plan(lambda _, row: row + 1)
    names = name_neighbourhoods(small_place, rows)
    assert len(set(names.values())) == 5
    assert [names[label] for label in "123"] == [
        "Neighbourhood 1 (south)", "Neighbourhood 2 (south)", "Neighbourhood 3 (centre)",
    ]  # fmt: skip


def test_names_that_people_gave_are_kept(small_place, make_plan):
    plan = make_plan().relabelled({"1": "Ward 2 and Ward 5"})
    names = name_neighbourhoods(small_place, plan)
    assert names["Ward 2 and Ward 5"] == "Ward 2 and Ward 5"
    assert names["2"] == "Ward 2, Ward 5 and Ward 1" or names["2"] == "Ward 2 and Ward 5 (2)"


def test_without_wards_it_is_said_where_a_neighbourhood_lies(small_place, make_plan):
    bare = replace(small_place, lsoas=small_place.lsoas.assign(ward_code="", ward_name=""))
    assert name_neighbourhoods(bare, make_plan()) == {
        "1": "Neighbourhood 1 (west)",
        "2": "Neighbourhood 2 (east)",
    }
    assert name_neighbourhoods(bare, make_plan(A00006="3"))["3"] == "Neighbourhood 3"  # no LSOA
    quarters = make_plan(lambda c, r: 5 if c in {2, 3} and r == 2 else 1 + (c > 2) + 2 * (r > 2))
    assert list(name_neighbourhoods(bare, quarters).values()) == [
        "Neighbourhood 1 (south-west)",
        "Neighbourhood 2 (south-east)",
        "Neighbourhood 3 (north-west)",
        "Neighbourhood 4 (north-east)",
        "Neighbourhood 5 (centre)",
    ]


labels = st.lists(st.sampled_from(["1", "2", "3"]), min_size=30, max_size=30)


@SOME
@given(labels, labels)
def test_labels_follow_the_residents_as_far_as_can_be(small_place, halves, mine, theirs):
    people = small_place.lsoas["residents"]
    plan = Plan(pd.Series(mine, index=people.index), halves.practices)
    reference = Plan(pd.Series(theirs, index=people.index), halves.practices)
    found = align_labels(plan, reference, residents=people)

    def kept(candidate):
        return int(people[candidate.lsoas == reference.lsoas].sum())

    best = max(
        kept(plan.relabelled(dict(zip(["1", "2", "3"], order, strict=True))))
        for order in permutations(["1", "2", "3"])
    )
    assert kept(found) == best
    assert len(set(zip(plan.lsoas, found.lsoas, strict=True))) == len(set(plan.lsoas))
    assert len(found.neighbourhoods) == len(plan.neighbourhoods)


def test_new_neighbourhoods_get_new_numbers(small_place, make_plan):
    people = small_place.lsoas["residents"]
    reference = make_plan().relabelled({"1": "2", "2": "1"})
    three = make_plan(lambda column, _: column // 2 + 1, A00005="3")
    found = align_labels(three, reference, residents=people)
    # Columns 0–1 are 2 there, columns 4–5 are 1, and the middle is new.
    assert found.lsoas[[code(0), code(2), code(4)]].to_list() == ["2", "3", "1"]
    assert found.practices["A00005"] == "1"


def test_the_referee_lets_honest_claims_pass(small_place, halves, study):
    measured = measure_plan(small_place, halves, study=study)
    referee(small_place, halves, measured, objective=35_131, bound=35_131.01, allowed_moves=0)
    referee(small_place, halves, measured, objective=None)


def test_the_referee_names_every_disagreement(small_place, make_plan, study):
    plan = make_plan(lambda c, r: 1 if c < 3 or (c, r) == (5, 0) else 2, A00004="1")
    measured = measure_plan(small_place, plan, study=study)
    with pytest.raises(RefereeError) as caught:
        referee(small_place, plan, measured, objective=1000, bound=99_999, allowed_moves=0)
    for text in (
        "the solver's objective is 1,000.000",
        "the bound, 99,999.000, is above",
        "1 practices move (A00004), 0 may",
        "rule 2: Neighbourhood 1 (Ward 0 and Ward 3) is in 2 pieces",
    ):
        assert text in str(caught.value)


def test_the_referee_counts_by_itself(small_place, halves, study):
    measured = measure_plan(small_place, halves, study=study)
    wrong = replace(measured, summary={**measured.summary, "objective": 35_000})
    with pytest.raises(RefereeError, match=r"is measured as 35,000\.000 and counts up to 35,131"):
        referee(small_place, halves, wrong, objective=35_131)
