"""Words and figures that several checks put into their sentences.

Goes in: codes, counts, tables. Comes out: text for `boundaries.problems.Problem`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.read.tables import Tables

__all__ = ["code_fix", "counted", "file_of", "listing", "row_of", "source_file"]


def code_fix(code: str, known: Iterable[str]) -> str:
    """Say which known codes differ from a mistyped one by a single character, if any do.

    Codes run in sequence, so nothing looser is offered: a code two characters off is as likely
    another area altogether.
    """
    typed = code.strip().upper()
    near = sorted(name for name in known if name == typed or _one_slip(typed, name))
    if not near:
        return "Take it out, or check the code."
    return f"Write {' or '.join(near[:3])}?"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: "1 practice", "1,204 practices"."""
    return f"1 {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def listing(codes: Iterable[str], most: int = 10) -> str:
    """Write codes in order, no more than ``most`` of them: "A, B, C and 4 more"."""
    names = sorted(set(codes))
    text = ", ".join(names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most:,} more"


def file_of(frame: pd.DataFrame, fallback: str) -> str:
    """Name the file or files that rows came from."""
    if "file" not in frame.columns or frame.empty:
        return fallback
    return "; ".join(sorted(frame["file"].astype(str).unique())) or fallback


def row_of(value: Any) -> int | None:
    """Write a row number, or None where the file gave none."""
    return None if pd.isna(value) else int(value)


def source_file(tables: Tables, role: str) -> str:
    """Name the file or files that the study uses for a role, or the study's key for it."""
    files = sorted({source.file for source in tables.sources if source.role == role})
    return "; ".join(files) or role


def _one_slip(one: str, other: str) -> bool:
    """Say whether two texts differ by one character: changed, missing or doubled."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) != 1:
        return False
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
