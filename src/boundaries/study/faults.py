"""Faults of a study in words: the key's path, what is wrong with it, the nearest known key.

Goes in: what pydantic found. Comes out: `Problem`. Next: `boundaries.study.load`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundaries.codes import nearest_name
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

__all__ = ["NOT_KEYS", "explain", "fault"]

NOT_KEYS = frozenset({"text", "sha256", "folder"})
"""Fields of a `Study` that are no keys of its file."""


def fault(file: str, key: str, said: str, fix: str) -> Problem:
    """Return an error about a key of a study."""
    return Problem("error", file, None, "", key, said, fix)


def explain(found: dict[str, Any], name: str, tables: Mapping[str, type[BaseModel]]) -> Problem:
    """Turn one pydantic fault into a problem with the key's path and the nearest known key.

    Parameters
    ----------
    found
        One entry of ``ValidationError.errors()``.
    name
        File name for messages.
    tables
        The model of each table of the study by its key.
    """
    location = [str(part) for part in found["loc"] if "[" not in str(part)]
    key = ".".join(location)
    if found["type"] == "extra_forbidden":
        known = _known_keys(location[:-1], tables)
        near = nearest_name(location[-1], known)
        fix = f"Did you mean {near}?" if near else f"Known keys here: {', '.join(sorted(known))}."
        return fault(name, key, f"Unknown key {key}.", fix)
    if found["type"] == "missing":
        return fault(name, key, f"{key} is missing.", "Add it; docs/study.md shows how.")
    message = str(found["msg"]).removeprefix("Value error, ")
    given = found.get("input")
    shown = f" (given: {given!r})" if isinstance(given, (str, int, float, bool)) else ""
    return fault(name, key, f"{key}: {message}{shown}.", "Correct the value.")


def _known_keys(location: list[str], tables: Mapping[str, type[BaseModel]]) -> set[str]:
    """Return the keys that the table at a path may have."""
    known = set(tables) - {"today", "given", "waivers"}
    for part in location:  # a part that is no table is a layer's own name, or a place in a list
        if part in tables:
            known = set(tables[part].model_fields)
    return known - NOT_KEYS
