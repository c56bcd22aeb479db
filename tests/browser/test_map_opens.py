"""The map opens with the network off and draws everything."""

import pytest

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


def test_without_scripts_there_is_a_picture_and_a_table(small_map, open_page):
    page = open_page(small_map, java_script_enabled=False)
    picture = page.locator(".still svg").bounding_box()
    assert picture["width"] > 300
    assert picture["height"] > 200
    assert page.locator(".still tbody tr").count() == 4
    assert not page.locator(".stage").is_visible()
