"""One study over ranges of its choices: every combination solved, side by side in one frame.

Goes in: a study and values to try. Comes out: a frame. The files are read once.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pandas as pd

from boundaries.errors import InfeasibleError, InputError
from boundaries.pipeline import prepare, propose_for
from boundaries.read import read_data
from boundaries.run.watch import first_interrupt
from boundaries.study import Study, load_study

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["propose_each"]


def propose_each(
    study: Study | str | Path, *, quick: bool = False, **ranges: Iterable[Any]
) -> pd.DataFrame:
    """Propose options for every combination of some choices (counts, weights, bands).

    Parameters
    ----------
    study
        A study, or the path of one.
    quick
        A quick look for each, as in `propose`.
    **ranges
        Keys as in `Study.with_`, each with the values to try: ``neighbourhoods=range(3, 6)``,
        ``residents_band=[0.2, 0.3]``, ``weights=[{"nursing": 0.5}, {"nursing": 1}]``.

    Returns
    -------
    pandas.DataFrame
        A row for each combination and option: the choices first, then option_id and the columns of
        `Run.table`. A combination without a plan has one row, whose column ``said`` says why. No
        sensitivity and no plans nearly as good are looked for. The stop button keeps what is done.

    Raises
    ------
    InputError
        With every fault of any combination, before anything is solved.

    Examples
    --------
    >>> tried = boundaries.propose_each(study.with_(max_moves=0), quick=True, neighbourhoods=[4, 5])
    >>> tried.groupby("neighbourhoods_asked")["option_id"].first().tolist()
    ['as-is', 'as-is']
    """
    base = study if isinstance(study, Study) else load_study(study)
    if not ranges:
        raise InputError("Say what to try, for example neighbourhoods=[3, 4, 5].")
    keys = list(ranges)
    tried = [dict(zip(keys, values, strict=True)) for values in product(*ranges.values())]
    studies = [base.with_(**choice, settled=0, sensitivity=False) for choice in tried]
    data = read_data(base.data)
    parts = []
    with first_interrupt(only_by_default=True) as stop:
        for choice, one in zip(tried, studies, strict=True):
            if stop():
                break
            ready = prepare(one, data=data)
            try:
                run = propose_for(ready, quick=quick, sensitivity=False, stop=stop)
                part = run.table.reset_index().assign(said="")
            except InfeasibleError as error:
                said = " ".join(error.reasons) or str(error)
                part = pd.DataFrame([{"option_id": None, "status": "no plan", "said": said}])
            for place, (key, value) in enumerate(choice.items()):
                part.insert(place, f"{key}_asked", [_shown(value)] * len(part))
            parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _shown(value: Any) -> Any:
    """Return a choice as a cell shows it."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {one:g}" for name, one in value.items())
    return value
