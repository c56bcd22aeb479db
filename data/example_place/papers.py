"""The files, each in its publisher's own format: headings, quoting, order and odd habits.

Goes in: areas, practices, registrations. Comes out: files in a folder. Next: `boundaries.read`,
which must not be able to tell them from real ones by their form.

Every byte is settled here: no time of day, no compression, no library's own way of writing.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from example_place.areas import BOROUGHS, Areas
from example_place.ground import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from example_place.patches import Patches

EXTRACT = "01Oct2025"
ICB = ("E54990001", "Q99", "NHS Made-up Integrated Care Board")
SUB_ICB = ("E38990001", "99Z", "NHS Made-up ICB - 99Z")
REGION = ("E40990001", "Y99", "Made-up Region")
NOT_PRACTICES = (  # what else the national list holds: closed practices, and who is not a practice
    ("Z99041", "FORMER LOCK STREET SURGERY", "20190331", "C", "4"),
    ("Z99042", "FORMER DR OAKAPPLE AND PARTNERS", "20231130", "C", "4"),
    ("Z99051", "WRENBOURNE WALK-IN CENTRE", "", "A", "1"),
    ("Z99052", "WRENBOURNE OUT OF HOURS", "", "A", "2"),
)


def write_papers(
    folder: Path,
    areas: Areas,
    patches: Patches,
    practices: pd.DataFrame,
    registrations: pd.DataFrame,
) -> None:
    """Write every file of the example into a folder that exists."""
    practices = practices.assign(postcode=_postcodes(practices))
    files = {
        "gp-reg-pat-prac-lsoa-all.csv": _registrations(practices, registrations),
        "gp-reg-pat-prac-map.csv": _map(practices),
        "epraccur.csv": _epraccur(practices),
        "lsoa21.geojson": _lsoas(areas.lsoas),
        "lad22.geojson": _boroughs(areas.lsoas),
        "lsoa21-ward24-lad24.csv": _wards(areas.lsoas),
        "lsoa21-mid2024-population.csv": _population(areas.lsoas),
        "lsoa21-centroids.csv": _centroids(areas.lsoas),
        "imd2025-lsoa21.csv": _deprivation(areas.lsoas),
        "community-nursing.geojson": _nursing(patches.nursing),
        "adult-social-care.csv": _localities(patches.localities),
        "where-people-live.csv": _points(patches.points),
        "river-cut-pairs.csv": _table(patches.cuts.columns, patches.cuts.to_numpy().tolist()),
    }
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("latin-1" if name == "epraccur.csv" else "utf-8"))
    _code_point(folder / "codepo_zz.zip", practices, areas)


def _table(
    heading: Iterable[str] | None,
    rows: Iterable[Iterable[object]],
    *,
    end: str = "\n",
    quoting: int = csv.QUOTE_MINIMAL,
) -> str:
    into = io.StringIO()
    writer = csv.writer(into, lineterminator=end, quoting=quoting)
    if heading is not None:
        writer.writerow(heading)
    writer.writerows(rows)
    return into.getvalue()


def _registrations(practices: pd.DataFrame, registrations: pd.DataFrame) -> str:
    """NHS England, Patients Registered at a GP Practice, by LSOA (CRLF, as published)."""
    name = practices.set_index("code")["name"]
    heading = (
        "PUBLICATION", "EXTRACT_DATE", "PRACTICE_CODE", "PRACTICE_NAME", "LSOA_CODE", "SEX",
        "NUMBER_OF_PATIENTS",
    )  # fmt: skip
    rows = (
        ("GP_PRAC_PAT_LIST", EXTRACT, code, name[code], lsoa, "ALL", patients)
        for code, lsoa, patients in registrations.itertuples(index=False)
    )
    return _table(heading, rows, end="\r\n")


def _map(practices: pd.DataFrame) -> str:
    """NHS England, the mapping file of the same publication: U stands for no PCN."""
    heading = (
        "PUBLICATION", "EXTRACT_DATE", "PRACTICE_CODE", "PRACTICE_NAME", "PRACTICE_POSTCODE",
        "PCN_CODE", "PCN_NAME", "ONS_SUB_ICB_LOCATION_CODE", "SUB_ICB_LOCATION_CODE",
        "SUB_ICB_LOCATION_NAME", "ONS_ICB_CODE", "ICB_CODE", "ICB_NAME", "ONS_COMM_REGION_CODE",
        "COMM_REGION_CODE", "COMM_REGION_NAME", "SUPPLIER_NAME",
    )  # fmt: skip
    rows = (
        ("GP_PRAC_PAT_LIST", EXTRACT, p.code, p.name, p.postcode, p.pcn_code, p.pcn_name,
         *SUB_ICB, *ICB, *REGION, "MADE UP")
        for p in practices[practices["status"] == "A"].itertuples(index=False)
    )  # fmt: skip
    return _table(heading, rows)


def _epraccur(practices: pd.DataFrame) -> str:
    """NHS England (ODS), GP practices: 27 columns, no heading, everything in quotation marks."""
    rows = [
        _epraccur_row(p.code, p.name, p.postcode, "20191231" if p.status == "D" else "", p.status)
        for p in practices.itertuples(index=False)
    ]
    rows += [
        _epraccur_row(code, name, "ZZ1 9ZZ", closed, status, setting)
        for code, name, closed, status, setting in NOT_PRACTICES
    ]
    return _table(None, sorted(rows), quoting=csv.QUOTE_ALL)


def _epraccur_row(
    code: str, name: str, postcode: str, closed: str, status: str, setting: str = "4"
) -> list[str]:
    row = [""] * 27
    row[0:5] = code, name, REGION[1], ICB[1], "1 MADE-UP STREET"
    row[6:13] = "MADE UP", "", "", postcode, "19740401", "" if status == "D" else closed, status
    row[13:17] = "B", SUB_ICB[1], "20200401", ""
    row[21], row[23], row[25] = "0", SUB_ICB[1], setting
    return row


def _postcodes(practices: pd.DataFrame) -> list[str]:
    """Return a postcode for each practice in an area, ZZ, that does not exist."""
    sector = practices["where"].map({"own": 1, "edge": 2, "far": 9})
    number = practices.groupby("where").cumcount()
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return [
        f"ZZ{s} {1 + n // 20}{letters[n % 20]}{letters[(7 * n + s) % 20]}"
        for s, n in zip(sector, number, strict=True)
    ]


def _code_point(path: Path, practices: pd.DataFrame, areas: Areas) -> None:
    """Ordnance Survey, Code-Point Open: one file a postcode area, 10 columns, no heading."""
    shapely.prepare(areas.lsoas.geometry.to_numpy())
    rows = []
    for p in practices.sort_values("postcode").itertuples(index=False):
        home = areas.lsoas[shapely.contains_xy(areas.lsoas.geometry.to_numpy(), p.x, p.y)]
        district = home["borough_code"].iloc[0] if len(home) else "E09990099"
        ward = home["ward_code"].iloc[0] if len(home) else "E05990099"
        east, north = round(ORIGIN[0] + p.x), round(ORIGIN[1] + p.y)
        rows.append(
            f'"{p.postcode}",10,{east},{north},"E92000001","","","","{district}","{ward}"\n'
        )
    names = (
        "Postcode,Positional_quality_indicator,Eastings,Northings,Country_code,"
        "NHS_regional_HA_code,NHS_HA_code,Admin_county_code,Admin_district_code,Admin_ward_code"
    )
    members = {
        "Doc/Code-Point_Open_Column_Headers.csv": f"PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\n{names}\n",
        "Doc/readme.txt": "Made up, in the form of OS Code-Point Open. No such postcodes exist.\n",
        "Data/CSV/zz.csv": "".join(rows),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, text in members.items():
            entry = zipfile.ZipInfo(name, (2025, 10, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, text)


def _features(name: str, frame: gpd.GeoDataFrame, fields: dict[str, str]) -> str:
    """Write polygons as GeoJSON in British National Grid, one feature a line."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {field: row[column] for field, column in fields.items()},
                "geometry": {"type": "Polygon", "coordinates": _rings(row["geometry"])},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for row in frame.to_dict("records")
    ]
    head = {
        "type": "FeatureCollection",
        "name": name,
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},
    }
    opened = json.dumps(head, separators=(",", ":"))[:-1]
    return f'{opened},"features":[\n' + ",\n".join(lines) + "\n]}\n"


