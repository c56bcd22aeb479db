"""Bounds by which PCNs go together: no set is left out, none is worth more than is said."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from tests.solve import brute, made

from boundaries.solve.colgen.bound import ColumnGeneration
from boundaries.solve.colgen.by_pcn_set import BoundByPcnSet, bound_by_pcn_set_for
from boundaries.solve.colgen.pcn_set_enumeration import enumerate_pcn_sets
from boundaries.solve.colgen.pricing_exact import price_exactly
from boundaries.solve.patterns.anchor_multipliers import AnchorMultipliers

CLOSE = 1e-3
PLACES = [
    n for n in range(60) if made.made_instance(n).anchored and made.made_instance(n).nest is None
]


def move_bounds(seed):
    """A place, what it needs for its sets, and prices drawn at random."""
    instance, draw = made.made_instance(seed), np.random.default_rng(seed)
    colgen = ColumnGeneration(instance)
    master = colgen.master
    duals = draw.uniform(0.0, 1.0, len(master.bundle.right))
    duals[master.at_lsoas] *= 0.8 * instance.people.sum(axis=0)
    duals[master.at_pcns] *= instance.total / 10
    duals[master.at_items] *= 0.3 * instance.people.sum(axis=1)
    duals[-1] = 1e5
    return instance, colgen, duals, draw


def profits(instance, pricing):
    """The most that a neighbourhood of each set of PCNs is worth, by trying all of them."""
    size, pcns = len(instance.lsoas), len(instance.pcns)
    maps = np.flatnonzero(brute._good_subsets(instance))
    inside = (maps[:, None] >> np.arange(size) & 1).astype(float)
    rim = np.array([pricing.arcs.rim(row) for row in inside])
    found = {}
    for bases in product((0.0, 1.0), repeat=pcns):
        where = np.hstack([inside, np.repeat([bases], len(maps), axis=0)])
        served = where @ pricing.people.T - pricing.item_duals
        best = np.maximum(0.0, served).sum(axis=1) - where @ pricing.node_duals - rim
        found[sum(1 << c for c in range(pcns) if bases[c])] = best.max(initial=-np.inf)
    return found


@pytest.mark.parametrize("seed", PLACES[:16])
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_no_set_above_the_aim_is_left_out(seed, share):
    instance, colgen, duals, _ = move_bounds(seed)
    pricing = colgen.master.pricing_problem(duals)
    truth = profits(instance, pricing)
    target = float(np.quantile([w for w in truth.values() if w > -np.inf] or [0.0], share))
    room, stat = np.zeros(500, np.int64), np.zeros(2)
    bounds = np.zeros(500)
    order = len(instance.lsoas) + np.arange(len(instance.pcns))
    listed = {}
    for begun in ((-1,), (1,)):
        met = enumerate_pcn_sets(
            *pricing[:8],
            pricing.must_connect,
            order,
            np.array(begun),
            target,
            1e12,
            room,
            bounds,
            np.zeros(500),
            stat,
        )
        listed |= dict(zip(room[:met].tolist(), bounds[:met].tolist(), strict=True))
    assert 0 not in listed
    for pcn_set, profit in truth.items():
        if pcn_set and profit > target + CLOSE:
            assert listed[pcn_set] >= profit - CLOSE
    few = enumerate_pcn_sets(
        *pricing[:8],
        pricing.must_connect,
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
    instance, colgen, duals, draw = move_bounds(seed)
    truth = brute.best_by_trying(instance)[0]
    by_pcn_set = bound_by_pcn_set_for(instance, colgen.master.pcn)
    if by_pcn_set is None:
        return
    bare, anchors = by_pcn_set.without_anchors(duals)
    pricing, base = colgen.master.pricing_problem(bare), float(colgen.bundle.right[:-1] @ bare[:-1])
    alone = price_exactly(colgen.master.pricing_problem(duals), -1e9, 1e9, 10_000, lambda _: False)[
        0
    ]
    whole = profits(instance, pricing)
    exact = np.array([whole[pcn_set] for pcn_set in by_pcn_set.pcn_sets.tolist()])
    best = -instance.total
    if np.isfinite(exact).all():
        best = AnchorMultipliers(by_pcn_set.bits, by_pcn_set.times, by_pcn_set.most).solve(exact)[0]
    chance = iter(draw.random(10_000))
    for most, ends in ((0.0, 0.0), (1e6, 0.1), (1e10, 0.0)):
        proof = by_pcn_set.prove(
            pricing, anchors, alone, known={}, target=best - 1.0, out_of_reach=np.inf,
            misaligned=0.5 * instance.total, most=most,
            stop=lambda ends=ends: next(chance) < ends,
        )  # fmt: skip
        assert instance.total - base - proof.bound <= truth + CLOSE
        covered = by_pcn_set.bits @ proof.anchors + proof.high
        assert (exact <= covered + CLOSE).all()  # nothing is worth more than its charges
        total = float(instance.span @ proof.anchors + instance.neighbourhoods * proof.high)
        assert proof.bound == pytest.approx(total)
    if np.isfinite(exact).all():
        most_lost = instance.total + instance.graph.bond.sum() / 2
        assert best - CLOSE <= proof.bound <= best + 0.12 * most_lost  # it says something


def test_sets_prove_more_than_one_number_for_all():
    better = 0
    for seed in PLACES[:20]:
        instance, colgen, duals, _ = move_bounds(seed)
        if not isinstance(colgen.by_pcn_set, BoundByPcnSet):
            continue
        colgen._moves, colgen.bundle.right[-1] = 0, 0.0
        plan = brute.best_by_trying(instance)[0]
        if plan == brute.NOTHING:
            continue
        free = replace(instance, anchored=True)
        other = ColumnGeneration(free, anchors_first=False)
        other._moves, other.bundle.right[-1] = 0, 0.0
        for pricing in (colgen, other):
            pricing.master.add(
                np.zeros(pricing.master.at_pcns.stop), np.zeros(len(instance.people))
            )
            pricing.stability_centre = duals
            pricing._prove_at(duals.copy(), 0.0, 5.0)
        assert colgen.proven <= other.proven + CLOSE
        better += colgen.proven < other.proven - 1.0
    assert better > 5


def test_charges_cover_every_set_and_are_as_low_as_can_be():
    draw = np.random.default_rng(1)
    pcn_sets = np.arange(1, 64)
    bits = (pcn_sets[:, None] >> np.arange(6) & 1).astype(float)
    times = np.array([1.0, 1, 2, 1, 1, 1, 4])
    profit = draw.normal(50, 20, len(pcn_sets)) * np.sqrt(bits.sum(axis=1))
    multipliers, before = AnchorMultipliers(bits, times, 1e4), np.inf
    for _ in range(8):
        total, nu_anchor, tight = multipliers.solve(profit)
        assert (bits @ nu_anchor[:-1] + nu_anchor[-1] >= profit - CLOSE).all()
        shares = np.array([tight.get(at, 0.0) for at in range(len(pcn_sets))])
        assert shares @ bits == pytest.approx(times[:-1])
        assert shares.sum() == pytest.approx(times[-1])
        assert shares @ profit == pytest.approx(total, abs=0.1)  # nothing lower covers them
        assert total <= before + CLOSE
        before = total
        profit = profit - np.where(shares > 0, 15.0, 0.0)
