"""A browser with its network off, and pages made from the small place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd
import pytest

from boundaries.measure import (
    as_is_plan,
    find_catchments,
    list_moves,
    measure_flows,
    measure_pcn_facts,
    measure_plan,
)
from boundaries.pages.map import write_map
from boundaries.plan import Plan
from boundaries.read.tables import Source
from boundaries.run import Option, Run
from boundaries.study import Study


@dataclass
class Opened:
    """A page and everything that went wrong, or out, while it was open."""

    page: object
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __getattr__(self, name):
        return getattr(self.page, name)


@pytest.fixture
def open_page(chromium):
    """Open a file in a new, empty profile with the network off; fail on any call or error."""
    opened = []

    def visit(path, *, fragment="", width=1366, height=768, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, offline=True, **options
        )
        page = context.new_page()
        one = Opened(page)
        page.on("request", lambda request: one.requests.append(request.url))
        page.on("pageerror", lambda error: one.errors.append(str(error)))
        page.on(
            "console",
            lambda message: one.errors.append(message.text) if message.type == "error" else None,
        )
        page.goto(f"{path.as_uri()}{fragment}")
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html.drawn", state="attached")
        opened.append((one, context))
        return one

    yield visit
    for one, context in opened:
        context.close()
        outside = [url for url in one.requests if not url.startswith(("file:", "data:", "blob:"))]
        assert outside == [], "the page called out"
        assert one.errors == [], "the page's scripts failed"


def study_of(**rules) -> Study:
    return Study.model_validate(
        {
            "place": {"boroughs": ["E09000099"], "name": "Squareborough (made up)"},
            "data": {"registrations": "registrations.csv", "lsoas": "lsoas.gpkg"},
            "rules": {"neighbourhoods": 3, "residents_band": 0.6} | rules,
        }
    )


def hand_drawn(place) -> dict[str, Plan]:
    """Three plans drawn by hand: columns, and two in which a practice moves."""

    def plan(of_cell, practices):
        labels = [of_cell(n % 6, n // 6) for n in range(30)]
        return Plan(
            pd.Series(labels, index=place.lsoas.index),
            pd.Series(list(practices), index=place.practices.index),
        )

    def columns(c, _):
        return str(1 + c // 2)

    def corner(c, r):
        return "1" if c < 2 else "3" if c > 3 and r < 3 else "2"

    return {
        "move-0": plan(columns, "112231"),
        "move-1": plan(corner, "112232"),
        "move-2": plan(corner, "132232"),
    }


def run_of(place, study: Study) -> Run:
    options = [_option("as-is", "as-is", "As it is today", place, as_is_plan(place), study)]
    titles = {"move-0": "No practice moves", "move-1": "One moves", "move-2": "Two move"}
    options += [
        _option(key, "ladder", titles[key], place, plan, study)
        for key, plan in hand_drawn(place).items()
    ]
    catchment = find_catchments(place)
    return Run(
        place=place,
        study=study,
        options=tuple(options),
        facts=measure_pcn_facts(place, catchment),
        flows=measure_flows(place, catchment),
        catchment=catchment,
        moves=pd.concat(
            [
                list_moves(place, option.plan, option.measures).assign(option_id=option.option_id)
                for option in options
            ],
            ignore_index=True,
        ),
        settled=pd.DataFrame(columns=["kind", "code", "share"]),
    )


def _option(option_id, family, title, place, plan, study) -> Option:
    measures = measure_plan(place, plan, study=study)
    status = "measured" if family == "as-is" else "feasible"
    bound = None if family == "as-is" else measures.summary["objective"] * 0.95
    return Option(option_id, family, title, plan, measures, status, bound)


@pytest.fixture(scope="session")
def sources():
    return (
        Source("registrations", "r.csv", "ab" * 32, 120, "NHS England", "2025-10-01"),
        Source("lsoas", "l.gpkg", "cd" * 32, 30, "Office for National Statistics", "2021-12-01"),
    )


@pytest.fixture(scope="session")
def browser_run(small_place, sources):
    return run_of(replace(small_place, sources=sources), study_of())


@pytest.fixture(scope="session")
def small_map(browser_run, tmp_path_factory):
    """The map of the small place, on disk."""
    return write_map(browser_run, tmp_path_factory.mktemp("map") / "map.html")