def _rings(shape: shapely.Polygon) -> list[list[list[float]]]:
    shape = shapely.normalize(shape)
    return [
        [[round(ORIGIN[0] + x, 1), round(ORIGIN[1] + y, 1)] for x, y in ring.coords]
        for ring in (shape.exterior, *shape.interiors)
    ]


def _lsoas(lsoas: gpd.GeoDataFrame) -> str:
    """ONS, Lower layer Super Output Areas (2021) boundaries."""
    fields = {
        "LSOA21CD": "code", "LSOA21NM": "name", "MSOA21CD": "msoa_code", "MSOA21NM": "msoa_name",
        "LAD22CD": "borough_code", "LAD22NM": "borough_name",
    }  # fmt: skip
    return _features("LSOA_2021_made_up", lsoas, fields)


def _boroughs(lsoas: gpd.GeoDataFrame) -> str:
    """ONS, Local Authority Districts boundaries."""
    rows = []
    for code, name in BOROUGHS:
        own = lsoas[lsoas["borough_code"] == code]
        merged = shapely.coverage_union_all(own.geometry.to_numpy())
        rows += [
            {"code": code, "name": name, "geometry": part} for part in shapely.get_parts(merged)
        ]
    frame = gpd.GeoDataFrame(rows, geometry="geometry")
    return _features("LAD_2022_made_up", frame, {"LAD22CD": "code", "LAD22NM": "name"})


