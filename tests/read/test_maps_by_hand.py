"""Layers as people draw and export them: Google My Maps, ArcGIS, QGIS."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from boundaries.read import find_files
from boundaries.read.layers import read_layer_table

RINGS = {"North": (-0.30, 51.50), "South": (-0.30, 51.48)}


def ring(x, y):
    return [(x, y), (x + 0.02, y), (x + 0.02, y + 0.02), (x, y + 0.02), (x, y)]


def placemark(name, x, y):
    points = "\n".join(f"              {a},{b},0" for a, b in ring(x, y))
    return f"""
      <Placemark>
        <name>{name}</name>
        <description><![CDATA[who: <b>team</b>]]></description>
        <styleUrl>#poly-000000-1200-77</styleUrl>
        <Polygon><outerBoundaryIs><LinearRing><tessellate>1</tessellate>
            <coordinates>
{points}
            </coordinates>
        </LinearRing></outerBoundaryIs></Polygon>
      </Placemark>"""


PIN = (
    "<Placemark><name>Clinic</name><Point><coordinates>-0.29,51.51,0</coordinates></Point>"
    "</Placemark>"
)


def kml(*more):
    marks = "".join(placemark(name, *corner) for name, corner in RINGS.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n'
        "  <Document>\n    <name>Teams of Brent</name>\n"
        '    <Style id="poly-000000-1200-77-normal"><LineStyle><color>ff000000</color></LineStyle>'
        f"</Style>\n    <Folder><name>Teams</name>{marks}{''.join(more)}</Folder>\n"
        "  </Document>\n</kml>\n"
    )


def read(path, **more):
    problems = []
    layer, _ = read_layer_table("teams.x", path, problems, **more)
    return layer, [str(problem) for problem in problems]


def check_patches(layer):
    assert list(layer.polygons.index) == ["North", "South"]
    assert layer.polygons.crs.to_epsg() == 27700
    assert layer.polygons.area.between(2.9e6, 3.3e6).all(), "about 1.39 km by 2.22 km"


def test_polygons_of_google_my_maps(files):
    layer, said = read(files.text("teams.kml", kml(), end=""))
    check_patches(layer)
    assert len(said) == 1
    assert "reprojected to British National Grid" in said[0]


def test_the_same_as_kmz_is_told_by_content(files):
    layer, _ = read(files.zip("teams", {"doc.kml": kml(), "images/icon-1.png": "PNG"}))
    check_patches(layer)


def test_pins_beside_the_polygons_are_left_out_with_a_note(files):
    layer, said = read(files.text("teams.kml", kml(PIN), end=""))
    check_patches(layer)
    assert any("1 pins or lines beside the polygons were left out" in text for text in said)


def test_a_kml_of_pins_alone_is_points(files):
    text = kml().split("<Folder>")[0] + f"<Folder>{PIN}</Folder></Document></kml>"
    (found,) = find_files([files.text("pins.kml", text, end="")])
    assert found.kind == "points"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (kml().replace("<Folder>", "<NetworkLink><Link><href>https://x/</href></Link></NetworkLink><Folder>"),
         "Export it again without"),
        (kml().replace("<kml ", '<!DOCTYPE k [<!ENTITY a "b">]><kml '), "declares entities"),
        (kml()[:700], "damaged or was cut short"),
    ],
)  # fmt: skip
def test_a_kml_that_cannot_be_used_says_why(files, text, words):
    layer, said = read(files.text("teams.kml", text, end=""))
    assert layer is None
    assert words in said[0]


def esri(wkid):
    features = []
    for name, (x, y) in {"North": (530_000, 180_000), "South": (530_000, 178_000)}.items():
        square = [[x, y], [x, y + 2000], [x + 1500, y + 2000], [x + 1500, y], [x, y]]
        features.append({"attributes": {"TEAM": name}, "geometry": {"rings": [square]}})
    about = {"objectIdFieldName": "OBJECTID", "geometryType": "esriGeometryPolygon"}
    if wkid:
        about["spatialReference"] = {"wkid": wkid, "latestWkid": wkid}
    about["fields"] = [{"name": "TEAM", "type": "esriFieldTypeString", "alias": "Team"}]
    return {**about, "features": features}


def test_json_of_an_arcgis_service(files):
    layer, said = read(files.text("query.json", json.dumps(esri(27700)), end=""))
    assert said == []
    assert layer.polygons.area.tolist() == [3e6, 3e6]


def test_json_of_an_arcgis_service_without_its_reference_system(files):
    layer, said = read(files.text("query.json", json.dumps(esri(None)), end=""))
    assert layer is None
    assert "does not say its coordinate reference system" in said[0]


def test_json_of_an_arcgis_service_that_gave_its_first_page_only(files):
    page = {"exceededTransferLimit": True, **esri(27700)}
    _, said = read(files.text("query.json", json.dumps(page), end=""))
    assert any("gave only its first 2 shapes" in text for text in said)


def test_a_geopackage_in_which_qgis_kept_its_styles_and_a_table(files, squares):
    path = files.layer("t.gpkg", squares({"team": ["North", "South"]}), layer="patches")
    with closing(sqlite3.connect(path)) as base:
        for name in ("layer_styles", "log of edits"):
            base.execute(f'CREATE TABLE "{name}" (id INTEGER PRIMARY KEY, styleName TEXT)')
            base.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
                "VALUES (?, 'attributes', ?)", (name, name),
            )  # fmt: skip
        base.commit()
    layer, said = read(path)
    assert said == []
    assert list(layer.polygons.index) == ["North", "South"]
