"""Names of neighbourhoods through the options of a run."""

import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd

from boundaries.measure import name_neighbourhoods
from boundaries.plan import Plan
from boundaries.run.options import labels_of, measured_option, names_left_out
from boundaries.study.write import text_of


def test_the_study_names_an_options_neighbourhoods(small_run, small_study):
    small_place, halves = small_run.place, small_run["move-1"].plan
    own = name_neighbourhoods(small_place, halves)
    study = small_study.model_copy(
        update={"names": {"ours": {"1": own["2"], "9": "Nowhere"}, "theirs": {"1": "Elsewhere"}}}
    )
    option = measured_option(
        small_place, study, halves, option_id="ours", family="scored", title="x"
    )
    called = option.measures.neighbourhoods["name"]
    assert called.to_dict() == {**own, "1": own["2"], "2": f"{own['2']} (2)"}
    assert [problem.said for problem in names_left_out(study, [option])] == [
        "ours has no neighbourhood '9' to call 'Nowhere'.",
        "There is no option 'theirs' to call a neighbourhood 'Elsewhere' in.",
    ]
    text = text_of(study, folder=study.folder)
    assert tomllib.loads(text)["names"] == study.names


def test_a_label_lasts_only_where_most_residents_are_the_same(small_place, small_study):
    """A third of the west goes to the east: still most of both. Two thirds: neither is the same."""
    column = small_place.lsoas["centre_e"] // 1000
    practices = pd.Series("1", small_place.practices.index)
    practices.iloc[0] = "2"

    def plan(west):
        return Plan(pd.Series(np.where(column < west, "1", "2"), column.index), practices)

    labels = labels_of(small_place, plan(3))
    kept = {}
    for west in (2, 1):
        option = measured_option(
            small_place, small_study, plan(west), option_id="x", family="scored", title="x",
            labels=labels,
        )  # fmt: skip
        kept[west] = sorted(option.plan.neighbourhoods)
    assert kept == {2: ["1", "2"], 1: ["2", "3"]}


def test_names_are_of_areas_mostly_inside(small_place):
    """Wards are two columns wide: the middle ones lie half in each of two halves."""
    column = small_place.lsoas["centre_e"] // 1000
    practices = pd.Series("1", small_place.practices.index)
    halves = Plan(pd.Series(np.where(column < 3, "1", "2"), column.index), practices)
    assert name_neighbourhoods(small_place, halves) == {
        "1": "Ward 0 and Ward 3",
        "2": "Ward 2 and Ward 5",
    }
    corner = Plan(pd.Series(["1"] * 2 + ["2"] * 28, column.index), practices)
    assert name_neighbourhoods(small_place, corner)["1"] == "Neighbourhood 1 (south-west)"


def test_names_of_the_layer_that_the_study_names(small_place):
    codes = small_place.lsoas.index
    areas = ["Hill" if number % 6 < 4 else "Dale" for number in range(30)]
    rows = pd.DataFrame({"layer": "villages", "lsoa_code": codes, "area": areas, "share": 1.0})
    place = replace(small_place, communities=rows, named_after="villages")
    column = small_place.lsoas["centre_e"] // 1000
    halves = Plan(
        pd.Series(np.where(column < 3, "1", "2"), codes), pd.Series("1", place.practices.index)
    )
    assert name_neighbourhoods(place, halves) == {"1": "Hill", "2": "Dale"}


def test_the_number_in_a_name_is_the_label_of_the_option(small_place, small_study):
    plain = replace(small_place, lsoas=small_place.lsoas.assign(ward_code="", ward_name=""))
    west = plain.lsoas["centre_e"] < plain.lsoas["centre_e"].median()
    lsoas = west.map({True: "2", False: "1"}).astype(str)
    practices = pd.Series(["1", "2"] * 50, dtype=str)[: len(plain.practices)]
    practices.index = plain.practices.index
    turned = {"1": "2", "2": "1"}
    labels = labels_of(plain, Plan(lsoas, practices))
    for plan in (Plan(lsoas, practices), Plan(lsoas.map(turned), practices.map(turned))):
        option = measured_option(
            plain, small_study, plan, option_id="x", family="scored", title="x", labels=labels
        )
        names = option.measures.neighbourhoods["name"]
        assert [name.split()[1] for name in names] == list(names.index)
