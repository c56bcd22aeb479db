"""Checked tables in, one `Place` out. Next: `boundaries.solve` and `boundaries.measure`.

`build_place` joins the tables; `write_place` and `read_place` keep the place in one file beside
the run it belongs to. `overlay_footprints` gives each LSOA the footprint of somebody's layer.
"""

from boundaries.place.build import build_place
from boundaries.place.footprints import overlay_footprints
from boundaries.place.place import Place, TeamLayer
from boundaries.place.store import read_place, sound, write_place

__all__ = [
    "Place",
    "TeamLayer",
    "build_place",
    "overlay_footprints",
    "read_place",
    "sound",
    "write_place",
]
