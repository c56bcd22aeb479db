"""No hidden count of a suppressed run can be worked out from everything that is published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.hostile.disclosure import ENOUGH, Cell, attack, caseload_run, cells_of, table_of

from boundaries import pipeline
from boundaries.example import example_study
from boundaries.pages.payload import HIDDEN, run_payload
from boundaries.pages.published import systems_of
from boundaries.pages.suppress import problems_shown, suppress_run
from boundaries.problems import Problem
from boundaries.run import read_run
from boundaries.run.tables import TABLES, counts_people, starred, write_table
from boundaries.study import load_study
from boundaries.study.model import Report as ReportChoices


@pytest.fixture(scope="module", params=[0.02, 0.005])
def caseload(request):
    study = load_study(example_study())
    report = study.report.model_copy(update={"suppress": "nhs"})
    return caseload_run(study.model_copy(update={"report": report}), share=request.param)


def test_a_solver_cannot_tell_a_hidden_count(caseload):
    unknowns, cells = cells_of(caseload, suppress_run(caseload))
    attack(unknowns, cells)
    print(table_of(cells).to_string(index=False))  # noqa: T201 - for docs/measures.md
    hidden = [cell for cell in cells if cell.starred]
    assert len(hidden) >= 5
    assert min(cell.span for cell in hidden) >= ENOUGH, table_of(cells)


def test_the_attack_itself_finds_what_can_be_told():
    """Two stars of 7 in a sum that is shown as 15: each is 6 or 7."""

    class Two:
        truth = np.array([7, 7])

    def cell(terms, exact, shown):
        return Cell("toy", np.array(terms), np.ones(len(terms), int), exact, shown)

    cells = [cell([0], 7, np.nan), cell([1], 7, np.nan), cell([0, 1], 14, 15.0)]
    attack(Two(), cells)
    assert [cell.span for cell in cells[:2]] == [1, 1]


def test_what_would_give_counts_back_is_not_there(caseload):
    run = suppress_run(caseload)
    for option in run.options:
        assert option.measures.neighbourhoods["patient_distance_m"].isna().all()
        assert np.isnan(option.measures.summary["patient_distance_m"])
        assert (option.measures.neighbourhoods["resident_distance_m"] % 100 == 0).all()
        assert option.measures.lsoas[["registered", "aligned"]].isna().all(axis=None)
    assert run.place.registrations.empty
    assert run.place.elsewhere.empty


def test_shares_come_from_what_is_shown(caseload):
    run = suppress_run(caseload)
    flows = run.flows.set_index(["living_in", "registered_with"])["patients"]
    for code, row in run.facts.iterrows():
        own = flows.get((code, code), 0.0)
        expected = own / row["list_size"]
        assert pd.isna(row["list_inside_share"]) == pd.isna(expected)
        if pd.notna(expected):
            assert row["list_inside_share"] == pytest.approx(min(1, expected), abs=0.006)


def test_problems_are_told_without_figures(caseload):
    said = "Practice A00001 is in no PCN, with 3 of its 1,020 patients (0.29 %) here."
    problem = Problem("warning", "r.csv", 4, "A00001", "", said, "Check the 3.")
    (shown,) = problems_shown([problem], caseload.study)
    assert shown.said == "Practice A00001 is in no PCN, with * of its * patients (*) here."
    assert shown.fix == "Check the *."
    assert (shown.row, shown.code) == (4, "A00001")


def test_no_text_of_a_suppressed_run_has_a_figure(caseload):
    problem = Problem("note", "r.csv", 3, "A00001", "", "17 patients and 0.02 %.", "See 17.")
    run = suppress_run(replace(caseload, problems=(problem,)))
    for name in ("problems", "rules_broken", "moves"):
        frame = starred(TABLES[name](run))
        for column in {"said", "fix", "why"} & set(frame.columns):
            assert not frame[column].astype(str).str.contains(r"(?<![\w])\d").any(), name


@pytest.fixture
def suppressed_study(tmp_path):
    text = (
        example_study()
        .read_text(encoding="utf-8")
        .replace("[report]", '[report]\nsuppress = "nhs"')
    )
    for path in example_study().parent.iterdir():
        text = text.replace(f'"{path.name}"', f'"{path.as_posix()}"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    return tmp_path / "study.toml"


def test_console_notebook_and_check_show_the_suppressed_run(suppressed_study, tmp_path, capsys):
    from boundaries.screen import show_facts, show_options, show_problems  # noqa: PLC0415

    run = pipeline.assess(suppressed_study)
    assert run.suppressed
    show_facts(run)
    show_options(run)
    show_problems(pipeline.check(suppressed_study))
    exact = pipeline.assess(example_study())
    told = capsys.readouterr().out + run._repr_html_() + run.options[0]._repr_html_()
    counts = {int(n) for n in exact.facts["list_size"]}
    counts |= {int(exact.options[0].measures.summary[k]) for k in ("misaligned_patients",)}
    leaked = [n for n in counts if n % 5 and f"{n:,}" in told]
    assert counts
    assert not leaked


def test_a_folder_used_again_says_what_the_attack_was_given(caseload, tmp_path):
    """Exact, suppressed, drawn again: every table is that of the attack."""
    from boundaries.errors import InputError  # noqa: PLC0415

    home, shown = tmp_path / "out", suppress_run(caseload)
    open_study = caseload.study.model_copy(update={"report": ReportChoices()})
    pipeline.save(replace(caseload, study=open_study), home, pages=False)
    assert (home / "place.gpkg").exists()
    pipeline.save(caseload, home, pages=False)
    for again in (pipeline.render, read_run):
        with pytest.raises(InputError, match="suppressed"):
            again(home)
    assert not (home / "place.gpkg").exists()
    for name, table in TABLES.items():
        write_table(starred(table(shown)), tmp_path / "given.csv")
        assert (home / f"{name}.csv").read_bytes() == (tmp_path / "given.csv").read_bytes(), name


DERIVED = {"objective", "bound", "misaligned_patients_change", "residents_changing"}
"""Made of counts that are shown; or of residents and shares of LSOAs, and rounded."""


def test_no_count_is_published_that_the_attack_does_not_know(caseload):
    known = {
        (table.split("/")[-1], row if table.endswith("/summary") else column)
        for system in systems_of(caseload)
        for count in system.counts
        for table, row, column in count.where
    }
    shown, names = suppress_run(caseload), {"near_plans": "near", "pcn_facts": "facts"}
    for name, table in TABLES.items():
        frame = table(shown)
        here = "summary" if name == "options" else names.get(name, name)
        for column in frame.select_dtypes("number").dropna(axis=1, how="all").columns:
            if counts_people(column) and not column.startswith(tuple(DERIVED)):
                assert (here, column) in known, f"{name}.csv: {column}"
    for option in shown.options:
        for name, value in option.measures.summary.items():
            if counts_people(name) and not np.isnan(value) and name not in DERIVED:
                assert ("summary", name) in known, name
    for frame, here in ((shown.place.practices, "practices"), (shown.place.pcns, "pcns")):
        for column in frame.select_dtypes("number").columns:
            assert not counts_people(column) or (here, column) in known, column


def test_the_map_embeds_what_the_attack_was_given(caseload):
    shown, payload = suppress_run(caseload), run_payload(caseload)
    place = shown.place
    for values, counts in (
        (payload["practices"]["list"], place.practices["list_size"]),
        (payload["practices"]["outside"], place.practices["patients_outside"]),
        (payload["lsoas"]["residents"], place.lsoas["residents"]),
        (payload["pcns"]["list"], place.pcns["list_size"]),
        (payload["pcns"]["floor"], place.pcns["floor"].fillna(0)),
    ):
        assert values == counts.fillna(HIDDEN).astype(int).tolist()
    assert not any(payload["registrations"])
    assert payload["elsewhere"]["rows"] == []
    for option, row in zip(shown.options, payload["options"], strict=True):
        for name, value in option.measures.summary.items():
            if counts_people(name):
                assert row["summary"][name] == (HIDDEN if np.isnan(value) else value), name
        hoods = option.measures.neighbourhoods.reindex(row["labels"])
        for name in ("residents", "registered"):
            assert row["neighbourhoods"][name] == hoods[name].fillna(HIDDEN).astype(int).tolist()


def test_bonds_do_not_give_the_sum_of_residents(caseload):
    """A bond is a share of the mean residents of an LSOA, and how many there are is known."""
    place = caseload.place
    one_more = place.lsoas["residents"] + (place.lsoas.index == place.lsoas.index[7]) * 100
    mean = place.lsoas["residents"].mean()
    larger = replace(
        place,
        lsoas=place.lsoas.assign(residents=one_more),
        neighbours=place.neighbours.assign(bond=place.neighbours["bond"] * one_more.mean() / mean),
    )
    small = replace(caseload, options=(), moves=caseload.moves[:0], near=caseload.near[:0])
    bonds = [
        suppress_run(replace(small, place=one)).place.neighbours["bond"] for one in (place, larger)
    ]
    np.testing.assert_allclose(*bonds, atol=0.002)
