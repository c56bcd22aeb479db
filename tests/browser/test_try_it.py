"""Try it yourself: the page measures as `boundaries.measure` does, to the last patient."""

import json
from dataclasses import replace

import pytest

from boundaries import pipeline
from boundaries.measure import measure_plan
from boundaries.pages.map import write_map
from boundaries.plan import Plan
from boundaries.read import read_plan

pytestmark = pytest.mark.browser

SAME = (
    "practices_moved",
    "patients_moved",
    "patients_internal",
    "misaligned_patients",
    "alignment",
)


def figures(page):
    cells = page.locator("[data-figure]").evaluate_all(
        "cells => cells.map((cell) => [cell.dataset.figure, Number(cell.dataset.value)])"
    )
    return dict(cells)


def save_plan(page, folder):
    """Save both files from the page, as a reader does."""
    for name in ("lsoas", "practices"):
        with page.expect_download() as waiting:
            page.locator(f"#save-{name}").click()
        assert waiting.value.suggested_filename == f"{name}.csv"
        waiting.value.save_as(folder / f"{name}.csv")
    return folder / "lsoas.csv", folder / "practices.csv"


def assert_shown(page, place, measures):
    shown = figures(page)
    for name in (*SAME, *(f"residents_changing_{team}" for team in place.teams)):
        assert shown[name] == pytest.approx(measures.summary[name], abs=1e-6), name
    said = page.locator("#panel .warn li").all_inner_texts()
    assert len(said) == min(len(measures.broken), 12 + (len(measures.broken) > 12))


def assert_same(page, place, study, folder):
    tables = read_plan(*save_plan(page, folder))
    plan = Plan(tables.lsoas, tables.practices)
    measures = measure_plan(place, plan, study=study)
    assert_shown(page, place, measures)
    return plan, measures


def test_the_round_trip_equals_the_score(
    example_run, example_study, example_map, open_page, tmp_path
):
    """What `boundaries score` makes of the two files, from the published files on."""
    place = example_run.place
    page = open_page(example_map, fragment="#option=move-1&view=try")
    page.get_by_label("Move whatever I choose to").check()
    for step, code in enumerate([*place.lsoas.index[10:70:12], *place.practices.index[3:9:2]]):
        page.get_by_label("Neighbourhood to move to").select_option(index=step % 5)
        kind = "practice" if code in place.practices.index else "lsoa"
        page.locator(f"#pane-a [data-{kind}='{code}']").focus()
        page.keyboard.press("Enter")
    scored = pipeline.score(example_study, *save_plan(page, tmp_path)).option("scored")
    assert_shown(page, place, scored.measures)
    assert scored.measures.broken  # LSOAs that hang apart, for one
    for code, row in scored.measures.neighbourhoods.iterrows():
        assert f"{row['residents']:,}" in page.locator("#panel").inner_text(), code


def test_undo_and_start_again_go_back(small_run, small_map, open_page, tmp_path):
    page = open_page(small_map, fragment="#option=move-1&view=try&lsoa=E01000005")
    before, _ = assert_same(page, small_run.place, small_run.study, tmp_path)
    target = next(name for name in before.neighbourhoods if name != before.lsoas["E01000005"])
    page.get_by_label("Move to neighbourhood").select_option(
        index=list(before.neighbourhoods).index(target)
    )
    page.locator("#move").click()
    plan, _ = assert_same(page, small_run.place, small_run.study, tmp_path)
    assert (plan.lsoas != before.lsoas).sum() == 1
    page.locator("#undo").click()
    after, _ = assert_same(page, small_run.place, small_run.study, tmp_path)
    assert after.lsoas.equals(before.lsoas)
    assert page.locator("#again").is_disabled()


def test_locks_are_named_when_they_break(small_run, open_page, tmp_path):
    study = small_run.study.model_validate(
        json.loads(small_run.study.model_dump_json())
        | {
            "locks": [
                {"stays": ["A00003"], "reason": "new building"},
                {"together": ["A00001", "U00003"]},
                {"apart": ["E01000000", "E01000001"]},
                {"together": ["U00001", "U00002"]},
            ]
        }
    )
    run = replace(small_run, study=study)
    page = open_page(write_map(run, tmp_path / "map.html"), fragment="#option=move-1&view=try")
    _, measures = assert_same(page, run.place, study, tmp_path)
    assert any(broken.rule == 8 for broken in measures.broken)
    assert "must be apart" in page.locator("#panel .warn").inner_text()


def test_what_is_rounded_is_not_recomputed(small_run, open_page, tmp_path):
    study = small_run.study.model_copy(
        update={"report": small_run.study.report.model_copy(update={"suppress": "nhs"})}
    )
    path = write_map(replace(small_run, study=study), tmp_path / "map.html")
    page = open_page(path, fragment="#option=move-1&view=try")
    assert "cannot be worked out" in page.locator("#panel").inner_text()
    payload = json.loads(page.locator("#payload").text_content())
    counts = [count for rows in payload["registrations"] for count in rows[1::2]]
    assert {count for count in counts if 0 < count < 8} == set()
    assert all(count == -1 or count % 5 == 0 for count in counts)
