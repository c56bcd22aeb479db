"""The map of a run: one file that opens from an e-mail with the network off.

Goes in: a `Run`. Comes out: `RunMap`, which saves itself and shows itself in a notebook. Nothing
comes next: this is for people. Geometry is in the page once, options as rows of numbers; the
scripts in ``templates/map`` draw them with Leaflet, which folium sets up.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from boundaries.pages import words
from boundaries.pages.assets import leaflet
from boundaries.pages.bundle import bundle
from boundaries.pages.credit import credit_line
from boundaries.pages.figure import OfflineMap, map_parts
from boundaries.pages.identity import identify
from boundaries.pages.payload import run_payload
from boundaries.pages.readable import for_readers
from boundaries.pages.shell import (
    embed_json,
    finish_page,
    render_template,
    template_text,
    write_page,
)
from boundaries.pages.still import ladder_table, still_picture

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.run import Run

__all__ = ["RunMap", "draw_map", "generator", "write_map"]

_TAG: Final = "Options for discussion"
_NOTEBOOK_HEIGHT_PX: Final = 720


@dataclass(frozen=True, repr=False)
class RunMap:
    """The finished map of a run.

    Parameters
    ----------
    html
        The whole page.
    """

    html: str

    def save(self, path: str | Path) -> Path:
        """Write the page, whole or not at all, and return where it is."""
        return write_page(self.html, path)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.html) / 1e6:.1f} MB; save it with .save(path))"

    def _repr_html_(self) -> str:
        """Show the page in a notebook, network or no network."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="Map of the options" width="100%" '
            f'height="{_NOTEBOOK_HEIGHT_PX}" style="border:1px solid #d8dde0"></iframe>'
        )


def draw_map(run: Run) -> RunMap:
    """Draw the map of a run.

    Parameters
    ----------
    run
        The run; its study says whether small numbers are hidden.

    Returns
    -------
    RunMap
        With ``save(path)``; in a notebook it shows itself.

    Raises
    ------
    AssetError
        When Leaflet is missing or is not the tested release, or the page would call out.
    """
    run = for_readers(run)
    identities = identify(run)
    payload = run_payload(run, identities)
    south_west = payload["geo"]["corner"]
    centre = (south_west[1] / 100_000, south_west[0] / 100_000)
    library = leaflet()
    parts = map_parts(OfflineMap(centre), library)
    said_by = generator()
    body = render_template(
        "map/body.html",
        {
            "title": payload["title"],
            "tag": _TAG,
            "map": parts.body,
            "picture": still_picture(run, identities),
            "still_title": f"{run.options[0].title}: a still picture",
            "table": render_template("map/still.html", ladder_table(run)),
            "discussion": words.discussion(run),
            "dated": words.registered_on(run.place.sources),
            "credit": credit_line(payload["attribution"]),
            "attribution": payload["attribution"],
            "generator": said_by,
            "licence": library.licence,
        },
    )
    page = render_template(
        "page.html",
        {
            "title": payload["title"],
            "generator": said_by,
            "styles": [*parts.styles, template_text("map/style.css")],
            "head": parts.head,
            "body_class": "",
            "body": body,
            "data": embed_json(payload, "payload"),
            "scripts": [*parts.scripts, bundle("map/main.js")],
        },
    )
    return RunMap(finish_page(page))


def write_map(run: Run, path: str | Path) -> Path:
    """Draw the map of a run and write it to a file, whole or not at all.

    Raises
    ------
    AssetError
        As `draw_map`.
    """
    return draw_map(run).save(path)


def generator() -> str:
    """Name the tool and, where it is installed, its version."""
    try:
        return f"boundaries {version('boundaries')}"
    except PackageNotFoundError:  # run from a checkout
        return "boundaries"
