"""boundaries: match PCNs to neighbourhoods with the least disruption, and prove it.

The way through the house: read → check → place → solve → measure → render
(`boundaries.pipeline` is that sentence as code). In Jupyter:

    import boundaries

    study = boundaries.example_study()
    run = boundaries.assess(study)          # or boundaries.propose(study)
    boundaries.draw_map(run)
"""

from __future__ import annotations

import sys

if sys.argv[:1] == ["-m"] and "boundaries" in sys.orig_argv and not sys.flags.safe_path:
    # `python -m boundaries` looks for every module in the working folder first: a folder of data
    # from somebody else may hold a `json.py`. (`boundaries` and `python -P -m boundaries` do not.)
    sys.path[:1] = [] if not __file__.startswith(sys.path[0]) else sys.path[:1]

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundaries.draft import init
    from boundaries.example import example_study
    from boundaries.fetching import fetch
    from boundaries.many import batch
    from boundaries.pages import draw_ladder, draw_map, draw_option
    from boundaries.pipeline import assess, check, propose, render, save, score
    from boundaries.plan import Plan
    from boundaries.problems import frame_of
    from boundaries.run import Option, Run, read_run
    from boundaries.study import Study, load_study

__all__ = [
    "Option",
    "Plan",
    "Run",
    "Study",
    "assess",
    "batch",
    "check",
    "draw_ladder",
    "draw_map",
    "draw_option",
    "example_study",
    "fetch",
    "frame_of",
    "init",
    "load_study",
    "propose",
    "read_run",
    "render",
    "save",
    "score",
]

_HOMES = {
    "Option": "boundaries.run",
    "Plan": "boundaries.plan",
    "Run": "boundaries.run",
    "Study": "boundaries.study",
    "assess": "boundaries.pipeline",
    "batch": "boundaries.many",
    "check": "boundaries.pipeline",
    "draw_ladder": "boundaries.pages",
    "draw_map": "boundaries.pages",
    "draw_option": "boundaries.pages",
    "example_study": "boundaries.example",
    "fetch": "boundaries.fetching",
    "frame_of": "boundaries.problems",
    "init": "boundaries.draft",
    "load_study": "boundaries.study",
    "propose": "boundaries.pipeline",
    "read_run": "boundaries.run",
    "render": "boundaries.pipeline",
    "save": "boundaries.pipeline",
    "score": "boundaries.pipeline",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that `import boundaries` is instant."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'boundaries' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
