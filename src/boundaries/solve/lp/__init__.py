"""One pattern as a linear model: relaxed for a bound, whole for a proof.

Goes in: `Instance`, a pattern's `Domains`, the sets of movers that are left. Comes out: a bound, or
the best plan. The way through: `model` → `joint_relaxation` (GLOP, by `solver`) → `branch_and_cut`
(SCIP, kept `quiet`); `fixed_assignment` relaxes the map alone. All are told of separators by
`separation` (→ `separation_kernel` → `max_flow`, compiled).
Next: `boundaries.solve.branch_and_bound` takes the bound and the plan.
"""
