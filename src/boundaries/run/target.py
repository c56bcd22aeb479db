"""Where results may be written, and how they get there: whole or not at all, over nobody's file.

Goes in: a folder, and the files that the run read. Comes out: a draft folder to write into, put in
the place of the wanted one when all went well. A run's folder is known by its ``run.json``.
Next: `boundaries.run.folder` writes the data, `boundaries.pages` the pages.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boundaries.errors import InputError
from boundaries.run.drafts import (
    alone,
    draft_beside,
    is_made,
    is_run,
    note_steps,
    put_aside,
    recover,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["is_run", "require_file", "require_target", "writing"]

_NAMED: Final = 8
_PROBLEMS: Final = "level,file,row,code,field,said,fix"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY})
_ROOM: Final = 64 * 1024  # bytes; a disk with less is full


def require_target(
    folder: str | Path,
    *,
    inputs: Iterable[Path] = (),
    names: Iterable[str] | None = None,
    record: str = "run.json",
) -> Path:
    """Refuse a folder that results may not go into; called before the work as well as after.

    What a killed run has left half done there is finished or undone first.

    Parameters
    ----------
    folder
        The wanted folder; it need not be there.
    inputs
        Files that the run reads.
    names
        Files to be written; every file of a run unless told otherwise.
    record
        The file that tells that this tool wrote the others: they may then be replaced.

    Returns
    -------
    pathlib.Path
        The folder, absolute, links followed.

    Raises
    ------
    InputError
        When it is a file, cannot be written to, or holds a file that would be written over: one
        of the inputs, or one that no run of this tool wrote.
    """
    with alone(Path(folder).resolve().parent):
        recover(Path(folder))
        return _require_target(Path(folder), inputs=inputs, names=names, record=record)


def _require_target(
    wanted: Path, *, inputs: Iterable[Path], names: Iterable[str] | None, record: str
) -> Path:
    if wanted.is_symlink() and not wanted.exists():
        raise InputError(f"{wanted} is a link that leads nowhere. Give a folder for the results.")
    target = wanted.resolve()
    if target.exists() and not target.is_dir():
        raise InputError(f"{wanted} is a file. Give the name of a folder for the results.")
    _refuse_unwritable(target, wanted)
    _refuse_overwriting(target, wanted, inputs=inputs, names=names, record=record)
    return target


def require_file(path: str | Path) -> Path:
    """Refuse the path of a file that cannot be written: a folder, or one without access.

    Raises
    ------
    InputError
        With what to do.
    """
    wanted = Path(path)
    if wanted.is_dir():
        raise InputError(f"{wanted} is a folder. Give the name of a file in it.")
    _refuse_unwritable(wanted.resolve().parent, wanted)
    return wanted


@contextmanager
def writing(
    folder: str | Path,
    *,
    whole: bool = False,
    inputs: Iterable[Path] = (),
    names: Iterable[str] | None = None,
    record: str = "run.json",
) -> Iterator[Path]:
    """Give a draft folder; put it in the place of the wanted one when all went well.

    Parameters
    ----------
    folder
        The wanted folder; it need not be there.
    whole
        Whether the draft is a whole run: what an earlier run left in the folder then goes.
        Otherwise files of the same name are replaced. Files that are no run's stay in both cases.
    inputs, names, record
        As in `require_target`.

    Notes
    -----
    A folder that holds nothing but a run is replaced in one step, by renaming: two runs at once, or
    a process killed at any moment, leave one of the two runs whole. Where the folder holds other
    files too, or cannot be renamed, its files are replaced one by one, and put back when one of
    them fails.

    Raises
    ------
    InputError
        When the folder may not be written to, or the disk is full. Nothing in it has changed then.
    """
    with alone(Path(folder).resolve().parent):
        recover(Path(folder))
        target = _require_target(Path(folder), inputs=inputs, names=names, record=record)
        draft, claim = draft_beside(target, Path(folder))
    try:
        yield draft
        with alone(target.parent):
            _require_target(Path(folder), inputs=inputs, names=names, record=record)
            _put(draft, target, whole=whole)
    except Exception as error:
        if _is_full(error, draft):
            said = f"The disk is full: the results do not fit into {target.parent}."
            raise InputError(
                f"{said} Nothing there has changed. Make room and run again."
            ) from error
        if isinstance(error, OSError) and error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            what = Path(error.filename).name if error.filename else str(folder)
            said = f"Cannot write {what} in {folder}: {error.strerror}."
            fix = "Close it where it is open, or choose another folder with -o."
            raise InputError(f"{said} Nothing there has changed. {fix}") from error
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        claim.close()


def _is_full(error: Exception, draft: Path) -> bool:
    """Say whether a disk without room is behind an error: GDAL and Excel's writer do not say."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    try:
        return not isinstance(error, InputError) and shutil.disk_usage(draft).free < _ROOM
    except OSError:
        return False


