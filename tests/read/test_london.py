"""The real files, as published and tidied: both must tell the same about a borough."""

from __future__ import annotations

import pandas as pd
import pytest

from boundaries.read import choose_files, find_files, read_tables
from boundaries.study import parse_study

pytestmark = pytest.mark.london


@pytest.fixture(scope="module")
def sets(london):
    return {name: find_files([london / name]) for name in ("published", "london")}


def read(found, borough):
    choice = choose_files(found, boroughs=[borough])
    assert choice.problems == ()
    lines = [f"{role} = {[str(path) for path in paths]}" for role, paths in choice.files.items()]
    text = f'[place]\nboroughs = "{borough}"\n[rules]\nneighbourhoods = 5\n[data]\n'
    study = parse_study(text + "\n".join(lines), folder=choice.files["lsoas"][0].parent)
    tables, problems = read_tables(study)
    assert [str(p) for p in problems if p.level == "error"] == []
    return choice, tables


def in_force(tables, on="2022-07-01"):
    rows = tables.memberships
    rows = rows[
        (rows["start"].isna() | (rows["start"] <= on)) & (rows["end"].isna() | (rows["end"] >= on))
    ]
    latest = rows.sort_values("start", kind="stable").drop_duplicates("practice_code", keep="last")
    return latest.set_index("practice_code")["pcn_code"]


def test_brent_from_published_and_from_tidy_files(sets):
    choice, published = read(sets["published"], "Brent")
    _, tidy = read(sets["london"], "Brent")
    assert choice.files["memberships"][0].name == "ePCN_2023-01.xlsx"
    assert published.lsoa_year == tidy.lsoa_year == 2011
    assert published.memberships_on == "2022-07-01"
    assert len(published.registrations) > 800_000

    places = published.practices.set_index("practice_code")["postcode"].map(
        published.postcodes["borough_code"]
    )
    registered = set(published.registrations["practice_code"])
    brent = sorted(code for code in places.index[places == "E09000005"] if code in registered)
    lists = pd.read_csv(sets["london"][0].path.parent / "practices.csv").set_index("practice_code")
    assert brent == sorted(lists.index[lists["borough_name"] == "Brent"])

    own = in_force(published).reindex(brent).fillna("")
    pd.testing.assert_series_equal(own, in_force(tidy).reindex(brent).fillna(""), check_names=False)

    def rows(tables):
        wanted = tables.registrations["practice_code"].isin(brent)
        keys = ["practice_code", "lsoa_code"]
        return tables.registrations[wanted].set_index(keys)["patients"].sort_index()

    pd.testing.assert_series_equal(rows(published), rows(tidy))
    totals = rows(published).groupby("practice_code").sum()
    assert totals.to_dict() == lists.loc[brent, "list_size"].to_dict()

    lsoas = set(published.lsoas.query("borough_name == 'Brent'")["lsoa_code"])
    assert lsoas == set(tidy.lsoas.query("borough_name == 'Brent'")["lsoa_code"])
    inside = published.registrations.query("lsoa_code in @lsoas")["patients"].sum()
    assert inside == tidy.registrations.query("lsoa_code in @lsoas")["patients"].sum()


def test_every_borough_of_london_gets_a_consistent_published_set(sets):
    london = read(sets["london"], "Camden")[1]
    boroughs = sorted(set(london.lsoas["borough_name"]))
    assert len(boroughs) == 33
    choice = choose_files(sets["published"], boroughs=boroughs)
    assert choice.problems == ()
    assert len(choice.boroughs) == 33
    assert choice.lsoa_year == 2011
    assert choice.files["residents"][0].name == "london-mid2020-pop.csv"
    assert "Camden" not in choice.files["registrations"][0].name
    assert "centroids" not in choice.files, "the centroids are of 2021"
