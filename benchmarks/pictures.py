"""Take the pictures of README and docs from a run of the example: docs/pictures/*.png.

    boundaries propose data/example/study.toml -o maps/example
    python -m benchmarks.pictures maps/example

Only the example may be shown in the repository: its places, practices and people are made up.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.pages import FLAGS

PICTURES = {
    "map": ("#option=move-2", 1366, 768),
    "compare": ("#option=as-is&view=compare&with=move-2", 1366, 768),
    "changes": ("#option=as-is&view=changes&with=move-2", 1366, 768),
    "try-it": ("#option=move-2&view=try&practice=Z99020", 1366, 768),
    "pcn": ("#option=move-2&pcn=U99004", 1366, 768),
    "phone": ("#option=move-2", 390, 844),
}


def slim(path: Path) -> None:
    """Keep 256 colours: half the size, and nobody sees a difference."""
    Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=256).save(
        path, optimize=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of a run of the example")
    parser.add_argument("--to", type=Path, default=Path("docs/pictures"))
    given = parser.parse_args()
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    page_file = given.run / "map.html"
    if "made up" not in page_file.read_text(encoding="utf-8"):
        sys.exit("This is no run of the example: pictures in the repository show nothing else.")
    given.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for name, (fragment, width, height) in PICTURES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, offline=True, reduced_motion="reduce"
            )
            page = context.new_page()
            page.goto(f"{page_file.resolve().as_uri()}{fragment}")
            page.wait_for_selector("html.drawn", state="attached")
            page.screenshot(path=given.to / f"{name}.png")
            slim(given.to / f"{name}.png")
            print(given.to / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
