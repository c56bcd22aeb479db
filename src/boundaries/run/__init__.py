"""A finished run: written to a folder whole, and read back from the folder alone.

Goes in: a `Place`, its options with measures, and the record. Comes out: `Run`, and the files of
docs/files.md. Next: `boundaries.pages` draws it.
"""

from boundaries.run.between import changed, compare
from boundaries.run.changes import Changes, changes_between
from boundaries.run.folder import read_run, write_run
from boundaries.run.option import Option
from boundaries.run.run import Run
from boundaries.run.target import is_run, require_file, require_target, writing

__all__ = [
    "Changes",
    "Option",
    "Run",
    "changed",
    "changes_between",
    "compare",
    "is_run",
    "read_run",
    "require_file",
    "require_target",
    "write_run",
    "writing",
]
