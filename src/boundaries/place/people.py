"""Practices, PCNs and registered patients of a place.

Goes in: the scope and registrations by the place's LSOA codes. Comes out: ``Place.practices``,
``Place.pcns``, ``Place.registrations`` and ``Place.elsewhere``. Next: `boundaries.place.build`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.place.spans import count_living, find_spans

if TYPE_CHECKING:
    from boundaries.checks import Scope
    from boundaries.study import Study

__all__ = ["count_practices", "describe_pcns", "patients_elsewhere", "patients_inside"]


def patients_inside(rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Patients of the place's practices who live in the place.

    Parameters
    ----------
    rows
        Registrations by the place's LSOA codes: practice_code, lsoa_code, patients, modelled.

    Returns
    -------
    pandas.DataFrame
        The same columns, one row a practice, LSOA and kind; sorted.
    """
    ours = rows["practice_code"].isin(scope.of_place.index)
    inside = rows["lsoa_code"].isin(scope.lsoas.index) & (rows["patients"] > 0)
    keys = ["practice_code", "lsoa_code", "modelled"]
    found = rows[ours & inside].groupby(keys)["patients"].sum().reset_index()
    return found.astype({"practice_code": "str", "lsoa_code": "str", "patients": "int64"})


def patients_elsewhere(rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Residents of the place registered with practices outside it, by the practice's PCN.

    Returns
    -------
    pandas.DataFrame
        Columns lsoa_code, pcn_code (missing for none), patients; sorted, none last.
    """
    away = ~rows["practice_code"].isin(scope.of_place.index)
    found = rows[away & rows["lsoa_code"].isin(scope.lsoas.index) & (rows["patients"] > 0)]
    pcn = found["practice_code"].map(scope.members["pcn_code"])
    found = found.assign(pcn_code=pcn.astype("str"))
    counts = found.groupby(["lsoa_code", "pcn_code"], dropna=False)["patients"].sum()
    tidy = counts.reset_index().sort_values(["lsoa_code", "pcn_code"], ignore_index=True)
    return tidy.astype({"lsoa_code": "str", "pcn_code": "str", "patients": "int64"})


def count_practices(scope: Scope, registrations: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return ``Place.practices``.

    Parameters
    ----------
    scope
        Which practices are of the place.
    registrations
        As `patients_inside` returns them.
    """
    ours = scope.of_place.copy()
    inside = registrations.groupby("practice_code")["patients"].sum()
    ours["patients_inside"] = inside.reindex(ours.index).fillna(0).astype("int64")
    ours["patients_outside"] = ours["list_size"] - ours["patients_inside"]
    ours["pcn_code"] = scope.pcn_of.astype("str")
    placed = (ours["easting"].notna() & ours["northing"].notna()).to_numpy()
    sites = shapely.points(ours.loc[placed, ["easting", "northing"]].to_numpy())
    points = np.full(len(ours), shapely.Point(), dtype=object)
    points[placed] = sites
    columns = [
        "practice_name", "postcode", "list_size", "patients_inside", "patients_outside",
        "pcn_code", "borough_code",
    ]  # fmt: skip
    texts = dict.fromkeys(("practice_name", "postcode", "pcn_code", "borough_code"), "str")
    frame = ours[columns].astype(texts)
    frame.index = frame.index.astype("str").rename("practice_code")
    return gpd.GeoDataFrame(frame, geometry=points, crs=scope.lsoas.crs)


def describe_pcns(scope: Scope, study: Study, practices: pd.DataFrame) -> pd.DataFrame:
    """Return ``Place.pcns``: sizes with the practices outside, spans, floors and waivers.

    Parameters
    ----------
    practices
        As `count_practices` returns them.
    """
    members = scope.partners
    here, sizes = members["of_place"], members["list_size"]
    pcn = members["pcn_code"].astype("str")
    lists = sizes.groupby(pcn).sum()
    waivers = {waiver.pcn: waiver.reason for waiver in study.rules.waivers}
    frame = pd.DataFrame(
        {
            "pcn_name": members.groupby(pcn)["pcn_name"].first().astype("str"),
            "list_size": lists,
            "list_outside": sizes.where(~here, 0).groupby(pcn).sum(),
            "practices": here.astype("int64").groupby(pcn).sum(),
            "practices_outside": (~here).astype("int64").groupby(pcn).sum(),
        }
    ).sort_index()
    living = count_living(practices, frame.index)
    frame["span"] = find_spans(living, study.rules, neighbourhoods=study.rules.counts[1])
    frame["waiver"] = pd.Series([waivers.get(code, "") for code in frame.index], frame.index, "str")
    floor = frame["list_size"].clip(upper=study.rules.pcn_floor)
    frame["floor"] = floor.where(frame["waiver"] == "", 0).astype("int64")
    frame.index = frame.index.astype("str").rename("pcn_code")
    names = ["pcn_name", "list_size", "list_outside", "practices", "practices_outside"]
    return frame[[*names, "span", "floor", "waiver"]]
