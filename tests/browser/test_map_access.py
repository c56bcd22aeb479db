"""The page is for everyone: axe finds nothing, targets are large enough, motion can be less."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STATES = (
    "#option=as-is",
    "#option=move-2&practice=A00003",
    "#option=move-1&lsoa=E01000007&fill=deprivation",
    "#option=move-1&pcn=U00002&show=names+practices+pairs+team:nursing",
    "#option=as-is&view=compare&with=move-2",
    "#option=move-0&view=changes&with=move-2",
    "#option=move-1&view=try&lsoa=E01000007",
    "#option=move-1&view=tables",
)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_axe_finds_nothing(small_map, open_page, state, size):
    page = open_page(
        small_map, fragment=state, width=size[0], height=size[1], bypass_csp=True
    )  # axe itself is a script that the page's own policy would refuse
    found = Axe().run(page.page, options={"runOnly": RULES}).response["violations"]
    told = [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in found]
    assert told == []


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_targets_are_at_least_24_pixels(small_map, open_page, size):
    page = open_page(small_map, fragment="#option=move-2", width=size[0], height=size[1])
    small = page.evaluate("""() => [...document.querySelectorAll(
        "button, select, input[type=search], summary, label:has(input)," +
        " .practice, .name-label span")]
      .filter((node) => node.checkVisibility() && node.closest(".still") === null)
      .map((node) => [node.getBoundingClientRect(), node.outerHTML.slice(0, 80)])
      .filter(([box]) => box.width > 0 && (box.width < 24 || box.height < 24))
      .map(([box, html]) => `${box.width}x${box.height} ${html}`)""")
    assert small == []


def test_focus_can_be_seen(small_map, open_page):
    page = open_page(small_map)
    page.keyboard.press("Tab")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        seen = page.evaluate("""() => {
          const node = document.activeElement, style = getComputedStyle(node);
          const inner = node.firstElementChild ? getComputedStyle(node.firstElementChild) : style;
          return parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none"
            || inner.outlineStyle !== "none" || parseFloat(style.strokeWidth) >= 3; }""")
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_labels_do_not_collide(small_map, open_page):
    for width, height in ((1366, 768), (1920, 1080), (390, 844)):
        page = open_page(small_map, fragment="#option=as-is", width=width, height=height)
        boxes = page.locator("#pane-a .name-label:not(.crowded) span").evaluate_all(
            "spans => spans.map((span) => span.getBoundingClientRect().toJSON())"
        )
        for at, one in enumerate(boxes):
            for other in boxes[at + 1 :]:
                apart = (
                    one["right"] <= other["left"]
                    or other["right"] <= one["left"]
                    or one["bottom"] <= other["top"]
                    or other["bottom"] <= one["top"]
                )
                assert apart, (one, other)


def test_the_table_does_not_hide_the_map(small_map, open_page):
    for width, height in ((1366, 768), (1920, 1080)):
        page = open_page(small_map, width=width, height=height)
        stage = page.locator("#pane-a").bounding_box()
        aside = page.locator("#panel").bounding_box()
        assert stage["x"] + stage["width"] <= aside["x"] + 1
        assert stage["width"] > aside["width"]
