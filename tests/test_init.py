"""`boundaries.init` in Python: a study for a place from a folder of files."""

import pytest

import boundaries
from boundaries.errors import InputError


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
