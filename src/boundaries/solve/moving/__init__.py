"""Who moves under one pattern: a tree of sets of movers, and of seats for items with a choice.

Goes in: `Problem`, a pattern's `Freedom`, the aim. Comes out: the sets that may be good enough. The
way through: `movers` asks → `grow` is the tree, over `choices` → `ascent` finds prices for a node,
`sift` lists what is left of it → `fixed` relaxes the map of a set, under the separators in `rows`.
Next: `boundaries.solve.linear` settles the sets that are left.
"""
