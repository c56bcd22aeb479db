"""Every number of the report that also stands in a CSV is equal to it, parsed back from both."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from typer.testing import CliRunner

from boundaries.cli import app
from boundaries.example import example_study
from boundaries.pipeline import assess, save
from boundaries.render.grid import Cell, cell_text
from boundaries.render.report import report_html
from boundaries.run import write_run

KEYS = {
    "options.csv": ["option_id"],
    "measures.csv": ["option_id", "measure"],
    "neighbourhoods.csv": ["option_id", "neighbourhood"],
    "moves.csv": ["option_id", "practice_code"],
    "teams.csv": ["option_id", "layer", "team"],
    "wards.csv": ["option_id", "ward_code"],
    "pcns.csv": ["option_id", "pcn_code"],
    "quintiles.csv": ["option_id", "imd_quintile"],
    "pcn_facts.csv": ["pcn_code"],
    "flows.csv": ["living_in", "registered_with"],
    "settled.csv": ["kind", "code"],
}


def compare(html, folder, read_page) -> Counter[str]:
    """Check every number of a page against the files of the run; return how many of each file."""
    tables = {
        name: pd.read_csv(folder / name, dtype=str, keep_default_na=False).set_index(keys)
        for name, keys in KEYS.items()
        if (folder / name).is_file()
    }
    checked: Counter[str] = Counter()
    for number in read_page(html).numbers:
        name, key, column = number.source.split("|")
        parts = tuple(key.split("/", len(KEYS[name]) - 1))
        row = tables[name].loc[[parts if len(parts) > 1 else parts[0]]]
        assert len(row) == 1, number.source
        text = row[column].iloc[0]
        expected = cell_text(Cell(float(text) if text else None, number.kind))
        assert number.shown == expected, number.source
        checked[name] += 1
    return checked


@pytest.fixture(scope="module")
def folder(small_run, tmp_path_factory):
    home = tmp_path_factory.mktemp("run") / "small"
    write_run(small_run, home)
    return home


def test_every_number_of_the_report_is_that_of_the_files(small_html, folder, read_page):
    checked = compare(small_html, folder, read_page)
    assert set(checked) == set(KEYS) - {"settled.csv"}
    assert checked.total() > 300


def test_the_comparison_can_fail(small_run, small_html, folder, read_page):
    html = small_html
    shown = f"{int(small_run.option('move-1').measures.summary['misaligned_patients']):,}"
    assert shown in html
    with pytest.raises(AssertionError):
        compare(html.replace(f">{shown}<", ">1<"), folder, read_page)


def test_the_example_as_it_is_today(tmp_path, read_page):
    run = assess(example_study())
    save(run, tmp_path / "today", pages=False)
    checked = compare(report_html(run), tmp_path / "today", read_page)
    assert {"options.csv", "pcn_facts.csv", "flows.csv", "teams.csv", "wards.csv"} <= set(checked)


@pytest.mark.london
def test_brent_as_it_is_today(london, tmp_path, read_page):
    study = tmp_path / "brent.toml"
    done = CliRunner().invoke(
        app, ["init", "Brent", "--data", str(london / "london"), "-o", str(study)]
    )
    assert done.exit_code == 0, done.output
    run = assess(study)
    save(run, tmp_path / "today", pages=False)
    checked = compare(report_html(run), tmp_path / "today", read_page)
    assert checked["pcn_facts.csv"] >= 5 * 4
    assert checked["flows.csv"] > 50
