"""What the publishers of the data ask to see, said once in one line that is always in view.

Goes in: the lines of `boundaries.pages.words.attribution_lines`. Comes out: one short line with
every publisher, right and year in it, and the licence once. The lines themselves, in full, stand
one click away ("About this page") and on every printed page. Next: `boundaries.pages.map`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["credit_line"]

_LICENCE: Final = re.compile(
    r",? licensed under (the current version of )?the Open Government Licence( v\.?3\.0)?"
)
_CROWN: Final = re.compile(
    r"Contains (?P<whose>.+?) data © Crown copyright and database right(?P<years>[ \d–-]*)"
)
_YEAR: Final = re.compile(r"\d{4}")
_SHORT: Final = {"Ordnance Survey": "OS"}
_TITLE: Final = re.compile(r" \([^)]*\)$")


def credit_line(lines: Iterable[str]) -> str:
    """Put the credits that a page owes into one line, repeating nothing.

    Parameters
    ----------
    lines
        Full credits, a sentence or more each.

    Returns
    -------
    str
        One line; a sentence that is of no known form stands in it as it is.

    Examples
    --------
    >>> right = "data © Crown copyright and database right"
    >>> print(credit_line([f"Contains OS {right} 2022.", f"Contains OS {right} 2025."]))
    Contains OS data © Crown copyright and database right 2022–2025.
    """
    said = [part for line in lines for part in _sentences(line)]
    open_licence = any(_LICENCE.search(part) for part in said)
    whose: dict[str, None] = {}
    years: set[str] = set()
    rest: dict[str, None] = {}
    for part in (_LICENCE.sub("", part) for part in said):
        crown = _CROWN.fullmatch(_TITLE.sub("", part))
        if crown:
            whose |= dict.fromkeys(_owners(crown["whose"]))
            years |= set(_YEAR.findall(crown["years"]))
        else:
            rest[part] = None
    found = [_crown(list(whose), sorted(years))] if whose else []
    found += [*rest, *(["Open Government Licence v3.0"] if open_licence else [])]
    return " ".join(f"{part}." for part in found)


def _sentences(line: str) -> list[str]:
    """Split a credit at its full stops, not at those inside ``v.3.0``."""
    return [part.strip() for part in re.split(r"\.(?=\s|$)", line) if part.strip()]


def _owners(text: str) -> list[str]:
    names = re.split(r", | and ", text)
    return [_SHORT.get(name, name) for name in names]


def _crown(whose: list[str], years: list[str]) -> str:
    names = " and ".join([", ".join(whose[:-1]), whose[-1]]) if len(whose) > 1 else whose[0]
    span = f" {years[0]}–{years[-1]}" if len(years) > 1 else f" {years[0]}" if years else ""
    return f"Contains {names} data © Crown copyright and database right{span}"
