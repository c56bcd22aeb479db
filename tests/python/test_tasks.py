"""Twelve tasks of a place team: they run, are five lines at most, and are typed."""

from __future__ import annotations

import ast
import inspect
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from tests.python import tasks
from tests.python.mini import frames, mini_study

import boundaries
from boundaries.pages.assets import require_self_contained

TASKS = [
    task
    for _, task in inspect.getmembers(tasks, inspect.isfunction)
    if task.__module__ == tasks.__name__
]


@pytest.fixture(scope="module")
def study():
    return mini_study()


@pytest.fixture(scope="module")
def run(study):
    return boundaries.propose(study)


def test_there_are_twelve_and_each_takes_five_lines_at_most():
    assert len(TASKS) == 12
    for task in TASKS:
        (body,) = ast.parse(inspect.getsource(task)).body
        lines = {
            line
            for statement in body.body[1:]
            for line in range(statement.lineno, statement.end_lineno + 1)
        }
        assert len(lines) <= 5, task.__name__


def test_only_public_names_are_used():
    tree = ast.parse(Path(tasks.__file__).read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "boundaries"
    }
    assert used <= set(boundaries.__all__)


def test_mypy_strict_passes_on_them():
    words = [sys.executable, "-m", "mypy", "--strict", tasks.__file__]
    root = Path(boundaries.__file__).parents[2]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout


def test_detached_catchments(run):
    table = tasks.detached_catchments(run)
    parts = run.catchment_parts()
    assert parts["residents"].sum() == run.place.lsoas["residents"].sum()
    assert len(table) == (parts["part"] > 1).sum()
    counted = parts.groupby("pcn_code")["part"].max()
    assert counted.to_dict() == run.facts["catchment_parts"].loc[counted.index].to_dict()


def test_practice_shares(run):
    table = tasks.practice_shares(run)
    assert table.shape == (6, 3)
    assert table.sum(axis=1).round(9).eq(1).all()
    option, shares = run["move-1"], run["move-1"].practice_shares()
    at_home = shares[shares["sits_in"] == shares["lives_in"]]["patients"].sum()
    summary = option.measures.summary
    assert at_home == summary["patients_counted"] - summary["misaligned_patients"]


def test_own_indicator(run):
    lsoas = run.place.lsoas
    mine = pd.DataFrame({"score": range(30), "homes": 10}, index=lsoas.index)
    table = tasks.own_indicator(run, mine)
    assert table["homes"].sum() == table["homes_as_is"].sum() == 300
    first = run["move-1"].plan.lsoas.eq("1")
    weighed = (mine["score"] * lsoas["residents"])[first].sum() / lsoas["residents"][first].sum()
    assert table.loc["1", "score"] == pytest.approx(weighed)
    change = table.loc["1", "score"] - table.loc["1", "score_as_is"]
    assert table.loc["1", "score_change"] == pytest.approx(change)


def test_own_indicator_says_what_is_missing(run):
    mine = pd.DataFrame({"score": range(29)}, index=run.place.lsoas.index[:29])
    with pytest.raises(
        boundaries.InputError, match=r"1 of the place's 30 LSOAs.*no column 'homes'"
    ):
        tasks.own_indicator(run, mine)


def test_plot_and_explore(run, tmp_path):
    points = run.place.practices[["geometry"]].assign(name="<b>Clinic</b>")
    page = tasks.plot_and_explore(run, points, tmp_path).read_text(encoding="utf-8")
    require_self_contained(page)
    assert "&lt;b&gt;Clinic&lt;/b&gt;" in page or "\\u0026lt;b" in page
    assert "<b>Clinic</b>" not in page
    assert page.count('<th scope="row">') == 3


def test_a_layer_that_calls_out_is_refused(run):
    from folium import Icon, Marker  # noqa: PLC0415
    from folium.plugins import Fullscreen  # noqa: PLC0415

    drawn = run["move-1"].explore()
    Marker([51, 0], icon=Icon()).add_to(drawn)
    Fullscreen().add_to(drawn)
    with pytest.raises(boundaries.BoundariesError, match="does not ship"):
        drawn.page()


