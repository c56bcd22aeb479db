"""The place and its rules as plain arrays, once; plans back as codes.

Goes in: `Place`, the study's rules and locks, and a count of neighbourhoods. Comes out: `Instance`,
in which everything is an integer position, and `plan_of`, which leads back to codes. Positions
never leave this package. Next: `boundaries.solve.patterns.enumerate` and
`boundaries.solve.lp.model`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boundaries.plan import Plan
from boundaries.solve.graph import Graph, components, make_graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from boundaries.place import Place
    from boundaries.study import Lock, Rules

__all__ = ["Entries", "Instance", "Links", "entries_of", "make_instance", "plan_of", "without"]

Ints = "NDArray[np.int64]"


Entries = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]"]
"""``first[i]:first[i + 1]`` of ``where`` and ``people`` are the LSOAs and people of item i."""


@dataclass(frozen=True)
class Links:
    """Locks as pairs. A point is an LSOA (its position) or a practice (behind the LSOAs).

    ``points`` holds (point, point, together), ``anchored`` (point, PCN, together) and ``pcns``
    (PCN, PCN, together); ``together`` False means apart.
    """

    points: tuple[tuple[int, int, bool], ...] = ()
    anchored: tuple[tuple[int, int, bool], ...] = ()
    pcns: tuple[tuple[int, int, bool], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.points or self.anchored or self.pcns)


@dataclass(frozen=True)
class Instance:
    """A place for one count of neighbourhoods, as arrays.

    Items are the practices, then the teams of every layer: each wants the people in its row of
    ``people`` in the neighbourhood that it is itself in. A team is an item that moves freely.

    Parameters
    ----------
    lsoas, practices, pcns, teams
        Codes (teams: layer and name), in the order of the arrays.
    residents
        Residents of each LSOA.
    people
        Items by LSOAs: registered patients of practices; weighted residents of teams.
    list_size
        List size of each practice.
    pcn_of
        Position of each practice's PCN, −1 for none.
    span, floor, outside
        Of each PCN: most anchors, floor (0: none), patients of its practices outside the place.
    graph
        Neighbouring LSOAs.
    neighbourhoods, least, most
        How many neighbourhoods, and the least and most residents of each.
    nest
        Part of the place that each LSOA is in, where no neighbourhood may cross from one to another
        (`kept_apart`); None where there is one part.
    links
        Locks.
    anchored
        Whether rules 6 and 7 hold and moves are counted (False for ``best-fit``).
    """

    lsoas: tuple[str, ...]
    practices: tuple[str, ...]
    pcns: tuple[str, ...]
    teams: tuple[tuple[str, str], ...]
    residents: NDArray[np.int64]
    people: NDArray[np.float64]
    list_size: NDArray[np.int64]
    pcn_of: NDArray[np.int64]
    span: NDArray[np.int64]
    floor: NDArray[np.int64]
    outside: NDArray[np.int64]
    graph: Graph
    neighbourhoods: int
    least: int
    most: int
    nest: NDArray[np.int64] | None = None
    links: Links = field(default_factory=Links)
    anchored: bool = True

    @cached_property
    def total(self) -> float:
        """People of every item together: what a perfect plan would serve."""
        return float(self.people.sum())

    @cached_property
    def is_integral(self) -> bool:
        """Whether every figure in the objective is a whole number."""
        figures = self.people, self.graph.bond
        return all(bool(np.all(figure == np.round(figure))) for figure in figures)

    @cached_property
    def likeness(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Every pair of neighbours once (two arrays), and how alike their items are (cosine)."""
        once = self.graph.heads < self.graph.tails
        heads, tails = self.graph.heads[once], self.graph.tails[once]
        people = self.people / np.maximum(1e-9, np.linalg.norm(self.people, axis=0))
        return heads, tails, np.einsum("ie,ie->e", people[:, heads], people[:, tails])

    @property
    def step(self) -> float:
        """Fewest people by which two plans can differ, less a rounding: nearer is as good."""
        return 0.999 if self.is_integral else 1e-6 * self.total


def make_instance(
    place: Place,
    rules: Rules,
    *,
    neighbourhoods: int,
    locks: Sequence[Lock] = (),
) -> Instance:
    """Turn a place and its rules into arrays.

    Parameters
    ----------
    place
        The checked place.
    rules
        The study's rules.
    neighbourhoods
        How many neighbourhoods the plan is to have.
    locks
        The study's locks.

    Returns
    -------
    Problem
        The arrays.
    """
    lsoas = [str(code) for code in place.lsoas.index]
    practices = [str(code) for code in place.practices.index]
    pcns = [str(code) for code in place.pcns.index]
    at = {code: position for position, code in enumerate(lsoas)}
    of_pcn = {code: position for position, code in enumerate(pcns)}
    residents = place.lsoas["residents"].to_numpy(dtype=np.int64)
    teams, of_teams = _teams(place, at, residents)
    least, most = rules.residents_limits(int(residents.sum()), neighbourhoods)
    boroughs = pd.factorize(place.lsoas["borough_code"], sort=True)[0].astype(np.int64)
    edges = [
        (at[str(a)], at[str(b)])
        for a, b in zip(
            place.neighbours["lsoa_code_a"], place.neighbours["lsoa_code_b"], strict=True
        )
    ]
    graph = make_graph(len(lsoas), edges, place.neighbours["bond"].tolist())
    return Instance(
        lsoas=tuple(lsoas),
        practices=tuple(practices),
        pcns=tuple(pcns),
        teams=teams,
        residents=residents,
        people=np.vstack([_patients(place, practices, at), of_teams]),
        list_size=place.practices["list_size"].to_numpy(dtype=np.int64),
        pcn_of=np.array(
            [of_pcn.get(code, -1) for code in place.practices["pcn_code"]], dtype=np.int64
        ),
        span=np.minimum(place.pcns["span"].to_numpy(dtype=np.int64), neighbourhoods),
        floor=place.pcns["floor"].to_numpy(dtype=np.int64),
        outside=place.pcns["list_outside"].to_numpy(dtype=np.int64),
        graph=graph,
        neighbourhoods=neighbourhoods,
        least=least,
        most=most,
        nest=kept_apart(graph, boroughs if rules.nest_in == "borough" else None),
        links=_links(locks, lsoas, practices, pcns, place),
    )


