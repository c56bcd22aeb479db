"""A small made-up place with a file of every kind that a study may name, for `benchmarks.fuzz`.

Goes in: an empty folder. Comes out: two studies of one place of thirty LSOAs, six practices and
three PCNs: ``today.toml`` on the shapes that are published today, ``older.toml`` on older ones.
Each reads another half of the kinds of file: CSV with and without headings, zip, workbook, GeoJSON,
GeoPackage, shapefile, KML, the study itself, and somebody's plan as tables and as polygons.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
import xlsxwriter
from shapely.geometry import LineString, box

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry import Polygon

__all__ = ["PLANS", "make_world"]

PLANS: Final = {"today": ("plan.csv", "plan-practices.csv"), "older": ("plan.gpkg", None)}
"""The plan that is scored on each study: LSOAs and practices."""

_EAST, _NORTH, _STEP = 600_000, 470_000, 1_000
_CELLS: Final = [(column, row) for row in range(5) for column in range(7)]
_SITES: Final = ((0, 1), (1, 2), (3, 1), (4, 3), (4, 0), (2, 4))
_PEOPLE: Final = (430, 260, 110, 45, 16, 7)
_OURS, _THEIRS = ("E09990001", "Wrenlet"), ("E09990002", "Otherby")

_STUDY: Final = """
[place]
boroughs = ["Wrenlet"]
made_up = true

[data]
registrations = "{registrations}"
memberships = "{memberships}"
practices = "epraccur.csv"
postcodes = "codepo_zz.zip"
lsoas = "{lsoas}"
boroughs = "{boroughs}"
residents = "{residents}"
{more}

[rules]
neighbourhoods = 3
pcn_floor = 0
{layers}
[options]
max_moves = 1
"""

_TODAY: Final = """
[teams.nursing]
label = "Nursing"
file = "nursing.geojson"
name = "TEAM"
points = "where-people-live.csv"

[teams.social_care]
label = "Social care"
file = "social-care.csv"
name = "LOCALITY"

[neighbours]
cut = "river.csv"

[[locks]]
stays = "Z99001"
reason = "a lease"
"""

_OLDER: Final = """
[teams.nursing]
label = "Nursing"
file = "nursing.kml"

[footprints.given]
file = "footprint.zip"
name = "NAME"

