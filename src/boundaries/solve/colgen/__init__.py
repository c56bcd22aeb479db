"""A bound over all patterns at once: whole neighbourhoods, and duals of what they share.

Goes in: `Instance`, good plans. Comes out: people that no plan can serve more of. The way through:
`bound` → `master` keeps columns, and `pricing_heuristic` annealing runs for more that are worth
much → `bundle` makes duals of them → `pricing_exact` proves what the best neighbourhood is worth,
by the tree of `pricing_kernel` (`closure` bounds it, `moats` make it hang together). Where no
practice moves and patterns say something, `by_pcn_set` proves it for each PCN set instead
(`pcn_set_enumeration` lists those that matter). Next: `boundaries.solve.branch_and_bound` lowers a
rung's bound to it.
"""
