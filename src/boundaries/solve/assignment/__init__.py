"""Who moves under one pattern: branch and bound over practices and teams, the map relaxed.

Goes in: `Instance`, a pattern's `Domains`, the target. Comes out: the sets of movers that may be
good enough. The way through: `bound` asks → `tree` branches, over `candidates` → `dual_descent`
finds multipliers for a node, `enumeration` lists what is left of it →
`boundaries.solve.lp.fixed_assignment` relaxes the map of a set. Next: `boundaries.solve.lp` solves
the sets that are left.
"""
