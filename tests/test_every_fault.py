"""Faults that only show when the place is built are said with those found before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.errors import InputError
from boundaries.pipeline import check, prepare
from boundaries.study import parse_study

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "example"


@pytest.fixture
def faulty():
    text = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    assert 'cut = "river-cut-pairs.csv"' in text
    text = text.replace('cut = "river-cut-pairs.csv"', 'cut = [["E01888888", "E01999999"]]')
    return parse_study(text, folder=EXAMPLE)


def test_check_returns_the_faults_of_both_stages(faulty):
    problems = check(faulty)
    assert {p.code for p in problems if p.level == "error"} == {"E01888888", "E01999999"}
    assert any("has no PCN" in problem.said for problem in problems)


def test_prepare_raises_with_the_faults_of_both_stages(faulty):
    with pytest.raises(InputError, match="E01888888 is no LSOA of the place") as caught:
        prepare(faulty)
    assert any("has no PCN" in problem.said for problem in caught.value.problems)
