"""Names that are programs: for a terminal, for Word, for a reader's eye, for a spreadsheet."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.errors import MarkupError

from boundaries.encodings import one_line, readable
from boundaries.problems import Problem
from boundaries.read import FileUse
from boundaries.read.tables import Source
from boundaries.screen import console, show_facts, show_options

UNSEEN = "\x1b]0;x\x07\x00\x0b\x7f\x9b\xad\u202e\u2066\u200b\ufeff\ufffe\ud800\U000e0041"
MARKUP = "[/b] [link=http://127.0.0.1/]here[/link] :smile:"


def test_what_cannot_be_seen_is_dropped():
    assert readable(f"A{UNSEEN}B") == "A]0;x›B"
    assert readable("Caffè 🏥 — Ysbyty Dr Ŵ\n") == "Caffè 🏥 — Ysbyty Dr Ŵ\n"
    assert one_line("a\r\nerror: b\x1b[2J\tc") == "a error: b[2J c"


def test_names_of_files_are_made_readable_wherever_they_are_shown():
    name = f"a{UNSEEN}\r\nerror: none.csv"
    shown = "a]0;x › error: none.csv"
    problem = Problem("note", name, 1, name, name, f"Of {name}.", f"See {name}.")
    assert str(problem) == f"note: {shown}, row 1 [{shown}]: Of {shown}. See {shown}."
    assert str(FileUse(Path(name), (), "x")) == f"{shown}: not used: x"
    assert Source("lsoas", f"z.zip!{name}", "0", 1).file == f"z.zip!{shown}"


@pytest.mark.skipif(os.name == "nt", reason="no such names on this system")
def test_the_command_shows_no_escapes_of_a_file_or_a_message(tmp_path):
    (tmp_path / "red\x1b[31m\u202e.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for words in (["find", "."], ["render", "no\x1b[31m"], ["find", "no\x1b[31m\u202e"]):
        done = subprocess.run(
            [sys.executable, "-m", "boundaries", *words],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert "[31m" in done.stdout + done.stderr
        assert not {"\x1b", "\u202e"} & set(done.stdout + done.stderr)


def test_a_name_in_brackets_is_no_markup_of_the_screen(small_run, capsys):
    with pytest.raises(MarkupError):
        type(console())(markup=True).print(MARKUP)
    capsys.readouterr()
    place = replace(small_run.place, name=MARKUP)
    run = replace(small_run, place=place, facts=small_run.facts.assign(pcn_name=MARKUP))
    show_facts(run)
    show_options(run)
    told = " ".join(capsys.readouterr().out.split())
    assert f"{MARKUP}: {len(place.lsoas)} LSOAs" in told
    assert f"{MARKUP}: options for discussion" in told
    assert "\x1b]8" not in told
