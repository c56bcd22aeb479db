"""The relaxation of one pattern: a bound that falls as rows are added.

Goes in: `Instance`, `Domains`, separators known. Comes out: `JointBound`: a bound, shares, what
each choice would cost at least, and the rows found. Next: `boundaries.solve.lp.branch_and_cut` goes
from there to a proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from boundaries.solve.graph import PopulationRule, terms_of
from boundaries.solve.lp.model import build_model, link_row, separator_row
from boundaries.solve.lp.separation import separate_fractions
from boundaries.solve.lp.solver import Programme
from boundaries.solve.params import JOINT
from boundaries.solve.work import work_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from boundaries.solve.domains import Domains
    from boundaries.solve.graph import Separator
    from boundaries.solve.instance import Instance
    from boundaries.solve.lp.model import LabelModel, Row

__all__ = ["JointBound", "JointRelaxation", "Link", "SeparatorPool", "rows_of"]


Link = tuple[int, int, bytes]


class SeparatorPool:
    """Separators found so far; valid for every neighbourhood of every pattern of a problem."""

    def __init__(self, lsoas: int) -> None:
        self._known: dict[Separator, None] = {}
        self._rows, self._limits = np.zeros((64, lsoas)), np.zeros(64)
        self._list: list[Separator] = []

    def add(self, cuts: Iterable[Separator]) -> None:
        """Remember separators."""
        for cut in cuts:
            if cut in self._known:
                continue
            if len(self._list) == len(self._rows):
                self._rows = np.vstack([self._rows, np.zeros_like(self._rows)])
                self._limits = np.append(self._limits, np.zeros_like(self._limits))
            lsoas, weights, limit = terms_of(cut)
            self._rows[len(self._list), lsoas] = weights
            self._limits[len(self._list)] = limit
            self._known[cut] = None
            self._list.append(cut)

    def broken_by(self, shares: NDArray[np.float64]) -> list[tuple[int, Separator]]:
        """Return the separators of the pool that relaxed shares break, and where."""
        known = len(self._list)
        over = self._rows[:known] @ shares - self._limits[:known, None]
        where = np.argwhere(over > JOINT.broken)
        return [(int(label), self._list[row]) for row, label in where.tolist()]


@dataclass(frozen=True)
class JointBound:
    """What the relaxation of a pattern says.

    Parameters
    ----------
    domains
        What may go where in a plan that serves more than the target.
    bound
        No plan under the pattern serves more people than this (or than the target that was given,
        if that is more); minus infinity when there is no plan.
    target
        The target that was given.
    lsoas, items
        Shares of LSOAs and items by neighbourhood.
    cuts, links
        Separators with their neighbourhoods, and links, that the model now holds.
    """

    domains: Domains
    bound: float
    target: float
    lsoas: NDArray[np.float64]
    items: NDArray[np.float64]
    cuts: tuple[tuple[int, Separator], ...] = ()
    links: tuple[Link, ...] = ()


class JointRelaxation:
    """A relaxation that is taken further step by step, so that patterns can take turns.

    Parameters
    ----------
    instance, domains
        The place, and what may go where.
    pool
        Separators to try first; new ones are added to it.
    target
        Only plans that serve more than this are of interest: it is over as soon as there can be
        none, and choices that none of them can make are taken out of the freedom.
    """

    def __init__(
        self, instance: Instance, domains: Domains, pool: SeparatorPool, target: float
    ) -> None:
        self.instance, self.pool = instance, pool
        self.population_rule = PopulationRule.of(instance.graph, instance.residents, instance.least)
        nothing = np.zeros(domains.lsoas.shape), np.zeros(domains.items.shape)
        self.now = JointBound(domains, instance.total, target, *nothing)
        self.work, self.over = 0.0, False
        self._build(domains, ())

    def _build(self, domains: Domains, links: Iterable[Link]) -> None:
        """Begin again from a smaller model; the separators come back from the pool."""
        if not domains.possible:
            self.now, self.over = replace(self.now, bound=-np.inf), True
            return
        self.built = build_model(self.instance, domains)
        self.cuts: dict[tuple[int, Separator], None] = {}
        self.links: dict[Link, None] = {
            link: None for link in links if link[:2] in self.built.served
        }
        self.programme = Programme(self.built)
        self.programme.add(rows_of(self.built, (), self.links))
        self.now = replace(self.now, cuts=(), links=tuple(self.links))
        self.work += 3 * work_of(self.programme.weights)
        self.stalled, self.chunks, self.converged = 0, 0, False
        self.values = np.zeros(0)

    @property
    def target(self) -> float:
        """People served above which a plan is of interest."""
        return self.now.target

    def advance(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Go a few rounds further, then try the choices of items; ``over`` when that is all."""
        if self.over:
            return
        self._run(JOINT.chunk, stop)
        self.chunks += 1
        self._count()
        if self.now.bound <= self.target:
            self.over = True
        elif self.converged or self.chunks % 2 == 0:
            probed = np.isfinite(self.target) and self.open_items and self.probe(stop)
            self._count()
            if probed:
                self._build(self.now.domains, self.tight())
            elif self.converged or self.chunks >= JOINT.turns:
                self.over = True

    def _count(self) -> None:
        self.work += self.programme.work
        self.programme.work = 0.0

    @property
    def open_items(self) -> bool:
        """Whether any item still has a choice."""
        return bool((self.now.domains.items.sum(axis=1) > 1).any())

    def _run(self, rounds: int, stop: Callable[[], bool]) -> None:
        for _ in range(rounds):
            if stop():
                return
            if not self.once():
                self.converged = True
                return

    def tight(self) -> list[Link]:
        """Return the links that hold the relaxation down."""
        people, kept = self.instance.people, []
        for link in self.links:
            i, k, near = link
            pcn_set = np.frombuffer(near, dtype=bool)
            most = people[i][pcn_set] @ self.now.lsoas[pcn_set, k]
            most += people[i][~pcn_set].sum() * self.now.items[i, k]
            if most - self.values[self.built.served[i, k]] < 0.5:
                kept.append(link)
        return kept

    def once(self) -> bool:
        """Solve, look, and add rows; False when there is no more to do."""
        value = self.programme.solve()
        if value is None:
            return False
        before = self.now.bound
        bound = min(before, value + JOINT.safe * max(1.0, self.instance.total))
        if bound <= self.target:
            self.now = replace(self.now, bound=bound)
            return False
        self._read(bound, value + JOINT.safe * max(1.0, self.instance.total))
        self.stalled = self.stalled + 1 if before - bound < 5e-5 * abs(bound) else 0
        if self.stalled >= 4:
            return False
        graph, shares = self.instance.graph, self.now.lsoas
        new = [pair for pair in self.pool.broken_by(shares) if pair not in self.cuts]
        if not new:
            found = separate_fractions(graph, shares, population_rule=self.population_rule)
            new = [pair for pair in found if pair not in self.cuts]
        links = [link for link in broken_links(self.built, self.now) if link not in self.links]
        if not new and not links:
            return False
        self.pool.add(cut for _, cut in new)
        self.cuts.update((pair, None) for pair in new)
        self.links.update((link, None) for link in links)
        self.programme.add(rows_of(self.built, new, links))
        self.now = replace(self.now, cuts=tuple(self.cuts), links=tuple(self.links))
        return True

    def probe(self, stop: Callable[[], bool]) -> bool:
        """Try the choices of items one by one; forbid those under which no plan is good enough.

        A practice is tried away from home, a team in each neighbourhood. Returns whether enough
        was forbidden for more rounds to be worth it.
        """
        if self.now.bound <= self.target:
            return False
        domains = self.now.domains
        before = int(domains.items.sum())
        for i in np.flatnonzero(domains.items.sum(axis=1) > 1).tolist():
            for away in self._trials(i):
                if stop():
                    return False
                self._try(i, away)
        return int(self.now.domains.items.sum()) < before

    def _trials(self, i: int) -> list[list[int]]:
        """Return sets of neighbourhoods that may be fathomed for an item, each at once."""
        domains = self.now.domains
        open_labels = np.flatnonzero(domains.items[i]).tolist()
        moves = [k for k in open_labels if domains.moves[i, k]]
        if moves and len(moves) < len(open_labels):
            return [moves]
        return [[k] for k in open_labels]

    def _try(self, i: int, labels: list[int]) -> None:
        domains = self.now.domains
        open_labels = np.flatnonzero(domains.items[i]).tolist()
        others = [k for k in open_labels if k not in labels]
        if not others or not labels:
            return
        for k in others:
            self.programme.limit(self.built.item[i, k], 0.0, 0.0)
        value = self.programme.solve()
        for k in others:
            self.programme.free(self.built.item[i, k])
        if value is None or value + JOINT.safe * max(1.0, self.instance.total) > self.target:
            return
        items = domains.items.copy()
        items[i, labels] = False
        for k in labels:
            self.programme.limit(self.built.item[i, k], 0.0, 0.0)
        self.now = replace(self.now, domains=replace(domains, items=items))

    def _read(self, bound: float, value: float) -> None:
        values, reduced_costs = self.programme.values(), self.programme.reduced_costs()
        self.values = values
        domains = self.now.domains
        lsoas, items = np.zeros(domains.lsoas.shape), np.zeros(domains.items.shape)
        keep_lsoas, keep_items = domains.lsoas.copy(), domains.items.copy()
        for i, k in self.built.fixed.items():
            items[i, k] = 1.0
        for shares, keep, variables in (
            (lsoas, keep_lsoas, self.built.place),
            (items, keep_items, self.built.item),
        ):
            for key, column in variables.items():
                shares[key] = values[column]
                if keep[key] and value - reduced_costs[column] < self.target:
                    keep[key] = False
                    self.programme.limit(column, 0.0, 0.0)
        kept = replace(domains, lsoas=keep_lsoas, items=keep_items)
        self.now = replace(self.now, domains=kept, bound=bound, lsoas=lsoas, items=items)


def broken_links(built: LabelModel, now: JointBound, *, most: int = 150) -> list[Link]:
    """Return the links between items and LSOAs that the relaxation breaks most."""
    found = []
    people = built.instance.people
    for i, k in built.item:
        share = now.items[i, k]
        if share < 1e-6 or share > 1 - 1e-6 or not now.domains.items[i, k]:
            continue
        x = now.lsoas[:, k]
        true = float((people[i] * np.minimum(x, share)).sum())
        loose = min(float(people[i] @ x), float(people[i].sum() * share))
        if loose - true > max(1.0, 2e-3 * float(people[i].sum())):
            found.append((loose - true, i, k, (x < share).tobytes()))
    found.sort(key=lambda row: (-row[0], row[1], row[2]))
    return [(i, k, near) for _, i, k, near in found[:most]]


def rows_of(
    built: LabelModel, cuts: Iterable[tuple[int, Separator]], links: Iterable[Link]
) -> list[Row]:
    """Return the rows of separators and links in a model."""
    rows = [separator_row(built, label, cut) for label, cut in cuts]
    made = [row for row in rows if row is not None]
    made += [
        link_row(built, i, k, np.frombuffer(near, dtype=bool))
        for i, k, near in links
        if (i, k) in built.served
    ]
    return made
