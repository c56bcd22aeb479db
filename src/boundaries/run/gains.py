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
    "misaligned_patients_change", "pairs_parted_change", "bonds_parted_change",
    "objective_change",
)  # fmt: skip
"""Columns of ``gains.csv``; before the last, one ``residents_changing_<layer>_change`` a layer."""

_DIGITS: Final = 3
"""Of people that are fractions, as in ``options.csv``."""


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
    """Return the steps with what each changes: columns as `GAINS_COLUMNS`.

    Of today nobody decided anything and no team changes, so against today teams and the objective
    have no change: missing.
    """
    keys = dict.fromkeys(
        key
        for option in options
        for key in option.measures.summary
        if key.startswith("residents_changing_")
    )
    *first, last = GAINS_COLUMNS
    columns = [*first, *(f"{key}_change" for key in keys), last]
    return pd.DataFrame(
        [_row(*step, keys=list(keys)) for step in steps_of(options)], columns=columns
    )


def _row(before: Option, after: Option, what: str, *, keys: list[str]) -> dict[str, object]:
    one, other = before.measures.summary, after.measures.summary
    since_today = before.family == "as-is"
    return {
        "option_id": after.option_id,
        "compared_with": before.option_id,
        "what": what,
        "alignment_before": round(one["alignment"], 6),
        "alignment": round(other["alignment"], 6),
        "alignment_change": round(other["alignment"] - one["alignment"], 6),
        "misaligned_patients_change": other["misaligned_patients"] - one["misaligned_patients"],
        "pairs_parted_change": int(other["pairs_parted"] - one["pairs_parted"]),
        "bonds_parted_change": round(other["bonds_parted"] - one["bonds_parted"], _DIGITS),
        **{
            f"{key}_change": None if since_today else round(other[key] - one[key], _DIGITS)
            for key in [*keys, "objective"]
        },
    }


def _count(option: Option) -> int:
    return int(option.measures.summary["neighbourhoods"])
