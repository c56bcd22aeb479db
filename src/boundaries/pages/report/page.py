"""The report page: parts from their modules, one template, one file.

Goes in: a `Run`. Comes out: ``report.html``, which opens anywhere without a network, prints, and
by its own policy cannot call out. Names are escaped wherever they stand.
"""

from __future__ import annotations

import base64
import mimetypes
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from boundaries.pages import words
from boundaries.pages.baseline import facts_grid, today_flows_grid
from boundaries.pages.compare import equality_grid, option_blocks, side_by_side_grid
from boundaries.pages.grid import Cell, cell_text
from boundaries.pages.identity import identify
from boundaries.pages.naming import today
from boundaries.pages.pictures import outlines
from boundaries.pages.readable import for_readers
from boundaries.pages.report import method, prose
from boundaries.pages.report.networks import network_pages
from boundaries.pages.report.options import family_sentences, map_picture, option_sections
from boundaries.pages.report.summary import summarise, today_sentences
from boundaries.pages.shell import finish_page, render_template, template_text, write_page

if TYPE_CHECKING:
    from boundaries.run import Run

__all__ = ["report_html", "write_report"]


def write_report(run: Run, path: str | Path, *, logo: str | Path | None = None) -> Path:
    """Write the report of a run as one self-contained page.

    Parameters
    ----------
    run
        The run to report.
    path
        Where to; a file of that name is replaced, whole or not at all.
    logo
        A picture (PNG, JPEG or SVG) for the slot in the header; by default there is none.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    AssetError
        When the page would load anything from outside itself.
    OSError
        When the logo cannot be read or the page cannot be written.
    """
    return write_page(report_html(run, logo=logo), path)


def report_html(run: Run, *, logo: str | Path | None = None) -> str:
    """Return the report of a run as the text of one page.

    Raises
    ------
    AssetError
        When the page would load anything from outside itself.
    """
    run = for_readers(run)
    values = _values(run)
    values["logo"] = _data_uri(Path(logo)) if logo else ""
    body = render_template("report/report.html", values)
    page = render_template(
        "page.html",
        {
            "title": values["title"],
            "generator": f"boundaries {run.record.get('versions', {}).get('boundaries', '')}",
            "styles": [template_text("report/report.css")],
            "head": "",
            "body_class": "report",
            "body": body,
            "data": "",
            "scripts": [],
        },
    )
    return finish_page(page)


def _values(run: Run) -> dict[str, Any]:
    missing = "*" if run.suppressed else words.DASH

    def show(cell: Cell) -> str:
        return cell_text(cell, missing)

    options, pcns = option_sections(run), network_pages(run)
    blocks = option_blocks(run)
    equality = [equality_grid(run, block) for block in blocks if len(block[0].measures.quintiles)]
    report = run.study.report
    purpose = report.purpose or (
        f"To show how the PCNs of {run.place.name} could be matched to neighbourhoods with the "
        "least disturbance to patients, practices and teams, so that those who decide can see "
        "what each choice costs and what it buys."
    )
    return {
        "next_table": count(1).__next__,
        "show": show,
        "title": words.title_of(run),
        "subtitle": _subtitle(run),
        "organisation": report.organisation,
        "discussion": words.discussion(run),
        "contents": _contents(options),
        "summary": summarise(run),
        "purpose": purpose,
        "success_factors": list(report.success_factors),
        "rules": method.rules_said(run),
        "locks": method.locks_grid(run),
        "reply": method.reply_lines(run),
        "engagement": method.engagement_grid(run),
        "asis": _asis(run),
        "equality": equality[0] if equality else SimpleNamespace(rows=()),
        "equality_blocks": equality,
        "families": family_sentences(run),
        "side_by_side": [side_by_side_grid(run, block) for block in blocks],
        "options": options,
        "pcns": pcns,
        "sensitivity": method.sensitivity_part(run),
        "method": prose.method_paragraphs(),
        "versions": method.versions_grid(run),
        "sources": method.sources_grid(run),
        "data_notes": method.data_notes(run),
        "problems": method.problems_grid(run),
        "limits": prose.limits(),
        "attribution": list(words.attribution_lines(run.place.sources)),
        "glossary": prose.glossary(),
        "footer": "Made with boundaries, an open-source tool. " + words.DISCUSSION,
    }


def _subtitle(run: Run) -> str:
    counts = words.registered_on(run.place.sources)
    boroughs = sorted(set(run.place.boroughs["borough_name"].astype(str)))
    return (
        f"{counts} {words.join_names(boroughs)}. Alignment report: options for discussion.".strip()
    )


def _contents(options: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        ("summary", "Summary"),
        ("purpose", "Purpose and critical success factors"),
        ("today", "Where things stand today"),
        ("compare", "Options side by side"),
        *((option["id"], option["heading"]) for option in options),
        ("sensitivity", "Sensitivity: what is settled and what is open"),
        ("pcns", "A page for each clinical director"),
        ("method", "Method and measures"),
        ("data", "Data, dates and problems found"),
        ("glossary", "Glossary"),
    ]


def _asis(run: Run) -> dict[str, Any]:
    now = today(run)
    ceilings = [option for option in run.options if option.family == "best-fit"]
    ceiling = ""
    if ceilings:
        best = ceilings[0].measures.summary["alignment"]
        ceiling = (
            "People in cities register across every line. In this place the best fit found, with "
            f"any number of practice moves, aligns {words.share(best, missing='*')} of patients "
            "with their practice: read each share above beside that, not beside 100%."
        )
    picture = None
    if now is not None:
        shapes = outlines(run.place.lsoas)
        picture = map_picture(run, now, shapes, identify(run), name="today")
    return {
        "sentences": today_sentences(run),
        "facts": facts_grid(run),
        "flows": today_flows_grid(run),
        "ceiling": ceiling,
        "map": picture,
    }


def _data_uri(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "image/png"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
