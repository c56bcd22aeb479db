"""Today as a plan."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from boundaries.measure import as_is_plan, find_catchments, measure_plan


def code(number):
    return f"E010000{number:02d}"


def test_catchments_under_the_names_of_their_pcns(small_place, study):
    plan = as_is_plan(small_place)
    names = small_place.pcns["pcn_name"]
    assert plan.lsoas.to_list() == names[find_catchments(small_place)].to_list()
    for practice, pcn in small_place.practices["pcn_code"].dropna().items():
        assert plan.practices[practice] == names[pcn]
    measured = measure_plan(small_place, plan, study=study, allowed_moves=0)
    assert measured.summary["practices_moved"] == 0
    assert {broken.rule for broken in measured.broken} == {3, 4}
    assert measured.neighbourhoods["name"].to_list() == ["Alder PCN", "Birch PCN", "Cedar PCN"]


def test_pcns_of_one_name_are_told_apart_by_code(small_place):
    place = replace(small_place, pcns=small_place.pcns.assign(pcn_name="The PCN"))
    assert as_is_plan(place).neighbourhoods == ("U00001", "U00002", "U00003")


def test_an_lsoa_without_registrations_joins_the_longest_border(small_place):
    """LSOAs 0, 1 and 6 have nobody: 7 and 2 are Alder's; 12 is made Cedar's with a long border."""
    gone = [code(0), code(1), code(6)]
    rows = small_place.registrations
    rows = rows[~rows["lsoa_code"].isin([*gone, code(12)])]
    cedar = pd.DataFrame([("A00005", code(12), 9)], columns=rows.columns)
    pairs = small_place.neighbours.copy()
    long = (pairs["lsoa_code_a"] == code(6)) & (pairs["lsoa_code_b"] == code(12))
    pairs.loc[long, "border_m"] = 1500.0
    place = replace(small_place, registrations=pd.concat([rows, cedar]), neighbours=pairs)
    lsoas = as_is_plan(place).lsoas
    # 1 borders two of Alder's (2 km); then 6 borders Cedar for 1.5 km; then 0 has 1 km of each.
    assert lsoas[code(1)] == "Alder PCN"
    assert lsoas[code(6)] == "Cedar PCN"
    assert lsoas[code(0)] == "Alder PCN"


def test_a_pcn_that_dominates_nowhere_is_a_neighbourhood_without_lsoas(small_place, study):
    rows = small_place.registrations
    thinned = rows.assign(patients=rows["patients"].where(rows["practice_code"] != "A00005", 1))
    place = replace(small_place, registrations=thinned)
    plan = as_is_plan(place)
    assert "Cedar PCN" not in set(plan.lsoas)
    measured = measure_plan(place, plan, study=study, allowed_moves=0)
    assert "Cedar PCN has no LSOA." in [broken.said for broken in measured.broken]
    assert measured.neighbourhoods.loc["Cedar PCN", "residents"] == 0
    assert pd.isna(measured.neighbourhoods.loc["Cedar PCN", "polsby_popper"])


def test_footprints_hold_pcns_and_practices_stay(small_place, study, halves):
    names = halves.lsoas.map({"1": "West", "2": "East"})
    place = replace(small_place, footprints={"today": names})
    plan = as_is_plan(place)
    assert plan.lsoas.to_list() == names.to_list()
    assert plan.practices.to_dict() == {
        "A00001": "West", "A00002": "West", "A00003": "East", "A00004": "East",
        "A00005": "East", "A00006": "West",
    }  # fmt: skip
    measured = measure_plan(place, plan, study=study, allowed_moves=0)
    assert measured.summary["misaligned_patients"] == 3231
    assert measured.broken == ()


def test_a_footprint_without_a_pcn_moves_nobody_and_is_reported(small_place, make_study):
    columns = {code(n): ["West", "East", "Far east"][n % 6 // 2] for n in range(30)}
    place = replace(small_place, footprints={"today": pd.Series(columns)})
    plan = as_is_plan(place)
    measured = measure_plan(place, plan, study=make_study(neighbourhoods=3), allowed_moves=0)
    assert measured.summary["practices_moved"] == 0
    assert plan.practices["A00006"] == "East"
    assert measured.summary["practices_moved"] == 0
    assert [broken.subject for broken in measured.broken if broken.rule == 6] == ["East"]


def test_a_wide_pcn_sits_in_several_footprints(small_place, halves):
    names = halves.lsoas.map({"1": "West", "2": "East"})
    practices = small_place.practices.assign(
        pcn_code=["U00001", "U00001", "U00002", "U00001", "U00003", "U00002"]
    )
    for span, sits in ((1, "West"), (2, "East")):
        pcns = small_place.pcns.assign(span=span)
        place = replace(small_place, practices=practices, pcns=pcns, footprints={"today": names})
        assert as_is_plan(place).practices["A00004"] == sits


def test_an_island_without_registrations_still_has_a_neighbourhood(small_place):
    pairs = small_place.neighbours
    off = (pairs["lsoa_code_a"] == code(29)) | (pairs["lsoa_code_b"] == code(29))
    rows = small_place.registrations
    place = replace(
        small_place,
        neighbours=pairs[~off],
        registrations=rows[rows["lsoa_code"] != code(29)],
        elsewhere=small_place.elsewhere.iloc[:0],
    )
    assert as_is_plan(place).lsoas[code(29)] == "Birch PCN"
    nobody = replace(place, registrations=rows.iloc[:0])
    assert set(as_is_plan(nobody).lsoas) == {"Alder PCN"}
