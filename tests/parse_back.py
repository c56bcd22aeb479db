"""A run's folder parsed back: what people read is what stands in its CSV files.

Goes in: a folder that `boundaries propose`, `assess` or `demo` wrote, not suppressed. Comes out:
how many numbers of each file were found equal; the first that is not is an `AssertionError`. By
hand, from the root of the repository::

    python -m tests.parse_back FOLDER …
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from docx import Document
from python_calamine import CalamineWorkbook
from tests.same_words import HEADING, check_agreement

from boundaries.pages import words
from boundaries.pages.compare import (
    equality_grid,
    ladder_grid,
    option_blocks,
    side_by_side_grid,
)
from boundaries.pages.detail import moves_grid, neighbourhoods_grid
from boundaries.pages.grid import Cell, Grid, cell_text
from boundaries.pages.naming import ladders
from boundaries.pages.readable import for_readers
from boundaries.pages.report.gains import parts_grid
from boundaries.pages.report.shape import shape_costs
from boundaries.pages.report.sure import sensitivity_grids, settled_grids
from boundaries.run import read_run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.run import Run

KEYS = {
    "options.csv": ["option_id"],
    "measures.csv": ["option_id", "measure"],
    "neighbourhoods.csv": ["option_id", "neighbourhood"],
    "moves.csv": ["option_id", "practice_code"],
    "practices.csv": ["option_id", "practice_code"],
    "teams.csv": ["option_id", "layer", "team"],
    "wards.csv": ["option_id", "ward_code"],
    "pcns.csv": ["option_id", "pcn_code"],
    "quintiles.csv": ["option_id", "imd_quintile"],
    "pcn_facts.csv": ["pcn_code"],
    "gains.csv": ["option_id"],
    "flows.csv": ["living_in", "registered_with"],
    "settled.csv": ["kind", "code"],
    "near_plans.csv": ["plan_id"],
    "sensitivity.csv": ["variant", "option_id"],
    "sensitivity_units.csv": ["kind", "code"],
}


def check_folder(folder, run: Run | None = None) -> dict[str, Counter[str]]:
    """Check the report, the Word file and the workbook of a run; return what was compared.

    The run is read back from its folder unless it is given.
    """
    page = read_page((Path(folder) / "report.html").read_text(encoding="utf-8"))
    return {
        "report.html": check_report(folder),
        "report.docx": check_word(folder, run),
        "workbook.xlsx": check_workbook(folder),
        "one with another": check_agreement(folder, page),
    }


def check_report(folder, html: str | None = None) -> Counter[str]:
    """Check every number of the report that says where it stands, and every sentence of a move."""
    files = read_files(folder)
    page = read_page(html or (Path(folder) / "report.html").read_text(encoding="utf-8"))
    checked: Counter[str] = Counter()
    for number in page.numbers:
        assert number.shown == said_by_file(files, number.source, number.kind), number.source
        checked[number.source.split("|")[0]] += 1
    said = [
        (_id_in(item.part), item.text)
        for item in page.items
        if item.heading == "Who moves, and why"
    ]
    checked["sentences"] = check_move_sentences(folder, said)
    checked["sentences"] += _check_rungs(files, page)
    checked["sentences"] += _check_leavers(files, page)
    return checked


def check_word(folder, run: Run | None = None) -> Counter[str]:
    """Check every number of the Word file that says where it stands, and its sentences."""
    run, files = for_readers(run or read_run(folder)), read_files(folder)
    document = Document(str(Path(folder) / "report.docx"))
    checked: Counter[str] = Counter()
    for grid, table in zip(_word_grids(run), document.tables, strict=True):
        assert tuple(cell.text for cell in table.rows[0].cells) == grid.header
        for row, shown in zip(grid.rows, table.rows[1:], strict=True):
            for cell, found in zip(row, shown.cells, strict=True):
                if cell.source:
                    expected = said_by_file(files, cell.source, cell.kind)
                    assert found.text.split(" (")[0] == expected, cell.source
                    checked[cell.source.split("|")[0]] += 1
    said, option = [], ""
    for paragraph in document.paragraphs:
        if paragraph.style.name == "Heading 1":
            option = _id_in(paragraph.text)
        elif " would leave " in paragraph.text:
            said.append((option, paragraph.text))
    checked["sentences"] = check_move_sentences(folder, said)
    return checked


def check_workbook(folder) -> Counter[str]:
    """Check every cell of every sheet; return how many rows of each file."""
    book = CalamineWorkbook.from_path(str(Path(folder) / "workbook.xlsx"))
    names = sorted(file.stem for file in Path(folder).glob("*.csv"))
    assert book.sheet_names[0] == "notes"
    assert sorted(book.sheet_names[1:]) == names
    checked: Counter[str] = Counter()
    for name in names:
        csv = pd.read_csv(Path(folder) / f"{name}.csv", dtype=str, keep_default_na=False)
        header, *rows = book.get_sheet_by_name(name).to_python()
        assert header[: len(csv.columns)] == list(csv.columns)
        assert len(rows) == len(csv), name
        for row, expected in zip(rows, csv.to_numpy().tolist(), strict=True):
            for shown, text in zip(row, expected, strict=False):
                if isinstance(shown, (int, float)) and not isinstance(shown, bool):
                    assert float(shown) == pytest.approx(float(text), rel=0, abs=1e-9), name
                else:
                    assert str(shown) == text, name
        checked[f"{name}.csv"] = len(rows)
    return checked


def _id_in(heading: str) -> str:
    """Return the id of the option that a heading names."""
    return heading.removeprefix("Option ").removeprefix("For comparison ").split(":")[0]


_SIZE = re.compile(r"\((?P<code>\w+), (?P<list_size>[\d,]+) patients\) would leave ")
_PLACED = re.compile(
    r"\((?P<code>\w+)\) has no PCN today; this option places it in (?P<where>.+)\.$"
)
_LIVING = re.compile(
    r"(?P<patients_there>[\d,]+) of its (?P<patients_inside>[\d,]+) patients living in .+? live in "
    r".+?; (?P<patients_if_stayed>[\d,]+) live in "
)
_TODAY = re.compile(
    r"On today’s areas.*?, (?:.+ share one, where (?P<both>[\d,]+) of them live"
    r"|(?P<patients_today_from>[\d,]+) live in that of .+?"
    r"(?: and (?P<patients_today_to>[\d,]+) in that of .+?)?)\."
)
_FEWER = re.compile(r"the move aligns (?P<fewer>[\d,]+) patients fewer")


def check_move_sentences(folder, said: Iterable[tuple[str, str]]) -> int:
    """Trace each sentence about a move to its row of ``moves.csv``; return how many there were.

    A sentence names the practice by its code, and has no figure but those of its row. Where a
    practice without a PCN is placed is looked up in ``practices.csv``.
    """
    files = read_files(folder)
    moves = files["moves.csv"]
    traced = set()
    warned = pd.read_csv(Path(folder) / "problems.csv", dtype=str)["said"].str.casefold()
    for option, whole in said:
        text, _, care = whole.partition(" Read with care: ")
        assert not care or any(one in care.casefold() for one in warned), care
        placed = _PLACED.search(text)
        if placed is not None:
            row = files["practices.csv"].loc[(option, placed["code"])]
            name = files["neighbourhoods.csv"].loc[(option, row["neighbourhood"]), "name"]
            assert row["pcn_code_now"] == "", text
            assert placed["where"].casefold().endswith(name.casefold()), text
            continue
        if text in ("No practice changes PCN.", "Nothing changes."):
            assert option not in moves.index.get_level_values("option_id")
            continue
        size, living, fewer = _SIZE.search(text), _LIVING.search(text), _FEWER.search(text)
        assert size is not None, text
        assert living is not None, text
        figures = {**size.groupdict(), **living.groupdict()}
        code = figures.pop("code")
        row = moves.loc[(option, code)]
        for column, shown in figures.items():
            assert shown == f"{int(row[column]):,}", (option, code, column)
        figures |= _check_today(text, row)
        gained = int(row["patients_there"]) - int(row["patients_if_stayed"])
        assert gained == int(row["patients_gained"])
        assert (fewer is not None) == (gained < 0)
        assert fewer is None or fewer["fewer"] == f"{-gained:,}"
        named = {*figures.values(), f"{-gained:,}" if fewer else ""}
        assert set(re.findall(r"\d+,\d[\d,]*", text)) <= named, text
        traced.add((option, code))
    assert traced == set(moves.index)
    return len(traced)


def _check_today(text: str, row: pd.Series) -> dict[str, str]:
    """Hold what a sentence says of today's areas against its row; return the figures it says."""
    found = _TODAY.search(text)
    assert (found is not None) == (row["patients_today_from"] != ""), text
    said = {} if found is None else {key: n for key, n in found.groupdict().items() if n}
    for column, shown in said.items():
        columns = ["patients_today_from", "patients_today_to"] if column == "both" else [column]
        for name in columns:
            assert shown == f"{float(row[name]):,.0f}", (name, text)
    return said


