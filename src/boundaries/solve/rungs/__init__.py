"""One rung of the ladder: the best plan with at most so many moves, and a bound of all others.

Goes in: `Problem`, what earlier rungs know. Comes out: `Rung`. The way through: `rung` → `race` is
what it knows → `outlines` rules patterns out together → `turns` takes those left one by one, best
bound first → `ceiling` where patterns say too little.
Next: `boundaries.solve.ladder` turns rungs into options.
"""
