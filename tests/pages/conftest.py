"""A run of the small made-up place: plans drawn by hand, measured by `boundaries.measure`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from boundaries.measure import (
    find_catchments,
    list_moves,
    measure_flows,
    measure_pcn_facts,
    measure_plan,
)
from boundaries.pages.report import report_html
from boundaries.plan import Plan
from boundaries.problems import Problem
from boundaries.read.tables import Source
from boundaries.run import Option, Run
from boundaries.study import Study

HOSTILE = "<img src=x onerror=alert(1)> & Sons"
FORMULA = "=1+1"
DOLLAR = "$x_1$ Surgery"

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


def make_run(place) -> Run:
    place = replace(place, sources=SOURCES)
    catchment = find_catchments(place)
    options = []
    for key, plan in plans(place).items():
        family, title, status, share = _KINDS[key]
        waived = frozenset({6, 7}) if key == "best-fit" else frozenset()
        measures = measure_plan(place, plan, study=STUDY, waived=waived)
        bound = None if share is None else measures.summary["objective"] * share
        options.append(Option(key, family, title, plan, measures, status, bound, 1.5))
    return Run(
        place=place,
        study=STUDY,
        options=tuple(options),
        facts=measure_pcn_facts(place, catchment),
        flows=measure_flows(place, catchment),
        catchment=catchment,
        moves=_moves(place, options),
        settled=pd.DataFrame(columns=["kind", "code", "share"]),
        problems=(
            Problem(
                "note", "registrations.csv", 3, "A00001", "lsoa_code", "40 patients have no LSOA.",
                "They count as living outside the place.",
            ),
        ),
        record={"version": "0.1.0", "study": {"sha256": "12" * 32, "text": ""}, "seed": 1},
    )  # fmt: skip


def _moves(place, options) -> pd.DataFrame:
    lists = []
    for option in options:
        moves = list_moves(place, option.plan, option.measures)
        moves.insert(0, "option_id", option.option_id)
        lists.append(moves)
    return pd.concat([moves for moves in lists if len(moves)], ignore_index=True)


@pytest.fixture(scope="session")
def small_run(small_place) -> Run:
    return make_run(small_place)


@pytest.fixture(scope="session")
def small_html(small_run) -> str:
    """The report of the small run: made once, it takes seconds."""
    return report_html(small_run)


@pytest.fixture(scope="session")
def hostile_run(small_place) -> Run:
    """The small run with names that a page or a spreadsheet might take for code."""
    place = small_place
    practices = place.practices.assign(
        practice_name=[HOSTILE, FORMULA, DOLLAR, HOSTILE, FORMULA, DOLLAR]
    )
    pcns = place.pcns.assign(pcn_name=[HOSTILE, FORMULA, DOLLAR])
    return make_run(replace(place, practices=practices, pcns=pcns))


_VOID = {"meta", "img", "br", "link", "hr", "input"}


@dataclass
class Number:
    """A number as shown, with its ``file|key|column``."""

    source: str
    kind: str
    shown: str = ""


@dataclass
class Page(HTMLParser):
    """What a test wants to know of a page."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    open: list[tuple[str, Number | None]] = field(default_factory=list)

    def __post_init__(self):
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.tags.append((tag, known))
        number = None
        if "data-from" in known:
            number = Number(known["data-from"], known["data-kind"])
            self.numbers.append(number)
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append((tag, ""))
        if tag not in _VOID:
            self.open.append((tag, number))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        if not {"style", "script"} & set(inside):
            self.text.append(data)
        if self.headings and set(inside) & {"h1", "h2", "h3", "h4"}:
            tag, said = self.headings[-1]
            self.headings[-1] = (tag, said + data)
        if "small" not in inside:
            for _, number in self.open:
                if number is not None:
                    number.shown += data.strip()


def _read_page(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, f"left open: {page.open}"
    return page


@pytest.fixture(scope="session")
def read_page():
    """The reader of our own pages."""
    return _read_page
