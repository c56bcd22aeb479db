"""How much of anything a file may ask for: one table, and how a person raises a limit.

Goes in: the name of a limit. Comes out: its value, from the table or from the environment variable
``BOUNDARIES_LIMITS`` (``BOUNDARIES_LIMITS="unpacked_mb=8000,sheet_cells=50000000"``). A file or a
study cannot raise a limit: both may come from somebody else. The table stands in docs/security.md.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from boundaries.errors import InputError

__all__ = ["LIMITS", "Limit", "how_to_raise", "limit"]

VARIABLE: Final = "BOUNDARIES_LIMITS"


@dataclass(frozen=True)
class Limit:
    """One limit: its value, and what it bounds in words for people."""

    value: int
    what: str


LIMITS: Final[dict[str, Limit]] = {
    "unpacked_mb": Limit(4_000, "megabytes that one member of an archive unpacks to"),
    "unpacked_times": Limit(
        150, "times its packed size that a member over 50 megabytes unpacks to"
    ),
    "members": Limit(2_000, "files in one archive"),
    "sheet_cells": Limit(20_000_000, "cells between the corners of a sheet's rows and columns"),
    "parquet_cells": Limit(50_000_000, "cells of a Parquet file: rows times columns"),
    "parquet_mb": Limit(4_000, "megabytes that a Parquet file unpacks to"),
    "layers": Limit(200, "layers in one file"),
    "vertices": Limit(30_000_000, "points of all outlines of a layer"),
    "crossings": Limit(2_000, "times that the outlines of a layer cross themselves"),
    "study_kb": Limit(1_000, "kilobytes of a study"),
    "log_kb": Limit(1_000, "kilobytes of a log of engagement"),
    "reply_kb": Limit(100, "kilobytes of a reply"),
    "replies": Limit(5_000, "replies in one folder"),
    "run_json_mb": Limit(50, "megabytes of a run.json"),
}
"""Every limit by name. Each is several times what the largest published file needs."""


def limit(name: str) -> int:
    """Return a limit, as the environment raises or lowers it.

    Raises
    ------
    InputError
        When the environment variable is not a list of known limits with whole numbers.
    """
    asked = os.environ.get(VARIABLE, "")
    values = {key: entry.value for key, entry in LIMITS.items()}
    for item in filter(None, (part.strip() for part in asked.split(","))):
        key, _, number = item.partition("=")
        if key.strip() not in values or not number.strip().isdecimal() or len(number) > 18:
            raise InputError(
                f"{VARIABLE} has {item!r}. Write name=whole number, commas between; "
                f"the names are {', '.join(LIMITS)}."
            )
        values[key.strip()] = int(number)
    return values[name]


def how_to_raise(name: str) -> str:
    """Return the words that tell a person how to get over a limit, knowing what they do."""
    return (
        f"If the file is right and you trust it, raise the limit: {VARIABLE}={name}=… "
        f"(now {limit(name):,}; docs/security.md)."
    )
