"""Seven places outside London go through init, check and assess, with no false alarm."""

from __future__ import annotations

import pytest

import boundaries

pytestmark = pytest.mark.london

LSOAS = {
    "leeds": 482, "bristol": 263, "cornwall": 326, "sheffield": 345, "manchester": 282,
    "wiltshire": 285, "buckinghamshire": 319,
}  # fmt: skip


@pytest.mark.parametrize("place", list(LSOAS))
def test_a_place_of_the_open_data_goes_through(london, tmp_path, place):
    study = boundaries.init(place, london / "england" / place, tmp_path / "s.toml")
    run = boundaries.assess(study)
    assert len(run.place.lsoas) == LSOAS[place]
    assert [str(one) for one in run.problems if one.level == "error"] == []
    assert 0 < run.options[0].measures.summary["alignment"] < 1
    warned = [str(one) for one in run.problems if one.level == "warning"]
    assert not [text for text in warned if " km from the nearest other practice" in text], warned
    assert not [text for text in warned if "it is not in the practice file" in text], warned
