"""Which boroughs the polygons know, and which of them a person means.

Goes in: `Tables.lsoas` or borough polygons, and names or codes as typed. Comes out: borough codes
with names, or the nearest known name. Next: `boundaries.place`, and ``boundaries init``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.codes import BOROUGH, nearest_name
from boundaries.read.parts import fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.problems import Problem

__all__ = ["list_boroughs", "match_boroughs"]


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

    Capitals, blanks, "&" for "and" and words such as "London Borough of" do not matter.

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
        Codes in the order given, each once; an error for every name not known, with the nearest.
    """
    by_word = {_bare(name): code for code, name in boroughs["borough_name"].items()}
    codes: list[str] = []
    problems: list[Problem] = []
    for word in wanted:
        typed = word.strip().upper()
        code = typed if typed in boroughs.index else str(by_word.get(_bare(word), ""))
        if not code:
            problems.append(_unknown(word, boroughs, file))
        elif code not in codes:
            codes.append(code)
    return tuple(codes), problems


def _unknown(word: str, boroughs: pd.DataFrame, file: str) -> Problem:
    names = sorted(boroughs["borough_name"])
    said = f"The polygons have no borough {word!r}."
    if BOROUGH.match(word.strip().upper()):
        known = ", ".join(
            f"{name} is {code}" for code, name in list(boroughs["borough_name"].items())[:3]
        )
        return fault(file, said, f"Check the code ({known} …).", code=word, field="boroughs")
    near = nearest_name(_bare(word), {_bare(name): name for name in names})
    begins = (name for name in names if _bare(name).startswith(_bare(word)))
    meant = next(begins, None) or next((name for name in names if _bare(name) == near), None)
    shown = ", ".join(names[:40]) + (" …" if len(names) > 40 else "")
    fix = f"Did you mean {meant}?" if meant else f"They have: {shown}."
    return fault(file, said, fix, code=word, field="boroughs")


def _bare(name: str) -> str:
    text = re.sub(r"\(.*?\)", " ", name.lower()).replace("&", " and ")
    text = re.sub(r"[^a-z ]+", " ", text)
    text = re.sub(r"\b(the|royal|london|borough|city|council|county|of|upon|district)\b", " ", text)
    return " ".join(text.split()) or " ".join(name.lower().split())
