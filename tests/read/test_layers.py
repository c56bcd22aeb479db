from __future__ import annotations

from pathlib import Path

import pytest
from shapely.geometry import box

from boundaries.read.layers import read_layer_table
from boundaries.read.pairs import read_pairs


def good(path, **more):
    problems = []
    layer, sources = read_layer_table("teams.nursing", path, problems, **more)
    assert [str(p) for p in problems] == []
    return layer, sources


def said(path, **more):
    problems = []
    layer, _ = read_layer_table("teams.nursing", path, problems, **more)
    return "\n".join(map(str, problems)), layer


def test_parts_of_a_patch_are_put_together(files, squares):
    frame = squares({"id": [1, 2, 3], "TEAM": ["Blue", " Red", "Blue"], "area_ha": [1.0, 2.0, 3.0]})
    layer, (source,) = good(files.layer("t.gpkg", frame))
    assert list(layer.polygons.index) == ["Blue", "Red"]
    assert layer.polygons.index.name == "name"
    assert layer.polygons.loc["Blue"].geometry.area == pytest.approx(2e6)
    assert layer.polygons.crs.to_epsg() == 27700
    assert (source.role, source.rows) == ("teams.nursing", 3)


def test_several_text_columns_must_be_chosen_from(files, squares):
    frame = squares({"lead": ["Ann", "Bob"], "base": ["Mill", "Hill"]})
    path = files.layer("t.gpkg", frame)
    answer, layer = said(path)
    assert layer is None
    assert "Several columns could hold the names: lead, base." in answer
    assert 'name = "…" under [teams.nursing]' in answer
    assert list(good(path, name="Base")[0].polygons.index) == ["Hill", "Mill"]
    answer, _ = said(path, name="bass")
    assert "There is no column 'bass'. Did you mean 'base'?" in answer


def test_patches_without_a_name_are_named_by_row(files, squares):
    answer, _ = said(files.layer("t.gpkg", squares({"name": ["Blue", None, ""]})))
    assert "row 2: The patch has no name." in answer
    assert "row 3: The patch has no name." in answer


def test_hostile_names_stay_text(files, squares):
    names = ["<img src=x onerror=alert(1)>", "=1+1"]
    layer, _ = good(files.layer("t.gpkg", squares({"name": names})))
    assert list(layer.polygons.index) == names


@pytest.mark.parametrize(
    ("head", "codes"),
    [
        ("LSOA21CD,LSOA21NM,LOCALITY", ("E01000001", "E01000002")),
        ("WD24CD,WD24NM,LOCALITY", ("E05000001", "E05000002")),
        ("MSOA code,MSOA name,Locality", ("E02000001", "E02000002")),
    ],
)
def test_a_lookup_by_lsoa_ward_or_msoa(files, head, codes):
    rows = [f"{code.lower()} ,Area {n},North" for n, code in enumerate(codes)]
    layer, _ = good(files.text("t.csv", head, *rows), name="Locality")
    assert layer.lookup.to_numpy().tolist() == [[code, "North"] for code in codes]


def test_the_only_other_column_is_the_name(files):
    layer, _ = good(files.sheet("t.xlsx", [["lsoa_code", "Who"], ["E01000001", "Blue"]]))
    assert layer.lookup.to_numpy().tolist() == [["E01000001", "Blue"]]


def test_a_lookup_with_every_fault(files):
    rows = ["E01000001,Blue", "E01000001,Red", "E0100002,Red", "E01000004,", "E01000005,Red"]
    answer, _ = said(files.text("t.csv", "lsoa_code,team", *rows))
    assert "row 3 [E01000001]: The area stands under several names: Blue, Red." in answer
    assert "row 4 [E0100002]: 'E0100002' is not an area code." in answer
    assert "row 5 [E01000004]: The area has no name." in answer


def test_no_codes_at_all(files):
    answer, _ = said(files.text("t.csv", "street,team", "High Street,Blue"))
    assert "no column of LSOA, ward or MSOA codes" in answer


def test_lines_are_no_patches(files, squares):
    frame = squares({"name": ["Blue"]})
    frame["geometry"] = frame.boundary
    answer, _ = said(files.layer("t.gpkg", frame))
    assert "points or lines, no polygons" in answer


def test_a_file_of_several_layers(files, squares):
    path = files.layer("t.gpkg", squares({"name": ["Blue"]}), layer="nursing")
    files.layer("t.gpkg", squares({"name": ["Red"]}), layer="social")
    answer, _ = said(path)
    assert "several layers: t.gpkg!nursing, t.gpkg!social" in answer


def test_where_people_live(files, squares):
    patches = files.layer("t.gpkg", squares({"name": ["Blue"]}))
    table = files.text("p.csv", "OA21CD,easting,northing,residents", "E00000001,530100,180100,250")
    layer, sources = good(patches, points=table)
    assert layer.points.to_numpy().tolist() == [[530_100, 180_100, 250]]
    assert [source.role for source in sources] == ["teams.nursing", "teams.nursing.points"]
    points = squares({"population": [300]})
    points["geometry"] = points.centroid
    layer, _ = good(patches, points=files.layer("p.geojson", points))
    assert layer.points["residents"].item() == 300
    assert layer.points["easting"].item() == pytest.approx(530_500, abs=0.1)
    bad = files.text("q.csv", "OA21CD,easting,northing", "E00000001,530100,180100")
    answer, _ = said(patches, points=bad)
    assert "There is no column for the number of residents." in answer


def test_pairs_in_the_study_and_in_a_file(files):
    problems = []
    table, _ = read_pairs((("e01000001 ", "E01000002"),), "neighbours.cut", problems)
    assert table.to_numpy().tolist() == [["E01000001", "E01000002", 1, "neighbours.cut"]]
    path = files.text("c.csv", "from,to", "E01000001,E01000002")
    table, (source,) = read_pairs(path, "neighbours.add", problems)
    assert table.to_numpy().tolist() == [["E01000001", "E01000002", 2, "c.csv"]]
    assert source.role == "neighbours.add"
    assert problems == []
    assert read_pairs((), "neighbours.cut", problems) == (None, [])


def test_wrong_pairs(files):
    problems = []
    read_pairs((("E01000001", "Mill"), ("E01000001", "E01000001")), "neighbours.cut", problems)
    assert [(p.row, p.said) for p in problems] == [
        (1, "'MILL' is not an LSOA code."),
        (2, "The pair names the same LSOA twice."),
    ]
    problems = []
    read_pairs(Path(files.text("c.csv", "x,y", "1,2")), "neighbours.cut", problems)
    assert "There is no column for the first LSOA code" in problems[0].said


def test_patches_with_area_codes_of_their_own_are_polygons_all_the_same(files, squares):
    frame = squares({"WD25CD": ["E05000001", "E05000002"], "WD25NM": ["Mill", "Hill"]})
    frame.geometry = [
        box(530_000, 180_000, 530_100, 180_100),
        box(530_100, 180_000, 530_200, 180_100),
    ]
    layer, _ = good(files.layer("w.gpkg", frame))
    assert list(layer.polygons.index) == ["Hill", "Mill"]
