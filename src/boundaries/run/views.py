"""An option as tables and layers for somebody's own work: with names, before and after.

Goes in: an `Option` of a `Run`. Comes out: frames, each a new one. Next: a notebook, a spreadsheet,
QGIS or R. Nothing is measured here that `boundaries.measure` does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd

from boundaries.errors import InputError
from boundaries.measure.alignment import link_patients
from boundaries.measure.pieces import find_pieces
from boundaries.plan import label_key
from boundaries.run.layers import dissolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from boundaries.run.run import Option, Run

__all__ = [
    "LAYERS",
    "Layer",
    "aggregate",
    "catchment_parts",
    "layer_of",
    "neighbourhoods_of",
    "practice_shares",
]

Layer = Literal["lsoas", "practices", "neighbourhoods"]
LAYERS: tuple[Layer, ...] = ("neighbourhoods", "lsoas", "practices")


def neighbourhoods_of(option: Option) -> pd.DataFrame:
    """Return the neighbourhoods of an option, in the order of their labels."""
    frame = option.measures.neighbourhoods
    return frame.loc[sorted(frame.index, key=label_key)]


def layer_of(run: Run, option: Option, layer: Layer) -> gpd.GeoDataFrame:
    """Return one layer of an option (`Option.to_gdf` says the columns)."""
    if layer not in LAYERS:
        raise InputError(f"There is no layer {layer!r}. The layers are {', '.join(LAYERS)}.")
    frame = option.measures.neighbourhoods
    if layer == "neighbourhoods":
        shapes = dissolve(run.place.lsoas, option.plan.lsoas)
        table = neighbourhoods_of(option).reindex(sorted(shapes.index, key=label_key))
        table.index.name = "neighbourhood"
        return gpd.GeoDataFrame(table, geometry=shapes.reindex(table.index), crs=shapes.crs)
    side = option.measures.lsoas if layer == "lsoas" else option.measures.practices
    base: gpd.GeoDataFrame = getattr(run.place, layer)
    label = getattr(option.plan, layer).reindex(base.index)
    names = run.place.pcns["pcn_name"]
    first = {"neighbourhood": label, "neighbourhood_name": label.map(frame["name"])}
    if layer == "lsoas":
        pcn = run.catchment.reindex(base.index)
        first |= {"catchment_pcn_code": pcn, "catchment_pcn_name": pcn.map(names)}
    else:
        for when in ("now", "option"):
            pcn = side[f"pcn_code_{when}"].reindex(base.index)
            first |= {f"pcn_code_{when}": pcn, f"pcn_name_{when}": pcn.map(names)}
    rest = side.reindex(base.index).drop(columns=[*first, *base.columns], errors="ignore")
    own = base.drop(columns=["pcn_code", "geometry"], errors="ignore")
    table = pd.concat([own, pd.DataFrame(first, index=base.index), rest], axis=1)
    return gpd.GeoDataFrame(table, geometry=base.geometry, crs=base.crs)


def practice_shares(run: Run, option: Option) -> pd.DataFrame:
    """Return where each practice's patients live (`Option.practice_shares`)."""
    linked = link_patients(run.place, option.plan)
    keys = ["practice_code", "sits_in", "lives_in"]
    table = linked.groupby(keys, as_index=False).agg({"patients": "sum"})
    total = table.groupby("practice_code")["patients"].transform("sum")
    practices, names = run.place.practices, option.measures.neighbourhoods["name"]
    pcn = table["practice_code"].map(practices["pcn_code"])
    table = table.assign(
        practice_name=table["practice_code"].map(practices["practice_name"]),
        pcn_name=pcn.map(run.place.pcns["pcn_name"]),
        sits_in_name=table["sits_in"].map(names),
        lives_in_name=table["lives_in"].map(names),
        share=table["patients"] / total,
    )
    order = ["practice_code", "practice_name", "pcn_name", "sits_in", "sits_in_name",
             "lives_in", "lives_in_name", "patients", "share"]  # fmt: skip
    table = table[order].sort_values(
        ["practice_code", "patients", "lives_in"], ascending=[True, False, True]
    )
    return table.reset_index(drop=True)


