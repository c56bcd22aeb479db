"""The page is for everyone: keyboard alone, axe finds nothing, it reflows, motion can be less."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK, PHONE, ZOOMED = (1366, 768), (390, 844), (320, 512)
STATES = [
    ("#option=as-is", DESK),
    ("#option=move-2&practice={practice}", ZOOMED),
    ("#option=move-1&lsoa={lsoa}&fill=deprivation", DESK),
    ("#option=move-1&lsoa={lsoa}&fill=settled", PHONE),
    ("#option=move-2&pcn={pcn}&show=names+practices+pairs+team:community_nursing", DESK),
    ("#option=move-2&pcn={pcn}", PHONE),
    ("#option=as-is&view=compare&with=move-2", PHONE),
    ("#option=move-0&view=changes&with=move-2", DESK),
    ("#option=move-1&view=try&lsoa={lsoa}", PHONE),
    ("#option=move-1&view=tables", ZOOMED),
]
FOCUSED = """() => {
  const { activeElement: node } = document;
  return [node.id, node.dataset.view, node.dataset.practice && "practice",
    node.dataset.lsoa && "lsoa", node.dataset.name && "name", node.name]
    .filter(Boolean).join(" ") || node.tagName; }"""


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def tab_to(page, stop):
    """Tab until the focus is on something of that kind; fail after a hundred stops."""
    for _ in range(100):
        press(page, "Tab")
        if stop in page.evaluate(FOCUSED).split():
            return
    pytest.fail(f"Tab never reached {stop}")


@pytest.fixture(scope="module")
def codes(example_run):
    moved = example_run.option("move-2").measures.practices["moved"]
    return {
        "practice": moved.index[moved.astype(bool)][0],
        "lsoa": example_run.place.lsoas.index[33],
        "pcn": example_run.place.pcns.index[1],
    }


@pytest.mark.parametrize(("state", "size"), STATES)
def test_axe_finds_nothing(example_map, codes, open_page, state, size):
    page = open_page(
        example_map, fragment=state.format(**codes), width=size[0], height=size[1], bypass_csp=True
    )  # axe itself is a script that the page's own policy would refuse
    found = Axe().run(page.page, options={"runOnly": RULES}).response["violations"]
    told = [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in found]
    assert told == []


@pytest.mark.parametrize("view", ["map", "compare", "changes", "try", "tables"])
def test_it_reflows_at_four_times_the_size(example_map, codes, open_page, view):
    """WCAG 1.4.10: 1280 by 1024 pixels at 400 % are 320 by 256, with nothing lost to the side."""
    fragment = f"#option=as-is&with=move-2&view={view}&practice={codes['practice']}"
    page = open_page(example_map, fragment=fragment, width=320, height=256)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    foot = page.locator("footer.bottom").bounding_box()
    assert foot["height"] <= 256 / 3  # it stays in view, and leaves room
    if view != "tables":
        assert page.locator("#pane-a path.area").first.bounding_box()["width"] > 0


@pytest.mark.parametrize("width", [1024, 1366, 1920])
def test_the_ladder_fits_beside_the_map(example_map, open_page, width):
    page = open_page(example_map, fragment="#option=move-2", width=width, height=768)
    panel = page.locator("#panel").evaluate("node => [node.scrollWidth, node.clientWidth]")
    assert panel[0] <= panel[1]
    inside = page.locator("#panel").bounding_box()
    table = page.locator(".ladder").bounding_box()
    assert table["x"] + table["width"] <= inside["x"] + inside["width"] - 10


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_targets_are_at_least_24_pixels(example_map, codes, open_page, size):
    page = open_page(
        example_map, fragment=f"#option=move-2&pcn={codes['pcn']}", width=size[0], height=size[1]
    )
    small = page.evaluate("""() => [...document.querySelectorAll(
        "button, select, input[type=search], summary, label:has(input)," +
        " .practice, .name-label span")]
      .filter((node) => node.checkVisibility() && node.closest(".still") === null)
      .map((node) => [node.getBoundingClientRect(), node.outerHTML.slice(0, 80)])
      .filter(([box]) => box.width > 0 && (box.width < 24 || box.height < 24))
      .map(([box, html]) => `${box.width}x${box.height} ${html}`)""")
    assert small == []


def test_focus_can_be_seen(example_map, open_page):
    page = open_page(example_map)
    for _ in range(30):
        press(page, "Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        seen = page.evaluate("""() => {
          const node = document.activeElement, style = getComputedStyle(node);
          const inner = node.firstElementChild ? getComputedStyle(node.firstElementChild) : style;
          return parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none"
            || inner.outlineStyle !== "none" || parseFloat(style.strokeWidth) >= 3; }""")
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_everything_is_reached_by_keyboard(example_map, open_page):
    page = open_page(example_map)
    press(page, "Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip")
    reached = []
    while "BODY" not in reached and len(reached) < 100:
        press(page, "Tab")
        reached.append(page.evaluate(FOCUSED))
    for stop in ("find", "map", "compare", "changes", "try", "tables", "fill", "lsoa", "name"):
        assert stop in reached, stop
    assert "my-pcn" in reached
    assert "option" in reached
    assert reached.count("lsoa") == 1  # one stop for all areas; arrow keys from there
    assert reached.count("practice") == 1


def test_a_day_without_a_mouse(example_run, example_map, open_page):
    """Skip the map, choose an option, ask for a PCN, open a practice, try a move, all by key."""
    page = open_page(example_map)
    press(page, "Tab", "Enter")
    assert page.evaluate("document.activeElement.id") == "panel"
    press(page, "Tab")
    assert page.evaluate(FOCUSED) == "my-pcn"
    press(page, "ArrowDown")
    assert page.locator("#details").count() == 1
    press(page, "Escape")
    assert page.locator("#details").count() == 0
    tab_to(page, "option")
    press(page, "ArrowDown", "ArrowDown")
    chosen = "document.querySelector('input[name=option]:checked').value"
    assert page.evaluate(chosen) == example_run.options[2].option_id
    assert page.evaluate("document.activeElement.name") == "option"  # still there after drawing
    page.locator("#find").focus()
    tab_to(page, "practice")
    press(page, "ArrowRight", "Enter")
    assert "Where its patients live" in page.locator("#details").inner_text()
    assert page.evaluate("document.activeElement.tagName") == "H2"
    press(page, "Escape")
    assert page.evaluate("document.activeElement.dataset.practice")
    page.locator("[data-view=try]").focus()
    press(page, "Enter")
    tab_to(page, "lsoa")
    press(page, "ArrowRight", "Enter")
    tab_to(page, "move")
    page.keyboard.press("Shift+Tab")  # the list of neighbourhoods stands before the button
    press(page, "ArrowDown", "Tab", "Enter")
    assert page.locator("#undo").is_enabled()
    assert "moved to" in page.locator("#said").text_content()


def test_arrow_keys_go_to_the_next_thing_in_that_direction(small_map, open_page):
    page = open_page(small_map)
    page.locator("[data-lsoa='E01000000']").focus()
    press(page, "ArrowRight", "ArrowRight", "ArrowUp")
    assert page.evaluate("document.activeElement.dataset.lsoa") == "E01000008"
    press(page, "Enter")
    assert "Squareborough 008" in page.locator("#panel").inner_text()
    page.locator("[data-practice='A00001']").focus()
    press(page, "ArrowRight")
    assert page.evaluate("document.activeElement.dataset.practice") in {"A00002", "A00003"}


def test_escape_closes_and_gives_focus_back(small_map, open_page):
    page = open_page(small_map)
    page.locator("[data-practice='A00002']").focus()
    press(page, "Enter")
    assert page.locator("#details").count() == 1
    press(page, "Escape")
    assert page.locator("#details").count() == 0
    assert page.evaluate("document.activeElement.dataset.practice") == "A00002"
    page.locator("#layers summary").click()
    press(page, "Escape")
    assert page.locator("#layers[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("option", ["as-is", "move-2"])
@pytest.mark.parametrize("size", [DESK, (1920, 1080), PHONE])
def test_labels_do_not_collide(example_map, open_page, option, size):
    page = open_page(example_map, fragment=f"#option={option}", width=size[0], height=size[1])
    boxes = page.locator("#pane-a .name-label:not(.crowded) span").evaluate_all(
        "spans => spans.map((span) => span.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 5
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = (
                one["right"] <= other["left"]
                or other["right"] <= one["left"]
                or one["bottom"] <= other["top"]
                or other["bottom"] <= one["top"]
            )
            assert apart, (one, other)


@pytest.mark.parametrize("size", [DESK, (1920, 1080)])
def test_the_table_does_not_hide_the_map(example_map, open_page, size):
    page = open_page(example_map, width=size[0], height=size[1])
    stage = page.locator("#pane-a").bounding_box()
    aside = page.locator("#panel").bounding_box()
    assert stage["x"] + stage["width"] <= aside["x"] + 1
    assert stage["width"] > aside["width"] * 1.5
