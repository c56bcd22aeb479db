"""One pattern of anchors as a linear model: LSOAs, practices, teams, and every rule.

Goes in: `Instance`, which items may go where, and how many practices may move. Comes out:
`LabelModel`: columns and rows, of no solver's make. Connectedness (`separator_row`) and the finer
links between items and LSOAs (`link_row`) are added as they are broken. Next:
`boundaries.solve.lp.joint_relaxation` solves it relaxed, `boundaries.solve.lp.branch_and_cut`
whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.graph import terms_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.solve.domains import Domains
    from boundaries.solve.graph import Separator
    from boundaries.solve.instance import Instance

__all__ = ["LabelModel", "Row", "build_model", "link_row", "separator_row"]

_FREE = float("inf")


@dataclass(frozen=True)
class Row:
    """A linear row: least ≤ Σ weight × column ≤ most."""

    columns: list[int]
    weights: list[float]
    least: float
    most: float


@dataclass
class LabelModel:
    """A linear model of one pattern, to be maximised: people served.

    ``place``, ``item`` and ``served`` lead to columns. ``served[i, k]`` is how many people of a
    free item are served in neighbourhood k: those who live there, if the item is there too.
    ``fixed`` holds the items with one way to go, ``profit`` what an LSOA is worth to them.
    """

    instance: Instance
    domains: Domains
    fixed: dict[int, int]
    profit: NDArray[np.float64]
    place: dict[tuple[int, int], int] = field(default_factory=dict)
    item: dict[tuple[int, int], int] = field(default_factory=dict)
    served: dict[tuple[int, int], int] = field(default_factory=dict)
    gain: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    is_integer: list[bool] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def column(self, *, gain: float = 0.0, most: float = 1.0, is_integer: bool = True) -> int:
        """Add a column from 0 to ``most``; return its number."""
        self.gain.append(gain)
        self.most.append(most)
        self.is_integer.append(is_integer)
        return len(self.gain) - 1

    def row(self, terms: list[tuple[int, float]], least: float, most: float) -> None:
        """Add a row."""
        self.rows.append(Row([c for c, _ in terms], [w for _, w in terms], least, most))


def separator_row(built: LabelModel, label: int, cut: Separator) -> Row | None:
    """Return the row of a separator in a neighbourhood; None where it is idle."""
    lsoas, weights, limit = terms_of(cut)
    open_ = [
        (built.place[a, label], weight)
        for a, weight in zip(lsoas, weights, strict=True)
        if (a, label) in built.place
    ]
    if sum(weight for _, weight in open_ if weight > 0) <= limit:
        return None
    return Row([column for column, _ in open_], [weight for _, weight in open_], -_FREE, limit)


def link_row(built: LabelModel, item: int, label: int, near: NDArray[np.bool_]) -> Row:
    """Return the row: served there ≤ people of near LSOAs + the rest if the item is there."""
    people = built.instance.people[item]
    rest = float(people[~near].sum())
    columns, weights = [built.served[item, label]], [1.0]
    for a in np.flatnonzero(near & (people > 0)).tolist():
        if (a, label) in built.place:
            columns.append(built.place[a, label])
            weights.append(-float(people[a]))
    if rest:
        columns.append(built.item[item, label])
        weights.append(-rest)
    return Row(columns, weights, -_FREE, 0.0)


def build_model(instance: Instance, domains: Domains) -> LabelModel:
    """Return the linear model of one pattern, without connectedness."""
    ways = domains.items.sum(axis=1)
    fixed = {int(i): int(np.argmax(domains.items[i])) for i in np.flatnonzero(ways == 1)}
    profit = np.zeros(domains.lsoas.shape)
    for i, label in fixed.items():
        profit[:, label] += instance.people[i]
    built = LabelModel(instance, domains, fixed, profit)
    for a, k in np.argwhere(domains.lsoas).tolist():
        built.place[a, k] = built.column(gain=float(profit[a, k]))
    free = domains.items & (ways > 1)[:, None]
    for i, k in np.argwhere(free).tolist():
        built.item[i, k] = built.column()
        everyone = float(instance.people[i].sum())
        built.served[i, k] = built.column(gain=1.0, most=everyone, is_integer=False)
    _add_once(built)
    _add_residents(built)
    _add_practices(built)
    _add_moves(built)
    _add_points(built)
    _add_nest(built)
    _add_bonds(built)
    everyone_near = np.ones(len(instance.lsoas), dtype=bool)
    for i, k in built.item:
        built.rows.append(link_row(built, i, k, everyone_near))
        built.rows.append(link_row(built, i, k, ~everyone_near))
    return built


def _add_once(built: LabelModel) -> None:
    for variables in (built.place, built.item):
        once: dict[int, list[tuple[int, float]]] = {}
        for (who, _), column in variables.items():
            once.setdefault(who, []).append((column, 1.0))
        for terms in once.values():
            built.row(terms, 1.0, 1.0)


def _add_residents(built: LabelModel) -> None:
    instance = built.instance
    for label in range(instance.neighbourhoods):
        inside = [
            (column, float(instance.residents[a]))
            for (a, k), column in built.place.items()
            if k == label
        ]
        built.row(inside, float(instance.least), float(instance.most))
        if instance.least <= 0:
            built.row([(column, 1.0) for column, _ in inside], 1.0, _FREE)


def _add_practices(built: LabelModel) -> None:
    """Put at least one practice in each neighbourhood."""
    practices = len(built.instance.practices)
    for label in range(built.instance.neighbourhoods):
        if not any(i < practices and k == label for i, k in built.fixed.items()):
            here = [
                (column, 1.0)
                for (i, k), column in built.item.items()
                if k == label and i < practices
            ]
            built.row(here, 1.0, _FREE)


def _add_moves(built: LabelModel) -> None:
    """Keep to the limit on moves and to the floors of PCNs."""
    instance, domains = built.instance, built.domains
    leaving = {key: column for key, column in built.item.items() if domains.moves[key]}
    forced = [i for i, k in built.fixed.items() if domains.moves[i, k]]
    if not instance.anchored or not (leaving or forced):
        return
    limit = float(domains.allowed_moves - len(forced))
    built.row([(column, 1.0) for column in leaving.values()], -_FREE, limit)
    for pcn in np.flatnonzero(instance.floor > 0).tolist():
        own = instance.pcn_of == pcn
        going = [
            (column, float(instance.list_size[i]))
            for (i, _), column in leaving.items()
            if instance.pcn_of[i] == pcn
        ]
        gone = sum(int(instance.list_size[i]) for i in forced if instance.pcn_of[i] == pcn)
        today = int(instance.list_size[own].sum() + instance.outside[pcn])
        if going or gone:
            built.row(going, -_FREE, float(max(0, today - int(instance.floor[pcn])) - gone))


def _add_points(built: LabelModel) -> None:
    """Locks between LSOAs and practices."""
    lsoas = len(built.instance.lsoas)

    def at(point: int, label: int, sign: float) -> tuple[list[tuple[int, float]], float]:
        if point < lsoas:
            column = built.place.get((point, label))
        elif point - lsoas in built.fixed:
            return [], sign * float(built.fixed[point - lsoas] == label)
        else:
            column = built.item.get((point - lsoas, label))
        return ([] if column is None else [(column, sign)]), 0.0

    for one, other, together in built.instance.links.points:
        for label in range(built.instance.neighbourhoods):
            terms, known = at(one, label, 1.0)
            more, also = at(other, label, -1.0 if together else 1.0)
            constant = known + also
            least = -constant if together else -_FREE
            most = -constant if together else 1.0 - constant
            built.row(terms + more, least, most)


def _add_bonds(built: LabelModel) -> None:
    """Lose the bond of a pair where the first is in a neighbourhood without the other.

    Over all neighbourhoods that is so once, where the pair is parted.
    """
    graph, lsoas = built.instance.graph, built.domains.lsoas
    for pair in graph.bonded_pairs.tolist():
        one, other, bond = int(graph.heads[pair]), int(graph.tails[pair]), float(graph.bond[pair])
        for label in np.flatnonzero(lsoas[one]).tolist():
            column, beside = built.place[one, label], built.place.get((other, label))
            if beside is None:
                built.gain[column] -= bond
            elif lsoas[one].sum() > 1 or lsoas[other].sum() > 1:
                lost = built.column(gain=-bond, is_integer=False)
                built.row([(column, 1.0), (beside, -1.0), (lost, -1.0)], -_FREE, 0.0)


def _add_nest(built: LabelModel) -> None:
    """Each neighbourhood lies in one borough."""
    nest = built.instance.nest
    if nest is None or nest.max(initial=0) == 0:
        return
    for label in range(built.instance.neighbourhoods):
        inside = [built.column() for _ in range(int(nest.max()) + 1)]
        built.row([(column, 1.0) for column in inside], 1.0, 1.0)
        for (a, k), column in list(built.place.items()):
            if k == label:
                built.row([(column, 1.0), (inside[int(nest[a])], -1.0)], -_FREE, 0.0)
