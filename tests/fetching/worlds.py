"""What the publishers of the tests publish: the made-up example, or the real files of 2022."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
from tests.fetching.publishers import PAGES, World, as_frame, page

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"
NHS = "files.digital.nhs.uk"
ODS = "www.odsdatasearchandexport.nhs.uk/api/getReport"
OS = "api.os.uk/downloads/v1/products/CodePointOpen/downloads"
GOV = "assets.publishing.service.gov.uk/media"
DECOYS = (
    "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V4",
    "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BFC_V10",
    "LSOA_2021_EW_NC_v3",
    "LSOA21_WD22_LAD22_EW_LU_v3",
    "Wards_December_2022_Boundaries_GB_BGC",
    "WD_DEC_2025_UK_BSC",
    "Local_Authority_Districts_May_2023_UK_BGC_V2",
    "LSOA11_LSOA21_LAD22_EW_LU",
    "LSOA_Dec_2011_Boundaries_Generalised_Clipped_BGC_EW_V3",
)
"""Older, finer or coarser services that must not be taken; they have no rows."""


def quarters(today: datetime) -> list[str]:
    """The quarter that today is in, and the one before it, as pages are named."""
    month = (today.month - 1) // 3 * 3 + 1
    names = {1: "january", 4: "april", 7: "july", 10: "october"}
    before = (today.year, month - 3) if month > 1 else (today.year - 1, 10)
    return [f"{names[month]}-{today.year}", f"{names[before[1]]}-{before[0]}"]


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 10, 15, 0, 0, 0)), body)
    return stream.getvalue()


def core_partners(rows: list[tuple[str, str, str, str, str, str]]) -> bytes:
    """The report epcncorepartnerdetails: practice, name, PCN, its name, start, end; no headings."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for practice, name, pcn, pcn_name, start, end in rows:
        here = ("99Z", "NHS ICB - 99Z")
        writer.writerow([practice, name, *here, pcn, pcn_name, *here, start, end, "Yes"])
    return text.getvalue().encode()


def example_world() -> World:
    """The made-up borough, published as today's publishers do."""
    world = World()
    lsoa = gpd.read_file(EXAMPLE / "lsoa21.geojson")
    wards = pd.read_csv(EXAMPLE / "lsoa21-ward24-lad24.csv", dtype=str).fillna("")
    lsoa = lsoa.merge(wards[["LSOA21CD", "WD24CD", "WD24NM"]], on="LSOA21CD", how="left")
    people = pd.read_csv(EXAMPLE / "lsoa21-mid2024-population.csv").set_index("LSOA21CD")
    centroids = pd.read_csv(EXAMPLE / "lsoa21-centroids.csv").set_index("LSOA21CD")
    districts = gpd.read_file(EXAMPLE / "lad22.geojson")
    everybody = "gp-reg-pat-prac-lsoa-all.csv"
    mapping = (EXAMPLE / "gp-reg-pat-prac-map.csv").read_bytes()
    add_month(world, {
        "gp-reg-pat-prac-lsoa-2021-male-female-Oct-26.zip": zipped(
            {everybody: (EXAMPLE / everybody).read_bytes()}
        ),
        "gp-reg-pat-prac-lsoa-2011-male-female-Oct-26.zip": b"of another census",
        "gp-reg-pat-prac-map.zip": zipped({"gp-reg-pat-prac-map.csv": mapping}),
    })  # fmt: skip
    world.files[f"{ODS}?report=epraccur"] = (EXAMPLE / "epraccur.csv").read_bytes()
    world.files[f"{ODS}?report=epcncorepartnerdetails"] = core_partners(
        [(r["PRACTICE_CODE"], r["PRACTICE_NAME"], r["PCN_CODE"], r["PCN_NAME"], "20200401", "")
         for r in csv.DictReader(io.StringIO(mapping.decode())) if len(r["PCN_CODE"]) == 6]
    )  # fmt: skip
    add_postcodes(world, (EXAMPLE / "codepo_zz.zip").read_bytes())
    add_deprivation(world, (EXAMPLE / "imd2025-lsoa21.csv").read_bytes(), issue=2025)
    short = {"LAD22CD": "lad", "LAD22NM": "lad_name", "WD24CD": "ward", "WD24NM": "ward_name"}
    add_layers_2021(world, lsoa.rename(columns=short), districts.rename(columns=short))
    points = gpd.GeoDataFrame(
        {"LSOA21CD": centroids.index},
        geometry=gpd.points_from_xy(centroids["x"], centroids["y"]), crs=27700,
    )  # fmt: skip
    world.layers["LSOA_PopCentroids_EW_2021_V4"] = points
    world.cells["NM_2014_1"] = pd.DataFrame(
        {
            "name": people["LSOA21NM"],
            "200": people["Persons_All-Ages"],
            "209": people["Persons_65+"],
        }
    )
    return world


