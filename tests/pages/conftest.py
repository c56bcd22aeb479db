"""The report of the small run, runs with hostile names, and a reader of our own pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests import parse_back
from tests.runs import make_run

from boundaries.pages.report import report_html
from boundaries.run.run import NEAR_COLUMNS, SENSITIVITY_COLUMNS, SENSITIVITY_UNITS
from boundaries.run.settled import SETTLED_COLUMNS

if TYPE_CHECKING:
    from boundaries.run import Run

HOSTILE = "<img src=x onerror=alert(1)> & Sons"
FORMULA = "=1+1"
DOLLAR = "$x_1$ Surgery"


@pytest.fixture(scope="session")
def varied_run(small_run) -> Run:
    """The small run with plans nearly as good, and with its study's choices changed."""
    settled = pd.DataFrame(
        [
            ("lsoa", "E01000001", "1", 1.0, 2, 0, "not found", 0.001),
            ("lsoa", "E01000002", "1", 0.5, 2, 1, "elsewhere", 0.0),
            ("practice", "A00001", "1", 1.0, 2, 0, "stays", 0.02),
            ("practice", "A00004", "2", 0.5, 2, 1, "elsewhere", 0.0),
        ],
        columns=list(SETTLED_COLUMNS),
    )
    near = pd.DataFrame(
        [("move-0-near-001", "move-0", 1, 1000, 2500, 0.612345, 2500.0, 0.0123, 1, 1)],
        columns=list(NEAR_COLUMNS),
    )
    variants = pd.DataFrame(
        [
            ("one-more", "4 neighbourhoods, not 3", "move-0", "feasible", 2600.0, None, 0.6, -0.02,
             0, 0, 5, 1, ""),
            ("band-narrower", "Residents within 15% of the mean, not 25%", None, "no plan", None,
             None, None, None, None, None, None, None, "3 neighbourhoods cannot be kept."),
        ],
        columns=list(SENSITIVITY_COLUMNS),
    )  # fmt: skip
    units = pd.DataFrame(
        [("lsoa", "E01000001", 2, 2, 1.0), ("lsoa", "E01000002", 2, 1, 0.5),
         ("practice", "A00001", 2, 2, 1.0), ("practice", "A00004", 2, 1, 0.5)],
        columns=list(SENSITIVITY_UNITS),
    )  # fmt: skip
    record = {**small_run.record, "looked_at": ["move-0", "move-1"]}
    return replace(
        small_run, settled=settled, near=near, sensitivity=variants, sensitivity_units=units,
        record=record,
    )  # fmt: skip


@pytest.fixture(scope="session")
def small_html(small_run) -> str:
    """The report of the small run: made once, it takes seconds."""
    return report_html(small_run)


@pytest.fixture(scope="session")
def hostile_run(small_place) -> Run:
    """The small run with names that a page or a spreadsheet might take for code."""
    place = small_place
    practices = place.practices.assign(
        practice_name=[HOSTILE, FORMULA, DOLLAR, HOSTILE, FORMULA, DOLLAR]
    )
    pcns = place.pcns.assign(pcn_name=[HOSTILE, FORMULA, DOLLAR])
    return make_run(replace(place, practices=practices, pcns=pcns))


@pytest.fixture(scope="session")
def read_page():
    """The reader of our own pages."""
    return parse_back.read_page