def test_lock_two_and_compare(study, run):
    table = tasks.lock_two_and_compare(study, run, "A00003", "A00004")
    assert list(table.index) == [option.option_id for option in run]
    assert (table["misaligned_patients_change"].drop("as-is") >= 0).all()
    assert (table.loc["as-is", ["residents_elsewhere", "practices_elsewhere"]] == 0).all()


def test_move_and_score(study, run):
    scored = tasks.move_and_score(study, run, "A00003")
    assert [option.option_id for option in scored] == ["as-is", "scored"]
    both = boundaries.changed(run["move-0"], scored["scored"])
    assert both["code"].to_list() == ["A00003"]


def test_from_three_to_five(study):
    table = tasks.from_three_to_five(study.with_(max_moves=0, best_fit=False))
    assert list(table.index) == [3, 4, 5]
    assert table["move-0"].is_monotonic_decreasing  # more neighbourhoods, fewer aligned
    assert table["as-is"].notna().all()


def test_for_qgis_and_r(run, tmp_path):
    path = tasks.for_qgis_and_r(run, tmp_path)
    styles = pyogrio.read_dataframe(path, layer="layer_styles", read_geometry=False)
    assert set(styles["f_table_name"]) == {"neighbourhoods", "lsoas", "practices"}
    assert styles["styleQML"].str.count("<category ").eq(3).all()
    practices = gpd.read_file(path, layer="practices").set_index("practice_code")
    moved = run["move-1"].measures.practices["moved"]
    assert practices["moved"].astype(bool).to_dict() == moved.to_dict()
    assert practices.crs.to_epsg() == 27700
    assert {"pcn_name_now", "pcn_name_option", "neighbourhood_name"} <= set(practices)
    with pytest.raises(boundaries.InputError, match="there already"):
        run["move-1"].to_file(path)


def test_change_hands(run):
    table = tasks.change_hands(run)
    one, other = run["move-0"].plan, run["move-1"].plan
    assert (table["kind"] == "practice").sum() == (one.practices != other.practices).sum()
    swapped = {"1": "2", "2": "1"}
    same = boundaries.changed(
        run["move-1"], boundaries.score(mini_study(), other.relabelled(swapped))["scored"]
    )
    assert same.empty  # only the labels differ


def test_progress_and_history(study):
    heard: list[boundaries.Progress] = []
    table = tasks.progress_and_history(study)
    assert {"move-0", "move-1"} <= set(table["option_id"])
    assert table["seconds"].is_monotonic_increasing
    run = boundaries.propose(study.with_(max_moves=0, best_fit=False), progress=heard.append)
    told = set(run.history["option_id"])
    assert {"move-0"} <= told <= {news.option_id for news in heard}


def test_study_from_frames(tmp_path):
    study = tasks.study_from_frames(frames(), tmp_path / "mine.toml")
    assert [one.level for one in boundaries.check(study) if one.level == "error"] == []


def test_stop_and_keep(study, tmp_path):
    timer = threading.Timer(0.0, os.kill, (os.getpid(), signal.SIGINT))
    heard: list[boundaries.Progress] = []

    def press(news: boundaries.Progress) -> None:
        if not heard:
            timer.start()
            timer.join()
        heard.append(news)

    whole = boundaries.propose
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    try:
        boundaries.propose = lambda study: whole(study, progress=press)
        run = tasks.stop_and_keep(study.with_(max_moves=3), tmp_path / "run")
        after = signal.getsignal(signal.SIGINT)
    finally:
        boundaries.propose = whole
        signal.signal(signal.SIGINT, before)
    assert run.stopped
    assert set(run.not_reached) & {"move-2", "move-3", "best-fit"}
    assert "Stopped early" in run._repr_html_()
    assert "Stopped early" in boundaries.pages.draw_map(run).html
    assert after is signal.default_int_handler


def test_stopped_before_any_plan_there_is_today(study):
    run = boundaries.propose(study, stop=lambda: True)
    assert run.stopped
    assert [option.option_id for option in run][:1] == ["as-is"]
