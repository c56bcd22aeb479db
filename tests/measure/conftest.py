"""Plans and studies of the small place."""

from __future__ import annotations

import pandas as pd
import pytest

from boundaries.plan import Plan
from boundaries.study import Study


def _study(**rules):
    tables = {key: rules.pop(key) for key in ("rates", "locks") if key in rules}
    return Study.model_validate(
        {
            "place": {"boroughs": "Squareborough"},
            "data": {"registrations": "r.csv", "lsoas": "l.gpkg"},
            "rules": {"neighbourhoods": 2, **rules},
            **tables,
        }
    )


def _plan(label_of_cell=None, **elsewhere):
    """Make a plan: west (columns 0–2) is 1, east is 2, practices sit with their PCN, unless said.

    A function of column and row may give other labels to LSOAs; practices may be put elsewhere.
    """
    label_of_cell = label_of_cell or (lambda column, _: 1 if column < 3 else 2)
    lsoas = {f"E010000{n:02d}": str(label_of_cell(n % 6, n // 6)) for n in range(30)}
    practices = {"A00001": "1", "A00002": "1", "A00003": "2", "A00004": "2", "A00005": "2",
                 "A00006": "1", **elsewhere}  # fmt: skip
    return Plan(pd.Series(lsoas), pd.Series(practices))


@pytest.fixture(scope="session")
def make_study():
    return _study


@pytest.fixture(scope="session")
def make_plan():
    return _plan


@pytest.fixture(scope="session")
def study():
    return _study()


@pytest.fixture(scope="session")
def halves():
    return _plan()
