"""What a gain is made of: each step from today to the last rung, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boundaries.pages.report.gains import part_sentences, parts_grid
from boundaries.run.gains import gains_table


@pytest.fixture
def grouped_run(small_run):
    """The small run, with today's areas put together as the first rung happens to have them."""
    now, first, *rest = small_run.options
    grouped = replace(first, option_id="as-is-grouped", family="as-is-grouped", status="measured")
    return replace(small_run, options=(now, grouped, first, *rest))


def test_each_step_is_compared_with_the_one_before(grouped_run):
    table = gains_table(grouped_run.options).set_index("option_id")
    assert table["compared_with"].to_dict() == {
        "as-is-grouped": "as-is", "move-0": "as-is-grouped", "move-1": "move-0",
    }  # fmt: skip
    assert table["what"].tolist() == ["grouping", "lines", "moves"]
    assert table.loc["move-0", "alignment_change"] == 0
    options = {option.option_id: option.measures.summary for option in grouped_run.options}
    whole = options["move-1"]["alignment"] - options["as-is"]["alignment"]
    assert table["alignment_change"].sum() == pytest.approx(whole, abs=2e-6)
    pairs = options["move-1"]["pairs_parted"] - options["move-0"]["pairs_parted"]
    assert table.loc["move-1", "pairs_parted_change"] == pairs
    for key in ("residents_changing_nursing", "objective", "bonds_parted"):
        change = options["move-1"][key] - options["move-0"][key]
        assert table.loc["move-1", f"{key}_change"] == pytest.approx(change, abs=1e-3)
    assert table.loc["as-is-grouped", ["objective_change"]].isna().all()


def test_without_grouping_new_lines_are_compared_with_today(small_run):
    table = gains_table(small_run.options)
    assert table["compared_with"].tolist() == ["as-is", "move-0"]
    assert table["what"].tolist() == ["lines", "moves"]


def test_the_first_page_says_the_parts_apart(grouped_run):
    said = part_sentences(grouped_run)
    assert said[0].startswith("Putting today’s areas together, whole, into three neighbourhoods")
    assert "alignment from" in said[1]
    assert said[1].startswith("Drawing the lines of three neighbourhoods anew, with no practice")
    assert "as many pairs of neighbouring LSOAs are parted" in said[1]
    assert said[2].startswith("Allowing one move: alignment from ")
    assert "change team (community nursing)" in said[2]
    assert "the sum of misaligned patients" in said[2]
    assert "team" not in said[0]  # nobody decided today's areas: no team changes against them
    grid = parts_grid(grouped_run)
    assert [row[0].value for row in grid.rows] == [
        "Today’s areas, whole, put together",
        "Lines drawn anew, no practice moves",
        "At most 1 practice moves",
    ]


def test_a_run_of_today_alone_has_no_gain(small_run):
    assert parts_grid(replace(small_run, options=small_run.options[:1])) is None


def test_no_option_of_the_example_is_above_its_ceiling(example_run):
    ceiling = example_run["best-fit"].measures.summary
    assert len(example_run.options) > 5
    for option in example_run.options:
        if option.family not in {"as-is", "as-is-grouped"}:  # they need not be in the band
            assert option.measures.summary["alignment"] <= ceiling["alignment"], option.option_id
