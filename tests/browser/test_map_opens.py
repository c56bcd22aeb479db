"""The map opens with the network off and draws everything."""

from dataclasses import replace

import pandas as pd
import pytest

from boundaries.pages.map import write_map

pytestmark = pytest.mark.browser

VISIBLE = """() => [...document.querySelectorAll("#pane-a path.area")].filter((path) => {
  const box = path.getBoundingClientRect();
  return box.width > 2 && box.height > 2 && box.bottom > 0 && box.top < innerHeight;
}).length"""


def test_every_lsoa_has_a_visible_box(small_map, open_page):
    page = open_page(small_map)
    assert page.evaluate(VISIBLE) == 30
    assert page.locator("#pane-a .practice").count() == 6


def test_choosing_an_option_recolours_and_relabels(small_map, open_page):
    page = open_page(small_map)
    fills = """() => [...document.querySelectorAll("#pane-a path.area")]
      .map((path) => path.getAttribute("fill"))"""
    names = """() => [...document.querySelectorAll("#pane-a .name-label span")]
      .map((label) => label.innerText).sort()"""
    before = page.evaluate(fills), page.evaluate(names)
    page.get_by_role("radio", name="Two move").check()
    after = page.evaluate(fills), page.evaluate(names)
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert page.locator("#pane-a .practice.moved").count() == 1
    assert "option=move-2" in page.evaluate("location.hash")


def test_what_must_always_be_in_view_is(small_map, open_page):
    for width, height in ((1366, 768), (1920, 1080), (390, 844)):
        page = open_page(small_map, width=width, height=height)
        foot = page.locator("footer.bottom")
        assert "Option for discussion" in foot.inner_text()
        assert "NHS England" in foot.inner_text()
        box = foot.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height + 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_run_that_only_measures_today_has_its_map(browser_run, open_page, tmp_path):
    path = write_map(replace(browser_run, options=browser_run.options[:1]), tmp_path / "map.html")
    page = open_page(path, fragment="#view=compare")
    assert page.evaluate(VISIBLE) == 30
    assert not page.get_by_role("button", name="Compare").is_visible()
    assert "What each move buys" not in page.locator("#panel").inner_text()
    assert "Neighbourhoods" in page.locator("#panel").inner_text()


def test_settled_and_contested_can_be_seen(browser_run, open_page, tmp_path):
    shares = [round(0.4 + number / 50, 2) for number in range(30)]
    frame = pd.DataFrame({"kind": "lsoa", "code": browser_run.place.lsoas.index, "share": shares})
    path = write_map(replace(browser_run, settled=frame), tmp_path / "map.html")
    page = open_page(path, fragment="#option=move-1&fill=settled&lsoa=E01000004")
    fills = page.locator("#pane-a path.area").evaluate_all(
        "paths => paths.map((path) => path.getAttribute('fill'))"
    )
    assert fills[0] != fills[-1]
    assert "48%" in page.locator("#details").inner_text()


def test_less_motion_is_heeded(small_map, open_page):
    still = open_page(small_map, reduced_motion="reduce")
    assert still.evaluate("map_boundaries.options.zoomAnimation") is False
    assert open_page(small_map).evaluate("map_boundaries.options.zoomAnimation") is True


def test_without_scripts_there_is_a_picture_and_a_table(small_map, open_page):
    page = open_page(small_map, java_script_enabled=False)
    picture = page.locator(".still svg").bounding_box()
    assert picture["width"] > 300
    assert picture["height"] > 200
    assert page.locator(".still tbody tr").count() == 4
    assert not page.locator(".stage").is_visible()
