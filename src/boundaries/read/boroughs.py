"""Which boroughs the polygons know, and which of them a person means.

Goes in: `Tables.lsoas` or borough polygons, and names or codes as typed. Comes out: borough codes
with names, or the nearest known name. Next: `boundaries.place`, and ``boundaries init``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.codes import BOROUGH, nearest_name
from boundaries.problems import Problem
from boundaries.read.districts import CHANGES, Change, kind_of_district
from boundaries.read.parts import fault

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["list_boroughs", "match_boroughs", "name_of_set"]


def list_boroughs(areas: pd.DataFrame) -> pd.DataFrame:
    """List the boroughs of a table with the columns borough_code and borough_name.

    Returns
    -------
    pandas.DataFrame
        Index ``borough_code`` (the name stands for the code where the polygons have no codes),
        sorted; column borough_name.
    """
    pairs = areas[["borough_code", "borough_name"]].drop_duplicates().astype("str")
    pairs = pairs[(pairs["borough_code"] != "") | (pairs["borough_name"] != "")]
    coded = pairs["borough_code"].where(pairs["borough_code"] != "", pairs["borough_name"])
    named = pairs["borough_name"].where(pairs["borough_name"] != "", pairs["borough_code"])
    boroughs = pd.DataFrame({"borough_code": coded, "borough_name": named})
    return boroughs.drop_duplicates("borough_code").set_index("borough_code").sort_index()


def match_boroughs(
    wanted: Iterable[str], boroughs: pd.DataFrame, *, file: str = "place.boroughs"
) -> tuple[tuple[str, ...], list[Problem]]:
    """Find the boroughs that a person names, by name or code.

    Capitals, blanks, "&" for "and" and words such as "London Borough of" or ", City of" do not
    matter. One text may name several with commas between; the whole text is tried first, since
    "Bournemouth, Christchurch and Poole" is one. A district that changed its code or was made of
    others is found under what the polygons call it, with a note.

    Parameters
    ----------
    wanted
        Names or codes as typed.
    boroughs
        What `list_boroughs` returns.
    file
        Where the names stand, for the problems.

    Returns
    -------
    tuple[tuple[str, ...], list[Problem]]
        Codes in the order given, each once; an error for every name not known, with the nearest,
        or that could be several; a note for every district under another code.
    """
    codes: list[str] = []
    problems: list[Problem] = []
    for word in wanted:
        for name in _split(word, boroughs):
            found, said = _find(name, boroughs, file)
            codes += [code for code in found if code not in codes]
            problems += said
    return tuple(codes), problems


def name_of_set(codes: Iterable[str], boroughs: pd.DataFrame) -> str:
    """Return the name of the district that a set of older ones makes; empty when none does."""
    given = set(codes)
    for change in CHANGES:
        parts = {_part(pair, boroughs) for pair in change.before}
        if len(parts) > 1 and parts == given:
            return change.name
    return ""


def _split(text: str, boroughs: pd.DataFrame) -> list[str]:
    """Split a text at commas, the longest names that are known first."""
    pieces = [piece.strip() for piece in text.split(",")]
    names: list[str] = []
    at = 0
    while at < len(pieces):
        ends = range(len(pieces), at, -1)
        known = (end for end in ends if _known(", ".join(pieces[at:end]), boroughs))
        end = next(known, at + 1)
        names.append(", ".join(pieces[at:end]))
        at = end
    return [name for name in names if name] or [text]


def _known(name: str, boroughs: pd.DataFrame) -> bool:
    codes, said = _find(name, boroughs, "")
    return bool(codes) or any("could be" in problem.said for problem in said)


def _find(word: str, boroughs: pd.DataFrame, file: str) -> tuple[tuple[str, ...], list[Problem]]:
    """Find one district, under whatever code and name the polygons have it."""
    typed = word.strip().upper()
    if typed in boroughs.index:
        return (typed,), []
    bare = _ALSO.get(_bare(word), _bare(word))
    same = [str(code) for code, name in boroughs["borough_name"].items() if _bare(name) == bare]
    if same:
        several = len(same) > 1
        return ((), [_several(word, same, boroughs, file)]) if several else ((same[0],), [])
    for change in CHANGES:
        parts = [_part(pair, boroughs) for pair in change.before]
        if (typed == change.code or bare == _bare(change.name)) and all(parts):
            return tuple(parts), [_made_of(change, parts, boroughs, file)]
        old = any(typed == code or bare == _bare(name) for code, name in change.before)
        after = _part((change.code, change.name), boroughs) if old else ""
        if after:
            alone = len(change.before) == 1
            return ((after,) if alone else ()), [_became(word, change, after, file)]
    return (), [_unknown(word, boroughs, file)]


def _part(pair: tuple[str, str], boroughs: pd.DataFrame) -> str:
    """Return the code under which the polygons have a district, empty when they do not."""
    code, name = pair
    if code in boroughs.index:
        return code
    same = [str(key) for key, own in boroughs["borough_name"].items() if _bare(own) == _bare(name)]
    return same[0] if len(same) == 1 else ""


def _made_of(change: Change, parts: list[str], boroughs: pd.DataFrame, file: str) -> Problem:
    """Say under which older codes the polygons have a district."""
    names = boroughs["borough_name"]
    said = f"{change.name} ({change.code}, since {change.year}) is made of what the polygons call"
    said += f" {', '.join(f'{names[code]!s} ({code})' for code in parts)}."
    if len(parts) == 1:
        said = f"{change.name} has the code {parts[0]} in the polygons, {change.code} since"
        said += f" {change.year}."
    return Problem("note", file, None, change.code, "boroughs", said, "Nothing.")


def _became(word: str, change: Change, after: str, file: str) -> Problem:
    """Say that a district has another code now, or is a part of a larger one."""
    if len(change.before) == 1:
        said = f"{change.name} has the code {after} since {change.year}."
        return Problem("note", file, None, after, "boroughs", said, "Nothing.")
    said = f"{word!r} is a part of {change.name} ({after}) in the polygons, since {change.year}."
    fix = f"Name {change.name}, or give polygons of before {change.year}."
    return fault(file, said, fix, code=word, field="boroughs")


def _several(word: str, codes: list[str], boroughs: pd.DataFrame, file: str) -> Problem:
    said = f"{word!r} could be {' or '.join(_told(code, boroughs) for code in codes)}."
    return fault(file, said, "Give the code.", code=word, field="boroughs")


def _told(code: str, boroughs: pd.DataFrame) -> str:
    kind = kind_of_district(code)
    name = str(boroughs["borough_name"][code])
    return f"{name} ({code}{', ' if kind else ''}{kind})"


def _unknown(word: str, boroughs: pd.DataFrame, file: str) -> Problem:
    names = sorted(boroughs["borough_name"])
    said = f"The polygons have no borough {word!r}."
    if BOROUGH.match(word.strip().upper()):
        known = ", ".join(
            f"{name} is {code}" for code, name in list(boroughs["borough_name"].items())[:3]
        )
        return fault(file, said, f"Check the code ({known} …).", code=word, field="boroughs")
    bare = _bare(word)
    begins = [str(c) for c, name in boroughs["borough_name"].items() if _begins(name, bare)]
    if len(begins) > 1:
        return _several(word, begins[:10], boroughs, file)
    near = nearest_name(bare, {_bare(name): name for name in names})
    meant = next((name for name in names if _bare(name) == near), None)
    if begins:
        meant = str(boroughs.loc[begins[0], "borough_name"])
    shown = ", ".join(names[:40]) + (" …" if len(names) > 40 else "")
    fix = f"Did you mean {meant}?" if meant else f"They have: {shown}."
    return fault(file, said, fix, code=word, field="boroughs")


def _begins(name: str, bare: str) -> bool:
    """Say whether a name begins with whole words: Kingston for Kingston upon Thames."""
    return bool(bare) and f"{_bare(name)} ".startswith(f"{bare} ")


_ALSO: Final = {"hull": "kingston hull", "bcp": "bournemouth christchurch and poole"}
"""Names in daily use that are not a part of the official one's beginning."""

_TITLES: Final = re.compile(
    r"\b(the|royal|london|metropolitan|borough|city|council|county|unitary|authority|of|upon|on|"
    r"district)\b"
)


_AFTER_A_COMMA: Final = re.compile(r", *((royal|london) borough|city|county) of *$", re.IGNORECASE)


def _bare(name: str) -> str:
    """Return a name without its titles; one that is several, commas between, keeps them."""
    text = _AFTER_A_COMMA.sub("", name)
    text = re.sub(r"\(.*?\)", " ", text.lower()).replace("&", " and ")
    several = "," in text
    text = re.sub(r"[^a-z ]+", " ", re.sub(r"['’.]", "", text))
    bare = text if several else _TITLES.sub(" ", text)
    return " ".join(bare.split()) or " ".join(name.lower().split())
