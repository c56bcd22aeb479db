"""The Word file: opens, holds the report's tables, and gives the same bytes every time."""

from __future__ import annotations

from docx import Document

from boundaries.pages.compare import ladder_grid, option_blocks, side_by_side_grid
from boundaries.pages.grid import cell_text
from boundaries.pages.naming import ladders
from boundaries.pages.word import write_word


def _rows(table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_its_tables_are_the_reports(small_run, tmp_path):
    document = Document(str(write_word(small_run, tmp_path / "report.docx")))
    found = [_rows(table) for table in document.tables]
    (options,) = ladders(small_run).values()
    grids = [ladder_grid(small_run, options)]
    grids += [side_by_side_grid(small_run, block) for block in option_blocks(small_run, at_most=5)]
    for grid in grids:
        expected = [list(grid.header)] + [
            [cell_text(c) + (f" ({c.note})" if c.note else "") for c in row] for row in grid.rows
        ]
        assert expected in found


def test_it_has_a_map_with_words_for_every_option(small_run, tmp_path):
    document = Document(str(write_word(small_run, tmp_path / "report.docx")))
    words = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    for option in small_run.options:
        assert any(option.title in said for said in words)
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Nobody has agreed to any option shown" in text
    assert "licensed under the current version of the Open Government Licence" in text


def test_headings_have_room_and_short_tables_stay_whole(varied_run, tmp_path):
    document = Document(str(write_word(varied_run, tmp_path / "report.docx")))
    for table in document.tables:
        for column, cell in zip(table.columns, table.rows[0].cells, strict=True):
            letters = max(map(len, cell.text.split()))
            assert column.width.mm > 3.8 + 1.4 * letters, cell.text  # cell margins, 7 point bold
        kept = [
            all(p.paragraph_format.keep_with_next for c in row.cells for p in c.paragraphs)
            for row in table.rows
        ]
        whole = len(table.rows) <= 13
        assert kept == [at < (len(kept) - 1 if whole else 3) for at in range(len(kept))]


def test_names_are_text(hostile_run, tmp_path):
    document = Document(str(write_word(hostile_run, tmp_path / "report.docx")))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "<img src=x onerror=alert(1)> & Sons" in text


def test_the_same_bytes_every_time(small_run, tmp_path):
    one = write_word(small_run, tmp_path / "a.docx").read_bytes()
    assert one == write_word(small_run, tmp_path / "b.docx").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.docx", "b.docx"]
