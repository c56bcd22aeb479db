"""What a study gets: options, proofs, and answers when nothing fits."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from boundaries.errors import InfeasibleError
from boundaries.solve import solve_options
from boundaries.solve.params import limits_for
from boundaries.solve.result import Solved, propagate_bounds
from boundaries.study import Lock, Rules
from boundaries.study.model import Options


def study(rules: Rules, locks: tuple[Lock, ...] = (), **options) -> SimpleNamespace:
    chosen = {"max_moves": 1, "best_fit": False, "effort": "quick"} | options
    return SimpleNamespace(rules=rules, locks=locks, options=Options(**chosen))


@pytest.fixture
def place(small_place):
    return replace(small_place, teams={})


def test_a_bound_holds_for_fewer_moves_too():
    def rung(moves, objective, bound, status="feasible"):
        return Solved(f"move-{moves}", "ladder", None, objective, bound, status, moves, 3, 1.0)

    ladder = [rung(0, 100, 90), rung(1, 95, None), rung(2, 94, 94, "optimal"), rung(3, 94, 80)]
    handed = propagate_bounds(ladder)
    assert [one.bound for one in handed] == [94, 94, 94, 80]
    assert [one.status for one in handed] == ["feasible", "feasible", "optimal", "feasible"]
    assert propagate_bounds([rung(0, 94, 90), *ladder[2:]])[0].status == "optimal"
    assert propagate_bounds([rung(0, 9, None)])[0].bound is None


def test_ladder_falls_and_is_proven(place):
    solved = solve_options(place, study(Rules(neighbourhoods=3)))
    assert [one.option_id for one in solved] == ["move-0", "move-1"]
    assert [one.status for one in solved] == ["optimal", "optimal"]
    assert [one.objective for one in solved] == [5393, 4713]
    assert all(one.bound == one.objective for one in solved)


def test_the_same_study_gives_the_same_plans(place):
    first, second = (
        solve_options(place, study(Rules(neighbourhoods=2), max_moves=0)) for _ in range(2)
    )
    assert [one.plan.lsoas.tolist() for one in first] == [one.plan.lsoas.tolist() for one in second]


def test_stopping_at_once_keeps_a_plan_with_a_true_bound(place):
    (solved,) = solve_options(place, study(Rules(neighbourhoods=2), max_moves=0), stop=lambda: True)
    assert solved.bound is None or solved.bound <= solved.objective


def test_too_many_neighbourhoods_for_the_pcns(place):
    with pytest.raises(InfeasibleError, match="3 PCNs may be anchored in 3 at most"):
        solve_options(place, study(Rules(neighbourhoods=4)))


def test_clashing_locks_are_named_and_others_are_not(place):
    locks = (
        Lock(together=("E01000000", "E01000029"), reason="one estate"),
        Lock(apart=("E01000000", "E01000029"), reason="two estates"),
        Lock(together=("E01000001", "E01000002"), reason="innocent"),
    )
    with pytest.raises(InfeasibleError) as caught:
        solve_options(place, study(Rules(neighbourhoods=2), locks))
    assert "one estate" in str(caught.value)
    assert "two estates" in str(caught.value)
    assert "innocent" not in str(caught.value)
    assert "residents" not in str(caught.value)


def test_a_band_too_narrow_is_said_with_its_numbers(place):
    with pytest.raises(InfeasibleError, match="residents in each of 2 neighbourhoods"):
        solve_options(
            place, study(Rules(neighbourhoods=2, residents=(10_000, 20_000)), max_moves=0)
        )


def test_given_footprints_are_matched_exactly(place):
    west = place.lsoas["centre_e"] < 3000
    names = west.map({True: "West", False: "East"})
    given = replace(place, footprints={"given": names})
    solved = solve_options(given, study(Rules(neighbourhoods=2), max_moves=1))
    last = solved[-1]
    assert last.family == "footprint"
    assert last.status == "optimal"
    assert last.plan.lsoas.tolist() == names.tolist()


def test_best_fit_keeps_locks_that_name_a_pcn(place):
    practice = place.practices.index[0]
    own = place.practices["pcn_code"][practice]
    lock = Lock(stays=(practice,), reason="a lease")
    asked = study(Rules(neighbourhoods=3), (lock,), best_fit=True)
    best_fit = solve_options(place, asked)[-1]
    assert best_fit.family == "best-fit"
    others = place.practices.index[(place.practices["pcn_code"] == own)].drop(practice)
    assert best_fit.plan.practices[practice] in set(best_fit.plan.practices[others])
    assert best_fit.bound is not None
    assert 0 < best_fit.bound <= best_fit.objective


def test_large_places_may_take_more_and_fewer_patterns_are_walked_longer():
    borough, pair = limits_for("standard", 220), limits_for("standard", 440)
    assert limits_for("standard") == limits_for("standard", 100) == borough
    assert pair == replace(
        borough, work=8 * borough.work, wide=8 * borough.wide, maps=4 * borough.maps
    )
    few = pair.for_few(borough.wide)
    assert (few.wide, few.steps) == (borough.wide, 8 * borough.steps)
    assert borough.for_few(10_000) == borough
