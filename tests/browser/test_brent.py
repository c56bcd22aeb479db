"""A real borough, where the open data lies beside the checkout: size, drawing, and the sums.

The plans are not proposals: LSOAs go to the nearest of five points, and some practices with them.
"""

import numpy as np
import pandas as pd
import pytest
from tests.runs import run_of

from boundaries.checks import check_tables
from boundaries.measure import as_is_plan, measure_plan
from boundaries.pages.map import write_map
from boundaries.place import build_place
from boundaries.plan import Plan
from boundaries.problems import raise_on_errors
from boundaries.read import read_tables
from boundaries.run import Option, Run
from boundaries.study import parse_study

pytestmark = [pytest.mark.browser, pytest.mark.london]

STUDY = """
[place]
boroughs = ["Brent"]
[data]
registrations = [
  "london/registrations.parquet",
  "london/registrations_london_residents_at_other_practices.parquet",
]
practices = "london/practices.csv"
memberships_on = 2022-07-01
lsoas = "london/lsoas11.gpkg"
residents_column = "pop_mid2020"
wards = "london/wards25.gpkg"
[rules]
neighbourhoods = 5
"""


@pytest.fixture(scope="module")
def brent(london) -> Run:
    study = parse_study(STUDY, folder=london)
    tables, unread = read_tables(study)
    raise_on_errors((*unread, *check_tables(tables, study)))
    place, _ = build_place(tables, study)
    options = [_option("as-is", "As it is today", place, as_is_plan(place), study)]
    lsoas = _nearest(place, 5)
    for count in range(7):
        plan = Plan(lsoas, _practices(place, lsoas, movers=count))
        options.append(_option(f"move-{count}", f"{count} practices move", place, plan, study))
    return run_of(place, study, options)


def _option(option_id, title, place, plan, study) -> Option:
    measures = measure_plan(place, plan, study=study)
    return Option(option_id, option_id.split("-")[0], title, plan, measures, "measured")


def _nearest(place, count) -> pd.Series:
    points = place.lsoas[["centre_e", "centre_n"]].to_numpy(dtype=float)
    centres = points[np.linspace(0, len(points) - 1, count).astype(int)]
    for _ in range(20):
        nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        centres = np.array([points[nearest == k].mean(axis=0) for k in range(count)])
    return pd.Series([str(k + 1) for k in nearest], index=place.lsoas.index)


def _practices(place, lsoas, *, movers) -> pd.Series:
    rows = place.registrations.assign(label=lsoas.reindex(place.registrations["lsoa_code"]).array)
    own = rows.pivot_table("patients", "practice_code", "label", aggfunc="sum", fill_value=0)
    own = own.reindex(place.practices.index, fill_value=0)
    best = own.idxmax(axis=1)
    pcn = place.practices["pcn_code"].fillna("none")
    home = own.groupby(pcn).sum().idxmax(axis=1)
    sits = pcn.map(home).where(pcn != "none", best)
    gain = own.max(axis=1) - np.array([own.loc[p, sits[p]] for p in own.index])
    moved = gain.sort_values(ascending=False, kind="stable").index[:movers]
    return sits.where(~sits.index.isin(moved), best)


@pytest.fixture(scope="module")
def brent_map(brent, tmp_path_factory):
    return write_map(brent, tmp_path_factory.mktemp("brent") / "map.html")


def test_eight_options_fit_into_a_megabyte(brent, brent_map):
    assert len(brent.options) == 8
    assert brent_map.stat().st_size <= 1_000_000


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
def test_it_draws_every_lsoa_and_no_names_collide(brent, brent_map, open_page, size):
    page = open_page(brent_map, fragment="#option=move-3", width=size[0], height=size[1])
    boxes = page.locator("#pane-a path.area").evaluate_all(
        "paths => paths.map((path) => path.getBoundingClientRect().width)"
    )
    assert len(boxes) == len(brent.place.lsoas) == 173
    assert min(boxes) > 0
    names = page.locator("#pane-a .name-label:not(.crowded) span").evaluate_all(
        "spans => spans.map((span) => { const box = span.getBoundingClientRect();"
        " return [box.left, box.right, box.top, box.bottom]; })"
    )
    assert len(names) == 5
    for at, (left, right, top, bottom) in enumerate(names):
        for other in names[at + 1 :]:
            assert right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top


@pytest.mark.parametrize("option", ["as-is", "move-0", "move-4", "move-6"])
def test_the_page_measures_as_the_score_does(brent, brent_map, open_page, option):
    page = open_page(brent_map, fragment=f"#option={option}&view=try")
    page.get_by_label("Move whatever I choose to").check()
    steps = {"as-is": 0}.get(option, 6)
    for code in list(brent.place.lsoas.index[20 : 20 + steps]):
        page.locator(f"[data-lsoa='{code}']").focus()
        page.keyboard.press("Enter")
    plan = brent.option(option).plan
    lsoas = plan.lsoas.copy()
    lsoas[brent.place.lsoas.index[20 : 20 + steps]] = plan.neighbourhoods[0]
    measures = measure_plan(brent.place, Plan(lsoas, plan.practices), study=brent.study)
    shown = {
        cell.get_attribute("data-figure"): float(cell.get_attribute("data-value"))
        for cell in page.locator("[data-figure]").all()
    }
    for name, value in shown.items():
        assert value == pytest.approx(measures.summary[name], abs=1e-9), name
    assert f"({len(measures.broken)})" in page.locator(".warn strong").inner_text()
