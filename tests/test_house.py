"""What keeps the house in order: light imports, a documented command line, short modules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import boundaries
from boundaries.cli import app

HEAVY = {"pandas", "geopandas", "ortools", "folium", "matplotlib", "numpy", "shapely", "pydantic"}
ROOT = Path(boundaries.__file__).parents[2]


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after some code."""
    script = (
        f"{code}\nimport sys; print(' '.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_needs_nothing_heavy():
    assert not HEAVY & modules_after("import boundaries, boundaries.cli")


def test_checking_and_assessing_need_neither_ortools_nor_folium():
    loaded = modules_after("import boundaries.pipeline")
    assert "geopandas" in loaded
    assert not {"ortools", "folium", "matplotlib"} & loaded


@pytest.mark.parametrize(
    "command", [c.name or c.callback.__name__ for c in app.registered_commands]
)
def test_every_command_has_help_and_stands_in_the_readme(command):
    answer = CliRunner().invoke(app, [command, "--help"])
    assert answer.exit_code == 0
    assert len(answer.output.split("\n\n")[1].strip()) > 20
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"boundaries {command}" in readme


def test_every_public_name_is_there_and_documented():
    for name in boundaries.__all__:
        assert getattr(boundaries, name).__doc__, name


def test_no_module_is_too_long_to_find_ones_way():
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in (ROOT / "src").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert not long


def test_the_scripts_of_the_map_stay_small_and_readable():
    scripts = sorted((ROOT / "src").rglob("*.js"))
    assert len(scripts) > 10
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("// "), f"{path.name} does not say what it is for"
        lines = re.sub(r"^import \{[^}]*\} .*\n", "", text, flags=re.MULTILINE).splitlines()
        assert len(lines) <= 300, path.name
        assert max(map(len, lines)) <= 200, path.name


def test_every_layer_passes_the_one_door_to_gdal():
    """Whoever goes round it lets GDAL choose the driver, and with it what a file may read."""
    door = ROOT / "src" / "boundaries" / "gdal.py"
    around = re.compile(
        r"^\s*(import|from)\s+(pyogrio|fiona|osgeo)|\b(gpd|geopandas)\.(read_file|read_parquet)"
        r"|\.to_file\(|\blist_layers\(|engine=.pyogrio",
        re.MULTILINE,
    )
    example = re.compile(r"^\s*(>>>|\.\.\.).*$", re.MULTILINE)
    found = {
        path.relative_to(ROOT).as_posix(): [hit[0] for hit in around.finditer(text)]
        for path in sorted((ROOT / "src").rglob("*.py"))
        if path != door
        and around.search(
            text := example.sub("", path.read_text("utf-8")).replace("gdal.list_layers(", "")
        )
    }
    assert not found
