"""Places laid beside each other: what a batch's folder says of a region, from the runs alone.

Goes in: the folders of runs, and who lives in each place and is registered outside it. Comes out:
`Region`, tables and outlines. Next: `boundaries.pages.region` draws it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from boundaries import gdal
from boundaries.read.tables import Source
from boundaries.run.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["Found", "Region", "read_region"]

_RUNG: Final = re.compile(r"move-(\d+)(-k\d+)?")
_SIMPLE_M: Final = 40.0  # outlines are drawn no finer


@dataclass(frozen=True)
class Found:
    """A run of a region.

    Parameters
    ----------
    folder
        Its folder.
    name
        What people call the place.
    elsewhere
        Its residents by the practice outside it that they are registered with.
    """

    folder: Path
    name: str
    elsewhere: Mapping[str, int]


@dataclass(frozen=True)
class Region:
    """A region of places.

    Parameters
    ----------
    places
        Index ``place`` (name of the run's folder). Columns name, residents, practices, pcns,
        pcns_in_one_piece, registered, patients_inside (of its lists, living in the place),
        patients_living_outside (the others), residents_registered_outside (as far as the files
        show), first_move_patients
        (misaligned patients fewer with one move than with none), worst_gap, rungs, rungs_proven,
        neighbourhoods, quick (bool), suppressed (bool).
    ladder
        Columns place, rung (``as-is``, ``as-is-grouped``, ``move-0`` …), alignment,
        misaligned_patients, gap, status. Missing numbers were suppressed.
    flows
        Columns living_in, registered_in (places), patients; each place with every other.
    quintiles
        Columns rung, imd_quintile (1 is the most deprived fifth), patients, misaligned_patients,
        alignment, places: over all places that have the rung.
    outlines
        Polygons in EPSG:27700, index ``place``, simplified together; for drawing only.
    sources
        The files that the runs were made from.
    """

    places: pd.DataFrame
    ladder: pd.DataFrame
    flows: pd.DataFrame
    quintiles: pd.DataFrame
    outlines: gpd.GeoSeries
    sources: tuple[Source, ...]


def read_region(runs: Iterable[Found]) -> Region:
    """Read the runs of a region from their folders.

    Parameters
    ----------
    runs
        At least one.

    Returns
    -------
    Region
        Figures are those of the runs' own files: nothing is measured again.
    """
    found = list(runs)
    ladder = pd.concat([_ladder(run) for run in found], ignore_index=True)
    records = [json.loads((run.folder / "run.json").read_text(encoding="utf-8")) for run in found]
    places = pd.DataFrame(
        [_place(run, record, ladder) for run, record in zip(found, records, strict=True)]
    ).set_index("place")
    counts = [name for name in places.columns if name not in ("name", "quick", "suppressed")]
    places[counts] = places[counts].apply(pd.to_numeric, errors="coerce")
    sources = {Source(**source): None for record in records for source in record.get("inputs", ())}
    return Region(
        places=places,
        ladder=ladder,
        flows=_flows(found),
        quintiles=_quintiles(found),
        outlines=_outlines(found),
        sources=tuple(sources),
    )


def _ladder(run: Found) -> pd.DataFrame:
    """Return the rungs of a place: of its first count of neighbourhoods where it has several."""
    options = _numbers(read_table(run.folder / "options.csv", dtype=str))
    matches = [_RUNG.fullmatch(option) for option in options["option_id"]]
    kinds = [match[2] or "" for match in matches if match]
    first = kinds[0] if kinds else ""
    rungs = [
        f"move-{match[1]}" if match and (match[2] or "") == first
        else option if option in ("as-is", "as-is-grouped") else ""
        for option, match in zip(options["option_id"], matches, strict=True)
    ]  # fmt: skip
    columns = ["neighbourhoods", "alignment", "misaligned_patients", "gap", "status"]
    table = options[columns].assign(place=run.folder.name, rung=rungs)
    return table[table["rung"] != ""][["place", "rung", *columns]]


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return counts as numbers; those that are suppressed (``*``) are missing."""
    texts = {"option_id", "family", "status", "pcn_code", "pcn_name", "boroughs"}
    numbers = {
        name: pd.to_numeric(frame[name], errors="coerce")
        for name in frame.columns
        if name not in texts
    }
    return frame.assign(**numbers)


def _place(run: Found, record: dict[str, Any], ladder: pd.DataFrame) -> dict[str, Any]:
    mine = ladder[ladder["place"] == run.folder.name].set_index("rung")
    moves = mine[mine.index.str.startswith("move-")]
    facts = _numbers(read_table(run.folder / "pcn_facts.csv", dtype=str))
    counts, misaligned = record["place"], mine["misaligned_patients"]
    here = facts[facts["practices"].fillna(1) > 0]
    return {
        "place": run.folder.name,
        "name": run.name,
        "residents": counts["residents"],
        "practices": counts["practices"],
        "pcns": counts["pcns"],
        "pcns_in_one_piece": int((here["contiguous"] == 1).sum()),
        "registered": counts["registered"],
        "patients_inside": counts["registered_living_inside"],
        "patients_living_outside": _difference(counts),
        "residents_registered_outside": sum(run.elsewhere.values()),
        "first_move_patients": misaligned.get("move-0", _MISSING)
        - misaligned.get("move-1", _MISSING),
        "worst_gap": moves["gap"].max() if len(moves) else _MISSING,
        "rungs": len(moves),
        "rungs_proven": int((moves["status"] == "optimal").sum()),
        "neighbourhoods": moves["neighbourhoods"].iloc[0] if len(moves) else _MISSING,
        "quick": "quick look" in str(record.get("effort", "")),
        "suppressed": bool(record.get("suppressed")),
    }


_MISSING: Final = float("nan")


def _difference(counts: dict[str, Any]) -> float:
    registered, inside = counts["registered"], counts["registered_living_inside"]
    known = isinstance(registered, (int, float)) and isinstance(inside, (int, float))
    return float(registered - inside) if known else _MISSING


def _flows(found: list[Found]) -> pd.DataFrame:
    """Count patients who live in one place and are registered in another."""
    place_of: dict[str, str] = {}
    for run in found:
        practices = read_table(run.folder / "practices.csv", usecols=["practice_code"], dtype=str)
        for code in practices["practice_code"].unique():
            place_of.setdefault(str(code), run.folder.name)
    rows = [
        (run.folder.name, place_of[code], patients)
        for run in found
        for code, patients in run.elsewhere.items()
        if place_of.get(code, run.folder.name) != run.folder.name
    ]
    frame = pd.DataFrame(rows, columns=["living_in", "registered_in", "patients"])
    summed = frame.groupby(["living_in", "registered_in"])["patients"].sum().reset_index()
    order = ["patients", "living_in", "registered_in"]
    return summed.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _quintiles(found: list[Found]) -> pd.DataFrame:
    parts = []
    for run in found:
        table = _numbers(read_table(run.folder / "quintiles.csv", dtype=str))
        rungs = table["option_id"].str.extract(r"^(as-is|as-is-grouped|move-\d+)(?:-k\d+)?$")[0]
        table = table.assign(rung=rungs).dropna(subset=["rung"])
        parts.append(table.drop_duplicates(["rung", "imd_quintile"]).assign(place=run.folder.name))
    every = pd.concat(parts, ignore_index=True)
    keys = ["rung", "imd_quintile"]
    counts = every.groupby(keys)[["patients", "misaligned_patients"]].sum()
    counts["alignment"] = 1 - counts["misaligned_patients"] / counts["patients"]
    counts["places"] = every.groupby(keys)["place"].nunique()
    return counts.reset_index()


def _outlines(found: list[Found]) -> gpd.GeoSeries:
    shapes = {}
    for run in found:
        lsoas = gdal.read_frame(run.folder / "plan.gpkg", "lsoas", columns=[])
        polygons = lsoas.geometry.to_numpy()
        shapes[run.folder.name] = (
            shapely.coverage_union_all(polygons)
            if shapely.coverage_is_valid(polygons)
            else shapely.union_all(polygons)
        )
    whole = gpd.GeoSeries(shapes, crs=27700).rename_axis("place")
    places = whole.to_numpy()
    if shapely.coverage_is_valid(places):
        simple = shapely.coverage_simplify(places, _SIMPLE_M)
    else:  # places that share boroughs
        simple = shapely.simplify(places, _SIMPLE_M)
    return gpd.GeoSeries(simple, whole.index, crs=27700)
