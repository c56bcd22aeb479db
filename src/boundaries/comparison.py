"""What changed between two runs, from their folders alone.

Goes in: two folders of runs. Comes out: a folder with a page, a workbook and a paragraph
(`boundaries.pages.changes`). Next: nothing; it is for people.
"""

from __future__ import annotations

from pathlib import Path

from boundaries.run import read_run, require_target

__all__ = ["write_comparison"]


def write_comparison(first: str | Path, second: str | Path, folder: str | Path) -> str:
    """Say what changed between the runs of two folders: ``compare.html``, ``.xlsx`` and ``.txt``.

    Parameters
    ----------
    first, second
        Folders of runs of one place, the earlier one first.
    folder
        Where to.

    Returns
    -------
    str
        What changed, as a paragraph.

    Raises
    ------
    InputError
        When a folder is not a run's, or the results cannot be written.
    PlanError
        When the runs are of two places.
    """
    from boundaries.pages import write_changes  # noqa: PLC0415 - folium and matplotlib load only here
    from boundaries.pages.changes import COMPARED  # noqa: PLC0415

    require_target(folder, names=COMPARED, record="compare.json")
    names = [Path(one).resolve().name for one in (first, second)]
    write_changes(read_run(first), read_run(second), folder, names=(names[0], names[1]))
    return (Path(folder) / "compare.txt").read_text(encoding="utf-8").strip()
