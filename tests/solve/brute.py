"""The optimum of a small place by trying everything: shares no idea with the solver."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from boundaries.solve.connected import make_graph
from boundaries.solve.problem import Links, Problem

NOTHING = float("inf")


def best_by_trying(problem: Problem, allowed_moves: int) -> float:
    """Least misaligned people of any plan that keeps every rule; infinity when there is none."""
    parts = _partitions(problem)
    ways = _practice_ways(problem)
    best = NOTHING
    practices = len(problem.practices)
    for labels in parts:
        inside = (labels[:, None] == np.arange(problem.neighbourhoods)[None, :]).astype(float)
        reach = problem.people @ inside
        base = problem.total - reach[practices:].max(axis=1).sum()
        scores = base - sum(reach[i, ways[:, i]] for i in range(practices))
        for way in np.argsort(scores, kind="stable"):
            if scores[way] >= best - 1e-9:
                break
            if _moves_needed(problem, labels, ways[way]) <= allowed_moves:
                best = float(scores[way])
                break
    return best


def _partitions(problem: Problem) -> list[np.ndarray]:
    size, count = len(problem.lsoas), problem.neighbourhoods
    near = [sum(1 << b for b in problem.graph.beside[a]) for a in range(size)]
    heads = [0] * (1 << size)
    good = np.zeros(1 << size, dtype=bool)
    for subset in range(1, 1 << size):
        low = subset & -subset
        heads[subset] = heads[subset ^ low] + int(problem.residents[low.bit_length() - 1])
        if problem.least <= heads[subset] <= problem.most:
            good[subset] = _whole(subset, near, problem)
    usable = np.flatnonzero(good)
    found: list[tuple[int, ...]] = []
    everyone = (1 << size) - 1

    def grow(left: int, chosen: tuple[int, ...]) -> None:
        if len(chosen) == count - 1:
            if left and good[left]:
                found.append((*chosen, left))
            return
        first = left & -left
        for subset in usable[(usable & first > 0) & (usable & ~left == 0)].tolist():
            grow(left & ~subset, (*chosen, subset))

    grow(everyone, ())
    plans = []
    for groups in found:
        labels = np.array([[g >> a & 1 for g in groups].index(1) for a in range(size)])
        if all(
            (labels[a] == labels[b]) == together
            for a, b, together in problem.links.points
            if a < size and b < size
        ):
            plans.append(labels)
    return plans


def _whole(subset: int, near: list[int], problem: Problem) -> bool:
    members = [a for a in range(len(near)) if subset >> a & 1]
    if problem.nest is not None and len({int(problem.nest[a]) for a in members}) > 1:
        return False
    for piece in {int(problem.graph.piece[a]) for a in members}:
        inside = sum(1 << a for a in members if problem.graph.piece[a] == piece)
        reached = inside & -inside
        while True:
            grown = reached
            for a in members:
                if reached >> a & 1:
                    grown |= near[a] & inside
            if grown == reached:
                break
            reached = grown
        if reached != inside:
            return False
    return True


def _practice_ways(problem: Problem) -> np.ndarray:
    count = problem.neighbourhoods
    ways = [
        way
        for way in product(range(count), repeat=len(problem.practices))
        if len(set(way)) == count
    ]
    return np.array(ways).reshape(len(ways), len(problem.practices))


def _moves_needed(problem: Problem, labels: np.ndarray, way: np.ndarray) -> float:
    """Fewest moves under any anchors that keep rules 6, 7 and the locks."""
    _size, count = len(problem.lsoas), problem.neighbourhoods
    where = np.concatenate([labels, way])
    if any((where[a] == where[b]) != together for a, b, together in problem.links.points):
        return NOTHING
    if not problem.anchored:
        return 0
    choices = []
    for pcn in range(len(problem.pcns)):
        sets = [
            frozenset(chosen)
            for number in range(1, int(problem.span[pcn]) + 1)
            for chosen in combinations(range(count), number)
        ]
        choices.append(sets)
    best = NOTHING
    for anchors in product(*choices):
        if len(frozenset().union(*anchors)) < count:
            continue
        if any(
            (int(where[point]) in anchors[pcn]) != together
            for point, pcn, together in problem.links.anchored
        ):
            continue
        if any(
            bool(anchors[one] & anchors[other]) != together
            for one, other, together in problem.links.pcns
        ):
            continue
        moved = [
            i
            for i, pcn in enumerate(problem.pcn_of.tolist())
            if pcn >= 0 and int(way[i]) not in anchors[pcn]
        ]
        if len(moved) < best and _floors_hold(problem, moved):
            best = len(moved)
    return best


def _floors_hold(problem: Problem, moved: list[int]) -> bool:
    for pcn, floor in enumerate(problem.floor.tolist()):
        own = [i for i in range(len(problem.practices)) if problem.pcn_of[i] == pcn]
        gone = [i for i in own if i in moved]
        stay = sum(int(problem.list_size[i]) for i in own if i not in moved)
        if gone and stay + int(problem.outside[pcn]) < floor:
            return False
    return True


def random_problem(seed: int, *, size: tuple[int, int] = (12, 13)) -> Problem:
    """A small made-up place with everything that can make trouble."""
    draw = np.random.default_rng(seed)
    count = int(draw.integers(2, 4))
    lsoas = int(draw.integers(size[0], size[1] + 1))
    practices, pcns = int(draw.integers(4, 7)), int(draw.integers(2, 4))
    wide = int(draw.integers(3, 6))
    spots = [(n % wide, n // wide) for n in range(lsoas)]
    edges = [
        (a, b)
        for a in range(lsoas)
        for b in range(a + 1, lsoas)
        if abs(spots[a][0] - spots[b][0]) + abs(spots[a][1] - spots[b][1]) == 1
        and draw.random() > 0.12
    ]
    residents = draw.integers(800, 2200, lsoas)
    sites = draw.integers(0, lsoas, practices)
    far = np.array(
        [
            [np.hypot(spots[a][0] - spots[s][0], spots[a][1] - spots[s][1]) for a in range(lsoas)]
            for s in sites
        ]
    )
    people = np.floor(draw.integers(60, 400, (practices, 1)) * np.exp(-far * draw.uniform(0.2, 1)))
    people = people * (draw.random(people.shape) > 0.15)
    pcn_of = np.concatenate([np.arange(pcns), draw.integers(-1, pcns, practices - pcns)])
    list_size = (people.sum(axis=1) + draw.integers(0, 60, practices)).astype(np.int64)
    outside = np.where(draw.random(pcns) < 0.3, draw.integers(0, 900, pcns), 0)
    today = np.array([list_size[pcn_of == c].sum() for c in range(pcns)]) + outside
    teams = 0 if draw.random() < 0.6 else 2
    band = float(draw.choice([0.1, 0.25, 0.4]))
    mean = residents.sum() / count
    nest = None
    if draw.random() < 0.15:
        nest = np.array([int(y >= 2) for _, y in spots], dtype=np.int64)
    return Problem(
        lsoas=tuple(f"E010{n:05d}" for n in range(lsoas)),
        practices=tuple(f"A{n:05d}" for n in range(practices)),
        pcns=tuple(f"U{n:05d}" for n in range(pcns)),
        teams=tuple(("layer", f"Team {n}") for n in range(teams)),
        residents=residents.astype(np.int64),
        people=np.vstack([people, _teams(draw, teams, residents, spots)]),
        list_size=list_size,
        pcn_of=pcn_of.astype(np.int64),
        span=np.minimum(count, np.where(draw.random(pcns) < 0.3, 2, 1)).astype(np.int64),
        floor=np.where(draw.random(pcns) < 0.5, np.minimum(today, 600), 0).astype(np.int64),
        outside=outside.astype(np.int64),
        graph=make_graph(lsoas, edges),
        neighbourhoods=count,
        least=int(np.ceil(mean * (1 - band))),
        most=int(mean * (1 + band)),
        nest=nest,
        links=_links(draw, lsoas, practices, pcns),
    )


def _teams(draw: np.random.Generator, teams: int, residents: np.ndarray, spots: list) -> np.ndarray:
    rows = np.zeros((teams, len(residents)))
    if teams:
        edge = int(draw.integers(1, 3))
        west = np.array([float(x < edge) for x, _ in spots])
        west = np.where(draw.random(len(spots)) < 0.1, 0.5, west)
        weight = float(draw.choice([0.1, 0.3]))
        rows[0], rows[1] = residents * west * weight, residents * (1 - west) * weight
    return rows


def _links(draw: np.random.Generator, lsoas: int, practices: int, pcns: int) -> Links:
    points, anchored, both = [], [], []
    if draw.random() < 0.3:
        one, other = draw.choice(lsoas + practices, 2, replace=False).tolist()
        points.append((int(one), int(other), bool(draw.random() < 0.5)))
    if draw.random() < 0.3:
        point = int(draw.integers(0, lsoas + practices))
        anchored.append((point, int(draw.integers(0, pcns)), bool(draw.random() < 0.6)))
    if draw.random() < 0.2:
        one, other = draw.choice(pcns, 2, replace=False).tolist()
        both.append((int(one), int(other), bool(draw.random() < 0.5)))
    return Links(tuple(points), tuple(anchored), tuple(both))
