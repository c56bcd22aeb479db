"""``region.html``: every place of a batch on one page that needs nothing else.

Goes in: a `Region`, and the rows of ``batch.csv``. Comes out: one file, which opens with the
network off, prints, and by its own policy cannot call out. Next: nothing; it is for people.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from boundaries.pages import words
from boundaries.pages.colour import SHARES
from boundaries.pages.credit import credit_line
from boundaries.pages.grid import Cell, cell_text
from boundaries.pages.region import said
from boundaries.pages.region.picture import CLASSES, panels, rung_fills
from boundaries.pages.region.tables import (
    equality_grid,
    flows_grid,
    places_grid,
    rung_label,
    rungs_of,
    without_grid,
)
from boundaries.pages.shell import (
    embed_json,
    finish_page,
    render_template,
    template_text,
    write_page,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from boundaries.run.region import Region

__all__ = ["region_html", "write_region_page"]

_SCRIPTS: Final = ("fills", "sorting")


def write_region_page(
    region: Region, table: pd.DataFrame, path: str | Path, *, generator: str = "boundaries"
) -> Path:
    """Write the page of a region, whole or not at all.

    Parameters
    ----------
    region
        Its places with a result.
    table
        Every place of the batch: the rows of ``batch.csv``.
    path
        Where to; links to the places' own pages are relative to it.
    generator
        Name and version of the tool.

    Raises
    ------
    AssetError
        When the page would load anything from outside itself.
    OSError
        When it cannot be written.
    """
    return write_page(region_html(region, table, generator=generator), path)


def region_html(region: Region, table: pd.DataFrame, *, generator: str = "boundaries") -> str:
    """Return the page of a region as text.

    Raises
    ------
    AssetError
        When the page would load anything from outside itself.
    """
    values = _values(region, table)
    page = render_template(
        "page.html",
        {
            "title": values["title"],
            "generator": generator,
            "styles": [template_text("report/report.css"), template_text("region/region.css")],
            "head": "",
            "body_class": "region",
            "body": render_template("region/region.html", values),
            "data": embed_json(rung_fills(region), "fills"),
            "scripts": [template_text(f"region/{name}.js") for name in _SCRIPTS],
        },
    )
    return finish_page(page)


def _values(region: Region, table: pd.DataFrame) -> dict[str, Any]:
    missing = "*" if region.places["suppressed"].any() else words.DASH

    def show(cell: Cell) -> str:
        return cell_text(cell, missing)

    attribution = list(words.attribution_lines(region.sources))
    return {
        "show": show,
        "next_table": iter(range(1, 100)).__next__,
        "title": said.headline(region),
        "discussion": words.DISCUSSION,
        "cards": said.cards(region),
        "today": said.today_said(region),
        "map_said": said.map_said(region),
        "rungs": [(rung, rung_label(rung)) for rung in rungs_of(region)],
        "legend": _legend(),
        "panels": panels(region),
        "places": places_grid(region),
        "names": region.places["name"].to_dict(),
        "edges": said.edges_said(region),
        "flows": flows_grid(region),
        "equality": equality_grid(region),
        "without": without_grid(table),
        "attribution": attribution,
        "credit": credit_line(attribution),
    }


def _legend() -> list[tuple[str, str]]:
    """Return colours with what they stand for, low to high."""
    limits = [words.share(limit, digits=0) for limit in CLASSES]
    labels = [
        f"under {limits[0]}",
        *(f"{low} to {high}" for low, high in pairwise(limits)),
        f"{limits[-1]} and more",
    ]
    return list(zip(SHARES[1:], labels, strict=True))