_RUNG = re.compile(
    r"aligns (?P<more>[\d,]+) (?P<way>more|fewer) patients .*?"
    r"the sum of .+? (?P<turn>falls|rises) by (?P<sum>[\d,]+)\.(?: It moves (?P<movers>.*))?$"
)
_CODES = re.compile(r"\((\w+)\)(?=, | and |\.)")


def _check_rungs(files: dict[str, pd.DataFrame], page: Page) -> int:
    """Trace what each rung of a ladder is said to buy to two rows of ``options.csv``."""
    options, moves = files["options.csv"], files["moves.csv"]
    ladder = options[options["family"] == "ladder"]
    steps = [
        (before, after)
        for _, rungs in ladder.groupby("neighbourhoods", sort=False)
        for before, after in zip(rungs.index[:-1], rungs.index[1:], strict=True)
    ]
    said = [item.text for item in page.items if item.text.startswith("Allowing ")]
    said = [text for text in said if ": alignment from " not in text]  # what a gain is made of
    assert len(said) == len(steps)
    for (before, after), text in zip(steps, said, strict=True):
        found = _RUNG.search(text)
        if found is None:
            assert " changes nothing: " in text
            continue
        people = [int(options.loc[name, "misaligned_patients"]) for name in (before, after)]
        assert found["more"] == f"{abs(people[0] - people[1]):,}", text
        assert found["way"] == ("more" if people[0] >= people[1] else "fewer"), text
        sums = [float(options.loc[name, "objective"]) for name in (before, after)]
        assert found["sum"] == words.people(abs(sums[0] - sums[1])), text
        assert found["turn"] == ("falls" if sums[0] >= sums[1] else "rises"), text
        _check_pairs(text, [int(options.loc[name, "pairs_parted"]) for name in (before, after)])
        here = moves.index.get_level_values("option_id") == after
        assert set(_CODES.findall(found["movers"] or "")) == {code for _, code in moves.index[here]}
    return len(said)


