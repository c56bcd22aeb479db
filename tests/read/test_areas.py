from __future__ import annotations

import json

import geopandas as gpd
import pytest
from shapely.geometry import Polygon, box

from boundaries.read.areas import (
    complete_lsoas,
    read_area_lookups,
    read_boroughs,
    read_lsoas,
    read_wards,
)
from boundaries.read.people import read_centroids, read_deprivation, read_residents


def good(reader, paths, **more):
    problems = []
    answer = reader(paths, problems, **more)
    assert [str(p) for p in problems if p.level == "error"] == []
    return answer


def test_lsoa_polygons_of_2011(files, lsoas):
    table, year, (source,) = good(read_lsoas, [files.layer("l.gpkg", lsoas)])
    assert year == 2011
    assert table.crs.to_epsg() == 27700
    assert list(table["lsoa_code"]) == ["E01000001", "E01000002", "E01000003"]
    assert list(table["borough_name"]) == ["Elmford", "Elmford", "Oakham"]
    assert list(table["ward_code"]) == ["", "", ""]
    assert "residents" not in table
    assert source.publisher == "Office for National Statistics"


def test_a_zipped_shapefile(files, lsoas):
    files.layer("l.shp", lsoas)
    members = {f"a/{p.name}": p.read_bytes() for p in files.folder.glob("l.*")}
    table, year, (source,) = good(read_lsoas, [files.zip("l.zip", members)])
    assert (len(table), year, source.file) == (3, 2011, "l.zip!a/l.shp")


def test_geojson_in_degrees_is_reprojected_and_said(files, lsoas):
    problems = []
    table, _, _ = read_lsoas([files.layer("l.geojson", lsoas.to_crs(4326))], problems)
    assert table.total_bounds == pytest.approx([530_000, 180_000, 533_000, 181_000], abs=0.1)
    assert [(p.level, p.field) for p in problems] == [("note", "crs")]


def test_headings_of_2021_in_small_letters_with_people_in_them(files, squares):
    frame = squares(
        {
            "lsoa21cd": ["E01033769", "E01000002"],
            "lsoa21nm": ["Elmford 001A", "Elmford 001B"],
            "wd24cd": ["E05000001", "E05000001"],
            "wd24nm": ["Mill", "Mill"],
            "pop_census2021": [1500, 1600],
            "pop_other": [1, 2],
            "imd2025_decile": [3.0, 10.0],
            "pwc_e": [530_400.5, 531_400.5],
            "pwc_n": [180_400.0, 180_500.0],
        }
    )
    path = files.layer("l.gpkg", frame)
    table, year, (source,) = good(read_lsoas, [path])
    assert year == 2021
    assert list(table["residents"]) == [1500, 1600]
    assert list(table["imd_decile"]) == [3, 10]
    assert list(table["centre_e"]) == [530_400.5, 531_400.5]
    assert "Indices of Deprivation" in source.attribution
    named, _, _ = good(read_lsoas, [path], residents_column="pop_other")
    assert list(named["residents"]) == [1, 2]
    residents, _ = good(read_residents, [path])
    assert list(residents["residents"]) == [1500, 1600]
    deciles, _ = good(read_deprivation, [path])
    assert list(deciles["imd_decile"]) == [3, 10]
    centroids, _ = good(read_centroids, [path])
    assert list(centroids["easting"]) == [530_400.5, 531_400.5]


def test_a_residents_column_that_is_not_there(files, lsoas):
    problems = []
    read_lsoas([files.layer("l.gpkg", lsoas)], problems, residents_column="LSOA11C")
    assert problems[0].said == "There is no column 'LSOA11C'."
    assert problems[0].fix == "Did you mean 'LSOA11CD'?"


def said(path, reader=read_lsoas):
    problems = []
    reader([path], problems)
    return "\n".join(map(str, problems))


def test_a_layer_that_does_not_say_its_reference_system(files, lsoas):
    path = files.layer("l.gpkg", lsoas.set_crs(None, allow_override=True))
    assert "does not say its coordinate reference system" in said(path)


