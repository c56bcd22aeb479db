"""Replies to a draft, collated: a table, a map layer of where they are, and locks to choose from.

Goes in: a folder of replies and a study. Comes out: ``replies.csv``, ``replies.gpkg``,
``locks.toml`` and ``replies.json`` in one folder. Next: an analyst, who takes a lock into the
study, and `boundaries.pipeline.propose`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import tomli_w

from boundaries import gdal
from boundaries.pipeline import prepare
from boundaries.problems import Problem, frame_of
from boundaries.read.replies import Reply, Wish, read_replies
from boundaries.run import require_target, writing
from boundaries.run.tables import write_table
from boundaries.study import Lock, load_study

if TYPE_CHECKING:
    import geopandas as gpd

    from boundaries.place import Place
    from boundaries.study import Study

__all__ = [
    "REPLIED",
    "Collated",
    "collate",
    "held_against",
    "lock_of",
    "write_collated",
    "write_replies",
]

REPLIED: Final = ("replies.csv", "replies.gpkg", "locks.toml", "problems.csv", "replies.json")
"""Files of collated replies."""

_VIEWS: Final = ("support", "can live with", "object")
_TOP: Final = """\
# Locks that replies asked for. Nobody has decided on them: each stands as a comment. To take one,
# copy it into the study without the "# " and run `boundaries propose` again; the report says what
# it costs. The reasons are the words of those who replied.
"""


@dataclass(frozen=True)
class Collated:
    """Replies of a folder, held against a place: what was read, and what is wrong with it."""

    replies: tuple[Reply, ...]
    place: Place
    problems: tuple[Problem, ...]


def collate(folder: str | Path, study: Study | str | Path) -> Collated:
    """Read the replies of a folder and look their codes up in the place of a study.

    Parameters
    ----------
    folder
        Replies as they came: ``.json`` files, saved from the map's page.
    study
        The study that they answer, or its path.

    Raises
    ------
    InputError
        When the study or its data is wrong, or the folder has no replies.
    """
    loaded = load_study(study) if isinstance(study, (str, Path)) else study
    replies, problems = read_replies(Path(folder))
    return held_against(prepare(loaded).place, replies, problems)


def held_against(
    place: Place, replies: tuple[Reply, ...], problems: tuple[Problem, ...] = ()
) -> Collated:
    """Look the codes of replies up in a place; a code that it does not have is a warning."""
    strange = (problem for reply in replies for problem in _strange(reply, place))
    return Collated(replies, place, (*problems, *strange))


def write_replies(folder: str | Path, study: str | Path, output: str | Path) -> Collated:
    """Collate the replies of a folder and write what came of them, whole or not at all.

    Raises
    ------
    InputError
        As `collate`, or when the results cannot be written.
    """
    require_target(output, names=REPLIED, record="replies.json")
    done = collate(folder, study)
    write_collated(done, output)
    return done


def write_collated(done: Collated, output: str | Path) -> None:
    """Write collated replies into a folder, whole or not at all.

    Raises
    ------
    InputError
        When the folder cannot be written, or holds files of these names of somebody else.
    """
    with writing(output, names=REPLIED, record="replies.json") as draft:
        table = replies_table(done)
        write_table(table, draft / "replies.csv")
        _write_layers(done, draft / "replies.gpkg")
        (draft / "locks.toml").write_text(locks_text(done), encoding="utf-8")
        write_table(frame_of(done.problems), draft / "problems.csv")
        counts = Counter(reply.view for reply in done.replies)
        record = {
            "tool": "boundaries",
            "kind": "replies",
            "replies": len(done.replies),
            "views": {view: counts[view] for view in _VIEWS},
        }
        (draft / "replies.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def replies_table(done: Collated) -> pd.DataFrame:
    """Return one row a reply, in the order of their files.

    Returns
    -------
    pandas.DataFrame
        Columns file, made, name, role, organisation, about, codes, subject (its name in the
        place), option_id, view, reason, answer_1 to answer_3, lock (in words), study (SHA-256 of
        the study that the page was made from).
    """
    names = _names(done.place)
    rows = []
    for reply in done.replies:
        codes = reply.about.codes
        known = [names.get(code, code) for code in codes]
        answers = [*reply.answers, "", "", ""][:3]
        rows.append(
            {
                "file": reply.file,
                "made": reply.made,
                **reply.sender.model_dump(),
                "about": reply.about.kind,
                "codes": " ".join(codes),
                "subject": known[0] if len(known) == 1 else reply.about.name,
                "option_id": reply.option,
                "view": reply.view,
                "reason": reply.reason,
                **{f"answer_{number}": text for number, text in enumerate(answers, start=1)},
                "lock": _wish_words(reply.lock),
                "study": reply.study,
            }
        )
    return pd.DataFrame(rows)


def _wish_words(wish: Wish | None) -> str:
    return "" if wish is None else f"{wish.kind}: {' '.join(wish.codes)}"


def _names(place: Place) -> dict[str, str]:
    return {
        str(code): str(name)
        for column in (
            place.lsoas["lsoa_name"], place.practices["practice_name"], place.pcns["pcn_name"],
        )
        for code, name in column.items()
    }  # fmt: skip


def _strange(reply: Reply, place: Place) -> list[Problem]:
    """Say which codes of a reply the place does not have."""
    known = _names(place)
    asked = reply.lock.codes if reply.lock else ()
    return [
        Problem(
            "warning", reply.file, None, code, "",
            f"The reply names {code}, which is not in {place.name}.",
            "It stands in the table; its lock is left out. Ask which code was meant.",
        )
        for code in dict.fromkeys((*reply.about.codes, *asked))
        if code not in known
    ]  # fmt: skip


def _write_layers(done: Collated, path: Path) -> None:
    """Write where the replies are: practices (a PCN counts at each of its practices), and LSOAs."""
    place = done.place
    at = {"practices": place.practices.index, "lsoas": place.lsoas.index}
    counts = {
        name: pd.DataFrame(0, index=index, columns=list(_VIEWS)) for name, index in at.items()
    }
    members = place.practices["pcn_code"]
    for reply in done.replies:
        codes: list[str] = list(reply.about.codes)
        if reply.about.kind == "pcn":
            codes = [str(code) for code, pcn in members.items() if pcn == codes[0]]
        for frame in counts.values():
            frame.loc[frame.index.intersection(codes), reply.view] += 1
    named = (("practices", "practice_name"), ("lsoas", "lsoa_name"))
    for layer, name in named:
        frame = counts[layer].rename(columns=lambda view: view.replace(" ", "_"))
        frame["replies"] = frame.sum(axis=1)
        whole: gpd.GeoDataFrame = getattr(place, layer)[[name, "geometry"]].join(frame)
        gdal.write_frame(whole.reset_index(), path, layer)


def lock_of(wish: Wish, place: Place) -> Lock | None:
    """Return what a reply asks for as a lock of a study; None where the place lacks a code."""
    if not set(wish.codes) <= _names(place).keys():
        return None
    if wish.kind == "stays":
        practices = [code for code in wish.codes if code in place.practices.index]
        return Lock(stays=tuple(practices)) if len(practices) == len(wish.codes) else None
    if wish.kind == "apart":
        return Lock(apart=wish.codes)
    one, other = wish.codes[0], wish.codes[-1]
    if wish.kind == "with" and one in place.practices.index and other in place.pcns.index:
        return Lock(practice=one, joins=other)
    return Lock(together=wish.codes)


def locks_text(done: Collated) -> str:
    """Return the locks that replies ask for as TOML, each a comment, each once."""
    asked: dict[str, list[Reply]] = {}
    for reply in done.replies:
        lock = lock_of(reply.lock, done.place) if reply.lock else None
        if lock is not None:
            text = tomli_w.dumps({"locks": [lock.model_dump(exclude_defaults=True)]})
            asked.setdefault(text, []).append(reply)
    parts = [_TOP]
    for text, replies in asked.items():
        said = [_said(reply) for reply in replies]
        reason = next((reply.reason for reply in replies if reply.reason), "")
        reason = tomli_w.dumps({"reason": f"Asked for in a reply: {reason}".strip(": ")})
        lines = [*said, *text.strip().splitlines(), *reason.strip().splitlines()]
        parts.append("".join(f"# {line}\n" for line in lines))
    if len(parts) == 1:
        parts.append("# No reply asks for a lock of codes that the place has.\n")
    return "\n".join(parts)


def _said(reply: Reply) -> str:
    who = ", ".join(part for part in reply.sender.model_dump().values() if part) or "no name"
    return f"{reply.file}: {who}; {reply.view}"
