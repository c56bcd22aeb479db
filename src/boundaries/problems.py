"""The table of faults: every check adds rows to it, no check stops at the first.

Goes in: what a reader or a check found. Comes out: `problems.csv`, the screen, the report.
An ``error`` stops the run, a ``warning`` and a ``note`` go into the report.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Literal

from boundaries.encodings import one_line
from boundaries.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["Level", "Problem", "frame_of", "in_order", "raise_on_errors"]

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """One fault in the data or the study, in words that a place team can act on.

    Parameters
    ----------
    level
        ``error`` stops the run; ``warning`` may change a figure; ``note`` is for the record.
    file
        Name of the file (with ``!member`` for a file inside an archive), or the study's key.
    row
        Row in the file as a person counts it (the header is row 1), or None.
    code
        The practice, PCN, LSOA, team or borough concerned, or an empty text.
    field
        The column or study key concerned.
    said
        What was found.
    fix
        What to do about it.
    """

    level: Level
    file: str
    row: int | None
    code: str
    field: str
    said: str
    fix: str

    def __post_init__(self) -> None:
        """Make texts readable: files, and names of files, may be anybody's."""
        for name in ("file", "code", "field", "said", "fix"):
            text = getattr(self, name)
            if not text.isprintable():
                object.__setattr__(self, name, one_line(text))

    def __str__(self) -> str:
        """Return the problem on one line: where, what, what to do."""
        where = self.file if self.row is None else f"{self.file}, row {self.row}"
        about = f" [{self.code}]" if self.code else ""
        return f"{self.level}: {where}{about}: {self.said} {self.fix}".rstrip()


_ORDER = {"error": 0, "warning": 1, "note": 2}


def frame_of(problems: Iterable[Problem]) -> pd.DataFrame:
    """Return the problems as a table, errors first, otherwise in the order of their keys.

    Returns
    -------
    pandas.DataFrame
        Columns level, file, row (nullable integer), code, field, said, fix; no duplicates.
    """
    import pandas as pd  # noqa: PLC0415 - the command line needs problems at once, pandas not

    names = [field.name for field in fields(Problem)]
    rows = [astuple(problem) for problem in in_order(problems)]
    return pd.DataFrame(rows, columns=names).astype({"row": "Int64"})


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems without duplicates, errors first, then by file, row and code."""
    return sorted(
        set(problems),
        key=lambda p: (_ORDER[p.level], p.file, p.row or 0, p.code, p.field, p.said),
    )


def raise_on_errors(problems: Iterable[Problem]) -> None:
    """Stop when any problem is an error, with all of them in one message.

    Raises
    ------
    InputError
        When at least one problem is an error; it carries every problem, and its text lists the
        first twenty.
    """
    every = tuple(problems)
    errors = [problem for problem in every if problem.level == "error"]
    if not errors:
        return
    lines = [f"  {problem}" for problem in errors[:20]]
    if len(errors) > len(lines):
        lines.append(f"  … and {len(errors) - len(lines)} more")
    count = "1 problem" if len(errors) == 1 else f"{len(errors)} problems"
    raise InputError("\n".join([f"{count} in the data:", *lines]), every)
