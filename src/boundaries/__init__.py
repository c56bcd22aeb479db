"""boundaries: match PCNs to neighbourhoods with the least disruption, and prove it.

The way through the house: read → check → place → solve → measure → render
(`boundaries.pipeline` is that sentence as code). In Jupyter:

    import boundaries

    study = boundaries.load_study(boundaries.example_study())
    run = boundaries.propose(study.with_(max_moves=1), quick=True)
    run["move-1"]

Names that do not stand in ``boundaries.__all__`` may change in any version.
"""

from __future__ import annotations

import sys

if sys.argv[:1] == ["-m"] and "boundaries" in sys.orig_argv and not sys.flags.safe_path:
    # `python -m boundaries` looks for every module in the working folder first: a folder of data
    # from somebody else may hold a `json.py`. (`boundaries` and `python -P -m boundaries` do not.)
    sys.path[:1] = [] if not __file__.startswith(sys.path[0]) else sys.path[:1]

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundaries.draft import init
    from boundaries.errors import (
        BoundariesError,
        InfeasibleError,
        InputError,
        PlanError,
        RefereeError,
    )
    from boundaries.example import example_study
    from boundaries.fetching import fetch
    from boundaries.many import batch
    from boundaries.pages import draw_ladder, draw_map, draw_option
    from boundaries.pipeline import assess, check, propose, render, save, score
    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.problems import frame_of
    from boundaries.ranges import propose_each
    from boundaries.run import Option, Run, changed, compare, read_run
    from boundaries.solve.result import Progress
    from boundaries.study import Layer, Lock, Study, load_study

    __version__: str

__all__ = [
    "BoundariesError",
    "InfeasibleError",
    "InputError",
    "Layer",
    "Lock",
    "Option",
    "Place",
    "Plan",
    "PlanError",
    "Progress",
    "RefereeError",
    "Run",
    "Study",
    "__version__",
    "assess",
    "batch",
    "changed",
    "check",
    "compare",
    "draw_ladder",
    "draw_map",
    "draw_option",
    "example_study",
    "fetch",
    "frame_of",
    "init",
    "load_study",
    "propose",
    "propose_each",
    "read_run",
    "render",
    "save",
    "score",
]

_HOMES = {
    "BoundariesError": "boundaries.errors",
    "InfeasibleError": "boundaries.errors",
    "InputError": "boundaries.errors",
    "Layer": "boundaries.study",
    "Lock": "boundaries.study",
    "Option": "boundaries.run",
    "Place": "boundaries.place",
    "Plan": "boundaries.plan",
    "PlanError": "boundaries.errors",
    "Progress": "boundaries.solve.result",
    "RefereeError": "boundaries.errors",
    "Run": "boundaries.run",
    "Study": "boundaries.study",
    "assess": "boundaries.pipeline",
    "batch": "boundaries.many",
    "changed": "boundaries.run",
    "check": "boundaries.pipeline",
    "compare": "boundaries.run",
    "draw_ladder": "boundaries.pages",
    "draw_map": "boundaries.pages",
    "draw_option": "boundaries.pages",
    "example_study": "boundaries.example",
    "fetch": "boundaries.fetching",
    "frame_of": "boundaries.problems",
    "init": "boundaries.draft",
    "load_study": "boundaries.study",
    "propose": "boundaries.pipeline",
    "propose_each": "boundaries.ranges",
    "read_run": "boundaries.run",
    "render": "boundaries.pipeline",
    "save": "boundaries.pipeline",
    "score": "boundaries.pipeline",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that `import boundaries` is instant."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name == "__version__":
        try:
            return version("boundaries")
        except PackageNotFoundError:  # run from a checkout
            return "0"
    raise AttributeError(f"module 'boundaries' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
