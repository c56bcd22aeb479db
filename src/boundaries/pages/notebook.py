"""Pictures for a notebook: each shows itself where it is the last line of a cell.

Goes in: a `Run`. Comes out: `Picture`, which Jupyter shows as SVG, network or no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boundaries.pages.charts import ladder_chart
from boundaries.pages.identity import identify
from boundaries.pages.naming import ladders
from boundaries.pages.pictures import outlines
from boundaries.pages.readable import for_readers
from boundaries.pages.report.options import map_picture
from boundaries.pages.report.pictured import Picture, pictured

if TYPE_CHECKING:
    from boundaries.run import Run

__all__ = ["Picture", "draw_ladder", "draw_option"]


def draw_ladder(run: Run, *, neighbourhoods: int | None = None) -> Picture:
    """Draw what each further practice move buys.

    Parameters
    ----------
    run
        A run with a ladder, from `boundaries.propose`.
    neighbourhoods
        Which ladder, when the study asked for a range of counts; the first by default.

    Raises
    ------
    KeyError
        When the run has no such ladder.
    """
    run = for_readers(run)
    rungs = ladders(run)
    count = min(rungs, default=0) if neighbourhoods is None else neighbourhoods
    if count not in rungs:
        raise KeyError("this run has no such ladder of options; `boundaries.propose` makes one")
    return pictured(
        ladder_chart(run, rungs[count]),
        f"ladder-{count}",
        label="What each further practice move buys.",
        caption="Left: patients aligned with their practice. Right: what the search minimises, "
        "and the least that any plan can reach.",
    )


def draw_option(run: Run, option_id: str = "as-is") -> Picture:
    """Draw the static map of an option; `boundaries.draw_map` draws the one to explore.

    Raises
    ------
    KeyError
        When the run has no such option; the message lists those it has.
    """
    run = for_readers(run)
    shapes, identities = outlines(run.place.lsoas), identify(run)
    return map_picture(run, run.option(option_id), shapes, identities)
