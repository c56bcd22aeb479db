"""What is said where it matters: split PCNs, odd lists, whom a gain leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boundaries.pages.care import care_sentences, odd_lists
from boundaries.pages.naming import NO_PCN, pcn_signs
from boundaries.pages.pictures import _MARKERS
from boundaries.pages.report.networks import network_pages
from boundaries.pages.report.shape import shape_costs
from boundaries.pages.split import split_of, split_sentence
from boundaries.pages.words import discussion, title_of
from boundaries.problems import Problem


def _changed(run, option_id, **tables):
    """Return the run with tables of one option's measures changed."""
    options = tuple(
        replace(option, measures=replace(option.measures, **tables))
        if option.option_id == option_id
        else option
        for option in run.options
    )
    return replace(run, options=options)


@pytest.fixture
def split_run(small_run):
    """The small run; in its first rung Birch PCN's two practices sit in two neighbourhoods."""
    frame = small_run["move-0"].measures.practices
    return _changed(
        small_run, "move-0",
        practices=frame.assign(
            neighbourhood=frame["neighbourhood"].where(frame.index != "A00003", "3"),
            internal=frame.index == "A00003",
        ),
    )  # fmt: skip


def test_a_pcn_in_two_neighbourhoods_is_said_to_sit_in_two(split_run):
    option = split_run["move-0"]
    split = split_of(option, "U00002")
    assert split.parts == (("2", 1), ("3", 1))
    lists = option.measures.practices["list_size"]
    said = split_sentence(split_run, option, split)
    assert said.startswith("Birch PCN sits in two neighbourhoods: 2 ")
    assert said.endswith(
        f"{lists['A00003']:,} of its patients are on lists that sit apart from most of it."
    )
    assert split_of(option, "U00001") is None
    assert f"In “No practice moves”: {said}" in care_sentences(split_run)
    (page,) = [one for one in network_pages(split_run) if "U00002" in one["name"]]
    assert any(said in line for line in page["practices"])
    assert "does not put them in one neighbourhood" in page["whole"][-1]


def test_what_keeps_a_pcn_whole_is_held_beside_the_next_step(small_run):
    """move-1 moves a practice of Birch: the step before it is the last that does not."""
    (moved,) = small_run["move-1"].measures.practices.query("moved").index
    assert moved == "A00003"
    (page,) = [one for one in network_pages(small_run) if "U00002" in one["name"]]
    assert page["whole"][0] == (
        "Of the steps of the ladder, “No practice moves” is the last that moves none of its "
        "practices; the step after it, “At most 1 practice moves”, does."
    )
    assert any(
        "(A00003) would leave in: “At most 1 practice moves”." in s for s in page["practices"]
    )
    (other,) = [one for one in network_pages(small_run) if "U00001" in one["name"]]
    assert other["whole"] == ["All its practices stay with it in every option proposed."]


def test_an_odd_list_is_said_on_the_first_page_and_its_pcns(small_run):
    said = "A00003 Practice 3 has 41,368 patients spread over 4,000 LSOAs: not a local list."
    problems = [Problem(level, "p.csv", 1, "A00003", "list_size", said, "") for level in
                ("warning", "note")]  # fmt: skip
    problems.append(Problem("warning", "p.csv", 2, "A00001", "postcode", "No postcode.", ""))
    run = replace(small_run, problems=tuple(problems))
    assert odd_lists(run) == {"A00003": said}
    assert said in care_sentences(run)
    (page,) = [one for one in network_pages(run) if "U00002" in one["name"]]
    assert page["care"] == [said]


def test_a_fifth_that_is_aligned_less_than_today_is_said(small_run):
    now = small_run["as-is"].measures
    frame = now.quintiles.assign(alignment=0.6, patients=100)
    less = frame.assign(alignment=[0.4821, *[0.7] * (len(frame) - 1)])
    run = _changed(_changed(small_run, "as-is", quintiles=frame), "move-0", quintiles=less)
    run = _changed(run, "move-1", quintiles=frame)
    (said,) = [line for line in care_sentences(run) if "of areas" in line]
    assert "48.2% live in the neighbourhood of their practice in “No practice moves”" in said
    assert "fewer than today (60.0%)" in said


def test_signs_are_unlike_and_drawn_alike_everywhere(small_run):
    pcns = small_run.place.pcns.iloc[[0] * 30].assign(
        pcn_name=[f"PCN {number:02d}" for number in range(30, 0, -1)]
    )
    pcns.index = [f"U{number:05d}" for number in range(30)]
    signs = pcn_signs(replace(small_run, place=replace(small_run.place, pcns=pcns)))
    assert len({letter for letter, _ in signs.values()}) == 30
    assert signs["U00029"] == ("A", "circle")  # by name, not by code
    assert signs["U00003"][0] == "AA"
    assert {shape for _, shape in [*signs.values(), NO_PCN]} == set(_MARKERS)


def test_a_quick_look_does_not_contradict_what_is_proven(small_run):
    quick = replace(small_run, record={**small_run.record, "effort": "quick look, by the clock"})
    assert "for the rest, better plans may well exist" in discussion(quick)
    proven = replace(quick, options=tuple(o for o in quick.options if o.status != "feasible"))
    assert "what is called proven is proven all the same." in discussion(proven)
    assert "better plans" not in discussion(proven)
    assert "quick look" not in discussion(small_run)
    assert title_of(small_run).startswith("Matching PCNs and neighbourhoods in ")


def test_what_the_shape_costs_is_one_sentence_a_chart_a_table_and_both_maps(small_run):
    rung, first = small_run["move-1"], small_run["move-0"]
    title = "At most 1 practice moves, bonds left out (not proposed)"
    closest = replace(first, option_id="closest", family="closest", title=title)
    (cost,) = shape_costs(replace(small_run, options=(*small_run.options, closest)))
    pairs = [int(o.measures.summary["pairs_parted"]) for o in (rung, closest)]
    assert f"parts {pairs[0]} pairs of neighbouring LSOAs" in cost.said
    assert (
        f"{abs(pairs[0] - pairs[1])} {'fewer' if pairs[0] < pairs[1] else 'more'} pairs"
        in cost.said
    )
    assert cost.maps.kind == "map"
    assert cost.grid.header == ("Measure", rung.title, title)
    assert [row[1].value for row in cost.grid.rows][1] == pairs[0]
    same = replace(rung, option_id="closest", family="closest", title=title)
    (cost,) = shape_costs(replace(small_run, options=(*small_run.options, same)))
    assert cost.said.startswith("The shape costs nothing here")
    assert (cost.chart, cost.maps, cost.grid) == (None, None, None)
    assert shape_costs(small_run) == []
