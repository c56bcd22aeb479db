"""No neighbourhood bears the name of an area most of whose residents live elsewhere."""

from __future__ import annotations

import os
import shutil

import pytest
from tests.true_names import false_names, main, named_in, runs_below


def test_names_are_taken_apart_though_they_hold_an_and():
    known = ("Kenton", "Harlesden and Kensal Green", "Park, The", "The")
    areas = {name: {} for name in known}
    said = "Kenton, Harlesden and Kensal Green and Park, The (3)"
    assert named_in(said, areas) == ["Kenton", "Harlesden and Kensal Green", "Park, The"]
    assert named_in("Kenton and Nowhere", areas) == []


def test_the_examples_names_are_true_and_a_false_one_is_found(example_folder, tmp_path, capsys):
    said, held = false_names(example_folder)
    assert said == []
    assert held > 20
    home = tmp_path / "run"
    home.mkdir()
    for name in ("run.json", "place.gpkg", "options.csv", "lsoas.csv"):
        shutil.copyfile(example_folder / name, home / name)
    text = (example_folder / "neighbourhoods.csv").read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("move-0,")]
    one, other = (row.split(",")[2] for row in rows[:2])
    swapped = rows[0].replace(f",{one},", f",{other},")
    (home / "neighbourhoods.csv").write_text(text.replace(rows[0], swapped), encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    assert f"is in {other!r}" in capsys.readouterr().out


@pytest.mark.london
def test_no_name_of_londons_options_is_false():
    """A folder of runs, such as `boundaries batch` writes, is named in BOUNDARIES_RUNS."""
    folder = os.environ.get("BOUNDARIES_RUNS", "")
    if not runs_below([folder] if folder else []):
        pytest.skip("BOUNDARIES_RUNS names no folder of runs (boundaries batch writes one)")
    assert main([folder]) == 0
