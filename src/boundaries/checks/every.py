"""All checks, in order. None stops at the first fault.

Goes in: `Tables` and `Study`. Comes out: every `Problem`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from boundaries.checks.areas import grid_faults
from boundaries.checks.cut_off import cut_off_problems
from boundaries.checks.named import named_problems
from boundaries.checks.odd import name_problems, odd_problems
from boundaries.checks.people import registration_problems, size_problems
from boundaries.checks.practices import member_problems, practice_problems, site_problems
from boundaries.checks.scope import find_scope
from boundaries.checks.words import counted, listing, source_file
from boundaries.checks.years import year_problems
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boundaries.checks.scope import Scope
    from boundaries.read.tables import Tables
    from boundaries.study import Study

__all__ = ["check_tables"]


def check_tables(
    tables: Tables, study: Study, *, unread: frozenset[str] = frozenset()
) -> tuple[Problem, ...]:
    """Find every fault of the data that a study uses.

    Parameters
    ----------
    tables
        As read.
    study
        What the data are used for.
    unread
        Roles of which a file could not be read (`boundaries.read.unread_roles`): what only follows
        from their absence is not said.

    Returns
    -------
    tuple[Problem, ...]
        Errors first (`boundaries.problems.raise_on_errors` stops at them), no duplicates. Faults
        of polygons against each other (overlaps, gaps, slivers) are found by
        `boundaries.place.build_place`.
    """
    problems = list(_layers(tables))
    scope, found = find_scope(tables, study)
    problems += [one for one in found if not _follows(one, unread)]
    if scope is not None:
        checks: tuple[tuple[Iterable[Problem], frozenset[str]], ...] = (
            (practice_problems(tables, scope), _AREAS | {"practices"}),
            (site_problems(tables, scope, study), _AREAS | {"practices", "postcodes"}),
            (member_problems(tables, scope), _AREAS | {"practices", "memberships", "postcodes"}),
            (registration_problems(tables, scope), _AREAS | {"practices", "postcodes"}),
            (size_problems(tables, scope), _AREAS | {"practices", "list_sizes", "postcodes"}),
            (year_problems(tables, scope), frozenset({"memberships"})),
            (named_problems(scope, study), _AREAS | {"practices", "memberships", "postcodes"}),
            (_partial_tables(tables, scope), _AREAS | {"deprivation", "centroids"}),
            (cut_off_problems(tables, scope), _AREAS | {"residents"}),
            (name_problems(tables, scope), _AREAS | {"practices", "memberships", "postcodes"}),
            (odd_problems(tables, scope), _AREAS | {"deprivation", "centroids", "residents"}),
        )
        problems += [one for found, needs in checks if not needs & unread for one in found]
    order = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: order[problem.level]))


_AREAS: Final = frozenset({"registrations", "lsoas", "boroughs", "lsoa_lookup", "wards"})
"""Roles on which it depends which LSOAs and practices are the place's."""


def _follows(problem: Problem, unread: frozenset[str]) -> bool:
    """Say whether a fault of the place's LSOAs only follows from a file that was not read."""
    needs = {"residents": {"residents"}, "borough_code": _AREAS, "boroughs": _AREAS}
    return bool(needs.get(problem.field, set()) & unread)


def _layers(tables: Tables) -> Iterator[Problem]:
    if tables.boroughs is not None:
        yield from grid_faults(tables.boroughs, source_file(tables, "boroughs"), "borough")
    if tables.wards is not None and "geometry" in tables.wards.columns:
        yield from grid_faults(tables.wards, source_file(tables, "wards"), "ward")  # type: ignore[arg-type]
    for kind, layers in (("teams", tables.teams), ("footprints", tables.footprints)):
        for name, layer in layers.items():
            if layer.polygons is not None:
                file = source_file(tables, f"{kind}.{name}")
                yield from grid_faults(layer.polygons, file, name)


def _partial_tables(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Tables that should name every LSOA of the place and do not."""
    wanted = (
        ("deprivation", tables.deprivation, "imd_decile", "deprivation decile"),
        ("centroids", tables.centroids, "easting", "population-weighted centre"),
    )
    for role, table, column, what in wanted:
        if table is None:
            continue
        known = table.drop_duplicates("lsoa_code").set_index("lsoa_code")[column]
        values = known.reindex(scope.lsoas.index)
        missing = values.index[values.isna()]
        if len(missing):
            lsoas = counted(len(missing), "LSOA")
            said = f"The file gives no {what} for {lsoas} of the place: {listing(missing)}."
            fix = f"Use a file of the layer's {tables.lsoa_year} codes; they are left blank."
            yield Problem("warning", source_file(tables, role), None, "", column, said, fix)
        if role == "deprivation":
            odd = pd.to_numeric(values, errors="coerce").dropna()
            for code in odd.index[~odd.between(1, 10)]:
                said = f"LSOA {code} has deprivation decile {odd[code]:g}; deciles run 1 to 10."
                fix = "Name the decile column, not the rank or score."
                yield Problem("error", source_file(tables, role), None, code, column, said, fix)
