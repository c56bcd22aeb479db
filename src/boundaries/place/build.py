"""Checked tables into one place.

Goes in: `Tables` and `Study`. Comes out: `Place`, and the problems that only show when tables are
laid on each other: polygons that overlap, patches that leave gaps, modelled patients.
Next: `boundaries.solve` and `boundaries.measure`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from boundaries.checks import find_scope
from boundaries.checks.words import source_file
from boundaries.place.areas import borough_polygons, describe_lsoas
from boundaries.place.bonds import barriers_near, bond_pairs
from boundaries.place.context import context_near
from boundaries.place.coverage import clean_coverage, hole_problems, single_parts
from boundaries.place.footprints import overlay_footprints
from boundaries.place.lookups import shares_by_lookup
from boundaries.place.neighbours import edit_pairs, find_neighbours, find_pieces, piece_problems
from boundaries.place.people import (
    count_practices,
    describe_pcns,
    patients_elsewhere,
    patients_inside,
)
from boundaries.place.place import Place, TeamLayer, no_communities
from boundaries.place.shares import shares_by_overlap
from boundaries.place.spans import span_notes
from boundaries.place.vintage import to_2021
from boundaries.problems import Problem, raise_on_errors

if TYPE_CHECKING:
    from boundaries.checks import Scope
    from boundaries.read.tables import LayerTable, Source, Tables
    from boundaries.study import Study

__all__ = ["build_place", "residents_by_code"]


def build_place(tables: Tables, study: Study) -> tuple[Place, tuple[Problem, ...]]:
    """Join checked tables into one place.

    Parameters
    ----------
    tables
        As read, and checked by `boundaries.checks.check_tables`.
    study
        Boroughs, practices in and out, rules, layers, neighbour edits.

    Returns
    -------
    tuple
        The place, and warnings and notes found while joining. EPSG:27700; frames sorted by code.

    Raises
    ------
    InputError
        With every error found: no such borough, LSOAs that do not fit together, unknown LSOAs in
        neighbour edits, a lookup that puts one area in two teams, footprints with holes.
    """
    scope, found = find_scope(tables, study)
    problems = [*found, *_nothing_to_build(scope)]
    raise_on_errors(problems)
    assert scope is not None  # noqa: S101 - no scope is an error above
    file = source_file(tables, "lsoas")
    shapes, unfit = clean_coverage(scope.lsoas, file=file)
    problems += unfit
    raise_on_errors(problems)
    scope = replace(scope, lsoas=shapes)
    lsoas, wardless = describe_lsoas(shapes, tables)
    problems += [*wardless, *hole_problems(lsoas, tables.lsoas, file=file)]
    neighbours, cut_pairs, apart = _neighbours(lsoas, tables, study, file)
    teams, uneven = _teams(lsoas, tables, study, scope)
    footprints, uncovered = _footprints(lsoas, tables, study, scope)
    communities, unknown = _communities(lsoas, tables, scope)
    problems += [*apart, *uneven, *uncovered, *unknown]
    raise_on_errors(problems)
    barriers = barriers_near(lsoas, tables.barriers, study=study)
    neighbours, touched = bond_pairs(
        lsoas, neighbours, barriers=barriers, communities=communities, shape=study.shape
    )
    problems += touched
    place = _people(scope, tables, study, lsoas=lsoas.drop(columns="msoa_code"))
    place = replace(
        place, neighbours=neighbours, cut_pairs=cut_pairs, teams=teams, footprints=footprints,
        barriers=barriers, communities=communities,
        context=context_near(lsoas, tables.context, study=study),
        named_after=next((key for key, one in study.communities.items() if one.names), ""),
    )  # fmt: skip
    place = replace(place, sources=_credited(place))
    problems += span_notes(place, study.rules)
    problems += _modelled(place, source_file(tables, "registrations"))
    return place, tuple(problems)


def _credited(place: Place) -> tuple[Source, ...]:
    """Return the sources; one of whose context nothing is drawn asks for no credit."""
    drawn = {f"context.{key}" for key in place.context["layer"]}
    return tuple(
        replace(source, attribution="")
        if source.role.startswith("context.") and source.role not in drawn
        else source
        for source in place.sources
    )


def _nothing_to_build(scope: Scope | None) -> list[Problem]:
    if scope is None or len(scope.of_place):
        return []
    said = "No practice of the place has registered patients."
    fix = "Check that registrations, practices and the boroughs of [place] go together."
    return [Problem("error", "registrations", None, "", "practice_code", said, fix)]


def _neighbours(
    lsoas: gpd.GeoDataFrame, tables: Tables, study: Study, file: str
) -> tuple[pd.DataFrame, pd.DataFrame, list[Problem]]:
    neighbours, cut_pairs, found = edit_pairs(
        find_neighbours(lsoas),
        codes=lsoas.index,
        cut=tables.cut_pairs,
        added=tables.added_pairs,
        known=frozenset(tables.lsoas["lsoa_code"].astype(str)),
    )
    pieces = find_pieces(neighbours, lsoas.index)
    least, most = study.rules.counts
    residents = int(lsoas["residents"].sum())
    limits = [study.rules.residents_limits(residents, k) for k in range(least, most + 1)]
    apart = piece_problems(lsoas, pieces, limits=limits, file=file)
    return neighbours, cut_pairs, [*found, *apart]


def _shares(
    lsoas: gpd.GeoDataFrame, layer: LayerTable, scope: Scope, file: str
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    if layer.polygons is not None:
        return shares_by_overlap(lsoas, layer, file=file)
    return shares_by_lookup(lsoas, layer, file=file, parents=scope.parents)


def _teams(
    lsoas: gpd.GeoDataFrame, tables: Tables, study: Study, scope: Scope
) -> tuple[dict[str, TeamLayer], list[Problem]]:
    teams: dict[str, TeamLayer] = {}
    problems: list[Problem] = []
    for name, wanted in study.teams.items():
        layer, file = tables.teams[name], source_file(tables, f"teams.{name}")
        shares, found = _shares(lsoas, layer, scope, file)
        problems += found
        label = wanted.label or name.replace("_", " ").capitalize()
        patches = _patches(lsoas, layer, shares)
        teams[name] = TeamLayer(name, label, wanted.weight, shares, patches)
    return teams, problems


def _patches(lsoas: gpd.GeoDataFrame, layer: LayerTable, shares: pd.DataFrame) -> gpd.GeoDataFrame:
    """Polygons of the teams that hold residents of the place."""
    if layer.polygons is not None:
        patches = layer.polygons[["geometry"]].copy()
        patches = patches[patches.index.isin(shares["team"])]
        return _tidy_patches(patches)
    most = shares.sort_values(["lsoa_code", "share", "team"], ascending=[True, False, True])
    team = most.drop_duplicates("lsoa_code").set_index("lsoa_code")["team"]
    shapes = lsoas.loc[team.index, ["geometry"]].assign(team=team)
    return _tidy_patches(shapes.dissolve("team", method="coverage"))


def _tidy_patches(patches: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = single_parts(shapely.make_valid(patches.geometry.to_numpy()))
    tidy = patches.set_geometry(gpd.GeoSeries(shapes, patches.index, patches.crs))
    tidy.index = tidy.index.astype("str").rename("team")
    return tidy.sort_index()


def _footprints(
    lsoas: gpd.GeoDataFrame, tables: Tables, study: Study, scope: Scope
) -> tuple[dict[str, pd.Series[str]], list[Problem]]:
    footprints: dict[str, pd.Series[str]] = {}
    problems: list[Problem] = []
    for name in ("today", "given"):
        if getattr(study.footprints, name) is None:
            continue
        file = source_file(tables, f"footprints.{name}")
        layer = tables.footprints[name]
        names, found = overlay_footprints(lsoas, layer, file=file, parents=scope.parents)
        problems += found
        if names is not None:
            footprints[name] = names
    return footprints, problems


def _communities(
    lsoas: gpd.GeoDataFrame, tables: Tables, scope: Scope
) -> tuple[pd.DataFrame, list[Problem]]:
    """Shares of every community layer; areas that do not cover the place are no fault."""
    problems: list[Problem] = []
    parts = [no_communities()]
    for name, layer in tables.communities.items():
        shares, found = _shares(lsoas, layer, scope, source_file(tables, f"communities.{name}"))
        problems += [problem for problem in found if problem.level != "warning"]
        shares = shares.rename(columns={"team": "area"}).assign(layer=name)
        parts.append(shares[list(parts[0].columns)])
    frame = pd.concat(parts[1:] or parts, ignore_index=True)
    return frame.astype(parts[0].dtypes.to_dict()), problems


def _people(scope: Scope, tables: Tables, study: Study, *, lsoas: gpd.GeoDataFrame) -> Place:
    rows = tables.registrations[["practice_code", "lsoa_code", "patients"]]
    if tables.lsoa_lookup is not None and tables.lsoa_year == 2021:
        rows = rows[rows["lsoa_code"].isin(scope.registration_codes)]
        residents = residents_by_code(tables.residents, tables.lsoas, lsoas)
        rows = to_2021(rows, tables.lsoa_lookup, residents)
    else:
        rows = rows.assign(modelled=False)
    inside = patients_inside(rows, scope)
    total = int(inside["patients"].sum())
    modelled = int(inside.loc[inside["modelled"], "patients"].sum())
    keys = ["practice_code", "lsoa_code"]
    practices = count_practices(scope, inside)
    return Place(
        name=study.place.name or _joined(sorted(lsoas["borough_name"].unique())),
        lsoa_year=tables.lsoa_year,
        lsoas=lsoas,
        practices=practices,
        pcns=describe_pcns(scope, study, practices),
        registrations=inside.groupby(keys)["patients"].sum().reset_index(),
        elsewhere=patients_elsewhere(rows, scope),
        neighbours=pd.DataFrame(),
        cut_pairs=pd.DataFrame(),
        teams={},
        boroughs=borough_polygons(lsoas, tables),
        sources=_invented(tables.sources) if study.place.made_up else tables.sources,
        modelled_share=modelled / total if total else 0.0,
    )


def _invented(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Credit no publisher with data that was made up in the form of its files."""
    words = "Made-up data: no place, practice or person in it exists."
    return tuple(replace(source, publisher="made up", attribution=words) for source in sources)


def residents_by_code(
    residents: pd.DataFrame | None, layer: gpd.GeoDataFrame, lsoas: gpd.GeoDataFrame
) -> pd.Series[float]:
    """Return the residents of every LSOA that a file or the layer knows, the place's own first."""
    known = [lsoas["residents"].astype("float64")]
    for table in (residents, layer):
        if table is not None and "residents" in table.columns:
            more = table.drop_duplicates("lsoa_code").set_index("lsoa_code")["residents"]
            known.append(pd.to_numeric(more, errors="coerce").astype("float64"))
    every = pd.concat(known)
    return every[~every.index.duplicated()]


def _modelled(place: Place, file: str) -> list[Problem]:
    if not place.modelled_share:
        return []
    said = (
        f"{place.modelled_share:.1%} of the patients counted live in LSOAs that the 2021 census"
        " split or redrew: they were shared out by the residents of the parts."
    )
    fix = "Use registrations by 2021 LSOAs where they are published."
    return [Problem("note", file, None, "", "lsoa_code", said, fix)]


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
