"""Size of a run's map; seconds until a browser has drawn it, changed its option, tried a move.

    python -m benchmarks.pages maps/example maps/brent …
    python -m benchmarks.pages --redraw maps/london

Each folder is a run, as `boundaries propose` writes it; with ``--redraw`` its map is drawn anew
from the folder first, and the seconds for that are printed too. The browser is the system's
Chromium with an empty profile and its network off. Budgets: a borough of 200 LSOAs with 8 options
1 MB and 2 s, all London 8 MB and 10 s.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DRAWN = """() => [...document.querySelectorAll("path.area")]
  .filter((path) => path.getBoundingClientRect().width > 0).length"""
SWITCH = """() => new Promise((done) => {
  const begun = performance.now();
  [...document.querySelectorAll("input[name=option]")].pop()?.click();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
})"""
STEP = """() => new Promise((done) => {
  document.querySelector("[data-view=try]").click();
  [...document.querySelectorAll("#panel input[type=checkbox]")].pop().click();
  const areas = document.querySelectorAll("#pane-a path.area");
  const begun = performance.now();
  areas[areas.length >> 1].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
})"""


def opened(browser: Browser, path: Path) -> tuple[float, int, float, float]:
    """Return seconds to open and draw, LSOAs with a box, seconds to switch and to try a move."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(path.resolve().as_uri())
    page.wait_for_selector("html.drawn", state="attached", timeout=120_000)
    areas = int(page.evaluate(DRAWN))
    seconds = time.perf_counter() - begun
    switch = float(page.evaluate(SWITCH)) / 1000
    step = float(page.evaluate(STEP)) / 1000
    context.close()
    return seconds, areas, switch, step


def redrawn(folder: Path, into: Path) -> tuple[Path, float]:
    """Draw the map of a run anew; return where it is and the seconds it took."""
    from boundaries.pages import write_map  # noqa: PLC0415 - only when asked for
    from boundaries.run import read_run  # noqa: PLC0415

    run = read_run(folder)
    begun = time.perf_counter()
    return write_map(run, into / "map.html"), time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, help="run folders, or map.html files")
    parser.add_argument("--redraw", action="store_true")
    parser.add_argument("--times", type=int, default=3, help="the median of so many is printed")
    given = parser.parse_args()
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        sys.exit("No Chromium found. On Debian or Ubuntu: apt-get install chromium.")
    heads = f"{'map':32} {'draw s':>7} {'MB':>6} {'LSOAs':>6} {'open s':>7}"
    print(f"{heads} {'switch s':>8} {'try s':>6}")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for folder in given.folders:
            page, drawing = folder if folder.is_file() else folder / "map.html", "–"
            if given.redraw:
                page, seconds = redrawn(folder, Path(scratch))
                drawing = f"{seconds:.1f}"
            rows = sorted(opened(browser, page) for _ in range(given.times))
            seconds, areas, switch, step = rows[len(rows) // 2]
            size = page.stat().st_size / 1e6
            print(
                f"{folder.name:32.32} {drawing:>7} {size:6.2f} {areas:6} "
                f"{seconds:7.2f} {switch:8.2f} {step:6.2f}"
            )
        browser.close()


if __name__ == "__main__":
    main()
