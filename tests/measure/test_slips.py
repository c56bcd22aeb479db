"""Slips of one sign that would go unseen: each test here fails for one of them.

The floor compared with "or equal", the list outside left out, a mean over neighbourhoods instead of
people, deciles for quintiles, a tie broken the other way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pandas as pd
import pytest

from boundaries.measure import measure_plan
from boundaries.measure.anchors import find_moves
from boundaries.measure.disruption import measure_pcns
from boundaries.plan import Plan

WEST = ("A00001", "A00002", "A00006")


def code(number):
    return f"E010000{number:02d}"


def halves(west=3):
    """Columns left of ``west`` are neighbourhood 1, the rest 2."""
    cells = {code(n): "1" if n % 6 < west else "2" for n in range(30)}
    practices = {f"A0000{n}": "1" if f"A0000{n}" in WEST else "2" for n in range(1, 7)}
    return Plan(pd.Series(cells), pd.Series(practices))


def pcns_of(place):
    anchors = {"U00001": ("1",), "U00002": ("2",), "U00003": ("2",)}
    return measure_pcns(
        place, halves(), anchors=anchors, moves=find_moves(place, halves(), anchors)
    )


def with_pcn(place, **columns):
    pcns = place.pcns.copy()
    for name, value in columns.items():
        pcns.loc["U00001", name] = value
    return replace(place, pcns=pcns)


def test_a_pcn_at_its_floor_is_not_under_it(small_place, study):
    stays = int(pcns_of(small_place).loc["U00001", "list_staying"])
    for floor, under in ((stays, False), (stays + 1, True), (stays - 1, False)):
        place = with_pcn(small_place, floor=floor)
        assert bool(pcns_of(place).loc["U00001", "under_floor"]) is under
        broken = measure_plan(place, halves(), study=study, allowed_moves=0).broken
        assert any(one.rule == 7 and one.subject == "U00001" for one in broken) is under


def test_patients_of_a_pcns_practices_outside_count_towards_its_floor(small_place, study):
    stays = int(pcns_of(small_place).loc["U00001", "list_staying"])
    place = with_pcn(small_place, list_outside=500, practices_outside=1, floor=stays + 500)
    row = pcns_of(place).loc["U00001"]
    assert (row["list_staying"], row["list_option"]) == (stays + 500, stays + 500)
    assert not row["under_floor"]
    broken = measure_plan(place, halves(), study=study, allowed_moves=0).broken
    assert not any(one.rule == 7 for one in broken)
    row = pcns_of(with_pcn(place, floor=stays + 501)).loc["U00001"]
    assert row["under_floor"]


def test_means_are_over_people_not_over_neighbourhoods(small_place, study):
    measured = measure_plan(small_place, halves(west=1), study=study)  # 5 LSOAs, and 25
    hoods = measured.neighbourhoods
    weighted = (hoods["resident_distance_m"] * hoods["residents"]).sum() / hoods["residents"].sum()
    assert measured.summary["resident_distance_m"] == pytest.approx(weighted)
    assert abs(weighted - hoods["resident_distance_m"].mean()) > 50
    metres = people = 0.0
    for practice, lsoa, patients in small_place.registrations.itertuples(index=False):
        site, home = small_place.practices.geometry[practice], small_place.lsoas.loc[lsoa]
        away = ((site.x - home["centre_e"]) ** 2 + (site.y - home["centre_n"]) ** 2) ** 0.5
        metres, people = metres + patients * away, people + patients
    assert measured.summary["patient_distance_m"] == pytest.approx(metres / people)
    assert abs(metres / people - hoods["patient_distance_m"].mean()) > 1


def test_deprivation_is_counted_by_fifths_not_by_tenths(small_place, study):
    measured = measure_plan(small_place, halves(), study=study).quintiles
    patients = defaultdict(int)
    for _, lsoa, count in small_place.registrations.itertuples(index=False):
        patients[(int(small_place.lsoas.loc[lsoa, "imd_decile"]) + 1) // 2] += count
    assert measured["patients"].to_dict() == dict(patients)
    assert max(measured.index) <= 5 < small_place.lsoas["imd_decile"].max()


def test_of_pcns_with_as_many_neighbours_in_common_the_first_code_is_joined(small_place):
    rows = [
        ("A00005", 0, 10),
        ("A00001", 0, 5),
        ("A00003", 0, 5),
        ("A00002", 1, 3),
        ("A00004", 2, 3),
    ]
    registrations = pd.DataFrame(
        [(practice, code(n), patients) for practice, n, patients in rows],
        columns=["practice_code", "lsoa_code", "patients"],
    )
    place = replace(small_place, registrations=registrations)
    plan = Plan(halves().lsoas, halves().practices.where(halves().practices.index != "A00005", "1"))
    anchors = {"U00001": ("1",), "U00002": ("1", "2"), "U00003": ("2",)}
    moves = find_moves(place, plan, anchors)
    assert bool(moves.loc["A00005", "moved"])
    assert moves.loc["A00005", "pcn_code_option"] == "U00001"
    more = registrations.replace({"patients": {5: 5}}).copy()
    more.loc[2, "patients"] = 6
    moves = find_moves(replace(place, registrations=more), plan, anchors)
    assert moves.loc["A00005", "pcn_code_option"] == "U00002"
