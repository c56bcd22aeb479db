"""Each hard rule, kept and broken."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from boundaries.measure import measure_plan


def code(number):
    return f"E010000{number:02d}"


def said(place, plan, study, rule, **more):
    measured = measure_plan(place, plan, study=study, **more)
    return [broken.said for broken in measured.broken if broken.rule == rule]


def test_a_good_plan_breaks_nothing(small_place, halves, study):
    assert measure_plan(small_place, halves, study=study).broken == ()


def test_1_every_neighbourhood_has_an_lsoa_and_a_practice(small_place, make_plan, make_study):
    study = make_study(neighbourhoods=3)
    no_practice = make_plan(lambda column, _: column // 2 + 1)
    assert said(small_place, no_practice, study, 1) == [
        "Neighbourhood 3 (Ward 2 and Ward 5) has no practice."
    ]
    no_lsoa = make_plan(A00006="3")
    assert said(small_place, no_lsoa, study, 1) == ["Neighbourhood 3 (Birch PCN) has no LSOA."] or (
        said(small_place, no_lsoa, study, 1) == ["Neighbourhood 3 (Neighbourhood 3) has no LSOA."]
    )


def test_2_neighbourhoods_hang_together(small_place, make_plan, study):
    # LSOA 5 in the far corner is given to the west; 28 and 29 too, apart from it.
    far = {(5, 0), (4, 4), (5, 4)}
    plan = make_plan(lambda c, r: 1 if c < 3 or (c, r) in far else 2)
    assert said(small_place, plan, study, 2) == [
        (
            "Neighbourhood 1 (Ward 0 and Ward 3) is in 3 pieces: 15, 2, 1 LSOAs; apart from the "
            "largest lie e.g. E01000028, E01000005."
        )
    ]


def test_2_corners_do_not_connect_and_added_pairs_do(small_place, make_plan, study):
    plan = make_plan(lambda c, r: 1 if (c < 3 and (c, r) != (2, 0)) or (c, r) == (3, 4) else 2)
    assert said(small_place, plan, study, 2) == []
    corner = make_plan(lambda c, r: 1 if c < 2 or (c, r) == (2, 2) or (c, r) == (3, 3) else 2)
    assert len(said(small_place, corner, study, 2)) == 1
    bridge = pd.DataFrame([(code(14), code(21), 0.0, 0.0, "added")],
                          columns=small_place.neighbours.columns)  # fmt: skip
    place = replace(small_place, neighbours=pd.concat([small_place.neighbours, bridge]))
    assert said(place, corner, study, 2) == []


def test_2_no_neighbourhood_is_in_two_pieces_of_a_place_in_pieces(small_place, make_plan, study):
    """A river runs between rows 1 and 2: what crosses it is in two pieces, and that is a fault."""
    pairs = small_place.neighbours
    row_of = {code(n): n // 6 for n in range(30)}
    crosses = [
        {row_of[a], row_of[b]} == {1, 2}
        for a, b in zip(pairs["lsoa_code_a"], pairs["lsoa_code_b"], strict=True)
    ]
    place = replace(small_place, neighbours=pairs[~pd.Series(crosses)])
    assert said(place, make_plan(lambda _c, r: 1 if r < 2 else 2), study, 2) == []
    assert said(place, make_plan(lambda c, r: 3 if c < 3 and r < 2 else 1), study, 2) == [
        (
            "Neighbourhood 1 (Ward 2 and Ward 4) is in 2 pieces: 18, 6 LSOAs; apart from the "
            "largest lie e.g. E01000003."
        )
    ]


def test_3_residents_within_limits_of_the_plan_s_own_count(small_place, halves, make_study):
    # West has 24,900 residents, east 24,350.
    study = make_study(residents=(24_000, 24_800))
    assert said(small_place, halves, study, 3) == [
        "Neighbourhood 1 (Ward 0 and Ward 3) has 24,900 residents: 100 over the most, 24,800."
    ]
    study = make_study(residents=(24_400, 25_000))
    assert said(small_place, halves, study, 3) == [
        "Neighbourhood 2 (Ward 2 and Ward 5) has 24,350 residents: 50 under the least, 24,400."
    ]
    assert said(small_place, halves, make_study(residents_band=0.0111), 3) != []
    assert said(small_place, halves, make_study(residents_band=0.0112), 3) == []


def test_4_as_many_neighbourhoods_as_asked_for(small_place, halves, make_study):
    assert said(small_place, halves, make_study(neighbourhoods=(1, 3)), 4) == []
    assert said(small_place, halves, make_study(neighbourhoods=(3, 5)), 4) == [
        "The plan has 2 neighbourhoods; the study asks for 3 to 5."
    ]


def test_5_neighbourhoods_stay_in_their_borough(small_place, halves, make_study):
    rows = [int(lsoa[-2:]) // 6 for lsoa in small_place.lsoas.index]
    names = ["North" if row > 2 else "South" for row in rows]
    codes = [f"E0900000{name == 'North':d}" for name in names]
    boroughs = small_place.boroughs.iloc[[0, 0]].assign(borough_name=["South", "North"])
    boroughs.index = pd.Index(["E09000000", "E09000001"], name="borough_code")
    lsoas = small_place.lsoas.assign(borough_code=codes, borough_name="One name for both")
    place = replace(small_place, lsoas=lsoas, boroughs=boroughs)
    assert said(place, halves, make_study(), 5) == []
    assert said(place, halves, make_study(nest_in="borough"), 5) == [
        f"Neighbourhood {name} crosses boroughs: South (E09000000), North (E09000001)."
        for name in ("1 (Ward 0 and Ward 3)", "2 (Ward 2 and Ward 5)")
    ]


def test_6_more_neighbourhoods_than_pcns_can_serve(small_place, make_plan, make_study):
    plan = make_plan(lambda c, r: 1 + (c > 2) + 2 * (r > 2), A00006="3", A00004="4")
    study = make_study(neighbourhoods=4)
    assert len(said(small_place, plan, study, 6)) == 1
    assert said(small_place, plan, study, 6, waived=frozenset({6, 7})) == []
    wide = replace(small_place, pcns=small_place.pcns.assign(span=2))
    assert said(wide, plan, study, 6) == []


def test_7_floors_count_those_who_stay_and_practices_outside(small_place, make_plan, study):
    plan = make_plan(A00004="1")
    # A00003, 3,310 patients, stays in Birch; A00004, 2,620, moves.
    floors = small_place.pcns.assign(floor=[0, 5000, 0])
    assert said(replace(small_place, pcns=floors), plan, study, 7) == [
        "The practices that stay in Birch PCN have 3,310 patients: under its floor, 5,000."
    ]
    outside = floors.assign(list_outside=[0, 1690, 0])
    assert said(replace(small_place, pcns=outside), plan, study, 7) == []
    outside = floors.assign(list_outside=[0, 1689, 0])
    assert said(replace(small_place, pcns=outside), plan, study, 7) != []


def test_7_anchors_go_where_the_floor_can_be_kept(small_place, make_plan, study):
    """Most of Birch's practices are in one place, most of its list in the other."""
    practices = small_place.practices.assign(
        pcn_code=["U00001", "U00002", "U00002", "U00002", "U00003", "U00001"],
        list_size=[1000, 100, 100, 5000, 3000, 1000],
    )
    pcns = small_place.pcns.assign(list_size=[2000, 5200, 3000], practices=[2, 3, 1])
    place = replace(small_place, practices=practices, pcns=pcns)
    plan = make_plan(A00002="1", A00003="1", A00004="2", A00006="1")
    free = measure_plan(place, plan, study=study)
    assert free.pcns.loc["U00002", "anchors"] == "1"
    assert free.summary["practices_moved"] == 1
    bound = replace(place, pcns=pcns.assign(floor=[0, 5000, 0]))
    kept = measure_plan(bound, plan, study=study)
    assert kept.pcns.loc["U00002", "anchors"] == "2"
    assert kept.summary["practices_moved"] == 2
    assert kept.broken == ()
    limited = measure_plan(bound, plan, study=study, allowed_moves=1)
    assert limited.summary["practices_moved"] == 1
    assert [broken.rule for broken in limited.broken] == [7]


