"""What the first page says of two real boroughs: the parts of a gain, and a PCN in two places.

The lines of ``move-0`` are drawn by hand here (LSOAs go to the nearest of some points): no search.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.runs import run_of

from boundaries.measure import as_is_plan, measure_plan
from boundaries.pages.readable import for_readers
from boundaries.pages.report.summary import summarise
from boundaries.pipeline import prepare
from boundaries.plan import Plan
from boundaries.run import Option
from boundaries.run.options import as_is_option, grouped_options, labels_of
from boundaries.study import parse_study

pytestmark = pytest.mark.london

STUDY = """
[place]
boroughs = ["{borough}"]
[data]
registrations = [
  "london/registrations.parquet",
  "london/registrations_london_residents_at_other_practices.parquet",
]
practices = "london/practices.csv"
memberships_on = 2022-07-01
lsoas = "london/lsoas11.gpkg"
residents_column = "pop_mid2020"
wards = "london/wards25.gpkg"
[rules]
neighbourhoods = {count}
spans = {spans}
"""


def _nearest(place, count) -> Plan:
    """Give LSOAs to the nearest of some points, and each PCN to where most of its patients live."""
    points = place.lsoas[["centre_e", "centre_n"]].to_numpy(dtype=float)
    seeds = points[np.linspace(0, len(points) - 1, count).astype(int)]
    away = np.hypot(*(points[:, None] - seeds[None]).transpose(2, 0, 1))
    lsoas = pd.Series((away.argmin(axis=1) + 1).astype(str), index=place.lsoas.index)
    today = as_is_plan(replace(place, footprints={"today": lsoas}))
    return Plan(lsoas, today.practices)


def _run(london, borough, count, spans):
    study = parse_study(STUDY.format(borough=borough, count=count, spans=spans), folder=london)
    ready = prepare(study)
    place, plan = ready.place, _nearest(ready.place, count)
    labels = labels_of(place, plan)
    measures = measure_plan(place, labels.reference, study=study, allowed_moves=0)
    first = Option(
        "move-0", "ladder", "No practice moves", labels.reference, measures, "feasible",
        allowed_moves=0,
    )  # fmt: skip
    options = [as_is_option(place, study, labels), *grouped_options(place, study, labels), first]
    return for_readers(run_of(place, study, options, problems=ready.problems, record={}))


def test_kingstons_gain_is_shown_in_its_parts(london):
    run = _run(london, "Kingston upon Thames", 3, 1)
    summary = summarise(run)
    assert [said.split(":")[0] for said in summary.parts] == [
        "Putting today’s areas together, whole, into three neighbourhoods and nothing else",
        "Drawing the lines of three neighbourhoods anew, with no practice moving",
    ]
    shares = [run[key].measures.summary["alignment"] for key in ("as-is", "as-is-grouped")]
    assert f"from {shares[0]:.1%} to {shares[1]:.1%}" in summary.parts[0]
    assert shares[1] > shares[0]


def test_brents_split_pcn_and_its_list_from_everywhere_are_on_the_first_page(london):
    run = _run(london, "Brent", 5, 2)
    care = summarise(run).care
    apart = [said for said in care if " sits in two neighbourhoods: " in said]
    assert apart
    assert all(said.startswith("In “No practice moves”: ") for said in apart)
    assert any("41,368 registered patients" in said and "not a local list" in said for said in care)
    assert "Of them three PCNs have most patients with practices elsewhere" in " ".join(
        summarise(run).asked
    )
