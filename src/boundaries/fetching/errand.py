"""The errand: one source after another; what fails says what to do by hand, and the rest goes on.

Goes in: the name of a place and a folder. Comes out: `Fetched`. Next: ``boundaries init``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boundaries.codes import nearest_name
from boundaries.errors import InputError
from boundaries.fetching.areas import AREAS
from boundaries.fetching.districts import find_districts
from boundaries.fetching.download import Outcome
from boundaries.fetching.faults import WireError
from boundaries.fetching.links import LINKS
from boundaries.fetching.nomis import bring_residents
from boundaries.fetching.shelf import Shelf
from boundaries.fetching.sources import SOURCES, source
from boundaries.fetching.trip import News, Trip
from boundaries.fetching.wire import Manners, Wire
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Fetched", "fetch"]

_WAYS: Final = {**LINKS, **AREAS, "residents": bring_residents}
MIRROR: Final = "BOUNDARIES_MIRROR"


@dataclass(frozen=True)
class Fetched:
    """What an errand brought.

    Parameters
    ----------
    folder
        Where the files are.
    outcomes
        One for each source, in the order of the table.
    problems
        An error for each source that failed, with the page to go to by hand.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]


def fetch(
    place: str | Iterable[str],
    output: str | Path,
    *,
    only: Iterable[str] = (),
    dry_run: bool = False,
    manners: Manners | None = None,
    listen: Callable[[News], None] | None = None,
) -> Fetched:
    """Fetch the published files that a study of a place needs, whole or not at all.

    Files that are there and still the newest are left as they are. A download that was cut goes on
    where it stopped the next time. Beside the files stands ``manifest.json``.

    Parameters
    ----------
    place
        Names or codes of districts: texts, or one text with commas between.
    output
        The folder.
    only
        Names of sources, or study keys; none means all that a study needs.
    dry_run
        Ask every publisher, but bring nothing and write nothing.
    manners
        Where, how patiently and how politely publishers are asked; when it is None as the
        environment says: ``BOUNDARIES_MIRROR`` is the address of a mirror.
    listen
        Called as it gets on.

    Returns
    -------
    Fetched
        Sources that failed are in ``problems``; nothing is raised for them.

    Raises
    ------
    InputError
        When a place or a source is not known, or the folder cannot be written.
    """
    places = (place,) if isinstance(place, str) else tuple(place)
    if not any(text.strip() for text in places):
        raise InputError("Say which place: the name or code of a district.")
    names, hear = _chosen(only), listen or (lambda _: None)
    shelf = Shelf(Path(output), dry=dry_run)
    chosen = manners or Manners(mirror=os.environ.get(MIRROR, ""))
    wire = Wire(shelf, chosen, tell=lambda said: hear(News(said=said)))
    trip = Trip(wire, shelf, places, dry_run, hear)
    try:
        if any(name in AREAS for name in names):
            _know_the_place(trip)
        outcomes = tuple(_bring(trip, name) for name in names)
    finally:
        wire.close()
    problems = tuple(_problem(one) for one in outcomes if one.state == "failed")
    return Fetched(shelf.folder, outcomes, problems)


def _chosen(only: Iterable[str]) -> list[str]:
    """Return the sources wanted, in the order of the table."""
    wanted = list(only)
    known = {one.name for one in SOURCES} | {one.key for one in SOURCES if one.key}
    for word in wanted:
        if word not in known:
            near = nearest_name(word, known)
            meant = f"Did you mean {near}?" if near else "See: boundaries fetch --list."
            raise InputError(f"There is no source {word!r}. {meant}")
    if not wanted:
        return [one.name for one in SOURCES if not one.asked]
    return [
        one.name for one in SOURCES if one.name in wanted or (one.key in wanted and not one.asked)
    ]


def _know_the_place(trip: Trip) -> None:
    """Find the place first: nothing is brought for a name that is not known."""
    try:
        find_districts(trip)
    except WireError:
        return  # each source of areas will say so


def _bring(trip: Trip, name: str) -> Outcome:
    try:
        outcome = _WAYS[name](trip)
    except WireError as fault:
        outcome = Outcome(name, "failed", said=f"{source(name).publisher} {fault}.")
    except OSError as error:  # the disk is full, or the file is open in another program
        said = f"{trip.shelf.folder} cannot be written ({error.strerror or error})."
        outcome = Outcome(name, "failed", said=said)
    trip.listen(News(name, _line(outcome)))
    return outcome


def _line(outcome: Outcome) -> str:
    if outcome.state == "failed":
        return f"{outcome.source}: failed. {outcome.said}"
    where = f", from {outcome.said}" if outcome.state == "would fetch" else ""
    return f"{outcome.source}: {outcome.state} {outcome.file}{_size(outcome.bytes)}{where}"


def _size(number: int | None) -> str:
    if number is None:
        return ""
    return f", {number / 1e6:,.1f} MB" if number >= 1e6 else f", {number / 1e3:,.0f} kB"


def _problem(outcome: Outcome) -> Problem:
    one = source(outcome.source)
    fix = f"By hand: open {one.page}, take {one.what}, and put it into the folder as it comes."
    return Problem("error", one.name, None, "", one.key, outcome.said, fix)