def catchment_parts(run: Run) -> pd.DataFrame:
    """Return the connected parts of every PCN's catchment (`Run.catchment_parts`)."""
    place = run.place
    pcn_of = place.practices["pcn_code"].reindex(place.registrations["practice_code"]).to_numpy()
    own = place.registrations.assign(pcn=pcn_of).groupby(["pcn", "lsoa_code"])["patients"].sum()
    pairs = place.neighbours[["lsoa_code_a", "lsoa_code_b"]]
    rows = []
    for pcn, pieces in find_pieces(run.catchment, pairs).items():
        for number, piece in enumerate(pieces, start=1):
            codes = list(piece)
            patients = own[pcn].reindex(codes).sum() if pcn in own else 0
            rows.append(
                {
                    "pcn_code": pcn,
                    "pcn_name": place.pcns["pcn_name"].get(pcn, pcn),
                    "part": number,
                    "parts": len(pieces),
                    "lsoas": len(codes),
                    "residents": place.lsoas["residents"].reindex(codes).sum(),
                    "patients": patients,
                    "lsoa_codes": "; ".join(codes),
                }
            )
    return pd.DataFrame(rows)


def aggregate(
    run: Run,
    option: Option,
    frame: pd.DataFrame,
    *,
    sums: Iterable[str] = (),
    means: Mapping[str, str] | None = None,
    against: str | None = "as-is",
) -> pd.DataFrame:
    """Sum up somebody's own table by neighbourhood (`Option.aggregate`)."""
    sums, means = [sums] if isinstance(sums, str) else list(sums), dict(means or {})
    own = _by_lsoa(run, frame, sums, means)
    table = _summed(option, own, sums, means)
    if against is None or against == option.option_id:
        return table
    other = _summed(run.option(against), own, sums, means)
    for column in (*sums, *means):
        was = f"{column}_{against.replace('-', '_')}"
        table = table.join(other[column].rename(was), how="outer")
        table[f"{column}_change"] = table[column] - table[was]
    names = table["name"].fillna(other["name"].reindex(table.index))
    table = table.assign(name=names)
    return table.loc[sorted(table.index, key=label_key)]


def _by_lsoa(run: Run, frame: pd.DataFrame, sums: list[str], means: dict[str, str]) -> Any:
    """Return the LSOAs of the place with their own columns and those of the frame."""
    keyed = frame if frame.index.name == "lsoa_code" or "lsoa_code" not in frame else (
        frame.set_index("lsoa_code")
    )  # fmt: skip
    lsoas = pd.DataFrame(run.place.lsoas.drop(columns="geometry"))
    faults = []
    missing = lsoas.index.difference(keyed.index)
    if keyed.index.has_duplicates:
        twice = ", ".join(map(str, keyed.index[keyed.index.duplicated()].unique()[:5]))
        faults.append(f"LSOAs stand twice in the table: {twice}. Keep one row of each.")
    elif len(missing):
        some = ", ".join(missing[:5])
        faults.append(
            f"{len(missing)} of the place's {len(lsoas)} LSOAs are not in the table ({some}). "
            "Give it a column or an index lsoa_code with every LSOA of the place."
        )
    known = {*keyed.columns, *lsoas.columns}
    wanted = [*sums, *means, *means.values()]
    faults += [f"There is no column {name!r} in the table." for name in wanted if name not in known]
    if faults:
        raise InputError(" ".join(faults))
    own = keyed.reindex(lsoas.index)
    return own.join(lsoas[[name for name in lsoas.columns if name not in own.columns]])


def _summed(option: Option, own: Any, sums: list[str], means: dict[str, str]) -> pd.DataFrame:
    label = option.plan.lsoas.reindex(own.index)
    columns: dict[str, Any] = {name: own[name].groupby(label).sum() for name in sums}
    for name, weight in means.items():
        counted = own[weight].where(own[name].notna(), 0)
        whole = counted.groupby(label).sum()
        columns[name] = (own[name] * counted).groupby(label).sum() / whole.where(whole > 0)
    table = pd.DataFrame(columns)
    table.index.name = "neighbourhood"
    table.insert(0, "name", option.measures.neighbourhoods["name"].reindex(table.index))
    return table.loc[sorted(table.index, key=label_key)]
