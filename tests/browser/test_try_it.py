"""Try it yourself: the page measures as `boundaries.measure` does, to the last patient."""

import json
import random
from dataclasses import replace

import pytest

from boundaries.measure import measure_plan
from boundaries.pages.map import write_map
from boundaries.plan import Plan
from boundaries.read import read_plan

pytestmark = pytest.mark.browser

SAME = ("practices_moved", "patients_moved", "patients_internal", "misaligned_patients",
        "alignment", "residents_changing_nursing", "residents_changing_social_care")  # fmt: skip


def figures(page):
    cells = page.locator("[data-figure]")
    return {
        cell.get_attribute("data-figure"): float(cell.get_attribute("data-value"))
        for cell in cells.all()
    }


def saved_plan(page, folder) -> Plan:
    """Save both files from the page and read them as `boundaries score` does."""
    for name in ("lsoas", "practices"):
        with page.expect_download() as waiting:
            page.locator(f"#save-{name}").click()
        assert waiting.value.suggested_filename == f"{name}.csv"
        waiting.value.save_as(folder / f"{name}.csv")
    tables = read_plan(folder / "lsoas.csv", folder / "practices.csv")
    return Plan(tables.lsoas, tables.practices)


def assert_same(page, place, study, tmp_path):
    plan = saved_plan(page, tmp_path)
    measures = measure_plan(place, plan, study=study)
    shown = figures(page)
    for name in SAME:
        assert shown[name] == pytest.approx(measures.summary[name], abs=1e-9), name
    said = page.locator(".warn li").all_inner_texts()
    assert len(said) == min(len(measures.broken), 12 + (len(measures.broken) > 12))
    return plan, measures


def test_the_round_trip_equals_the_score(browser_run, small_map, open_page, tmp_path):
    page = open_page(small_map, fragment="#option=move-1&view=try&lsoa=E01000005")
    before = saved_plan(page, tmp_path)
    page.get_by_label("Move to neighbourhood").select_option(label="Ward 0 and Ward 3")
    page.locator("#move").click()
    plan, measures = assert_same(page, browser_run.place, browser_run.study, tmp_path)
    assert (plan.lsoas != before.lsoas).sum() == 1
    assert measures.broken  # the LSOA now hangs apart
    page.locator("#undo").click()
    after, _ = assert_same(page, browser_run.place, browser_run.study, tmp_path)
    assert after.lsoas.equals(before.lsoas)


def test_many_steps_by_brush_equal_the_score(browser_run, small_map, open_page, tmp_path):
    page = open_page(small_map, fragment="#option=move-2&view=try")
    page.get_by_label("Move whatever I choose to").check()
    chance = random.Random(7)  # noqa: S311 - any fixed steps will do
    codes = list(browser_run.place.lsoas.index)
    for step in range(12):
        page.get_by_label("Neighbourhood to move to").select_option(index=chance.randrange(3))
        if step % 3 == 2:
            practice = chance.choice(list(browser_run.place.practices.index))
            page.locator(f"[data-practice='{practice}']").focus()
        else:
            page.locator(f"[data-lsoa='{chance.choice(codes)}']").focus()
        page.keyboard.press("Enter")
        assert_same(page, browser_run.place, browser_run.study, tmp_path)


@pytest.mark.parametrize(
    "rules",
    [
        {"spans": {"U00001": 2}, "pcn_floor": 0},
        {"residents_band": 0.05},
        {"neighbourhoods": (4, 5), "nest_in": "borough"},
    ],
)
def test_rules_of_the_study_count(browser_run, rules, open_page, tmp_path):
    place = browser_run.place
    if "spans" in rules:
        place = replace(place, pcns=place.pcns.assign(span=[2, 2, 1], floor=[700, 0, 1500]))
    study = browser_run.study.model_copy(
        update={"rules": browser_run.study.rules.model_copy(update=rules)}
    )
    run = replace(browser_run, place=place, study=study)
    page = open_page(write_map(run, tmp_path / "map.html"), fragment="#option=move-2&view=try")
    assert_same(page, place, study, tmp_path)


def test_locks_are_named_when_they_break(browser_run, open_page, tmp_path):
    study = browser_run.study.model_validate(
        json.loads(browser_run.study.model_dump_json())
        | {
            "locks": [
                {"stays": ["A00004"], "reason": "new building"},
                {"together": ["A00001", "U00003"]},
                {"apart": ["E01000000", "E01000001"]},
                {"together": ["U00001", "U00002"]},
            ]
        }
    )
    run = replace(browser_run, study=study)
    page = open_page(write_map(run, tmp_path / "map.html"), fragment="#option=move-1&view=try")
    _, measures = assert_same(page, run.place, study, tmp_path)
    assert any(broken.rule == 8 for broken in measures.broken)
    assert "must be apart" in page.locator(".warn").inner_text()


def test_what_is_rounded_is_not_recomputed(browser_run, open_page, tmp_path):
    study = browser_run.study.model_copy(
        update={"report": browser_run.study.report.model_copy(update={"suppress": "nhs"})}
    )
    path = write_map(replace(browser_run, study=study), tmp_path / "map.html")
    page = open_page(path, fragment="#option=move-1&view=try")
    assert "cannot be worked out" in page.locator("#panel").inner_text()
    payload = json.loads(page.locator("#payload").text_content())
    counts = [count for rows in payload["registrations"] for count in rows[1::2]]
    assert {count for count in counts if 0 < count < 8} == set()
    assert all(count == -1 or count % 5 == 0 for count in counts)
