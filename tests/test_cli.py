from __future__ import annotations

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from boundaries.example import example_study


def run(*words, folder=None):
    """Run the command line as a user does; return exit code, output and errors."""
    command = [sys.executable, "-m", "boundaries", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def test_check_lists_every_problem_and_is_fine_without_errors(tmp_path):
    code, said, _ = run("check", example_study(), "-o", tmp_path)
    assert code == 0
    assert "0 errors" in said
    problems = pd.read_csv(tmp_path / "problems.csv")
    assert list(problems) == ["level", "file", "row", "code", "field", "said", "fix"]
    assert len(problems) == sum(said.count(f"{level}: ") for level in ("warning", "note"))


def test_check_stops_with_one_on_errors_and_names_them_all(tmp_path):
    text = example_study().read_text(encoding="utf-8").replace("Wrenbourne (made up)", "Wrenborne")
    for name in example_study().parent.iterdir():
        text = text.replace(f'"{name.name}"', f'"{name.as_posix()}"')
    text = text.replace('stays = "Z99001"', 'stays = "Z99999"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    code, said, _ = run("check", tmp_path / "study.toml")
    assert code == 1
    assert "Wrenborne" in said


def test_wrong_use_is_two():
    assert run("check", "no-such-study.toml")[0] == 2
    assert run("propose")[0] == 2
    assert run("fly")[0] == 2


def test_a_wrong_study_is_one_and_nothing_is_written(tmp_path):
    (tmp_path / "study.toml").write_text("[place]\nborough = 'X'\n")
    code, _, said = run("assess", "study.toml", "-o", "out", folder=tmp_path)
    assert code == 1
    assert "Did you mean boroughs?" in said
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assess") / "today"
    code, said, errors = run("assess", example_study(), "-o", folder)
    assert code == 0, errors
    return folder, said


def test_assess_says_how_well_todays_pcns_fit(assessed):
    folder, said = assessed
    assert "Wrenbourne (made up): 150 LSOAs (2021), 30 practices" in said
    options = pd.read_csv(folder / "options.csv")
    assert list(options["option_id"]) == ["as-is"]
    assert f"{options['alignment'][0]:.1%}" in said
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert {"read", "check", "place", "measure"} <= set(record["seconds"])


def test_render_draws_the_same_pages_again(assessed):
    folder, _ = assessed
    before = (folder / "map.html").read_bytes()
    (folder / "map.html").unlink()
    code, said, errors = run("render", folder)
    assert code == 0, errors
    assert "map.html" in said
    assert (folder / "map.html").read_bytes() == before


def test_a_plan_of_the_run_scored_again_has_the_same_figures(assessed, tmp_path):
    folder, _ = assessed
    code, said, errors = run(
        "score", example_study(), "--lsoas", folder / "lsoas.csv",
        "--practices", folder / "practices.csv", "-o", tmp_path / "scored",
    )  # fmt: skip
    assert code == 0, errors
    assert "scored" in said
    columns = ["misaligned_patients", "alignment", "practices_moved", "objective"]
    scored = pd.read_csv(tmp_path / "scored" / "options.csv").set_index("option_id")[columns]
    today = pd.read_csv(folder / "options.csv").set_index("option_id")[columns]
    assert scored.loc["scored"].to_dict() == pytest.approx(today.loc["as-is"].to_dict())


def test_a_plan_that_leaves_codes_out_is_refused_by_name(assessed, tmp_path):
    folder, _ = assessed
    lsoas = pd.read_csv(folder / "lsoas.csv", dtype=str)
    missing = lsoas["lsoa_code"][0]
    lsoas.iloc[1:].to_csv(tmp_path / "plan.csv", index=False)
    code, _, said = run(
        "score", example_study(), "--lsoas", tmp_path / "plan.csv", "-o", tmp_path / "out"
    )
    assert code == 1
    assert missing in said
    assert not (tmp_path / "out").exists()


_UNFORESEEN = """
import sys
from boundaries import cli, pipeline

def fail(*_args, **_more):
    raise KeyError("nobody thought of this")

pipeline.check = fail
sys.argv = ["boundaries", "check", sys.argv[1]]
cli.main()
"""


def test_what_nobody_foresaw_is_told_without_a_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _UNFORESEEN, str(example_study())],
        capture_output=True, text=True, check=False, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "while checking the data: KeyError: 'nobody thought of this'" in done.stderr
    (log,) = tmp_path.glob("boundaries-*.log")
    assert str(log) in done.stderr
    assert "Please report it" in done.stderr
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_init_says_that_the_folder_of_data_is_not_there(tmp_path):
    code, _, said = run("init", "Brent", "--data", "nowhere", "-o", "x.toml", folder=tmp_path)
    assert code == 1
    assert said.strip() == "There is no file or folder nowhere. Check the path."
