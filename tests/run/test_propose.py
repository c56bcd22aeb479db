"""`boundaries propose` on a small place: sensitivity runs when it is wanted, and says so first."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from tests.runs import SQUAREBOROUGH
from typer.testing import CliRunner

import boundaries.solve
from boundaries import pipeline
from boundaries.cli import Screen, app
from boundaries.run.record import Clock

STUDY = (
    SQUAREBOROUGH
    + """
[rules]
neighbourhoods = 2
residents_band = 0.5
pcn_floor = 0
[options]
max_moves = 0
effort = "quick"
best_fit = false
settled = 0
sensitivity = {sensitivity}
"""
)


@pytest.fixture
def propose(small_place, tmp_path, monkeypatch):
    """Run the command on the small place, without pages; return its folder and what it did.

    The place is handed over as read and checked; all after that is the command's own.
    """

    def run(*switches, sensitivity):
        text = STUDY.format(sensitivity=str(sensitivity).lower())
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        for name in ("r.csv", "l.zip"):  # named, never read
            (tmp_path / name).touch()

        def prepare(study, *, listen):
            return pipeline.Ready(study, bare, (), Clock(listen))

        bare = replace(small_place, teams={})
        did, solve, stage = [], boundaries.solve.solve_variant, Screen.stage
        monkeypatch.setattr(pipeline, "prepare", prepare)
        monkeypatch.setattr(pipeline, "study_for", lambda path, *_: path)
        monkeypatch.setattr(pipeline, "_draw", lambda *_: None)
        monkeypatch.setattr(
            boundaries.solve,
            "solve_variant",
            lambda *a, **k: did.append("a variant") or solve(*a, **k),
        )
        monkeypatch.setattr(
            Screen, "stage", lambda self, said: did.append(said) or stage(self, said)
        )
        command = ["propose", str(tmp_path / "study.toml"), "-o", str(tmp_path / "out"), *switches]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        return tmp_path / "out", did, done.output

    return run


def test_sensitivity_is_announced_with_its_time_before_it_starts(propose):
    folder, did, said = propose("--sensitivity", sensitivity=False)
    (spoken,) = [words for words in did if words.startswith("Sensitivity: ")]
    assert spoken == (
        "Sensitivity: 7 variants of the study, about 30 seconds (--no-sensitivity leaves it out)"
    )
    assert spoken in said
    assert did.index(spoken) < did.index("a variant")
    assert did.count("a variant") == 7
    rows = pd.read_csv(folder / "sensitivity.csv", dtype=str)
    named = {"bond-off", "bond-less", "bond-more", "band-narrower", "band-wider"}
    assert set(rows["variant"]) == {*named, "one-fewer", "one-more"}
    assert len(pd.read_csv(folder / "sensitivity_units.csv")) == 30 + 6


@pytest.mark.parametrize(
    ("switches", "asked"), [(["--no-sensitivity"], True), ([], False), (["--quick"], True)]
)
def test_sensitivity_is_left_out_when_it_is_not_wanted(propose, switches, asked):
    folder, did, said = propose(*switches, sensitivity=asked)
    assert "a variant" not in did
    assert "Sensitivity" not in said
    assert pd.read_csv(folder / "sensitivity.csv").empty
    assert {"move-0"} < set(pd.read_csv(folder / "options.csv")["option_id"])
