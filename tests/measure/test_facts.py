"""Catchments, flows and facts, counted again with plain loops; and all London."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import pandas as pd
import pytest

from boundaries.measure import (
    find_catchments,
    measure_flows,
    measure_lsoa_facts,
    measure_pcn_facts,
)


def code(number):
    return f"E010000{number:02d}"


@pytest.fixture
def counted(small_place):
    """Residents by LSOA and PCN, in plain dictionaries."""
    found = defaultdict(Counter)
    pcn_of = small_place.practices["pcn_code"]
    for practice, lsoa, n in small_place.registrations.itertuples(index=False):
        pcn = pcn_of[practice]
        found[lsoa][pcn if isinstance(pcn, str) else "none"] += n
    for lsoa, pcn, n in small_place.elsewhere.itertuples(index=False):
        found[lsoa][pcn] += n
    return found


def test_catchments_by_plain_loops(small_place, counted):
    catchment = find_catchments(small_place)
    assert list(catchment.index) == list(small_place.lsoas.index)
    for lsoa, by_pcn in counted.items():
        own = {pcn: n for pcn, n in by_pcn.items() if pcn in small_place.pcns.index}
        assert catchment[lsoa] == min(own, key=lambda pcn: (-own[pcn], pcn))


def test_ties_go_to_the_first_code_and_nobody_means_no_catchment(small_place):
    rows = [("A00005", code(0), 10), ("A00001", code(0), 6), ("A00002", code(0), 4),
            ("A00006", code(1), 99)]  # fmt: skip
    registrations = pd.DataFrame(rows, columns=["practice_code", "lsoa_code", "patients"])
    place = replace(small_place, registrations=registrations)
    catchment = find_catchments(place)
    assert catchment[code(0)] == "U00001"
    assert catchment.notna().sum() == 1


def test_residents_of_a_pcn_s_practices_outside_count(small_place):
    elsewhere = pd.DataFrame(
        {"lsoa_code": [code(0), code(0)], "pcn_code": ["U00003", "U00009"], "patients": [500, 900]}
    )
    place = replace(small_place, elsewhere=elsewhere)
    assert find_catchments(place)[code(0)] == "U00003"
    facts = measure_lsoa_facts(place)
    assert facts.loc[code(0), "dominant_pcn"] == "U00009"
    assert facts["dominated_outside"].sum() == 1
    assert facts.loc[code(0), "registered"] == 422 + 1400


def test_lsoa_facts_by_plain_loops(small_place, counted):
    facts = measure_lsoa_facts(small_place)
    for lsoa, by_pcn in counted.items():
        with_pcn = {pcn: n for pcn, n in by_pcn.items() if pcn != "none"}
        share = max(with_pcn.values()) / sum(with_pcn.values())
        assert facts.loc[lsoa, "dominant_share"] == pytest.approx(share)
        assert facts.loc[lsoa, "pcns"] == len(with_pcn)
        assert facts.loc[lsoa, "registered"] == sum(by_pcn.values())


def test_pcn_facts_by_plain_loops(small_place, counted):
    catchment = find_catchments(small_place)
    facts = measure_pcn_facts(small_place, catchment)
    flows = measure_flows(small_place, catchment)
    assert flows["patients"].sum() == small_place.registrations["patients"].sum() + 25
    for pcn in small_place.pcns.index:
        mine = [lsoa for lsoa in counted if catchment[lsoa] == pcn]
        own = sum(counted[lsoa][pcn] for lsoa in mine)
        everybody = sum(sum(counted[lsoa].values()) for lsoa in mine)
        size = small_place.pcns.loc[pcn, "list_size"]
        assert facts.loc[pcn, "list_inside_share"] == pytest.approx(own / size)
        assert facts.loc[pcn, "catchment_registered_share"] == pytest.approx(own / everybody)
        assert facts.loc[pcn, "catchment_lsoas"] == len(mine)
        assert facts.loc[pcn, "boroughs"] == "Squareborough"
    assert facts["contiguous"].all()


def test_a_catchment_in_two_pieces(small_place):
    rows = [("A00001", code(0), 10), ("A00001", code(29), 10), ("A00001", code(28), 10),
            ("A00003", code(1), 10)]  # fmt: skip
    registrations = pd.DataFrame(rows, columns=["practice_code", "lsoa_code", "patients"])
    place = replace(small_place, registrations=registrations)
    facts = measure_pcn_facts(place, find_catchments(place))
    assert facts["catchment_parts"].to_list() == [2, 1, 0]
    assert facts["contiguous"].to_list() == [False, True, False]
    assert facts["catchment_registered_share"].isna().to_list() == [False, False, True]


@pytest.mark.london
def test_all_london_the_median_share_of_the_dominant_pcn(london, small_place):
    """Median 0.655 over 4,835 LSOAs (2011), July 2022."""
    folder = london / "london"
    practices = pd.read_csv(folder / "practices.csv", dtype=str, index_col="practice_code")
    registrations = pd.read_parquet(folder / "registrations.parquet")
    lsoas = pd.Index(sorted(set(pd.read_csv(folder / "lsoa11_to_lsoa21.csv")["LSOA11CD"])))
    place = replace(
        small_place,
        lsoas=pd.DataFrame(index=lsoas.rename("lsoa_code")),
        practices=practices,
        pcns=pd.DataFrame(index=pd.Index(sorted(practices["pcn_code"].dropna().unique()))),
        registrations=registrations[registrations["lsoa_code"].isin(lsoas)],
        elsewhere=small_place.elsewhere.iloc[:0],
    )
    shares = measure_lsoa_facts(place)["dominant_share"]
    assert shares.notna().sum() == 4835
    assert shares.median() == pytest.approx(0.655, abs=0.0005)
