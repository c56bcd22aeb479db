"""Constants of the bounding methods: how long each is tried, and how near it goes.

Next: `boundaries.solve.patterns`, `assignment`, `lp`, `colgen` and `branch_and_bound`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AGGREGATION",
    "ANCHOR_DUALS",
    "BY_LEADER",
    "BY_PCN_SET",
    "COLGEN",
    "FILTER",
    "JOINT",
    "K_BEST_MOVES",
    "Aggregation",
    "AnchorDuals",
    "ByLeader",
    "ByPcnSet",
    "ColgenParams",
    "Filter",
    "JointParams",
    "KBestMoves",
]


@dataclass(frozen=True)
class AnchorDuals:
    """The linear programme over PCN sets (`patterns.anchor_multipliers`).

    Parameters
    ----------
    turns
        Rounds of adding rows at most.
    more
        Rows added in a round: of the sets furthest above their multipliers.
    close
        How far above its multipliers a set may be, as a share of the highest multiplier.
    tight
        Dual from which on a set is tight.
    """

    turns: int = 60
    more: int = 200
    close: float = 1e-7
    tight: float = 1e-7


ANCHOR_DUALS = AnchorDuals()


@dataclass(frozen=True)
class KBestMoves:
    """The k best patterns with moves (`patterns.k_best_moves`).

    Parameters
    ----------
    steps
        Subgradient steps at most.
    tried
        Best patterns whose sets are reckoned exactly, at each step.
    rounds
        Rounds of listing the best and reckoning their sets exactly, at most.
    stalled
        Steps that may bring less than a little, one after the other.
    little
        What is little, as a share of what lies between the bound and the target.
    share
        Share of the work that the search for multipliers may take; the rest is for the
        list.
    list_work
        Work of listing the best patterns once.
    """

    steps: int = 12
    tried: int = 300
    rounds: int = 40
    stalled: int = 3
    little: float = 2e-3
    share: float = 0.7
    list_work: float = 0.3


K_BEST_MOVES = KBestMoves()


@dataclass(frozen=True)
class Aggregation:
    """When patterns are bounded together (`branch_and_bound.aggregate`).

    Parameters
    ----------
    small
        Share of all people, teams' people counted, that small PCNs' patients may be
        together.
    fewer
        Patterns to an aggregate, from which aggregates pay.
    share
        Most of a rung's work that one aggregate may take.
    kept
        Aggregates whose row duals are kept.
    """

    small: float = 0.06
    fewer: int = 4
    share: float = 0.15
    kept: int = 4_000


AGGREGATION = Aggregation()


@dataclass(frozen=True)
class JointParams:
    """The joint relaxation of a pattern (`lp.joint_relaxation`).

    Parameters
    ----------
    broken
        By how much a separator is broken, at least, to be added.
    safe
        GLOP's tolerances, as a share of all people: added to every bound.
    chunk
        Rounds of a turn.
    turns
        Turns without a choice fathomed, after which the tree does better.
    """

    broken: float = 0.02
    safe: float = 1e-7
    chunk: int = 5
    turns: int = 4


JOINT = JointParams()


@dataclass(frozen=True)
class ByLeader:
    """Bounds by who leads a neighbourhood (`colgen.by_leader`).

    Parameters
    ----------
    looks
        Looks at duals at most.
    step, shorter, least_step
        Length of a step against Polyak's; how it is shortened after looks that bring little; when
        it is so short that the search ends.
    patience
        Looks in a row that may bring little.
    little
        What is little, as a share of what lies between the bound and the best plan.
    deflection
        Share of the last direction in the next one.
    rough, fine, short
        How exact closures are, as a share of all people: at first, and from this length of a step.
    practices
        Practices that may lead where there are no anchors.
    share
        Share of a rung's work.
    large
        Pairs of an item and an LSOA from which the best fit is bounded this way first.
    """

    looks: int = 400
    step: float = 1.0
    shorter: float = 0.7
    least_step: float = 0.004
    patience: int = 4
    little: float = 0.004
    deflection: float = 0.4
    rough: float = 1e-5
    fine: float = 1e-7
    short: float = 0.1
    practices: int = 40
    share: float = 0.3
    large: int = 20_000


BY_LEADER = ByLeader()


@dataclass(frozen=True)
class ByPcnSet:
    """Bounds by PCN set (`colgen.by_pcn_set`).

    Parameters
    ----------
    room, listing
        Sets on one side that are listed at most, and operations; with more, only better
        ones are.
    sides
        PCNs that are decided before sets are listed side by side.
    apart
        How far below the multipliers sets are still listed, as a share of the misaligned.
    close
        How near to the best neighbourhood known a set's bound is brought, as a share of
        what is left.
    further
        How many times further each search of a set targets, where no neighbourhood of it is
        known.
    blind
        How much lower a search targets where no neighbourhood of the set is known: of the
        misaligned.
    turn, fails, cuts
        Operations of a set's first search, searches of one set, neighbourhoods that end a
        search.
    half
        Share from which on a PCN is anchored.
    per_charge
        Operations for each set and PCN in a round of the linear programme.
    """

    room: int = 3_000
    listing: float = 1e9
    sides: int = 3
    apart: float = 0.015
    close: float = 0.1
    further: float = 2.0
    blind: float = 0.002
    turn: float = 8e7
    fails: int = 4
    cuts: int = 3
    half: float = 0.5
    per_charge: float = 2.0


BY_PCN_SET = ByPcnSet()


@dataclass(frozen=True)
class ColgenParams:
    """The stabilised loop of column generation (`colgen.bound`).

    Parameters
    ----------
    search, search_share
        Most work of one search of a neighbourhood, and the same as a share of all.
    stalled
        Steps that change little before duals are proven, and after that before they are
        given up.
    little
        What little is, as a share of the misaligned.
    slack
        Share of the misaligned above the model at which a proof is sought when one took too
        long.
    wider, narrow
        How much further above after a proof that took too long, and nearer after one that
        took long.
    stuck, fails
        Steps in a row that bring nothing, at which they are proven as they are, and given
        up.
    for_duals
        Share of the work after which duals are as good as they get.
    loose
        How far above the target, as a share of the misaligned, the last duals are to prove
        something.
    out_of_reach
        How far from the best column to the target a new one must be for a proof to be given
        up.
    proof, longer, most_proof
        Share of the work that a proof by sets may take: at first, how much more after one
        that brings little, and at most.
    cuts
        Relaxed neighbourhoods that end a search of one neighbourhood.
    per_operation, per_pair
        Work of an operation of a search, of a pair in a step of duals.
    """

    search: float = 20.0
    search_share: float = 0.1
    stalled: int = 4
    little: float = 0.0005
    slack: float = 0.01
    wider: float = 1.5
    narrow: float = 0.8
    stuck: int = 10
    fails: int = 40
    for_duals: float = 0.7
    loose: tuple[float, ...] = (0.15, 0.08, 0.04, 0.02)
    out_of_reach: float = 0.3
    proof: float = 0.05
    longer: float = 1.5
    most_proof: float = 0.25
    cuts: int = 30
    per_operation: float = 1.8e-9
    per_pair: float = 3e-9


COLGEN = ColgenParams()


@dataclass(frozen=True)
class Filter:
    """The multiplier filter (`patterns.multiplier_filter`).

    Parameters
    ----------
    parts
        Patterns are taken in so many parts at a time.
    chunk
        Patterns of a part after which work is counted and `stop` asked.
    shallow, deep
        Steps of a descent, descents of a pattern: for a first look at all patterns, and for
        what that does not fathom.
    most_split
        Practices whose splits are told apart.
    safe
        Share of all people that is added to every bound: roundings.
    split_work
        Work of a split and an LSOA.
    gain_work
        Work of an LSOA's gains.
    descent_work
        Work of an LSOA in a descent.
    """

    parts: int = 4
    chunk: int = 500
    shallow: tuple[int, ...] = (20, 0)
    deep: tuple[int, ...] = (20, 12)
    most_split: int = 9
    safe: float = 1e-7
    split_work: float = 2.5e-10
    gain_work: float = 1e-7
    descent_work: float = 1.5e-6


FILTER = Filter()
