"""Drafts of results beside the folder that they are for, and what killed runs have left of them.

Goes in: the folder that results are for. Comes out: an empty draft folder that this process holds.
A run that is killed leaves its draft, or the older run that it had put aside: the next run into the
same folder brings the older run back where the folder is gone, and takes the rest away. A draft is
held by a lock that the system takes away with the process, so one at work is never touched.
Next: `boundaries.run.target`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boundaries.errors import InputError
from boundaries.run.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "alone",
    "draft_beside",
    "is_made",
    "is_run",
    "note_steps",
    "put_aside",
    "recover",
]

MADE: Final = frozenset(
    {
        *(f"{name}.csv" for name in TABLES),
        "run.json", "plan.gpkg", "place.gpkg",
        "map.html", "report.html", "report.docx", "workbook.xlsx",
    }
)  # fmt: skip
"""Names of the files of a run; its pictures lie in ``pictures``."""

_DRAFT: Final = "-draft"
_STEPS: Final = ".steps.json"
_INSIDE: Final = ".boundaries-"


def is_run(folder: Path, *, record: str = "run.json") -> bool:
    """Say whether a folder is a run's: it has a ``run.json`` (or other record) of this tool."""
    try:
        made = json.loads((folder / record).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(made, dict) and made.get("tool") == "boundaries"


def is_made(inside: Path) -> bool:
    """Say whether a path inside a folder has the name of a file of a run."""
    parts = [part.lower() for part in inside.parts]
    picture = len(parts) == 2 and parts[0] == "pictures" and parts[1].endswith(".png")
    return picture or (len(parts) == 1 and parts[0] in MADE)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process at a time put results into a folder, where the system can lock folders."""
    handle = None
    if fcntl is not None:
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def put_aside(target: Path, attempt: int) -> Path:
    """Return where an older run waits while another takes its place."""
    return target.with_name(f".{target.name}-before-{os.getpid()}-{attempt}")


def draft_beside(target: Path, wanted: Path) -> tuple[Path, ExitStack]:
    """Make an empty folder on the same disk: beside the wanted one, or in it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return _held(_made(target.parent, f".{target.name}-"))
    except OSError as error:
        if target.is_dir():
            try:
                return _held(_made(target, _INSIDE))
            except OSError:
                pass
        said = f"Cannot write in {wanted.parent}: {error.strerror}."
        raise InputError(f"{said} Choose another folder with -o.") from error


def _made(where: Path, prefix: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=prefix, suffix=_DRAFT, dir=where))


def _held(draft: Path) -> tuple[Path, ExitStack]:
    """Hold a draft until the stack is closed or this process ends, however it does."""
    claim = ExitStack()
    if fcntl is not None:
        with suppress(OSError):
            handle = os.open(draft, os.O_RDONLY)
            claim.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return draft, claim


def note_steps(draft: Path, *, new: Iterable[Path], stale: Iterable[Path]) -> None:
    """Note in a draft what is to be moved from it and taken away, before either is done."""
    steps = {"new": [path.as_posix() for path in new], "stale": [path.as_posix() for path in stale]}
    (draft / _STEPS).write_text(json.dumps(steps), encoding="utf-8")


def recover(folder: Path) -> None:
    """Bring back, finish or take away what killed runs have left; called by who is `alone` there.

    An older run that was put aside comes back where its folder is gone; files that were being
    replaced one by one are replaced to the end; drafts go. Only folders whose whole name is one
    that this tool gives them, that nobody holds, and only where the system can lock folders.
    """
    target = folder.resolve()
    _put_back(target)
    name = re.escape(target.name)
    of = rf"(\w{{8}}{_DRAFT}|before-\d+-\d+)"
    beside = re.compile(rf"\.{name}-{of}")
    within = re.compile(rf"\.\.{name}-\w{{8}}{_DRAFT}-{of}")  # drafts of a draft
    inside = re.compile(rf"{re.escape(_INSIDE)}\w{{8}}{_DRAFT}")
    found = (
        (target.parent, beside, target),
        (target, inside, target),
        (target.parent, within, None),
    )
    for where, shape, goal in found:
        with suppress(OSError):
            for path in list(where.iterdir()):
                if shape.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
                    _take_away(path, goal)


def _take_away(path: Path, target: Path | None) -> None:
    """Take away a draft that nobody holds; what it was moving into the target is moved first."""
    if fcntl is None:
        return
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held: its run is at work
            if target is not None:
                _finish(path, target)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(handle)


def _finish(draft: Path, target: Path) -> None:
    """Go on with the replacing of files that a killed run had begun; its draft was whole."""
    try:
        steps = json.loads((draft / _STEPS).read_text(encoding="utf-8"))
        new, stale = ([Path(name) for name in steps[key]] for key in ("new", "stale"))
    except (OSError, ValueError, TypeError, KeyError):
        return
    if (target / "pictures").is_symlink() or not all(map(is_made, [*new, *stale])):
        return  # not ours
    record = Path("run.json")
    for path in sorted(new, key=lambda path: path == record):
        if path == record:
            for old in stale:
                (target / old).unlink(missing_ok=True)
        if (draft / path).is_file():
            (target / path).parent.mkdir(exist_ok=True)
            (draft / path).replace(target / path)


def _put_back(target: Path) -> None:
    """Bring back a run that a killed process had just taken away from its place."""
    if target.exists() or not target.parent.is_dir():
        return
    left = [path for path in target.parent.glob(f".{target.name}-before-*") if path.is_dir()]
    with suppress(OSError):  # another run was quicker
        if left:
            max(left, key=lambda path: (is_run(path), path.stat().st_mtime)).rename(target)
