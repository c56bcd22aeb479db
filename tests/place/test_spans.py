"""How many neighbourhoods a PCN may be based in, by its patients in the place or by the study."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.conftest import make_small_study, make_small_tables

from boundaries.place import build_place, with_spans
from boundaries.place.spans import find_spans
from boundaries.study.model import Rules

LIVING = pd.Series({"U1": 104_000, "U2": 60_000, "U3": 30_000, "U4": 0}, dtype="int64")


@pytest.mark.parametrize(
    ("neighbourhoods", "spans"),
    [
        (2, [2, 1, 1, 1]),  # one for every 50,000, whoever asks
        (5, [2, 1, 1, 1]),
        (6, [2, 2, 1, 1]),  # 60,000 for one anchor is more than 52,000
        (7, [3, 2, 1, 1]),
        (8, [4, 2, 1, 1]),  # 34,667 for an anchor, against 30,000 twice
        (9, [4, 3, 1, 1]),  # a tie goes to the smaller code
    ],
)
def test_spans_are_raised_until_there_is_a_pcn_for_every_neighbourhood(neighbourhoods, spans):
    found = find_spans(LIVING, Rules(neighbourhoods=3), neighbourhoods=neighbourhoods)
    assert found.tolist() == spans


def test_what_the_study_sets_is_kept():
    rules = Rules(neighbourhoods=9, spans={"U1": 1, "U4": 3})
    assert find_spans(LIVING, rules, neighbourhoods=9).tolist() == [1, 3, 2, 3]
    assert (
        find_spans(LIVING, Rules(neighbourhoods=9, spans=2), neighbourhoods=9).tolist() == [2] * 4
    )
    every = Rules(neighbourhoods=9, spans=dict.fromkeys(LIVING.index, 1))
    assert find_spans(LIVING, every, neighbourhoods=9).tolist() == [1] * 4


def test_check_names_the_pcn_that_may_be_in_more_and_why():
    place, problems = build_place(
        make_small_tables(),
        make_small_study(rules={"neighbourhoods": [3, 4], "residents_band": 0.5}),
    )
    (note,) = [problem for problem in problems if problem.field == "rules.spans"]
    assert note.level == "note"
    raised = place.pcns.index[place.pcns["span"] > 1]
    assert raised.tolist() == [note.code] == ["U00001"]
    assert note.said == (
        "Alder PCN may be based in 2 neighbourhoods (6,242 of its patients live in the place): 4 "
        "neighbourhoods are asked for, and the 3 PCNs would be based in 3 at most."
    )
    rules = Rules(neighbourhoods=3)
    assert with_spans(place, rules, neighbourhoods=3).pcns["span"].tolist() == [1, 1, 1]
    assert with_spans(place, rules, neighbourhoods=6).pcns["span"].sum() == 6
