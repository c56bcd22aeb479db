"""A bound over all patterns at once: whole neighbourhoods, and prices of what they share.

Goes in: `Problem`, good plans. Comes out: people that no plan can serve more of. The way through:
`whole` → `master` keeps columns, and `roam` walks for more that are worth much → `bundle` makes
prices of them → `branches` proves what the best neighbourhood is worth, by the tree of `single`
(`closure` bounds it, `moats` make it hang together). Where no practice moves and patterns say
something, `sets` proves it for each set of PCNs instead (`roots` lists those that matter).
Next: `boundaries.solve.rungs` lowers a rung's bound to it.
"""
