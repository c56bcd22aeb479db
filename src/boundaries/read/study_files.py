"""Everything that a study names, read into tidy tables, with every fault of every file.

Goes in: a `Study`. Comes out: `Tables` and the problems found. Next: `boundaries.checks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from boundaries.problems import Problem, raise_on_errors
from boundaries.read.areas import (
    complete_lsoas,
    read_area_lookups,
    read_boroughs,
    read_lsoas,
    read_wards,
)
from boundaries.read.barriers import read_barrier
from boundaries.read.engagement import read_engagement
from boundaries.read.layers import read_layer_table
from boundaries.read.pairs import read_pairs
from boundaries.read.people import read_centroids, read_deprivation, read_residents, wrong_census
from boundaries.read.postcodes import read_postcodes
from boundaries.read.practices import (
    empty_memberships,
    memberships_of,
    read_list_sizes,
    read_memberships,
    read_practices,
)
from boundaries.read.registrations import read_registrations
from boundaries.read.tables import LayerTable, Source, Tables
from boundaries.study import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from boundaries.study import DataTable, Study

__all__ = ["ReadData", "read_data", "read_tables", "unread_roles"]


@dataclass(frozen=True)
class ReadData:
    """The files of a study's ``[data]`` as read, for any number of places that share them.

    Parameters
    ----------
    parts
        Tidy tables by the names of `Tables`; ``registered_on`` besides.
    sources
        The files read.
    problems
        What is wrong with them.
    """

    parts: dict[str, Any]
    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]


def read_data(data: DataTable) -> ReadData:
    """Read the files of a study's ``[data]``, and nothing that belongs to one place only."""
    problems: list[Problem] = []
    sources: list[Source] = []
    parts: dict[str, Any] = {}
    parts["registrations"], parts["registered_on"], read = read_registrations(
        data.registrations, problems
    )
    sources += read
    _read_areas(data, parts, sources, problems)
    _read_people(data, parts, sources, problems)
    _read_practices(data, parts, sources, problems)
    return ReadData(parts, tuple(sources), tuple(problems))


def read_tables(
    study: Study, *, data: ReadData | None = None
) -> tuple[Tables, tuple[Problem, ...]]:
    """Read every file that a study names.

    Parameters
    ----------
    study
        A loaded study.
    data
        Its ``[data]``, where that was read already.

    Returns
    -------
    tuple[Tables, tuple[Problem, ...]]
        The tables, nothing joined or dropped but cells that are errors; every problem found.

    Raises
    ------
    InputError
        When the registrations or the LSOA polygons cannot be read at all; it carries the faults of
        all files, not only of these.
    """
    data = data or read_data(study.data)
    parts, sources, problems = dict(data.parts), list(data.sources), list(data.problems)
    _read_layers(study, parts, sources, problems)
    if parts["registrations"] is None or parts["lsoas"] is None:
        raise_on_errors(problems)
    problems += _vintages(parts)
    if parts["lsoa_year"] is None:
        parts["lsoa_year"] = _year_of_registrations(parts) or 2021
    parts["engagement"] = read_engagement(study.reply.engagement, problems)
    parts["memberships_on"] = _memberships_on(study, parts.pop("registered_on"), parts)
    return Tables(**parts, sources=tuple(sources)), tuple(dict.fromkeys(problems))


def unread_roles(study: Study, tables: Tables, problems: Iterable[Problem]) -> frozenset[str]:
    """Return the roles of which some file of the study could not be read.

    What only follows from the absence of such a file need not be said: the file itself was.
    """
    if not any(problem.level == "error" for problem in problems):
        return frozenset()
    read = {source.path for source in tables.sources}
    roles = {name: files for name, files in study.data if isinstance(files, tuple)}
    return frozenset(name for name, files in roles.items() if any(one not in read for one in files))


def _read_people(
    data: DataTable, parts: dict[str, Any], sources: list[Source], problems: list[Problem]
) -> None:
    parts["residents"], read = read_residents(
        data.residents, problems, residents_column=data.residents_column, year=parts["lsoa_year"]
    )
    sources += read
    for role, reader in (("centroids", read_centroids), ("deprivation", read_deprivation)):
        parts[role], read = reader(getattr(data, role), problems, year=parts["lsoa_year"])
        sources += read


