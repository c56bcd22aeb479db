"""How a run and an option show themselves in a notebook: a few lines and one table.

Goes in: a `Run` or an `Option`. Comes out: HTML without scripts; every name is escaped.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.plan import label_key

if TYPE_CHECKING:
    from boundaries.run.run import Option, Run

__all__ = ["option_html", "run_html"]


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
                "how sure": _sure(option),
            }
        )
    about = (
        f"<p><strong>{escape(place.name)}</strong>: {len(place.practices)} practices, "
        f"{len(place.pcns)} PCNs, {len(place.lsoas)} LSOAs, "
        f"{_count(place.lsoas['residents'].sum())} residents. Options for discussion.</p>"
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
        f"{_count(summary['practices_moved'])} practices change PCN. {_sure(option)}.</p>"
    )
    return about + _table(table)


def _table(frame: pd.DataFrame) -> str:
    return str(frame.to_html(index=False, border=0, escape=True, na_rep="*"))


def _count(value: float) -> str:
    return "*" if pd.isna(value) else f"{round(value):,}"


def _share(value: float) -> str:
    return "*" if pd.isna(value) else f"{value:.1%}"


def _sure(option: Option) -> str:
    if option.status != "feasible":
        best = "best on given lines" if option.given else "proven best"
        return {"measured": "measured", "optimal": best}[option.status]
    return "not proven" if option.gap is None else f"gap {option.gap:.1%}"
