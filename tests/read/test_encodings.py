"""Text files of every program: UTF-8, UTF-16, Windows-1252, and characters that cannot be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.encodings import decoded, readable
from boundaries.errors import InputError
from boundaries.read.layers import read_layer_table
from boundaries.study import load_study, parse_study

STUDY = Path(__file__).resolve().parents[2] / "data" / "example" / "study.toml"
MARKED = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")


@pytest.mark.parametrize("encoding", MARKED)
def test_a_study_is_read_as_any_editor_saves_it(tmp_path, encoding):
    text = STUDY.read_text(encoding="utf-8").replace("PCNs and", "PCNs – “own” and")
    folder = STUDY.parent.as_posix()
    for path in STUDY.parent.iterdir():
        text = text.replace(f'"{path.name}"', f'"{folder}/{path.name}"')
    (tmp_path / "s.toml").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    study = load_study(tmp_path / "s.toml")
    assert study.report.title.startswith("PCNs – “own” and neighbourhoods")


def test_a_study_that_is_no_text_is_one_fault(tmp_path):
    (tmp_path / "s.toml").write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match="Not valid TOML"):
        load_study(tmp_path / "s.toml")


def test_names_in_a_study_hold_no_control_characters(tmp_path):
    text = STUDY.read_text(encoding="utf-8").replace(
        '"Wrenbourne (made up)"', '"Wren\\u0007bourne\\u202e"', 1
    )
    study = parse_study(text, folder=STUDY.parent)
    assert study.place.name == "Wrenbourne"


@pytest.mark.parametrize("encoding", MARKED)
@pytest.mark.parametrize("end", ["\r\n", "\n", ""])
def test_a_lookup_is_read_as_any_spreadsheet_saves_it(files, encoding, end):
    rows = ["WD24CD,TEAM", "E05000001,St Mary’s – Old Town", "E05000002,Café"]
    path = files.folder / "t.csv"
    path.write_bytes(("\r\n".join(rows) + end).encode(encoding))
    problems = []
    table, _ = read_layer_table("teams.t", path, problems)
    assert table.lookup["name"].tolist() == ["St Mary’s – Old Town", "Café"]
    assert not problems


def test_control_characters_are_dropped_with_a_note_of_the_row(files, squares):
    lookup = files.text("t.csv", "WD24CD,TEAM", "E05000001,Old\x07 \u202eTown", "E05000002,New")
    layer = files.layer("t.gpkg", squares({"team": ["Old\x07 \u202eTown", "New"]}))
    for path, row in ((lookup, 2), (layer, 1)):
        problems = []
        table, _ = read_layer_table("teams.t", path, problems)
        names = table.lookup["name"] if table.lookup is not None else table.polygons.index
        assert sorted(names) == ["New", "Old Town"]
        (note,) = problems
        assert note.level == "note"
        assert f"in 1 cell (row {row}: 'Old Town')" in note.said


def test_windows_letters_in_a_file_read_as_iso_8859_1_are_put_right():
    assert readable("St Mary\x92s \x96 Old\x07 Town") == "St Mary’s – Old Town"
    assert readable("Clwb y Bont, Pontypridd – ŵ ŷ") == "Clwb y Bont, Pontypridd – ŵ ŷ"
    assert decoded(b"caf\xe9 \x81") == "café \ufffd"


def test_a_name_made_inert_for_spreadsheets_is_the_name_again(files):
    path = files.text("t.csv", "WD24CD,TEAM", "E05000001,'=A1+B1", "E05000002,'Appy")
    table, _ = read_layer_table("teams.t", path, [])
    assert table.lookup["name"].tolist() == ["=A1+B1", "'Appy"]