def _read_areas(
    data: DataTable, parts: dict[str, Any], sources: list[Source], problems: list[Problem]
) -> None:
    column = None if data.residents else data.residents_column
    lsoas, year, read = read_lsoas(data.lsoas, problems, residents_column=column)
    sources += read
    parts["wards"], read = read_wards(data.wards, problems, year=year)
    sources += read
    parts["boroughs"], read = read_boroughs(data.boroughs, problems)
    sources += read
    parts["lsoa_lookup"], areas, read = read_area_lookups(data.lsoa_lookup, problems, year=year)
    sources += read
    parts["lsoas"], parts["lsoa_year"], parts["areas"] = lsoas, year, areas
    if lsoas is not None:
        wards = parts["wards"]
        by_lsoa = wards if wards is not None and "lsoa_code" in wards else None
        parts["lsoas"] = complete_lsoas(lsoas, [areas, by_lsoa], parts["boroughs"])


def _read_practices(
    data: DataTable, parts: dict[str, Any], sources: list[Source], problems: list[Problem]
) -> None:
    practices, read = read_practices(data.practices, problems)
    sources += read
    memberships, read = read_memberships(data.memberships, problems)
    sources += read
    if not data.memberships and (practices["pcn_code"] != "").any():
        memberships = memberships_of(practices)
    parts["practices"] = practices
    parts["memberships"] = memberships if len(memberships) else empty_memberships()
    parts["list_sizes"] = None
    if data.list_sizes:
        sizes, read = read_list_sizes(data.list_sizes, problems)
        sources += read
        parts["list_sizes"] = sizes if read else None
    wanted = set(practices["postcode"]) - {""}
    parts["postcodes"], read = read_postcodes(data.postcodes, wanted, problems)
    sources += read


def _read_layers(
    study: Study, parts: dict[str, Any], sources: list[Source], problems: list[Problem]
) -> None:
    given = study.footprints
    footprints = {"today": given.today, "given": given.given}
    groups: tuple[tuple[str, dict[str, Layer]], ...] = (
        ("teams", study.teams),
        ("footprints", {key: layer for key, layer in footprints.items() if layer is not None}),
        (
            "communities",
            {key: Layer(file=one.file, name=one.name) for key, one in study.communities.items()},
        ),
    )
    for group, layers in groups:
        read_so_far: dict[str, LayerTable] = {}
        for key, layer in layers.items():
            table, read = read_layer_table(
                f"{group}.{key}", layer.file, problems, name=layer.name, points=layer.points
            )
            sources += read
            if table is not None:
                read_so_far[key] = table
        parts[group] = read_so_far
    parts["barriers"] = {}
    for key, barrier in study.barriers.items():
        shapes, read = read_barrier(f"barriers.{key}", barrier, problems)
        sources += read
        if shapes is not None:
            parts["barriers"][key] = shapes
    for name, key in (("cut_pairs", "cut"), ("added_pairs", "add")):
        parts[name], read = read_pairs(
            getattr(study.neighbours, key), f"neighbours.{key}", problems
        )
        sources += read


def _vintages(parts: dict[str, Any]) -> list[Problem]:
    """Name the tables by LSOA that are of another census than the polygons."""
    lsoas: gpd.GeoDataFrame = parts["lsoas"]
    problems = []
    for role in ("residents", "centroids", "deprivation", "wards"):
        table: pd.DataFrame | None = parts[role]
        if table is not None and "lsoa_code" in table:
            file = str(table["file"].iloc[0]) if "file" in table and len(table) else f"data.{role}"
            problems += wrong_census(
                file, table["lsoa_code"], lsoas["lsoa_code"], parts["lsoa_year"]
            )
    for group in ("teams", "footprints", "communities"):
        for key, layer in parts[group].items():
            if layer.lookup is not None and layer.lookup["area_code"].str[1:3].eq("01").all():
                codes = layer.lookup["area_code"]
                problems += wrong_census(
                    f"{group}.{key}", codes, lsoas["lsoa_code"], parts["lsoa_year"]
                )
    return problems


def _year_of_registrations(parts: dict[str, Any]) -> int | None:
    from boundaries.read.columns import lsoa_year  # noqa: PLC0415 - only where polygons do not say

    return lsoa_year("", list(parts["registrations"]["lsoa_code"].unique()))


def _memberships_on(study: Study, registered_on: str, parts: dict[str, Any]) -> str:
    """Return the date whose memberships count: the study's, the registrations', the newest."""
    if study.data.memberships_on is not None:
        return study.data.memberships_on.isoformat()
    if registered_on:
        return registered_on
    newest = parts["memberships"]["start"].max()
    return "" if pd.isna(newest) else str(newest.date())
