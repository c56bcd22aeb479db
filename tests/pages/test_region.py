"""The page and the workbook of a region: figures of the runs, links, sorting, fills, access."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.runs import SOURCES, make_run

from boundaries.pages.region import write_region_book, write_region_page
from boundaries.run import write_run
from boundaries.run.region import Found, read_region

NAMES = {"ash-end": "Ash End", "hill": "<b>Hill</b> & Vale"}
TABLE = pd.DataFrame(
    {
        "place": [*NAMES.values(), "Lost"],
        "folder": [*NAMES, ""],
        "status": ["done", "done", "no plan"],
        "exit_code": [0, 0, 3],
        "reason": ["", "", "Alder PCN is too far."],
        "log": ["ash-end.log", "hill.log", "lost.log"],
        "key": "k",
    }
)


@pytest.fixture(scope="module")
def region(small_place, tmp_path_factory):
    """Two places side by side: the small one, and itself again to the east."""
    home = tmp_path_factory.mktemp("region")
    lsoas = small_place.lsoas
    east = replace(small_place, lsoas=lsoas.set_geometry(lsoas.geometry.translate(6000)))
    for slug, place in zip(NAMES, (small_place, east), strict=True):
        run, inside = make_run(place), int(place.practices["patients_inside"].sum())
        counts = {"residents": 49_000, "practices": 6, "pcns": 3, "registered": inside + 240}
        record = {**run.record, "inputs": [source.record() for source in SOURCES]}
        record["place"] = {**counts, "registered_living_inside": inside}
        write_run(replace(run, record=record), home / slug)
    elsewhere = {"ash-end": {"B00001": 7}, "hill": {"A00001": 120, "A00002": 30}}
    found = [Found(home / slug, name, elsewhere[slug]) for slug, name in NAMES.items()]
    return home, read_region(found)


def test_figures_are_those_of_the_runs(region):
    home, read = region
    options = pd.read_csv(home / "hill" / "options.csv").set_index("option_id")
    rungs = read.ladder[read.ladder["place"] == "hill"].set_index("rung")
    for rung in ("as-is", "move-0", "move-1"):
        assert rungs["alignment"][rung] == options["alignment"][rung]
    hill = read.places.loc["hill"]
    misaligned = options["misaligned_patients"]
    assert hill["first_move_patients"] == misaligned["move-0"] - misaligned["move-1"]
    assert (hill["rungs"], hill["rungs_proven"]) == (2, 1)
    assert hill["residents_registered_outside"] == 150
    fifths = pd.read_csv(home / "hill" / "quintiles.csv")
    fifths = fifths[fifths["option_id"] == "move-1"].set_index("imd_quintile")
    both = read.quintiles[read.quintiles["rung"] == "move-1"].set_index("imd_quintile")
    assert (both["patients"] == 2 * fifths["patients"]).all()
    assert both["alignment"].tolist() == pytest.approx(fifths["alignment"].tolist(), abs=1e-5)


def test_flows_are_between_places_only(region):
    _, read = region
    assert read.flows.to_dict("records") == [
        {"living_in": "hill", "registered_in": "ash-end", "patients": 150}
    ]


def test_the_workbook_has_the_tables_in_full(region, tmp_path):
    _, read = region
    path = write_region_book(read, TABLE, tmp_path / "region.xlsx")
    again = write_region_book(read, TABLE, tmp_path / "again.xlsx")
    assert path.read_bytes() == again.read_bytes()
    sheets = pd.read_excel(path, sheet_name=None, engine="calamine")
    assert list(sheets) == ["notes", "places", "ladder", "flows", "quintiles", "batch"]
    assert sheets["flows"]["registered_in"].tolist() == ["Ash End"]
    assert sheets["batch"]["reason"].tolist()[-1] == "Alder PCN is too far."
    shares = sheets["ladder"]["alignment"].tolist()
    assert shares == pytest.approx(read.ladder["alignment"].tolist())


@pytest.fixture(scope="module")
def opened(chromium, region):
    home, read = region
    path = write_region_page(read, TABLE, home / "region.html")
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    yield page, asked, said, path
    context.close()


@pytest.mark.browser
def test_the_page_asks_for_nothing_and_names_are_text(opened):
    page, asked, said, path = opened
    assert asked == [path.as_uri()]
    assert said == []
    assert page.locator("#places tbody b").count() == 0
    assert "<b>Hill</b> & Vale" in page.locator("#places tbody").inner_text()
    assert "Alder PCN is too far." in page.locator("#without").inner_text()
    assert "NHS England" in page.locator("footer").inner_text()


@pytest.mark.browser
def test_axe_finds_nothing_wrong(opened):
    page, *_ = opened
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in found] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_of_the_page_runs_off_the_side(opened, width):
    page, *_ = opened
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.browser
def test_every_place_links_to_its_own_pages_beside_this_one(opened):
    page, *_ = opened
    links = page.eval_on_selector_all(
        "#places a", "found => found.map((link) => link.getAttribute('href'))"
    )
    assert sorted(links) == [
        f"{slug}/{name}.html" for slug in NAMES for name in ("map", "report")
    ]  # fmt: skip


@pytest.mark.browser
def test_a_rung_fills_the_map_and_writes_its_figures(opened, region):
    page, *_ = opened
    _, read = region
    page.locator("input[value=move-1]").check()
    share = read.ladder.set_index(["place", "rung"])["alignment"]["hill", "move-1"]
    assert page.locator("[data-share=hill]").text_content() == f"{share:.1%}"
    assert "At most 1 moves" in page.locator("#shown").text_content()
    page.locator("input[value=as-is]").check()
    share = read.ladder.set_index(["place", "rung"])["alignment"]["hill", "as-is"]
    assert page.locator("[data-share=hill]").text_content() == f"{share:.1%}"


@pytest.mark.browser
def test_the_table_sorts_both_ways_by_keyboard(opened):
    page, *_ = opened

    def column(at):
        cells = page.locator(f"#places tbody tr > :nth-child({at})")
        return [float(text) for text in cells.evaluate_all(
            "found => found.map((cell) => cell.dataset.sort)")]  # fmt: skip

    last = page.locator("#places thead th").count()
    button = page.locator(f"#places thead th:nth-child({last}) button")
    button.press("Enter")
    assert column(last) == [7, 150]
    button.press("Enter")
    assert column(last) == [150, 7]
    head = page.locator(f"#places thead th:nth-child({last})")
    assert head.get_attribute("aria-sort") == "descending"
