"""Runs for the tests that draw, write or open one: a plugin that `tests/conftest.py` loads.

`small_run` is the small place with plans drawn by hand; `example_run` is the shipped example,
solved once for the whole session with two moves and the least effort.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from boundaries.measure import (
    find_catchments,
    measure_flows,
    measure_pcn_facts,
    measure_plan,
)
from boundaries.pages.map import write_map
from boundaries.pages.report import write_report
from boundaries.pages.word import write_word
from boundaries.pages.workbook import write_workbook
from boundaries.plan import Plan
from boundaries.problems import Problem
from boundaries.read.tables import Source
from boundaries.run import Option, Run, write_run
from boundaries.run.options import moves_of
from boundaries.study import Study, load_study

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.place import Place

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "example" / "study.toml"

SOURCES = (
    Source("registrations", "registrations.csv", "ab" * 32, 120, "NHS England", "2025-10-01"),
    Source("lsoas", "lsoas.gpkg", "cd" * 32, 30, "Office for National Statistics", "2021-12-01"),
    Source("postcodes", "codepo.zip!sq.csv", "ef" * 32, 6, "Ordnance Survey", "2025-05-01"),
)

STUDY = Study.model_validate(
    {
        "place": {"boroughs": ["E09000099"], "name": "Squareborough (made up)"},
        "data": {"registrations": "registrations.csv", "lsoas": "lsoas.gpkg"},
        "rules": {"neighbourhoods": 3, "residents_band": 0.6, "pcn_floor": 0},
        "teams": {
            "nursing": {"file": "nursing.gpkg", "label": "Community nursing"},
            "social_care": {"file": "care.gpkg", "label": "Adult social care"},
        },
        "report": {
            "purpose": "To see where the lines of PCNs and neighbourhoods could meet.",
            "success_factors": ["People keep their practice", "Teams keep their patch"],
            "organisation": "Squareborough place partnership",
        },
    }
)

SQUAREBOROUGH = """
[place]
boroughs = "Squareborough"
[data]
registrations = "r.csv"
lsoas = "l.zip"
"""
"""The first part of a study of the small place."""


def _plan(place, of_cell, practices) -> Plan:
    labels = [of_cell(n % 6, n // 6) for n in range(30)]
    return Plan(
        pd.Series(labels, index=place.lsoas.index),
        pd.Series(list(practices), index=place.practices.index),
    )


def plans(place) -> dict[str, Plan]:
    def today(c, r):
        return "1" if c <= 1 else "3" if r == 0 else "2"

    def halves(c, r):
        return "1" if c <= 1 else "3" if c >= 3 and r <= 2 else "2"

    return {
        "as-is": _plan(place, today, "112231"),
        "move-0": _plan(place, today, "112232"),
        "move-1": _plan(place, halves, "113232"),
        "best-fit": _plan(place, halves, "113232"),
    }


_KINDS = {
    "as-is": ("as-is", "Today", "measured", None),
    "move-0": ("ladder", "No practice moves", "optimal", 1.0),
    "move-1": ("ladder", "At most 1 practice moves", "feasible", 0.98),
    "best-fit": ("best-fit", "Best fit found, not proposed", "feasible", 0.95),
}


def run_of(place: Place, study: Study, options: Iterable[Option], **more) -> Run:
    """Put a place and its options together as `boundaries.pipeline` does."""
    options, catchment = tuple(options), find_catchments(place)
    known = {"settled": pd.DataFrame(columns=["kind", "code", "share"])} | more
    return Run(
        place=place,
        study=study,
        options=options,
        facts=measure_pcn_facts(place, catchment),
        flows=measure_flows(place, catchment),
        catchment=catchment,
        moves=moves_of(place, options),
        **known,
    )


def make_run(place: Place) -> Run:
    place = replace(place, sources=SOURCES)
    options = []
    for key, plan in plans(place).items():
        family, title, status, share = _KINDS[key]
        waived = frozenset({6, 7}) if key == "best-fit" else frozenset()
        measures = measure_plan(place, plan, study=STUDY, waived=waived)
        bound = None if share is None else measures.summary["objective"] * share
        options.append(Option(key, family, title, plan, measures, status, bound, 1.5))
    problem = Problem(
        "note", "registrations.csv", 3, "A00001", "lsoa_code", "40 patients have no LSOA.",
        "They count as living outside the place.",
    )  # fmt: skip
    record = {
        "tool": "boundaries",
        "version": "0.1.0",
        "study": {"sha256": "12" * 32, "text": ""},
        "seed": 1,
    }
    return run_of(place, STUDY, options, problems=(problem,), record=record)


@pytest.fixture(scope="session")
def small_run(small_place) -> Run:
    return make_run(small_place)


@pytest.fixture(scope="session")
def example_study() -> Study:
    study = load_study(EXAMPLE)
    options = study.options.model_copy(
        update={
            "max_moves": 2,
            "effort": "quick",
            "settled": 0,
            "sensitivity": False,
        }
    )
    return study.model_copy(update={"options": options})


@pytest.fixture(scope="session")
def example_run(example_study) -> Run:
    """As today, no moves, one, two, the ceiling, and teams that stay: some 20 seconds of a core."""
    from boundaries import pipeline  # noqa: PLC0415 - only where it is asked for

    return pipeline.propose(example_study)


@pytest.fixture(scope="session")
def example_folder(example_run, tmp_path_factory) -> Path:
    """The folder of the example's run with its pages; the pictures beside them are left out."""
    home = tmp_path_factory.mktemp("example") / "run"
    write_run(example_run, home)
    write_map(example_run, home / "map.html")
    write_report(example_run, home / "report.html")
    write_word(example_run, home / "report.docx")
    write_workbook(example_run, home / "workbook.xlsx")
    return home
