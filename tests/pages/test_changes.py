"""What changed between two runs: only what differs, as page, workbook and paragraph."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.runs import STUDY, make_run

from boundaries.comparison import write_comparison
from boundaries.errors import InputError, PlanError
from boundaries.pages.changes import write_changes
from boundaries.pages.changes_said import paragraph
from boundaries.plan import Plan
from boundaries.run import changes_between, write_run
from boundaries.run.between import compare, matched_labels
from boundaries.study import Lock


def changed_in(changes):
    return {name for name, table in changes.tables.items() if len(table)}


def test_a_run_beside_itself_differs_in_nothing(small_run):
    changes = changes_between(small_run, small_run)
    assert changes.nothing
    assert paragraph(changes) == "Nothing that is compared differs between the two runs."


def test_one_move_fewer_is_all_that_is_said(small_run):
    """What `move-1` cannot have where no move is allowed, and the key that says so."""
    options = STUDY.options.model_copy(update={"max_moves": 0})
    study = STUDY.model_copy(update={"options": options})
    kept = tuple(option for option in small_run if option.option_id != "move-1")
    moves = small_run.moves[small_run.moves["option_id"] != "move-1"]
    fewer = replace(small_run, study=study, options=kept, moves=moves)
    changes = changes_between(fewer, small_run)
    assert changed_in(changes) == {"study", "options"}
    assert changes.tables["study"].to_numpy().tolist() == [["options.max_moves", "0", "3"]]
    assert paragraph(changes) == (
        "In the study options.max_moves is 3 (was 0). "
        "Only the second run has “At most 1 practice moves”."
    )


def test_another_quarters_lists_are_told_by_practice_lsoa_and_figure(small_run, small_place):
    registrations = small_place.registrations.copy()
    first = registrations.index[registrations["practice_code"] == "A00001"][0]
    registrations.loc[first, "patients"] += 10
    lists = small_place.practices.copy()
    lists.loc["A00001", ["list_size", "patients_inside"]] += 10
    later = make_run(replace(small_place, registrations=registrations, practices=lists))
    sources = tuple(
        replace(one, sha256="00" * 32, date="2026-01-01") if one.role == "registrations" else one
        for one in later.place.sources
    )
    later = replace(later, place=replace(later.place, sources=sources))
    changes = changes_between(small_run, later)
    assert changed_in(changes) == {"data", "practices_today", "lsoas_today", "figures"}
    practices = changes.tables["practices_today"].set_index("practice_code")
    assert practices["list_change"].to_dict() == {"A00001": 10}
    lsoas = changes.tables["lsoas_today"]
    assert lsoas["lsoa_code"].tolist() == [registrations.loc[first, "lsoa_code"]]
    assert lsoas["patients_change"].tolist() == [10]
    figures = changes.tables["figures"].set_index(["option_id", "measure"])
    frame = compare(small_run, later)
    assert figures["change"]["move-1", "alignment"] == pytest.approx(
        frame.loc["move-1", "alignment_change"], abs=1e-6
    )
    said = paragraph(changes)
    assert "registrations (1 October 2025, now 1 January 2026)" in said
    assert "The list of one practice has another length, +10 patients in all." in said


def test_lines_locks_and_members_are_told(small_run, small_place):
    lock = Lock(stays="A00004", reason="It holds the lease")
    members = small_place.practices.copy()
    members.loc["A00006", "pcn_code"] = "U00003"
    later = make_run(replace(small_place, practices=members))
    option = later["move-0"]
    plan = option.plan.move("E01000012", to="2").relabelled({"1": "2", "2": "1"})
    options = tuple(replace(one, plan=plan) if one is option else one for one in later.options)
    study = STUDY.model_copy(update={"locks": (lock,)})
    later = replace(later, options=options, study=study)
    changes = changes_between(small_run, later)
    assert changes.tables["locks"].to_numpy().tolist() == [
        ["new", "A00004 stays in its PCN", "It holds the lease"]
    ]
    assert changes.tables["lsoas"]["lsoa_code"].tolist() == ["E01000012"], "labels are no change"
    pairs = changes.tables["neighbourhoods"]
    assert set(pairs["option_id"]) == {"move-0"}
    assert len(pairs) == 2, "the neighbourhood that lost the LSOA, and the one that has it"
    assert "One practice is in another PCN" in paragraph(changes)


def test_a_neighbourhood_in_which_nobody_lives_is_told_by_its_practices(small_run):
    """Today's may be one: a PCN with practices in the place, and most patients of no LSOA."""
    plan = small_run["move-0"].plan.move("A00006", to="2")
    first = Plan(plan.lsoas, plan.practices.mask(plan.practices.index == "A00006", "9"))
    second = Plan(plan.lsoas, plan.practices.mask(plan.practices.index == "A00006", "7"))
    residents = small_run.place.lsoas["residents"]
    assert matched_labels(second, first, residents=residents) == first


def test_other_places_and_small_numbers_are_refused(small_run, small_place):
    lsoas = small_place.lsoas.rename(index={"E01000000": "E01009999"})
    other = replace(small_run, place=replace(small_place, lsoas=lsoas))
    with pytest.raises(PlanError, match="1 LSOAs are only in the first"):
        changes_between(small_run, other)
    hidden = STUDY.model_copy(
        update={"report": STUDY.report.model_copy(update={"suppress": "nhs"})}
    )
    with pytest.raises(InputError, match="suppress"):
        changes_between(small_run, replace(small_run, study=hidden))


def test_page_workbook_and_paragraph_come_from_two_folders(small_run, tmp_path, chromium):
    kept = small_run.options[:2]
    runs = {"before": replace(small_run, options=kept), "<b>after": small_run}
    for name, run in runs.items():
        moves = run.moves[run.moves["option_id"].isin([one.option_id for one in run])]
        text = '[place]\nboroughs = "X"\n[data]\nregistrations = "r"\nlsoas = "l"\n'
        text += "[rules]\nneighbourhoods = 3\nresidents_band = 0.6\npcn_floor = 0\n"
        record = {
            **run.record,
            "schema_version": "1",
            "study": {"text": text, "sha256": "12" * 32},
            "catchment": {str(k): str(v) for k, v in run.catchment.items()},
        }
        write_run(replace(run, moves=moves, record=record), tmp_path / name)
    paths = [tmp_path / name for name in runs]
    said = write_comparison(*paths, tmp_path / "out")
    assert "Only the second run has" in said
    assert write_comparison(*paths, tmp_path / "out") == said, "its own files may be replaced"
    page = (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")
    assert "<b>after" not in page
    assert "&lt;b&gt;after" in page
    sheets = pd.read_excel(tmp_path / "out" / "compare.xlsx", sheet_name=None, engine="calamine")
    assert list(sheets) == ["notes", "options"], "no sheet without a row"
    tab = chromium.new_page()
    tab.goto((tmp_path / "out" / "compare.html").as_uri())
    assert Axe().run(tab).response["violations"] == []
    tab.close()


def test_files_of_somebody_else_are_not_replaced(small_run, tmp_path):
    (tmp_path / "compare.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"compare\.txt"):
        write_changes(small_run, small_run, tmp_path)
    assert (tmp_path / "compare.txt").read_text(encoding="utf-8") == "mine"