def add_month(world: World, files: dict[str, bytes]) -> None:
    """A month's page with its links; that of the newest quarter is not out yet."""
    _, month = quarters(datetime.now(UTC))
    placed = {f"{NHS}/9A/{n:06d}/{name}": body for n, (name, body) in enumerate(files.items())}
    links = [f"https://{path}" for path in sorted(placed, reverse=True)]
    links += ["https://example.invalid/gp-reg-pat-prac-lsoa-2021-bait.zip", "/", "mailto:nobody"]
    world.files |= placed
    world.files[f"digital.nhs.uk/{PAGES}/{month}"] = page(links)


def add_postcodes(world: World, archive: bytes) -> None:
    url = f"https://{OS}?area=GB&format=CSV&redirect"
    md5 = hashlib.md5(archive, usedforsecurity=False).hexdigest()
    listed = [{"md5": md5, "size": len(archive), "url": url, "format": "CSV", "area": "GB",
               "fileName": "../../codepo_gb.zip"}]  # fmt: skip
    world.files[f"{OS}?area=GB&format=CSV"] = json.dumps(listed).encode()
    world.files[f"{OS}?area=GB&format=CSV&redirect"] = archive


def add_deprivation(world: World, table: bytes, *, issue: int) -> None:
    file = f"{GOV}/691ded56/File_7_IoD{issue}_All_Ranks_Scores_Deciles_Population_Denominators.csv"
    links = [f"https://{GOV}/aa/File_1_IoD{issue}.xlsx", f"https://{file}"]
    world.files[f"www.gov.uk/government/statistics/english-indices-of-deprivation-{issue}"] = page(
        links
    )
    world.files[file] = table


def add_layers_2021(world: World, lsoa: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> None:
    """LSOAs of 2021, wards and districts of 2026 and the lookup between them, beside decoys."""
    for name in DECOYS:
        world.layers[name] = pd.DataFrame({"LSOA21CD": [], "LAD22CD": [], "LAD22NM": []})
    names = {"LSOA21CD": "LSOA21CD", "LSOA21NM": "LSOA21NM"}
    world.layers["Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"] = as_frame(
        lsoa, names
    )
    lookup = lsoa[["LSOA21CD", "LSOA21NM", "ward", "ward_name", "lad", "lad_name"]].copy()
    lookup.columns = ["LSOA21CD", "LSOA21NM", "WD26CD", "WD26NM", "LAD26CD", "LAD26NM"]
    world.layers["LSOA21_WD26_LAD26_EW_LU_v2"] = pd.DataFrame(lookup)
    wards = lsoa[lsoa["ward"].fillna("") != ""].dissolve("ward", as_index=False)
    world.layers["WD_MAY_2026_UK_BGC"] = as_frame(
        wards, {"ward": "WD26CD", "ward_name": "WD26NM", "lad": "LAD26CD"}
    )
    named = {"lad": "LAD26CD", "lad_name": "LAD26NM"}
    world.layers["LAD_MAY_2026_UK_BGC"] = as_frame(districts, named)
    links = pd.DataFrame({
        "LSOA11CD": lsoa["LSOA21CD"], "LSOA11NM": lsoa["LSOA21NM"], "LSOA21CD": lsoa["LSOA21CD"],
        "LSOA21NM": lsoa["LSOA21NM"], "LAD22CD": lsoa["lad"], "LAD22NM": lsoa["lad_name"],
    })  # fmt: skip
    world.layers["LSOA11_LSOA21_LAD22_EW_LU_v5"] = links
