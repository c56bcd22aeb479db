"""The record of a run: what was read, with what, how long each stage took.

Goes in: the study, the place, and a clock that the pipeline starts and stops. Comes out: the
content of ``run.json``. Next: `boundaries.run.folder`.
"""

from __future__ import annotations

import platform
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from boundaries.place import Place
    from boundaries.study import Study

__all__ = ["SCHEMA_VERSION", "Clock", "make_record"]

SCHEMA_VERSION = "1"


@dataclass
class Clock:
    """Seconds by stage, in the order that the stages ran; and who wants to hear of it.

    Parameters
    ----------
    listen
        Called with a stage's name when it begins.
    seconds
        Seconds of each finished stage.
    """

    listen: Callable[[str], None] | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        if self.listen is not None:
            self.listen(name)
        begun = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - begun
            self.seconds[name] = round(self.seconds.get(name, 0.0) + taken, 2)


def make_record(
    study: Study, place: Place, catchment: pd.Series[str], *, clock: Clock, quick: bool = False
) -> dict[str, Any]:
    """Return what ``run.json`` says besides the options."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": "boundaries",
        "versions": {
            "boundaries": _version("boundaries"),
            "geopandas": _version("geopandas"),
            "ortools": _version("ortools"),
            "python": platform.python_version(),
            "shapely": _version("shapely"),
        },
        "place": {
            "name": place.name,
            "boroughs": sorted(place.boroughs["borough_name"]),
            "lsoa_year": place.lsoa_year,
            "lsoas": len(place.lsoas),
            "residents": int(place.lsoas["residents"].sum()),
            "practices": len(place.practices),
            "registered": int(place.practices["list_size"].sum()),
            "registered_living_inside": int(place.practices["patients_inside"].sum()),
            "pcns": len(place.pcns),
            "practices_without_pcn": int(place.practices["pcn_code"].isna().sum()),
            "modelled_share": round(place.modelled_share, 6),
        },
        "study": {"text": study.text, "sha256": study.sha256},
        "inputs": [source.record() for source in place.sources],
        "seed": study.options.seed,
        "effort": "quick look, by the clock" if quick else study.options.effort,
        "seconds": dict(clock.seconds),
        "catchment": {str(code): str(pcn) for code, pcn in catchment.items()},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
