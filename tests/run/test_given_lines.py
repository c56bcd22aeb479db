"""Given lines, a footprint or teams that stay, that break rules are shown with those rules."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from tests.conftest import make_small_study

from boundaries.errors import RefereeError
from boundaries.pages.words import proof_mark, proof_words
from boundaries.run.options import labels_of, maps_left_out, solved_option
from boundaries.solve import solve_options

STUDY = make_small_study(
    rules={"neighbourhoods": 2, "residents_band": 0.05, "pcn_floor": 0},
    options={"max_moves": 0, "best_fit": False, "effort": "quick", "teams_stay": "nursing"},
)


@pytest.fixture(scope="module")
def solved(small_place):
    """A footprint of a strip and the rest: outside the band, and the strip in two pieces."""
    lsoas = small_place.lsoas.index
    strip = pd.Series(["Strip" if n in {0, 1, 28, 29} else "Rest" for n in range(30)], index=lsoas)
    place = replace(small_place, footprints={"given": strip})
    return place, {one.option_id: one for one in solve_options(place, STUDY)}


def test_given_lines_are_shown_with_the_rules_they_break(solved):
    place, options = solved
    assert list(options) == ["move-0", "footprint", "teams-stay"]
    labels = labels_of(place, options["move-0"].plan)
    footprint = solved_option(place, STUDY, options["footprint"], labels)
    assert {broken.rule for broken in footprint.measures.broken} >= {2, 3}
    teams = solved_option(place, STUDY, options["teams-stay"], labels)
    assert {broken.rule for broken in teams.measures.broken} == {3}
    assert "no plan within the rules" not in proof_words(footprint)
    assert "does not keep all the rules" in proof_words(footprint)
    assert "proven best" not in {proof_mark(footprint), proof_mark(teams)}


def test_a_solved_option_that_breaks_a_rule_still_stops_everything(solved):
    place, options = solved
    labels = labels_of(place, options["move-0"].plan)
    with pytest.raises(RefereeError, match="rule 3"):
        solved_option(place, STUDY, replace(options["teams-stay"], family="ladder"), labels)


def test_teams_that_do_not_cover_the_place_are_named(solved):
    place, options = solved
    assert maps_left_out(place, STUDY, options.values()) == ()
    layer = place.teams["nursing"]
    cut = replace(layer, shares=layer.shares[layer.shares["lsoa_code"] != "E01000007"])
    (problem,) = maps_left_out(replace(place, teams={"nursing": cut}), STUDY, ())
    assert "1 LSOA of the place is in no patch of nursing: E01000007" in problem.said


def test_lines_on_which_the_rules_cannot_be_kept_are_shown_all_the_same(small_place):
    """Seven neighbourhoods, six practices, three PCNs: rules 1 and 6 cannot hold on these lines."""
    lsoas = small_place.lsoas.index
    seven = pd.Series([f"Strip {n % 7}" for n in range(30)], index=lsoas)
    place = replace(small_place, footprints={"given": seven})
    study = STUDY.model_copy(
        update={"options": STUDY.options.model_copy(update={"teams_stay": None})}
    )
    move, footprint = solve_options(place, study)
    assert footprint.bound is None
    option = solved_option(place, study, footprint, labels_of(place, move.plan))
    assert {broken.rule for broken in option.measures.broken} >= {1, 2, 3, 4}
    assert "not proven" in proof_words(option)
