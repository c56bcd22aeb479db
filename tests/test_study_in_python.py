"""A study made or changed in Python: checked like a file, and recorded with a text of its own."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import boundaries
from boundaries import pipeline
from boundaries.errors import InputError
from boundaries.pages import write_map, write_report
from boundaries.run import write_run
from boundaries.study import Layer, Lock, Study, load_study, parse_study

EXAMPLE = Path(__file__).parents[1] / "data" / "example"
STUDY = load_study(EXAMPLE / "study.toml")

NAMES = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable())
SHARES = st.floats(0.001, 0.999)
CODES = st.from_regex(r"[A-Z]\d{5}", fullmatch=True)
PAIRS = st.lists(st.tuples(CODES, CODES), max_size=3)
CHANGES = {
    "neighbourhoods": st.one_of(
        st.integers(1, 12), st.tuples(st.integers(1, 4), st.integers(4, 12))
    ),
    "contact": st.text("abc '-", max_size=20),
    "email": st.sampled_from(["", "place.team@example.org"]),
    "closes": st.one_of(st.none(), st.dates()),
    "questions": st.lists(st.text("abc?", min_size=1, max_size=9), max_size=3).map(tuple),
    "residents_band": SHARES,
    "residents": st.tuples(st.integers(0, 10_000), st.integers(10_000, 10**6)),
    "pcn_floor": st.integers(0, 10**6),
    "span_patients": st.integers(1, 10**6),
    "bond": SHARES,
    "across_barrier": SHARES,
    "within_community": st.floats(0.5, 4.0),
    "spans": st.one_of(st.integers(1, 4), st.dictionaries(CODES, st.integers(1, 4))),
    "nest_in": st.sampled_from(["borough", None]),
    "waivers": st.lists(st.fixed_dictionaries({"pcn": CODES, "reason": st.just("a reason")})),
    "max_moves": st.integers(0, 50),
    "teams_stay": st.sampled_from([*STUDY.teams, None]),
    "best_fit": st.booleans(),
    "tolerance": SHARES,
    "settled": st.integers(0, 99),
    "sensitivity": st.booleans(),
    "seed": st.integers(0, 10**9),
    "effort": st.sampled_from(["quick", "standard", "thorough"]),
    "pounds_per_patient_a_year": st.floats(0, 1000),
    "arrs_wte_per_10000": st.one_of(st.none(), st.floats(0, 50)),
    "source": NAMES,
    "title": NAMES,
    "purpose": NAMES,
    "success_factors": st.lists(NAMES, max_size=3),
    "organisation": NAMES,
    "suppress": st.sampled_from(["nhs", None]),
    "name": NAMES,
    "include_practices": st.lists(CODES, max_size=2),
    "exclude_practices": st.lists(CODES, max_size=2),
    "made_up": st.booleans(),
    "memberships_on": st.one_of(st.none(), st.dates().map(lambda day: day.isoformat())),
    "residents_column": st.one_of(st.none(), NAMES),
    "cut": PAIRS,
    "add": PAIRS,
    "locks": st.lists(st.builds(lambda code, why: Lock(stays=code, reason=why), CODES, NAMES)),
    "weights": st.dictionaries(st.sampled_from(list(STUDY.teams)), st.floats(0, 10)),
    "place": st.fixed_dictionaries({"boroughs": st.lists(NAMES, min_size=1, max_size=3)}),
    "today": st.one_of(st.none(), st.just(Layer(file=EXAMPLE / "adult-social-care.csv"))),
}
"""A value for every key that a change may name; the other keys of the study hold files."""


def test_every_key_of_a_study_is_tried():
    tables = {key: getattr(STUDY, key) for key in Study.model_fields}
    keys = {
        key
        for table in tables.values()
        for key in getattr(type(table), "model_fields", {})
        if isinstance(table, object) and hasattr(table, "model_dump")
    }
    files = {*type(STUDY.data).model_fields, "engagement"} - {"memberships_on", "residents_column"}
    assert keys - files - {"boroughs", "given"} <= set(CHANGES)


@given(changes=st.fixed_dictionaries({}, optional=CHANGES))
@settings(max_examples=40, deadline=None)
def test_a_changed_study_reads_back_from_its_own_text(changes):
    study = STUDY.with_(**changes)
    again = parse_study(study.text, folder=study.folder)
    assert again == study
    assert (again.text, again.sha256) == (study.text, study.sha256)
    assert len(study.sha256) == 64


@given(changes=st.fixed_dictionaries({}, optional=CHANGES))
@settings(max_examples=20, deadline=None)
def test_two_studies_have_one_hash_only_when_they_say_the_same(changes):
    base, study = STUDY.with_(), STUDY.with_(**changes)
    same = study.model_dump() == base.model_dump()
    assert (study.sha256 == base.sha256) is same


def test_a_changed_study_is_what_was_asked_for():
    lock = Lock(stays="Z99002", reason="It asked to.")
    study = STUDY.with_(
        max_moves=1, neighbourhoods=4, weights={"adult_social_care": 0.1},
        locks=[*STUDY.locks, lock], rules={"pcn_floor": 1},
    )  # fmt: skip
    assert (study.options.max_moves, study.rules.counts, study.rules.pcn_floor) == (1, (4, 4), 1)
    assert study.rules.residents_band == STUDY.rules.residents_band
    assert study.teams["adult_social_care"].weight == 0.1
    assert study.teams["community_nursing"] == STUDY.teams["community_nursing"]
    assert study.locks == (*STUDY.locks, lock)
    assert "#" in STUDY.text
    assert study.sha256 != STUDY.sha256
    assert study.with_(max_moves=None).options.max_moves == 3


def test_every_fault_of_a_change_is_found_at_once():
    with pytest.raises(InputError) as caught:
        STUDY.with_(
            max_mvoes=1, neighbourhoods="many", weights={"nursing": 2},
            rules={"residents_bnad": 0.1}, teams_stay="care", data={"wards": "wrads.csv"},
            locks=[{"stays": "A", "apart": ["B", "C"]}],
        )  # fmt: skip
    said = "\n".join(map(str, caught.value.problems))
    for words in (
        "Unknown key max_mvoes. Did you mean max_moves?",
        "rules.neighbourhoods",
        "weights names the layer 'nursing', which [teams] does not have.",
        "Unknown key rules.residents_bnad. Did you mean residents_band?",
        "data.wards: there is no file wrads.csv",
        "give exactly one of together, apart",
    ):
        assert words in said, words


def test_a_wrong_study_made_in_python_says_every_fault():
    with pytest.raises(InputError) as caught:
        Study(place={"boroughs": "X"}, data={"registrations": "r.csv"}, rules={"neighbours": 3})
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 3
    assert any("data.lsoas is missing" in words for words in said)


def test_a_study_keeps_its_comments_where_it_came_from_and_its_paths_elsewhere(tmp_path):
    (tmp_path / "deep").mkdir()
    path = STUDY.to_toml(tmp_path / "deep" / "study.toml")
    again = load_study(path)
    assert again.data.lsoas[0].resolve() == STUDY.data.lsoas[0].resolve()
    files = {"data", "teams", "neighbours"}
    assert again.model_dump(exclude=files) == STUDY.model_dump(exclude=files)
    assert load_study(again.to_toml(path.with_name("copy.toml"))).text == again.text
    with pytest.raises(InputError, match="is there already"):
        STUDY.to_toml(path)


def test_a_model_copy_does_not_keep_the_text_of_another_study():
    rules = STUDY.rules.model_copy(update={"pcn_floor": 5})
    copied = STUDY.model_copy(update={"rules": rules})
    assert copied.sha256 != STUDY.sha256
    assert "pcn_floor = 5" in copied.text


def _frames() -> dict[str, object]:
    table = {"dtype": str, "keep_default_na": False}
    return {
        "registrations": pd.read_csv(EXAMPLE / "gp-reg-pat-prac-lsoa-all.csv", **table),
        "lsoas": gpd.read_file(EXAMPLE / "lsoa21.geojson").to_crs(27700),
        "memberships": pd.read_csv(EXAMPLE / "gp-reg-pat-prac-map.csv", **table),
        "residents": pd.read_csv(EXAMPLE / "lsoa21-mid2024-population.csv", **table),
    }


def test_frames_stand_where_files_do(tmp_path):
    study = STUDY.with_(data=_frames(), teams={"adult_social_care": {
        "file": pd.read_csv(EXAMPLE / "adult-social-care.csv", dtype=str)
    }})  # fmt: skip
    assert "boundaries-frames" not in study.text  # content has a name, not a place
    assert study.sha256 == STUDY.with_(data=_frames(), teams={"adult_social_care": {
        "file": pd.read_csv(EXAMPLE / "adult-social-care.csv", dtype=str)
    }}).sha256  # fmt: skip
    framed, filed = pipeline.prepare(study), pipeline.prepare(STUDY)
    pd.testing.assert_frame_equal(framed.place.registrations, filed.place.registrations)
    pd.testing.assert_series_equal(framed.place.lsoas["residents"], filed.place.lsoas["residents"])
    assert [problem for problem in framed.problems if problem.level == "error"] == []
    path = study.to_toml(tmp_path / "framed.toml")
    again = pipeline.prepare(load_study(path)).place
    pd.testing.assert_frame_equal(again.registrations, framed.place.registrations)


def test_a_wrong_frame_is_a_fault_like_a_wrong_file():
    wrong = pd.DataFrame({"practice_code": ["A81001"], "patients": [3]})
    study = STUDY.with_(data={"registrations": wrong})
    with pytest.raises(InputError, match=r"registrations-\w+\.csv"):
        boundaries.check(study)


def _drawn(run, folder):
    write_run(run, folder)
    write_map(run, folder / "map.html")
    write_report(run, folder / "report.html")
    return folder


def test_a_varied_study_saved_read_and_rendered_gives_the_same_pages(tmp_path):
    study = STUDY.with_(
        neighbourhoods=(3, 4), pcn_floor=0, weights={"adult_social_care": 0.05}, title="Varied “é”",
        locks=[*STUDY.locks, Lock(stays="Z99002", reason="It asked to.")], tolerance=0.03,
    )  # fmt: skip
    first = _drawn(boundaries.assess(study), tmp_path / "first")
    run = boundaries.read_run(first)
    assert run.study.rules == study.rules
    assert (run.study.text, run.study.sha256) == (study.text, study.sha256)
    second = _drawn(run, tmp_path / "second")
    for page in ("map.html", "report.html", "options.csv", "rules_broken.csv", "run.json"):
        assert (first / page).read_bytes() == (second / page).read_bytes(), page
