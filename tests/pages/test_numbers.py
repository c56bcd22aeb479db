"""Every number for people that also stands in a CSV is equal to it, parsed back from both."""

from __future__ import annotations

import re

import pytest
from tests.parse_back import KEYS, check_folder, check_move_sentences, check_report, read_page
from tests.same_words import check_agreement
from typer.testing import CliRunner

from boundaries.cli import app
from boundaries.pages.report import report_html, write_report
from boundaries.pages.word import write_word
from boundaries.pages.workbook import write_workbook
from boundaries.pipeline import assess, save
from boundaries.run import write_run

UNNAMED = {"practices.csv"}  # sentences are traced to it, no table of the report is
LATER = {"near_plans.csv", "sensitivity.csv", "sensitivity_units.csv"}


@pytest.fixture(scope="module")
def folder(varied_run, tmp_path_factory):
    """The folder of the small run with everything in it that a run can have."""
    home = tmp_path_factory.mktemp("run") / "varied"
    write_run(varied_run, home)
    write_report(varied_run, home / "report.html")
    write_word(varied_run, home / "report.docx")
    write_workbook(varied_run, home / "workbook.xlsx")
    return home


def test_every_number_of_a_run_with_everything_is_that_of_the_files(folder, varied_run):
    checked = check_folder(folder, varied_run)
    report, word = checked["report.html"], checked["report.docx"]
    assert set(report) == {*KEYS, "sentences"} - UNNAMED
    assert report.total() > 300
    assert report["sensitivity.csv"] == word["sensitivity.csv"] == 6
    assert report["near_plans.csv"] == word["near_plans.csv"] == 5
    assert report["sentences"] == len(varied_run.moves) + 2  # one rung, one practice that leaves
    assert word["sentences"] == len(varied_run.moves) == 2
    named = {"options", "measures", "neighbourhoods", "moves", "quintiles"}
    assert {f"{name}.csv" for name in named} | LATER | {"settled.csv"} <= set(word)


def test_every_number_of_the_example_is_that_of_the_files(example_folder):
    checked = check_folder(example_folder)
    assert set(checked["report.html"]) == {*KEYS, "sentences"} - LATER - UNNAMED
    assert checked["report.html"]["moves.csv"] > 5 * 3
    assert checked["report.docx"]["sentences"] > 3
    assert checked["workbook.xlsx"]["lsoas.csv"] > 4 * 150


def test_a_letter_name_title_or_rounding_that_differs_is_found(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    found = check_agreement(folder, read_page(html))
    assert min(found.values()) > 5
    assert found.keys() == {"options", "letters", "roundings", "denominators"}
    share = re.search(r'data-kind="share">(\d+\.\d)%', html)[1]
    for right, wrong in (
        (">A  Alder PCN (U00001)</h3>", ">B  Alder PCN (U00001)</h3>"),
        ("Option move-0: No practice moves</h2>", "Option move-0: No moves</h2>"),
        ("<h1>Matching", "<h1>Neighbourhoods"),
        (f'data-kind="share">{share}%', f'data-kind="share">{float(share) + 0.1:.1f}%'),
        ("of patients who live in the place live in the neighbourhood of their practice", ""),
    ):
        assert right in html, right
        with pytest.raises(AssertionError):
            check_agreement(folder, read_page(html.replace(right, wrong)))


@pytest.mark.parametrize("column", ["list_size", "patients_there", "patients_inside"])
def test_the_comparison_can_fail(folder, column, varied_run):
    html = (folder / "report.html").read_text(encoding="utf-8")
    shown = f"{varied_run.moves[column].iloc[0]:,}"
    for tag in (">", "("):  # in a table, in a sentence
        if f"{tag}{shown}" in html:
            with pytest.raises(AssertionError):
                check_report(folder, html.replace(f"{tag}{shown}", f"{tag}1"))
    said = [("move-1", varied_run.moves["why"].iloc[0].replace(shown, "1,001"))]
    with pytest.raises(AssertionError):
        check_move_sentences(folder, said)


@pytest.mark.london
def test_brent_as_it_is_today(london, tmp_path):
    study = tmp_path / "brent.toml"
    done = CliRunner().invoke(
        app, ["init", "Brent", "--data", str(london / "london"), "-o", str(study)]
    )
    assert done.exit_code == 0, done.output
    run = assess(study)
    save(run, tmp_path / "today", pages=False)
    checked = check_report(tmp_path / "today", report_html(run))
    assert checked["pcn_facts.csv"] >= 5 * 4
    assert checked["flows.csv"] > 50
