"""Small made-up places with everything that can make trouble, each from a seed.

A grid of 7 to 12 LSOAs with borders missing here and there (so the graph may be in pieces), 3 to 6
practices, 2 to 4 PCNs, 1 to 3 neighbourhoods. By chance: spans above one, floors, practices without
a PCN or without patients, LSOAs nobody lives in, two boroughs, team layers with weights, and every
kind of lock. Many places have no plan at all.
"""

from __future__ import annotations

import numpy as np

from boundaries.solve.connected import make_graph
from boundaries.solve.problem import Links, Problem


def made_problem(seed: int, *, lsoas: tuple[int, int] = (7, 12)) -> Problem:
    """The place of a seed, with so many LSOAs, least and most."""
    draw = np.random.default_rng(seed)
    size, practices = int(draw.integers(lsoas[0], lsoas[1] + 1)), int(draw.integers(3, 7))
    pcns = int(draw.integers(2, min(4, practices) + 1))
    count = int(draw.choice([1, 2, 3], p=[0.02, 0.5, 0.48]))
    wide = int(draw.integers(3, 5))
    spots = np.array([(n % wide, n // wide) for n in range(size)])
    steps = np.abs(spots[:, None] - spots[None, :]).sum(axis=2)
    missing = draw.choice([0.05, 0.25])
    edges = [
        (a, b) for a, b in np.argwhere(np.triu(steps == 1)).tolist() if draw.random() > missing
    ]
    residents = draw.integers(800, 2200, size)
    residents[draw.random(size) < 0.03] = 0
    pcn_of = np.concatenate([np.arange(pcns), draw.integers(-1, pcns, practices - pcns)])
    people = _patients(draw, spots, pcn_of)
    list_size = (people.sum(axis=1) + draw.integers(0, 60, practices)).astype(np.int64)
    outside = np.where(draw.random(pcns) < 0.3, draw.integers(0, 900, pcns), 0)
    today = np.array([list_size[pcn_of == c].sum() for c in range(pcns)]) + outside
    names, teams = _teams(draw, residents, spots)
    band, mean = float(draw.choice([0.1, 0.25, 0.4])), residents.sum() / count
    return Problem(
        lsoas=tuple(f"E010{n:05d}" for n in range(size)),
        practices=tuple(f"A{n:05d}" for n in range(practices)),
        pcns=tuple(f"U{n:05d}" for n in range(pcns)),
        teams=names,
        residents=residents.astype(np.int64),
        people=np.vstack([people, teams]),
        list_size=list_size,
        pcn_of=pcn_of.astype(np.int64),
        span=np.minimum(count, draw.choice([1, 2, 3], pcns, p=[0.7, 0.2, 0.1])).astype(np.int64),
        floor=np.where(draw.random(pcns) < 0.5, np.minimum(today, 600), 0).astype(np.int64),
        outside=outside.astype(np.int64),
        graph=make_graph(size, edges),
        neighbourhoods=count,
        least=int(np.ceil(mean * (1 - band))),
        most=int(mean * (1 + band)),
        nest=(spots[:, 1] >= 2).astype(np.int64) if draw.random() < 0.15 else None,
        links=_links(draw, size, pcn_of),
        anchored=bool(draw.random() > 0.1),
    )


def _patients(draw: np.random.Generator, spots: np.ndarray, pcn_of: np.ndarray) -> np.ndarray:
    """Practices of a PCN stand near each other, as a rule; patients live near their practice."""
    practices, middle = len(pcn_of), spots[draw.integers(0, len(spots), int(pcn_of.max()) + 1)]
    stray = draw.choice([0.7, 3.0], p=[0.75, 0.25])
    sites = middle[pcn_of] + draw.normal(0, stray, (practices, 2))
    far = np.hypot(*(sites[:, None] - spots[None, :]).transpose(2, 0, 1))
    most = draw.integers(60, 400, (practices, 1))
    people = np.floor(most * np.exp(-far * draw.choice([0.4, 1.0, 1.6])))
    people[draw.random(people.shape) < 0.15] = 0
    people[draw.random(practices) < 0.03] = 0
    return people


def _teams(
    draw: np.random.Generator, residents: np.ndarray, spots: np.ndarray
) -> tuple[tuple[tuple[str, str], ...], np.ndarray]:
    """No layer, one or two; some LSOAs are shared by two teams or have none."""
    names: list[tuple[str, str]] = []
    rows: list[np.ndarray] = []
    for layer in range(int(draw.choice([0, 1, 2], p=[0.55, 0.3, 0.15]))):
        side, weight = spots[:, layer], float(draw.choice([0.1, 0.3, 1.0]))
        share = (side < draw.integers(1, 3)).astype(float)
        share = np.where(draw.random(len(side)) < 0.1, 0.5, share)
        served = draw.random(len(side)) > 0.05
        rows += [residents * served * part * weight for part in (share, 1 - share)]
        names += [(f"layer {layer}", f"Team {number}") for number in (1, 2)]
    return tuple(names), np.array(rows).reshape(len(rows), len(residents))


def _links(draw: np.random.Generator, lsoas: int, pcn_of: np.ndarray) -> Links:
    points, anchored, both = [], [], []
    pcns, everything = int(pcn_of.max()) + 1, lsoas + len(pcn_of)
    for _ in range(int(draw.choice([0, 1, 2], p=[0.65, 0.25, 0.1]))):
        one, other = draw.choice(everything, 2, replace=False).tolist()
        points.append((one, other, bool(draw.random() < 0.6)))
    for _ in range(int(draw.choice([0, 1, 2], p=[0.65, 0.25, 0.1]))):
        point = int(draw.integers(lsoas if draw.random() < 0.5 else 0, everything))
        anchored.append((point, int(draw.integers(0, pcns)), bool(draw.random() < 0.6)))
    if draw.random() < 0.1:  # a practice stays
        practice = int(np.flatnonzero(pcn_of >= 0)[0])
        anchored.append((lsoas + practice, int(pcn_of[practice]), True))
    if draw.random() < 0.2:
        one, other = draw.choice(pcns, 2, replace=False).tolist()
        both.append((one, other, bool(draw.random() < 0.5)))
    return Links(tuple(points), tuple(anchored), tuple(both))
