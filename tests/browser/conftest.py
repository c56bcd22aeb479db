"""Pages in a browser with its network off: the example, and the small place."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from boundaries.pages.map import write_map
from boundaries.pages.readable import for_readers


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


@pytest.fixture(scope="session")
def small_map(small_run, tmp_path_factory):
    """The map of the small place, on disk."""
    return write_map(small_run, tmp_path_factory.mktemp("map") / "map.html")


@pytest.fixture(scope="session")
def seen_run(example_run):
    """The example's run with names as its readers see them."""
    return for_readers(example_run)


@pytest.fixture(scope="session")
def example_map(example_folder):
    """The map of the shipped example, on disk."""
    return example_folder / "map.html"
