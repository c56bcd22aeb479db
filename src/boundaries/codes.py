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
    "AREA_CODE",
    "BOROUGH",
    "GSS",
    "LSOA",
    "NO_PCN",
    "PCN",
    "PRACTICE",
    "SPECIAL_LSOAS",
    "is_gp_practice",
    "looks_like",
    "nearest_name",
    "normalise_postcode",
    "setting_words",
]

PRACTICE: Final = re.compile(r"^[A-Z]\d{5}$")
"""ODS code of a GP practice: a letter and five digits."""

PCN: Final = re.compile(r"^U\d{5}$")
"""ODS code of a Primary Care Network: U and five digits."""

LSOA: Final = re.compile(r"^[EW]01\d{6}$")
"""GSS code of a lower layer super output area in England or Wales."""

BOROUGH: Final = re.compile(r"^[EW]0[6-9]\d{6}$")
"""GSS code of a local authority district (London boroughs are E09…)."""

GSS: Final = re.compile(r"^[EWSN]\d{8}$")
"""GSS code of any area of the United Kingdom."""

AREA_CODE: Final = re.compile(r"^[EW]0[125]\d{6}$")
"""GSS code of an LSOA, MSOA or ward: what a lookup of teams may go by."""

NO_PCN: Final = frozenset({"U", "", "-", "UNALLOCATED"})
"""What publishers write for a practice without a PCN (NHS England's map file uses U)."""

SPECIAL_LSOAS: Final = frozenset(
    {"NO2011", "NO2021", "CLOSED", "EMPTY", "UNKNOWN"}
    | {f"{letter}99999999" for letter in "ELMNSW"}
)
"""Codes in registration files that stand for "no LSOA known"; counted, never dropped in silence.
ONS's pseudo-codes of nines are the Channel Islands (L), the Isle of Man (M) and whole countries."""


SETTINGS: Final = {
    "0": "other prescribing", "1": "walk-in centre", "2": "out of hours",
    "3": "walk-in centre and out of hours", "4": "GP practice", "8": "public health service",
    "9": "community health service", "10": "hospital service", "11": "optometry service",
    "12": "urgent and emergency care", "13": "hospice", "14": "care or nursing home",
    "25": "prison",
    "RO72": "other prescribing", "RO76": "GP practice", "RO80": "out of hours", "RO82": "prison",
    "RO87": "walk-in centre", "RO246": "care or nursing home", "RO247": "community health service",
    "RO249": "hospice", "RO250": "hospital service", "RO252": "optometry service",
    "RO255": "public health service", "RO259": "urgent and emergency care",
}  # fmt: skip
"""What sort of prescriber the NHS Organisation Data Service says an organisation is: prescribing
settings until 2025, roles since (the two were held against each other by practice code)."""


def is_gp_practice(setting: str) -> bool:
    """Say whether a prescribing setting, or any of the roles joined by ``|``, is a GP practice's.

    An empty one is taken for a GP practice: the file does not say.
    """
    return not setting or bool({"4", "RO76"} & set(setting.split("|")))


def setting_words(setting: str) -> str:
    """Say a setting or roles as published, with what they mean: "RO80 (out of hours)"."""
    parts = setting.split("|")
    known = [SETTINGS[part] for part in parts if part in SETTINGS]
    return f"{' and '.join(parts)} ({' and '.join(known)})" if known else " and ".join(parts)


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
