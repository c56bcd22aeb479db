"""Replies of strangers: believed in nothing, named one by one, turned into comments."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from boundaries import gdal
from boundaries.errors import InputError
from boundaries.pages.report.page import report_html
from boundaries.read.engagement import read_engagement
from boundaries.read.replies import read_replies
from boundaries.replying import held_against, locks_text, replies_table, write_collated
from boundaries.run.tables import write_table
from boundaries.study.load import parse_study
from boundaries.study.model import Reply

FAIR = {
    "format": "boundaries-reply",
    "version": 1,
    "about": {"kind": "practice", "codes": ["A00001"]},
    "view": "object",
}


def write(folder, name, **more):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(FAIR | more), encoding="utf-8")


def faults(folder):
    return {problem.file: problem.said for problem in read_replies(folder)[1]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"format": "boundaries-reply", "version": 1, "x": NaN}', "NaN is no number"),
        ("{}", "format: Field required"),
        (json.dumps(FAIR | {"run": "rm -rf"}), "run: Extra inputs"),
        (json.dumps(FAIR | {"view": "hate"}), "view: Input should be"),
        (json.dumps(FAIR | {"about": {"kind": "practice", "codes": ["../../x"]}}), "codes"),
        (json.dumps(FAIR | {"about": {"kind": "whole", "codes": ["A1"]}}), "whole has no codes"),
        (json.dumps(FAIR | {"lock": {"kind": "apart", "codes": ["A1"]}}), "at least two"),
        (json.dumps(FAIR | {"reason": "x" * 5_000}), "at most 4000"),
        (json.dumps(FAIR) + " " * 200_000, "it is over 100 kB"),
        ("\xff\xfe\x00", "Not a reply"),
    ],
)
def test_what_is_no_reply_is_named_and_the_others_are_read(tmp_path, text, words):
    write(tmp_path / "in", "good.json")
    (tmp_path / "in" / "bad.json").write_bytes(text.encode("latin-1"))
    replies, problems = read_replies(tmp_path / "in")
    assert [reply.file for reply in replies] == ["good.json"]
    assert [problem.file for problem in problems] == ["bad.json"]
    assert words in problems[0].said
    assert len(problems[0].said) < 400


def test_pipes_links_and_crowds_are_not_opened(tmp_path, monkeypatch):
    write(tmp_path / "in", "good.json")
    os.mkfifo(tmp_path / "in" / "pipe.json")
    (tmp_path / "in" / "link.json").symlink_to("/etc/passwd")
    (tmp_path / "in" / "folder.json").mkdir()
    replies, problems = read_replies(tmp_path / "in")
    assert (len(replies), problems) == (1, ())
    write(tmp_path / "in", "two.json")
    monkeypatch.setenv("BOUNDARIES_LIMITS", "replies=1")
    with pytest.raises(InputError, match="over 1 replies"):
        read_replies(tmp_path / "in")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no replies"):
        read_replies(tmp_path / "empty")


def test_hostile_text_stays_text_in_the_table_and_in_the_locks(tmp_path, small_place):
    reason = 'x"\n[[locks]]\nstays = ["A00002"]\r# \u202e=cmd|x \u0007<script>'
    write(
        tmp_path / "in", "r.json", reason=reason, sender={"name": "=HYPERLINK(1)\n[rules]"},
        lock={"kind": "stays", "codes": ["A00001"]}, answers=["@SUM(A1)"],
    )  # fmt: skip
    replies, problems = read_replies(tmp_path / "in")
    assert not problems
    done = held_against(small_place, replies)
    text = locks_text(done)
    assert all(line.startswith("#") for line in text.splitlines() if line)
    taken = "\n".join(line.removeprefix("# ") for line in text.split("\n\n")[-1].splitlines()[1:])
    lock = tomllib.loads(taken)["locks"]
    assert [(one["stays"], "locks" in one["reason"]) for one in lock] == [(["A00001"], True)]
    write_table(replies_table(done), tmp_path / "replies.csv")
    row = pd.read_csv(tmp_path / "replies.csv", dtype=str).iloc[0]
    assert row["name"].startswith("'=")
    assert row["answer_1"].startswith("'@")
    assert "\n" not in row["reason"]


def test_replies_become_a_table_a_layer_and_locks_to_choose_from(tmp_path, small_place):
    home = tmp_path / "in"
    code = "A00004"
    write(home, "a.json", about={"kind": "practice", "codes": [code]}, reason="Our lease",
          lock={"kind": "stays", "codes": [code]}, study="ab" * 32)  # fmt: skip
    write(home, "b.json", about={"kind": "practice", "codes": [code]}, view="support",
          lock={"kind": "stays", "codes": [code]})  # fmt: skip
    write(home, "c.json", about={"kind": "area", "codes": ["E01000001"], "name": "Quay"},
          view="can live with")  # fmt: skip
    write(home, "d.json", about={"kind": "practice", "codes": ["Z00000"]},
          lock={"kind": "with", "codes": ["Z00000", code]})  # fmt: skip
    (home / "e.json").write_text("{", encoding="utf-8")
    done = held_against(small_place, *read_replies(home))
    write_collated(done, tmp_path / "out")
    write_collated(done, tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "replies.csv", dtype=str).fillna("")
    assert table["file"].tolist() == ["a.json", "b.json", "c.json", "d.json"]
    problems = pd.read_csv(tmp_path / "out" / "problems.csv", dtype=str)
    assert problems["file"].tolist() == ["e.json", "d.json"]
    practices = gdal.read_frame(tmp_path / "out" / "replies.gpkg", "practices")
    found = practices.set_index("practice_code").loc[code, ["support", "object", "replies"]]
    assert found.tolist() == [1, 1, 2]
    lsoas = gdal.read_frame(tmp_path / "out" / "replies.gpkg", "lsoas").set_index("lsoa_code")
    assert lsoas["can_live_with"].sum() == lsoas.loc["E01000001", "can_live_with"] == 1
    text = (tmp_path / "out" / "locks.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {}, "nobody has decided on a lock"
    assert text.count("[[locks]]") == 1, "one lock, however often it is asked for"
    assert text.count(": no name; ") == 2


def test_the_log_of_engagement_is_read_as_text_and_its_faults_are_told(tmp_path):
    text = '[place]\nboroughs = "X"\n[data]\nregistrations = "r"\nlsoas = "l"\n[rules]\n'
    text += 'neighbourhoods = 3\n[reply]\ncontact = "Place team"\ncloses = 2027-01-31\n'
    text += 'questions = ["Does it fit?"]\nengagement = "log.csv"\n'
    study = parse_study(text, folder=tmp_path, must_exist=False)
    assert study.reply.engagement in study.files
    log = tmp_path / "log.csv"
    log.write_text("Who;For whom;When;Asked;Done\nDr A;Alder PCN;2026-11-01;Moves?;=Noted\n;;;;\n")
    problems = []
    assert read_engagement(study.reply.engagement, problems) == (
        {"who": "Dr A", "for_whom": "Alder PCN", "when": "2026-11-01", "asked": "Moves?",
         "done": "=Noted"},
    )  # fmt: skip
    log.write_text("who,when\nDr A,today\n")
    assert read_engagement(log, problems) == ()
    assert "no column for_whom, asked, done" in problems[0].said


def test_the_report_says_whom_to_answer_and_who_was_asked(small_run):
    row = {"who": "<b>Dr A", "for_whom": "Alder PCN", "when": "2026-11-01", "asked": "Moves?",
           "done": "Noted"}  # fmt: skip
    reply = Reply(contact="Place team", closes=date(2027, 1, 31), questions=("Does it fit?",))
    study = small_run.study.model_copy(update={"reply": reply})
    page = report_html(
        replace(small_run, study=study, record={**small_run.record, "engagement": [row]})
    )
    assert "Replies go to Place team." in page
    assert "The last day for replies is 31 January 2027." in page
    assert "Asked: Does it fit?" in page
    assert "&lt;b&gt;Dr A" in page
    assert "Who was asked, and how to reply" not in report_html(small_run)
