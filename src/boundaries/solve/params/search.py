"""Constants of the search for good plans: none of them can make a bound wrong.

Next: `boundaries.solve.heuristics`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ALTERNATION",
    "CONSTRUCTION",
    "TOURNAMENT",
    "Alternation",
    "Construction",
    "Tournament",
]


@dataclass(frozen=True)
class Tournament:
    """How annealing runs are shared out among patterns (`heuristics.tournament`).

    Parameters
    ----------
    temperature
        Temperature at the start of a run, against the people of a typical LSOA.
    rounds
        Share of the patterns in each round, and how many times the shortest run its runs
        are.
    last_round, last_share
        Length of a last round, and the share of the longest annealed that are in it.
    """

    temperature: float = 3.0
    rounds: tuple[tuple[float, int], ...] = (
        (1.0, 1),
        (0.15, 8),
        (0.03, 60),
    )
    last_round: int = 400
    last_share: float = 0.5


TOURNAMENT = Tournament()


@dataclass(frozen=True)
class Construction:
    """How a first map is drawn (`heuristics.construct`).

    Parameters
    ----------
    trees
        Trees tried for each piece before a map is given up.
    three
        Share of the times that three neighbourhoods are drawn afresh, not two.
    """

    trees: int = 40
    three: float = 0.4


CONSTRUCTION = Construction()


@dataclass(frozen=True)
class Alternation:
    """Maps and practices in turn (`heuristics.alternation`).

    Parameters
    ----------
    elite
        Plans from which the search goes on.
    side_by_side
        Plans made from one state of the elite.
    share
        Share of the work after which no more maps are drawn at random.
    steps
        Steps of an annealing run, for each LSOA.
    work
        Work of a step, for each item: one that is taken counts its people anew.
    exact
        Work of an exact fit: with locks there is no other.
    hot, cool
        Temperatures of the runs of a plan: of a new map, and of a changed one.
    """

    elite: int = 12
    side_by_side: int = 8
    share: float = 0.3
    steps: int = 300
    work: float = 1.3e-9
    exact: float = 0.3
    hot: tuple[float, ...] = (3.0, 1.5, 0.7, 0.3)
    cool: tuple[float, ...] = (0.7, 0.3)


ALTERNATION = Alternation()
