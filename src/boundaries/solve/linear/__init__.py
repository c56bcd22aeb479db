"""One pattern as a linear model: relaxed for a bound, whole for a proof.

Goes in: `Problem`, a pattern's `Freedom`, the sets of movers that are left. Comes out: a bound, or
the best plan. The way through: `model` → `relax` (GLOP, by `glop`) → `tree` (SCIP, kept `quiet`);
both are told of separators by `separate` (→ `loose` → `flow`, compiled).
Next: `boundaries.solve.rungs` takes the bound and the plan.
"""
