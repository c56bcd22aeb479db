"""The small place as frames in memory: a study that reads, checks and solves in a second."""

from __future__ import annotations

import pandas as pd
from tests.conftest import make_small_place

from boundaries.study import Study

EAST, NORTH = 530_000, 180_000
"""Where the small place is put: inside England."""


def frames() -> dict[str, pd.DataFrame]:
    """Registrations, LSOAs and practices as a place team would have them in a notebook."""
    place = make_small_place()
    lsoas = place.lsoas[["lsoa_name", "borough_code", "borough_name", "residents", "geometry"]]
    lsoas = lsoas.set_geometry(lsoas.translate(EAST, NORTH))
    practices = pd.DataFrame(place.practices[["practice_name", "postcode", "pcn_code"]])
    return {
        "registrations": place.registrations,
        "lsoas": lsoas,
        "practices": practices.assign(
            pcn_name=practices["pcn_code"].map(place.pcns["pcn_name"]),
            easting=place.practices.geometry.x + EAST,
            northing=place.practices.geometry.y + NORTH,
        ),
    }


def mini_study(**changes: object) -> Study:
    """The study of the small place; keyword arguments change it (`Study.with_`)."""
    study = Study(
        place={"boroughs": "Squareborough", "made_up": True},
        data=frames(),
        rules={"neighbourhoods": 3, "residents_band": 0.5, "pcn_floor": 0},
        options={"max_moves": 1, "effort": "quick", "settled": 5, "sensitivity": False},
    )
    return study.with_(**changes)
