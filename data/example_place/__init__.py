"""Wrenbourne: a made-up borough that looks and behaves like one in London.

Goes in: nothing but one seed. Comes out: the files of `data/example`, each in its publisher's own
format. The rooms, in order: `ground` (small cells, a river, who lives where), `areas` (LSOAs and
wards), `patches` (of teams), `surgeries` (the practices and their history), `people` (who is
registered where), `papers` (the files).
"""
