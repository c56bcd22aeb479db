"""A finished run: written to a folder whole, and read back from the folder alone.

Goes in: a `Place`, its options with measures, and the record. Comes out: `Run`, and the files of
docs/files.md. Next: `boundaries.pages` draws it.
"""

from boundaries.run.folder import read_run, write_run, writing
from boundaries.run.run import Option, Run

__all__ = ["Option", "Run", "read_run", "write_run", "writing"]
