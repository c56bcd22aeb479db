"""One picture of several runs: the last rung with bonds left out and as it is, side by side.

    python -m benchmarks.sheet runs/brent runs/ealing … -o sheet.png

Goes in: folders of runs with ``closest``. Comes out: a PNG, a row of maps for each two runs, with
the names of neighbourhoods and without practices: would a local recognise them?
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from boundaries.pages.figures import drawing, save_png
from boundaries.pages.identity import identify
from boundaries.pages.pictures import draw_on, outlines
from boundaries.pages.readable import for_readers
from boundaries.pages.report.shape import shape_pairs
from boundaries.run import read_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from boundaries.run import Run

__all__ = ["sheet_of"]

_ABREAST = 2
"""Runs in a row: four maps."""


def sheet_of(runs: Sequence[Run]) -> Figure:
    """Draw each run's first ladder: ``closest`` left, its last rung right."""
    rows = -(-len(runs) // _ABREAST)
    with drawing():
        figure = Figure(figsize=(8.0 * _ABREAST, 4.6 * rows), layout="constrained")
        grid = figure.subplots(rows, 2 * _ABREAST, squeeze=False)
        for axes in grid.ravel():
            axes.set_axis_off()
        for at, run in enumerate(runs):
            row, side = divmod(at, _ABREAST)
            _draw(grid[row, 2 * side : 2 * side + 2], for_readers(run))
    return figure


def _draw(pair: Sequence[Axes], run: Run) -> None:
    shapes, identities = outlines(run.place.lsoas), identify(run)
    rung, closest = shape_pairs(run)[0]
    for axes, option, said in zip(pair, (closest, rung), ("no bonds", "as it is"), strict=True):
        draw_on(axes, run, option, shapes=shapes, identities=identities, practices=False)
        summary = option.measures.summary
        axes.set_title(
            f"{run.place.name}, {said}\n{summary['alignment']:.1%} aligned, "
            f"{summary['pairs_parted']:.0f} pairs parted",
            fontsize=8,
        )


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    asked = parser.parse_args()
    runs = [read_run(folder) for folder in asked.folders]
    lacking = [
        str(folder) for folder, run in zip(asked.folders, runs, strict=True) if not shape_pairs(run)
    ]
    if lacking:
        raise SystemExit(f"No option closest in {', '.join(lacking)}.")
    save_png(sheet_of(runs), asked.output)


if __name__ == "__main__":
    main()
