"""Good plans, fast, with nothing proven of them.

Goes in: `Problem`, a pattern's `Freedom`. Comes out: plans that keep every rule. The way through:
`starts` draws a first map → `match` gives a map its practices and anchors, exactly → `hunt` sends
many walks → `search` is one of them (`walk` its compiled steps, `hold` keeps them connected).
Next: `boundaries.solve.rungs` offers them to the rung.
"""
