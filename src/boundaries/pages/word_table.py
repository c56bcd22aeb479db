"""Tables of the Word file: columns wide enough for their words, short tables on one page.

Goes in: a `Grid`. Comes out: a table at the end of a document, with its caption and its small
print. Next: `boundaries.pages.word`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from boundaries.pages import words
from boundaries.pages.grid import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docx.document import Document as WordDocument

    from boundaries.pages.grid import Grid
    from boundaries.run import Run

__all__ = ["WIDTH_MM", "add_small_print", "add_table"]

WIDTH_MM: Final = 174
"""Room between the margins of the page."""

_MARGINS_MM: Final = 4.0
_LETTER_MM: Final = 1.65
_LONG_WORD: Final = 16
"""Room of a table's cell: its margins, a letter of 8 point bold, and letters a word may have."""
_MANY: Final = 8
"""Columns of a table whose headings are set smaller."""
_SHORT: Final = 12
"""Rows of a table that is kept on one page."""
_FIRST: Final = 3
"""Rows of a longer table, its heading counted, that begin a page together."""


def add_table(document: WordDocument, grid: Grid, run: Run) -> None:
    """Add a grid as a table; nothing at all for a grid without rows."""
    if not grid.rows:
        return
    missing = "*" if run.suppressed else words.DASH
    caption = document.add_paragraph(grid.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=len(grid.header), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, grid.header, strict=True):
        _fill(cell, text, bold=True, size=8 if len(grid.header) < _MANY else 7)
        _shade(cell)
    _mark_row(table.rows[0], "w:tblHeader")  # repeated on every page, and read as the header
    for row in grid.rows:
        added = table.add_row()
        _mark_row(added, "w:cantSplit")
        cells = added.cells
        for target, cell, right in zip(cells, row, grid.numeric, strict=True):
            note = f" ({cell.note})" if cell.note else ""
            _fill(target, cell_text(cell, missing) + note, right=right)
    _set_widths(table, grid)
    _keep_together(table.rows[:-1] if len(grid.rows) <= _SHORT else table.rows[:_FIRST])
    if grid.note:
        add_small_print(document, grid.note)


def add_small_print(document: WordDocument, text: str) -> None:
    """Add a paragraph of small print."""
    from docx.shared import Pt, RGBColor

    run = document.add_paragraph().add_run(text)
    run.font.size, run.font.color.rgb = Pt(8), RGBColor(0x4C, 0x62, 0x72)


def _set_widths(table: Any, grid: Grid) -> None:
    """Give every column room for its longest word; then the first most, and words more."""
    from docx.shared import Mm

    letter = _LETTER_MM if len(grid.header) < _MANY else _LETTER_MM * 0.9
    least = [
        _MARGINS_MM + letter * min(_LONG_WORD, max(map(len, " ".join(texts).split()), default=1))
        for texts in zip(
            grid.header, *([cell_text(c) for c in row] for row in grid.rows), strict=True
        )
    ]
    shares = [2.4, *(1.0 if is_number else 1.6 for is_number in grid.numeric[1:])]
    spare = max(0.0, WIDTH_MM - sum(least))
    table.autofit = False
    for column, room, part in zip(table.columns, least, shares, strict=True):
        wanted = room + spare * part / sum(shares)
        width = Mm(wanted * WIDTH_MM / (sum(least) + spare))
        column.width = width
        for cell in column.cells:
            cell.width = width


def _keep_together(rows: Iterable[Any]) -> None:
    """Keep each of these rows on the page of the next."""
    for row in rows:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def _fill(cell: Any, text: str, *, bold: bool = False, right: bool = False, size: int = 8) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold = bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _mark_row(row: Any, name: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no door for this
    mark = OxmlElement(name)
    mark.set(qn("w:val"), "true")
    properties.append(mark)


def _shade(cell: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shading = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", "E8EDEE")):
        shading.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(shading)  # noqa: SLF001 - as above
