"""One rung of the ladder: the best plan with at most so many moves, and a bound of all others.

Goes in: `Instance`, what earlier rungs know. Comes out: `RungResult`. The way through: `loop` →
`state` is what it knows → `aggregate` fathoms patterns together → `steps` takes those left one by
one, best bound first → `global_bound` where patterns say too little. Next:
`boundaries.solve.ladder` turns rungs into options.
"""
