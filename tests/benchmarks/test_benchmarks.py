"""The benchmarks must be fair: bounds are bounds, mended maps keep the rules, rivals can win."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
from benchmarks.one_place import Watch, listen
from benchmarks.peer_joint import solve_joint
from benchmarks.peers import Contest, why_not
from benchmarks.places import all_places, place_of, study_of
from benchmarks.quick_score import least_objective
from benchmarks.repair import repair
from benchmarks.table import Table
from benchmarks.teams import cut_into
from tests.solve import brute, made


def is_plain(instance) -> bool:
    """Whether other programs can be asked about a made place."""
    return instance.anchored and not why_not(instance)


PLAIN = [seed for seed in range(150) if is_plain(made.made_instance(seed))]


@pytest.mark.parametrize("seed", PLAIN)
def test_no_practices_beat_the_quick_score_of_a_map(seed):
    instance = made.made_instance(seed)
    labels = np.random.default_rng(seed).integers(0, instance.neighbourhoods, len(instance.lsoas))
    for moves, truth in enumerate(brute.best_match(instance, labels, most_moves=3)):
        assert least_objective(instance, labels, moves) <= truth + 1e-6


@pytest.mark.parametrize("seed", PLAIN)
def test_a_mended_map_keeps_the_rules_of_a_map(seed):
    instance = made.made_instance(seed)
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, instance.neighbourhoods + 1, len(instance.lsoas))
    mended = repair(instance, labels, chance)
    if mended is None:
        return
    first = np.unique(mended.labels, return_index=True)[1]
    order = np.argsort(first)  # cuts number neighbourhoods by their first LSOA
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.arange(len(order))
    assert (brute.cuts(instance) == numbers[mended.labels]).all(axis=1).any()


@pytest.mark.parametrize("seed", PLAIN[:6])
def test_the_joint_model_finds_the_optimum_of_a_small_place(seed):
    instance = made.made_instance(seed)
    truth = brute.best_by_trying(instance)[1]
    contest = Contest(instance, 1, seconds=20.0)
    bound = solve_joint(instance, 1, contest.offer, seconds=20.0, workers=1)
    assert contest.best == pytest.approx(truth, abs=0.1)
    assert np.isinf(truth) or bound == pytest.approx(truth, abs=0.1)


def test_made_up_teams_are_connected_and_balanced():

    wide = 6
    pairs = [(n, n + 1) for n in range(36) if n % wide < wide - 1]
    pairs += [(n, n + wide) for n in range(30)]
    residents = np.random.default_rng(1).integers(6000, 9000, 36)
    teams = cut_into(residents, np.array(pairs), 8, np.random.default_rng(2))
    again = cut_into(residents, np.array(pairs), 8, np.random.default_rng(2))
    assert teams.tolist() == again.tolist()
    heads = np.bincount(teams, weights=residents)
    assert len(heads) == 8
    assert heads.max() < 1.6 * heads.mean()
    assert heads.min() > 0.4 * heads.mean()
    for team in range(8):
        left = set(np.flatnonzero(teams == team).tolist())
        stack = [left.pop()]
        while stack:
            a = stack.pop()
            near = {b for pair in pairs if a in pair for b in pair} & left
            left -= near
            stack += near
        assert not left


def test_a_stopped_run_keeps_its_rows(tmp_path, capsys):

    table = Table(tmp_path / "ladder.csv")
    table.begin()
    table.take("Somewhere", {"kind": "place", "lsoas": 100, "read_seconds": 2.0})
    rung = {"option": "move-0", "objective": 200.0, "bound": 150.0, "status": "feasible"}
    table.take("Somewhere", {"kind": "rung", "seconds": 3.0, "peak_mb": 300, **rung})
    before = (tmp_path / "ladder.csv").read_text(encoding="utf-8").splitlines()
    table.take("Somewhere", {"kind": "rung", "seconds": 3.0, "peak_mb": 300, **rung, "final": True})
    table.take(
        "Somewhere",
        {"kind": "peer", "option": "move-0", "peer": "other", "objective": 250.0, "ours": 200.0},
    )
    assert before[0].startswith("place,lsoas")
    assert before[1].startswith("Somewhere,100")
    assert len((tmp_path / "ladder.csv").read_text(encoding="utf-8").splitlines()) == 2
    assert "other" in (tmp_path / "ladder-peers.csv").read_text(encoding="utf-8")
    printed = capsys.readouterr().out
    assert printed.count("25.00%") == 1
    assert "20.00% better" in "\n".join(table.summary())


def test_a_solver_is_asked_to_stop_and_ends_with_what_started_it(monkeypatch):
    ends, asked = [], threading.Event()
    monkeypatch.setattr("os._exit", ends.append)
    watch = Watch(lambda *_, **__: None, seconds=None, close=0.01, asked=asked)
    monkeypatch.setattr("sys.stdin", io.StringIO("stop\n"))
    assert not watch.stop()
    listen(asked)
    assert watch.stop()
    assert ends == [130]  # as after Ctrl-C


@pytest.mark.london
def test_boroughs_become_studies(london, tmp_path):

    data = london / "london"
    places = all_places(data)
    assert len(places) == 32
    assert "City of London+Hackney" in places
    study = study_of(place_of("kingston UPON thames", data), tmp_path)
    assert study.rules.neighbourhoods == 3
    assert study.place.boroughs == ("Kingston upon Thames",)
    assert place_of("Hackney", data).boroughs == ("City of London", "Hackney")
    with pytest.raises(SystemExit, match="no place here"):
        place_of("Atlantis", data)
    bristol = study_of(place_of("Bristol", data), tmp_path)
    assert bristol.place.boroughs == ("Bristol, City of",)
    assert bristol.rules.neighbourhoods == 8
