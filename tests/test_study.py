from __future__ import annotations

import pytest

from boundaries.errors import InputError
from boundaries.study import parse_study

GOOD = """
[place]
boroughs = "Brent"
[data]
registrations = "r.csv"
lsoas = ["l.zip"]
[rules]
neighbourhoods = 5
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("r.csv", "l.zip", "patches.gpkg"):
        (tmp_path / name).write_text("x")
    return tmp_path


def said(folder, text):
    with pytest.raises(InputError) as caught:
        parse_study(text, folder=folder)
    return "\n".join(str(problem) for problem in caught.value.problems)


def test_a_short_study_is_enough_and_paths_become_absolute(folder):
    study = parse_study(GOOD, folder=folder)
    assert study.place.boroughs == ("Brent",)
    assert study.data.registrations == (folder / "r.csv",)
    assert study.rules.counts == (5, 5)
    assert study.rules.residents_limits(350_000, 5) == (52_500, 87_500)
    assert study.text == GOOD
    assert len(study.sha256) == 64


def test_every_fault_is_found_at_once(folder):
    text = GOOD.replace("neighbourhoods", "neighborhoods").replace("r.csv", "rr.csv")
    text += "residents_band = 'wide'\n[teams.nursing]\nfile = 'patches.gpk'\nnmae = 'TEAM'\n"
    answer = said(folder, text)
    assert "Unknown key rules.neighborhoods. Did you mean neighbourhoods?" in answer
    assert "rules.neighbourhoods is missing" in answer
    assert "rules.residents_band" in answer
    assert "there is no file rr.csv. Did you mean r.csv?" in answer
    assert "there is no file patches.gpk. Did you mean patches.gpkg?" in answer
    assert "Unknown key teams.nursing.nmae. Did you mean name?" in answer


def test_not_toml(folder):
    assert "Not valid TOML" in said(folder, "[place\n")


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        ("together = ['E01000001']", "at least two codes"),
        ("practice = 'E84001'", "exactly one of"),
        ("joins = 'U00001'", "go together"),
        ("stays = 'E84001'\ntogether = ['E01000001', 'E01000002']", "exactly one of"),
    ],
)
def test_locks_say_one_thing(folder, lock, message):
    assert message in said(folder, f"{GOOD}[[locks]]\n{lock}\n")


def test_teams_stay_names_a_layer(folder):
    text = f"{GOOD}[teams.nursing]\nfile = 'patches.gpkg'\n[options]\nteams_stay = 'nurses'\n"
    assert "Did you mean 'nursing'?" in said(folder, text)


def test_a_band_is_rounded_inwards(folder):
    rules = parse_study(GOOD, folder=folder).rules
    assert rules.residents_limits(1001, 5) == (151, 250)
