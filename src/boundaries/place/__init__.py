"""Checked tables in, one `Place` out. Next: `boundaries.solve` and `boundaries.measure`."""

from boundaries.place.place import Place, TeamLayer

__all__ = ["Place", "TeamLayer"]
