"""boundaries: match PCNs to neighbourhoods with the least disruption, and prove it.

The way through the house: read → check → place → solve → measure → render
(`boundaries.pipeline` is that sentence as code). In Jupyter:

    import boundaries

    study = boundaries.example_study()
    run = boundaries.assess(study)          # or boundaries.propose(study)
    boundaries.draw_map(run)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundaries.example import example_study
    from boundaries.pipeline import assess, check, propose, save, score
    from boundaries.plan import Plan
    from boundaries.problems import frame_of
    from boundaries.render import draw_ladder, draw_map, draw_option
    from boundaries.run import Option, Run, read_run
    from boundaries.study import Study, load_study

__all__ = [
    "Option",
    "Plan",
    "Run",
    "Study",
    "assess",
    "check",
    "draw_ladder",
    "draw_map",
    "draw_option",
    "example_study",
    "frame_of",
    "load_study",
    "propose",
    "read_run",
    "save",
    "score",
]

_HOMES = {
    "Option": "boundaries.run",
    "Plan": "boundaries.plan",
    "Run": "boundaries.run",
    "Study": "boundaries.study",
    "assess": "boundaries.pipeline",
    "check": "boundaries.pipeline",
    "draw_ladder": "boundaries.render",
    "draw_map": "boundaries.render",
    "draw_option": "boundaries.render",
    "example_study": "boundaries.example",
    "frame_of": "boundaries.problems",
    "load_study": "boundaries.study",
    "propose": "boundaries.pipeline",
    "read_run": "boundaries.run",
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
