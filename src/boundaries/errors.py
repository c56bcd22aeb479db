"""Everything that this package raises on purpose.

::

    BoundariesError
    ├── InputError(ValueError)        a file or a study is wrong; carries the table of problems
    ├── GeographyError(ValueError)    polygons, coordinates or reference systems are wrong
    ├── PlanError(ValueError)         a plan does not cover the place, or names unknown codes
    ├── InfeasibleError(RuntimeError) no plan can satisfy the rules; says which rules clash
    ├── RefereeError(RuntimeError)    an option's figures do not survive being recomputed
    ├── AssetError(RuntimeError)      a page would have to call out, or a shipped file is missing
    └── RefusedFileError              a file asks for what no file may have

Every message says what is wrong, where, and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boundaries.problems import Problem

__all__ = [
    "AssetError",
    "BoundariesError",
    "GeographyError",
    "InfeasibleError",
    "InputError",
    "PlanError",
    "RefereeError",
    "RefusedFileError",
]


class BoundariesError(Exception):
    """Root of every error that this package raises on purpose."""


class InputError(BoundariesError, ValueError):
    """A file or a study is wrong. All faults found are in ``problems``."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class GeographyError(BoundariesError, ValueError):
    """Polygons, coordinates or a coordinate reference system are wrong."""


class PlanError(BoundariesError, ValueError):
    """A plan does not cover the place, or names codes that the place does not have."""


class InfeasibleError(BoundariesError, RuntimeError):
    """No plan can satisfy the rules. ``reasons`` are sentences, each with names and numbers."""

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class RefereeError(BoundariesError, RuntimeError):
    """An option's figures, recomputed from the plan alone, are not what the solver said."""


class AssetError(BoundariesError, RuntimeError):
    """A page would have to call out to the network, or a file that it needs is missing."""


class RefusedFileError(BoundariesError):
    """A file that is not opened, because of what it asks for: too much, or what is not its own.

    Parameters
    ----------
    said, fix
        What was found, and what to do about it, in words for people.
    """

    def __init__(self, said: str, fix: str) -> None:
        super().__init__(f"{said} {fix}")
        self.said, self.fix = said, fix
