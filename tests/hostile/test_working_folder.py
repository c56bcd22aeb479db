"""A working folder that came from somebody else: no code and no setting in it counts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

NUMBA = """
import warnings; warnings.simplefilter("error")
from boundaries.solve.compiled import compiled
from numba import config
config.reload_config()
print(config.CACHE_DIR or "nowhere", config.DISABLE_JIT, config._config_fname)
"""
PYYAML = """
import pathlib
def safe_load(stream):
    pathlib.Path("read").touch()
    return {"cache_dir": "planted", "disable_jit": 1}
"""


def run(folder, *words, path=()):
    """Run Python in a folder, with more folders to import from."""
    places = os.pathsep.join([*map(str, path), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": places},
    )  # fmt: skip


def test_numba_reads_no_settings_of_the_working_folder(tmp_path):
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "yaml.py").write_text(PYYAML, encoding="utf-8")
    folder = tmp_path / "partner"
    folder.mkdir()
    (folder / ".numba_config.yaml").write_text("cache_dir: planted\n", encoding="utf-8")
    done = run(folder, "-P", "-c", NUMBA, path=[tmp_path / "packages"])
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["nowhere", "0"]
    assert sorted(path.name for path in folder.iterdir()) == [".numba_config.yaml"]


@pytest.mark.parametrize("name", ["typing", "json", "typer", "rich", "pandas", "yaml"])
def test_modules_of_the_working_folder_are_not_run(tmp_path, name):
    (tmp_path / f"{name}.py").write_text("open('ran', 'w').close()\n", encoding="utf-8")
    (tmp_path / "study.toml").write_text("[place]\n", encoding="utf-8")
    done = run(tmp_path, "-m", "boundaries", "check", "study.toml")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ran").exists()


def test_pictures_have_no_settings_of_the_working_folder(tmp_path):
    (tmp_path / "matplotlibrc").write_text("savefig.dpi: 3\ntext.usetex: True\n", encoding="utf-8")
    code = (
        "from boundaries.pages.figures import drawing\nimport matplotlib as mpl\n"
        "with drawing(): print(mpl.rcParams['savefig.dpi'], mpl.rcParams['text.usetex'])"
    )
    done = run(tmp_path, "-P", "-c", code)
    assert done.stdout.split()[-1] == "False", done.stderr
    assert not done.stdout.startswith("3.0 ")
