"""The summary and the options tables as a Word file, for committees that edit their papers.

Goes in: a `Run`. Comes out: ``report.docx``: the same sentences and grids as the report's, with
the static maps as pictures. The full evidence stays in ``report.html``.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boundaries.pages import words
from boundaries.pages.charts import ladder_chart, shape_chart
from boundaries.pages.compare import (
    equality_grid,
    ladder_grid,
    option_blocks,
    side_by_side_grid,
)
from boundaries.pages.detail import move_sentences, moves_grid, neighbourhoods_grid
from boundaries.pages.figures import drawing
from boundaries.pages.identity import identify
from boundaries.pages.naming import heading_of, ladders
from boundaries.pages.pictures import map_figure, outlines
from boundaries.pages.readable import for_readers
from boundaries.pages.report.method import sensitivity_part
from boundaries.pages.report.prose import limits
from boundaries.pages.report.shape import shape_pairs
from boundaries.pages.report.summary import summarise
from boundaries.pages.split import split_sentence, splits
from boundaries.pages.whole import whole_file
from boundaries.pages.word_table import WIDTH_MM, add_small_print, add_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docx.document import Document as WordDocument
    from matplotlib.figure import Figure

    from boundaries.run import Run

__all__ = ["write_word"]

_FONT: Final = "Arial"
_MOMENT: Final = (2020, 1, 1, 0, 0, 0)
"""Date of every part inside the file: the same run gives the same bytes."""


def write_word(run: Run, path: str | Path) -> Path:
    """Write the Word file of a run, whole or not at all.

    Parameters
    ----------
    run
        The run; small numbers are suppressed first when its study asks for it.
    path
        Where to; a file of that name is replaced.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    run = for_readers(run)
    document = _blank(run)
    _write_summary(document, run)
    _write_comparison(document, run)
    _write_options(document, run)
    _write_sensitivity(document, run)
    _write_end(document, run)
    buffer = io.BytesIO()
    document.save(buffer)
    with whole_file(path) as part:
        part.write_bytes(_steady(buffer.getvalue()))
    return Path(path)


def _blank(run: Run) -> WordDocument:
    from datetime import UTC, datetime

    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin = section.bottom_margin = Mm(18)
    sizes = {"Normal": 10, "Title": 22, "Heading 1": 15, "Heading 2": 12, "Caption": 9}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(key), None)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0x00, 0x30, 0x87)
    properties = document.core_properties
    properties.title = words.title_of(run)
    properties.author = run.study.report.organisation
    properties.language = "en-GB"
    properties.created = properties.modified = datetime(*_MOMENT, tzinfo=UTC)
    return document


def _write_summary(document: WordDocument, run: Run) -> None:
    report = run.study.report
    summary = summarise(run)
    document.add_heading(words.title_of(run), level=0)
    if report.organisation:
        document.add_paragraph(report.organisation)
    document.add_paragraph(f"For discussion. {words.discussion(run)}")
    document.add_heading("Summary", level=1)
    _bullets(document, (f"{card.figure} {card.words}." for card in summary.cards))
    for heading, lines in (
        ("What was asked", summary.asked),
        ("What today looks like", summary.today),
        ("Read with care", summary.care),
    ):
        if lines:
            document.add_heading(heading, level=2)
            _bullets(document, lines)
    if summary.parts_grid is not None:
        document.add_heading("What a gain is made of", level=2)
        _bullets(document, summary.parts)
        add_table(document, summary.parts_grid, run)
    for ladder, (count, options) in zip(summary.ladders, ladders(run).items(), strict=True):
        many = f": {count} neighbourhoods" if len(summary.ladders) > 1 else ""
        document.add_heading(f"What each practice move buys{many}", level=2)
        _bullets(document, ladder.buys)
        _picture(document, ladder_chart(run, options), ladder.figure.caption)
        add_table(document, ladder_grid(run, options), run)
    for cost, (rung, closest) in zip(summary.shape, shape_pairs(run), strict=True):
        document.add_heading("What the shape costs", level=2)
        document.add_paragraph(cost.said)
        if cost.grid is not None and cost.chart is not None:
            _picture(document, shape_chart(rung, closest), cost.chart.caption)
            add_table(document, cost.grid, run)
    for heading, lines in (("What is settled", summary.settled), ("What is open", summary.open)):
        document.add_heading(heading, level=2)
        _bullets(document, lines)
    if report.purpose or report.success_factors:
        document.add_heading("Purpose and critical success factors", level=1)
        document.add_paragraph(report.purpose)
        _bullets(document, report.success_factors)


def _write_comparison(document: WordDocument, run: Run) -> None:
    document.add_heading("Options side by side", level=1)
    for block in option_blocks(run, at_most=5):
        add_table(document, side_by_side_grid(run, block), run)
        if len(block[0].measures.quintiles):
            add_table(document, equality_grid(run, block), run)


def _write_options(document: WordDocument, run: Run) -> None:
    shapes, identities = outlines(run.place.lsoas), identify(run)
    for option in run.options:
        heading = document.add_heading(heading_of(option), level=1)
        heading.paragraph_format.page_break_before = True
        said = words.proof_words(option)
        document.add_paragraph(f"{said[0].upper()}{said[1:]}.")
        _bullets(document, (split_sentence(run, option, split) for split in splits(run, option)))
        figure = map_figure(run, option, shapes=shapes, identities=identities, credit=True)
        _picture(document, figure, f"Map of {run.place.name}: {option.title}.", width_mm=145)
        _bullets(document, move_sentences(run, option) or ["No practice changes PCN."])
        add_table(document, moves_grid(run, option), run)
        add_table(document, neighbourhoods_grid(run, option), run)


def _write_sensitivity(document: WordDocument, run: Run) -> None:
    part = sensitivity_part(run)
    heading = document.add_heading("What is settled and what is open", level=1)
    heading.paragraph_format.page_break_before = True
    for lines, grids in (
        (part["settled"], part["settled_grids"]),
        (part["sentences"], part["grids"]),
    ):
        _bullets(document, lines)
        for grid in grids:
            add_table(document, grid, run)


def _write_end(document: WordDocument, run: Run) -> None:
    document.add_heading("Limits of this evidence", level=1)
    _bullets(document, limits())
    document.add_heading("Attribution", level=1)
    _bullets(document, words.attribution_lines(run.place.sources))
    document.add_paragraph("The full report, its method and its data are in report.html.")


def _bullets(document: WordDocument, lines: Iterable[str]) -> None:
    for line in lines:
        document.add_paragraph(line, style="List Bullet")


def _picture(
    document: WordDocument, figure: Figure, words_: str, *, width_mm: int = WIDTH_MM
) -> None:
    from docx.shared import Mm

    buffer = io.BytesIO()
    with drawing():
        figure.savefig(buffer, format="png", dpi=170, metadata={"Software": None})
    buffer.seek(0)
    shape = document.add_picture(buffer, width=Mm(width_mm))
    shape._inline.docPr.set("descr", words_)  # noqa: SLF001 - python-docx has no door for alt text
    add_small_print(document, words_)


def _steady(data: bytes) -> bytes:
    """Return the same file with fixed dates inside."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _MOMENT), old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