def kept_apart(graph: Graph, boroughs: NDArray[np.int64] | None = None) -> NDArray[np.int64] | None:
    """Return the parts of a place that no neighbourhood may cross (rules 2 and 5).

    Parameters
    ----------
    graph
        Neighbouring LSOAs: where they are in pieces (an island, a river cut whole), no
        neighbourhood is in two of them.
    boroughs
        Borough of each LSOA where no neighbourhood may cross boroughs, else None; a borough that
        is in pieces by itself is several parts.

    Returns
    -------
    NDArray or None
        Part of each LSOA, from 0; None where there is one part.
    """
    groups = np.zeros(graph.size, dtype=np.int64) if boroughs is None else boroughs
    part = np.zeros(graph.size, dtype=np.int64)
    number = 0
    for group in np.unique(groups):
        for members in components(graph.beside, np.flatnonzero(groups == group).tolist()):
            part[members] = number
            number += 1
    return part if number > 1 else None


def without(instance: Instance, left_out: frozenset[str]) -> Instance:
    """Return a place in whose objective ``teams`` or ``bonds`` do not count."""
    practices, graph = len(instance.practices), instance.graph
    if "bonds" in left_out:
        graph = replace(graph, bond=np.zeros_like(graph.bond))
    if "teams" in left_out:
        instance = replace(instance, teams=(), people=instance.people[:practices])
    return replace(instance, graph=graph)


def _patients(place: Place, practices: list[str], at: dict[str, int]) -> NDArray[np.float64]:
    found = place.registrations
    row = {code: position for position, code in enumerate(practices)}
    people = np.zeros((len(practices), len(at)))
    rows = found["practice_code"].map(row).to_numpy(dtype=np.int64)
    columns = found["lsoa_code"].map(at).to_numpy(dtype=np.int64)
    np.add.at(people, (rows, columns), found["patients"].to_numpy(dtype=np.float64))
    return people


def _teams(
    place: Place, at: dict[str, int], residents: NDArray[np.int64]
) -> tuple[tuple[tuple[str, str], ...], NDArray[np.float64]]:
    names: list[tuple[str, str]] = []
    rows: list[NDArray[np.float64]] = []
    for key, layer in place.teams.items():
        if layer.weight == 0:
            continue
        for team, shares in layer.shares.groupby("team", sort=True):
            row = np.zeros(len(at))
            columns = shares["lsoa_code"].map(at).to_numpy(dtype=np.int64)
            row[columns] = shares["share"].to_numpy(dtype=np.float64)
            names.append((key, str(team)))
            rows.append(row * residents * layer.weight)
    return tuple(names), np.array(rows).reshape(len(rows), len(at))


def _links(
    locks: Iterable[Lock], lsoas: list[str], practices: list[str], pcns: list[str], place: Place
) -> Links:
    point = {code: position for position, code in enumerate([*lsoas, *practices])}
    pcn = {code: position for position, code in enumerate(pcns)}
    points: list[tuple[int, int, bool]] = []
    anchored: list[tuple[int, int, bool]] = []
    both: list[tuple[int, int, bool]] = []
    for one, other, together in _pairs(locks, place):
        if one in point and other in point:
            points.append((point[one], point[other], together))
        elif one in pcn and other in pcn:
            both.append((pcn[one], pcn[other], together))
        elif one in point:
            anchored.append((point[one], pcn[other], together))
        else:
            anchored.append((point[other], pcn[one], together))
    return Links(tuple(points), tuple(anchored), tuple(both))


def _pairs(locks: Iterable[Lock], place: Place) -> Iterable[tuple[str, str, bool]]:
    for lock in locks:
        for together, group in ((True, lock.together), (False, lock.apart)):
            for position, one in enumerate(group):
                for other in group[position + 1 :]:
                    yield one, other, together
        for practice in lock.stays:
            own = place.practices["pcn_code"].get(practice)
            if isinstance(own, str):
                yield practice, own, True
        if lock.practice and lock.joins:
            yield lock.practice, lock.joins, True


def entries_of(instance: Instance) -> Entries:
    """Return the LSOAs and people of all items, as the kernels want them: first, where, people."""
    filled = [np.flatnonzero(row) for row in instance.people]
    first = np.concatenate([[0], np.cumsum([len(f) for f in filled])]).astype(np.int64)
    people = [row[f] for row, f in zip(instance.people, filled, strict=True)]
    return first, np.concatenate(filled).astype(np.int64), np.concatenate(people)


def plan_of(instance: Instance, lsoas: NDArray[np.int64], practices: NDArray[np.int64]) -> Plan:
    """Return a plan in codes; neighbourhoods are numbered by their first LSOA.

    Parameters
    ----------
    instance
        The arrays that the plan was found for.
    lsoas, practices
        Neighbourhood of every LSOA and of every practice.

    Returns
    -------
    Plan
        Labels "1", "2", …
    """
    order: dict[int, str] = {}
    for label in lsoas.tolist():
        order.setdefault(label, str(len(order) + 1))
    return Plan(
        pd.Series([order[n] for n in lsoas.tolist()], index=list(instance.lsoas), dtype=str),
        pd.Series(
            [order[n] for n in practices.tolist()], index=list(instance.practices), dtype=str
        ),
    )
