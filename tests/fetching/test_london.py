"""From a place's name to its first figures, on the real files of 2022, with one command each."""

from __future__ import annotations

import re

import pytest
from tests.fetching.conftest import manifest
from tests.fetching.publishers import Publishers
from tests.fetching.real_world import real_world
from typer.testing import CliRunner

import boundaries
from boundaries.cli import app

pytestmark = [pytest.mark.london, pytest.mark.allow_hosts(["127.0.0.1"])]

PLACES = {
    "Brent": (173, 55, 11, 171_526),
    "Kingston upon Thames": (98, 20, 5, 62_854),
    "Leeds": (482, 93, 20, 204_960),
}
"""LSOAs, practices, PCNs and misaligned patients of 1 July 2022, as measured from the tidied
tables beside the checkout (registrations.parquet, practices.csv, lsoas11.gpkg): another way in."""


@pytest.fixture(scope="module")
def publishers(london):
    with Publishers(real_world(london)) as server:
        yield server


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_fetched_and_measured(place, publishers, tmp_path, monkeypatch):
    monkeypatch.setenv("BOUNDARIES_MIRROR", publishers.address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    for words in (
        ["fetch", place, "-o", "downloads"],
        ["init", place, "--data", "downloads", "-o", "place.toml"],
    ):
        answer = CliRunner().invoke(app, words)
        assert answer.exit_code == 0, answer.output
    run = boundaries.assess("place.toml")
    assert run.place.lsoa_year == 2011
    counts = (len(run.place.lsoas), len(run.place.practices), len(run.place.pcns))
    misaligned = run.options[0].measures.summary["misaligned_patients"]
    assert (*counts, misaligned) == PLACES[place]
    assert not [problem for problem in run.problems if problem.level == "error"]
    study = (tmp_path / "place.toml").read_text(encoding="utf-8")
    keys = set(re.findall(r"^(\w+) = .*downloads/", study, re.MULTILINE))
    assert keys >= {"registrations", "lsoas", "memberships", "practices", "postcodes", "residents",
                    "centroids", "deprivation", "wards", "boroughs"}  # fmt: skip
    assert "residents-mid-2020-lsoa-2011.csv" in study
    publishers.asked.clear()
    answer = CliRunner().invoke(app, ["fetch", place, "-o", "downloads"])
    assert answer.exit_code == 0
    assert answer.output.count(": unchanged ") == len(manifest(tmp_path / "downloads"))
    assert {one.status for one in publishers.asked} == {304, 404}
