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
SIZES = [(1366, 768), (1920, 1080), (390, 844)]


def test_every_lsoa_has_a_visible_box(example_run, example_map, open_page):
    page = open_page(example_map)
    assert page.evaluate(VISIBLE) == len(example_run.place.lsoas) == 150
    assert page.locator("#pane-a .practice").count() == len(example_run.place.practices) == 30


def test_a_borough_fits_into_a_megabyte(example_map):
    assert example_map.stat().st_size <= 1_000_000


def test_choosing_an_option_recolours_and_relabels(example_run, example_map, open_page):
    page = open_page(example_map)
    fills = """() => [...document.querySelectorAll("#pane-a path.area")]
      .map((path) => path.getAttribute("fill"))"""
    names = """() => [...document.querySelectorAll("#pane-a .name-label")]
      .map((label) => label.getAttribute("aria-label")).sort()"""
    before = page.evaluate(fills), page.evaluate(names)
    page.locator("input[name=option][value='move-2']").check()
    after = page.evaluate(fills), page.evaluate(names)
    assert before[0] != after[0]
    assert before[1] != after[1]
    rows = example_run.option("move-2").measures
    assert after[1] == sorted(
        f"Neighbourhood {row.name}, {row.residents:,} residents"
        for row in rows.neighbourhoods[["name", "residents"]].itertuples(index=False)
    )
    assert page.locator("#pane-a .practice.moved").count() == rows.summary["practices_moved"]
    assert "option=move-2" in page.evaluate("location.hash")


@pytest.mark.parametrize("size", SIZES)
def test_what_must_always_be_in_view_is(small_map, open_page, size):
    page = open_page(small_map, width=size[0], height=size[1])
    foot = page.locator("footer.bottom")
    said = foot.inner_text()
    assert "Options for discussion" in said
    assert "NHS England" in said
    assert "Office for National Statistics" in said
    assert "Open Government Licence" in said
    box = foot.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size[1] + 1
    assert foot.evaluate("node => node.scrollHeight <= node.clientHeight + 1")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_full_credits_are_a_click_away(small_run, small_map, open_page):
    page = open_page(small_map)
    page.get_by_text("About this page").click()
    for line in page.locator("footer.bottom li").all_inner_texts():
        assert line.endswith(".")
    assert page.locator("footer.bottom li").count() == len(small_run.place.sources)


def test_a_run_that_only_measures_today_has_its_map(small_run, open_page, tmp_path):
    path = write_map(replace(small_run, options=small_run.options[:1]), tmp_path / "map.html")
    page = open_page(path, fragment="#view=compare")
    assert page.evaluate(VISIBLE) == 30
    assert not page.get_by_role("button", name="Compare").is_visible()
    assert "What each move buys" not in page.locator("#panel").inner_text()
    assert "Neighbourhoods" in page.locator("#panel").inner_text()


def test_settled_and_contested_can_be_seen(small_run, open_page, tmp_path):
    shares = [round(0.4 + number / 50, 2) for number in range(30)]
    frame = pd.DataFrame({"kind": "lsoa", "code": small_run.place.lsoas.index, "share": shares})
    path = write_map(replace(small_run, settled=frame), tmp_path / "map.html")
    page = open_page(path, fragment="#option=move-1&fill=settled&lsoa=E01000004")
    fills = page.locator("#pane-a path.area").evaluate_all(
        "paths => paths.map((path) => path.getAttribute('fill'))"
    )
    assert fills[0] != fills[-1]
    assert "48%" in page.locator("#details").inner_text()
    assert "the plans compared" in page.locator("#panel").inner_text()  # shares of no known count


def test_how_many_plans_stand_behind_settled_is_said(example_run, open_page, tmp_path):
    settled = example_run.settled
    plans, code = settled["plans"].iloc[0], settled.loc[settled["share"] == 1, "code"].iloc[0]
    assert plans > 1
    sure = settled["sure"].mask(settled["code"] == code, "stays")
    run = replace(example_run, settled=settled.assign(sure=sure))
    page = open_page(
        write_map(run, tmp_path / "map.html"), fragment=f"#option=move-1&fill=settled&lsoa={code}"
    )
    said = page.locator("#panel").inner_text()
    assert f"Of {plans} plans compared" in said
    assert "1 are shown to stay" in said or "1 is shown to stay" in said
    assert f"all of {plans} plans compared; shown to stay" in said


def test_less_motion_is_heeded(small_map, open_page):
    still = open_page(small_map, reduced_motion="reduce")
    assert still.evaluate("map_boundaries.options.zoomAnimation") is False
    assert open_page(small_map).evaluate("map_boundaries.options.zoomAnimation") is True


def test_without_scripts_there_is_a_picture_and_a_table(example_run, example_map, open_page):
    page = open_page(example_map, java_script_enabled=False)
    picture = page.locator(".still svg").bounding_box()
    assert picture["width"] > 300
    assert picture["height"] > 200
    assert page.locator(".still tbody tr").count() == len(example_run.options)
    assert not page.locator(".stage").is_visible()
