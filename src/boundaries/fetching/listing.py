"""The table of sources in words, for ``boundaries fetch --list`` and docs/input-files.md alike.

Goes in: `SOURCES`. Comes out: text.
"""

from __future__ import annotations

from boundaries.fetching.sources import KNOWN, SOURCES, Source

__all__ = ["list_sources"]


def list_sources() -> str:
    """Return every source with its address, page, how often it is issued and what changed.

    Returns
    -------
    str
        Markdown that reads well in a terminal, the same as in docs/input-files.md.
    """
    head = (
        f"Addresses as known on {KNOWN}. Words in braces are worked out from what the publisher "
        "lists:\nthe newest is taken. None of the addresses could be tried where this was built."
    )
    return "\n\n".join([head, *(_entry(one) for one in SOURCES)]) + "\n"


def _entry(one: Source) -> str:
    study = f"study key `{one.key}`" if one.key else "for the map, no study key yet"
    asked = f"; only with `--only {one.name}`" if one.asked else ""
    lines = [
        f"**{one.name}**: {one.what}",
        f"- {study}{asked}",
        f"- published by {one.publisher}, {one.licence}; issued: {one.often}",
        f"- address: <{one.address}>" if " " not in one.address else f"- address: `{one.address}`",
        f"- by hand: <{one.page}>",
    ]
    if one.changed:
        lines.append(f"- changed: {one.changed}")
    return "\n".join([lines[0], "", *lines[1:]])