def test_metres_called_degrees_and_degrees_called_metres(files, lsoas):
    called_degrees = lsoas.set_crs(4326, allow_override=True)
    assert "says degrees" in said(files.layer("a.gpkg", called_degrees))
    called_metres = lsoas.to_crs(4326).set_crs(27700, allow_override=True)
    assert "its coordinates are degrees" in said(files.layer("b.gpkg", called_metres))


def test_swapped_axes(files, lsoas):
    swapped = lsoas.to_crs(4326)
    swapped["geometry"] = swapped.geometry.apply(
        lambda shape: Polygon([(y, x) for x, y in shape.exterior.coords])
    )
    assert "does not lie in Great Britain" in said(files.layer("l.gpkg", swapped))


def test_shapes_missing_and_shapes_that_cross_themselves(files, lsoas):
    bow = Polygon([(530_000, 180_000), (531_000, 181_000), (531_000, 180_000), (530_000, 181_000)])
    lsoas.geometry = [bow, None, box(532_000, 180_000, 533_000, 181_000)]
    problems = []
    table, _, _ = read_lsoas([files.layer("l.gpkg", lsoas)], problems)
    assert table.geometry.is_valid.all()
    assert {(p.level, p.row, p.said) for p in problems} == {
        ("error", 2, "The row has no shape, or one whose outline is not closed."),
        ("warning", None, "1 shapes cross themselves; each was mended (make valid)."),
    }


def test_an_outline_that_is_not_closed_is_a_fault_of_its_row(files, lsoas):
    path = files.layer("l.geojson", lsoas)
    layer = json.loads(path.read_text())
    layer["features"][0]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(layer))
    problems = []
    read_lsoas([path], problems)
    assert "whose outline is not closed" in problems[-1].said
    assert problems[-1].row == 1


def test_polygons_of_both_censuses(files, lsoas, squares):
    new = squares({"LSOA21CD": ["E01035000"], "LSOA21NM": ["Elmford 009Z"]})
    problems = []
    read_lsoas([files.layer("a.gpkg", lsoas), files.layer("b.gpkg", new)], problems)
    assert problems[0].said == "a.gpkg has LSOAs of 2011, b.gpkg those of 2021."


LINK = (
    "F_LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM",
    "E01000001,Elmford 001A,E01000001,Elmford 001A,U,E09000001,Elmford",
    "E01000002,Elmford 001B,E01033769,Elmford 001E,S,E09000001,Elmford",
    "E01000002,Elmford 001B,E01033770,Elmford 001F,S,E09000001,Elmford",
)


def test_the_lookup_with_its_mark_and_its_odd_heading(files):
    path = files.text("x.csv", *LINK, encoding="utf-8-sig")
    link, areas, _ = good(read_area_lookups, [path])
    assert link.to_numpy().tolist()[1] == ["E01000002", "E01033769", "S"]
    assert list(areas["lsoa_code"]) == ["E01000001", "E01033769", "E01033770"]


def test_a_lookup_without_a_change_column_is_told_from_its_codes(files):
    lines = [",".join(line.split(",")[i] for i in (0, 2)) for line in LINK]
    merged = ["E01000005,E01033780", "E01000006,E01033780"]
    link, _, _ = good(read_area_lookups, [files.text("x.csv", *lines, *merged)])
    assert list(link["change"]) == ["U", "S", "S", "M", "M"]


def test_a_lookup_the_wrong_way_round(files):
    lines = ["LSOA11CD,LSOA21CD", "E01033769,E01000002", "E01033770,E01000002"]
    assert "wrong way round" in said(files.text("x.csv", *lines), read_area_lookups)


