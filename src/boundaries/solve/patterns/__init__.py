"""Where PCNs may be anchored: every pattern, and a bound of thousands of them at once.

Goes in: `Instance`. Comes out: patterns, and people that no plan under each of them can serve more
of. The way through: `enumerate` lists them all → `lagrangian` bounds them without moves
(`knapsack`) → `move_multipliers` with moves (`best_movers`) → `multiplier_filter` each as a map of
its own (`split_assignment`). Where there are too many, `k_best` finds the best (`subset_dp`,
`anchor_multipliers`, `k_best_moves`).
Next: `boundaries.solve.branch_and_bound` takes what is left, best bound first.
"""
