from __future__ import annotations

import json

import pytest
from tests.fetching.publishers import Publishers
from tests.fetching.worlds import example_world

from boundaries.fetching import Manners, fetch

PLACE = "Wrenbourne (made up)"
BRISK = {"attempts": 3, "backoff_s": 0.01, "pause_s": 0.0}


@pytest.fixture(scope="session")
def published():
    """The example as it is published; read only."""
    return example_world()


@pytest.fixture
def publishers(published, monkeypatch):
    """A server of the example, and no proxy between."""
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    with Publishers(published) as server:
        yield server


@pytest.fixture
def bring(publishers, tmp_path):
    """Fetch from the server into a folder; keyword arguments as for `fetch`, and of its manners."""

    def go(*only, place=PLACE, folder=None, dry_run=False, listen=None, **manners):
        asked = Manners(mirror=publishers.address, **{**BRISK, **manners})
        target = tmp_path / "downloads" if folder is None else folder
        return fetch(place, target, only=only, dry_run=dry_run, manners=asked, listen=listen)

    return go


def visible(folder):
    """Names of the files that init would look at."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def manifest(folder):
    rows = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    return {row["source"]: row for row in rows}
