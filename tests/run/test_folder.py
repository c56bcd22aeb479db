from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from tests.runs import SQUAREBOROUGH

from boundaries.errors import InputError
from boundaries.pipeline import Ready, run_of
from boundaries.plan import Plan
from boundaries.run import read_run, write_run, writing
from boundaries.run.near import NearPlans
from boundaries.run.options import as_is_option, labels_of, measured_option
from boundaries.run.record import Clock
from boundaries.run.settled import settled_shares
from boundaries.study import parse_study

STUDY = (
    SQUAREBOROUGH
    + """
[rules]
neighbourhoods = 2
residents_band = 0.5
"""
)


@pytest.fixture
def run(small_place, tmp_path):
    study = parse_study(STUDY, folder=tmp_path, must_exist=False)
    halves = Plan(
        small_place.lsoas.index.to_series().map(lambda code: "WE"[int(code[-2:]) % 6 >= 3]),
        pd.Series({"A00001": "W", "A00002": "W", "A00006": "W"}
                  | dict.fromkeys(["A00003", "A00004", "A00005"], "E")),
    )  # fmt: skip
    labels = labels_of(small_place, halves)
    options = (
        as_is_option(small_place, study, labels),
        measured_option(small_place, study, halves, option_id="scored", family="scored",
                        title="Halves", labels=labels),
    )  # fmt: skip
    return run_of(Ready(study, small_place, (), Clock()), options)


def test_a_run_read_back_is_the_run_that_was_written(run, tmp_path):
    write_run(run, tmp_path / "out")
    again = read_run(tmp_path / "out")
    assert [option.option_id for option in again.options] == ["as-is", "scored"]
    for before, after in zip(run.options, again.options, strict=True):
        assert after.measures.summary == pytest.approx(before.measures.summary)
        assert dict(after.measures.neighbourhoods["name"]) == dict(
            before.measures.neighbourhoods["name"]
        )
        pd.testing.assert_series_equal(after.plan.lsoas, before.plan.lsoas)
    assert again.catchment.to_dict() == run.catchment.to_dict()
    write_run(again, tmp_path / "again")
    for table in (tmp_path / "out").glob("*.csv"):
        assert table.read_bytes() == (tmp_path / "again" / table.name).read_bytes(), table.name


def test_the_csv_files_have_the_agreed_columns(run, tmp_path):
    write_run(run, tmp_path / "out")
    options = pd.read_csv(tmp_path / "out" / "options.csv")
    assert list(options.columns[:7]) == [
        "option_id", "family", "neighbourhoods", "practices_moved", "patients_moved",
        "misaligned_patients", "alignment",
    ]  # fmt: skip
    assert {"residents_changing_nursing", "residents_changing_social_care"} <= set(options)
    assert list(options.columns[-7:]) == [
        "bonds_parted", "pairs_parted", "objective", "bound", "gap", "status", "seconds",
    ]  # fmt: skip
    pairs = pd.read_csv(tmp_path / "out" / "neighbours.csv", dtype=str)
    assert list(pairs) == ["lsoa_code_a", "lsoa_code_b", "border_m", "bond", "why"]
    assert len(pairs) == 49
    lsoas = pd.read_csv(tmp_path / "out" / "lsoas.csv", dtype=str)
    assert list(lsoas) == ["option_id", "lsoa_code", "neighbourhood"]
    assert len(lsoas) == 60
    practices = pd.read_csv(tmp_path / "out" / "practices.csv", dtype=str)
    assert list(practices) == [
        "option_id", "practice_code", "neighbourhood", "pcn_code_now", "pcn_code_option", "moved",
    ]  # fmt: skip
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["schema_version"] == "1"
    assert record["study"]["sha256"] == run.study.sha256


def test_nothing_half_written_is_left_behind(tmp_path):
    wanted = tmp_path / "out"
    with pytest.raises(RuntimeError), writing(wanted) as draft:  # noqa: PT012 - the failure is midway
        (draft / "first.csv").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_files_of_an_earlier_run_are_replaced_only_when_all_went_well(tmp_path):
    with writing(tmp_path / "out") as draft:
        (draft / "a.csv").write_text("old")
    with pytest.raises(RuntimeError), writing(tmp_path / "out") as draft:  # noqa: PT012
        (draft / "a.csv").write_text("new")
        raise RuntimeError
    assert (tmp_path / "out" / "a.csv").read_text() == "old"
    with writing(tmp_path / "out") as draft:
        (draft / "a.csv").write_text("new")
    assert (tmp_path / "out" / "a.csv").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_no_run_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"it has no run\.json, place\.gpkg"):
        read_run(tmp_path)


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="is a file"), writing(tmp_path / "out"):
        pass


def test_near_plans_come_back_and_older_folders_without_them_still_do(run, tmp_path):
    other = run.options[1].plan
    near = pd.DataFrame(
        [("move-0-near-001", "scored", 0, 0, 10, 0.9, 10.0, 0.01, 2, 0)],
        columns=list(run.near.columns),
    )
    told = NearPlans(plans=(run.options[0].plan,), stays=frozenset({"E01000000"}))
    run = replace(run, near=near, settled=settled_shares([other], told))
    write_run(run, tmp_path / "out")
    again = read_run(tmp_path / "out")
    pd.testing.assert_frame_equal(again.near, near, check_dtype=False)
    pd.testing.assert_frame_equal(again.settled, run.settled, check_dtype=False)
    for name in ("near_plans.csv", "near_differences.csv"):
        (tmp_path / "out" / name).unlink()
    old = run.settled[["kind", "code", "share"]]
    old.to_csv(tmp_path / "out" / "settled.csv", index=False)
    again = read_run(tmp_path / "out")
    assert again.near.empty
    assert list(again.near) == list(near)
    assert again.settled["share"].tolist() == old["share"].tolist()
    assert again.settled["sure"].isna().all()


def test_settled_says_where_how_often_and_how_sure(run):
    one, two = run.options[1].plan, run.options[0].plan
    near = NearPlans(
        plans=(two,), stays=frozenset({"E01000000", "E01000005"}), at_least={"E01000000": 0.03}
    )
    frame = settled_shares([one, one], near).set_index("code")
    assert set(frame["plans"]) == {2}
    for code, row in frame.iterrows():
        kind = getattr(one, "lsoas" if row["kind"] == "lsoa" else "practices")
        agrees = kind[code] == getattr(two, kind.index.name.removesuffix("_code") + "s")[code]
        assert row["share"] == (1.0 if agrees else 0.5)
        assert row["elsewhere"] == (0 if agrees else 1)
        shown = agrees and code in near.stays
        assert row["sure"] == ("stays" if shown else "not found" if agrees else "elsewhere")
    assert frame["at_least_share"]["E01000000"] == 0.03
    assert settled_shares([one]).empty