_PAIRS = re.compile(
    r"; (?:(?P<pairs>[\d,]+) (?P<way>more|fewer)|as many) pairs? of neighbouring LSOAs"
)


def _check_pairs(text: str, parted: list[int]) -> None:
    """Hold the pairs of LSOAs that a step is said to part against two rows of ``options.csv``."""
    found = _PAIRS.search(text)
    assert found is not None, text
    way = "more" if parted[1] > parted[0] else "fewer" if parted[1] < parted[0] else None
    assert found["way"] == way, text
    assert found["pairs"] is None or found["pairs"] == f"{abs(parted[1] - parted[0]):,}", text


def _check_leavers(files: dict[str, pd.DataFrame], page: Page) -> int:
    """Trace what is said of a practice on its PCN's page to the options that move it."""
    options, moves = files["options.csv"], files["moves.csv"]
    ids = {title: key for key, title in titles_of(page).items()}
    compared = ["as-is", "as-is-grouped", "best-fit", "closest"]
    proposed = set(options.index[~options["family"].isin(compared)])
    expected: dict[str, set[str]] = {}
    for option, code in moves.index:
        if option in proposed:
            expected.setdefault(code, set()).add(option)
    found = {}
    for item in page.items:
        said = re.search(r"\((\w+)\) would leave in: (.+)\.$", item.text)
        if said is not None:
            found[said[1]] = {ids[title] for title in re.findall(r"“(.+?)”", said[2])}
    assert found == expected
    return len(found)


