"""The ground: a few thousand small cells, a river through them, and how many people live in each.

Goes in: a seed. Comes out: `Ground`. Next: `areas`, which puts cells together into LSOAs.

Cells are Voronoi cells about the size of two street blocks. Areas made of such cells share their
edges exactly and have borders that wiggle as borders along streets do. Seeds stand in mirrored
pairs along the river, so cell edges follow its middle line. Only uniform random numbers are drawn
and every coordinate is rounded to 10 cm, so that a re-run gives the same bytes.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely

SEED = 20261122
ORIGIN = (610_000.0, 470_000.0)  # in the North Sea, some 90 km off the coast: nobody lives there
WIDTH, HEIGHT = 10_800.0, 10_000.0
CENTRE = (5_300.0, 4_900.0)
RESIDENTS = 266_000
CELLS = 3_900
RIVER_STEP, RIVER_OFFSET = 80.0, 34.0
TOWN_CENTRES = (  # x, y, how dense at its middle, how wide (m)
    (5_000, 3_900, 2.6, 900),
    (3_300, 5_800, 1.9, 700),
    (7_300, 5_500, 1.7, 750),
    (3_100, 2_600, 1.2, 650),
    (7_200, 2_500, 1.0, 700),
    (5_500, 7_000, 0.9, 600),
)
PARKS = (  # x, y, half width, half height (m)
    (6_150, 3_350, 420, 300),
    (1_900, 4_700, 330, 420),
    (8_400, 4_050, 380, 330),
    (4_400, 7_700, 420, 260),
)
BRIDGES = (3_700.0, 6_600.0)  # where, west to east, a road crosses the river


@dataclass(frozen=True)
class Ground:
    """The cells. Every array has one entry a cell.

    Parameters
    ----------
    shapes
        Polygons, metres from `ORIGIN`; together a clean coverage.
    xy
        Where the cell's people live, metres from `ORIGIN`.
    people
        Usual residents, not rounded.
    north
        Whether the cell lies north of the river.
    inside
        Whether the cell belongs to the borough.
    touching
        Pairs of cells that share an edge: an array of two columns, the smaller number first.
    """

    shapes: np.ndarray
    xy: np.ndarray
    people: np.ndarray
    north: np.ndarray
    inside: np.ndarray
    touching: np.ndarray


def river_y(x: np.ndarray | float) -> np.ndarray | float:
    """Return how far north the middle of the river is."""
    bends = 480 * np.sin(x / 1_050 + 0.6) + 190 * np.sin(x / 470 + 2.0)
    return 5_150 + 0.03 * (x - CENTRE[0]) + bends


def density(xy: np.ndarray) -> np.ndarray:
    """Return how densely people live at points, relative to a quiet street."""
    x, y = xy[:, 0], xy[:, 1]
    away = np.hypot(x - CENTRE[0], y - CENTRE[1]) / 4_000
    found = 1.05 - 0.45 * np.clip(away, 0, 1.4)
    for cx, cy, height, width in TOWN_CENTRES:
        found += height * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
    for cx, cy, half_width, half_height in PARKS:
        oval = ((x - cx) / half_width) ** 2 + ((y - cy) / half_height) ** 2
        found *= np.clip((oval - 0.7) / 0.5, 0.03, 1)
    found *= np.clip(np.abs(y - river_y(x)) / 260, 0.35, 1)
    return found


def borough_edge(angle: np.ndarray, *, grow: float = 0.0) -> np.ndarray:
    """Return how far the borough reaches from its centre in a direction (radians)."""
    waves = 1 + 0.13 * np.sin(2 * angle + 0.5) + 0.08 * np.sin(3 * angle + 1.9)
    waves += 0.07 * np.sin(5 * angle + 0.3) + 0.035 * np.sin(11 * angle + 4.0)
    return 3_550 * waves + grow


def make_ground() -> Ground:
    """Make the cells of the borough and of the fringe around it."""
    rng = np.random.default_rng(SEED)
    seeds = np.vstack([_river_seeds(), _street_seeds(rng)])
    frame = shapely.box(0, 0, WIDTH, HEIGHT)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=frame, ordered=True)
    )
    cells = shapely.transform(cells, lambda points: np.round(points, 1))
    cells = shapely.remove_repeated_points(cells)  # an edge may round away to nothing
    dx, dy = seeds[:, 0] - CENTRE[0], seeds[:, 1] - CENTRE[1]
    reach, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    kept = np.flatnonzero(reach < borough_edge(angle, grow=1_050))
    shapes, seeds = cells[kept], seeds[kept]
    inside = reach[kept] < borough_edge(angle[kept])
    people = density(seeds) * shapely.area(shapes)
    return Ground(
        shapes=shapes,
        xy=np.round(seeds, 1),
        people=people * RESIDENTS / people[inside].sum(),
        north=seeds[:, 1] > river_y(seeds[:, 0]),
        inside=inside,
        touching=_touching(shapes),
    )


def _river_seeds() -> np.ndarray:
    """Return pairs of points, mirrored in the river, all along it."""
    fine = np.arange(0, WIDTH, 2.0)
    line = shapely.linestrings(np.column_stack([fine, river_y(fine)]))
    steps = np.arange(RIVER_STEP / 2, shapely.length(line), RIVER_STEP)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(line, steps))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, steps + 1))
    along = ahead - middle
    across = np.column_stack([-along[:, 1], along[:, 0]]) * RIVER_OFFSET
    return np.vstack([middle + across, middle - across])


def _street_seeds(rng: np.random.Generator) -> np.ndarray:
    """Return points as dense as people live, pushed apart a little, none beside the river."""
    picked = rng.random((CELLS * 14, 2)) * (WIDTH, HEIGHT)
    dense = density(picked)
    picked = picked[rng.random(len(picked)) < (dense + 0.12) / (dense.max() + 0.12)]
    beside = np.abs(picked[:, 1] - river_y(picked[:, 0])) < 1.9 * RIVER_OFFSET
    picked = picked[~beside]
    spacing = 0.74 * np.sqrt(WIDTH * HEIGHT / CELLS * (0.75 / (density(picked) + 0.12)))
    kept: list[int] = []
    grid: dict[tuple[int, int], list[int]] = {}
    for number, (point, gap) in enumerate(zip(picked, spacing, strict=True)):
        column, row = int(point[0] // 300), int(point[1] // 300)
        around = [
            other
            for i in (column - 1, column, column + 1)
            for j in (row - 1, row, row + 1)
            for other in grid.get((i, j), ())
        ]
        if all(np.hypot(*(picked[other] - point)) >= gap for other in around):
            kept.append(number)
            grid.setdefault((column, row), []).append(number)
    return picked[kept]


def _touching(shapes: np.ndarray) -> np.ndarray:
    """Return the pairs of shapes that share at least one edge."""
    owner: dict[tuple[float, ...], list[int]] = {}
    for number, shape in enumerate(shapes):
        ring = shapely.get_coordinates(shape)
        for a, b in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True):
            owner.setdefault((*min(a, b), *max(a, b)), []).append(number)
    pairs = {(min(two), max(two)) for two in owner.values() if len(set(two)) == 2}
    return np.array(sorted(pairs))


def grow(links: list[dict[int, float]], weight: np.ndarray, starts: list[int]) -> np.ndarray:
    """Divide a network into connected regions of about equal weight, one around each start.

    Parameters
    ----------
    links
        For each unit, the length of the link to each of its neighbours.
    weight
        What is to be shared out evenly, one number a unit.
    starts
        The unit that each region first grows from.

    Returns
    -------
    numpy.ndarray
        Number of the region of each unit.
    """
    starts, handicap = list(starts), np.zeros(len(starts))
    scale = np.median([length for link in links for length in link.values()])
    best, best_spread = np.zeros(len(links), dtype=int), np.inf
    for turn in range(40):
        region = _nearest(links, starts, handicap)
        totals = np.bincount(region, weights=weight, minlength=len(starts))
        spread = float(((totals / totals.mean() - 1) ** 2).sum())
        if spread < best_spread:
            best, best_spread = region, spread
        handicap += 0.6 * scale * np.clip(totals / totals.mean() - 1, -1, 1)
        if turn % 4 == 3 and turn < 24:
            starts = [_middle(links, np.flatnonzero(region == r)) for r in range(len(starts))]
    return best


def _nearest(links: list[dict[int, float]], starts: list[int], handicap: np.ndarray) -> np.ndarray:
    """Return the region whose start is nearest along the links, after its handicap."""
    region = np.full(len(links), -1)
    queue = [(float(handicap[r] - handicap.min()), r, s) for r, s in enumerate(starts)]
    region_of_start = {s: r for r, s in enumerate(starts)}
    heapq.heapify(queue)
    while queue:
        far, r, unit = heapq.heappop(queue)
        if region[unit] >= 0 or region_of_start.get(unit, r) != r:
            continue
        region[unit] = r
        for other, length in links[unit].items():
            if region[other] < 0:
                heapq.heappush(queue, (far + length, r, other))
    return region


def _middle(links: list[dict[int, float]], units: np.ndarray) -> int:
    """Return the unit of a region that is farthest, in steps, from its edge; ties by number."""
    members = set(units.tolist())
    layer = {u for u in members if any(v not in members for v in links[u])} or members
    left = members - layer
    while left:
        layer = {u for u in left if any(v not in left for v in links[u])} or left
        left = left - layer
    return min(layer)
