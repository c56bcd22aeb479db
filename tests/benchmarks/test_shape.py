"""What the bond costs, as a table and as a sheet of maps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.shape import markdown, rows_below
from benchmarks.sheet import sheet_of

from boundaries.run import write_run


@pytest.fixture(scope="module")
def closest_run(small_run):
    """The small run whose first rung stands for the last one with bonds left out."""
    first = small_run["move-0"]
    closest = replace(first, option_id="closest", family="closest", title="Bonds left out")
    return replace(small_run, options=(*small_run.options, closest))


def test_the_table_says_what_is_given_up_and_spared(closest_run, tmp_path):
    write_run(closest_run, tmp_path / "region" / "here")
    (row,) = rows_below([tmp_path])
    one, other = (closest_run[key].measures.summary for key in ("closest", "move-1"))
    assert row.rung == "move-1"
    assert row.points == pytest.approx((one["alignment"] - other["alignment"]) * 100, abs=1e-4)
    assert row.spared == 1 - other["pairs_parted"] / one["pairs_parted"]
    assert row.compact == pytest.approx(other["polsby_popper_mean"], abs=1e-6)
    assert (row.gap_closest, row.gap) == ("proven", "2.0%")
    assert markdown([row]).count("\n") == 3
    assert rows_below([tmp_path / "nothing"]) == []


def test_the_sheet_has_two_maps_a_run(closest_run):
    drawn = [axes for axes in sheet_of([closest_run] * 3).axes if axes.get_title(loc="left")]
    assert len(drawn) == 6
    assert drawn[0].get_title(loc="left").endswith("pairs parted")
