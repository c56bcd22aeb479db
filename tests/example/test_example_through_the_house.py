"""The example takes the way of real data: its files are read, checked, built and measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.checks import check_tables
from boundaries.measure import as_is_plan, find_catchments, measure_pcn_facts, measure_plan
from boundaries.place import build_place
from boundaries.read import read_tables
from boundaries.study import load_study

STUDY = Path(__file__).resolve().parents[2] / "data" / "example" / "study.toml"


@pytest.fixture(scope="module")
def study():
    return load_study(STUDY)


@pytest.fixture(scope="module")
def read(study):
    return read_tables(study)


@pytest.fixture(scope="module")
def built(study, read):
    return build_place(read[0], study)


def test_nothing_is_wrong_with_the_files_and_one_thing_is_worth_a_look(study, read, built):
    found = [*read[1], *check_tables(read[0], study), *built[1]]
    assert [str(problem) for problem in found if problem.level == "error"] == []
    warned = {problem.code for problem in found if problem.level == "warning"}
    assert warned == {"Z99030"}  # the practice that never joined a PCN
    noted = {problem.code for problem in found if problem.level == "note"}
    assert {"NO2021", "CLOSED", "U99003"} <= noted


def test_every_source_is_known_by_its_content(read):
    publishers = {source.role: source.publisher for source in read[0].sources}
    assert publishers["registrations"] == publishers["memberships"] == "NHS England"
    assert publishers["lsoas"] == publishers["residents"] == "Office for National Statistics"
    assert read[0].lsoa_year == 2021
    assert read[0].memberships_on == "2025-10-01"


def test_the_place_is_the_borough_alone(built):
    place = built[0]
    assert len(place.lsoas) == 150
    assert len(place.practices) == 30
    assert set(place.lsoas["borough_name"]) == {"Wrenbourne (made up)"}
    assert "Z99031" not in place.practices.index  # dormant
    assert "Z99101" not in place.practices.index  # across the edge
    assert not place.practices.geometry.is_empty.any()
    assert place.pcns.loc["U99003", "practices_outside"] == 1
    assert place.pcns.loc["U99003", "floor"] == place.pcns.loc["U99003", "list_size"] < 30_000
    assert place.lsoas["residents_65_plus"].notna().all()
    assert place.elsewhere["patients"].sum() > 15_000


def test_a_patch_shares_the_lsoas_it_cuts(built):
    shares = built[0].teams["community_nursing"].shares
    cut = shares[shares["share"].between(0.02, 0.98)]
    assert 15 <= cut["lsoa_code"].nunique() <= 60
    assert shares.groupby("lsoa_code")["share"].sum().min() > 0.999


def test_half_of_the_pcns_are_in_one_piece(built):
    facts = measure_pcn_facts(built[0], find_catchments(built[0]))
    assert facts.index[facts["contiguous"]].tolist() == ["U99001", "U99003", "U99005"]
    assert facts.loc["U99006", "catchment_parts"] == 2
    assert facts["list_inside_share"].between(0.5, 0.72).all()


def test_today_serves_the_less_deprived_no_worse(study, built):
    measures = measure_plan(built[0], as_is_plan(built[0]), study=study)
    assert measures.summary["alignment"] == pytest.approx(0.66, abs=0.04)
    assert measures.quintiles["alignment"].loc[5] > measures.quintiles["alignment"].loc[2]
