"""A file that is there whole or not at all: the one door for everything that pages write.

Goes in: the path wanted. Comes out: a path beside it to write to, which takes its place when all
went well.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a hidden path beside the wanted one; rename it when the block ends without an error.

    Raises
    ------
    OSError
        When the folder cannot be made, or the file not be put in place.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(f"{folder}/deep/page.txt") as part:
    ...         _ = part.write_text("whole")
    ...     [found.name for found in Path(folder, "deep").iterdir()]
    ['page.txt']
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
