"""The log of engagement: who was asked, for whom, when, what was asked, what was done.

Goes in: a CSV that people keep. Comes out: its rows as text. Next: the run's record, from which
the report draws them.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from boundaries.encodings import decoded, readable
from boundaries.limits import how_to_raise, limit
from boundaries.read.parts import fault

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.problems import Problem

__all__ = ["ENGAGEMENT_COLUMNS", "one_line", "read_engagement"]

ENGAGEMENT_COLUMNS: Final = ("who", "for_whom", "when", "asked", "done")
"""Headings of the log; others are left out."""

_LONGEST: Final = 2_000


def one_line(text: str, *, most: int = _LONGEST) -> str:
    """Return a text of somebody else as one line that can be shown anywhere as text."""
    return " ".join(readable(text).split())[:most]


def read_engagement(path: Path | None, problems: list[Problem]) -> tuple[dict[str, str], ...]:
    """Read the log of engagement.

    Parameters
    ----------
    path
        The CSV; None for none.
    problems
        Grows by what is wrong with it.

    Returns
    -------
    tuple[dict[str, str], ...]
        Rows with the keys of `ENGAGEMENT_COLUMNS`, in the order of the file; empty rows left out.
    """
    if path is None:
        return ()
    if not path.is_file() or path.stat().st_size > limit("log_kb") * 1_000:
        said = f"The log is no file, or over {limit('log_kb'):,} kB."
        problems.append(fault(path.name, said, how_to_raise("log_kb")))
        return ()
    text = decoded(path.read_bytes())
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        problems.append(fault(path.name, f"Not a CSV file: {error}.", "Save it as CSV (UTF-8)."))
        return ()
    heading = [one_line(cell).lower().replace(" ", "_") for cell in rows[0]] if rows else []
    missing = [name for name in ENGAGEMENT_COLUMNS if name not in heading]
    if missing:
        said = f"The log has no column {', '.join(missing)}."
        fix = f"Its headings are {', '.join(ENGAGEMENT_COLUMNS)}."
        problems.append(fault(path.name, said, fix, row=1))
        return ()
    places = {name: heading.index(name) for name in ENGAGEMENT_COLUMNS}
    read = [
        {name: one_line(row[at]) if at < len(row) else "" for name, at in places.items()}
        for row in rows[1:]
    ]
    return tuple(row for row in read if any(row.values()))
