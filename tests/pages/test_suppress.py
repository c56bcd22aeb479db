"""Small numbers: what is hidden stays hidden in every file that people are given."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from boundaries.errors import InputError
from boundaries.measure import measure_flows, measure_plan
from boundaries.pages.published import System
from boundaries.pages.reckoning import _hidden
from boundaries.pages.report import report_html
from boundaries.pages.suppress import (
    as_shown,
    suppress_counts,
    suppress_run,
    without_figures,
)
from boundaries.pipeline import save
from boundaries.run import read_run
from boundaries.run.tables import counts_people


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, 0),
        (1, None),
        (7, None),
        (8, 10),
        (12, 10),
        (13, 15),
        (-6, None),
        (-13, -15),
        (0.4, None),
    ],
)
def test_the_rule(count, shown):
    (found,) = suppress_counts(pd.Series([count]))
    assert (None if np.isnan(found) else found) == shown


def test_missing_stays_missing():
    assert suppress_counts(pd.Series([pd.NA, 8], dtype="Int64")).isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("3 patients live in Ward 2.", "* patients live in Ward *."),
        ("1,234 of them, 12 residents (0.02 %)", "* of them, * residents (*)"),
        ("E01000002 of A00001 has -5, 1.5 or ±3.", "E01000002 of A00001 has *, * or *."),
    ],
)
def test_sentences_keep_no_figure(said, shown):
    assert without_figures(said) == shown


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("patients", True), ("residents_changing_nursing", True), ("list_size", True),
        ("list_inside_share", False), ("practices", False), ("resident_distance_m", False),
        ("catchment_residents", True), ("neighbourhoods", False), ("wards_split", False),
    ],
)  # fmt: skip
def test_which_columns_count_people(name, people):
    assert counts_people(name) is people


def _caseload_run(small_run):
    """The small run with a caseload instead of a list: many small numbers."""
    place = small_run.place
    pairs = place.registrations.assign(patients=(place.registrations["patients"] // 23).clip(1))
    inside = pairs.groupby("practice_code")["patients"].sum()
    practices = place.practices.assign(
        list_size=inside + 3, patients_inside=inside, patients_outside=3
    )
    lists = practices.groupby("pcn_code")["list_size"].sum()
    place = replace(
        place, registrations=pairs, practices=practices, pcns=place.pcns.assign(list_size=lists)
    )
    options = tuple(
        replace(o, measures=measure_plan(place, o.plan, study=small_run.study))
        for o in small_run.options
    )
    study = small_run.study.model_copy(
        update={"report": small_run.study.report.model_copy(update={"suppress": "nhs"})}
    )
    flows = measure_flows(place, small_run.catchment)
    small = flows["patients"].rank(method="first") <= 2
    flows.loc[small, "patients"] = 3
    return replace(small_run, place=place, options=options, study=study, flows=flows)


@pytest.fixture(scope="module")
def caseload(small_run):
    return _caseload_run(small_run)


def _frames(run):
    yield from (run.facts, run.flows, run.moves, run.place.practices, run.place.registrations)
    for option in run.options:
        measures = option.measures
        yield from (measures.neighbourhoods, measures.practices, measures.lsoas, measures.pcns)
        yield from (measures.teams, measures.quintiles, measures.wards)
        yield pd.DataFrame([measures.summary])


def test_no_frame_of_a_suppressed_run_holds_a_small_or_exact_count(caseload):
    hidden = 0
    for frame in _frames(suppress_run(caseload)):
        for name in frame.select_dtypes("number").columns:
            if counts_people(str(name)):
                values = frame[name].dropna().to_numpy(dtype=float)
                hidden += int(frame[name].isna().sum())
                assert (values % 5 == 0).all(), name
                assert not ((np.abs(values) > 0) & (np.abs(values) < 8)).any(), name
    assert hidden > 20  # the run had small numbers to hide


def _system(*exact, sums):
    """A system of counts; the first ones are the unknowns themselves."""
    unknowns = np.eye(len(sums[0]), dtype=np.int8)
    system = System(np.array(exact[: len(unknowns)]))
    for number, (row, count) in enumerate(zip([*unknowns, *sums], exact, strict=True)):
        system.add(("toy", number, "patients"), np.asarray(row, np.int8), count)
    return system


def test_one_hidden_count_of_a_sum_takes_a_second_with_it(caseload):
    run = suppress_run(caseload)
    for column in (option.measures.quintiles["misaligned_patients"] for option in run.options):
        assert column.isna().sum() != 1
    for within in ("living_in", "registered_with"):
        for _, group in run.flows.groupby(within):
            assert group["patients"].isna().sum() != 1 or group["patients"].max() == 0


@pytest.mark.parametrize(
    ("exact", "sums", "besides"),
    [
        ((3, 40, 43), [[1, 1]], []),  # the sum is 43 to 47, the other 38 to 42: 1 to 7 all fit
        ((1, 43, 44), [[1, 1]], [1]),  # both are shown as 45: it would be 1 to 4
        ((7, 7, 14), [[1, 1]], [2]),  # two stars in a sum shown as 15: both would be 6 or 7
        ((2, 20, 20, 42), [[1, 1, 1]], []),
        ((5, 0, 5), [[1, 1]], []),
    ],
)
def test_what_gives_a_hidden_count_away_is_hidden_too(exact, sums, besides):
    system = _system(*exact, sums=[row[: len(exact) - len(sums)] for row in sums])
    assert [count.where[0][1] for count in _hidden(system)] == besides


def test_a_count_whose_sum_is_not_known_is_hidden():
    system = _system(30, 40, 71, sums=[[1, 1]])
    assert [count.where for count in _hidden(system)] == [[("toy", 2, "patients")]]


def test_the_bound_is_made_of_figures_that_are_shown(caseload):
    exact = caseload.options[1].measures.summary["objective"]
    feasible = replace(caseload.options[1], status="feasible", bound=exact - 12.34)
    options = tuple(feasible if one is caseload.options[1] else one for one in caseload.options)
    run = suppress_run(replace(caseload, options=options))
    shown = run.options[1]
    objective = shown.measures.summary["objective"]
    assert objective % 5 == 0
    assert objective - shown.bound == 15
    assert shown.gap == 15 / objective
    assert run.record["history"] == []


def test_shares_do_not_give_the_counts_back(caseload):
    run = suppress_run(caseload)
    for before, after in zip(caseload.options, run.options, strict=True):
        exact, shown = before.measures.neighbourhoods, after.measures.neighbourhoods
        counted = shown["patients_counted"]
        again = 1 - shown["misaligned_patients"] / counted
        pd.testing.assert_series_equal(shown["alignment"], again, check_names=False)
        assert not np.allclose(shown["alignment"], exact["alignment"], rtol=0, atol=1e-9)


def test_it_is_done_once_and_only_when_asked(small_run, caseload):
    assert as_shown(small_run) is small_run
    once = as_shown(caseload)
    assert once.record["suppressed"] == "nhs"
    assert as_shown(once) is once


def _exact_numbers(run) -> set[int]:
    """Counts that a reader could only know from the exact figures."""
    found: set[int] = set()
    for frame in _frames(run):
        for name in frame.select_dtypes("number").columns:
            if counts_people(str(name)):
                found |= {round(abs(v)) for v in frame[name].dropna().to_numpy(dtype=float)}
    return {number for number in found if number > 200 and number % 5}


def _leaks(text: str, numbers: set[int]) -> set[str]:
    shown = {int(t.replace(",", "")) for t in re.findall(r"(?<![\w.,#])\d[\d,]*(?![\w.])", text)}
    return {str(number) for number in shown & numbers}


def test_the_scan_finds_what_should_not_be_there(caseload, small_run):
    """The scan itself works: an unsuppressed page of the same run is full of exact counts."""
    study = small_run.study
    assert _leaks(report_html(replace(caseload, study=study)), _exact_numbers(caseload))


@pytest.fixture(scope="module")
def folder(caseload, tmp_path_factory):
    return save(caseload, tmp_path_factory.mktemp("caseload") / "run")


def _texts(folder):
    """Every file of a run's folder as text: pages, tables, archives member by member, layers."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.suffix == ".docx":
            with zipfile.ZipFile(path) as parts:
                yield path.name, parts.read("word/document.xml").decode()
        elif path.suffix == ".xlsx":
            book = CalamineWorkbook.from_path(str(path))
            for name in book.sheet_names:
                rows = book.get_sheet_by_name(name).to_python()
                yield f"{path.name}!{name}", pd.DataFrame(rows).astype(str).to_csv(index=False)
        elif path.suffix == ".gpkg":
            for layer in gpd.list_layers(path)["name"]:
                frame = gpd.read_file(path, layer=layer).drop(columns="geometry")
                yield f"{path.name}!{layer}", frame.to_csv()
        elif path.suffix != ".png":
            yield path.name, path.read_text(encoding="utf-8")


