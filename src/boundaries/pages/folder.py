"""Everything that people look at, in one folder, whole or not at all.

Goes in: a `Run` and its folder. Comes out: ``map.html``, ``report.html``, ``workbook.xlsx``,
``report.docx`` and ``pictures/*.png``. Nothing comes next: these files are for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boundaries.pages.map import write_map
from boundaries.pages.pictures import write_pictures
from boundaries.pages.report import write_report
from boundaries.pages.word import write_word
from boundaries.pages.workbook import write_workbook
from boundaries.run import writing

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.run import Run

__all__ = ["render_run"]


def render_run(run: Run, folder: str | Path) -> None:
    """Draw a run into its folder.

    Raises
    ------
    AssetError
        When a page would call out, or something that it needs is not installed.
    InputError
        When the folder cannot be written.
    """
    with writing(folder) as draft:
        write_map(run, draft / "map.html")
        write_report(run, draft / "report.html")
        write_workbook(run, draft / "workbook.xlsx")
        write_word(run, draft / "report.docx")
        write_pictures(run, draft / "pictures")
