"""The report in a real browser: nothing fetched, no accessibility faults, prints on clean pages."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from boundaries.pages.report import write_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(chromium, varied_run, tmp_path_factory):
    """The report in a page without a network; what it asked for and said is kept."""
    path = write_report(varied_run, tmp_path_factory.mktemp("report") / "report.html")
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    yield page, asked, said, path
    context.close()


def test_it_asks_for_nothing_and_says_nothing(opened):
    _, asked, said, path = opened
    assert [url for url in asked if url != path.as_uri() and not url.startswith("data:")] == []
    assert said == []


def test_axe_finds_nothing(opened):
    page, *_ = opened
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in found] == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_runs_off_the_side(opened, width):
    page, *_ = opened
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})


def test_pictures_are_drawn_at_a_size_that_can_be_read(opened, small_run):
    page, *_ = opened
    boxes = [svg.bounding_box() for svg in page.query_selector_all("figure svg")]
    assert len(boxes) == 3 * len(small_run.options) + 2
    assert all(box["width"] > 500 and box["height"] > 80 for box in boxes)


def test_the_keyboard_reaches_every_table_and_the_skip_link_first(opened):
    page, *_ = opened
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    regions = page.locator(".scroll[tabindex='0']")
    assert regions.count() == page.locator("table").count()


def test_it_prints_with_sections_on_their_own_pages(opened, tmp_path):
    page, *_ = opened
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    data = (tmp_path / "report.pdf").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", data))
    sections = page.locator("section").count()
    assert pages >= sections - 4  # purpose, glossary and the first PCN may share a page with others
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    page.emulate_media(media="screen")
