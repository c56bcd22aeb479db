"""Twelve things that a place team wants to do, each in five lines of public calls at most.

`tests/python/test_tasks.py` runs them, counts their lines, and has mypy --strict read this file as
a user's script.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

import boundaries


def detached_catchments(run: boundaries.Run) -> pd.DataFrame:
    """Which PCN catchments are in several parts, and how many people live in them?"""
    parts = run.catchment_parts()
    return parts[parts["part"] > 1][["pcn_name", "lsoas", "residents", "patients"]]


def practice_shares(run: boundaries.Run) -> pd.DataFrame:
    """Where do each practice's patients live?"""
    shares = run["move-1"].practice_shares()
    return shares.pivot(index="practice_name", columns="lives_in_name", values="share").fillna(0)


def own_indicator(run: boundaries.Run, mine: pd.DataFrame) -> pd.DataFrame:
    """What do our own figures by LSOA look like by neighbourhood, against today?"""
    means = {"score": "residents"}
    return run["move-1"].aggregate(mine, sums=["homes"], means=means, against="as-is")


def plot_and_explore(run: boundaries.Run, points: gpd.GeoDataFrame, folder: Path) -> Path:
    """Draw an option with our own points on it; save the map so that it opens offline."""
    axes = run["move-1"].plot()
    points.plot(ax=axes, color="black")
    return run["move-1"].explore().add_layer(points, columns=["name"]).save(folder / "map.html")


def lock_two_and_compare(study: boundaries.Study, run: boundaries.Run, *two: str) -> pd.DataFrame:
    """What does it cost when two practices stay in their PCNs?"""
    wish = boundaries.Lock(stays=two, reason="They share nurses with their PCN.")
    locked = boundaries.propose(study.with_(locks=[*study.locks, wish]))
    return boundaries.compare(run, locked)


def move_and_score(study: boundaries.Study, run: boundaries.Run, code: str) -> boundaries.Run:
    """What if one practice were somewhere else?"""
    plan = run["move-0"].plan
    elsewhere = next(label for label in plan.neighbourhoods if label != plan.practices[code])
    return boundaries.score(study, plan.move(code, to=elsewhere))


def from_three_to_five(study: boundaries.Study) -> pd.DataFrame:
    """How many neighbourhoods should there be: three, four or five?"""
    tried = boundaries.propose_each(study, neighbourhoods=[3, 4, 5])
    return tried.pivot(index="neighbourhoods_asked", columns="option_id", values="alignment")


def for_qgis_and_r(run: boundaries.Run, folder: Path) -> Path:
    """Take an option to QGIS and to R."""
    run["move-1"].to_gdf("practices").to_csv(folder / "practices.csv")
    return run["move-1"].to_file(folder / "move-1.gpkg")


def change_hands(run: boundaries.Run) -> pd.DataFrame:
    """Which LSOAs and practices change hands between two options?"""
    table = boundaries.changed(run["move-0"], run["move-1"])
    return table[["kind", "name", "residents", "name_a", "name_b"]]


def progress_and_history(study: boundaries.Study) -> pd.DataFrame:
    """Watch the search, and see afterwards how it got on."""
    run = boundaries.propose(study, progress=True)
    return run.history[["option_id", "seconds", "best", "gap"]]


def study_from_frames(data: dict[str, pd.DataFrame], file: Path) -> boundaries.Study:
    """Make a study of frames in memory, check it, and keep it."""
    place, rules = {"boroughs": "Squareborough"}, {"neighbourhoods": 3, "pcn_floor": 0}
    study = boundaries.Study(place=place, data=data, rules=rules)
    print(boundaries.frame_of(boundaries.check(study)))
    return boundaries.load_study(study.to_toml(file))


def stop_and_keep(study: boundaries.Study, folder: Path) -> boundaries.Run:
    """Press the stop button: what was found is kept, marked, and can be saved."""
    run = boundaries.propose(study)  # interrupted
    print(run.stopped, run.not_reached)
    return boundaries.read_run(boundaries.save(run, folder, pages=False))
