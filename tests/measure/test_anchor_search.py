"""The anchor search against every way there is, written out."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.measure.anchor_search import Anchoring, Holding, fewest_moves, search_anchors


def cost(problem, sets):
    """(practices moved, patients moved, anchors, −living), the order that the model asks for."""
    moved = lost = anchors = living = 0
    for holding, chosen in zip(problem.holdings, sets, strict=True):
        moved += sum(n for k, n in enumerate(holding.practices) if k not in chosen)
        lost += sum(n for k, n in enumerate(holding.patients) if k not in chosen)
        anchors += len(chosen)
        living += sum(holding.living[k] for k in chosen)
    return moved, lost, anchors, -living


def keeps(problem, sets):
    covered = set().union(*sets)
    pairs = {(c, k) for c, chosen in enumerate(sets) for k in chosen}
    return (
        (not problem.cover or covered == set(range(problem.size)))
        and all(
            sum(h.patients[k] for k in chosen) >= h.floor
            for h, chosen in zip(problem.holdings, sets, strict=True)
        )
        and problem.inside <= pairs
        and not problem.outside & pairs
        and all(sets[a] & sets[b] for a, b in problem.together)
        and not any(sets[a] & sets[b] for a, b in problem.apart)
    )


def every_way(problem):
    return product(
        *(
            [
                frozenset(chosen)
                for size in range(1, min(holding.span, problem.size) + 1)
                for chosen in combinations(range(problem.size), size)
            ]
            for holding in problem.holdings
        )
    )


@st.composite
def problems(draw):
    size = draw(st.integers(1, 4))
    holdings = []
    for _ in range(draw(st.integers(1, 4))):
        practices = draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
        if not any(practices):
            practices[draw(st.integers(0, size - 1))] = 1
        patients = [n and draw(st.integers(n, 9)) for n in practices]
        living = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))
        span = draw(st.integers(1, 3))
        most = sum(sorted(patients)[-span:])
        floor = draw(st.sampled_from([0, 0, 3, most - 2, most, sum(patients)]))
        holdings.append(Holding(tuple(practices), tuple(patients), tuple(living), span, floor))
    count = len(holdings)
    arcs = st.tuples(st.integers(0, count - 1), st.integers(0, size - 1))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    different = pairs.filter(lambda pair: pair[0] != pair[1]) if count > 1 else None
    ties = st.lists(different, max_size=1) if different is not None else st.just([])
    return Anchoring(
        tuple(holdings),
        size,
        cover=draw(st.booleans()),
        inside=frozenset(draw(st.lists(arcs, max_size=1))),
        outside=frozenset(draw(st.lists(arcs, max_size=1))),
        together=tuple(draw(ties)),
        apart=tuple(draw(ties)),
    )


@settings(max_examples=200, deadline=None)
@given(problems())
def test_no_other_anchors_that_keep_the_rules_cost_less(problem):
    least = min((cost(problem, s) for s in every_way(problem) if keeps(problem, s)), default=None)
    found = search_anchors(problem)
    assert (found is None) == (least is None)
    if found is not None:
        assert keeps(problem, found)
        assert cost(problem, found) == least


@settings(max_examples=100, deadline=None)
@given(problems())
def test_fewest_moves_moves_no_more_than_needed_and_then_covers_most(problem):
    bare = Anchoring(problem.holdings, problem.size, cover=problem.cover)
    found = fewest_moves(bare)
    free = replace(bare, holdings=tuple(replace(h, floor=0) for h in bare.holdings))

    def rank(sets):
        covered = len(set().union(*sets)) if bare.cover else 0
        return cost(free, sets)[0], -covered, cost(free, sets)[1:]

    assert rank(found) == min(map(rank, every_way(free)))


def test_a_chain_of_swaps_frees_an_anchor_for_an_empty_neighbourhood():
    # PCN 0 sits in 0 and 1, PCN 1 in 0 and 2 with its span of one; 2 has nobody else's practice.
    problem = Anchoring(
        (
            Holding((2, 1, 0), (20, 5, 0), (0, 0, 0), span=1, floor=0),
            Holding((1, 0, 1), (9, 0, 8), (0, 0, 0), span=1, floor=0),
            Holding((3, 1, 0), (30, 6, 0), (0, 0, 0), span=1, floor=0),
        ),
        size=3,
    )
    # 1 must be taken by PCN 0 (moving 2 practices) or PCN 2 (moving 3); 2 by PCN 1 at no cost.
    assert search_anchors(problem) == (frozenset({1}), frozenset({2}), frozenset({0}))


def test_a_wide_pcn_keeps_its_floor_though_its_practices_are_elsewhere():
    holding = Holding((3, 2, 1, 1), (3, 2, 9, 8), (0, 0, 0, 0), span=2, floor=17)
    assert search_anchors(Anchoring((holding,), 4, cover=False)) == (frozenset({2, 3}),)
    free = replace(holding, floor=11)
    assert search_anchors(Anchoring((free,), 4, cover=False)) == (frozenset({0, 2}),)


def test_many_pcns_and_neighbourhoods_are_no_trouble():
    size = 15
    holdings = tuple(
        Holding(
            tuple(int((c * 7 + k * 5) % 11 == 0) + (k == c % 6) for k in range(size)),
            tuple(1000 * (int((c * 7 + k * 5) % 11 == 0) + (k == c % 6)) for k in range(size)),
            tuple((c * k) % 17 for k in range(size)),
            span=1 + (c % 5 == 0),
            floor=1000,
        )
        for c in range(24)
    )
    sets = search_anchors(Anchoring(holdings, size))
    assert sets is not None
    assert set().union(*sets) == set(range(size))