def test_boroughs_missing_from_polygons_come_from_lookup_polygons_or_name(files, lsoas, squares):
    bare = lsoas[["LSOA11CD", "LSOA11NM", "geometry"]]
    table, _, _ = good(read_lsoas, [files.layer("l.gpkg", bare)])
    by_name = complete_lsoas(table, [], None)
    assert list(by_name["borough_name"]) == ["Elmford", "Elmford", "Oakham"]
    assert list(by_name["borough_code"]) == ["", "", ""]
    lookup = files.text(
        "x.csv",
        "LSOA11CD,LAD11CD,LAD11NM",
        "E01000001,E09000001,Elmford",
        "E01000002,E09000001,Elmford",
    )
    _, areas, _ = good(read_area_lookups, [lookup])
    shape = gpd.GeoDataFrame(
        {"LAD22CD": ["E09000002"], "LAD22NM": ["Oakham"]},
        geometry=[box(531_900, 179_000, 534_000, 182_000)],
        crs=27700,
    )
    boroughs, _ = good(read_boroughs, [files.layer("b.gpkg", shape)])
    whole = complete_lsoas(table, [areas], boroughs)
    assert list(whole["borough_code"]) == ["E09000001", "E09000001", "E09000002"]
    assert list(whole["borough_name"]) == ["Elmford", "Elmford", "Oakham"]
    assert list(table["borough_code"]) == ["", "", ""], "the input was changed"


def test_wards_as_polygons_and_as_a_lookup(files, squares):
    frame = squares({"WD25CD": ["E05000001", "E05000002"], "WD25NM": ["Mill", "Hill"]})
    wards, _ = good(read_wards, [files.layer("w.geojson", frame.to_crs(4326))])
    assert wards.crs.to_epsg() == 27700
    assert list(wards["ward_name"]) == ["Mill", "Hill"]
    path = files.text(
        "w.csv",
        "LSOA21CD,LSOA21NM,WD22CD,WD22NM,LAD22CD",
        "E01000001,Elmford 001A,E05000001,Mill,E09000001",
    )
    wards, _ = good(read_wards, [path])
    assert wards[["lsoa_code", "ward_code", "ward_name"]].to_numpy().tolist() == [
        ["E01000001", "E05000001", "Mill"]
    ]


def test_a_file_that_is_no_ward_layer(files, lsoas):
    assert "LSOA polygons, not borough polygons" in said(
        files.layer("l.gpkg", lsoas), read_boroughs
    )


BOTH = ("LSOA11CD,LSOA21CD,WD22CD,WD22NM,LAD22CD,LAD22NM",
        "E01000001,E01033800,E05000001,Mill,E09000001,Elmford",
        "E01000002,E01000002,E05000002,Hill,E09000001,Elmford")  # fmt: skip


@pytest.mark.parametrize(("year", "first"), [(2011, "E01000001"), (2021, "E01033800")])
def test_a_lookup_with_both_censuses_is_read_by_that_of_the_place(files, year, first):
    path = files.text("both.csv", *BOTH)
    problems = []
    wards, _ = read_wards([path], problems, year=year)
    assert list(wards["lsoa_code"]) == [first, "E01000002"]
    link, areas, _ = read_area_lookups([path], problems, year=year)
    assert list(areas["lsoa_code"]) == [first, "E01000002"]
    assert list(link["lsoa21"]) == ["E01033800", "E01000002"]
    assert problems == []


@pytest.mark.parametrize(
    "head",
    [
        "\ufeffF_LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM,LAD22NMW,ObjectId",
        "\ufeffObjectId,LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,LAD22CD,LAD22NM,LAD22NMW",
        "\ufeffOBJECTID,LSOA11CD,LSOA21CD,LAD22CD,LAD22NM,GlobalID",
        "\ufeffFID,LSOA11CD,LSOA21CD,LAD22CD,LAD22NM,FID_1",
    ],
)
def test_exports_of_the_geography_portal_in_every_shape(files, head):
    cells = {"LSOA11CD": "E01000001", "LSOA21CD": "E01000001", "LAD22CD": "E09000001",
             "LAD22NM": "Elmford", "CHGIND": "U"}  # fmt: skip
    names = [name.lstrip("\ufeff").removeprefix("F_") for name in head.split(",")]
    row = ",".join(cells.get(name, "1") for name in names)
    link, areas, _ = good(read_area_lookups, [files.text("x.csv", head, row)])
    assert link.to_numpy().tolist() == [["E01000001", "E01000001", "U"]]
    assert list(areas["borough_name"]) == ["Elmford"]
