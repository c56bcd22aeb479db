"""How compact neighbourhoods are, and how far people are from their middle and their practice.

Goes in: a `Place` and a `Plan`. Comes out: area, Polsby–Popper and distances by neighbourhood.
Next: `boundaries.measure.measure`. Distances are straight lines in metres (EPSG:27700).
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from boundaries.place import Place
    from boundaries.plan import Plan

__all__ = ["measure_distances_to_practice", "measure_shapes"]


def measure_shapes(place: Place, plan: Plan) -> pd.DataFrame:
    """Measure the dissolved shape of every neighbourhood and how widely its residents live.

    Polsby–Popper is 4π × area / perimeter²: 1 for a circle. Coasts and rivers lengthen the
    perimeter of good plans too, so compare options with each other, not places.

    Returns
    -------
    pandas.DataFrame
        Index ``neighbourhood``; columns area_km2, polsby_popper (0–1), resident_distance_m (mean
        over residents of the distance from their LSOA's centre to the neighbourhood's population
        centre; missing without residents). A neighbourhood without LSOAs has missing values.
    """
    labels = plan.lsoas.reindex(place.lsoas.index)
    rows = {}
    for label, codes in labels.groupby(labels).groups.items():
        part = place.lsoas.loc[codes]
        shape = shapely.union_all(part.geometry.to_numpy())
        rows[str(label)] = {
            "area_km2": shape.area / 1e6,
            "polsby_popper": 4 * pi * shape.area / shape.length**2,
            "resident_distance_m": _mean_distance(
                part["centre_e"].to_numpy(dtype=float),
                part["centre_n"].to_numpy(dtype=float),
                part["residents"].to_numpy(dtype=float),
            ),
        }
    columns = ["area_km2", "polsby_popper", "resident_distance_m"]
    index = pd.Index(plan.neighbourhoods, name="neighbourhood")
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).reindex(index)


def _mean_distance(east: np.ndarray, north: np.ndarray, people: np.ndarray) -> float:
    """Mean distance of people to their common centre, metres."""
    if people.sum() == 0:
        return float("nan")
    centre_e, centre_n = np.average(east, weights=people), np.average(north, weights=people)
    return float(np.average(np.hypot(east - centre_e, north - centre_n), weights=people))


def measure_distances_to_practice(place: Place) -> pd.DataFrame:
    """Measure how far patients live from their practice: LSOA centre to practice point.

    Returns
    -------
    pandas.DataFrame
        Index ``practice_code``; columns patients_located (patients living in the place, 0 for a
        practice without a point) and patient_metres (the sum of their distances, metres × people).
    """
    points = place.practices.geometry
    east, north = points.x.to_numpy(), points.y.to_numpy()  # not a number without a point
    rows = place.registrations
    practice = place.practices.index.get_indexer(pd.Index(rows["practice_code"]))
    lsoa = place.lsoas.index.get_indexer(pd.Index(rows["lsoa_code"]))
    distance = np.hypot(
        place.lsoas["centre_e"].to_numpy(dtype=float)[lsoa] - east[practice],
        place.lsoas["centre_n"].to_numpy(dtype=float)[lsoa] - north[practice],
    )
    known = np.isfinite(distance)
    patients = np.where(known, rows["patients"].to_numpy(), 0)
    metres = np.where(known, distance, 0) * patients
    size = len(place.practices)
    return pd.DataFrame(
        {
            "patients_located": np.bincount(practice, patients, size).astype(np.int64),
            "patient_metres": np.bincount(practice, metres, size),
        },
        index=place.practices.index,
    )
