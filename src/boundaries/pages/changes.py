"""What changed between two runs, for people: a page, a workbook, a paragraph.

Goes in: `Changes`. Comes out: ``compare.html``, ``compare.xlsx``, ``compare.txt`` and
``compare.json`` in one folder. Nothing comes next: these files are for people.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.pages import words
from boundaries.pages.changes_said import SUBJECTS, grids_of, paragraph, the_same
from boundaries.pages.grid import Cell, cell_text
from boundaries.pages.readable import for_readers
from boundaries.pages.shell import finish_page, render_template, template_text, write_page
from boundaries.pages.whole import whole_file
from boundaries.pages.workbook import BOOK_OPTIONS, book_formats, write_sheet
from boundaries.run import changes_between, writing

if TYPE_CHECKING:
    from boundaries.run import Run
    from boundaries.run.changes import Changes

__all__ = ["COMPARED", "changes_html", "write_changes"]

COMPARED: Final = ("compare.html", "compare.xlsx", "compare.txt", "compare.json")
"""Files of a comparison."""


def write_changes(
    first: Run, second: Run, folder: str | Path, *, names: tuple[str, str] = ("first", "second")
) -> Path:
    """Compare two runs of one place and write what changed, whole or not at all.

    Parameters
    ----------
    first, second
        The runs, the earlier one first.
    folder
        Where to.
    names
        What people call the runs, their folders' names for instance.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    PlanError
        When the runs are of two places.
    InputError
        When small numbers of either are to be suppressed, or the folder cannot be written.
    """
    changes = changes_between(first, second)
    shown = changes_between(for_readers(first), for_readers(second))
    with writing(folder, names=COMPARED, record="compare.json") as draft:
        write_page(changes_html(shown, names=names), draft / "compare.html")
        _write_book(changes, draft / "compare.xlsx", names)
        text = f"{paragraph(shown)}\n{the_same(shown)}".strip()
        (draft / "compare.txt").write_text(f"{text}\n", encoding="utf-8")
        record = {
            "tool": "boundaries",
            "kind": "comparison",
            "runs": [_record(*one) for one in zip(names, (first, second), strict=True)],
            "rows": {name: len(table) for name, table in changes.tables.items()},
            "said": paragraph(shown),
        }
        (draft / "compare.json").write_text(
            json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    return Path(folder)


def _record(name: str, run: Run) -> dict[str, Any]:
    return {
        "name": name,
        "study": run.study.sha256,
        "inputs": [source.record() for source in run.place.sources],
    }


def changes_html(changes: Changes, *, names: tuple[str, str]) -> str:
    """Return the page of a comparison as text.

    Raises
    ------
    AssetError
        When the page would load anything from outside itself.
    """
    grids = grids_of(changes)
    sources = (*changes.first.place.sources, *changes.second.place.sources)

    def show(cell: Cell) -> str:
        return cell_text(cell)

    values = {
        "show": show,
        "next_table": iter(range(1, 100)).__next__,
        "title": _title(changes),
        "runs": [_said(*one) for one in zip(names, (changes.first, changes.second), strict=True)],
        "discussion": words.DISCUSSION,
        "paragraph": paragraph(changes),
        "same": the_same(changes),
        "grids": grids,
        "subjects": SUBJECTS,
        "attribution": list(words.attribution_lines(sources)),
    }
    page = render_template(
        "page.html",
        {
            "title": values["title"],
            "generator": "boundaries",
            "styles": [template_text("report/report.css")],
            "head": "",
            "body_class": "report",
            "body": render_template("changes.html", values),
            "data": "",
            "scripts": [],
        },
    )
    return finish_page(page)


def _title(changes: Changes) -> str:
    return f"What changed between two runs of {changes.second.place.name}"


def _said(name: str, run: Run) -> str:
    quick = "quick" in str(run.record.get("effort", ""))
    return " ".join(
        part
        for part in (
            f"{name}: study {run.study.sha256[:8]}.",
            words.registered_on(run.place.sources),
            "A quick look, stopped by the clock: two of them may differ by chance."
            if quick
            else "",
        )
        if part
    )


def _write_book(changes: Changes, path: Path, names: tuple[str, str]) -> None:
    """Write one sheet a subject that differs, after a sheet of notes."""
    from xlsxwriter import Workbook

    with whole_file(path) as part, Workbook(str(part), BOOK_OPTIONS) as book:
        book.set_properties({"title": _title(changes), "created": pd.Timestamp(2020, 1, 1)})
        formats = book_formats(book)
        notes = book.add_worksheet("notes")
        notes.set_column(0, 0, 24)
        notes.set_column(1, 1, 100)
        notes.write_string(0, 0, _title(changes), formats["title"])
        runs = zip(("First run (_a)", "Second run (_b)"), names, strict=True)
        rows = [("For discussion", words.DISCUSSION), *runs, ("What changed", paragraph(changes))]
        rows.append(("The same", the_same(changes)))
        rows += [(name, heading) for name, heading in SUBJECTS.items() if len(changes.tables[name])]
        sources = (*changes.first.place.sources, *changes.second.place.sources)
        rows += [("Attribution", line) for line in words.attribution_lines(sources)]
        for number, (key, value) in enumerate(rows, start=2):
            notes.write_string(number, 0, key, formats["bold"])
            notes.write_string(number, 1, value, formats["wrap"])
        for name, table in changes.tables.items():
            if len(table):
                write_sheet(book, formats, name, table, hidden="")