def titles_of(page: Page) -> dict[str, str]:
    """Return what the report calls each option, by its id, from the headings of their sections."""
    headings = (HEADING.fullmatch(said) for kind, said in page.headings if kind == "h2")
    return {one[1]: one[2] for one in headings if one is not None}


def read_files(folder) -> dict[str, pd.DataFrame]:
    """Read the files of a run that numbers of the report say they stand in."""
    return {
        name: pd.read_csv(Path(folder) / name, dtype=str, keep_default_na=False).set_index(keys)
        for name, keys in KEYS.items()
        if (Path(folder) / name).is_file()
    }


def said_by_file(files, source, kind) -> str:
    """Return what a number should read, from its file, key and column."""
    name, key, column = source.split("|")
    parts = tuple(key.split("/", len(KEYS[name]) - 1))
    row = files[name].loc[[parts if len(parts) > 1 else parts[0]]]
    assert len(row) == 1, source
    text = row[column].iloc[0]
    return cell_text(Cell(float(text) if text else None, kind))


def _word_grids(run) -> list[Grid]:
    """Return every table of the Word file, in its order."""
    parts = parts_grid(run)
    grids = [] if parts is None else [parts]
    grids += [ladder_grid(run, options) for options in ladders(run).values()]
    grids += [cost.grid for cost in shape_costs(run) if cost.grid is not None]
    for block in option_blocks(run, at_most=5):
        grids.append(side_by_side_grid(run, block))
        if len(block[0].measures.quintiles):
            grids.append(equality_grid(run, block))
    for option in run.options:
        grids += [moves_grid(run, option), neighbourhoods_grid(run, option)]
    return [grid for grid in (*grids, *settled_grids(run), *sensitivity_grids(run)) if grid.rows]


_VOID = {"meta", "img", "br", "link", "hr", "input"}
_HEADINGS = {"h1", "h2", "h3", "h4"}


@dataclass
class Number:
    """A number as shown, with its ``file|key|column``."""

    source: str
    kind: str
    shown: str = ""


@dataclass
class Item:
    """An item of a list, under the headings of its part (h2) and of its list."""

    part: str
    heading: str
    text: str = ""


@dataclass
class Page(HTMLParser):
    """What a test wants to know of a page."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    open: list[tuple[str, Number | None]] = field(default_factory=list)

    def __post_init__(self):
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.tags.append((tag, known))
        number = None
        if "data-from" in known:
            number = Number(known["data-from"], known["data-kind"])
            self.numbers.append(number)
        if tag in _HEADINGS:
            self.headings.append((tag, ""))
        if tag == "li":
            parts = [said for name, said in self.headings if name == "h2"]
            self.items.append(Item("".join(parts[-1:]), "".join(h for _, h in self.headings[-1:])))
        if tag not in _VOID:
            self.open.append((tag, number))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        if not {"style", "script"} & set(inside):
            self.text.append(data)
        if self.headings and set(inside) & _HEADINGS:
            tag, said = self.headings[-1]
            self.headings[-1] = (tag, said + data)
        if "li" in inside:
            self.items[-1].text += data
        if "small" not in inside:
            for _, number in self.open:
                if number is not None:
                    number.shown += data.strip()


def read_page(text: str) -> Page:
    """Read one of our own pages."""
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, f"left open: {page.open}"
    return page


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for file, counts in check_folder(name).items():
            listed = ", ".join(f"{key} {count:,}" for key, count in sorted(counts.items()))
            sys.stdout.write(f"{name}/{file}: {counts.total():,} equal ({listed})\n")
