"""CSV files that a spreadsheet opens: text stays text, and comes back unharmed."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.run.tables import read_table, write_table

FORMULAS = ['=HYPERLINK("http://x.example","Old")', "+44 20", "-1+1|cmd", "@SUM(A1)", "'=quoted"]


def test_formulas_are_made_inert_and_numbers_are_not_touched(tmp_path):
    frame = pd.DataFrame({"team": FORMULAS, "gain": [-3, 0, 1, 2, 3], "hidden": ["-12"] * 5})
    write_table(frame, tmp_path / "t.csv")
    raw = pd.read_csv(tmp_path / "t.csv", dtype=str)
    assert all(cell.startswith("'") for cell in raw["team"])
    assert raw["gain"].tolist() == ["-3", "0", "1", "2", "3"]
    assert set(raw["hidden"]) == {"-12"}
    assert read_table(tmp_path / "t.csv", dtype=str)["team"].tolist() == FORMULAS
    assert (tmp_path / "t.csv").read_bytes()[:4] == b"team"  # no mark before the first heading


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00")), min_size=1))
def test_every_text_comes_back(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    write_table(pd.DataFrame({"a": texts}), path)
    again = read_table(path, dtype=str, keep_default_na=False, skip_blank_lines=False)
    assert again["a"].tolist() == texts
