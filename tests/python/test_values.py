"""Runs, options and plans as values: frozen, short to print, equal when they say the same."""

from __future__ import annotations

import pickle

import pytest
from tests.python.mini import mini_study

import boundaries


@pytest.fixture(scope="module")
def run():
    return boundaries.propose(mini_study(), quick=True)


def test_nothing_of_a_run_can_be_changed_by_accident(run):
    option = run["move-1"]
    before = option.plan.lsoas.iloc[0], run.facts.iloc[0, 0], run.place.lsoas["residents"].sum()
    lsoas, facts, place = option.plan.lsoas, run.facts, run.place.lsoas
    lsoas.iloc[0] = "nowhere"
    facts.iloc[0, 0] = "nothing"
    place["residents"] = 0
    option.measures.summary["alignment"] = 2.0
    run.record["study"] = None
    after = option.plan.lsoas.iloc[0], run.facts.iloc[0, 0], run.place.lsoas["residents"].sum()
    assert before == after
    assert option.measures.summary["alignment"] <= 1
    assert run.record["study"] is not None


def test_comparing_runs_gives_an_answer(run, tmp_path):
    again = boundaries.read_run(boundaries.save(run, tmp_path / "run", pages=False))
    assert again == run
    assert hash(again) == hash(run)
    assert again["move-0"] == run["move-0"]
    assert run != boundaries.assess(run.study)
    assert run != "run"
    assert pickle.loads(pickle.dumps(run)) == run  # noqa: S301 - our own


def test_what_is_printed_is_short(run):
    option = run["move-1"]
    drawn = boundaries.draw_map(run), boundaries.draw_ladder(run), option.explore()
    for value in (run, option, option.plan, option.measures, run.place, run.study, *drawn):
        assert len(repr(value)) < 200, repr(value)


def test_an_option_is_found_by_its_id(run):
    assert run["move-1"] in run.options
    assert "move-1" in run
    assert run._ipython_key_completions_() == [option.option_id for option in run]
    with pytest.raises(KeyError, match="Did you mean 'move-1'"):
        run["move1"]


def test_a_moved_practice_leaves_the_plan_as_it_was(run):
    plan = run["move-0"].plan
    moved = plan.move(["A00001", "E01000000"], to="2")
    assert (moved.practices["A00001"], moved.lsoas["E01000000"]) == ("2", "2")
    assert moved != plan == run["move-0"].plan
    with pytest.raises(boundaries.PlanError, match=r"Did you mean 'A00001'.*no neighbourhood '9'"):
        plan.move("A0001", to="9")


@pytest.mark.parametrize("shape", ["plan", "series", "frame", "polygons", "files"])
def test_a_plan_is_scored_in_any_shape(run, shape, tmp_path):
    plan = run["move-1"].plan
    lsoas, practices = plan.lsoas, plan.practices
    given = {
        "plan": (plan, None),
        "series": (lsoas, practices),
        "frame": (lsoas.reset_index(), practices.reset_index()),
        "polygons": (run["move-1"].to_gdf("neighbourhoods"), practices),
        "files": (tmp_path / "run" / "lsoas.csv", tmp_path / "run" / "practices.csv"),
    }
    option = None
    if shape == "files":
        boundaries.save(run, tmp_path / "run", pages=False)
        option = "move-1"
    name = "neighbourhood" if shape == "polygons" else None
    scored = boundaries.score(run.study, *given[shape], option=option, name=name)
    assert boundaries.changed(run["move-1"], scored["scored"]).empty


def test_a_wrong_option_of_a_file_is_said(run, tmp_path):
    boundaries.save(run, tmp_path / "run", pages=False)
    with pytest.raises(boundaries.InputError, match="Did you mean 'move-1'"):
        boundaries.score(run.study, tmp_path / "run" / "lsoas.csv", option="move1")


def test_small_numbers_are_hidden_in_what_a_notebook_shows():
    study = mini_study(suppress="nhs")
    run = boundaries.assess(study)
    whole = boundaries.assess(mini_study())
    assert run.record["suppressed"] == "nhs"
    shares, exact = run["as-is"].practice_shares(), whole["as-is"].practice_shares()
    assert not (exact["patients"] % 5 == 0).all()
    assert (shares["patients"] % 5 == 0).all()
    assert (run.flows["patients"].dropna() % 5 == 0).all()


def test_public_names_are_what_they_say():
    assert boundaries.__version__
    for name in ("Lock", "Plan", "Place", "Progress", "InputError", "InfeasibleError"):
        assert getattr(boundaries, name).__name__ == name
