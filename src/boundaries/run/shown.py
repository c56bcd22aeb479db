"""How a run and an option show themselves in a notebook: a few lines and one table.

Goes in: a `Run` or an `Option`. Comes out: HTML without scripts; every name is escaped.
"""

from __future__ import annotations

from html import escape
from math import ceil
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.plan import label_key

if TYPE_CHECKING:
    from boundaries.run.run import Option, Run

__all__ = ["gap_words", "option_html", "run_html"]

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
    return "*" if pd.isna(value) else f"{round(value):,}"


def _share(value: float) -> str:
    return "*" if pd.isna(value) else f"{value:.1%}"


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