def test_no_file_of_the_folder_holds_an_exact_count(caseload, folder):
    numbers = _exact_numbers(caseload)
    assert len(numbers) > 20
    seen = {}
    for name, text in _texts(folder):
        seen[name] = len(text)
        if name != "map.html":  # its coordinates are numbers too: tested with its payload
            assert not _leaks(text.replace(".0,", ","), numbers), name
    assert {"report.html", "map.html", "options.csv", "run.json"} <= set(seen)
    assert any(name.startswith("workbook.xlsx!") for name in seen)
    assert any(name.startswith("plan.gpkg!") for name in seen)


def test_the_folder_says_stars_and_has_no_registrations(folder):
    assert not (folder / "place.gpkg").exists()
    flows = pd.read_csv(folder / "flows.csv", dtype=str)
    assert (flows["patients"] == "*").sum() >= 2
    with pytest.raises(InputError, match="suppressed"):
        read_run(folder)


def test_the_page_says_that_numbers_are_hidden(caseload, read_page):
    page = read_page(report_html(caseload))
    assert "counts of 1 to 7 people are shown as *" in " ".join(page.text)
    shown = [number for number in page.numbers if number.kind == "people"]
    assert [number for number in shown if number.shown == "*"]
    for number in shown:
        if number.shown not in ("*", "–"):
            assert int(number.shown.replace(",", "")) % 5 == 0