def _wards(lsoas: gpd.GeoDataFrame) -> str:
    """ONS, LSOA (2021) to ward (2024) to LAD (2024) best fit lookup."""
    heading = (
        "LSOA21CD", "LSOA21NM", "LSOA21NMW", "WD24CD", "WD24NM", "WD24NMW", "LAD24CD", "LAD24NM",
        "LAD24NMW", "ObjectId",
    )  # fmt: skip
    rows = (
        (a.code, a.name, "", a.ward_code, a.ward_name, "", a.borough_code, a.borough_name, "", n)
        for n, a in enumerate(lsoas.itertuples(index=False), start=1)
    )
    return _table(heading, rows)


def _population(lsoas: gpd.GeoDataFrame) -> str:
    """ONS, mid-year population estimates of LSOAs (2021) by broad ages."""
    ages = ("0-15", "16-29", "30-44", "45-64", "65+")
    heading = ("LSOA21CD", "LSOA21NM", "LAD22CD", "LAD22NM", "Persons_All-Ages")
    rows = []
    for a in lsoas.itertuples(index=False):
        younger = a.residents - a.over_65
        children, young, middle = (round(younger * share) for share in (0.22, 0.24, 0.29))
        older = younger - children - young - middle
        people = (a.residents, children, young, middle, older, a.over_65)
        rows.append((a.code, a.name, a.borough_code, a.borough_name, *people))
    return _table((*heading, *(f"Persons_{age}" for age in ages)), rows)


def _centroids(lsoas: gpd.GeoDataFrame) -> str:
    """ONS, LSOA (2021) population weighted centroids."""
    rows = (
        (n, a.code, round(ORIGIN[0] + a.x, 1), round(ORIGIN[1] + a.y, 1))
        for n, a in enumerate(lsoas.itertuples(index=False), start=1)
    )
    return _table(("FID", "LSOA21CD", "x", "y"), rows)


def _deprivation(lsoas: gpd.GeoDataFrame) -> str:
    """MHCLG, English Indices of Deprivation 2025, File 1."""
    heading = (
        "LSOA code (2021)", "LSOA name (2021)", "Local Authority District code (2024)",
        "Local Authority District name (2024)",
        "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)",
        "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
    )  # fmt: skip
    rows = (
        (a.code, a.name, a.borough_code, a.borough_name, a.rank, a.tenth)
        for a in lsoas.itertuples(index=False)
    )
    return _table(heading, rows)


def _nursing(patches: gpd.GeoDataFrame) -> str:
    """Write a provider's own layer: patches drawn along streets."""
    return _features("community_nursing_made_up", patches, {"TEAM": "name"})


def _localities(localities: pd.DataFrame) -> str:
    """Write a council's own lookup: localities made of wards."""
    return _table(("WD24CD", "WD24NM", "LOCALITY"), localities.itertuples(index=False))


def _points(points: pd.DataFrame) -> str:
    """Where people live, a few points an LSOA, like output areas' weighted centroids."""
    rows = (
        (f"E0099{n:04d}", round(ORIGIN[0] + p.x, 1), round(ORIGIN[1] + p.y, 1), p.residents)
        for n, p in enumerate(points.itertuples(index=False), start=1)
    )
    return _table(("OA21CD", "easting", "northing", "residents"), rows)
