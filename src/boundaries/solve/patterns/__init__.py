"""Where PCNs may be anchored: every pattern, and a bound of thousands of them at once.

Goes in: `Problem`. Comes out: patterns, and people that no plan under each of them can serve more
of. The way through: `anchors` lists them all → `prices` bounds them without moves (`knapsack`) →
`moved` with moves (`touches`) → `screen` each as a map of its own (`seats`). Where there are too
many, `listing` finds the best (`charges`, `partitions`, `tolls`).
Next: `boundaries.solve.rungs` takes what is left, best bound first.
"""
