"""One place cut out of the data: what goes to the process that runs it.

Goes in: a study, and files read once. Comes out: `Task`. Next: `boundaries.many.engines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundaries.errors import InputError
from boundaries.many.ledger import log_of
from boundaries.many.task import Task
from boundaries.pipeline import prepare
from boundaries.place.edges import registered_elsewhere
from boundaries.run.tables import suppress_counts

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.many.once import Once
    from boundaries.many.studies import Wanted

__all__ = ["task_for"]


def task_for(  # noqa: PLR0913 - a task is these things
    wanted: Wanted,
    once: Once,
    *,
    slug: str,
    folder: Path,
    stop: Path,
    quick: bool,
    facts: dict[str, Any],
) -> Task:
    """Check and build a place, and put together what its process needs.

    Raises
    ------
    InputError
        With every problem, when any of them is an error, or its study is wrong.
    """
    study = wanted.study
    if study is None:
        raise InputError(wanted.wrong)
    data = once.read(study.data)
    ready = prepare(study, data=data)
    away = registered_elsewhere(data.parts, ready.place)
    if study.report.suppress == "nhs":
        away = suppress_counts(away).dropna().astype("int64")
    known = {str(code): int(patients) for code, patients in away.items()}
    return Task(
        ready=ready,
        folder=folder / slug,
        log=log_of(folder, slug),
        stop=stop,
        quick=quick,
        facts={**facts, "elsewhere": known},
    )
