"""Map, report, Word file and workbook of a run say the same of every PCN, practice and option.

Goes in: a run's folder with its pages. Comes out: how many letters, names, titles, plans and
roundings were found equal; the first that is not is an `AssertionError`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from docx import Document
from python_calamine import CalamineWorkbook

if TYPE_CHECKING:
    from tests.parse_back import Page

HEADING = re.compile(r"(?:Option|For comparison) ([a-z0-9-]+): (.+)")
LETTERED = re.compile(r"([A-Z]{1,2})  .*\((\w+)\)$")
_NAMED = re.compile(
    r"patients|of them, |list|plans|practices|LSOAs|alignment|objective|comparisons|of the mean"
)
"""What a percentage in a sentence is of."""


def check_agreement(folder, page: Page) -> Counter[str]:
    """Check that the four say the same; a folder without a map is checked without it."""
    home = Path(folder)
    checked: Counter[str] = Counter()
    notes = {str(row[0]): str(row[1]) for row in _notes(home)}
    claims = json.loads((home / "run.json").read_text(encoding="utf-8"))["options"]
    titles = {claim["option_id"]: claim["title"] for claim in claims}
    payload = _payload(home / "map.html") if (home / "map.html").is_file() else None
    document = Document(str(home / "report.docx"))
    said = {
        "report": {one[1]: one[2] for one in map(HEADING.fullmatch, _headings(page)) if one},
        "word": {
            one[1]: one[2]
            for one in (HEADING.fullmatch(paragraph.text) for paragraph in document.paragraphs)
            if one is not None
        },
        "workbook": {key[8:]: text for key, text in notes.items() if key.startswith("Option: ")},
    }
    letters = {
        "pages": dict(
            reversed(one.groups()) for one in map(LETTERED.fullmatch, _headings(page)) if one
        ),
        "facts": _letters_of_facts(page),
        "workbook": {
            re.search(r"\((\w+)\)$", text)[1]: key[5:]
            for key, text in notes.items()
            if key.startswith("PCN: ")
        },
    }
    titled = {"report": _headings(page)[0], "word": document.core_properties.title}
    titled["workbook"] = str(_notes(home)[0][0])
    if payload is not None:
        said["map"] = {option["id"]: option["title"] for option in payload["options"]}
        letters["map"] = dict(zip(payload["pcns"]["code"], payload["pcns"]["letter"], strict=True))
        titled["map"] = payload["title"]
        checked["plans"] = _check_plans(home, payload)
    for where, found in said.items():
        assert found == titles, where
    assert len({json.dumps(found, sort_keys=True) for found in letters.values()}) == 1, letters
    assert len(set(titled.values())) == 1, titled
    checked["options"] = sum(map(len, said.values()))
    checked["letters"] = sum(map(len, letters.values())) + _check_pictures(home, letters["facts"])
    checked["roundings"] = _check_roundings(home, page)
    checked["denominators"] = _check_denominators(page)
    return checked


def _headings(page: Page) -> list[str]:
    return [said for _, said in page.headings]


def _notes(home: Path) -> list[list[Any]]:
    book = CalamineWorkbook.from_path(str(home / "workbook.xlsx"))
    return book.get_sheet_by_name("notes").to_python()


def _payload(path: Path) -> dict[str, Any]:
    html = path.read_text(encoding="utf-8")
    found = re.search(
        r'<script type="application/json" id="payload">(.*?)</script>', html, re.DOTALL
    )
    assert found is not None
    return json.loads(found[1])


def _letters_of_facts(page: Page) -> dict[str, str]:
    """Return the letters in the first column of tables, which name a PCN with its code."""
    cells = (LETTERED.fullmatch(text.strip()) for text in page.text)
    return {one[2]: one[1] for one in cells if one is not None}


def _check_plans(home: Path, payload: dict[str, Any]) -> int:
    """Hold every practice of every option of the map against ``practices.csv``."""
    rows = pd.read_csv(home / "practices.csv", dtype=str, keep_default_na=False)
    options = pd.read_csv(home / "options.csv").set_index("option_id")
    codes, pcns = payload["practices"]["code"], [*payload["pcns"]["code"], ""]
    count = 0
    for option in payload["options"]:
        mine = rows[rows["option_id"] == option["id"]].set_index("practice_code").loc[codes]
        assert mine["neighbourhood"].tolist() == [option["labels"][n] for n in option["practices"]]
        assert mine["moved"].astype(int).tolist() == option["moved"]
        assert mine["pcn_code_option"].tolist() == [pcns[c] for c in option["pcn"]]
        for key in ("alignment", "pairs_parted", "misaligned_patients", "objective"):
            assert abs(option["summary"][key] - options.loc[option["id"], key]) < 2e-3, key
        count += len(codes)
    return count


def _check_pictures(home: Path, letters: dict[str, str]) -> int:
    """Count the letters drawn on each option's static map in the report: one a practice."""
    rows = pd.read_csv(home / "practices.csv", dtype=str, keep_default_na=False)
    html = (home / "report.html").read_text(encoding="utf-8")
    count = 0
    for option, mine in rows.groupby("option_id"):
        part = html[html.index(f'id="option-{option}"') :]
        drawn = part[part.index("<svg") : part.index("</svg>")]
        shown = Counter(re.findall(r">\s*([A-Z]{1,2}|–)\s*</", drawn))
        expected = Counter(letters.get(code, "–") for code in mine["pcn_code_now"])
        assert not shown - expected, (option, shown, expected)
        assert shown, option
        count += shown.total()
    return count


def _check_roundings(home: Path, page: Page) -> int:
    """Round every share of the report again from its file, by decimal arithmetic, half up."""
    count, files = 0, {}
    for number in page.numbers:
        if number.kind != "share" or not number.shown.endswith("%"):
            continue
        name, key, column = number.source.split("|")
        if name not in files:
            files[name] = pd.read_csv(home / name, dtype=str, keep_default_na=False)
        rows = files[name]
        keys = key.split("/")
        if name == "settled.csv":
            keys = key.split("/", 1)
        mine = rows[(rows[rows.columns[: len(keys)]] == keys).all(axis=1)]
        if len(mine) != 1 or column not in mine:
            continue
        exact = (Decimal(mine[column].iloc[0]) * 100).quantize(Decimal("0.000001"))
        shown = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
        if 0 < exact < 100:
            shown = min(max(shown, Decimal("0.1")), Decimal("99.9"))
        assert number.shown == f"{shown}%", number.source
        count += 1
    assert count
    return count


def _check_denominators(page: Page) -> int:
    """Every sentence of the report with a percentage says of what it is one."""
    said = [item.text for item in page.items if "%" in item.text]
    for text in said:
        assert _NAMED.search(text), text
        assert " of its patients live in that catchment" not in text, text
    return len(said)
