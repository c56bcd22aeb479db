"""Names of neighbourhoods through the options of a run."""

from dataclasses import replace

import pandas as pd

from boundaries.plan import Plan
from boundaries.run import options
from boundaries.run.options import labels_of, measured_option


def test_a_name_that_another_label_has_gets_its_own_label():
    names = options._with_shared(
        {"2": "Harlesden", "6": "Kilburn"}, {"1": "Kilburn", "2": "Sudbury"}
    )
    assert names == {"1": "Kilburn", "2": "Sudbury", "6": "Kilburn (6)"}


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
