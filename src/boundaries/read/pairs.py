"""Edits of the neighbour graph: pairs of LSOAs cut (a river) or added (a bridge).

Goes in: pairs written in the study, or a CSV of two columns. Comes out: columns lsoa_code_a,
lsoa_code_b, row, file. Next: `boundaries.checks`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.codes import LSOA
from boundaries.read.load import load_parts, source_of
from boundaries.read.parts import fault
from boundaries.read.values import clean_code, clean_codes, listed

if TYPE_CHECKING:
    from boundaries.problems import Problem
    from boundaries.read.tables import Source

__all__ = ["read_pairs"]

_COLUMNS: Final = ["lsoa_code_a", "lsoa_code_b", "row", "file"]


def read_pairs(
    given: tuple[tuple[str, str], ...] | Path, key: str, problems: list[Problem]
) -> tuple[pd.DataFrame | None, list[Source]]:
    """Read pairs of LSOAs.

    Parameters
    ----------
    given
        Pairs written in the study, or the path of a table with two columns of LSOA codes.
    key
        Key of the study, ``neighbours.cut`` or ``neighbours.add``.
    problems
        Grows by every cell that is no LSOA code.

    Returns
    -------
    tuple[pandas.DataFrame | None, list[Source]]
        Columns lsoa_code_a, lsoa_code_b, row, file; None when there are no pairs. Pairs of the
        study are numbered from 1 and their file is the key.
    """
    if isinstance(given, Path):
        tables, sources = [], []
        for part in load_parts([given], "neighbours", problems):
            table = pd.DataFrame({name: clean_codes(part.frame[name]) for name in _COLUMNS[:2]})
            table["row"], table["file"] = table.index, part.part.name
            tables.append(table)
            sources.append(source_of(key, [part.part], rows=len(table), publisher=""))
        if not tables:
            return None, []
        pairs = pd.concat(tables, ignore_index=True)
    elif given:
        pairs = pd.DataFrame(
            [(clean_code(a), clean_code(b)) for a, b in given], columns=_COLUMNS[:2], dtype="str"
        )
        pairs["row"], pairs["file"] = range(1, len(pairs) + 1), key
        sources = []
    else:
        return None, []
    problems += _faults(pairs)
    return pairs[_COLUMNS], sources


def _faults(pairs: pd.DataFrame) -> list[Problem]:
    problems = []
    fix = "Each pair is two LSOA codes, such as E01000001 and E01000002."
    for first, second, row, file in pairs.itertuples(index=False):
        for name, code in zip(_COLUMNS[:2], (first, second), strict=True):
            if not LSOA.match(code):
                said = f"{code!r} is not an LSOA code."
                problems.append(fault(file, said, fix, row=row, code=code, field=name))
        if first == second:
            said = "The pair names the same LSOA twice."
            problems.append(fault(file, said, fix, row=row, code=first))
    return listed(problems)
