"""What a gain is made of: fewer areas are counted, lines are drawn anew, practices move.

Goes in: the options of a run. Comes out: one row a step, from today to the last rung.
Next: `boundaries.run.tables` writes them, and the report's first page says them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boundaries.run.run import Option

__all__ = ["GAINS_COLUMNS", "gains_table", "steps_of"]

GAINS_COLUMNS: Final = (
    "option_id", "compared_with", "what", "alignment_before", "alignment", "alignment_change",
    "misaligned_patients_change", "pairs_parted_change",
)  # fmt: skip
"""Columns of ``gains.csv``."""


def steps_of(options: Sequence[Option]) -> Iterator[tuple[Option, Option, str]]:
    """Yield each step from today to the last rung: before, after, and what changes between.

    What changes is ``grouping`` (today's areas are put together), ``lines`` (they are drawn anew,
    no practice moves) or ``moves`` (more practices may move). Each count of neighbourhoods has its
    own steps; without ``as-is-grouped`` the lines are compared with today.
    """
    today = next((option for option in options if option.family == "as-is"), None)
    counts = sorted({_count(option) for option in options if option.family == "ladder"})
    for count in counts:
        rungs = [one for one in options if one.family == "ladder" and _count(one) == count]
        before = today
        for option in options:
            if option.family == "as-is-grouped" and _count(option) == count and before is not None:
                yield before, option, "grouping"
                before = option
        if before is not None and not rungs[0].allowed_moves:
            yield before, rungs[0], "lines"
        for one, other in pairwise(rungs):
            yield one, other, "moves"


def gains_table(options: Sequence[Option]) -> pd.DataFrame:
    """Return the steps with what each changes: columns as `GAINS_COLUMNS`."""
    rows = []
    for before, after, what in steps_of(options):
        one, other = before.measures.summary, after.measures.summary
        rows.append(
            (
                after.option_id,
                before.option_id,
                what,
                round(one["alignment"], 6),
                round(other["alignment"], 6),
                round(other["alignment"] - one["alignment"], 6),
                other["misaligned_patients"] - one["misaligned_patients"],
                int(other["pairs_parted"] - one["pairs_parted"]),
            )
        )
    return pd.DataFrame(rows, columns=list(GAINS_COLUMNS))


def _count(option: Option) -> int:
    return int(option.measures.summary["neighbourhoods"])
