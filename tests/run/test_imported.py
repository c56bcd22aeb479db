"""Plans of somebody else: which option of a run's own file, and codes of the other census."""

from __future__ import annotations

import pandas as pd
import pytest

from boundaries import pipeline
from boundaries.errors import InputError, PlanError
from boundaries.example import example_study
from boundaries.measure import require_cover
from boundaries.plan import Plan


def test_an_option_of_a_runs_own_files_is_scored_by_its_name(tmp_path):
    first = pipeline.assess(example_study()).options[0]
    lsoas = first.plan.lsoas.rename_axis("lsoa_code").reset_index(name="neighbourhood")
    other = lsoas.assign(option_id="other", neighbourhood=lsoas["neighbourhood"].iloc[0])
    pd.concat([lsoas.assign(option_id="as-is"), other]).to_csv(tmp_path / "l.csv", index=False)
    names = first.plan.practices.str.lower().rename_axis("practice_code")
    names.reset_index(name="neighbourhood").to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(InputError, match="--option"):
        pipeline.score(example_study(), tmp_path / "l.csv")
    files = (tmp_path / "l.csv", tmp_path / "p.csv")
    run = pipeline.score(example_study(), *files, option="as-is")
    scored = run.option("scored").measures.summary
    assert scored["misaligned_patients"] == first.measures.summary["misaligned_patients"] > 0
    assert sum("is taken for" in problem.said for problem in run.problems) == len(set(names))


def test_codes_of_the_other_census_are_named_as_such(small_place):
    codes = [code.replace("E010000", "E010340") for code in small_place.lsoas.index]
    practices = pd.Series("1", index=small_place.practices.index)
    with pytest.raises(PlanError) as caught:
        require_cover(small_place, Plan(pd.Series("1", index=codes), practices))
    assert "census" not in str(caught.value)
    newer = small_place.__class__(**{**vars(small_place), "lsoa_year": 2011})
    with pytest.raises(PlanError, match="These are 2021 codes; the place is drawn in 2011 codes"):
        require_cover(newer, Plan(pd.Series("1", index=codes), practices))
