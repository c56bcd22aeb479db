"""Today's areas, whole, put together into fewer: the best grouping there is, exactly.

Goes in: `Place`, today's plan (areas, and the practices in them) and how many groups. Comes out: a
plan, or None. Next: `boundaries.run.options` measures it as ``as-is-grouped``.

Every area is given to the area that stands for its group (the first of it, so that no grouping is
counted twice). What two areas have together is won when they are in one group: patients of the one
who live in the other, and the bonds between them. Practices that sit in no area (their PCN leads in
no LSOA, or they have none) and teams go to the group that holds most of them. Groups that hang
apart are refused one by one, and the model is solved again: CP-SAT proves the last answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.plan import Plan
from boundaries.solve.graph import components

if TYPE_CHECKING:
    from collections.abc import Callable

    from boundaries.place import Place
    from boundaries.study import Rules

__all__ = ["Grouping", "group_areas"]

_SCALE: Final = 1000
"""CP-SAT counts in whole numbers: thousandths of a person, as bonds are rounded."""

_WORK: Final = 30.0
"""Deterministic seconds of CP-SAT for all models of a grouping: twenty areas take a few."""

Node = tuple[str, ...]
"""An area, practices that stay together without one, or a team: its kind and its code."""


@dataclass(frozen=True)
class Grouping:
    """Today's areas in groups.

    Parameters
    ----------
    plan
        Labels "1", "2", …; practices go with their area.
    excess
        People by which groups are out of the residents' band, in all.
    proven
        Whether no other grouping has less excess, nor one with the same a smaller objective.
    """

    plan: Plan
    excess: int
    proven: bool


@dataclass(frozen=True)
class _Areas:
    """Nodes, areas first; what pairs of them have in common; which areas touch."""

    nodes: list[Node]
    residents: list[int]
    common: dict[tuple[int, int], int]
    beside: list[list[int]]
    of_lsoa: pd.Series[int]
    of_practice: pd.Series[int]

    @property
    def count(self) -> int:
        return len(self.residents)


def group_areas(
    place: Place,
    today: Plan,
    rules: Rules,
    *,
    neighbourhoods: int,
    stop: Callable[[], bool] | None = None,
) -> Grouping | None:
    """Return the grouping of today's areas within the band, or with least excess, that costs least.

    Parameters
    ----------
    place
        The place.
    today
        Today's areas: the label of every LSOA, and where each practice sits.
    rules
        The residents' band.
    neighbourhoods
        How many groups.
    stop
        Asked between models; True ends the search without an answer.

    Returns
    -------
    Grouping or None
        None where today has so many areas or fewer, or they hang together in no such groups.
    """
    areas = _areas(place, today)
    pieces = components(areas.beside, range(areas.count))
    if not len(pieces) <= neighbourhoods < areas.count:
        return None
    total = sum(areas.residents)
    model = _Model(areas, neighbourhoods, rules.residents_limits(total, neighbourhoods))
    group = model.solve(stop or (lambda: False))
    if group is None:
        return None
    names = {number: str(at) for at, number in enumerate(dict.fromkeys(group), start=1)}
    labels = [names[number] for number in group]
    plan = Plan(
        areas.of_lsoa.map(lambda node: labels[node]).astype(str),
        areas.of_practice.map(lambda node: labels[node]).astype(str),
    )
    return Grouping(plan, model.excess, proven=model.proven)


def _areas(place: Place, today: Plan) -> _Areas:
    nodes: list[Node] = [("area", label) for label in sorted(set(today.lsoas))]
    count = len(nodes)
    homes = set(nodes)
    of_practice = {}
    for code, pcn in place.practices["pcn_code"].items():
        sits = ("area", today.practices[str(code)])
        loose = ("pcn", pcn) if isinstance(pcn, str) else ("practice", str(code))
        of_practice[str(code)] = sits if isinstance(pcn, str) and sits in homes else loose
    people = place.lsoas["residents"]
    teams = [
        shares.assign(
            one=pd.Series([("team", name, t) for t in shares["team"]], shares.index, dtype=object),
            people=layer.weight * shares["share"] * shares["lsoa_code"].map(people),
        )
        for name, layer in place.teams.items()
        for shares in (layer.shares,)
    ]
    of_team = [node for rows in teams for node in dict.fromkeys(rows["one"])]
    nodes += sorted(set(of_practice.values()) - homes) + of_team
    at = {node: number for number, node in enumerate(nodes)}
    of_lsoa = today.lsoas.map(lambda label: at["area", label])
    of_practices = pd.Series(of_practice).map(at)
    rows, pairs = place.registrations, place.neighbours
    links = [
        (rows["practice_code"].map(of_practices), rows["lsoa_code"], rows["patients"]),
        (pairs["lsoa_code_a"].map(of_lsoa), pairs["lsoa_code_b"], pairs["bond"]),
        *((rows["one"].map(at), rows["lsoa_code"], rows["people"]) for rows in teams),
    ]
    common: dict[tuple[int, int], float] = {}
    beside: list[set[int]] = [set() for _ in range(count)]
    for ones, lsoas, amounts in links:
        for one, other, amount in zip(ones, lsoas.map(of_lsoa), amounts, strict=True):
            pair = (min(one, other), max(one, other))
            common[pair] = common.get(pair, 0.0) + float(amount)
    for one, other in zip(*(pairs[f"lsoa_code_{end}"].map(of_lsoa) for end in "ab"), strict=True):
        if one != other:
            beside[one].add(other)
            beside[other].add(one)
    whole = {
        pair: round(amount * _SCALE)
        for pair, amount in sorted(common.items())
        if pair[0] != pair[1] and amount > 0
    }
    sums = people.groupby(of_lsoa.reindex(people.index)).sum()
    residents = [int(sums[number]) for number in range(count)]
    near = [sorted(one) for one in beside]
    return _Areas(nodes, residents, whole, near, of_lsoa, of_practices)


class _Model:
    """CP-SAT's model, which learns what hangs apart."""

    def __init__(self, areas: _Areas, groups: int, limits: tuple[int, int]) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 - OR-Tools is heavy

        self._areas, self._cp, self._model = areas, cp_model, cp_model.CpModel()
        self._work, self.proven, self.excess = _WORK, True, 0
        count = areas.count
        self._in: list[dict[int, Any]] = [
            {r: self._model.new_bool_var("") for r in range(count) if r <= node or node >= count}
            for node in range(len(areas.nodes))
        ]
        stands = [self._in[r][r] for r in range(count)]
        self._model.add(sum(stands) == groups)
        for node in self._in:
            self._model.add_exactly_one(node.values())
            for r, member in node.items():
                self._model.add_implication(member, stands[r])
        self._excess = sum(self._out_of_band(stands[r], r, limits) for r in range(count))
        self._won = sum(amount * self._together(*pair) for pair, amount in areas.common.items())

    def _out_of_band(self, stands: Any, r: int, limits: tuple[int, int]) -> Any:
        total = sum(self._areas.residents)
        members = range(r, self._areas.count)
        heads = sum(self._areas.residents[i] * self._in[i][r] for i in members)
        out = self._model.new_int_var(0, total, "")
        self._model.add(out >= heads - limits[1])
        self._model.add(out >= limits[0] * stands - heads)
        return out

    def _together(self, one: int, other: int) -> Any:
        same = self._model.new_bool_var("")
        for r, member in self._in[one].items():
            self._model.add_bool_or([~same, ~member, self._in[other][r]])
        return same

    def solve(self, stop: Callable[[], bool]) -> list[int] | None:
        """Return the group of every node: first the least excess, then the most that is won."""
        self._model.minimize(self._excess)
        group = self._connected(stop)
        if group is None:
            return None
        self._model.add(self._excess <= self.excess)
        self._model.maximize(self._won)
        return self._connected(stop) or group

    def _connected(self, stop: Callable[[], bool]) -> list[int] | None:
        """Solve until every group hangs together; None when the work or the groups run out."""
        solver = self._cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        while self._work > 0 and not stop():
            solver.parameters.max_deterministic_time = self._work
            status = solver.solve(self._model)
            self._work -= max(0.01, solver.response_proto.deterministic_time)
            if status not in (self._cp.OPTIMAL, self._cp.FEASIBLE):
                break
            group = [
                next(r for r, member in node.items() if solver.boolean_value(member))
                for node in self._in
            ]
            if not self._refuse_loose(group):
                self.proven &= status == self._cp.OPTIMAL
                self.excess = int(solver.value(self._excess))
                return group
        self.proven = False
        return None

    def _refuse_loose(self, group: list[int]) -> bool:
        """Forbid every part that hangs apart from the area that stands for its group."""
        areas, loose = self._areas, False
        for r in sorted(set(group[: areas.count])):
            members = [i for i in range(areas.count) if group[i] == r]
            for part in components(areas.beside, members):
                if r in part:
                    continue
                loose = True
                around = {j for i in part for j in areas.beside[i]} - set(part)
                for other in range(areas.count):
                    if other not in part and all(other in self._in[i] for i in part):
                        inside = sum(self._in[i][other] for i in part)
                        next_to = sum(self._in[j][other] for j in around if other in self._in[j])
                        self._model.add(inside - (len(part) - 1) <= next_to)
        return loose
