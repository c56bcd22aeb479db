"""The study's choices changed one at a time: what is varied, compared, and said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.runs import SQUAREBOROUGH

from boundaries.errors import InfeasibleError
from boundaries.run.options import labels_of, solved_option
from boundaries.run.sensitivity import about, expected_seconds, variants_of, vary_the_study
from boundaries.solve import solve_options, solve_variant
from boundaries.study import Lock, parse_study

STUDY = (
    SQUAREBOROUGH
    + """
[rules]
neighbourhoods = 3
residents_band = 0.5
pcn_floor = 0
[shape]
bond = 0
[options]
max_moves = 1
effort = "quick"
best_fit = false
"""
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return parse_study(STUDY, folder=tmp_path_factory.mktemp("s"), must_exist=False)


@pytest.fixture(scope="module")
def place(small_place):
    return replace(small_place, teams={"nursing": small_place.teams["nursing"]})


@pytest.fixture(scope="module")
def options(place, study):
    solved = solve_options(place, study)
    labels = labels_of(place, solved[0].plan)
    return [solved_option(place, study, one, labels) for one in solved]


def test_each_choice_is_changed_in_turn(place, study):
    variants = variants_of(place, study)
    assert [variant.what for variant in variants] == [
        "Weight of Community nursing 0.5, not 1",
        "Weight of Community nursing 1.5, not 1",
        "Residents within 40% of the mean, not 50%",
        "Residents within 60% of the mean, not 50%",
        "2 neighbourhoods, not 3",
        "4 neighbourhoods, not 3",
    ]
    assert variants[0].place.teams["nursing"].weight == 0.5
    bonded = replace(place, neighbours=place.neighbours.assign(bond=100.0))
    shaped = study.model_copy(update={"shape": study.shape.model_copy(update={"bond": 0.2})})
    added = [one for one in variants_of(bonded, shaped) if one.name.startswith("bond")]
    assert [one.what for one in added] == [
        f"Bond of neighbouring LSOAs {bond}, not 0.2" for bond in ("0", "0.1", "0.3")
    ]
    assert [one.place.neighbours["bond"].max() for one in added] == [0, 50, 150]
    assert place.teams["nursing"].weight == 1
    assert [variant.study.rules.counts for variant in variants[-2:]] == [(2, 2), (4, 4)]
    people = study.model_copy(
        update={"rules": study.rules.model_copy(update={"residents": (5_000, 20_000)})}
    )
    mean = place.lsoas["residents"].sum() / 3
    narrower = variants_of(place, people)[2].study.rules.residents
    assert narrower == (5_000 + round(mean / 10), 20_000 - round(mean / 10))


def test_variants_are_solved_measured_and_compared(place, study, options):
    asked = []

    def solve(place, study, known, name):
        asked.append((name, len(known)))
        return solve_variant(place, study, known)

    found = vary_the_study(place, study, options, solve, stop=lambda: False)
    table = found.table.set_index(["variant", "option_id"])
    assert [name for name, _ in asked] == list(dict.fromkeys(found.table["variant"]))
    assert {known for _, known in asked} == {2}
    same = table.loc[("band-wider", "move-0")]
    assert same["objective"] <= options[0].measures.summary["objective"]
    few = found.table[found.table["variant"] == "one-more"]
    assert set(few["status"]) <= {"optimal", "feasible"}  # one of three PCNs may be based in two
    assert set(found.units["runs"]) == {12}
    assert len(found.units) == len(place.lsoas) + len(place.practices)
    assert (found.units["share"] == (found.units["same"] / found.units["runs"]).round(6)).all()
    again = vary_the_study(place, study, options, solve, stop=lambda: False)
    assert again.table.equals(found.table)


def test_what_was_not_run_is_said(place, study, options):
    def solve(*_):
        raise InfeasibleError("No plan.", ("Too narrow.",))

    found = vary_the_study(place, study, options, solve, stop=lambda: False)
    assert set(found.table["said"]) == {"Too narrow."}
    assert found.units.empty
    stopped = vary_the_study(place, study, options, solve, stop=lambda: True)
    assert set(stopped.table["status"]) == {"stopped"}
    assert len(stopped.table) == 6


def test_a_variant_keeps_the_locks(place, study):
    locked = study.model_copy(update={"locks": (Lock(together=("E01000000", "E01000005")),)})
    for one in solve_variant(place, locked, ()):
        assert one.plan.lsoas["E01000000"] == one.plan.lsoas["E01000005"]


def test_the_time_is_said_before_it_starts():
    assert about(expected_seconds(30.0, 4)) == "60 seconds"
    assert about(expected_seconds(200.0, 6)) == "10 minutes"
    assert about(expected_seconds(0.0, 2)) == "10 seconds"
