"""`boundaries.init` in Python: a study for a place from a folder of files."""

import shutil

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

import boundaries
from boundaries.errors import InputError
from boundaries.read import find_files


def test_init_writes_a_study_that_checks(tmp_path):
    data = boundaries.example_study().parent
    study = boundaries.init("Wrenbourne", data, tmp_path / "first.toml", neighbourhoods=4)
    loaded = boundaries.load_study(study)
    assert loaded.rules.counts == (4, 4)
    assert not [one for one in boundaries.check(loaded) if one.level == "error"]


def test_barriers_and_communities_found_are_offered_and_work_once_the_sign_is_taken_away(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(boundaries.example_study().parent, folder)
    line = LineString([(530_000, 180_000), (531_000, 180_000)])
    frame = gpd.GeoDataFrame({"name": ["A1"]}, geometry=[line], crs=27700)
    frame.to_file(folder / "Main_Roads.gpkg")
    frame.to_file(folder / "Local roads.gpkg")
    names = pd.DataFrame({"msoa_code": ["E02000001"], "msoa_name_hocl": ["Kenton West"]})
    names.to_csv(folder / "names.csv", index=False)
    study = boundaries.init("Wrenbourne", folder, tmp_path / "s.toml", neighbourhoods=4)
    text = study.read_text(encoding="utf-8")
    assert boundaries.load_study(study).barriers == {}
    offered = text[text.index("# Found too") :].split("\n", 1)[1]
    study.write_text(text + "\n".join(row.removeprefix("# ") for row in offered.splitlines()))
    loaded = boundaries.load_study(study)
    assert {key: one.file.name for key, one in loaded.barriers.items()} == {
        "main_roads": "Local roads.gpkg", "main_roads_2": "Main_Roads.gpkg",
    }  # fmt: skip
    assert loaded.communities["localities"].names
    assert loaded.communities["localities"].name == "msoa_name_hocl"


def test_an_unknown_borough_is_named_and_nothing_is_written(tmp_path):
    data = boundaries.example_study().parent
    with pytest.raises(InputError, match="Wrenborn"):
        boundaries.init("Wrenborn", data, tmp_path / "first.toml")
    assert not list(tmp_path.iterdir())


def test_a_name_and_what_is_lacking_stand_in_the_study(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(boundaries.example_study().parent, folder)
    for file in find_files([folder]):
        if file.kind in ("memberships", "practices", "postcodes") and file.path.exists():
            file.path.unlink()
    study = boundaries.init(
        "Wrenbourne", folder, tmp_path / "s.toml", name="The wren", neighbourhoods=4
    )
    text = study.read_text(encoding="utf-8")
    assert 'name = "The wren"' in text
    assert "# memberships: none found: no practice would have a PCN" in text
    assert "# practices: none found: practices would have no postcode" in text
