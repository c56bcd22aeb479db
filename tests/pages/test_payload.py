"""What goes into the map's page: everything it shows, once, and the same every time."""

import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from boundaries.pages.bundle import bundle
from boundaries.pages.identity import identify
from boundaries.pages.map import draw_map
from boundaries.pages.payload import run_payload
from boundaries.pages.payload_place import HIDDEN
from boundaries.plan import Plan


def test_the_page_is_the_same_every_time(small_run):
    assert draw_map(small_run).html == draw_map(small_run).html


def test_registrations_come_back_whole(small_run):
    payload = run_payload(small_run)
    rows = []
    for practice, flat in zip(payload["practices"]["code"], payload["registrations"], strict=True):
        lsoas = np.cumsum(flat[0::2])
        rows += [
            (practice, payload["lsoas"]["code"][lsoa], patients)
            for lsoa, patients in zip(lsoas, flat[1::2], strict=True)
        ]
    again = pd.DataFrame(rows, columns=["practice_code", "lsoa_code", "patients"])
    pd.testing.assert_frame_equal(again, small_run.place.registrations)


def test_options_come_back_as_their_plans(small_run):
    payload = run_payload(small_run)
    for option, row in zip(small_run.options, payload["options"], strict=True):
        labels = np.array(row["labels"], dtype=object)
        assert list(labels[row["lsoas"]]) == list(option.plan.lsoas)
        assert list(labels[row["practices"]]) == list(option.plan.practices)
        assert (
            row["summary"]["misaligned_patients"] == option.measures.summary["misaligned_patients"]
        )


def test_each_practice_stands_in_the_lsoa_around_it(small_run):
    payload = run_payload(small_run)
    place = small_run.place
    for code, at in zip(payload["practices"]["code"], payload["practices"]["stands"], strict=True):
        area = place.lsoas.geometry[payload["lsoas"]["code"][at]]
        assert area.contains(place.practices.geometry[code])
    far = place.practices.set_geometry(place.practices.geometry.translate(xoff=90_000))
    moved = run_payload(replace(small_run, place=replace(place, practices=far)))
    assert set(moved["practices"]["stands"]) == {-1}


def test_a_suppressed_run_holds_no_small_number(small_run):
    study = small_run.study.model_copy(
        update={"report": small_run.study.report.model_copy(update={"suppress": "nhs"})}
    )
    payload = run_payload(replace(small_run, study=study))
    assert payload["suppressed"]
    patients = [n for flat in payload["registrations"] for n in flat[1::2]]
    patients += payload["elsewhere"]["rows"][2::3] + payload["practices"]["list"]
    assert all(n == HIDDEN or n % 5 == 0 for n in patients)
    assert not any(0 < n < 8 for n in patients)


def test_the_same_neighbourhood_keeps_its_colour(small_run):
    identities = identify(small_run)
    for label in "123":  # the first two are the same map, and so are the last two
        for pair in (small_run.options[:2], small_run.options[2:]):
            assert len({identities.colour(option.option_id, label) for option in pair}) == 1
    assert len({identities.colour("move-1", label) for label in "123"}) == 3
    # 3 grows from four LSOAs to nine: most of its residents are others then.
    lasts = [identities.of["move-0", label] == identities.of["move-1", label] for label in "123"]
    assert lasts == [True, True, False]


def test_other_labels_are_matched_by_the_residents_they_share(small_run):
    first, second = small_run.options[:2]
    names = {"1": "West", "2": "North", "3": "South-east"}
    renamed = replace(second, plan=second.plan.relabelled(names))
    identities = identify(replace(small_run, options=(first, renamed)))
    for label, name in names.items():
        assert identities.of[first.option_id, label] == identities.of[second.option_id, name]


def test_a_neighbourhood_that_is_new_gets_a_colour_of_its_own(small_run):
    first, second = small_run.options[:2]
    split = second.plan.lsoas.copy()
    split.iloc[[4, 5]] = "9"
    renamed = replace(second, plan=Plan(split, second.plan.practices))
    identities = identify(replace(small_run, options=(first, renamed)))
    assert len({identities.colour(second.option_id, label) for label in "1239"}) == 4


def test_a_practice_without_a_point_is_still_there(small_run):
    place = small_run.place
    practices = place.practices.copy()
    practices.geometry = [None, *practices.geometry[1:]]
    payload = run_payload(replace(small_run, place=replace(place, practices=practices)))
    assert payload["practices"]["at"][0] is None
    assert len(payload["practices"]["at"]) == 6


def test_every_script_is_used_and_what_restates_formulas_knows_no_page():
    folder = Path(str(files("boundaries.pages") / "templates" / "map"))
    page = str(bundle("map/main.js"))
    for path in sorted(folder.rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert text.splitlines()[0] in page, f"{path.name} is imported by nobody"
        assert "innerHTML" not in text  # text gets into the page as text only
        if path.parent.name == "core":
            assert not re.search(r"\b(document|window|location|state)\b|from \"\.\./", text)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), None, pd.NA])
def test_what_is_not_known_is_valid_json(small_run, number):
    first = small_run.options[0]
    summary = {**first.measures.summary, "resident_distance_m": number}
    option = replace(first, measures=replace(first.measures, summary=summary))
    payload = run_payload(replace(small_run, options=(option,)))
    json.dumps(payload, allow_nan=False)
    assert payload["options"][0]["summary"]["resident_distance_m"] is None
