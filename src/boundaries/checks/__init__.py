"""Every fault of the data at once, in words that a place team can act on.

Goes in: `Tables` (from `boundaries.read`) and `Study`. Comes out: problems; an ``error`` is a
fault with which no honest figure can be given. Next: `boundaries.place`, which shares the one
definition of "a practice of the place" (`find_scope`).
"""

from boundaries.checks.every import check_tables
from boundaries.checks.scope import Scope, find_scope

__all__ = ["Scope", "check_tables", "find_scope"]
