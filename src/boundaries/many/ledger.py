"""The log of each place: what it is doing while it runs, and what became of it when it has ended.

Goes in: news of a place. Comes out: ``SLUG.log``, lines of ``key=value`` that people and programs
read, the last one the record; and `Entry`, the same read back. The logs in a folder are all that
batches share: shards, a second batch, and ``--resume`` know of each other by them alone.
Next: `boundaries.many.table` makes ``batch.csv`` of them.
"""

from __future__ import annotations

import json
import shlex
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from boundaries.encodings import one_line
from boundaries.limits import limit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Entry", "begin_log", "end_log", "log_of", "read_entries", "read_entry", "say"]

_FIRST: Final = "# boundaries batch: "
_RECORD: Final = "record "


@dataclass(frozen=True)
class Entry:
    """What a log says of its place.

    Parameters
    ----------
    slug, name
        The place.
    attempts
        How often it was tried: also a process that died before it said that it had begun.
    news
        The latest of every key told: stage, option, best, bound, gap, memory_mib …
    record
        What became of it; empty while it has not ended.
    """

    slug: str
    name: str
    attempts: int = 0
    news: dict[str, str] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)


def log_of(folder: Path, slug: str) -> Path:
    """Return where the log of a place lies."""
    return folder / f"{slug}.log"


def begin_log(log: Path, name: str) -> None:
    """Begin the log of a place anew, before it is its turn.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    log.write_text(f"{_FIRST}{json.dumps(name, ensure_ascii=False)}\n", encoding="utf-8")


def say(log: Path, **news: object) -> None:
    """Add a line of news. A disk that is full loses the line, not the place."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = [f"{key}={shlex.quote(_one_line(value))}" for key, value in news.items()]
    _add(log, " ".join([at, *words]))


def end_log(log: Path, record: dict[str, Any], *, details: str = "") -> bool:
    """Add what became of the place, the last line; say whether that could be written."""
    text = "\n".join(f"  {line}" for line in details.splitlines())
    line = _RECORD + json.dumps(record, ensure_ascii=False, sort_keys=True)
    return _add(log, f"{text}\n{line}" if text else line)


def _add(log: Path, text: str) -> bool:
    with suppress(OSError):
        with log.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(text + "\n")
        return True
    return False


def _one_line(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return " ".join(text.split())


def read_entry(log: Path) -> Entry | None:
    """Read a log; None when it is none of ours: its folder may come from somebody else."""
    try:
        if log.is_symlink() or not log.is_file():
            return None
        if log.stat().st_size > limit("run_json_mb") * 1_000_000:
            return None
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        if not lines or not lines[0].startswith(_FIRST):
            return None
        name = one_line(str(json.loads(lines[0].removeprefix(_FIRST))))
    except (OSError, ValueError, RecursionError):
        return None
    news: dict[str, str] = {}
    record: dict[str, Any] = {}
    attempts, at_work = 0, False
    for line in lines[1:]:
        if line.startswith(_RECORD):
            with suppress(ValueError, RecursionError):  # cut short by a full disk
                told_last = json.loads(line.removeprefix(_RECORD), parse_constant=str)
                record = told_last if isinstance(told_last, dict) else {}
        elif line[:1].isdigit():
            told = _pairs(line)
            if "begun" in told or ("died" in told and not at_work):  # died before it could say so
                attempts += 1
            at_work = "begun" in told or (at_work and "died" not in told)
            news |= told
    return Entry(log.stem, name, attempts, news, record)


def _pairs(line: str) -> dict[str, str]:
    try:
        words = shlex.split(line)
    except ValueError:  # cut short
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def read_entries(folder: Path) -> Iterable[Entry]:
    """Yield what the logs of a folder say, sorted by slug."""
    for log in sorted(folder.glob("*.log")):
        entry = read_entry(log)
        if entry is not None:
            yield entry
