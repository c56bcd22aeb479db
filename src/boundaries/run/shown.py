"""How a run and an option show themselves in a notebook: a few lines and one table.

Goes in: a `Run` or an `Option`. Comes out: HTML without scripts; every name is escaped.
"""

from __future__ import annotations

from html import escape
from math import ceil, floor, isnan
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.plan import label_key

if TYPE_CHECKING:
    from boundaries.run.run import Option, Run

__all__ = ["gap_words", "option_html", "run_html", "share_words", "steps_of_share"]

_SMALL_GAP = 0.001
"""Gaps below it are written with two digits behind the point."""


def run_html(run: Run) -> str:
    """Return a run as a line about its place and a table of its options."""
    place = run.place
    layers = {name: layer.label or name for name, layer in place.teams.items()}
    rows = []
    for option in run.options:
        summary = option.measures.summary
        rows.append(
            {
                "option": option.option_id,
                "what it is": option.title,
                "practices that move": _count(summary["practices_moved"]),
                "their patients": _count(summary["patients_moved"]),
                "aligned": _share(summary["alignment"]),
                "misaligned": _count(summary["misaligned_patients"]),
                **{
                    f"{label}: team changes": _count(summary[f"residents_changing_{name}"])
                    for name, label in layers.items()
                },
                "how sure": option.how_sure,
            }
        )
    about = (
        f"<p><strong>{escape(place.name)}</strong>: {len(place.practices)} practices, "
        f"{len(place.pcns)} PCNs, {len(place.lsoas)} LSOAs, "
        f"{_count(place.lsoas['residents'].sum())} residents. Options for discussion.</p>"
    )
    if run.stopped:
        missing = f" Not reached: {', '.join(run.not_reached)}." if run.not_reached else ""
        about += (
            f"<p><strong>Stopped early</strong>: better plans may well exist.{escape(missing)}</p>"
        )
    return about + _table(pd.DataFrame(rows))


def option_html(option: Option) -> str:
    """Return an option as a line and the table of its neighbourhoods."""
    frame = option.measures.neighbourhoods
    frame = frame.loc[sorted(frame.index, key=label_key)]
    table = pd.DataFrame(
        {
            "neighbourhood": frame.index,
            "name": frame["name"].to_list(),
            "residents": [_count(value) for value in frame["residents"]],
            "on its practices’ lists": [_count(value) for value in frame["registered"]],
            "practices": [_count(value) for value in frame["practices"]],
            "PCNs based here": frame["pcns"].to_list(),
            "aligned": [_share(value) for value in frame["alignment"]],
        }
    )
    summary = option.measures.summary
    about = (
        f"<p><strong>{escape(option.option_id)}: {escape(option.title)}</strong>. "
        f"{_share(summary['alignment'])} of patients live in the neighbourhood of their practice; "
        f"{_count(summary['practices_moved'])} practices change PCN. {option.how_sure}.</p>"
    )
    return about + _table(table)


def _table(frame: pd.DataFrame) -> str:
    with pd.option_context("display.max_colwidth", None):  # sentences are shown whole
        return str(frame.to_html(index=False, border=0, escape=True, na_rep="*"))


def _count(value: float) -> str:
    return "*" if pd.isna(value) else f"{floor(value + 0.5):,}"


def _share(value: float) -> str:
    return share_words(value, missing="*")


_FILED = 1_000_000
"""A share stands in the files of a run with six decimals."""


def steps_of_share(value: float, digits: int) -> int:
    """Return how many of the smallest steps shown a share is, its sign left off.

    It is rounded from the six decimals that the files hold, so that page and file never differ, and
    half a step is rounded up, as people and spreadsheets do. Console, map, report, Word file and
    workbook have this one rule (the map's ``stepsOfShare``).
    """
    step: int = 10 ** (4 - digits)
    return (floor(abs(value) * _FILED + 0.5) + step // 2) // step


def share_words(value: float, *, digits: int = 1, missing: str = "–") -> str:
    """Write a share from 0 to 1 as a percentage, the same wherever it is shown.

    A share just short of everything is never rounded up to 100%, nor a small one down to 0%.

    Examples
    --------
    >>> share_words(0.0025), share_words(0.99996), share_words(0.00001), share_words(0.5, digits=0)
    ('0.3%', '99.9%', '0.1%', '50%')
    """
    if isnan(value):
        return missing
    steps, every = steps_of_share(value, digits), 100 * 10**digits
    if steps >= every and value < 1:
        steps = every - 1
    if steps == 0 and value > 0:
        steps = 1
    sign = "−" if value < 0 and steps else ""
    return f"{sign}{steps / 10**digits:.{digits}f}%"


def gap_words(gap: float) -> str:
    """Write a gap as a percentage that is never less than the gap: a bound is rounded up.

    Two digits behind the point below 0.1%, else one. The map's ``gapShare`` is the same rule.

    Examples
    --------
    >>> gap_words(0.01337), gap_words(0.00004), gap_words(0.0)
    ('1.4%', '0.01%', '0.0%')
    """
    digits = 1 if gap == 0 or gap >= _SMALL_GAP else 2
    steps = ceil(round(gap * 100 * 10**digits, 6))
    return f"{steps / 10**digits:.{digits}f}%"
