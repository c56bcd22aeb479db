"""Every figure of a plan, by hand or counted again with plain loops."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from math import hypot, isclose, pi

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from boundaries.errors import PlanError
from boundaries.measure import measure_plan
from boundaries.plan import Plan

HALVES = {"A00001": "1", "A00002": "1", "A00003": "2", "A00004": "2", "A00005": "2", "A00006": "1"}


def code(number):
    return f"E010000{number:02d}"


SOME = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def plans(draw, most=4):
    labels = st.sampled_from([str(k + 1) for k in range(draw(st.integers(1, most)))])
    cells = draw(st.lists(labels, min_size=30, max_size=30))
    practices = {p: draw(labels) for p in HALVES}
    return Plan(pd.Series({code(n): cells[n] for n in range(30)}), pd.Series(practices))


def rows(place):
    r = place.registrations
    return list(zip(r["practice_code"], r["lsoa_code"], r["patients"], strict=True))


def test_alignment_by_plain_loops(small_place, halves, study):
    measured = measure_plan(small_place, halves, study=study)
    misaligned = defaultdict(int)
    for practice, lsoa, patients in rows(small_place):
        if int(lsoa[-2:]) % 6 < 3 and HALVES[practice] == "2":
            misaligned["2"] += patients
        if int(lsoa[-2:]) % 6 >= 3 and HALVES[practice] == "1":
            misaligned["1"] += patients
    total = int(small_place.registrations["patients"].sum())
    assert measured.summary["misaligned_patients"] == sum(misaligned.values()) == 3231
    assert measured.summary["alignment"] == pytest.approx(1 - 3231 / total)
    assert measured.neighbourhoods["misaligned_patients"].to_dict() == dict(misaligned)


def test_a_hand_drawn_pair_of_practices(small_place, study, make_plan):
    """Two practices, three LSOAs, figures that fit on a napkin."""
    registrations = pd.DataFrame(
        [("A00001", code(0), 70), ("A00001", code(5), 30), ("A00005", code(4), 11)],
        columns=["practice_code", "lsoa_code", "patients"],
    )
    place = replace(small_place, registrations=registrations, teams={})
    plan = make_plan()
    measured = measure_plan(place, plan, study=study)
    assert measured.summary["misaligned_patients"] == 30
    assert measured.summary["alignment"] == pytest.approx(1 - 30 / 111)
    assert measured.summary["objective"] == 30
    assert measured.neighbourhoods["alignment"].to_dict() == {"1": pytest.approx(0.7), "2": 1.0}
    assert measured.lsoas.loc[code(5), ["registered", "aligned"]].to_list() == [30, 0]
    assert measured.practices.loc["A00001", "aligned_patients"] == 70
    assert measured.quintiles["misaligned_patients"].sum() == 30
    # A00001 stands at (400, 1600); centres of LSOAs 0 and 5 at (500, 500) and (5500, 500);
    # A00005 at (4400, 600), centre of LSOA 4 at (4500, 500).
    metres = 70 * hypot(100, 1100) + 30 * hypot(5100, 1100) + 11 * hypot(100, 100)
    assert measured.summary["patient_distance_m"] == pytest.approx(metres / 111)
    assert measured.teams.empty


@SOME
@given(plans())
def test_parts_make_the_whole(small_place, study, plan):
    measured = measure_plan(small_place, plan, study=study)
    summary, hoods = measured.summary, measured.neighbourhoods
    counted, misaligned = summary["patients_counted"], summary["misaligned_patients"]
    assert counted == small_place.registrations["patients"].sum()
    assert measured.practices["patients_counted"].sum() == counted
    assert measured.practices["aligned_patients"].sum() == counted - misaligned
    assert measured.lsoas["aligned"].sum() == counted - misaligned
    assert hoods["misaligned_patients"].sum() == misaligned
    assert hoods["residents_registered_inside"].sum() == counted - misaligned
    assert hoods["residents"].sum() == small_place.lsoas["residents"].sum()
    assert hoods["registered"].sum() == small_place.practices["list_size"].sum()
    assert hoods["area_km2"].sum() == pytest.approx(30)
    assert measured.quintiles["misaligned_patients"].sum() == misaligned
    assert measured.teams["residents_changing"].sum() == pytest.approx(
        summary["residents_changing_nursing"] + summary["residents_changing_social_care"]
    )
    assert measured.pcns["list_option"].sum() == measured.pcns["list_now"].sum() - sum(
        measured.practices["list_size"][
            measured.practices["pcn_code_option"].isna()
            & measured.practices["pcn_code_now"].notna()
        ]
    )


@SOME
@given(plans(), st.permutations(["1", "2", "3", "4"]))
def test_labels_do_not_matter(small_place, study, plan, order):
    other = plan.relabelled(dict(zip(["1", "2", "3", "4"], order, strict=True)))
    one = measure_plan(small_place, plan, study=study).summary
    two = measure_plan(small_place, other, study=study).summary
    for key in one:
        assert isclose(one[key], two[key], rel_tol=1e-9, abs_tol=1e-9) or (
            one[key] != one[key] and two[key] != two[key]
        ), key


@SOME
@given(plans())
def test_teams_by_plain_loops(small_place, study, plan):
    measured = measure_plan(small_place, plan, study=study)
    interfaces, objective = 0, measured.summary["misaligned_patients"]
    for name, layer in small_place.teams.items():
        held = defaultdict(lambda: defaultdict(float))
        for lsoa, team, share in layer.shares.itertuples(index=False):
            held[team][plan.lsoas[lsoa]] += small_place.lsoas.loc[lsoa, "residents"] * share
        changing = sum(sum(by.values()) - max(by.values()) for by in held.values())
        assert measured.summary[f"residents_changing_{name}"] == pytest.approx(changing)
        objective += layer.weight * changing
        for by in held.values():
            interfaces += sum(n >= 0.05 * sum(by.values()) for n in by.values()) - 1
    assert measured.summary["objective"] == pytest.approx(objective)
    assert measured.summary["team_interfaces"] == interfaces


def test_shares_of_an_lsoa_between_teams_and_weights(small_place, halves, study):
    shares = pd.DataFrame({"lsoa_code": [code(0), code(0), code(5)], "team": ["X", "Y", "X"],
                           "share": [0.25, 0.5, 1.0]})  # fmt: skip
    layer = replace(small_place.teams["nursing"], shares=shares, weight=0.5)
    place = replace(small_place, teams={"nursing": layer})
    measured = measure_plan(place, halves, study=study)
    # LSOA 0 has 1,500 residents, LSOA 5 1,750: X is anchored in 2, a quarter of LSOA 0 changes.
    assert measured.summary["residents_changing_nursing"] == 375
    assert measured.lsoas["changing_nursing"].to_dict()[code(0)] == 375
    assert measured.teams["anchor"].to_list() == ["2", "1"]
    assert measured.summary["objective"] == 3231 + 0.5 * 375


def test_a_practice_that_moves_joins_the_pcn_whose_patients_live_where_its_own_do(
    small_place, study, make_plan
):
    plan = make_plan(A00002="2")
    measured = measure_plan(small_place, plan, study=study)
    score = defaultdict(int)
    own = {lsoa: n for practice, lsoa, n in rows(small_place) if practice == "A00002"}
    for practice, lsoa, n in rows(small_place):
        pcn = small_place.practices.loc[practice, "pcn_code"]
        if pcn in ("U00002", "U00003"):
            score[pcn] += n * own.get(lsoa, 0)
    moved = measured.practices.loc["A00002"]
    # U00001's larger practice by list is A00002 itself: its anchor is then 2, and A00001 moves,
    # unless rule 6 wants neighbourhood 1 anchored; only U00001 can serve it without more moves.
    assert measured.pcns.loc["U00001", "anchors"] == "1"
    assert bool(moved["moved"])
    assert moved["pcn_code_option"] == max(score, key=score.get)
    assert measured.summary["patients_moved"] == moved["list_size"] == 3440
    assert measured.summary["pounds_a_year"] == pytest.approx(3440 * 36.73)
    assert "arrs_wte" not in measured.summary


def test_rates_make_money_and_staff(small_place, make_plan, make_study):
    plan = make_plan(A00002="2")
    rates = {"pounds_per_patient_a_year": 10, "arrs_wte_per_10000": 5}
    summary = measure_plan(small_place, plan, study=make_study(rates=rates)).summary
    assert summary["pounds_a_year"] == 34_400
    assert summary["arrs_wte"] == pytest.approx(1.72)


def test_a_wide_pcn_holds_two_neighbourhoods_without_a_move(small_place, study, make_plan):
    plan = make_plan(A00002="2")
    place = replace(small_place, pcns=small_place.pcns.assign(span=2))
    measured = measure_plan(place, plan, study=study)
    assert measured.summary["practices_moved"] == 0
    assert measured.pcns.loc["U00001", "anchors"] == "1; 2"
    assert measured.pcns.loc["U00001", "internal_neighbourhoods"] == 2
    # A00002's list, 3,440, is larger than A00001's, 2,882: the smaller sits off the main one.
    assert measured.summary["patients_internal"] == 2882
    assert measured.practices["internal"].to_dict()["A00001"]


def test_a_pcn_dissolves_when_none_of_its_practices_stays(small_place, study, make_plan):
    """Rule 6 makes the PCN of A00005 serve neighbourhood 1, where it has no practice."""
    plan = make_plan(**dict.fromkeys(HALVES, "2"))
    measured = measure_plan(small_place, plan, study=study)
    assert measured.summary["practices_moved"] == 1
    assert measured.summary["pcns_dissolved"] == 1
    assert measured.pcns.loc["U00003", ["dissolved", "anchors"]].to_list() == [True, "1"]
    unwaived = {broken.rule for broken in measured.broken}
    assert 6 not in unwaived
    assert 1 in unwaived
    waived = measure_plan(small_place, plan, study=study, waived=frozenset({6, 7}))
    assert waived.summary["practices_moved"] == 0


def test_no_moves_are_bought_beyond_the_limit(small_place, study, make_plan):
    plan = make_plan(**dict.fromkeys(HALVES, "2"))
    measured = measure_plan(small_place, plan, study=study, allowed_moves=0)
    assert measured.summary["practices_moved"] == 0
    assert [broken.said for broken in measured.broken if broken.rule == 6] == [
        "No PCN is based in Neighbourhood 1 (Ward 0 and Ward 3)."
    ]


def test_single_practice_pcns_count_only_when_they_are_new(small_place, study, make_plan):
    plan = make_plan(A00004="1")
    measured = measure_plan(small_place, plan, study=study)
    assert measured.summary["pcns_single_practice"] == 1
    assert measured.pcns["single_practice"].to_dict() == {
        "U00001": False, "U00002": True, "U00003": False,
    }  # fmt: skip


def test_shapes_of_halves(small_place, halves, study):
    hoods = measure_plan(small_place, halves, study=study).neighbourhoods
    # 3 km × 5 km: 4π × 15 / 16²
    assert hoods["polsby_popper"].to_list() == pytest.approx([4 * pi * 15 / 256] * 2)
    cells = [n for n in range(30) if n % 6 < 3]
    people = {n: 1500 + 50 * (n % 7) for n in cells}
    total = sum(people.values())
    east = sum(people[n] * (n % 6 * 1000 + 500) for n in cells) / total
    north = sum(people[n] * (n // 6 * 1000 + 500) for n in cells) / total
    metres = sum(
        people[n] * hypot(n % 6 * 1000 + 500 - east, n // 6 * 1000 + 500 - north) for n in cells
    )
    assert hoods.loc["1", "resident_distance_m"] == pytest.approx(metres / total)


def test_wards(small_place, halves, study):
    measured = measure_plan(small_place, halves, study=study)
    # Wards are columns 0–1, 2–3 and 4–5, below and above row 3: the middle two are split.
    assert measured.wards.index[measured.wards["split"]].to_list() == ["E05000001", "E05000004"]
    middle = sum(1500 + 50 * (n % 7) for n in range(30) if n % 6 in (2, 3))
    assert measured.summary["residents_in_split_wards"] == middle
    bare = replace(small_place, lsoas=small_place.lsoas.assign(ward_code="", ward_name=""))
    assert measure_plan(bare, halves, study=study).wards.empty


def test_a_practice_without_a_point_is_counted_and_left_out_of_distances(
    small_place, halves, study
):
    points = small_place.practices.geometry.copy()
    points.loc["A00001"] = Point()
    place = replace(small_place, practices=small_place.practices.set_geometry(points))
    summary = measure_plan(place, halves, study=study).summary
    assert summary["practices_without_point"] == 1
    metres = people = 0
    for practice, lsoa, n in rows(small_place):
        if practice != "A00001":
            point, cell = small_place.practices.geometry[practice], int(lsoa[-2:])
            metres += n * hypot(point.x - cell % 6 * 1000 - 500, point.y - cell // 6 * 1000 - 500)
            people += n
    assert summary["patient_distance_m"] == pytest.approx(metres / people)


def test_ages_are_an_estimate_where_residents_have_them(small_place, halves, study):
    summary = measure_plan(small_place, halves, study=study).summary
    # A tenth of the residents of every LSOA are 65 or over (150 of 1,500, 155 of 1,550, …).
    assert summary["misaligned_65_plus_estimate"] == pytest.approx(323.1)
    assert summary["patients_65_plus_estimate"] == pytest.approx(1579.2)


def test_no_ages_no_figure(small_place, halves, study):
    nobody = pd.array([None] * 30, dtype="Int64")
    place = replace(small_place, lsoas=small_place.lsoas.assign(residents_65_plus=nobody))
    summary = measure_plan(place, halves, study=study).summary
    assert not [key for key in summary if "65" in key]


def test_names_that_people_use_are_used(small_place, make_plan, study):
    plan = make_plan(lambda c, r: 1 if c < 3 or (c, r) == (5, 0) else 2)
    measured = measure_plan(small_place, plan, study=study, names={"1": "Westside"})
    assert measured.neighbourhoods["name"].to_list() == ["Westside", "Ward 2 and Ward 5"]
    assert measured.broken[0].said.startswith("Neighbourhood 1 (Westside) is in 2 pieces")


def test_a_plan_for_another_place_is_refused_with_every_code(small_place, halves, study):
    lsoas = halves.lsoas.drop([code(3), code(4)])
    lsoas["E01999999"] = "1"
    practices = halves.practices.drop("A00001")
    with pytest.raises(PlanError) as caught:
        measure_plan(small_place, Plan(lsoas, practices), study=study)
    for text in ("2 LSOAs (E01000003, E01000004)", "1 LSOA (E01999999)", "1 practice (A00001)"):
        assert text in str(caught.value)


def test_inputs_are_not_changed(small_place, halves, study):
    before = small_place.lsoas.copy(), small_place.practices.copy(), halves.lsoas.copy()
    measure_plan(small_place, halves, study=study)
    pd.testing.assert_frame_equal(pd.DataFrame(before[0]), pd.DataFrame(small_place.lsoas))
    pd.testing.assert_frame_equal(pd.DataFrame(before[1]), pd.DataFrame(small_place.practices))
    pd.testing.assert_series_equal(before[2], halves.lsoas)
