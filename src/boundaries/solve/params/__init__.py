"""Every tuning constant of the solver that has left the module it tunes.

`efforts` says how much work an effort is, `search` how plans are looked for, `bounds` how bounds
are brought down. Units are shares, counts and work (`boundaries.solve.work`).
"""

from boundaries.solve.params.bounds import (
    AGGREGATION,
    ANCHOR_DUALS,
    BY_LEADER,
    BY_PCN_SET,
    COLGEN,
    FILTER,
    JOINT,
    K_BEST_MOVES,
    Aggregation,
    AnchorDuals,
    ByLeader,
    ByPcnSet,
    ColgenParams,
    Filter,
    JointParams,
    KBestMoves,
)
from boundaries.solve.params.efforts import Limits, NearOptimalLimits, limits_for
from boundaries.solve.params.search import (
    ALTERNATION,
    CONSTRUCTION,
    TOURNAMENT,
    Alternation,
    Construction,
    Tournament,
)

__all__ = [
    "AGGREGATION",
    "ALTERNATION",
    "ANCHOR_DUALS",
    "BY_LEADER",
    "BY_PCN_SET",
    "COLGEN",
    "CONSTRUCTION",
    "FILTER",
    "JOINT",
    "K_BEST_MOVES",
    "TOURNAMENT",
    "Aggregation",
    "Alternation",
    "AnchorDuals",
    "ByLeader",
    "ByPcnSet",
    "ColgenParams",
    "Construction",
    "Filter",
    "JointParams",
    "KBestMoves",
    "Limits",
    "NearOptimalLimits",
    "Tournament",
    "limits_for",
]
