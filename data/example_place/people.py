"""Who is registered where: distance, the river, habit and chance.

Goes in: `Areas` and the practices. Comes out: patients of every practice in every LSOA.
Next: `papers`.

A practice draws patients by its size and by distance along a way that crosses the river only at
bridges; a thin long tail stands for people who moved and stayed on a list. Expected counts are
scaled to the list sizes and to the LSOAs' registered people in turn, then rounded up or down by
chance in proportion to the remainder, which leaves the many rows of one patient that the
published file has.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from example_place.areas import BOROUGHS, Areas
from example_place.ground import BRIDGES, SEED, river_y

NEAR, FAR_REACH, TAIL = 390.0, 2_000.0, 0.006
OVER_THE_EDGE = 0.5  # how much less a practice in the next borough draws
FAR_LSOAS = 360  # LSOAs elsewhere in the country, without polygons
FAR_SHARE = 0.035  # share of a list living there
FAR_PATIENTS = 70  # residents of the borough registered with each far practice


def make_registrations(areas: Areas, practices: pd.DataFrame) -> pd.DataFrame:
    """Return the patients of every practice in every LSOA.

    Returns
    -------
    pandas.DataFrame
        Columns code (of the practice), lsoa_code (special codes too), patients (more than 0).
    """
    rng = np.random.default_rng(SEED + 3)
    active = practices[practices["status"] == "A"].reset_index(drop=True)
    near = active[active["where"] != "far"].reset_index(drop=True)
    tables = [
        _chance(_expected(areas.lsoas, near, rng), near["code"], areas.lsoas["code"], rng),
        _far_lsoas(near, rng),
        _far_practices(areas.lsoas, active[active["where"] == "far"], rng),
        _no_lsoa(near, rng),
    ]
    found = pd.concat(tables, ignore_index=True)
    return found.sort_values(["code", "lsoa_code"], ignore_index=True)


def _way(lsoas: pd.DataFrame, practices: pd.DataFrame) -> np.ndarray:
    """Return metres from LSOAs (rows) to practices (columns), over a bridge where need be."""
    home = lsoas[["x", "y"]].to_numpy()[:, None, :]
    surgery = practices[["x", "y"]].to_numpy(dtype=float)[None, :, :]
    straight = np.hypot(*np.moveaxis(home - surgery, 2, 0))
    over = np.full(straight.shape, np.inf)
    for x in (*BRIDGES, 900.0, 9_900.0):  # the last two lie outside the borough
        bridge = np.array([x, river_y(x)])
        legs = np.hypot(*np.moveaxis(home - bridge, 2, 0)) + np.hypot(
            *np.moveaxis(surgery - bridge, 2, 0)
        )
        over = np.minimum(over, legs)
    across = lsoas["north"].to_numpy()[:, None] != practices["north"].to_numpy()[None, :]
    return np.where(across, over, straight)


def _expected(lsoas: pd.DataFrame, near: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return the expected patients of each practice (columns) in each LSOA (rows)."""
    way = _way(lsoas, near)
    habit = np.exp(1.2 * (rng.random(way.shape) - 0.5))
    pull = (np.exp(-way / NEAR) + TAIL * np.exp(-way / FAR_REACH)) * habit
    own = (lsoas["borough_name"] == BOROUGHS[0][1]).to_numpy()
    pull *= np.where(own[:, None] == (near["where"] == "own").to_numpy(), 1, OVER_THE_EDGE)
    lists = near["target"].to_numpy() * (1 - FAR_SHARE)
    over = 1.09 + 0.22 * rng.random(len(lsoas))
    people = lsoas["residents"].to_numpy() * np.where(own, over, 1.0)
    found = pull * lists * people[:, None]
    for _ in range(60):
        found *= (people / found.sum(axis=1))[:, None] ** 0.8
        found *= lists / found.sum(axis=0)
    return found


def _chance(
    expected: np.ndarray, codes: pd.Series, lsoas: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """Round each expected count up or down, by chance in proportion to its remainder."""
    counts = np.floor(expected + rng.random(expected.shape)).astype(int)
    row, column = np.nonzero(counts)
    return pd.DataFrame(
        {
            "code": codes.to_numpy()[column],
            "lsoa_code": lsoas.to_numpy()[row],
            "patients": counts[row, column],
        }
    )


def _far_lsoas(near: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return patients who live elsewhere in the country, mostly one in an LSOA."""
    codes = pd.Series([f"E0199{n:04d}" for n in range(5_001, 5_001 + FAR_LSOAS)])
    known = 1 / (0.03 + rng.random((len(codes), len(near)))) ** 1.7
    expected = known / known.sum(axis=0) * near["target"].to_numpy() * FAR_SHARE
    return _chance(expected, near["code"], codes, rng)


def _far_practices(
    lsoas: pd.DataFrame, far: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the borough's residents who kept, or chose, a practice far away."""
    known = 1 / (0.02 + rng.random((len(lsoas), len(far)))) ** 1.45
    expected = known / known.sum(axis=0) * FAR_PATIENTS * (0.4 + 1.2 * rng.random(len(far)))
    return _chance(expected, far["code"], lsoas["code"], rng)


def _no_lsoa(near: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the few patients whose postcode led to no LSOA, or to one that has ended."""
    counts = np.floor(1 + 9 * rng.random((len(near), 2))).astype(int)
    counts[:, 1] *= rng.random(len(near)) < 0.2
    frame = pd.DataFrame(counts, columns=["NO2021", "CLOSED"]).assign(code=near["code"].to_numpy())
    long = frame.melt("code", var_name="lsoa_code", value_name="patients")
    return long[long["patients"] > 0]