def _refuse_unwritable(folder: Path, wanted: Path) -> None:
    """Try whether a file can be made in a folder, or in the nearest one above that is there."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{there} is a file")
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        if there == folder and error.errno in _FULL:
            return  # said when the results are written
        said = f"Cannot write {wanted}: {error.strerror or error}."
        raise InputError(f"{said} Choose another place with -o.") from error


def _refuse_overwriting(
    target: Path,
    wanted: Path,
    *,
    inputs: Iterable[Path],
    names: Iterable[str] | None,
    record: str,
) -> None:
    may_come = None if names is None else {name.lower() for name in names}
    there = [
        path
        for path in _files(target)
        if (is_made(path.relative_to(target)) if may_come is None else path.name in may_come)
    ]
    read = [path for path in inputs if path.exists()]
    own = [path for path in there if any(_same(path, one) for one in read)]
    if own:
        said = f"{_listed(own, target)} in {wanted} would be written over, and this run reads"
        raise InputError(f"{said} {'it' if len(own) == 1 else 'them'}. Choose another -o.")
    foreign = [path for path in there if not _of_check(path)]
    if foreign and not is_run(target, record=record):
        said = (
            f"{_listed(foreign, target)} in {wanted} would be written over, and no run of this tool"
            f" wrote {'it' if len(foreign) == 1 else 'them'} (there is no {record} of one)."
        )
        raise InputError(f"{said} Choose another folder with -o, or move the files away.")


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except FileNotFoundError:  # another run has just taken its place
        return False


def _of_check(path: Path) -> bool:
    """Say whether a file is the ``problems.csv`` that `boundaries check` writes by itself."""
    try:
        with path.open(encoding="utf-8") as stream:
            return path.name == "problems.csv" and stream.readline().strip() == _PROBLEMS
    except (OSError, UnicodeDecodeError):
        return False


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder and of its pictures; links to folders are not followed."""
    pictures = folder / "pictures"
    inside = [folder] if pictures.is_symlink() else [folder, pictures]
    return sorted(path for where in inside for path in _inside(where) if path.is_file())


def _inside(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing where it is none, or another run just took it away."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _listed(paths: list[Path], target: Path) -> str:
    names = [path.relative_to(target).as_posix() for path in paths]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _put(draft: Path, target: Path, *, whole: bool) -> None:
    """Put a finished draft in the place of a folder; others may be doing the same."""
    try:
        draft.chmod(target.stat().st_mode & 0o777)
    except FileNotFoundError:
        draft.chmod(0o755)
    attempts = count()
    while not _renamed(draft, target):
        before = put_aside(target, next(attempts))
        may = _may_be_replaced(target, draft)
        if not (may and _taken_away(target, draft, before, whole=whole)):
            _one_by_one(draft, target, whole=whole)
            return
        try:
            placed = _renamed(draft, target)
        except OSError:
            before.rename(target)
            raise
        shutil.rmtree(before, ignore_errors=True)
        if placed:
            return


def _renamed(draft: Path, target: Path) -> bool:
    """Put a draft where no folder is; False when there is one, perhaps of another run."""
    if target.exists():
        return False
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
        return False
    return True


def _taken_away(target: Path, draft: Path, before: Path, *, whole: bool) -> bool:
    """Rename a folder out of the way; False when that cannot be done."""
    if not whole:
        _carry(target, draft)
    try:
        target.rename(before)
    except FileNotFoundError:  # another run is putting its own there
        return True
    except OSError:  # open somewhere, or a disk of its own
        return False
    return True


def _may_be_replaced(target: Path, draft: Path) -> bool:
    """Say whether a folder holds nothing but a run, and nobody stands in it."""
    here = Path.cwd()
    if target in {draft.parent, here, *here.parents}:
        return False
    return all(
        (path.name == "pictures" and path.is_dir() and not path.is_symlink())
        or is_made(path.relative_to(target))
        for path in _inside(target)
    ) and all(is_made(path.relative_to(target)) for path in _files(target))


def _carry(target: Path, draft: Path) -> None:
    """Give a draft the files of a folder that it does not have itself."""
    for path in _files(target):
        copy = draft / path.relative_to(target)
        if copy.exists():
            continue
        copy.parent.mkdir(exist_ok=True)
        try:
            copy.hardlink_to(path)
        except FileNotFoundError:  # another run has just taken its place: tried again
            continue
        except OSError:
            shutil.copy2(path, copy)


def _one_by_one(draft: Path, target: Path, *, whole: bool) -> None:
    """Replace the files of a folder; when one of them fails, put all of them back.

    Until all are there the folder has no ``run.json``, so it is not taken for a run. Where the
    process is killed, the next one goes on with what is left to do (`boundaries.run.drafts`).
    """
    if (target / "pictures").is_symlink():
        raise InputError(f"{target / 'pictures'} is a link. Take it away, or choose another -o.")
    coming = {path.relative_to(draft) for path in _files(draft)}
    made = {path.relative_to(target) for path in _files(target)}
    stale = {inside for inside in made if is_made(inside)} - coming if whole else set()
    backup = Path(tempfile.mkdtemp(prefix=".before-", dir=draft))
    undo: list[tuple[Path, Path | None]] = []
    record = Path("run.json")
    first = [record] if record in coming else []
    try:
        note_steps(draft, new=coming, stale=stale)
        undo += [(target / inside, _set_aside(target / inside, backup)) for inside in first]
        for inside in sorted(coming - {record}):
            undo.append((target / inside, _set_aside(target / inside, backup)))
            (target / inside).parent.mkdir(exist_ok=True)
            (draft / inside).replace(target / inside)
        for inside in sorted(stale):
            undo.append((target / inside, _set_aside(target / inside, backup)))
        for inside in first:
            (draft / inside).replace(target / inside)
    except OSError:
        for path, before in reversed(undo):
            path.unlink(missing_ok=True)
            if before is not None:
                before.replace(path)
        raise


def _set_aside(path: Path, backup: Path) -> Path | None:
    if not path.exists():
        return None
    kept = backup / str(len(list(backup.iterdir())))
    path.replace(kept)
    return kept
