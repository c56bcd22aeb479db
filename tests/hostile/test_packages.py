"""What `make` installs: checked against hashes, of the versions that constraints.txt says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
BUILD = {"hatchling", "editables", "trove-classifiers", "packaging", "pathspec", "pluggy"}


@pytest.mark.parametrize("name", ["run", "test", "sbom"])
def test_every_package_has_hashes_and_no_address(name):
    text = (ROOT / "hashes" / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=[A-Za-z])", text.strip()):
        assert "--hash=sha256:" in entry, entry[:80]


@pytest.mark.parametrize("name", ["run", "test"])
def test_versions_are_those_of_the_constraints(name):
    known = set(PINNED.findall((ROOT / "constraints.txt").read_text(encoding="utf-8")))
    hashed = set(PINNED.findall((ROOT / "hashes" / f"{name}.txt").read_text(encoding="utf-8")))
    assert {one for one, _ in hashed} >= {"hatchling", "numba", "pandas"}
    assert not {(one, version) for one, version in hashed - known if one not in BUILD}


def test_make_installs_nothing_without_hashes():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in makefile.splitlines() if re.search(r"pip (install|\$\(H)", line)]
    assert installs
    for line in installs:
        assert "$(HASHED)" in line or "--no-deps --no-build-isolation" in line or "uv" in line
