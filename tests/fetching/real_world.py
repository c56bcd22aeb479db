"""The publishers as they were in 2022, from the real files beside the checkout."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
from tests.fetching.publishers import World, as_frame
from tests.fetching.worlds import (
    ODS,
    add_deprivation,
    add_month,
    add_postcodes,
    core_partners,
    zipped,
)

if TYPE_CHECKING:
    from pathlib import Path

LSOA_ALL = "gp-reg-pat-prac-lsoa-all.csv"
AROUND = {"ha", "nw", "w", "ub", "kt", "sw", "tw", "sm"}
"""Postcode areas of Brent and Kingston, and next to them."""
DECILE = "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)"


def real_world(data: Path) -> World:
    """Registrations of 1 July 2022 and areas of Brent, Kingston and Leeds, LSOAs of 2011.

    To save time only practices with patients in the three are published, and the postcodes around
    them. Two things are stand-ins: wards are put together from LSOAs, and the centroids are those
    of the polygons.
    """
    world, published = World(page_of_layer=2000), data / "published"
    nhs = published / "nhs"
    areas = lsoas(data)
    mapping = (nhs / "gp-reg-pat-prac-map_2022-01.csv").read_bytes()
    whole = nhs / "gp-reg-pat-prac-lsoa-male-female-July-2022.zip"
    registered = registrations(whole, set(areas["lsoa11cd"]))
    add_month(world, {
        "gp-reg-pat-prac-lsoa-male-female-July-22.zip": zipped({LSOA_ALL: registered}),
        "gp-reg-pat-prac-map.zip": zipped({"gp-reg-pat-prac-map.csv": mapping}),
    })  # fmt: skip
    world.files[f"{ODS}?report=epraccur"] = (nhs / "epraccur_2022-12.csv").read_bytes()
    world.files[f"{ODS}?report=epcncorepartnerdetails"] = partners(nhs / "ePCN_2023-01.xlsx")
    add_postcodes(world, postcodes(data))
    deprivation = areas[["lsoa11cd", "lsoa11nm", "imd2019_decile"]].copy()
    deprivation.columns = ["LSOA code (2011)", "LSOA name (2011)", DECILE]
    deprivation[DECILE] = deprivation[DECILE].astype(int)
    add_deprivation(world, deprivation.to_csv(index=False).encode(), issue=2019)
    world.cells["NM_2010_1"] = pd.DataFrame(
        {
            "name": areas["lsoa11nm"].to_numpy(),
            "200": areas["pop_mid2020"].to_numpy(),
            "209": areas["pop65_mid2020"].to_numpy(),
        },
        index=areas["lsoa11cd"],
    )
    world.year = "2020"
    add_layers(world, published / "ons", areas)
    return world


def lsoas(data: Path) -> gpd.GeoDataFrame:
    london = gpd.read_file(data / "london" / "lsoas11.gpkg")
    leeds = gpd.read_file(data / "england" / "leeds" / "lsoas11.gpkg")
    london = london[london["lsoa11nm"].str.contains("^(?:Brent|Kingston upon Thames) ")]
    columns = [name for name in leeds.columns if name in london.columns]
    return pd.concat([london[columns], leeds[columns]], ignore_index=True)


def registrations(archive: Path, inside: set[str]) -> bytes:
    """The rows of every practice that has a patient inside, as they are published."""
    with zipfile.ZipFile(archive) as opened:
        lines = opened.read(LSOA_ALL).splitlines(keepends=True)
    cells = [line.split(b",") for line in lines]
    codes = {code.encode() for code in inside}
    practices = {row[2] for row in cells if row[-3].strip(b'"') in codes}
    kept = (line for line, row in zip(lines, cells, strict=True) if row[2] in practices)
    return lines[0] + b"".join(kept)


def partners(workbook: Path) -> bytes:
    """The workbook's sheet in the shape of today's report."""
    table = pd.read_excel(
        workbook, sheet_name="PCN Core Partner Details", dtype=str, engine="calamine"
    )
    table = table.fillna("")
    table.columns = [" ".join(str(name).split()) for name in table.columns]
    rows = []
    for row in table.to_dict("records"):
        dates = [key for key in table.columns if key.endswith(("Start Date", "End Date"))]
        start, end = (row[key].replace("-", "")[:8] for key in dates)
        rows.append((row["Partner Organisation Code"], row["Partner Name"], row["PCN Code"],
                     row["PCN Name"], start, end))  # fmt: skip
    return core_partners(rows)


def postcodes(data: Path) -> bytes:
    """Code-Point Open of London, and the postcodes of the practices of Leeds."""
    with zipfile.ZipFile(data / "published" / "os" / "codepo_london.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name[9:-4] in AROUND}
    leeds = pd.read_csv(data / "england" / "leeds" / "practices.csv", dtype=str)
    leeds = leeds.drop_duplicates("postcode")
    table = leeds.assign(
        quality="10", country="E92000001", region="", authority="", county="", ward=""
    )[["postcode", "quality", "easting", "northing", "country", "region", "authority", "county",
       "borough_code", "ward"]]  # fmt: skip
    text = io.StringIO()
    table.to_csv(text, index=False, header=False, quoting=1, lineterminator="\r\n")
    return zipped(files | {"Data/CSV/ls.csv": text.getvalue().encode()})


def add_layers(world: World, ons: Path, areas: gpd.GeoDataFrame) -> None:
    wards = pd.read_csv(
        ons / "LSOA_(2021)_to_Ward_(2022)_to_LAD_(2022)_Lookup_EW_v3.csv.gz", dtype=str
    )
    links = pd.read_csv(
        ons / "LSOA_(2011)_to_LSOA_(2021)_to_LAD_(2022)_Lookup_EW.csv.gz",
        dtype=str,
        encoding="utf-8-sig",
    )
    world.layers["LSOA21_WD22_LAD22_EW_LU_v3"] = wards.drop(columns="ObjectId")
    world.layers["LSOA11_LSOA21_LAD22_EW_LU_v5"] = links.drop(columns="ObjectId")
    world.layers["LSOA11_LSOA21_LAD22_EW_LU"] = links.head(0)
    names = {"lsoa11cd": "LSOA11CD", "lsoa11nm": "LSOA11NM"}
    service = "LSOA_Dec_2011_Boundaries_Generalised_Clipped_BGC_EW_V3"
    world.layers[f"{service}_2022"] = as_frame(areas, names)
    world.layers[service] = as_frame(areas, names).head(0)
    points = areas.set_geometry(areas.centroid)
    world.layers["LSOA_Dec_2011_PWC_in_England_and_Wales_2022"] = as_frame(
        points, {"lsoa11cd": "lsoa11cd"}
    )
    first = links.drop_duplicates("F_LSOA11CD").merge(
        wards[["LSOA21CD", "WD22CD", "WD22NM"]], on="LSOA21CD"
    )
    placed = areas.merge(first, left_on="lsoa11cd", right_on="F_LSOA11CD")
    placed = placed[placed["LAD22CD"].isin({"E09000005", "E09000021", "E08000035"})]
    columns = ["WD22CD", "WD22NM", "LAD22CD", "LAD22NM", "geometry"]
    world.layers["WD_MAY_2022_UK_BGC"] = placed[columns].dissolve("WD22CD", as_index=False)
    world.layers["LAD_MAY_2022_UK_BGC"] = placed[columns[2:]].dissolve("LAD22CD", as_index=False)