@pytest.mark.parametrize(
    ("lock", "broken"),
    [
        ({"stays": ["A00001"]}, ""),
        (
            {"stays": ["A00003", "A00004"]},
            "A00004 and U00002 must be together: A00004 in 1; U00002 in 2.",
        ),
        ({"practice": "A00004", "joins": "U00001"}, ""),
        ({"practice": "A00004", "joins": "U00003"}, "A00004 and U00003 must be together"),
        ({"stays": ["A00006"]}, "the place has no PCN for it"),
        ({"together": ["A00001", code(0), code(1)]}, ""),
        ({"together": ["A00001", code(5)]}, "A00001 and E01000005 must be together"),
        ({"apart": ["A00001", code(5)]}, ""),
        ({"apart": [code(5), code(4)], "reason": "The canal."}, "Reason for the lock: The canal."),
        ({"together": ["U00002", "U00003"]}, ""),
        ({"together": ["U00001", "U00003"]}, "U00001 in 1; U00003 in 2"),
        ({"apart": ["U00001", "U00003"]}, ""),
        ({"apart": ["U00001", "U00002", "U00003"]}, "U00002 and U00003 must be apart"),
        ({"together": ["U00001", code(0)]}, ""),
        ({"apart": ["U00001", code(0)]}, "U00001 and E01000000 must be apart"),
        ({"together": ["A00001", "B99999"]}, "A lock names B99999, not in Squareborough"),
    ],
)
def test_8_locks(small_place, make_plan, make_study, lock, broken):
    """At most one practice may move, so anchors cannot give way to the lock."""
    locked = make_study(locks=[lock])
    found = said(small_place, make_plan(A00004="1"), locked, 8, allowed_moves=1)
    assert len(found) == bool(broken)
    assert all(broken in sentence for sentence in found)


def test_8_anchors_give_way_to_a_lock(small_place, make_plan, make_study):
    """A00002 must stay in Alder though most of Alder's practices sit in the other half."""
    practices = small_place.practices.assign(
        pcn_code=["U00001", "U00001", "U00002", "U00002", "U00003", "U00001"]
    )
    place = replace(small_place, practices=practices)
    plan = make_plan(A00002="2", A00003="1", A00004="1")
    free = measure_plan(place, plan, study=make_study())
    assert free.pcns["anchors"].to_list() == ["1", "1", "2"]
    assert free.summary["practices_moved"] == 1
    locked = measure_plan(place, plan, study=make_study(locks=[{"stays": ["A00002"]}]))
    assert locked.pcns["anchors"].to_list() == ["2", "1", "2"]
    assert locked.summary["practices_moved"] == 2
    assert locked.broken == ()


def test_a_place_without_pcns_is_measured_and_says_what_is_missing(small_place, halves, study):
    place = replace(
        small_place,
        practices=small_place.practices.assign(
            pcn_code=pd.Series(None, index=small_place.practices.index, dtype="str")
        ),
        pcns=small_place.pcns.iloc[:0],
    )
    measured = measure_plan(place, halves, study=study)
    assert measured.summary["practices_moved"] == 0
    assert measured.summary["misaligned_patients"] == 3231
    assert [broken.rule for broken in measured.broken] == [6, 6]
