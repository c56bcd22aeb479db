"""2011 registrations over 2021 LSOAs: totals hold exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.place.vintage import share_out, to_2021

LOOKUP = pd.DataFrame(
    [
        ("E01000001", "E01000001", "U"),
        ("E01000002", "E01034002", "M"),
        ("E01000003", "E01034002", "M"),
        ("E01000004", "E01034004", "S"),
        ("E01000004", "E01034005", "S"),
        ("E01000006", "E01034006", "X"),
    ],
    columns=["lsoa11", "lsoa21", "change"],
)
RESIDENTS = pd.Series({"E01000001": 1500, "E01034004": 3000, "E01034005": 1000})


def rows(*values) -> pd.DataFrame:
    return pd.DataFrame(values, columns=["practice_code", "lsoa_code", "patients"])


def test_unchanged_and_merged_are_exact_and_split_is_modelled():
    found = to_2021(
        rows(
            ("A00001", "E01000001", 7),
            ("A00001", "E01000002", 5),
            ("A00001", "E01000003", 6),
            ("A00001", "E01000004", 8),
            ("A00001", "E01000006", 3),
            ("A00001", "NO2011", 2),
            ("A00001", "E01034005", 10),
        ),
        LOOKUP,
        RESIDENTS,
    )
    assert found.to_numpy().tolist() == [
        ["A00001", "E01000001", 7, False],
        ["A00001", "E01034002", 11, False],
        ["A00001", "E01034004", 6, True],
        ["A00001", "E01034005", 10, False],
        ["A00001", "E01034005", 2, True],
        ["A00001", "E01034006", 3, True],
        ["A00001", "NO2011", 2, False],
    ]


def test_single_patients_do_not_all_fall_to_the_larger_part():
    singles = rows(*((f"A{n:05d}", "E01000004", 1) for n in range(100)))
    found = to_2021(singles, LOOKUP, RESIDENTS)
    assert found.groupby("lsoa_code")["patients"].sum().to_dict() == {
        "E01034004": 75,
        "E01034005": 25,
    }
    assert (found.groupby("practice_code")["patients"].sum() == 1).all()


def test_parts_without_residents_share_equally():
    found = to_2021(rows(("A00001", "E01000004", 10)), LOOKUP, pd.Series(dtype="float64"))
    assert found["patients"].tolist() == [5, 5]


@given(
    patients=st.lists(st.integers(0, 5_000), min_size=1, max_size=30),
    weights=st.lists(st.integers(0, 4_000), min_size=1, max_size=5),
)
def test_rows_hold_exactly_and_nobody_is_negative(patients, weights):
    shares = share_out(np.array(patients), list(weights))
    assert shares.sum(axis=1).tolist() == patients
    assert (shares >= 0).all()
    total = sum(weights)
    if total:
        exact = sum(patients) * weights[0] / total
        assert shares[:, 0].sum() == pytest.approx(exact, abs=0.5)
