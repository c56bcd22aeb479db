"""A layer from somebody else reads nothing but itself and asks nobody."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile

import geopandas as gpd
import pyogrio
import pytest
from shapely.geometry import box

from boundaries import gdal
from boundaries.errors import InputError, RefusedFileError
from boundaries.place.store import read_place
from boundaries.read import find_files
from boundaries.read.layers import read_layer_table

CELLS = "Cells-of-the-next-folder"


SQL = "SELECT name, 530000 AS x, 180000 AS y FROM cells"


def vrt(source: str) -> str:
    return (
        '{ <OGRVRTDataSource><OGRVRTLayer name="patches">'
        f"<SrcDataSource>{source}</SrcDataSource>"
        "<SrcSQL>" + SQL + "</SrcSQL>"
        '<GeometryField encoding="PointFromColumns" x="x" y="y"/>'
        "<LayerSRS>EPSG:27700</LayerSRS></OGRVRTLayer></OGRVRTDataSource> }"
    )


@pytest.fixture
def secret(tmp_path):
    home = tmp_path / "elsewhere"
    home.mkdir()
    (home / "cells.csv").write_text(f"name\n{CELLS}\n", encoding="utf-8")
    return home / "cells.csv"


@pytest.fixture
def partner(tmp_path):
    """The folder that a partner mailed."""
    home = tmp_path / "partner"
    home.mkdir()
    return home


def patches(*names):
    shapes = [box(530_000 + 1000 * n, 180_000, 531_000 + 1000 * n, 181_000) for n in range(9)]
    return gpd.GeoDataFrame({"name": list(names)}, geometry=shapes[: len(names)], crs=27700)


def what_is_said(path):
    """Look at a file as `init` does and read it as a layer of teams; return all that is said."""
    found = find_files([path])
    problems = []
    layer, _ = read_layer_table("teams.nursing", path, problems)
    shown = "" if layer is None else str(layer)
    return "\n".join([*map(str, found), *map(str, problems), shown]), layer


@pytest.mark.parametrize("name", ["patches.geojson", "patches.gpkg", "patches.shp", "patches.vrt"])
def test_a_virtual_layer_reads_no_other_file(partner, secret, name):
    path = partner / name
    path.write_text(vrt(str(secret)), encoding="utf-8")
    said, layer = what_is_said(path)
    assert layer is None
    assert CELLS not in said
    assert "This is JSON but no layer" in said


def test_a_virtual_layer_asks_no_address(partner, server):
    for kind in ("/vsicurl/", ""):
        text = vrt(f"{kind}{server.address}/x.csv")
        (partner / "patches.geojson").write_text(text, encoding="utf-8")
        with zipfile.ZipFile(partner / "patches.zip", "w") as archive:
            archive.writestr("patches.geojson", text)
        (partner / "patches.geojson.gz").write_bytes(gzip.compress(text.encode()))
        for path in sorted(partner.iterdir()):
            assert what_is_said(path)[1] is None
        assert all(one.kind == "unreadable" for one in find_files([partner]))


def test_a_geojson_that_is_a_virtual_layer_too_is_read_as_geojson(partner, secret):
    frame = patches("Team 1", "Team 2")
    text = frame.to_json(to_wgs84=False)
    named = '{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:27700"}}, '  # noqa: E501
    text = (
        f'{named}"description": {json.dumps(vrt(str(secret)))}, ' + text[text.index('"features"') :]
    )
    (partner / "patches.geojson").write_text(text, encoding="utf-8")
    said, layer = what_is_said(partner / "patches.geojson")
    assert CELLS not in said
    assert list(layer.polygons.index) == ["Team 1", "Team 2"]


@pytest.mark.parametrize(
    "name", ["a.zip", "a!b.gpkg", "a.gpkg.zip", "a?b.gpkg", "zip+https:x", "a.vrt"]
)
def test_a_files_name_means_nothing(partner, name):
    patches("Team 1").to_file(partner / "plain.gpkg")
    (partner / "plain.gpkg").rename(partner / name)
    assert list(what_is_said(partner / name)[1].polygons.index) == ["Team 1"]


def test_a_member_may_have_any_name(partner, tmp_path):
    patches("Team 1").to_file(tmp_path / "plain.gpkg")
    with zipfile.ZipFile(partner / "p.zip", "w") as archive:
        archive.write(tmp_path / "plain.gpkg", "../..//vsicurl/http://x/{}/y.gpkg")
    assert list(what_is_said(partner / "p.zip")[1].polygons.index) == ["Team 1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["partner", "plain.gpkg"]


def test_a_runs_place_that_is_a_virtual_layer(tmp_path, secret, server):
    for source in (secret, f"/vsicurl/{server.address}/x.csv"):
        (tmp_path / "place.gpkg").write_text(vrt(str(source)), encoding="utf-8")
        with pytest.raises(InputError) as error:
            read_place(tmp_path)
        assert "place.gpkg" in str(error.value)
        assert CELLS not in str(error.value)


@pytest.mark.parametrize("driver", ["GPKG", "GeoJSON", "ESRI Shapefile", "ESRIJSON"])
def test_while_a_file_is_open_gdal_has_one_driver_and_no_network(driver, server, tmp_path):
    before = pyogrio.list_drivers()
    with gdal._only(driver):
        assert list(pyogrio.list_drivers()) == [driver]
        for address in (f"/vsicurl/{server.address}/x.geojson", f"{server.address}/x.geojson"):
            with pytest.raises(pyogrio.errors.DataSourceError):
                pyogrio.read_info(address)
    assert pyogrio.list_drivers() == before


def test_drivers_come_back_to_whoever_else_uses_them(partner):
    (partner / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    what_is_said(partner / "x.csv")
    assert len(pyogrio.read_dataframe(partner / "x.csv", read_geometry=False)) == 1


def geojson(crs: str, *, inside: str = "") -> str:
    ring = [[530_000, 180_000], [531_000, 180_000], [531_000, 181_000], [530_000, 180_000]]
    shape = f'{{"type": "Polygon", {inside}"coordinates": [{ring}]}}'
    feature = f'{{"type": "Feature", "properties": {{"name": "T1"}}, "geometry": {shape}}}'
    return f'{{"type": "FeatureCollection", {crs}"features": [{feature}]}}'


NAMED = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}, '
LINKS = [
    '"crs": {"type": "link", "properties": {"href": "ADDRESS", "type": "proj4"}}, ',
    '"crs": {"type": "url", "properties": {"url": "ADDRESS"}}, ',
    '"crs": {"type": "URL", "properties": {"url": "ADDRESS"}}, ',
    '"crs": {"type": "name", "properties": {"name": "ADDRESS"}}, ',
    '"crs": {"type": "name", "properties": {"name": "/vsicurl/ADDRESS"}}, ',
    '"\\u0063r\\u0073": {"type": "link", "properties": {"href": "ADDRESS"}}, ',
    '"crs" /* */ : {"type": "link", "properties": {"href": "ADDRESS"}}, ',
    '"crs": /* */ {"type": "link", "properties": {"href": "ADDRESS"}}, ',
    '\'crs\': {"type": "link", "properties": {"href": "ADDRESS"}}, ',
    '"crs": {"type": "name", "type": "link", "properties": {"href": "ADDRESS"}}, ',
    NAMED + '"crs": {"type": "link", "properties": {"href": "ADDRESS"}}, ',
]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("where", ["layer", "shape"])
def test_a_reference_system_is_a_name_never_an_address(partner, server, link, where):
    link = link.replace("ADDRESS", f"{server.address}/27700.prj")
    text = geojson(link) if where == "layer" else geojson(NAMED, inside=link)
    path = partner / "patches.geojson"
    path.write_text(text, encoding="utf-8")
    with zipfile.ZipFile(partner / "patches.zip", "w") as archive:
        archive.write(path, "patches.geojson")
    for file in (path, partner / "patches.zip"):
        said, layer = what_is_said(file)
        assert layer is None
        assert 'Its reference system ("crs") is not given by a name' in said
        assert "save it as GeoPackage" in said


def test_even_a_linked_reference_system_that_got_by_would_not_be_fetched(partner, server):
    (partner / "x.geojson").write_text(geojson(LINKS[0].replace("ADDRESS", server.address)))
    with gdal._only("GeoJSON"):
        pyogrio.read_info(partner / "x.geojson")


@pytest.mark.parametrize(
    "crs",
    [
        NAMED,
        NAMED.replace("urn:ogc:def:crs:EPSG::27700", "EPSG:27700"),
        NAMED.replace("urn:ogc:def:crs:EPSG::27700", "http://www.opengis.net/def/crs/EPSG/0/27700"),
        '"crs":{"properties":{"name":"EPSG:27700"},"type":"name"},',
    ],
)
def test_a_reference_system_by_name_is_read(partner, server, crs):
    text = geojson(crs).replace('"name": "T1"', '"name": "T1", "crs": "an attribute"')
    (partner / "patches.geojson").write_text(text, encoding="utf-8")
    assert list(what_is_said(partner / "patches.geojson")[1].polygons.index) == ["T1"]


def endless(base):
    base.execute(
        "CREATE VIEW forever AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n)"
        " SELECT max(fid) AS fid, 'x' AS name FROM n"
    )


def register(base, name):
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)",
        (name, name),
    )


def spoilt(path, *doings):
    patches("Team 1").to_file(path, layer="patches")
    with sqlite3.connect(path) as base:
        for do in doings:
            do(base)
    base.close()
    return path


@pytest.mark.parametrize("registered", [True, False])
def test_views_of_a_geopackage_are_not_run(partner, registered):
    path = spoilt(
        partner / "p.gpkg", endless, lambda base: register(base, "forever") if registered else None
    )
    said, layer = what_is_said(path)
    assert layer is None
    assert "The GeoPackage holds the view forever, a program of its maker" in said
    for function in (gdal.list_layers, gdal.read_frame, gdal.layer_facts):
        with pytest.raises(RefusedFileError, match="Save the layer that is meant"):
            function(path)


@pytest.mark.parametrize("name", ["gpkg_contents", "gpkg_spatial_ref_sys", "gpkg_geometry_columns"])
def test_a_geopackage_whose_lists_are_views(partner, name):
    def swap(base):
        base.execute("PRAGMA legacy_alter_table = ON")
        base.execute(f"ALTER TABLE {name} RENAME TO other")
        base.execute(f"CREATE VIEW {name} AS SELECT other.* FROM other, forever")  # noqa: S608

    said, layer = what_is_said(spoilt(partner / "p.gpkg", endless, swap))
    assert layer is None
    assert "The GeoPackage holds the view" in said


def test_columns_that_are_worked_out_are_not(partner):
    def compute(base):
        base.execute("CREATE TABLE big (fid INTEGER PRIMARY KEY, a AS (hex(zeroblob(400000000))))")
        base.execute("INSERT INTO big (fid) VALUES (1)")
        register(base, "big")

    said, _ = what_is_said(spoilt(partner / "p.gpkg", compute))
    assert "The GeoPackage holds a computed column of big" in said


def test_virtual_tables_other_than_indexes_are_refused(partner):
    def read_a_file(base):
        base.execute("PRAGMA writable_schema = ON")
        base.execute(
            "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, "
            "'CREATE VIRTUAL TABLE v USING VirtualOGR(''/etc/hostname'')')"
        )

    said, _ = what_is_said(spoilt(partner / "p.gpkg", read_a_file))
    assert "The GeoPackage holds the view v" in said


def test_a_database_that_is_no_geopackage(partner):
    with sqlite3.connect(partner / "x.gpkg") as base:
        base.execute("CREATE TABLE a (b)")
    base.close()
    assert "an SQLite database but no GeoPackage" in what_is_said(partner / "x.gpkg")[0]
