"""Which places are asked for: names, rows of a CSV, studies, or every borough of the data.

Goes in: what stands on the command line. Comes out: `Asked`, a place each, with the name of its
run's folder. Next: `boundaries.many.studies` writes or loads the study of each.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boundaries.errors import InputError
from boundaries.many.keys import key_of_heading, value_of
from boundaries.problems import Problem, raise_on_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boundaries.many.sets import DataSet

__all__ = ["Asked", "ask", "slug_of"]

_TAKEN: Final = frozenset({"batch", "region", "con", "prn", "aux", "nul"})


@dataclass(frozen=True)
class Asked:
    """A place asked for.

    Parameters
    ----------
    name
        What people call it.
    slug
        Name of its run's folder, and of its log and study beside it.
    boroughs
        Names or codes; empty for a study.
    study
        A study that is there already.
    keys
        Study keys from a CSV, by path (``rules.neighbourhoods``); files are absolute.
    """

    name: str
    slug: str
    boroughs: tuple[str, ...] = ()
    study: Path | None = None
    keys: dict[str, Any] = field(default_factory=dict)


def ask(
    places: Iterable[str], *, sets: Sequence[DataSet], all_boroughs: bool = False
) -> tuple[Asked, ...]:
    """Return the places asked for, each once, in the order given.

    Parameters
    ----------
    places
        Borough names or codes as for ``boundaries init`` (commas between make one place of
        several), paths of studies (``.toml``), or of CSV files (``.csv``).
    sets
        The data, for ``all_boroughs``.
    all_boroughs
        Whether every borough that the data know is a place of its own.

    Raises
    ------
    InputError
        When nothing is asked for, or a CSV file is no list of places, with every fault of it.
    """
    asked: list[Asked] = []
    for word in places:
        if word.lower().endswith(".toml"):
            path = Path(word)
            name = path.stem if path.stem != "study" else path.resolve().parent.name
            asked.append(Asked(name, slug_of(name), study=path))
        elif word.lower().endswith(".csv"):
            asked += _rows(Path(word))
        else:
            boroughs = tuple(part.strip() for part in word.split(",") if part.strip())
            asked.append(Asked(_joined(boroughs), slug_of(word), boroughs))
    if all_boroughs:
        for one in sets:
            names = one.boroughs["borough_name"]
            asked += [Asked(str(name), slug_of(str(name)), (str(code),)) for code, name in
                      sorted(names.items(), key=lambda item: str(item[1]))]  # fmt: skip
    if not asked:
        raise InputError("No place is named. Give names, studies or a CSV, or say --all-boroughs.")
    return _each_once(asked)


def slug_of(name: str) -> str:
    """Return a name as a folder's: small letters, digits and hyphens.

    Examples
    --------
    >>> slug_of("Kensington & Chelsea, Westminster")
    'kensington-and-chelsea-westminster'
    """
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ")).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower().replace("'", "")).strip("-")[:80]
    return f"place-{slug}".strip("-") if not slug or slug in _TAKEN else slug


def _joined(boroughs: Sequence[str]) -> str:
    return " and ".join([", ".join(boroughs[:-1]), boroughs[-1]]) if boroughs[1:] else boroughs[0]


def _each_once(asked: Iterable[Asked]) -> tuple[Asked, ...]:
    """Drop a place asked for twice; two that only share a folder's name get different ones."""
    kept: dict[str, Asked] = {}
    for one in asked:
        if any(replace(one, slug=other.slug, name=other.name) == other for other in kept.values()):
            continue
        slug, number = one.slug, 2
        while slug in kept:
            slug, number = f"{one.slug}-{number}", number + 1
        kept[slug] = replace(one, slug=slug)
    return tuple(kept.values())


def _rows(path: Path) -> list[Asked]:
    """Read a CSV of places: name, boroughs, and any keys of a study."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}."
        raise InputError(f"{said} Give a CSV file in UTF-8.") from error
    lines = list(csv.reader(text.splitlines()))
    header = [cell.strip() for cell in lines[0]] if lines else []
    problems = _header_problems(path, header)
    asked = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = {head: cell.strip() for head, cell in zip(header, cells, strict=False)}
        boroughs = tuple(p.strip() for p in re.split(r"[;,]", row.get("boroughs", "")) if p.strip())
        name = row.get("name", "") or _joined(boroughs or ("",))
        if not boroughs or len(cells) > len(header):
            said = "The row names no borough." if not boroughs else "More cells than headings."
            fix = "Give the place's boroughs, a semicolon between them; quote cells with commas."
            problems.append(Problem("error", path.name, number, name, "boroughs", said, fix))
            continue
        keys = {"place.name": name} if row.get("name") else {}
        keys |= {
            key: value_of(cell, key, folder=path.resolve().parent)
            for head, cell in row.items()
            if cell and (key := key_of_heading(head)) and head not in ("name", "boroughs")
        }
        asked.append(Asked(name, slug_of(name), boroughs, keys=keys))
    raise_on_errors(problems)
    return asked


def _header_problems(path: Path, header: Sequence[str]) -> list[Problem]:
    problems = []
    if "boroughs" not in header:
        said, fix = (
            "There is no column boroughs.",
            "The first row names the columns: name, boroughs.",
        )
        problems.append(Problem("error", path.name, 1, "", "boroughs", said, fix))
    for head in header:
        if head in ("name", "boroughs"):
            continue
        if key_of_heading(head) is None or header.count(head) > 1:
            said = f"The column {head!r} is no key of a study, or stands twice."
            fix = "Write keys as docs/study.md does, e.g. neighbourhoods or rules.residents_band."
            problems.append(Problem("error", path.name, 1, "", head, said, fix))
    return problems
