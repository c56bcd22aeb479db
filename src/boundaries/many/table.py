"""``batch.csv``: one row a place, whatever became of it, made of the logs in the folder.

Goes in: logs. Comes out: the table, and the exit code of all. Several batches may write it into
one folder, one after another: each reads all the logs there, also those of the others.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.many.ledger import read_entries
from boundaries.run.tables import write_table as write_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from boundaries.many.ledger import Entry

__all__ = ["BATCH_FILE", "COLUMNS", "exit_code_of", "table_of", "write_table"]

BATCH_FILE: Final = "batch.csv"

COLUMNS: Final = (
    "place", "folder", "status", "exit_code", "reason", "log", "study", "lsoas", "seconds",
    "core_seconds", "memory_mib", "attempts", "key",
)  # fmt: skip

STOPPED: Final = 130
"""Exit code when a batch was stopped before all its places were run (128 + SIGINT)."""


def table_of(entries: Iterable[Entry], folder: Path) -> pd.DataFrame:
    """Return one row a place: columns as `COLUMNS`, text where a number is not known."""
    return pd.DataFrame([_row(entry, folder) for entry in entries], columns=list(COLUMNS))


def _row(entry: Entry, folder: Path) -> dict[str, Any]:
    record = entry.record
    here = (folder / entry.slug / "run.json").is_file()
    status = record.get("status") or ("not ended" if entry.attempts else "not begun")
    return {
        "place": entry.name,
        "folder": entry.slug if here and status in ("done", "stopped") else "",
        "status": status,
        "exit_code": record.get("exit_code", ""),
        "reason": " ".join(str(record.get("reason", "")).split()),
        "log": f"{entry.slug}.log",
        "study": record.get("study", ""),
        "lsoas": record.get("lsoas", ""),
        "seconds": record.get("seconds", ""),
        "core_seconds": record.get("core_seconds", ""),
        "memory_mib": record.get("memory_mib") or "",
        "attempts": entry.attempts or "",
        "key": record.get("key", ""),
    }


def write_table(folder: Path) -> pd.DataFrame:
    """Write ``batch.csv``, whole or not at all, and return it.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    target = folder / BATCH_FILE
    part = folder / f".{BATCH_FILE}.{os.getpid()}"
    table = table_of(read_entries(folder), folder)
    try:
        write_rows(table, part)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return table


def exit_code_of(table: pd.DataFrame) -> int:
    """Return the exit code of a batch: the worst of its places; 130 when some were not run."""
    codes = pd.to_numeric(table["exit_code"], errors="coerce")
    worst = int(codes.max()) if codes.notna().any() else 0
    unfinished = table["status"].isin(["not begun", "not ended", "stopped"]).any()
    return worst or (STOPPED if unfinished else 0)
