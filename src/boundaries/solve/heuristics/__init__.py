"""Good plans, fast, with nothing proven of them.

Goes in: `Instance`, a pattern's `Domains`. Comes out: plans that keep every rule. The way through:
`construct` draws a first map (`tree_cut` its compiled cuts) → `assign_items` gives a map its
practices and anchors exactly, `fit_items` nearly so in a thousandth of the time → `alternation`
improves maps and practices in turn where patterns are too many to list → `tournament` sends many
annealing runs → `annealing` is one of them (`annealing_kernel` its compiled steps, `articulation`
keeps them connected).
Next: `boundaries.solve.branch_and_bound` offers them to the rung.
"""
