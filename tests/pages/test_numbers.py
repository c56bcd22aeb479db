"""Every number of the report that also stands in a CSV is equal to it, parsed back from both."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from docx import Document
from typer.testing import CliRunner

from boundaries.cli import app
from boundaries.example import example_study
from boundaries.pages.compare import (
    equality_grid,
    ladder_grid,
    option_blocks,
    side_by_side_grid,
)
from boundaries.pages.detail import moves_grid, neighbourhoods_grid
from boundaries.pages.grid import Cell, Grid, cell_text
from boundaries.pages.naming import ladders
from boundaries.pages.report import report_html
from boundaries.pages.report.sure import sensitivity_grids, settled_grids
from boundaries.pages.word import write_word
from boundaries.pipeline import assess, save
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
    "near_plans.csv": ["plan_id"],
    "sensitivity.csv": ["variant", "option_id"],
    "sensitivity_units.csv": ["kind", "code"],
}

LATER = {"settled.csv", "near_plans.csv", "sensitivity.csv", "sensitivity_units.csv"}


def compare(html, folder, read_page) -> Counter[str]:
    """Check every number of a page against the files of the run; return how many of each file."""
    files = read_files(folder)
    checked: Counter[str] = Counter()
    for number in read_page(html).numbers:
        assert number.shown == said_by_file(files, number.source, number.kind), number.source
        checked[number.source.split("|")[0]] += 1
    return checked


def read_files(folder) -> dict[str, pd.DataFrame]:
    """Read the files of a run that numbers of the report say they stand in."""
    return {
        name: pd.read_csv(folder / name, dtype=str, keep_default_na=False).set_index(keys)
        for name, keys in KEYS.items()
        if (folder / name).is_file()
    }


def said_by_file(files, source, kind) -> str:
    """Return what a number should read, from its file, key and column."""
    name, key, column = source.split("|")
    parts = tuple(key.split("/", len(KEYS[name]) - 1))
    row = files[name].loc[[parts if len(parts) > 1 else parts[0]]]
    assert len(row) == 1, source
    text = row[column].iloc[0]
    return cell_text(Cell(float(text) if text else None, kind))


@pytest.fixture(scope="module")
def folder(small_run, tmp_path_factory):
    home = tmp_path_factory.mktemp("run") / "small"
    write_run(small_run, home)
    return home


def test_every_number_of_the_report_is_that_of_the_files(small_html, folder, read_page):
    checked = compare(small_html, folder, read_page)
    assert set(checked) == set(KEYS) - LATER
    assert checked.total() > 300


def test_every_number_of_settled_and_sensitivity_is_that_of_the_files(
    varied_run, tmp_path, read_page
):
    write_run(varied_run, tmp_path / "varied")
    checked = compare(report_html(varied_run), tmp_path / "varied", read_page)
    assert set(checked) == set(KEYS)
    assert checked["sensitivity.csv"] == 6
    assert checked["near_plans.csv"] == 5


def test_the_comparison_can_fail(small_run, small_html, folder, read_page):
    html = small_html
    shown = f"{int(small_run.option('move-1').measures.summary['misaligned_patients']):,}"
    assert shown in html
    with pytest.raises(AssertionError):
        compare(html.replace(f">{shown}<", ">1<"), folder, read_page)


def word_grids(run) -> list[Grid]:
    """Return every table of the Word file, in its order."""
    grids = [ladder_grid(run, options) for options in ladders(run).values()]
    for block in option_blocks(run, at_most=5):
        grids.append(side_by_side_grid(run, block))
        if len(block[0].measures.quintiles):
            grids.append(equality_grid(run, block))
    for option in run.options:
        grids += [moves_grid(run, option), neighbourhoods_grid(run, option)]
    return [grid for grid in (*grids, *settled_grids(run), *sensitivity_grids(run)) if grid.rows]


def test_every_number_of_the_word_file_is_that_of_the_files(varied_run, tmp_path):
    write_run(varied_run, tmp_path / "run")
    files = read_files(tmp_path / "run")
    document = Document(str(write_word(varied_run, tmp_path / "report.docx")))
    checked: Counter[str] = Counter()
    for grid, table in zip(word_grids(varied_run), document.tables, strict=True):
        assert tuple(cell.text for cell in table.rows[0].cells) == grid.header
        for row, shown in zip(grid.rows, table.rows[1:], strict=True):
            for cell, found in zip(row, shown.cells, strict=True):
                if cell.source:
                    expected = said_by_file(files, cell.source, cell.kind)
                    assert found.text.split(" (")[0] == expected, cell.source
                    checked[cell.source.split("|")[0]] += 1
    named = {"options", "measures", "neighbourhoods", "moves", "quintiles", "settled"}
    named |= {"near_plans", "sensitivity", "sensitivity_units"}
    assert {f"{name}.csv" for name in named} <= set(checked)


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
