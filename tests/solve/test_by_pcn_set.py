"""Bounds by which PCNs go together: no set is left out, none is worth more than is said."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.solve.colgen.bound import Wholes
from boundaries.solve.colgen.by_pcn_set import Sets, sets_for
from boundaries.solve.colgen.pcn_set_enumeration import list_sets
from boundaries.solve.colgen.pricing_exact import search_branches
from boundaries.solve.patterns.anchor_multipliers import Charges

CLOSE = 1e-3
PLACES = [
    n for n in range(60) if made.made_problem(n).anchored and made.made_problem(n).nest is None
]


def priced(seed):
    """A place, what it needs for its sets, and prices drawn at random."""
    problem, draw = made.made_problem(seed), np.random.default_rng(seed)
    wholes = Wholes(problem)
    master = wholes.master
    prices = draw.uniform(0.0, 1.0, len(master.bundle.right))
    prices[master.at_lsoas] *= 0.8 * problem.people.sum(axis=0)
    prices[master.at_pcns] *= problem.total / 10
    prices[master.at_items] *= 0.3 * problem.people.sum(axis=1)
    prices[-1] = 1e5
    return problem, wholes, prices, draw


def worths(problem, one):
    """The most that a neighbourhood of each set of PCNs is worth, by trying all of them."""
    size, pcns = len(problem.lsoas), len(problem.pcns)
    maps = np.flatnonzero(brute._good_subsets(problem))
    inside = (maps[:, None] >> np.arange(size) & 1).astype(float)
    found = {}
    for bases in product((0.0, 1.0), repeat=pcns):
        where = np.hstack([inside, np.repeat([bases], len(maps), axis=0)])
        served = where @ one.people.T - one.price
        best = np.maximum(0.0, served).sum(axis=1) - where @ one.prices
        found[sum(1 << c for c in range(pcns) if bases[c])] = best.max(initial=-np.inf)
    return found


@pytest.mark.parametrize("seed", PLACES[:16])
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_no_set_above_the_aim_is_left_out(seed, share):
    problem, wholes, prices, _ = priced(seed)
    one = wholes.master.one(prices)
    truth = worths(problem, one)
    aim = float(np.quantile([w for w in truth.values() if w > -np.inf] or [0.0], share))
    room, stat = np.zeros(500, np.int64), np.zeros(2)
    bounds = np.zeros(500)
    order = len(problem.lsoas) + np.arange(len(problem.pcns))
    listed = {}
    for begun in ((-1,), (1,)):
        met = list_sets(
            *one[:7],
            one.whole,
            order,
            np.array(begun),
            aim,
            1e12,
            room,
            bounds,
            np.zeros(500),
            stat,
        )
        listed |= dict(zip(room[:met].tolist(), bounds[:met].tolist(), strict=True))
    assert 0 not in listed
    for mask, worth in truth.items():
        if mask and worth > aim + CLOSE:
            assert listed[mask] >= worth - CLOSE
    few = list_sets(
        *one[:7],
        one.whole,
        order,
        np.zeros(0, np.int64),
        -1e9,
        1e12,
        room[:1],
        bounds,
        bounds,
        stat,
    )
    assert few == (-1 if len(truth) > 2 else 1)


@pytest.mark.parametrize("seed", PLACES)
def test_no_plan_beats_what_sets_prove(seed):
    problem, wholes, prices, draw = priced(seed)
    truth = brute.best_by_trying(problem)[0]
    sets = sets_for(problem, wholes.master.pcn)
    if sets is None:
        return
    bare, anchors = sets.without_anchors(prices)
    one, base = wholes.master.one(bare), float(wholes.bundle.right[:-1] @ bare[:-1])
    alone = search_branches(wholes.master.one(prices), -1e9, 1e9, 10_000, lambda _: False)[0]
    whole = worths(problem, one)
    exact = np.array([whole[mask] for mask in sets.masks.tolist()])
    best = -problem.total
    if np.isfinite(exact).all():
        best = Charges(sets.bits, sets.times, sets.most).solve(exact)[0]
    chance = iter(draw.random(10_000))
    for most, ends in ((0.0, 0.0), (1e6, 0.1), (1e10, 0.0)):
        proof = sets.prove(
            one, anchors, alone, known={}, aim=best - 1.0, vain=np.inf,
            misaligned=0.5 * problem.total, most=most,
            stop=lambda ends=ends: next(chance) < ends,
        )  # fmt: skip
        assert problem.total - base - proof.charged <= truth + CLOSE
        covered = sets.bits @ proof.anchors + proof.high
        assert (exact <= covered + CLOSE).all()  # nothing is worth more than its charges
        total = float(problem.span @ proof.anchors + problem.neighbourhoods * proof.high)
        assert proof.charged == pytest.approx(total)
    if np.isfinite(exact).all():
        assert best - CLOSE <= proof.charged <= best + 0.12 * problem.total  # it says something


def test_sets_prove_more_than_one_number_for_all():
    better = 0
    for seed in PLACES[:20]:
        problem, wholes, prices, _ = priced(seed)
        if not isinstance(wholes.sets, Sets):
            continue
        wholes._moves, wholes.bundle.right[-1] = 0, 0.0
        plan = brute.best_by_trying(problem)[0]
        if plan == brute.NOTHING:
            continue
        free = replace(problem, anchored=True)
        other = Wholes(free, bases_first=False)
        other._moves, other.bundle.right[-1] = 0, 0.0
        for one in (wholes, other):
            one.master.add(np.zeros(one.master.at_pcns.stop), np.zeros(len(problem.people)))
            one.centre = prices
            one._try(prices.copy(), 0.0, 5.0)
        assert wholes.proven <= other.proven + CLOSE
        better += wholes.proven < other.proven - 1.0
    assert better > 5


def test_charges_cover_every_set_and_are_as_low_as_can_be():
    draw = np.random.default_rng(1)
    masks = np.arange(1, 64)
    bits = (masks[:, None] >> np.arange(6) & 1).astype(float)
    times = np.array([1.0, 1, 2, 1, 1, 1, 4])
    worth = draw.normal(50, 20, len(masks)) * np.sqrt(bits.sum(axis=1))
    charges, before = Charges(bits, times, 1e4), np.inf
    for _ in range(8):
        total, price, tight = charges.solve(worth)
        assert (bits @ price[:-1] + price[-1] >= worth - CLOSE).all()
        shares = np.array([tight.get(at, 0.0) for at in range(len(masks))])
        assert shares @ bits == pytest.approx(times[:-1])
        assert shares.sum() == pytest.approx(times[-1])
        assert shares @ worth == pytest.approx(total, abs=0.1)  # nothing lower covers them
        assert total <= before + CLOSE
        before = total
        worth = worth - np.where(shares > 0, 15.0, 0.0)