[barriers.roads]
file = "roads.geojson"
label = "Roads"
"""


def _square(column: int, row: int, *, width: int = 1, height: int = 1) -> Polygon:
    east, north = _EAST + _STEP * column, _NORTH + _STEP * row
    return box(east, north, east + _STEP * width, north + _STEP * height)


def make_world(folder: Path) -> None:
    """Write the files; the folder is empty."""
    codes = [f"E0199{number:04d}" for number in range(1, len(_CELLS) + 1)]
    lsoas = gpd.GeoDataFrame(
        {
            "LSOA21CD": codes,
            "LSOA21NM": [
                f"Wrenlet {number // 4 + 1:03d}{'ABCD'[number % 4]}" for number in range(35)
            ],
            "LAD24CD": [_of(column)[0] for column, _ in _CELLS],
            "LAD24NM": [_of(column)[1] for column, _ in _CELLS],
        },
        geometry=[_square(*cell) for cell in _CELLS],
        crs=27700,
    )
    people = pd.Series([1_500 + 50 * ((2 * c + 3 * r) % 7) for c, r in _CELLS])
    _areas(folder, lsoas, people)
    _tables(folder, lsoas, people)
    _practices(folder)
    _registrations(folder, codes)
    _plans(folder, lsoas)
    today = {
        "registrations": "gp-reg-pat-prac-lsoa-all.csv",
        "memberships": "epcncorepartnerdetails.csv",
        "lsoas": "lsoas.geojson", "boroughs": "lads.geojson", "residents": "residents.csv",
    }  # fmt: skip
    older = {
        "registrations": "gp-reg-pat-prac-lsoa-all.zip", "memberships": "ePCN.xlsx",
        "lsoas": "lsoas.gpkg", "boroughs": "lads.zip", "residents": "residents.xlsx",
    }  # fmt: skip
    more = (
        'list_sizes = "gp-reg-pat-prac-all.csv"\ncentroids = "centroids.csv"\n'
        'deprivation = "imd.csv"\nwards = "ward-lookup.csv"'
    )
    (folder / "today.toml").write_text(_STUDY.format(**today, more=more, layers=_TODAY))
    more = 'wards = "wards.gpkg"'
    (folder / "older.toml").write_text(_STUDY.format(**older, more=more, layers=_OLDER))


def _of(column: int) -> tuple[str, str]:
    return _OURS if column < 6 else _THEIRS


def _areas(folder: Path, lsoas: gpd.GeoDataFrame, people: pd.Series[int]) -> None:
    lsoas.to_file(folder / "lsoas.geojson", engine="pyogrio")
    lsoas.assign(residents=people).to_file(folder / "lsoas.gpkg", layer="lsoa21", engine="pyogrio")
    lads = gpd.GeoDataFrame(
        {"LAD24CD": [_OURS[0], _THEIRS[0]], "LAD24NM": [_OURS[1], _THEIRS[1]]},
        geometry=[_square(0, 0, width=6, height=5), _square(6, 0, height=5)],
        crs=27700,
    )
    lads.to_file(folder / "lads.geojson", engine="pyogrio")
    _shapefile(lads, folder / "lads.zip")
    wards = gpd.GeoDataFrame(
        {
            "WD24CD": [f"E0599{number:04d}" for number in range(1, 7)],
            "WD24NM": ["Ash", "Birch", "Cedar", "Damson", "Elder", "Fir"],
        },
        geometry=[
            _square(2 * column, row, width=2, height=height)
            for row, height in ((0, 3), (3, 2))
            for column in range(3)
        ],
        crs=27700,
    )
    wards.to_file(folder / "wards.gpkg", layer="wards", engine="pyogrio")
    nursing = gpd.GeoDataFrame(
        {"TEAM": ["West team", "East team"]},
        geometry=[box(_EAST, _NORTH, _EAST + 3_400, _NORTH + 5_000),
                  box(_EAST + 3_400, _NORTH, _EAST + 6_000, _NORTH + 5_000)],
        crs=27700,
    )  # fmt: skip
    nursing.to_file(folder / "nursing.geojson", engine="pyogrio")
    named = nursing.to_crs(4326).rename(columns={"TEAM": "Name"})
    named.to_file(folder / "nursing.kml", driver="KML", engine="pyogrio")
    given = gpd.GeoDataFrame(
        {"NAME": ["South", "Middle", "North"]},
        geometry=[_square(0, 0, width=6, height=2), _square(0, 2, width=6),
                  _square(0, 3, width=6, height=2)],
        crs=27700,
    )  # fmt: skip
    _shapefile(given, folder / "footprint.zip")
    roads = gpd.GeoDataFrame(
        {"class": ["A Road", "B Road"]},
        geometry=[LineString([(_EAST, _NORTH + 2_000), (_EAST + 6_000, _NORTH + 2_000)]),
                  LineString([(_EAST + 3_000, _NORTH), (_EAST + 3_000, _NORTH + 5_000)])],
        crs=27700,
    )  # fmt: skip
    roads.to_file(folder / "roads.geojson", engine="pyogrio")


def _shapefile(frame: gpd.GeoDataFrame, path: Path) -> None:
    inside = path.with_suffix("")
    inside.mkdir()
    frame.to_file(inside / "layer.shp", engine="pyogrio")
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(inside.iterdir()):
            archive.write(part, part.name)
            part.unlink()
    inside.rmdir()


def _tables(folder: Path, lsoas: gpd.GeoDataFrame, people: pd.Series[int]) -> None:
    names = lsoas[["LSOA21CD", "LSOA21NM"]]
    lads = lsoas[["LAD24CD", "LAD24NM"]]
    residents = pd.concat([names, lads], axis=1).assign(
        **{
            "Persons_All-Ages": people,
            "Persons_0-64": people - people // 6,
            "Persons_65+": people // 6,
        }
    )
    residents.to_csv(folder / "residents.csv", index=False)
    with xlsxwriter.Workbook(folder / "residents.xlsx") as book:
        book.add_worksheet("Contents").write(0, 0, "Mid-2024")
        sheet = book.add_worksheet("Mid-2024 LSOA 2021")
        sheet.write(0, 0, "Mid-2024 population estimates (made up)")
        rows = [list(residents.columns), *residents.itertuples(index=False)]
        for number, row in enumerate(rows, start=3):
            sheet.write_row(number, 0, list(row))
    middle = lsoas.geometry.centroid
    pd.DataFrame(
        {"FID": range(1, 36), "LSOA21CD": lsoas["LSOA21CD"], "x": middle.x + 40, "y": middle.y - 30}
    ).to_csv(folder / "centroids.csv", index=False)
    rank, decile = (
        f"Index of Multiple Deprivation (IMD) {what} (where 1 is most deprived{more})"
        for what, more in (("Rank", ""), ("Decile", " 10% of LSOAs"))
    )
    pd.DataFrame(
        {
            "LSOA code (2021)": lsoas["LSOA21CD"],
            "LSOA name (2021)": lsoas["LSOA21NM"],
            rank: [900 + 917 * number for number in range(35)],
            decile: [1 + (900 + 917 * number) // 3376 for number in range(35)],
        }
    ).to_csv(folder / "imd.csv", index=False)
    ward = [(column // 2) + 3 * (row // 3) + 1 if column < 6 else 7 for column, row in _CELLS]
    words = ["Ash", "Birch", "Cedar", "Damson", "Elder", "Fir", "Gorse"]
    pd.concat([names, lads], axis=1).assign(
        WD24CD=[f"E0599{number:04d}" for number in ward],
        WD24NM=[words[number - 1] for number in ward],
    ).to_csv(folder / "ward-lookup.csv", index=False)
    pd.DataFrame(
        {
            "WD24CD": [f"E0599{number:04d}" for number in range(1, 7)],
            "WD24NM": words[:6],
            "LOCALITY": ["West", "West", "East", "West", "East", "East"],
        }
    ).to_csv(folder / "social-care.csv", index=False)
    spots = [(c, r, x, y) for c, r in _CELLS for x, y in ((250, 250), (700, 400), (500, 800))]
    pd.DataFrame(
        {
            "OA21CD": [f"E0099{number:04d}" for number in range(1, len(spots) + 1)],
            "easting": [_EAST + _STEP * c + x for c, _, x, _ in spots],
            "northing": [_NORTH + _STEP * r + y for _, r, _, y in spots],
            "residents": [400 + 25 * (number % 5) for number in range(len(spots))],
        }
    ).to_csv(folder / "where-people-live.csv", index=False)
    codes = lsoas["LSOA21CD"]
    pairs = [(codes[3 + 7 * row], codes[4 + 7 * row]) for row in range(4)]
    pd.DataFrame(pairs, columns=["lsoa_code_a", "lsoa_code_b"]).to_csv(
        folder / "river.csv", index=False
    )


def _practices(folder: Path) -> None:
    rows, partners, places = [], [], []
    for number, (column, row) in enumerate(_SITES, start=1):
        code, postcode = f"Z9900{number}", f"ZZ{number} 1AA"
        name, pcn = f"SURGERY {number}", f"U9900{(number + 1) // 2}"
        cells = [
            code, name, "Y99", "Q99", f"{number} MADE-UP STREET", "", "MADE UP", "", "", postcode,
            "19740401", "", "ACTIVE", "B", "99Z", "20200401", "", "", "", "", "", "1", "", "99Z",
            "", "RO76", "",
        ]  # fmt: skip
        rows.append(",".join(f'"{cell}"' for cell in cells))
        where = ["99Z", "NHS MADE-UP ICB - 99Z"]
        partners.append([code, name, *where, pcn, f"PCN {pcn[-1]}", *where, "20190701", "", "1"])
        east, north = _EAST + _STEP * column + 420, _NORTH + _STEP * row + 610
        places.append(f'"{postcode}",10,{east},{north},"E92000001","","E18","","E09990001","E0599"')
    rows += [rows[0].replace("Z99001", "Z99008").replace("ACTIVE", "INACTIVE")]
    (folder / "epraccur.csv").write_text("\r\n".join(rows) + "\r\n")
    lines = [",".join(f'"{cell}"' for cell in cells) for cells in partners]
    (folder / "epcncorepartnerdetails.csv").write_text("\r\n".join(lines) + "\r\n")
    with zipfile.ZipFile(folder / "codepo_zz.zip", "w") as archive:
        archive.writestr("Data/CSV/zz.csv", "\r\n".join(places) + "\r\n")
    head = [
        "Partner\nOrganisation\nCode", "Partner\nName", "Practice\nParent\nSub ICB Loc Code",
        "Practice Parent Sub ICB Name", "PCN Code", "PCN Name", "PCN Parent\nSub ICB Loc Code",
        "PCN Parent Sub ICB Name", "Practice to PCN\nRelationship\nStart Date",
        "Practice to PCN\nRelationship\nEnd Date", "Practice and PCN Parent match?",
    ]  # fmt: skip
    with xlsxwriter.Workbook(folder / "ePCN.xlsx") as book:
        sheet = book.add_worksheet("PCN Core Partner Details")
        for number, row in enumerate([head, *([*one[:8], 20190701, "", 1] for one in partners)]):
            sheet.write_row(number, 0, row)


def _registrations(folder: Path, codes: list[str]) -> None:
    rows, sizes = [], []
    for number, (column, row) in enumerate(_SITES, start=1):
        code, total = f"Z9900{number}", 0
        for cell, lsoa in zip(_CELLS, codes, strict=True):
            far = max(abs(cell[0] - column), abs(cell[1] - row))
            patients = _PEOPLE[min(far, 5)] - 3 * ((cell[0] * 7 + cell[1] + number) % 2)
            total += patients
            rows.append((code, f"SURGERY {number}", lsoa, "ALL", patients))
        rows.append((code, f"SURGERY {number}", "NO2021", "ALL", 3))
        sizes.append((code, f"ZZ{number} 1AA", "ALL", "ALL", total + 3))
    head = ["PRACTICE_CODE", "PRACTICE_NAME", "LSOA_CODE", "SEX", "NUMBER_OF_PATIENTS"]
    frame = pd.DataFrame(rows, columns=head)
    frame.insert(0, "EXTRACT_DATE", "01Oct2025")
    frame.insert(0, "PUBLICATION", "GP_PRAC_PAT_LIST")
    frame.to_csv(folder / "gp-reg-pat-prac-lsoa-all.csv", index=False)
    with zipfile.ZipFile(folder / "gp-reg-pat-prac-lsoa-all.zip", "w") as archive:
        archive.write(folder / "gp-reg-pat-prac-lsoa-all.csv", "gp-reg-pat-prac-lsoa-all.csv")
    lists = pd.DataFrame(sizes, columns=["CODE", "POSTCODE", "SEX", "AGE", "NUMBER_OF_PATIENTS"])
    lists.insert(0, "TYPE", "GP")
    lists.insert(0, "EXTRACT_DATE", "01Oct2025")
    lists.insert(0, "PUBLICATION", "GP_PRAC_PAT_LIST")
    lists.to_csv(folder / "gp-reg-pat-prac-all.csv", index=False)


def _plans(folder: Path, lsoas: gpd.GeoDataFrame) -> None:
    ours = lsoas[lsoas["LAD24CD"] == _OURS[0]]
    third = [f"Part {1 + (_CELLS[number][0] // 2)}" for number in ours.index]
    plan = ours[["LSOA21CD"]].assign(neighbourhood=third)
    plan.rename(columns={"LSOA21CD": "lsoa_code"}).to_csv(folder / "plan.csv", index=False)
    pd.DataFrame(
        {
            "practice_code": [f"Z9900{number}" for number in range(1, 7)],
            "neighbourhood": [f"Part {1 + column // 2}" for column, _ in _SITES],
        }
    ).to_csv(folder / "plan-practices.csv", index=False)
    shapes = ours[["geometry"]].assign(name=third).dissolve("name").reset_index()
    shapes.to_file(folder / "plan.gpkg", layer="plan", engine="pyogrio")
