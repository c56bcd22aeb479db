"""What other programs reach on the same place, rules and objective, in the same time.

Goes in: `Instance`, a rung, and the seconds that our own ladder took to the end of that rung (at
least ten, since short runs say little). Comes out: an `Entry` for each rival. Next:
`benchmarks.ladder` prints by how much ours is better.

Rivals draw maps. A map that breaks a rule is mended (`benchmarks.repair`; the entry says which
rules were broken); then practices and anchors are placed at best for it, exactly, within the rung's
moves. That is more than any of the programs does by itself, and the time for it is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.peer_chain import short_bursts
from benchmarks.peer_joint import solve_joint
from benchmarks.peer_spopt import PROGRAMS
from benchmarks.quick_score import least_objective
from benchmarks.repair import repair
from boundaries.solve.heuristics.assign_items import assign_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from boundaries.solve.instance import Instance

__all__ = ["Entry", "enter_peers", "why_not"]

LEAST_SECONDS = 10.0
_WORKERS = (1, 2)


@dataclass(frozen=True)
class Entry:
    """What one rival reached: objective (None: no plan), bound if any, and what was mended."""

    peer: str
    objective: float | None
    bound: float | None
    seconds: float
    maps: int
    said: str


@dataclass
class Contest:
    """One rival's turn: scores maps, mended where they must be, and keeps the best."""

    instance: Instance
    moves: int
    seconds: float
    begun: float = field(default_factory=monotonic)
    best: float = np.inf
    maps: int = 0
    mended: tuple[str, ...] = ()
    known: dict[bytes, float] = field(default_factory=dict)

    def over(self) -> bool:
        return monotonic() - self.begun > self.seconds

    def score(self, labels: NDArray[np.int64], broke: tuple[str, ...] = ()) -> float:
        """Return the objective of a map that keeps the rules, practices placed at best.

        A map that cannot beat the best so far is given the bound that says so.
        """
        key = labels.tobytes()
        if key not in self.known:
            self.maps += 1
            least = least_objective(self.instance, labels, self.moves, target=self.best)
            if least >= self.best:
                self.known[key] = least
                return least
            assigned = assign_items(self.instance, labels, allowed_moves=self.moves)
            value = np.inf if assigned is None else self.instance.total - assigned.solution.served
            self.known[key] = value
            if value < self.best:
                self.best, self.mended = value, broke
        return self.known[key]

    def offer(self, labels: NDArray[np.int64]) -> None:
        """Mend a map where it must be, and score it."""
        repaired = repair(self.instance, labels, np.random.default_rng(1))
        if repaired is not None:
            self.score(repaired.labels, repaired.broke)

    def entry(self, peer: str, bound: float | None = None) -> Entry:
        found = None if np.isinf(self.best) else float(self.best)
        said = f"repaired: {', '.join(self.mended)}" if self.mended else ""
        if found is None:
            said = "no plan that keeps the rules"
        return Entry(peer, found, bound, monotonic() - self.begun, self.maps, said)


def why_not(instance: Instance) -> str:
    """Return why rivals cannot be asked about a place; empty when they can."""
    if instance.graph.piece.max(initial=0) > 0:
        return "its map is in pieces"
    if instance.nest is not None:
        return "its neighbourhoods are kept within boroughs"
    return "it has locks" if instance.links else ""


def enter_peers(instance: Instance, moves: int, seconds: float) -> Iterator[Entry]:
    """Give every rival the same seconds, one after the other."""
    seconds = max(LEAST_SECONDS, seconds)
    for name, program in PROGRAMS.items():
        contest = Contest(instance, moves, seconds)
        for labels in program(instance):
            contest.offer(labels)
            if contest.over():
                break
        yield contest.entry(name)
    contest = Contest(instance, moves, seconds)
    short_bursts(instance, contest.score, over=contest.over)
    yield contest.entry("GerryChain short bursts")
    for workers in _WORKERS:
        contest = Contest(instance, moves, seconds)
        bound = solve_joint(instance, moves, contest.offer, seconds=seconds, workers=workers)
        yield contest.entry(f"joint CP-SAT, {workers} worker{'s' * (workers > 1)}", bound)
