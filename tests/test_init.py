"""`boundaries.init` in Python: a study for a place from a folder of files."""

import shutil

import pytest

import boundaries
from boundaries.errors import InputError
from boundaries.read import find_files


def test_init_writes_a_study_that_checks(tmp_path):
    data = boundaries.example_study().parent
    study = boundaries.init("Wrenbourne", data, tmp_path / "first.toml", neighbourhoods=4)
    loaded = boundaries.load_study(study)
    assert loaded.rules.counts == (4, 4)
    assert not [one for one in boundaries.check(loaded) if one.level == "error"]


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
