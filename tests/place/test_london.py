"""The real London of July 2022, through the readers: counts that were worked out beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from boundaries.checks import check_tables
from boundaries.place import Place, build_place, read_place, write_place
from boundaries.place.neighbours import find_pieces
from boundaries.read import read_tables
from boundaries.study import parse_study

if TYPE_CHECKING:
    from pathlib import Path

    from boundaries.problems import Problem

pytestmark = pytest.mark.london

STUDY = """
[place]
boroughs = {boroughs}
include_practices = {include}
[data]
registrations = [
  "london/registrations.parquet",
  "london/registrations_london_residents_at_other_practices.parquet",
]
practices = "london/practices.csv"
memberships_on = 2022-07-01
{lsoas}
wards = "london/wards25.gpkg"
[rules]
neighbourhoods = 5
"""
OF_2011 = 'lsoas = "london/lsoas11.gpkg"\nresidents_column = "pop_mid2020"'
OF_2021 = (
    'lsoas = "london/lsoas21.gpkg"\nresidents_column = "pop_census2021"\n'
    'lsoa_lookup = "london/lsoa11_to_lsoa21.csv"'
)
ELSEWHERE = ["Y06487"]
"""Of a London board, and stands in Birmingham."""


def build(
    london: Path, boroughs: list[str], lsoas: str, include: tuple[str, ...] = ()
) -> tuple[Place, tuple[Problem, ...]]:
    text = STUDY.format(boroughs=boroughs, include=list(include), lsoas=lsoas)
    study = parse_study(text, folder=london)
    tables, unread = read_tables(study)
    problems = (*unread, *check_tables(tables, study))
    assert [str(problem) for problem in problems if problem.level == "error"] == []
    place, found = build_place(tables, study)
    return place, (*problems, *found)


@pytest.fixture(scope="module")
def all_boroughs(london: Path) -> list[str]:
    names = _names(london / "london" / "borough_summary.csv")
    assert len(names) == 33
    return names


def _names(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    names = [line.split(",")[0] for line in lines]
    return [name for name in names if name not in ("Birmingham", "TOTAL", "")]


def test_all_london(london, all_boroughs):
    place, problems = build(london, all_boroughs, OF_2011, tuple(ELSEWHERE))

    assert len(place.lsoas) == 4_835
    assert len(place.practices) == 1_183
    assert place.practices["list_size"].sum() == 10_697_223
    assert place.practices["pcn_code"].isna().sum() == 20
    assert len(place.pcns) == 198
    assert place.practices["patients_inside"].sum() == place.registrations["patients"].sum()
    special = [problem for problem in problems if problem.code == "NO2011"]
    assert [problem.level for problem in special] == ["note"]
    assert "5,089 patients" in special[0].said
    warned = {problem.code for problem in problems if problem.level == "warning"}
    assert {"F83658", "E85124"} <= warned
    dormant = [problem for problem in problems if "is dormant" in problem.said]
    assert len(dormant) == 14
    for name, lsoas in place.lsoas.groupby("borough_name"):
        inside = place.neighbours["lsoa_code_a"].isin(lsoas.index)
        inside &= place.neighbours["lsoa_code_b"].isin(lsoas.index)
        assert len(find_pieces(place.neighbours[inside], lsoas.index)) == 1, name


def test_brent_neighbours_are_those_of_a_slower_way(london):
    place, _ = build(london, ["Brent"], OF_2011)
    shapes, codes = place.lsoas.geometry.to_numpy(), place.lsoas.index
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    metres = shapely.length(shapely.intersection(shapes[left], shapes[right]))
    slow = {
        tuple(sorted((codes[one], codes[other]))): length
        for one, other, length in zip(left, right, metres, strict=True)
        if length > 0
    }
    ours = place.neighbours.set_index(["lsoa_code_a", "lsoa_code_b"])["border_m"]
    assert set(ours.index) == set(slow)
    assert max(abs(ours[pair] - length) for pair, length in slow.items()) < 0.001


def test_tower_hamlets_by_2021_lsoas_keeps_every_patient(london, tmp_path):
    older, _ = build(london, ["Tower Hamlets"], OF_2011)
    place, problems = build(london, ["Tower Hamlets"], OF_2021)

    assert len(place.lsoas) == 169
    columns = ["list_size", "patients_inside", "patients_outside", "pcn_code"]
    assert place.practices[columns].equals(older.practices[columns])
    assert place.elsewhere["patients"].sum() == older.elsewhere["patients"].sum()
    assert 0.2 < place.modelled_share < 0.25
    assert any("of the patients counted live in LSOAs" in problem.said for problem in problems)
    write_place(place, tmp_path)
    again = read_place(tmp_path)
    assert again.registrations.equals(place.registrations)
    assert again.lsoas.geometry.geom_equals_exact(place.lsoas.geometry, 0).all()


def test_camden_from_national_files_has_no_practice_of_elsewhere(london):
    """The practice file is England's, the postcodes and registrations are London's only."""
    text = STUDY.format(boroughs=["Camden"], include=[], lsoas=OF_2011).replace(
        'practices = "london/practices.csv"',
        'practices = "published/nhs/epraccur_2022-12.csv"\n'
        'memberships = "published/nhs/ePCN_2023-01.xlsx"\n'
        'postcodes = "published/os/codepo_london.zip"',
    )
    study = parse_study(text, folder=london)
    tables, _ = read_tables(study)
    place, _ = build_place(tables, study)
    tidy, _ = build(london, ["Camden"], OF_2011)
    assert len(place.practices) == 32
    columns = ["list_size", "patients_inside", "pcn_code"]
    assert place.practices[columns].equals(tidy.practices[columns])
    assert place.practices.geometry.is_empty.sum() == 1
