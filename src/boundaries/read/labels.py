"""One spelling for one name: "North", "north " and "NORTH" are the same, and so are 1 and 1.0.

Goes in: columns of names, of one file or of two. Comes out: the same under one spelling each, and a
note of every spelling that gave way. Next: `boundaries.read.plans`, `boundaries.read.layers`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

from boundaries.codes import AREA_CODE, nearest_name
from boundaries.problems import Problem
from boundaries.read.parts import fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["is_no_name", "look_odd", "one_spelling", "spelled_as", "strangers"]

_NUMBER: Final = re.compile(r"0*(\d+)(?:\.0*)?")
_BLANKS: Final = re.compile(r"[\s_]+")
_DASHES: Final = re.compile(r"[‐‑‒–—−]")
_QUOTES: Final = re.compile(r"[‘’‛`´]")
_NO_NAMES: Final = frozenset(
    {
        "", "0", "n/a", "na", "n.a.", "n.a", "#n/a", "nan", "nil", "null", "none", "<na>", "<null>",
        "(none)", "no team", "not applicable", "not known", "not allocated", "not assigned",
        "unallocated", "unassigned", "unknown", "tbc", "tbd", "t.b.c.", "tba", "to be confirmed",
        "to be decided", "to be determined", "to be agreed", "to be allocated", "?", "-", "--",
        "---", ".", "blank", "(blank)", "empty", "missing", "pending",
    }
)  # fmt: skip
"""What people write in place of a name."""

_WORD: Final = re.compile(r"[^\W_]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_FEW: Final = 3  # areas that may well have a team each


def spelling(name: str) -> str:
    """Return what two spellings of one name have in common."""
    text = unicodedata.normalize("NFKC", name)
    text = _QUOTES.sub("'", _DASHES.sub("-", text)).casefold()
    text = _BLANKS.sub(" ", text).strip()
    number = _NUMBER.fullmatch(text)
    return number[1] if number else text.replace(" - ", "-").replace(" ", "")


def is_no_name(name: str) -> bool:
    """Say whether a cell holds no name but a word for there being none: n/a, -, TBC, Unknown, 0."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", name)).casefold()
    return _BLANKS.sub(" ", text).strip() in _NO_NAMES or not _WORD.search(text)


def look_odd(
    names: pd.Series[str], areas: pd.Series[str] | None, *, file: str, field: str
) -> list[Problem]:
    """Warn of a column that may not be that of the names: codes, or a name for every area.

    Parameters
    ----------
    names
        Names, none of them empty.
    areas
        Codes of the areas beside them, where another name for each is odd; else None.
    file, field
        For the warning.
    """
    known = sorted(set(names))
    fix = "Check that it is the column of the names; another is named in the study."
    coded = [name for name in known if AREA_CODE.match(name)]
    said = ""
    if coded:
        said = f"{coded[0]!r} is the code of an area, not a name."
    elif areas is not None and len(known) == areas.nunique() > _FEW:
        said = f"Each of the {len(known)} areas has a name of its own: no two are together."
    elif 0 < len(bare := [name for name in known if not _LETTER.search(name)]) < len(known) / 2:
        said = f"Among names in letters there is {', '.join(map(repr, bare[:5]))}."
    return [Problem("warning", file, None, "", field, said, fix)] if said else []


def one_spelling(
    names: pd.Series[str], *, file: str, field: str
) -> tuple[pd.Series[str], list[Problem]]:
    """Give names that differ in capitals, blanks, dashes or a ``.0`` the spelling used most.

    Parameters
    ----------
    names
        Names as written; empty texts stay.
    file, field
        For the note.

    Returns
    -------
    tuple[pandas.Series, list[Problem]]
        The names under one spelling each, same index; a note for each that gave way.
    """
    best: dict[str, str] = {}
    counts = Counter(names)
    for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        key = spelling(name)
        best.setdefault(key, key if _NUMBER.fullmatch(name) else name)
    return spelled_as(names, best, file=file, field=field)


def spelled_as(
    names: pd.Series[str], best: Iterable[str] | dict[str, str], *, file: str, field: str
) -> tuple[pd.Series[str], list[Problem]]:
    """Give names the spelling that others have; those that are not among them stay."""
    known = best if isinstance(best, dict) else {spelling(name): name for name in best}
    changed = {
        name: known[spelling(name)]
        for name in sorted(set(names))
        if name and known.get(spelling(name), name) != name
    }
    problems = [
        Problem(
            "note", file, None, "", field,
            f"{name!r} is taken for {other!r}: they differ only in capitals, blanks or dashes,"
            " or in how the number is written.",
            "If they are two, give them names that differ.",
        )
        for name, other in changed.items()
    ]  # fmt: skip
    return names.map(lambda name: changed.get(name, name)).astype(names.dtype), problems


def strangers(
    names: pd.Series[str], known: Iterable[str], *, file: str, field: str
) -> list[Problem]:
    """Return an error for each name that the other file of a plan does not have."""
    among = sorted(set(known))
    shown = ", ".join(among[:12]) + (", …" if len(among) > 12 else "")
    problems = []
    for name in sorted(set(names) - set(among) - {""}):
        rows = names.index[names == name]
        near = nearest_name(name, among)
        said = f"The plan of LSOAs has no neighbourhood {name!r} ({len(rows)} practices are in it)."
        said = said.replace("(1 practices are in it)", "(1 practice is in it)")
        fix = f"Did you mean {near!r}?" if near else f"It has {shown}."
        problems.append(fault(file, said, fix, field=field))
    return problems
