"""Lines between neighbourhoods: bonds and pairs parted, length, what lies along barriers."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pandas as pd
import pytest

from boundaries.errors import RefereeError
from boundaries.measure import measure_plan, referee


@pytest.fixture
def bonded(small_place):
    """A bond of 100 for each pair, 25 across a river along the middle of the upper three rows."""
    pairs = small_place.neighbours
    number = pairs["lsoa_code_a"].str[-2:].astype(int)
    across = number.mod(6).eq(2) & pairs["lsoa_code_b"].str[-2:].astype(int).eq(number + 1)
    river = across & number.ge(12)
    bond = pd.Series(100.0, pairs.index).mask(river, 25.0)
    why = pd.Series("", pairs.index).mask(river, "barrier,community")
    return replace(small_place, neighbours=pairs.assign(bond=bond, why=why))


def test_a_straight_line_parts_five_pairs(bonded, halves, study):
    summary = measure_plan(bonded, halves, study=study).summary
    assert summary["pairs_parted"] == 5
    assert summary["bonds_parted"] == 2 * 100 + 3 * 25
    assert summary["line_km"] == 5
    assert summary["barrier_line_share"] == 0.6
    plain = measure_plan(
        replace(bonded, neighbours=bonded.neighbours.assign(bond=0.0)), halves, study=study
    )
    assert summary["objective"] == plain.summary["objective"] + 275


def test_a_pair_cut_by_the_study_is_line_and_barrier_but_no_bond(bonded, halves, study):
    pairs = bonded.neighbours
    cut = (pairs["lsoa_code_a"] == "E01000002") & (pairs["lsoa_code_b"] == "E01000003")
    columns = ["lsoa_code_a", "lsoa_code_b", "border_m"]
    place = replace(bonded, neighbours=pairs[~cut], cut_pairs=pairs.loc[cut, columns])
    summary = measure_plan(place, halves, study=study).summary
    assert (summary["pairs_parted"], summary["bonds_parted"]) == (4, 175)
    assert (summary["line_km"], summary["barrier_line_share"]) == (5, 0.8)


def test_one_neighbourhood_has_no_line(bonded, study, make_plan):
    summary = measure_plan(bonded, make_plan(lambda _c, _r: 1), study=study).summary
    assert (summary["bonds_parted"], summary["pairs_parted"], summary["line_km"]) == (0, 0, 0)
    assert isnan(summary["barrier_line_share"])


def test_the_referee_counts_the_bonds_too(bonded, halves, study):
    measures = measure_plan(bonded, halves, study=study, waived=frozenset(range(1, 9)))
    objective = measures.summary["objective"]
    referee(bonded, halves, measures, objective=objective)
    with pytest.raises(RefereeError, match="the solver's objective"):
        referee(bonded, halves, measures, objective=objective - 275)
