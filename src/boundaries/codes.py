"""The shapes of the codes that the NHS, ONS and OS use, and how they are normalised.

Goes in: text as somebody typed or published it. Comes out: the canonical text.
Codes are text everywhere, never numbers. Next: `boundaries.problems`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BOROUGH",
    "LSOA",
    "NO_PCN",
    "PCN",
    "PRACTICE",
    "SPECIAL_LSOAS",
    "looks_like",
    "nearest_name",
    "normalise_postcode",
]

PRACTICE: Final = re.compile(r"^[A-Z]\d{5}$")
"""ODS code of a GP practice: a letter and five digits."""

PCN: Final = re.compile(r"^U\d{5}$")
"""ODS code of a Primary Care Network: U and five digits."""

LSOA: Final = re.compile(r"^[EW]01\d{6}$")
"""GSS code of a lower layer super output area in England or Wales."""

BOROUGH: Final = re.compile(r"^[EW]0[6-9]\d{6}$")
"""GSS code of a local authority district (London boroughs are E09…)."""

NO_PCN: Final = frozenset({"U", "", "-", "UNALLOCATED"})
"""What publishers write for a practice without a PCN (NHS England's map file uses U)."""

SPECIAL_LSOAS: Final = frozenset(
    {"NO2011", "NO2021", "CLOSED", "EMPTY", "UNKNOWN", "E99999999", "L99999999", "W99999999"}
)
"""Codes in registration files that stand for "no LSOA known"; counted, never dropped in silence."""


def looks_like(pattern: re.Pattern[str], values: Iterable[object], *, share: float = 0.9) -> bool:
    """Say whether at least a share of the values have a code's shape.

    Empty input has no shape: the answer is no.
    """
    texts = [str(value).strip() for value in values]
    if not texts:
        return False
    return sum(bool(pattern.match(text)) for text in texts) >= share * len(texts)


def normalise_postcode(text: str) -> str:
    """Write a postcode in capitals with one space before the last three characters."""
    bare = re.sub(r"\s+", "", str(text)).upper()
    return f"{bare[:-3]} {bare[-3:]}" if len(bare) > 3 else bare


def nearest_name(word: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to a mistyped one, or None when nothing is close."""
    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), list(names), n=1, cutoff=0.6)
    return names[found[0]] if found else None
