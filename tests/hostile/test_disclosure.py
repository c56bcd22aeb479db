"""No hidden count of a suppressed run can be worked out from everything that is published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.hostile.disclosure import ENOUGH, Cell, attack, caseload_run, cells_of, table_of

from boundaries import pipeline
from boundaries.example import example_study
from boundaries.pages.suppress import problems_shown, suppress_run
from boundaries.problems import Problem
from boundaries.run import read_run
from boundaries.run.tables import TABLES, starred
from boundaries.study import load_study


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


def test_reading_a_suppressed_folder_back_is_refused(caseload, tmp_path):
    from boundaries.errors import InputError  # noqa: PLC0415

    pipeline.save(caseload, tmp_path / "out", pages=False)
    with pytest.raises(InputError, match="suppressed"):
        read_run(tmp_path / "out")
